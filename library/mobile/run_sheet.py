"""Phiếu chuyến: what a crew takes along on paper. Where to be when, whom to call, what to bring, and room to write on."""

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.platypus import Flowable, KeepTogether, LongTable
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.numbers import written
from library.labels.ink import MM
from library.mobile import aboard, printed, sheet_words
from library.mobile.models import CrewRole, KitItem, Stop, StopVisit, Trip, TripLeg
from library.mobile.visit_states import STANDING
from library.rotation.models import Batch, Crate, Leg

ROOM = 182.0
ROLES = {CrewRole.DRIVER: "lái xe", CrewRole.LIBRARIAN: "thủ thư", CrewRole.OTHER: "đi cùng"}


def pdf(session: Session, trip: Trip, address: str) -> bytes:
    """`address`: of the trip on the machine, in the square code."""
    title = f"Phiếu chuyến {trip.vehicle.name}, {trip.day:%d/%m/%Y}"
    story = [
        *_top(session, trip, address), *_stops(trip), *_crates(session, trip), *_kit(session, trip), *_log(trip),
    ]  # fmt: skip
    return printed.sheet(title, story)


def calls(trip: Trip) -> list[StopVisit]:
    return [visit for visit in trip.visits if visit.state in STANDING]


def _top(session: Session, trip: Trip, address: str) -> list[Flowable]:
    crew = "; ".join(f"{one.name} ({ROLES[one.role]})" for one in trip.crew) or "chưa phân công"
    now = aboard.of(session, trip.vehicle)
    plate = f" · {trip.vehicle.plate}" if trip.vehicle.plate else ""
    left = [
        printed.words(trip.library.name, 9.5),
        printed.words(f"Phiếu chuyến {trip.vehicle.name}{plate}", 18, bold=True),
        printed.words(sheet_words.capital(sheet_words.long_day(trip.day)), 13, bold=True, after=1),
        printed.words(line_of(trip) + f" · {written(now.total)} bản trên xe", 10, after=1),
        printed.marked(f"<b>Người đi:</b> {printed.plain(crew)}", 10),
        *_why_fewer(trip),
    ]
    return [printed.beside(left, printed.square(address, 26), 28, ROOM)]


def _why_fewer(trip: Trip) -> list[Flowable]:
    return [printed.marked(f"<b>Đi ít người vì:</b> {printed.plain(trip.crew_why)}", 10)] if trip.crew_why else []


def line_of(trip: Trip) -> str:
    """đi 07:00, về 16:40 · 118 km · 3 điểm"""
    far = f" · {written(trip.km_planned)} km" if trip.km_planned else ""
    return f"đi {trip.leaves_at:%H:%M}, về {trip.back_at:%H:%M}{far} · {len(calls(trip))} điểm"


def _stops(trip: Trip) -> list[Flowable]:
    rows = [_stop(at, visit) for at, visit in enumerate(calls(trip), 1)]
    heads = ("", "Giờ hẹn", "Điểm dừng", "Người đón", "Mở – đóng", "Bạn đọc", "Lượt sách")
    return [printed.head("Điểm dừng"), printed.table(heads, rows, (8, 29, 63, 33, 21, 14, 14), "mllllmm")]


def _stop(at: int, visit: StopVisit) -> list[Any]:
    stop = visit.stop
    about = [printed.words(stop.name, 10.5, bold=True)]
    about += [printed.words(text, 9) for text in (stop.address, stop.parking, _has(stop)) if text]
    contact = "\n".join(filter(None, (stop.contact_name, stop.contact_phone)))
    return [
        printed.words(str(at), 12, bold=True, side="middle"), sheet_words.hours(visit.from_at, visit.to_at), about,
        contact, "", "", "",
    ]  # fmt: skip


def _has(stop: Stop) -> str:
    lacks = [text for has, text in ((stop.has_power, "không có điện"), (stop.has_signal, "không có sóng")) if not has]
    pupils = [f"{stop.pupils} học sinh"] if stop.pupils else []
    return ", ".join([*pupils, *lacks])


def _crates(session: Session, trip: Trip) -> list[Flowable]:
    """Of batches that travel along, by the stop where they get off or on."""
    query = (
        select(TripLeg, Leg, Batch)
        .join(Leg, Leg.id == TripLeg.leg_id)
        .join(Batch, Batch.id == Leg.batch_id)
        .where(TripLeg.trip_id == trip.id)
        .order_by(Leg.id)
    )
    found = session.execute(query).all()
    if not found:
        return []
    names = {visit.id: visit.stop.name for visit in trip.visits}
    crates = _crates_of(session, [batch.id for _, _, batch in found])
    rows = [
        [_box(), f"{batch.code} {batch.theme}", crates.get(batch.id, ""), names.get(ours.visit_id or 0, "")]
        for ours, _, batch in found
    ]
    heads = ("", "Đợt luân chuyển đi cùng", "Thùng", "Xuống hoặc lên ở")
    return [printed.head("Thùng sách"), printed.table(heads, rows, (8, 70, 50, 54))]


def _crates_of(session: Session, batches: Sequence[int]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for crate in session.scalars(select(Crate).where(Crate.batch_id.in_(batches)).order_by(Crate.number)):
        found.setdefault(crate.batch_id, []).append(f"{crate.number}" + (f" ({crate.seal})" if crate.seal else ""))
    return {batch: ", ".join(crates) for batch, crates in found.items()}


def _kit(session: Session, trip: Trip) -> list[Flowable]:
    """In two columns, so that a usual trip is one page."""
    query = select(KitItem).where(KitItem.vehicle_id == trip.vehicle_id, KitItem.retired_on.is_(None))
    kit = session.scalars(query.order_by(KitItem.number)).all()
    if not kit:
        return []
    half = -(-len(kit) // 2)
    rows = [
        [*_packed(kit[at]), "", *(_packed(kit[at + half]) if at + half < len(kit) else [""] * 4)] for at in range(half)
    ]
    heads = ("Tên", "Số", "Đi", "Về")
    widths = (56, 12, 10, 10)
    return [printed.head("Đồ mang theo"), printed.table((*heads, "", *heads), rows, (*widths, 6, *widths), "lrllllrll")]


def _packed(one: KitItem) -> list[Any]:
    return [_kit_name(one), str(one.quantity), _box(), _box()]


def _kit_name(one: KitItem) -> str:
    return f"{one.name} ({one.serial})" if one.serial else one.name


def _box() -> Drawing:
    made = Drawing(4 * MM, 4 * MM)
    made.add(Rect(0.3, 0.3, 4 * MM - 0.6, 4 * MM - 0.6, fillColor=None, strokeColor="black", strokeWidth=0.8))
    return made


def _log(trip: Trip) -> list[Flowable]:
    lines = [
        printed.ruled(label, ROOM) for label in ("Đồng hồ km khi đi, về", "Xăng dầu (lít), chi phí", "Việc xảy ra", "")
    ]
    signs = LongTable([["", ""]], [ROOM / 2 * MM] * 2, [20 * MM], hAlign="LEFT")
    names = [printed.words(text, 9.5, bold=True, side="middle") for text in ("Lái xe", "Trưởng chuyến")]
    signs._cellvalues = [names]
    return [KeepTogether([printed.head("Ghi trên đường"), *lines, signs])]
