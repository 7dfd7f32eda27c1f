"""What the pages of a stop show: where one is, its classes with their head-counts, the numbers so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.errors import N_
from library.inbox.models import Act
from library.loans import queries
from library.mobile import at_stop, at_stop_undo
from library.mobile.at_stop import Figures
from library.mobile.at_stop_forms import BOXES, Group
from library.mobile.models import StopVisit, TripFile, VisitAct, VisitState
from library.mobile.visit_states import STANDING
from library.organisations.models import Branch
from library.patrons.models import Membership, SchoolClass

OTHER_WORDS = {
    "films": N_("Buổi chiếu phim"),
    "film-viewers": N_("Lượt xem phim"),
    "computers": N_("Lượt dùng máy tính"),
    "gifts": N_("Suất quà"),
    "gift-value": N_("Trị giá quà, đồng"),
    "new-cards": N_("Thẻ mới làm"),
    "questions": N_("Câu hỏi được giải đáp"),
}


@dataclass(frozen=True)
class Room:
    """A class of the school that came, and how many are in it."""

    uid: UUID
    name: str
    grade: int | None
    size: int


def classes(session: Session, visit: StopVisit) -> list[Room]:
    """This school year's, in order; none at a stop for anybody (one statement)."""
    branch = visit.stop.readers_of_id
    if branch is None:
        return []
    owner = select(Branch.organisation_id).where(Branch.id == branch).scalar_subquery()
    soon = clock.today() + timedelta(days=30)
    running = select(func.max(SchoolYear.from_on)).where(
        SchoolYear.organisation_id == owner, SchoolYear.from_on <= soon
    )
    size = select(func.count(Membership.id)).where(
        Membership.class_id == SchoolClass.id, Membership.to_on.is_(None)
    ).scalar_subquery()  # fmt: skip
    query = (
        select(SchoolClass.uid, SchoolClass.name, SchoolClass.grade, size)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolClass.library_id == owner, SchoolYear.from_on == running.scalar_subquery())
        .order_by(SchoolClass.grade, SchoolClass.name_sort)
    )
    return [Room(*row) for row in session.execute(query)]


def group_of(session: Session, visit: StopVisit, uid: UUID | None) -> Group | None:
    """Name and grade of one of the classes that come to this stop; None for any other."""
    found = next((one for one in classes(session, visit) if one.uid == uid), None) if uid else None
    return (found.name, found.grade) if found else None


def numbers(told: Figures) -> dict[str, int]:
    """By what a touch is called; 0 where nothing was counted is left out."""
    found = {
        "pupil": told.pupils, "boy": told.boys, "girl": told.girls, "teacher": told.teachers,
        "citizen": told.citizens, "grown": told.grown_ups, "book": told.uses,
        "disabled": _needing(told, "disabled"), "blind": _needing(told, "blind"),
        "lent": told.lent, "returned": told.returned, **told.others,
    }  # fmt: skip
    for (level, box), number in told.tallied.items():
        for name in (f"level-{level}", f"box-{box}"):
            found[name] = found.get(name, 0) + number
    return {name: number for name, number in found.items() if number and not name.endswith("-None")}


def _needing(told: Figures, need: str) -> int:
    return sum(number for key, number in told.heads.items() if key[3] == need)


def frame(session: Session, visit: StopVisit) -> dict[str, Any]:
    """What _sun.html asks for."""
    standing = [one for one in visit.trip.visits if one.state in STANDING]
    place = next((n for n, one in enumerate(standing, 1) if one.id == visit.id), 0)
    return {
        "visit": visit, "stop": visit.stop, "trip": visit.trip, "vehicle": visit.trip.vehicle, "place": place,
        "places": len(standing), "opened": at_stop.hour(visit.opened_at), "closed": at_stop.hour(visit.closed_at),
        "leaves": f"{visit.to_at:%H:%M}", "left": left(visit, clock.now()), "more": more(visit), "states": VisitState,
    }  # fmt: skip


