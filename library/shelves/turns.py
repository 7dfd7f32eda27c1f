"""The class's helpers (thủ thư lớp), week by week: everybody has a turn before anybody has a second. No database in `plan`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from library.calendars.openings import calendar_of
from library.patrons.models import Membership, Person
from library.shelves.models import ShelfHelper

WEEK = timedelta(days=7)
MOST_WEEKS, EACH = 40, 2


@dataclass(frozen=True)
class Turn:
    """Who helps in one week, Monday to Sunday."""

    from_on: date
    to_on: date
    members: tuple[int, ...]


@dataclass(frozen=True)
class Helper:
    """A pupil with a turn, by name."""

    membership_id: int
    name: str
    from_on: date
    to_on: date


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def plan(members: Sequence[int], weeks: Sequence[date], each: int, had: Sequence[int] = ()) -> list[Turn]:
    """Turns for weeks (their Mondays): `each` pupils a week, in the order of `members`, those who `had` one lately last."""
    if not members:
        return []
    queue = [*(one for one in members if one not in had), *(one for one in had if one in members)]
    each = min(each, len(queue))
    turns = []
    for week in weeks:
        turns.append(Turn(week, week + WEEK - timedelta(days=1), tuple(queue[:each])))
        queue = queue[each:] + queue[:each]
    return turns


def open_weeks(session: Session, branch_id: int, place_id: int, first: date, how_many: int) -> list[date]:
    """Mondays of the next weeks in which the school is open on some day: Tết and the flood have no helpers."""
    calendar = calendar_of(session, branch_id, first, place_id)
    weeks: list[date] = []
    week = monday(first)
    for _ in range(MOST_WEEKS * 2):
        if len(weeks) == how_many:
            break
        if any(calendar.is_open(week + timedelta(days=day)) for day in range(7)):
            weeks.append(week)
        week += WEEK
    return weeks


@dataclass(frozen=True)
class Pupil:
    """Somebody of the class."""

    membership_id: int
    uid: UUID
    name: str


def pupils(session: Session, class_id: int | None) -> list[Pupil]:
    """Of the class, by tên."""
    query = select(Membership.id, Membership.uid, Person.full_name).join(Person, Person.id == Membership.person_id)
    mine = query.where(Membership.class_id == class_id, Membership.to_on.is_(None))
    return [Pupil(*row) for row in session.execute(mine.order_by(Person.name_sort, Membership.id))]


def of_shelf(session: Session, shelf_id: int, since: date) -> list[Helper]:
    """Turns that are not over on that day, in order."""
    query = (
        select(ShelfHelper.membership_id, Person.full_name, ShelfHelper.from_on, ShelfHelper.to_on)
        .join(Membership, Membership.id == ShelfHelper.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(ShelfHelper.shelf_id == shelf_id, ShelfHelper.to_on >= since)
        .order_by(ShelfHelper.from_on, Person.name_sort, ShelfHelper.id)
    )
    return [Helper(*row) for row in session.execute(query)]


def on(session: Session, shelf_id: int, day: date) -> list[Helper]:
    """Whose turn it is that day."""
    return [one for one in of_shelf(session, shelf_id, day) if one.from_on <= day]


def lately(session: Session, shelf_id: int, before: date) -> list[int]:
    """Those who had a turn, the longest ago first."""
    last = func.max(ShelfHelper.from_on)
    query = select(ShelfHelper.membership_id).where(ShelfHelper.shelf_id == shelf_id, ShelfHelper.from_on < before)
    return list(session.scalars(query.group_by(ShelfHelper.membership_id).order_by(last, ShelfHelper.membership_id)))


def write(session: Session, shelf_id: int, turns: Sequence[Turn], since: date) -> None:
    """These are the turns from that Monday on; what was planned for later is forgotten."""
    session.execute(delete(ShelfHelper).where(ShelfHelper.shelf_id == shelf_id, ShelfHelper.from_on >= monday(since)))
    rows = [
        {"shelf_id": shelf_id, "membership_id": one, "from_on": turn.from_on, "to_on": turn.to_on}
        for turn in turns
        for one in turn.members
    ]
    if rows:
        session.execute(insert(ShelfHelper), rows)
