"""Library lessons: a weekly slot of a class makes lessons by itself, on days the school is open; each is confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from library.calendars import openings
from library.core import clock
from library.core.errors import N_
from library.inbox.acts import Doing
from library.patrons.models import Membership, SchoolClass
from library.promotion import event_steps
from library.promotion.event_models import State
from library.promotion.event_steps import Came, Manner, NotSo, Plain
from library.promotion.lesson_models import Lesson, LessonSlot
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure

KIND = "lesson"
PERIODS = range(1, 13)
DAY = timedelta(days=1)


def _facts(session: Session, one: Lesson) -> Iterable[Fact]:
    if one.state is State.HELD:
        grade = f"grade-{one.grade}" if one.grade else None
        yield Fact(Measure.LESSON, 1, one.day, one.branch_id, grade)
        yield Fact(Measure.LESSON_PEOPLE, one.people, one.day, one.branch_id, grade, "pupils")


def _came(session: Session, one: Lesson) -> Iterable[Came]:
    if one.state is State.HELD and one.as_visits:
        yield Came(one.day, one.people, Frozen(one.branch_id, one.class_name, one.grade, "pupil"))


MANNER = Manner(
    KIND, Lesson,
    ("slot_id", "class_id", "class_name", "grade", "day", "period", "people", "topic", "state", "as_visits"),
    _facts, _came,
)  # fmt: skip


# The timetable


def add_slot(session: Session, branch_id: int, of: SchoolClass, weekday: int, period: int, from_on: date) -> LessonSlot:
    """Raises NotSo where the class, or the room, has that period already."""
    taken = [one for one in slots(session, [branch_id], from_on) if (one.weekday, one.period) == (weekday, period)]
    if taken:
        raise NotSo("taken", N_("Tiết này đã xếp cho một lớp rồi."))
    made = LessonSlot(
        uid=clock.uuid7(), branch_id=branch_id, class_id=of.id, weekday=weekday, period=period, from_on=from_on
    )
    session.add(made)
    session.flush()
    return made


def end_slot(session: Session, slot: LessonSlot, on: date) -> None:
    """No more lessons from that day on; one that never made any goes."""
    used = session.scalar(select(Lesson.id).where(Lesson.slot_id == slot.id).limit(1))
    if used is None and slot.from_on >= on:
        session.delete(slot)
    else:
        slot.to_on = max(slot.from_on, on - DAY)
    session.flush()


def slots(session: Session, branch_ids: Sequence[int], since: date) -> list[LessonSlot]:
    """Those that still hold on or after that day."""
    query = select(LessonSlot).where(LessonSlot.branch_id.in_(branch_ids))
    still = or_(LessonSlot.to_on.is_(None), LessonSlot.to_on >= since)
    return list(session.scalars(query.where(still).order_by(LessonSlot.weekday, LessonSlot.period, LessonSlot.id)))


@dataclass(frozen=True)
class Planned:
    """A lesson of the timetable on a day, and what was told of it (None: nothing yet)."""

    slot: LessonSlot | None
    day: date
    period: int | None
    class_name: str
    pupils: int
    lesson: Lesson | None

    @property
    def waits(self) -> bool:
        return self.lesson is None and self.day <= clock.today()


def week(session: Session, branch_ids: Sequence[int], monday: date) -> list[Planned]:
    """The timetable's lessons on days the branch is open, and all that were told, in order of time."""
    last = monday + DAY * 6
    held = list(session.scalars(_told(Lesson.branch_id.in_(branch_ids), monday, last)))
    of_slot = {(one.slot_id, one.day): one for one in held if one.slot_id is not None}
    mine = slots(session, branch_ids, monday)
    classes = _classes(session, [one.class_id for one in mine])
    sizes = _sizes(session, classes)
    calendars = openings.calendars_of(session, branch_ids, monday)
    found = []
    for slot in mine:
        day, here = monday + DAY * slot.weekday, classes[slot.class_id]
        told = of_slot.pop((slot.id, day), None)
        holds = slot.from_on <= day and (slot.to_on is None or day <= slot.to_on)
        if told or (holds and calendars[slot.branch_id].is_open(day)):
            found.append(
                Planned(slot, day, slot.period, told.class_name if told else here.name, sizes.get(here.id, 0), told)
            )
    others = [one for one in held if one.slot_id is None or (one.slot_id, one.day) in of_slot]
    found += [Planned(None, one.day, one.period, one.class_name, one.people, one) for one in others]
    return sorted(found, key=lambda one: (one.day, one.period or 0, one.class_name))


