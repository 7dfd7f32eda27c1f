"""A year as people look at it: months of weeks, which days are closed, and why. Pure."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from library.calendars import inherited
from library.calendars.days import DAY
from library.calendars.inherited import Levels, Reason

MONTHS = 12
FIRST_MONTH = 8
"""The year of a school, as it hangs on the wall: August to July."""


@dataclass(frozen=True)
class Day:
    """`closed`: for a reason with words, or a weekday without. `extra`: open against the rule."""

    on: date
    closed: bool
    named: bool = False
    extra: bool = False


@dataclass(frozen=True)
class Note:
    """Days in a row of one month closed (or opened) for one reason."""

    first: date
    last: date
    why: str
    whose: str | None
    opens: bool = False


@dataclass(frozen=True)
class Month:
    """Weeks begin on Monday; None for days of other months."""

    first: date
    weeks: Sequence[Sequence[Day | None]]
    notes: Sequence[Note]


def beginning(day: date) -> date:
    """The first day of the school year that hangs on the wall on that day."""
    return date(day.year if day.month >= FIRST_MONTH else day.year - 1, FIRST_MONTH, 1)


def months(levels: Levels, first: date) -> list[Month]:
    starts = [
        date(first.year + (first.month + ahead - 1) // 12, (first.month + ahead - 1) % 12 + 1, 1)
        for ahead in range(MONTHS)
    ]
    return [_month(levels, start) for start in starts]


def _month(levels: Levels, first: date) -> Month:
    weeks = [
        [_day(levels, one) if one.month == first.month else None for one in week]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks, _notes(levels, [day for week in weeks for day in week if day]))


def _day(levels: Levels, day: date) -> Day:
    reason = inherited.why_closed(levels, day)
    return Day(day, reason is not None, bool(reason and reason.why), inherited.extra_of(levels, day) is not None)


def _notes(levels: Levels, days: Sequence[Day]) -> list[Note]:
    found: list[Note] = []
    for day in days:
        reason = _reason(levels, day)
        if reason is None:
            continue
        if found and _goes_on(found[-1], day, reason):
            found[-1] = Note(found[-1].first, day.on, reason.why, reason.whose, day.extra)
        else:
            found.append(Note(day.on, day.on, reason.why, reason.whose, day.extra))
    return found


def _reason(levels: Levels, day: Day) -> Reason | None:
    if day.extra:
        return inherited.extra_of(levels, day.on)
    return inherited.why_closed(levels, day.on) if day.named else None


def _goes_on(note: Note, day: Day, reason: Reason) -> bool:
    same = (note.why, note.whose, note.opens) == (reason.why, reason.whose, day.extra)
    return same and note.last + DAY == day.on
