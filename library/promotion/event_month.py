"""A month of events as weeks of days, and what it came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from library.calendars import openings
from library.core.forms import YEARS
from library.organisations.models import Organisation
from library.promotion.event_models import Event, State
from library.promotion.event_words import total

DAY = timedelta(days=1)


def read(text: str | None, otherwise: date) -> date:
    """The first day of "2026-11"; of the month of `otherwise` for anything else."""
    year, _, month = (text or "").partition("-")
    plain = (text or "").isascii() and year.isdecimal() and month.isdecimal() and len(year) == 4 and len(month) < 3
    if plain and int(year) in YEARS and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return otherwise.replace(day=1)


def day(text: str | None, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return found if found.year in YEARS else otherwise


def after(first: date) -> date:
    """The first day of the next month."""
    return (first.replace(day=28) + DAY * 4).replace(day=1)


def before(first: date) -> date:
    return (first - DAY).replace(day=1)


def span(first: date) -> tuple[date, date]:
    """From the Monday of its first week to the Sunday of its last."""
    last = after(first) - DAY
    return first - DAY * first.weekday(), last + DAY * (6 - last.weekday())


@dataclass(frozen=True)
class Day:
    """`inside`: of the month; `open`: somebody works that day."""

    day: date
    inside: bool
    open: bool
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def next(self) -> date:
        return after(self.first)

    @property
    def previous(self) -> date:
        return before(self.first)

    @property
    def events(self) -> list[Event]:
        """Of the month itself, each once."""
        inside = [one for week in self.weeks for day in week if day.inside for one in day.events]
        return list({one.id: one for one in inside}.values())


def month(first: date, found: Iterable[Event], shut: Iterable[date] = ()) -> Month:
    by: dict[date, list[Event]] = {}
    for one in found:
        for ahead in range(((one.last_on or one.first_on) - one.first_on).days + 1):
            by.setdefault(one.first_on + DAY * ahead, []).append(one)
    (since, until), closed = span(first), set(shut)
    days = [since + DAY * at for at in range((until - since).days + 1)]
    told = [Day(day, day.month == first.month, day not in closed, tuple(by.get(day, ()))) for day in days]
    return Month(first, tuple(tuple(told[at : at + 7]) for at in range(0, len(told), 7)))


def closed(session: Session, library: Organisation, since: date, until: date) -> list[date]:
    """Days of these on which the main library is closed."""
    calendar = openings.calendar_of(session, library.branches[0].id, since)
    days = [since + DAY * at for at in range((until - since).days + 1)]
    return [day for day in days if not calendar.is_open(day)]


@dataclass(frozen=True)
class Sums:
    """Of what was held."""

    events: int
    people: int
    by_audience: Mapping[str, int]


def sums(found: Iterable[Event]) -> Sums:
    by: dict[str, int] = {}
    held = [one for one in found if one.state is State.HELD]
    for one in held:
        for audience, count in one.people.items():
            by[audience] = by.get(audience, 0) + count
    return Sums(len(held), total(by), by)