def left(visit: StopVisit, now: datetime) -> str:
    """còn 1 giờ 20 phút · quá 10 phút"""
    ends = datetime.combine(visit.day, visit.to_at, clock.HERE)
    minutes = int((ends - now).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    said = (
        _("%(hours)s giờ %(minutes)s phút", hours=hours, minutes=rest) if hours else _("%(minutes)s phút", minutes=rest)
    )
    if abs(minutes) >= 24 * 60:
        return ""
    return str(_("còn %(time)s", time=said) if minutes >= 0 else _("quá %(time)s", time=said))


def more(visit: StopVisit) -> list[tuple[str, str, str]]:
    """(address, icon, words) of what else the crew does at a stop."""
    known, trip = current_app.view_functions, visit.trip
    uses = (
        ("mobile_load.show", trip.uid, "upload", _("Xếp sách lên xe")),
        ("mobile_load.unload", trip.uid, "download", _("Dỡ sách xuống")),
        ("mobile_load.aboard", trip.vehicle.uid, "library", _("Trên xe có gì")),
        ("mobile_load.log", trip.uid, "truck", _("Nhật ký chuyến")),
        ("mobile_paper.photos", visit.uid, "camera", _("Ảnh, phiếu đã ký")),
        ("mobile_paper.form", visit.uid, "printer", _("In phiếu giấy")),
        ("mobile_trips.show", trip.uid, "calendar-days", _("Trang chuyến xe")),
    )
    return [(url_for(one, uid=uid), icon, words) for one, uid, icon, words in uses if one in known]


def tally_page(session: Session, visit: StopVisit, actor: UUID, chosen: UUID | None) -> dict[str, Any]:
    """What the page of counting shows. `chosen`: the class picked before."""
    rooms = classes(session, visit)
    at = next((n for n, one in enumerate(rooms) if one.uid == chosen), 0)
    return {
        "rooms": rooms, "rooms_data": [{"uid": str(one.uid), "name": one.name, "size": one.size} for one in rooms],
        "room": rooms[at] if rooms else None, "numbers": numbers(at_stop.figures(session, visit.id)),
        "before": rooms[at - 1] if rooms else None, "after": rooms[(at + 1) % len(rooms)] if rooms else None,
        "last": last_words(session, visit, actor), "levels": LEVELS, "boxes": BOXES,
    }  # fmt: skip


def last_words(session: Session, visit: StopVisit, actor: UUID) -> str:
    """ "+31 lúc 09:22": this account's latest touch that still counts; '' if there is none."""
    act = at_stop_undo.last_count(session, visit, actor)
    if act is None:
        return ""
    step = (queries.answer_to(session, actor, act.uid) or {}).get("step")
    time = at_stop.hour(act.occurred_at)
    return str(_("+%(step)s lúc %(time)s", step=step, time=time) if step else _("lúc %(time)s", time=time))


def step_words(step: int) -> str:
    """What a script shows beside "Bớt lại" at once."""
    return str(_("+%(step)s lúc %(time)s", step=step, time=at_stop.hour(clock.now())))


def told(session: Session, visit: StopVisit, actor: UUID) -> dict[str, Any]:
    """What a script draws after a touch."""
    return {
        "visit": str(visit.uid), "numbers": numbers(at_stop.figures(session, visit.id)),
        "last": last_words(session, visit, actor), "left": left(visit, clock.now()),
    }  # fmt: skip


def photos(session: Session, visit: StopVisit) -> Sequence[TripFile]:
    query = select(TripFile).where(TripFile.visit_id == visit.id, TripFile.removed_at.is_(None))
    return session.scalars(query.order_by(TripFile.id)).all()


def told_since(session: Session, visit: StopVisit) -> int:
    """Acts told of after the summary was closed, which whoever signed has not seen."""
    if visit.closed_by is None:
        return 0
    query = select(func.count()).select_from(VisitAct).join(Act, Act.id == VisitAct.act_id)
    return (
        session.scalar(query.where(VisitAct.visit_id == visit.id, Act.id > visit.closed_by, Act.voided_by.is_(None)))
        or 0
    )


def lines(told: Figures) -> list[tuple[str, list[tuple[str, int]]]]:
    """The summary: headings, and what stands under each; lines without anything are left out."""
    count = numbers(told)
    heads = [
        (_("Lượt bạn đọc"), told.visits), (_("Học sinh"), told.pupils), (_("trong đó ghi nam"), told.boys),
        (_("trong đó ghi nữ"), told.girls), (_("Thầy cô"), told.teachers),
        (_("Người dân"), told.citizens), (_("trong đó người khuyết tật"), told.access),
    ]  # fmt: skip
    books = [
        (_("Lượt tài liệu"), told.uses), (_("Đếm ở chỗ đọc"), sum(told.tallied.values())),
        (_("Đọc tại chỗ, có quét mã"), told.read_here), (_("Cho mượn"), told.lent),
        (_("Gia hạn"), told.renewed), (_("Nhận trả"), told.returned),
    ]  # fmt: skip
    rooms = [(_("Lớp %(name)s", name=name), number) for name, number in told.classes.items()]
    others = [(_(words), count.get(what, 0)) for what, words in OTHER_WORDS.items()]
    parts = ((_("Bạn đọc"), heads), (_("Theo lớp"), rooms), (_("Sách"), books), (_("Việc khác"), others))
    return [(str(head), [(str(one), n) for one, n in rows if n]) for head, rows in parts if any(n for _one, n in rows)]
