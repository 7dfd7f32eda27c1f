"""When boxes are exchanged: on a beat of weeks or months that closed days push on. Pure."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from library.shelves.models import SwapEvery

WEEKS = {SwapEvery.WEEK: 1, SwapEvery.TWO_WEEKS: 2}
FURTHEST = 160
"""Beats looked at: three years of weeks. What is closed longer than that has no days to move to."""


def days(first: date, every: SwapEvery, count: int, is_open: Callable[[date], bool]) -> list[date]:
    """As many days as rounds. A closed day becomes the next open one; where none is left before the next beat (Tết), that
    beat is left out and all that follow come one later. Where everything is closed, the beats themselves."""
    beats = [beat for beat, _ in zip(_beats(first, every), range(FURTHEST + count + 1), strict=False)]
    moved = (_next_open(beat, until, is_open) for beat, until in pairwise(beats))
    found = [day for day in moved if day is not None][:count]
    return found if len(found) == count else beats[:count]


def _next_open(beat: date, until: date, is_open: Callable[[date], bool]) -> date | None:
    ahead = (beat + timedelta(days=more) for more in range((until - beat).days))
    return next((day for day in ahead if is_open(day)), None)


def _beats(first: date, every: SwapEvery) -> Iterator[date]:
    number = 0
    while True:
        yield first + timedelta(weeks=WEEKS[every] * number) if every in WEEKS else _month_later(first, number)
        number += 1


def _month_later(first: date, months: int) -> date:
    """The same weekday of the month: its second Monday; the fifth is the last where there is no fifth."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    begins = date(year, month + 1, 1)
    day = 1 + (first.weekday() - begins.weekday()) % 7 + 7 * ((first.day - 1) // 7)
    return begins.replace(day=day if day <= monthrange(year, month + 1)[1] else day - 7)
