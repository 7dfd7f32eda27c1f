"""How much the copies of a batch are read where they are: loans and reading in the house, week by week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.holdings.models import Item
from library.rotation.models import Leg, LegLine, LegOutcome, Site
from library.uses.models import DocumentUse, UseKind

WEEKS = 8
"""Drawn at most, the last ones."""


@dataclass(frozen=True)
class Week:
    """From Monday `first` on: loans, and reading on the spot."""

    first: date
    loans: int
    here: int


@dataclass(frozen=True)
class Used:
    """`titles`: different ones of the batch that were used; `tallied`: counted at the site without a copy; `copies`: those
    that came."""

    loans: int
    here: int
    titles: int
    tallied: int
    copies: int
    weeks: tuple[Week, ...]

    @property
    def turns(self) -> float | None:
        """Uses of a copy of the batch; what was counted without a copy belongs to no copy."""
        return (self.loans + self.here) / self.copies if self.copies else None


def at_site(session: Session, leg: Leg, site: Site, today: date) -> Used:
    """Since the leg was received (four statements)."""
    since = clock.day_of(leg.received_at) if leg.received_at else today
    rows = session.execute(_uses(leg, site, since)).all()
    tallied = session.execute(_tallies(site, since)).all()
    loans = sum(int(row.uses) for row in rows if row.loan)
    here = sum(int(row.uses) for row in rows if not row.loan)
    days = [(row.used_on, bool(row.loan), int(row.uses)) for row in rows]
    days += [(day, False, int(count)) for day, count in tallied]
    return Used(
        loans, here, session.scalar(_titles(leg, site, since)) or 0, sum(int(count) for _, count in tallied),
        session.scalar(_came(leg)) or 0, weeks(days, since, today),
    )  # fmt: skip


def _of_leg(leg: Leg) -> Select[int]:
    return select(LegLine.item_id).where(LegLine.leg_id == leg.id)


def _uses(leg: Leg, site: Site, since: date) -> Any:
    loan = case((DocumentUse.kind == UseKind.HOME, 1), else_=0)
    return (
        select(DocumentUse.used_on, loan.label("loan"), func.sum(DocumentUse.quantity).label("uses"))
        .where(
            DocumentUse.item_id.in_(_of_leg(leg)), DocumentUse.branch_id == site.branch_id, DocumentUse.used_on >= since,
            DocumentUse.kind != UseKind.RENEWAL,
        )
        .group_by(DocumentUse.used_on, loan)
    )  # fmt: skip


def _titles(leg: Leg, site: Site, since: date) -> Select[int]:
    back = aliased(DocumentUse)
    return (
        select(func.count(func.distinct(Item.record_id)))
        .select_from(DocumentUse)
        .join(Item, Item.id == DocumentUse.item_id)
        .outerjoin(back, back.reverses_id == DocumentUse.id)
        .where(
            DocumentUse.item_id.in_(_of_leg(leg)), DocumentUse.branch_id == site.branch_id, DocumentUse.used_on >= since,
            DocumentUse.kind != UseKind.RENEWAL, DocumentUse.quantity > 0, back.id.is_(None),
        )
    )  # fmt: skip


def _tallies(site: Site, since: date) -> Select[date, int]:
    return (
        select(DocumentUse.used_on, func.sum(DocumentUse.quantity))
        .where(
            DocumentUse.place_id == site.place_id, DocumentUse.used_on >= since, DocumentUse.item_id.is_(None),
            DocumentUse.kind != UseKind.RENEWAL,
        )
        .group_by(DocumentUse.used_on)
    )  # fmt: skip


def _came(leg: Leg) -> Select[int]:
    there = or_(LegLine.outcome.is_distinct_from(LegOutcome.SHORT), LegLine.found_at.is_not(None))
    return select(func.count()).select_from(LegLine).where(LegLine.leg_id == leg.id, there)


def weeks(days: Iterable[tuple[date, bool, int]], since: date, today: date) -> tuple[Week, ...]:
    """(day, was it a loan, count) by weeks from Monday, quiet ones included; the last WEEKS up to today."""
    sums: dict[date, list[int]] = {}
    for day, loan, count in days:
        pair = sums.setdefault(_monday(day), [0, 0])
        pair[0 if loan else 1] += count
    return tuple(Week(first, *sums.get(first, (0, 0))) for first in _mondays(since, today))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(since: date, today: date) -> Sequence[date]:
    last = _monday(today)
    first = max(_monday(since), last - timedelta(weeks=WEEKS - 1))
    return [first + timedelta(weeks=at) for at in range((last - first).days // 7 + 1)]
