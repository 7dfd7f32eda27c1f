"""Events: recorded when they were held, or planned and confirmed on their day; planned for several weeks at once."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import uuid5

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox.acts import Doing
from library.promotion import event_steps
from library.promotion.event_models import Event, State
from library.promotion.event_steps import Came, Manner, NotSo, Plain
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure

KIND = "event"
WEEK = timedelta(days=7)
MOST_WEEKS = 40


def _facts(session: Session, one: Event) -> Iterable[Fact]:
    """A meeting, on its first day, and those who came."""
    if one.state is not State.HELD:
        return
    yield Fact(Measure.EVENT, 1, one.first_on, one.branch_id, one.type_code)
    for audience, count in one.people.items():
        yield Fact(Measure.EVENT_PEOPLE, count, one.first_on, one.branch_id, one.type_code, audience)


def _came(session: Session, one: Event) -> list[Came]:
    return came_of(one.branch_id, one.first_on, one.people) if one.state is State.HELD and one.as_visits else []


CATEGORIES = {"pupils": "pupil", "teachers": "teacher"}
"""How visits call the readers among an audience; all others are citizens."""


def came_of(branch_id: int, day: date, people: dict[str, int]) -> list[Came]:
    """People of a meeting as visits of the branch, by category."""
    by: dict[str, int] = {}
    for audience, count in people.items():
        category = CATEGORIES.get(audience, "citizen")
        by[category] = by.get(category, 0) + count
    return [Came(day, count, Frozen(branch_id, category=category)) for category, count in by.items()]


MANNER = Manner(
    KIND, Event,
    ("type_code", "title", "first_on", "last_on", "from_at", "place", "partners", "cost", "note", "state", "people",
     "as_visits", "series"),
    _facts, _came,
)  # fmt: skip


def state_on(day: date, people: dict[str, int]) -> State:
    """What is to come is planned; so is today's, until somebody says how many came."""
    today = clock.today()
    return State.PLANNED if day > today or (day == today and not people) else State.HELD


def record(session: Session, doing: Doing, branch_id: int, said: Plain, weeks: int = 1) -> list[Event]:
    """One event, or the same for so many weeks: each is a deed of its own. Raises NotSo."""
    first = date.fromisoformat(said["first_on"])
    if weeks > 1 and first + WEEK * (weeks - 1) > clock.today() and said["people"]:
        raise NotSo("people-to-come", N_("Buổi chưa tới thì chưa có số người. Bỏ trống số người khi xếp nhiều tuần."))
    made = []
    for at in range(weeks):
        one = said if weeks == 1 else _moved(said, WEEK * at) | {"series": str(doing.uid)}
        one |= {"state": state_on(date.fromisoformat(one["first_on"]), one["people"])}
        mine = doing if at == 0 else Doing(uuid5(doing.uid, f"week {at}"), doing.actor, doing.branch_id, doing.device)
        made.append(event_steps.make(session, mine, MANNER, branch_id, one))
    return made


def _moved(said: Plain, by: timedelta) -> Plain:
    days = {name: said.get(name) for name in ("first_on", "last_on")}
    return said | {name: (date.fromisoformat(day) + by).isoformat() for name, day in days.items() if day}


def change(session: Session, doing: Doing, one: Event, said: Plain) -> bool:
    """Another day may make it planned again, or held. Raises NotSo for one that was cancelled."""
    if one.state is State.CANCELLED:
        raise NotSo("cancelled", N_("Hoạt động này đã hủy. Hoàn tác việc hủy rồi sửa."))
    day = date.fromisoformat(said["first_on"])
    if day > clock.today() and said["people"]:
        raise NotSo("people-to-come", N_("Ngày này chưa tới nên chưa có số người."))
    held = one.state is State.HELD and day <= clock.today()
    state = State.HELD if held else state_on(day, said["people"])
    return event_steps.change(session, doing, MANNER, one, "change", said | {"state": state.value})


def hold(session: Session, doing: Doing, one: Event, people: dict[str, int], as_visits: bool) -> bool:
    """It was held, and so many came. Raises NotSo for one that is still to come, or was cancelled."""
    if one.state is State.CANCELLED:
        raise NotSo("cancelled", N_("Hoạt động này đã hủy. Hoàn tác việc hủy rồi ghi."))
    if one.first_on > clock.today():
        raise NotSo("to-come", N_("Hoạt động này chưa tới ngày."))
    said: Plain = {"people": people, "state": State.HELD.value, "as_visits": as_visits}
    return event_steps.change(session, doing, MANNER, one, "hold", said)


def cancel(session: Session, doing: Doing, one: Event) -> bool:
    return event_steps.change(session, doing, MANNER, one, "cancel", {"state": State.CANCELLED.value})


# Asking


def within(session: Session, where: ColumnElement[bool], first: date, last: date) -> list[Event]:
    """Events that touch these days, in order of time."""
    until = func.coalesce(Event.last_on, Event.first_on)
    query = select(Event).where(where, Event.gone.is_(False), Event.first_on <= last, until >= first)
    return list(session.scalars(query.order_by(Event.first_on, Event.from_at, Event.id)))


def waiting(session: Session, where: ColumnElement[bool], today: date) -> list[Event]:
    """Planned ones whose day has come: somebody should say whether they were held."""
    query = select(Event).where(where, Event.gone.is_(False), Event.state == State.PLANNED, Event.first_on <= today)
    return list(session.scalars(query.order_by(Event.first_on, Event.id)))


def of_series(session: Session, one: Event) -> list[Event]:
    """The others that were planned with it."""
    if one.series is None:
        return []
    query = select(Event).where(Event.series == one.series, Event.id != one.id, Event.gone.is_(False))
    return list(session.scalars(query.order_by(Event.first_on)))
