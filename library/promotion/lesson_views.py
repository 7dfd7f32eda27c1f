"""Library lessons: the week of the timetable, each confirmed by one tap; the timetable itself."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation
from library.patrons import asked, queries
from library.patrons.models import SchoolClass
from library.promotion import event_files, event_forms, event_month, event_pages, event_steps, lessons
from library.promotion.event_models import State
from library.promotion.event_pages import Complaints
from library.promotion.lesson_models import Lesson, LessonSlot
from library.promotion.lessons import Told

bp = Blueprint("lessons", __name__)
DAY = timedelta(days=1)


def _monday(text: str | None) -> date:
    day = event_month.day(text, clock.today())
    return day - DAY * day.weekday()


def _branches(library: Organisation) -> list[int]:
    return [one.id for one in event_pages.branches(library)]


def _rooms(session: Session, library: Organisation) -> list[tuple[SchoolClass, int]]:
    """This year's classes and how many readers each has."""
    return queries.classes(session, library.id, clock.today(), here())


@bp.get("/lessons", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """A week, `week` any day of it."""
    return _week()


def _week(told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session, library = db.session(), asked.library()
    monday = _monday(request.values.get("week"))
    found = lessons.week(session, _branches(library), monday)
    by = {monday + DAY * at: [one for one in found if one.day == monday + DAY * at] for at in range(7)}
    held = [one.lesson for one in found if one.lesson and one.lesson.state is State.HELD]
    return event_pages.page(
        "promotion/lessons.html", library=library, monday=monday, by=by, held=len(held), people=sum(one.people for one in held),
        waiting=sum(one.waits for one in found), slots=bool(lessons.slots(session, _branches(library), monday)),
        rooms=_rooms(session, library), periods=lessons.PERIODS, told=told or {}, complaints=complaints or {},
        stopped=stopped, State=State, DAY=DAY,
    )  # fmt: skip


def _slot(session: Session, uid: UUID | None) -> LessonSlot:
    mine = select(LessonSlot).where(LessonSlot.uid == uid, here().of_branches(LessonSlot.branch_id))
    return or_not_found(session.scalar(mine))


@bp.post("/lessons/tell", endpoint="tell")
@needs(Permission.PROMOTE)
def tell() -> Any:
    """{slot, day, people, topic, as_visits}; `do` skip: it fell out."""
    told = posting.source()
    reader = Reader(told)
    posted, slot, day = posting.posted_of(told, reader), uuid_or_none(told.get("slot")), reader.planned_day("day")
    _slot(db.session(), slot)
    said = _told(reader, held=told.get("do") != "skip")

    def write() -> dict[str, Any]:
        assert posted and day
        session = db.session()
        mine = event_steps.locked(session, LessonSlot, _slot(session, slot).id)
        one = lessons.tell(session, event_pages.doing(posted, mine.branch_id), mine, day, said)
        event_pages.note("add", lessons.MANNER, one)
        return {"uid": str(one.uid), "do": _words(one), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"slot": str(slot), "day": str(day), "told": str(said)}
        return posting.answer_aloud(posted, content, write, lambda done: _at_week(day))

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _week(told, wrong, stopped))


def _at_week(day: date | None) -> str:
    return url_for("lessons.list", week=day.isoformat() if day else None, lib=request.values.get("lib") or None)


def _told(reader: Reader, held: bool = True) -> Told:
    people = event_forms.count_of(reader, "people", 2000)
    return Told(people or 0, event_forms.words_of(reader, "topic"), reader.ticked("as_visits"), held)


def _words(one: Lesson) -> str:
    if one.state is State.HELD:
        return str(_("Đã ghi tiết của lớp %(name)s: %(count)s em.", name=one.class_name, count=one.people))
    return str(_("Đã ghi tiết của lớp %(name)s không diễn ra.", name=one.class_name))


@bp.post("/lessons/tell-all", endpoint="tell_all")
@needs(Permission.PROMOTE)
def tell_all() -> Any:
    """All of a day that wait, each with as many pupils as its class has: {day}."""
    told, library = posting.source(), asked.library()
    reader = Reader(told)
    posted, day = posting.posted_of(told, reader), reader.planned_day("day")
    reader.done()
    assert posted and day

    def write() -> dict[str, Any]:
        session = db.session()
        found = lessons.week(session, _branches(library), day - DAY * day.weekday())
        waits = [one for one in found if one.day == day and one.waits and one.slot and one.pupils]
        for one in waits:
            assert one.slot
            doing = event_pages.doing(posted, one.slot.branch_id)
            mine = Doing(uuid5(posted.uid, str(one.slot.uid)), doing.actor, doing.branch_id, doing.device)
            made = lessons.tell(
                session, mine, event_steps.locked(session, LessonSlot, one.slot.id), day, Told(one.pupils)
            )
            event_pages.note("add", lessons.MANNER, made)
        return {"do": _("Đã ghi %(count)s tiết.", count=len(waits)), "outcome": "ok"}

    return posting.answer_aloud(posted, {"tell-all": str(day), "lib": library.id}, write, lambda done: _at_week(day))


@bp.post("/lessons/extra", endpoint="extra")
@needs(Permission.PROMOTE)
def extra() -> Any:
    """Beside the timetable: {class, day, period, people, topic, as_visits}."""
    told, library = posting.source(), asked.library()
    reader = Reader(told)
    posted, branch = posting.posted_of(told, reader), event_pages.branch_of(reader, library)
    rooms = {str(one.uid): one.id for one, _count in _rooms(db.session(), library)}
    room, day = reader.choice("class", rooms), reader.planned_day("day")
    period, said = reader.number("period", 1, 12, required=False), _told(reader)

    def write() -> dict[str, Any]:
        assert posted and branch and room and day
        session = db.session()
        of = session.get_one(SchoolClass, room)
        one = lessons.beside(session, event_pages.doing(posted, branch), branch, of, day, period, said)
        event_pages.note("add", lessons.MANNER, one)
        return {"uid": str(one.uid), "do": _words(one), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"extra": room, "day": str(day), "period": period, "told": str(said)}
        return posting.answer_aloud(posted, content, write, lambda done: _at_week(day))

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _week(told, wrong, stopped))


