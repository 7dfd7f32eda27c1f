"""The next open day. Pure, but for the one question that loads a branch's calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from library.calendars.models import Closure, OpenDay
from library.core.db import straight

DAY = timedelta(days=1)
FURTHEST = 400
"""Days looked ahead. A branch without an open day in a year is not a matter of due dates."""


@dataclass(frozen=True)
class Calendar:
    """Weekdays (0 = Monday) on which a place opens, empty for all seven; closures as (first, last) days."""

    weekdays: frozenset[int] = frozenset()
    closures: Sequence[tuple[date, date]] = ()

    def is_open(self, day: date) -> bool:
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return not any(first <= day <= last for first, last in self.closures)


def next_open(calendar: Calendar, day: date) -> date:
    """`day` itself if the place is open then, else the next day it is; `day` if there is none in sight."""
    ahead = (day + DAY * count for count in range(FURTHEST))
    return next((one for one in ahead if calendar.is_open(one)), day)


def last_open(calendar: Calendar, day: date, not_before: date) -> date:
    """The last open day up to `day`, `not_before` at the earliest (a card that ends on a closed day)."""
    while day > not_before and not calendar.is_open(day):
        day -= DAY
    return day


@cache
def _asking() -> Executable:
    branch: BindParameter[Any] = bindparam("branch")
    since: BindParameter[Any] = bindparam("since", type_=Closure.last_on.type)
    no_day, no_weekday = literal(None, Closure.first_on.type), literal(None, OpenDay.weekday.type)
    days = select(OpenDay.weekday, no_day, no_day).where(OpenDay.branch_id == branch)
    closed = select(no_weekday, Closure.first_on, Closure.last_on)
    return union_all(days, closed.where(Closure.branch_id == branch, Closure.last_on >= since))


def calendar_of(session: Session, branch_id: int, since: date) -> Calendar:
    """Opening days and the closures not yet over at `since` (one statement)."""
    rows = straight(session).execute(_asking(), {"branch": branch_id, "since": since}).all()
    return Calendar(
        frozenset(weekday for weekday, first, _ in rows if first is None),
        tuple((first, last) for _, first, last in rows if first is not None),
    )
