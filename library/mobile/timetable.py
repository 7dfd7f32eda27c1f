"""On which days a version of a route goes. Pure: what is said of it in, days out.

Three ways to say it: every so many weeks on weekdays, on weekdays of certain weeks of the month, on listed dates.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

WEEK = timedelta(days=7)
LAST = -1
"""The last week of a month that has such a weekday."""
MONTH_WEEKS = (1, 2, 3, 4, LAST)
MOST_WEEKS = 26


def days(calendar: Mapping[str, Any], from_on: date, first: date, last: date) -> list[date]:
    """In order, from the later of `from_on` and `first` to `last`. Weeks are counted from that of `from_on`.

    `calendar`: {"every_weeks": 2, "weekdays": [1, 3]}, {"month_weeks": [1, -1], "weekdays": [0]} (0 is Monday) or
    {"dates": ["2026-11-25"]}. Raises ValueError for anything else.
    """
    check(calendar)
    first = max(first, from_on)
    if "dates" in calendar:
        return sorted(day for day in {date.fromisoformat(one) for one in calendar["dates"]} if first <= day <= last)
    every = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in every if day.weekday() in calendar["weekdays"] and _week_fits(calendar, from_on, day)]


def _week_fits(calendar: Mapping[str, Any], from_on: date, day: date) -> bool:
    if "every_weeks" in calendar:
        return ((_monday(day) - _monday(from_on)) // WEEK) % int(calendar["every_weeks"]) == 0
    number = (day.day - 1) // 7 + 1
    is_last = (day + WEEK).month != day.month
    return number in calendar["month_weeks"] or (is_last and LAST in calendar["month_weeks"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def check(calendar: Mapping[str, Any]) -> None:
    """Raises ValueError for what nobody could drive by."""
    if set(calendar) == {"dates"}:
        _some(calendar["dates"])
        return
    if set(calendar) == {"every_weeks", "weekdays"}:
        if not 1 <= int(calendar["every_weeks"]) <= MOST_WEEKS:
            raise ValueError("so many weeks are no rhythm")
    elif set(calendar) == {"month_weeks", "weekdays"}:
        if not set(_some(calendar["month_weeks"])) <= set(MONTH_WEEKS):
            raise ValueError("no such week of a month")
    else:
        raise ValueError("say weeks, weeks of the month, or dates")
    if not set(_some(calendar["weekdays"])) <= set(range(7)):
        raise ValueError("a week has seven days")


def _some(values: Sequence[Any]) -> Sequence[Any]:
    if not values:
        raise ValueError("nothing is said")
    return values