# One lesson


@bp.get("/lessons/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    return _page(uid)


def _page(uid: UUID, told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session = db.session()
    one = event_pages.thing_here(session, Lesson, uid)
    said = {"people": str(one.people), "topic": one.topic or "", "as_visits": "1" if one.as_visits else ""}
    return event_pages.page(
        "promotion/lesson.html", library=event_pages.library_of(one), one=one, told=told or said, stopped=stopped,
        complaints=complaints or {}, history=event_steps.history(session, one), files=event_files.of(session, one.uid),
        kind=lessons.KIND, accept=event_files.ACCEPT, State=State,
    )  # fmt: skip


@bp.post("/lessons/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    """{people, topic, as_visits}; `do` skip: it fell out after all."""
    told = posting.source()
    reader = Reader(told)
    said = _told(reader, held=told.get("do") != "skip")

    def work(session: Session, doing: Doing, thing: Lesson) -> Any:
        lessons.change(session, doing, thing, said)
        return _("Đã lưu.")

    to = url_for("lessons.show", uid=uid)
    send = lambda: event_pages.change(lessons.MANNER, uid, {"as": str(said)}, "change", work, None, to)  # noqa: E731
    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(uid, told, wrong, stopped))


@bp.post("/lessons/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    one = event_pages.thing_here(db.session(), Lesson, uid)
    return event_pages.undo(lessons.MANNER, uid, url_for("lessons.show", uid=uid), _at_week(one.day))


# The timetable


@bp.get("/lessons/timetable", endpoint="timetable")
@needs(Permission.PROMOTE)
def timetable() -> Any:
    return _timetable()


def _timetable(told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session, library = db.session(), asked.library()
    found = lessons.slots(session, _branches(library), clock.today())
    names = {one.id: one.name for one, _count in _rooms(session, library)}
    missing = [one.class_id for one in found if one.class_id not in names]
    names |= {one.id: one.name for one in session.scalars(select(SchoolClass).where(SchoolClass.id.in_(missing)))}
    at: dict[tuple[int, int], list[LessonSlot]] = {}
    for one in found:
        at.setdefault((one.period, one.weekday), []).append(one)
    return event_pages.page(
        "promotion/timetable.html", library=library, at=at, names=names, rooms=_rooms(session, library),
        periods=lessons.PERIODS, branches=event_pages.branches(library), told=told or {}, complaints=complaints or {},
        stopped=stopped, rows=sorted({1, 2, 3, 4, 5} | {one.period for one in found}),
    )  # fmt: skip


@bp.post("/lessons/timetable", endpoint="set_slot")
@needs(Permission.PROMOTE)
def set_slot() -> Any:
    """{class, weekday, period, from_on}; or `end`: the uid of a slot that makes no more lessons from today."""
    told, library = posting.source(), asked.library()
    reader = Reader(told)
    posted, end = posting.posted_of(told, reader), uuid_or_none(told.get("end"))
    branch = event_pages.branch_of(reader, library)
    rooms = {str(one.uid): one.id for one, _count in _rooms(db.session(), library)}
    room = reader.choice("class", rooms, required=end is None)
    weekday = reader.number("weekday", 0, 6, required=end is None)
    period = reader.number("period", 1, 12, required=end is None)
    since = reader.planned_day("from_on", required=False) or clock.today()
    if end:
        _slot(db.session(), end)

    def write() -> dict[str, Any]:
        session = db.session()
        if end:
            lessons.end_slot(session, _slot(session, end), clock.today())
            audit.note(current_user.uid, "change-timetable", "library", library.uid, library.id)
            return {"do": _("Đã bỏ tiết này khỏi thời khóa biểu từ hôm nay."), "outcome": "ok"}
        assert branch and room and weekday is not None and period
        lessons.add_slot(session, branch, session.get_one(SchoolClass, room), weekday, period, since)
        audit.note(current_user.uid, "change-timetable", "library", library.uid, library.id)
        return {"do": _("Đã xếp tiết đọc."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"slot": [room, weekday, period, str(since)], "end": str(end or "")}
        to = url_for("lessons.timetable", lib=asked.slug_of(library))
        return posting.answer_aloud(posted, content, write, lambda done: to)

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _timetable(told, wrong, stopped))
