"""When a book is due. Pure: what the policy says, when the place is open, the day.

A due date is never in the past, and falls on a day the place is open unless the policy says otherwise. A day that
somebody named (a date, the end of a term, "not after") is the last one: on a closed day it moves back, never past it.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from library.calendars.days import DAY, Calendar, last_open, next_open, term_end
from library.policies.values import ClosedDays, HardWhen, Length, LengthKind, RenewFrom, Values

UNTIL_TOLD = timedelta(days=30)
"""A loan until a term's end or a next visit that nobody has entered yet."""


@dataclass(frozen=True)
class Wish:
    """A day wished for as due date, and between which days it must stay. `latest` None: nobody set a last day."""

    on: date
    earliest: date
    latest: date | None = None

    def until(self, last: date) -> "Wish":
        latest = min(last, self.latest) if self.latest else last
        return replace(self, on=min(self.on, latest), latest=latest)

    def not_before(self, first: date) -> "Wish":
        """The floor is stronger than a last day: who set it knows that nobody comes earlier."""
        latest = max(first, self.latest) if self.latest else None
        return replace(self, on=max(self.on, first), earliest=max(self.earliest, first), latest=latest)


def due_on(values: Values, calendar: Calendar, today: date, expires_on: date | None, waiting: int = 0) -> date:
    """The last day of a loan made today, while so many readers wait for the title. `values.length` must be said."""
    assert values.length
    wish = _wish(values.length, calendar, today, today)
    due = _settle(values, calendar, _hard(values, wish))
    if values.demand_days is not None and values.demand_holds is not None and waiting >= values.demand_holds:
        short = replace(wish, on=min(wish.on, today + timedelta(days=values.demand_days)))
        due = min(due, _settle(values, calendar, _hard(values, short)))
    return _within_card(values, calendar, today, due, expires_on)


def renewed_due(values: Values, calendar: Calendar, today: date, due_before: date, expires_on: date | None) -> date:
    """The last day of a loan renewed today: never earlier than it was."""
    length = values.renewal_length or values.length
    assert length
    base = due_before if values.renewal_from is RenewFrom.DUE else today
    due = _settle(values, calendar, _hard(values, _wish(length, calendar, today, base)))
    return max(due_before, _within_card(values, calendar, today, due, expires_on))


def _wish(length: Length, calendar: Calendar, today: date, base: date) -> Wish:
    """Counted from `base`; a named day that has gone by leaves the book for today only."""
    if length.kind is LengthKind.DAYS:
        return Wish(max(today, base + timedelta(days=length.days or 0)), today)
    if length.kind is LengthKind.NEXT_OPENING:
        return Wish(_next_visit(calendar, max(today, base)), today)
    named = length.on if length.kind is LengthKind.DATE else term_end(calendar, max(today, base))
    if named is None:
        return Wish(max(today, base) + UNTIL_TOLD, today)
    named = max(today, named)
    return Wish(named, today, named)


def _next_visit(calendar: Calendar, day: date) -> date:
    """The first opening after `day`."""
    found = next_open(calendar, day + DAY)
    return found if calendar.is_open(found) else day + UNTIL_TOLD


def _hard(values: Values, wish: Wish) -> Wish:
    """A date that has gone by says nothing any more."""
    hard = values.hard
    if hard is None or hard.on < wish.earliest:
        return wish
    if hard.when is HardWhen.AFTER:
        return wish.not_before(hard.on)
    if hard.when is HardWhen.BEFORE:
        return wish.until(hard.on)
    return Wish(hard.on, wish.earliest, hard.on)


def _settle(values: Values, calendar: Calendar, wish: Wish) -> date:
    """The wish on an open day: after it or before it as the policy says, and between its bounds if any day there is."""
    if values.closed_days is ClosedDays.KEEP or calendar.is_open(wish.on):
        return wish.on
    later, sooner = next_open(calendar, wish.on), last_open(calendar, wish.on, wish.earliest)
    past_the_last = wish.latest is not None and later > wish.latest
    back = values.closed_days is ClosedDays.BACK or past_the_last
    return sooner if back and calendar.is_open(sooner) else later


def _within_card(values: Values, calendar: Calendar, today: date, due: date, expires_on: date | None) -> date:
    """Back to the last open day of the card, if it ends before the book is due; its last day where none is open."""
    if not values.due_within_card or expires_on is None or not today <= expires_on < due:
        return due
    if values.closed_days is ClosedDays.KEEP:
        return expires_on
    back = last_open(calendar, expires_on, today)
    return back if calendar.is_open(back) else expires_on