def _told(where: ColumnElement[bool], first: date, last: date) -> Select[Lesson]:
    return select(Lesson).where(where, Lesson.gone.is_(False), Lesson.day.between(first, last)).order_by(Lesson.id)


def _classes(session: Session, ids: Iterable[int]) -> dict[int, SchoolClass]:
    return {one.id: one for one in session.scalars(select(SchoolClass).where(SchoolClass.id.in_(set(ids))))}


def _sizes(session: Session, classes: Mapping[int, SchoolClass]) -> dict[int, int]:
    query = select(Membership.class_id, func.count()).where(
        Membership.class_id.in_(classes), Membership.to_on.is_(None)
    )
    return {row[0] or 0: row[1] for row in session.execute(query.group_by(Membership.class_id))}


def size_of(session: Session, class_id: int) -> int:
    query = select(func.count()).where(Membership.class_id == class_id, Membership.to_on.is_(None))
    return session.scalar(query) or 0


# Telling what was held


@dataclass(frozen=True)
class Told:
    """`people`: who came; `held` False: it fell out."""

    people: int
    topic: str | None = None
    as_visits: bool = True
    held: bool = True


def tell(session: Session, doing: Doing, slot: LessonSlot, day: date, told: Told) -> Lesson:
    """A lesson of the timetable was held, or fell out. Raises NotSo."""
    holds = slot.from_on <= day and (slot.to_on is None or day <= slot.to_on)
    if day.weekday() != slot.weekday or not holds:
        raise NotSo("not-then", N_("Thời khóa biểu không có tiết này vào ngày ấy."))
    if _of_slot(session, slot, day) is not None:
        raise NotSo("told", N_("Tiết này đã có người ghi rồi. Mở tiết ấy để sửa."))
    here = session.get_one(SchoolClass, slot.class_id)
    return _record(session, doing, slot.branch_id, here, day, slot.period, told, slot.id)


def _of_slot(session: Session, slot: LessonSlot, day: date) -> Lesson | None:
    mine = (Lesson.slot_id == slot.id, Lesson.day == day, Lesson.gone.is_(False))
    return session.scalar(select(Lesson).where(*mine).limit(1))


def beside(
    session: Session, doing: Doing, branch_id: int, of: SchoolClass, day: date, period: int | None, told: Told
) -> Lesson:
    """A lesson beside the timetable."""
    return _record(session, doing, branch_id, of, day, period, told, None)


def _record(
    session: Session, doing: Doing, branch_id: int, of: SchoolClass, day: date, period: int | None, told: Told,
    slot_id: int | None,
) -> Lesson:  # fmt: skip
    _check(day, told)
    said: Plain = {
        "slot_id": slot_id, "class_id": of.id, "class_name": of.name, "grade": of.grade, "day": day.isoformat(),
        "period": period, **_said(told),
    }  # fmt: skip
    made: Lesson = event_steps.make(session, doing, MANNER, branch_id, said)
    return made


def _check(day: date, told: Told) -> None:
    if day > clock.today():
        raise NotSo("to-come", N_("Tiết này chưa tới ngày."))
    if told.held and not told.people:
        raise NotSo("nobody", N_("Ghi số em dự tiết này."))


def _said(told: Told) -> Plain:
    state = State.HELD if told.held else State.CANCELLED
    people = told.people if told.held else 0
    return {"people": people, "topic": told.topic, "state": state.value, "as_visits": told.as_visits}


def change(session: Session, doing: Doing, one: Lesson, told: Told) -> bool:
    _check(one.day, told)
    return event_steps.change(session, doing, MANNER, one, "change", _said(told))
