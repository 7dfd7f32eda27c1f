"""Days as places on a line, and stays that overlap side by side. Pure: the board's picture is drawn from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 6
"""Shown at once; the one before last begins the picture."""
BEFORE = 2


@dataclass(frozen=True)
class Month:
    """`x` is where it begins, in per cent."""

    first: date
    x: float


@dataclass(frozen=True)
class Scale:
    """From `first` to `last`, both included. Places are per cent of the whole, from the left."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def at(self, day: date) -> float:
        """Where the day begins; days out of sight stand at the edge."""
        return round(min(max((day - self.first).days / self.days, 0.0), 1.0) * 100, 2)

    def wide(self, first: date, last: date, least: float = 1.2) -> float:
        """From the beginning of one day to the end of another; never too thin to be seen."""
        return round(max(self.at(last + timedelta(days=1)) - self.at(first), least), 2)

    def shows(self, first: date, last: date) -> bool:
        return first <= self.last and last >= self.first

    def months(self) -> list[Month]:
        found, day = [], self.first.replace(day=1)
        while day <= self.last:
            found.append(Month(day, self.at(day)))
            day = month_after(day, 1)
        return found


def month_after(day: date, count: int) -> date:
    """The first day of the month so many months later, or before."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def around(day: date, months: int = MONTHS, before: int = BEFORE) -> Scale:
    """The picture in which `day` stands near the left."""
    first = month_after(day, -before)
    return Scale(first, month_after(first, months) - timedelta(days=1))


def tracks(stays: Sequence[tuple[date, date]]) -> list[int]:
    """For each stay, in order of their first days, the line it stands on so that none covers another."""
    ends: list[date] = []
    found = []
    for first, last in stays:
        at = next((at for at, end in enumerate(ends) if end < first), len(ends))
        ends[at : at + 1] = [last]
        found.append(at)
    return found


def merged(days: Iterable[date], gap: int = 1) -> list[tuple[date, date]]:
    """Runs of days that follow each other."""
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if runs and (day - runs[-1][1]).days <= gap:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
