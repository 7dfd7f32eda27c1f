"""When a place is open, and the next open day. Pure: no database, no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
FURTHEST = 400
"""Days looked ahead. A branch without an open day in a year is not a matter of due dates."""


@dataclass(frozen=True)
class Span:
    """Some days with a name, both ends included: a term of a school year, a break."""

    first: date
    last: date
    name: str = ""


@dataclass(frozen=True)
class Calendar:
    """Weekdays (0 = Monday) on which a place opens, empty for all seven; closures as (first, last) days.

    `openings`: the place opens on these days only, whatever the weekday (a stop of the van); None: by weekdays.
    `extra`: open that day all the same, whatever else is said. `terms` in order of time.
    """

    weekdays: frozenset[int] = frozenset()
    closures: Sequence[tuple[date, date]] = ()
    terms: Sequence[Span] = ()
    openings: frozenset[date] | None = None
    extra: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        if day in self.extra:
            return True
        return self.is_usual(day) and not any(first <= day <= last for first, last in self.closures)

    def is_usual(self, day: date) -> bool:
        """Open but for closures."""
        if self.openings is not None:
            return day in self.openings
        return not self.weekdays or day.weekday() in self.weekdays


def next_open(calendar: Calendar, day: date) -> date:
    """`day` itself if the place is open then, else the next day it is; `day` if there is none in sight."""
    ahead = (day + DAY * count for count in range(min(FURTHEST, (date.max - day).days + 1)))
    return next((one for one in ahead if calendar.is_open(one)), day)


def last_open(calendar: Calendar, day: date, not_before: date) -> date:
    """The last open day up to `day`, `not_before` at the earliest (a card that ends on a closed day)."""
    while day > not_before and not calendar.is_open(day):
        day -= DAY
    return day


def term_end(calendar: Calendar, day: date) -> date | None:
    """The last day of the term that `day` is in, else of the next one. None: no term in sight."""
    return next((one.last for one in calendar.terms if one.last >= day), None)
