"""What a trip came to, for its report: plain values for the template (`papers.TRIP`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.numbers import or_blank, written
from library.documents.filling import Square
from library.labels import squares
from library.loans import compensation_papers as official
from library.mobile import figures, papers, run_sheet, sheet_words
from library.mobile.figures import Asked, Line, Seen
from library.mobile.models import CrewRole, StopVisit, Trip, TripLeg, TripState, VisitState
from library.mobile.stop_figures import Figures
from library.organisations.models import Organisation
from library.rotation.models import Batch, Leg

OTHERS = {
    "films": "phim: %s buổi", "film-viewers": "người xem phim: %s", "computers": "lượt dùng máy tính: %s", "gifts": "quà: %s phần",
    "gift-value": "trị giá quà: %s đồng", "new-cards": "thẻ mới: %s", "questions": "lượt hỏi đáp: %s",
}  # fmt: skip
NONE = "không"
EMPTY = "chưa ghi"


def seen(session: Session, trip: Trip) -> Seen:
    """Its visits and what they came to; of this trip alone, whatever else its vehicle did that day."""
    asked = Asked(trip.library_id, trip.day, trip.day, vehicle_id=trip.vehicle_id)
    all_ = figures.seen(session, asked)
    mine = [visit for visit in all_.visits if visit.trip_id == trip.id]
    return replace(all_, trips=[trip], visits=mine)


def values(session: Session, trip: Trip, all_: Seen, address: str, officer: str) -> dict[str, Any]:
    library, line = session.get_one(Organisation, trip.library_id), figures.total(all_)
    return {
        **head(session, library, address, f"Chuyến {trip.day:%d/%m/%Y}"),
        "about": f"Chuyến thư viện lưu động ngày {trip.day:%d/%m/%Y}",
        **_people(trip), **_way(trip), **served(line), **_kinds(all_),
        "incidents": trip.incidents or _none(trip), "batches": _batches(session, trip), "officer": officer,
        "rows": rows(all_),
    }  # fmt: skip


def _none(trip: Trip) -> str:
    """Nothing was told: of a trip that is over, nothing happened."""
    return NONE if trip.state is TripState.CLOSED else EMPTY


def head(session: Session, library: Organisation, address: str, says: str, kind: str = "BC") -> dict[str, Any]:
    """What stands above the title of a paper of the library, and its square code."""
    town = official.town(session, library.id) or "…………………"
    return {
        "above": (official.above(session, library.id) or "").upper(), "issuer": library.name.upper(), "library": library.name,
        "place_day": f"{town}, {official.on_day(clock.today())}", "symbol": f"{papers.DOTS}/{kind}-{official.initials(library)}",
        "square": Square(squares.matrix(address)), "square_says": says,
    }  # fmt: skip


def _people(trip: Trip) -> dict[str, str]:
    crew = ", ".join(f"{one.name} ({run_sheet.ROLES[one.role]})" for one in trip.crew)
    driver = next((one.name for one in trip.crew if one.role is CrewRole.DRIVER), "")
    plate = f" ({trip.vehicle.plate})" if trip.vehicle.plate else ""
    why = f"; đi ít người vì {trip.crew_why}" if trip.crew_why else ""
    return {"vehicle": trip.vehicle.name + plate, "crew": crew or EMPTY, "driver": driver, "crew_why": why}


def _way(trip: Trip) -> dict[str, str]:
    fuel = f"{or_blank(trip.fuel_litres, 1)} lít" if trip.fuel_litres is not None else EMPTY
    return {
        "day": sheet_words.long_day(trip.day), "out": hour(trip.out_at) or EMPTY, "back": hour(trip.in_at) or EMPTY,
        "planned": sheet_words.hours(trip.leaves_at, trip.back_at), "fuel": fuel,
        "odometer": sheet_words.odometers(trip.odometer_out, trip.odometer_in),
    }  # fmt: skip


def hour(at: datetime | None) -> str:
    return f"{at.astimezone(clock.HERE):%H:%M}" if at else ""


def served(line: Line) -> dict[str, str]:
    """Numbers of a trip, or of many."""
    plain = {name: written(getattr(line, name)) for name in COUNTED}
    cost = f"{written(line.cost)} đồng" if line.cost is not None else EMPTY
    return {**plain, "cost": cost, "others": others(line.others)}


COUNTED = ("calls", "visits", "pupils", "access", "uses", "lent", "carried", "missing", "km")


def others(counted: Mapping[str, int]) -> str:
    said = [words % written(counted[what]) for what, words in OTHERS.items() if counted.get(what)]
    return "; ".join(said) or NONE


def _kinds(all_: Seen) -> dict[str, str]:
    told = [all_.told[visit.id] for visit in all_.visits]
    names = ("boys", "girls", "teachers", "citizens")
    return {name: written(sum(getattr(one, name) for one in told)) for name in names}


def _batches(session: Session, trip: Trip) -> str:
    query = select(Batch.code).join(Leg, Leg.batch_id == Batch.id).join(TripLeg, TripLeg.leg_id == Leg.id)
    return ", ".join(session.scalars(query.where(TripLeg.trip_id == trip.id).order_by(Batch.code).distinct())) or NONE


def rows(all_: Seen) -> list[dict[str, Any]]:
    """Visits in order, the ones left out with their reason in the place of hours."""
    return [_row(at, visit, all_.told[visit.id]) for at, visit in enumerate(all_.visits, 1)]


def _row(at: int, visit: StopVisit, told: Figures) -> dict[str, Any]:
    stopped = visit.state in (VisitState.SKIPPED, VisitState.MOVED)
    return {
        "number": at, "name": visit.stop.name, "hours": _left(visit) if stopped else _opened(visit),
        "visits": "" if stopped else written(told.visits), "uses": "" if stopped else written(told.uses),
        "classes": ", ".join(told.classes), "signed": visit.signed_name or "",
    }  # fmt: skip


def _left(visit: StopVisit) -> str:
    return "dời ngày" if visit.state is VisitState.MOVED else "bỏ lần này"


def _opened(visit: StopVisit) -> str:
    if visit.opened_at is None:
        return "chưa mở"
    return f"{hour(visit.opened_at)} – {hour(visit.closed_at) or '…'}"


HEADS = (
    "Điểm dừng", "Giờ", "Lượt bạn đọc", "Học sinh", "Nam", "Nữ", "Giáo viên", "Người dân", "Người khuyết tật",
    "Lượt sách", "Mượn về", "Người ký",
)  # fmt: skip


def cells(all_: Seen) -> Sequence[list[Any]]:
    """For a workbook."""
    return [
        [visit.stop.name, _opened(visit), told.visits, told.pupils, told.boys, told.girls, told.teachers, told.citizens, told.access,
         told.uses, told.lent, visit.signed_name or ""]
        for visit in all_.visits
        for told in [all_.told[visit.id]]
    ]  # fmt: skip
