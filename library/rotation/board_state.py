"""How a batch stands at each site on its way, by its legs and today. Pure: the alarm needs no scan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

A_STAY = timedelta(days=60)
"""Drawn for a stay whose end nobody said."""
ON_THE_ROAD = timedelta(days=4)
"""Drawn for books under way home."""


class Look(StrEnum):
    """How one stay, and with it the batch, looks today."""

    PLANNED = "planned"
    MOVING = "moving"
    SERVING = "serving"
    SOON = "soon"
    OVERDUE = "overdue"
    BACK = "back"
    """Home again, and not every copy has an outcome yet."""
    DONE = "done"
    """It left there, or the batch is over."""


Leg = TypeVar("Leg")


@dataclass(frozen=True)
class OneLeg:
    """What is known of a leg that was not cancelled. `to_site` None: home. Days are those of the wall calendar."""

    id: int
    number: int
    to_site: int | None
    planned_on: date
    due_on: date | None = None
    sent_on: date | None = None
    received_on: date | None = None


@dataclass(frozen=True)
class Span:
    """The time a batch is at the end of one leg, or will be. `late_to`: overdue until then. `first` <= `last`."""

    leg: OneLeg
    look: Look
    first: date
    last: date
    late_to: date | None = None
    goes_on: bool = False
    """From here it goes, or went, straight to another site."""


def spans(legs: Iterable[OneLeg], today: date, soon_days: int, ended_on: date | None = None) -> list[Span]:
    """One for each leg, in order. `ended_on`: the batch was closed then."""
    ordered = sorted(legs, key=lambda leg: leg.number)
    return [_span(leg, then, today, soon_days, ended_on) for leg, then in zip(ordered, after(ordered), strict=True)]


def after(legs: Sequence[Leg]) -> list[Leg | None]:
    """For each the one that follows."""
    return [*legs[1:], None] if legs else []


def _span(leg: OneLeg, then: OneLeg | None, today: date, soon_days: int, ended_on: date | None) -> Span:
    first = leg.received_on or leg.sent_on or leg.planned_on
    goes_on = then is not None and then.to_site is not None
    if then is not None and then.sent_on:
        return Span(leg, Look.DONE, first, max(first, then.sent_on), goes_on=goes_on)
    if ended_on is not None:
        return Span(leg, Look.DONE, first, max(first, ended_on))
    last = max(first, _until(leg, then, first))
    look = _look(leg, last, today, soon_days)
    late = today if look is Look.OVERDUE else None
    return Span(leg, look, first, last, late, goes_on)


def _until(leg: OneLeg, then: OneLeg | None, first: date) -> date:
    if leg.to_site is None:
        return first + ON_THE_ROAD
    return leg.due_on or (then.planned_on if then else first + A_STAY)


def _look(leg: OneLeg, last: date, today: date, soon_days: int) -> Look:
    if leg.sent_on is None:
        return Look.PLANNED
    if leg.received_on is None:
        return Look.MOVING
    if leg.to_site is None:
        return Look.BACK
    if last < today:
        return Look.OVERDUE
    return Look.SOON if (last - today).days <= soon_days else Look.SERVING


def of_batch(found: Sequence[Span]) -> Look:
    """Where the books are now says how the batch looks: the last leg that was sent."""
    return next((span.look for span in reversed(found) if span.leg.sent_on), Look.PLANNED)


def now_at(found: Sequence[Span]) -> Span | None:
    """The stay that lasts, or the leg under way; None before the first dispatch."""
    return next((span for span in reversed(found) if span.leg.sent_on), None)
