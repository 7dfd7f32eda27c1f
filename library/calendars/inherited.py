"""What each level says of days, and what holds in the end. Pure.

Weekdays: the nearest level that names any. Closures add up; a holiday closes unless the nearest that speaks of its kind
opens. "Open all the same" wins against all of these but a closure said nearer: who is nearer knows better.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from library.calendars import holidays
from library.calendars.days import DAY, Calendar, Span


@dataclass(frozen=True)
class Level:
    """What one organisation, branch or place says; empty where it is silent. `openings` None: not a place of listed days.

    `terms` by the label of their school year.
    """

    name: str
    weekdays: frozenset[int] = frozenset()
    closures: Sequence[Span] = ()
    extra: Mapping[date, str] = field(default_factory=dict)
    holidays: Mapping[str, bool] = field(default_factory=dict)
    terms: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    openings: frozenset[date] | None = None


@dataclass(frozen=True)
class Reason:
    """Why a day is closed, or open against the rule, and who says so. `whose` None: the state, or nobody in particular."""

    why: str
    whose: str | None = None


Levels = Sequence[Level]
"""The nearest first."""


def flat(levels: Levels, years: range) -> Calendar:
    """What holds. Holidays of `years` are worked in."""
    spans = [(one.first, one.last) for level in levels for one in level.closures]
    spans += [(day, day) for day in kept_holidays(levels, years)]
    return Calendar(
        weekdays(levels), merged(spans), terms(levels), openings(levels),
        frozenset(day for day in _all_extra(levels) if extra_of(levels, day)),
    )  # fmt: skip


def weekdays(levels: Levels) -> frozenset[int]:
    return next((level.weekdays for level in levels if level.weekdays), frozenset())


def openings(levels: Levels) -> frozenset[date] | None:
    return next((level.openings for level in levels if level.openings is not None), None)


def merged(spans: Sequence[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """In order, those that touch made one."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if found and (found[-1][1] >= first or found[-1][1] + DAY == first):
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def keeps(levels: Levels, kind: str) -> bool:
    """Whether one closes on holidays of this kind."""
    return next((level.holidays[kind] for level in levels if kind in level.holidays), True)


def kept_holidays(levels: Levels, years: range) -> dict[date, str]:
    """By day, the words of its kind: the week of Tết is one thing on the wall."""
    found = (one for year in years for one in holidays.of_year(year) if keeps(levels, one.kind))
    return {one.day: holidays.KINDS[one.kind] for one in found}


def terms(levels: Levels) -> tuple[Span, ...]:
    """Of each school year those of the nearest level that names any."""
    found: dict[str, Sequence[Span]] = {}
    for level in levels:
        for label, said in level.terms.items():
            found.setdefault(label, said)
    return tuple(sorted((one for said in found.values() for one in said), key=lambda one: (one.last, one.first)))


def _all_extra(levels: Levels) -> Iterator[date]:
    return (day for level in levels for day in level.extra)


def extra_of(levels: Levels, day: date) -> Reason | None:
    """Who opens on `day` all the same, if nobody nearer closes on it."""
    for level in levels:
        if day in level.extra:
            return Reason(level.extra[day], level.name)
        if any(one.first <= day <= one.last for one in level.closures):
            return None
    return None


def why_closed(levels: Levels, day: date) -> Reason | None:
    """The nearest reason; None: open. A weekday on which nobody opens has no words of its own."""
    if extra_of(levels, day):
        return None
    for level in levels:
        for one in level.closures:
            if one.first <= day <= one.last:
                return Reason(one.name, level.name)
    if name := kept_holidays(levels, range(day.year, day.year + 1)).get(day):
        return Reason(name)
    listed = openings(levels)
    usual = day in listed if listed is not None else day.weekday() in (weekdays(levels) or range(7))
    return None if usual else Reason("")
