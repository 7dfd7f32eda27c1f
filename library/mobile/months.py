"""A month of outings as weeks of days. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from library.mobile.outings import Outing

MOST_YEARS = range(2000, 2201)


@dataclass(frozen=True)
class Day:
    """`inside`: it belongs to the month."""

    day: date
    inside: bool
    outings: tuple[Outing, ...]


@dataclass(frozen=True)
class Month:
    """`weeks`: (number of the week, its seven days from Monday)."""

    first: date
    weeks: tuple[tuple[int, tuple[Day, ...]], ...]

    @property
    def last(self) -> date:
        return after(self.first) - timedelta(days=1)

    @property
    def outings(self) -> list[Outing]:
        return [one for _, days in self.weeks for day in days if day.inside for one in day.outings]

    @property
    def standing(self) -> list[Outing]:
        return [one for one in self.outings if not one.off]


def read(text: str | None, otherwise: date) -> date:
    """The first day of "2026-11"; of the month of `otherwise` for anything else."""
    year, _, month = (text or "").partition("-")
    plain = (text or "").isascii() and year.isdecimal() and month.isdecimal()
    if plain and len(year) == 4 and int(year) in MOST_YEARS and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return otherwise.replace(day=1)


def after(first: date) -> date:
    """The first day of the next month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def span(first: date) -> tuple[date, date]:
    """From the Monday of its first week to the Sunday of its last."""
    last = after(first) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def month(first: date, outings: Iterable[Outing]) -> Month:
    by: dict[date, list[Outing]] = {}
    for one in outings:
        by.setdefault(one.day, []).append(one)
    since, until = span(first)
    mondays = [since + timedelta(days=7 * at) for at in range((until - since).days // 7 + 1)]
    return Month(first, tuple((monday.isocalendar().week, _week(monday, first, by)) for monday in mondays))


def _week(monday: date, first: date, by: dict[date, list[Outing]]) -> tuple[Day, ...]:
    days = [monday + timedelta(days=at) for at in range(7)]
    return tuple(Day(day, day.month == first.month, tuple(by.get(day, ()))) for day in days)


def rows(outings: Sequence[Outing]) -> list[list[str | int | date | None]]:
    """For a workbook: day, from, to, what, with whom, whether it stands."""
    return [
        [one.day, f"{one.from_at:%H:%M}" if one.from_at else "", f"{one.to_at:%H:%M}" if one.to_at else "", one.name,
         one.about, one.address]
        for one in outings
    ]  # fmt: skip
