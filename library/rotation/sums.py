"""The two sums of a batch: sent = received + short; received = returned + lost + damaged + kept + forwarded + with readers
+ following home + still out. Each part is counted by itself, so that a sum that does not come out shows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from library.rotation import proof
from library.rotation.models import BatchLine, Leg, LegLine, LegOutcome, LineOutcome


@dataclass(frozen=True)
class Sums:
    """Copies, each counted once, as the last leg they stand on tells. `short`: on its papers, and not there; and neither
    found nor come home since. `under_way`: nobody has received it yet. `out`: received, without an outcome so far.
    `asserted`, `proved`: of those received. `lines`: all that are or were on the list, `left_out` ones included."""

    lines: int = 0
    sent: int = 0
    received: int = 0
    short: int = 0
    under_way: int = 0
    returned: int = 0
    lost: int = 0
    damaged: int = 0
    kept: int = 0
    forwarded: int = 0
    with_reader: int = 0
    follows: int = 0
    out: int = 0
    left_out: int = 0
    asserted: int = 0
    proved: int = 0

    @property
    def sent_agrees(self) -> bool:
        return self.sent == self.received + self.short + self.under_way

    @property
    def received_agrees(self) -> bool:
        ended = self.returned + self.lost + self.damaged + self.kept + self.forwarded
        return self.received == ended + self.with_reader + self.follows + self.out

    @property
    def agree(self) -> bool:
        return self.sent_agrees and self.received_agrees


def of(session: Session, batch_id: int) -> Sums:
    return many(session, (batch_id,)).get(batch_id, Sums())


def many(session: Session, batch_ids: Collection[int]) -> dict[int, Sums]:
    """By batch, in one statement. Batches without lines are left out."""
    told = _copies(batch_ids)
    query = select(told.c.batch_id, *_parts(told)).group_by(told.c.batch_id)
    return {row[0]: Sums(*(int(part or 0) for part in row[1:])) for row in session.execute(query)}


def _copies(batch_ids: Collection[int]) -> Subquery:
    """A row for each copy of the batches: how the last leg it stands on went, and its outcome."""
    ids = list(batch_ids)
    last = (
        select(Leg.batch_id, LegLine.item_id, func.max(Leg.number).label("number"))
        .join(LegLine, LegLine.leg_id == Leg.id)
        .where(Leg.batch_id.in_(ids))
        .group_by(Leg.batch_id, LegLine.item_id)
        .subquery()
    )
    short = and_(LegLine.outcome == LegOutcome.SHORT, LegLine.found_at.is_(None), _still_short())
    # What was sent after the others has no outcome on a leg that was received; it came when somebody scans it there.
    there = or_(and_(LegLine.outcome.is_not(None), ~short), and_(LegLine.outcome.is_(None), proof.proved()))
    came = and_(Leg.received_at.is_not(None), there)
    return (
        select(
            BatchLine.batch_id, BatchLine.outcome, _flag(Leg.id.is_not(None)).label("sent"), _flag(short).label("short"),
            _flag(came).label("came"), _flag(and_(came, proof.asserted())).label("asserted"),
            _flag(and_(came, proof.proved())).label("proved"),
        )
        .outerjoin(last, and_(last.c.batch_id == BatchLine.batch_id, last.c.item_id == BatchLine.item_id))
        .outerjoin(Leg, and_(Leg.batch_id == BatchLine.batch_id, Leg.number == last.c.number))
        .outerjoin(LegLine, and_(LegLine.leg_id == Leg.id, LegLine.item_id == BatchLine.item_id))
        .where(BatchLine.batch_id.in_(ids))
        .subquery()
    )  # fmt: skip


def _still_short() -> ColumnElement[bool]:
    """What was closed as anything but lost has turned up."""
    return or_(BatchLine.outcome.is_(None), BatchLine.outcome == LineOutcome.LOST)


def _flag(what: ColumnElement[bool]) -> ColumnElement[int]:
    return case((what, 1), else_=0)


def _parts(told: Subquery) -> list[ColumnElement[Any]]:
    """In the order of `Sums`."""
    sent, came = told.c.sent == 1, told.c.came == 1
    gone, short = told.c.outcome, told.c.short == 1
    ended = (
        LineOutcome.RETURNED, LineOutcome.LOST, LineOutcome.DAMAGED, LineOutcome.KEPT, LineOutcome.FORWARDED,
        LineOutcome.WITH_READER, LineOutcome.FOLLOWS,
    )  # fmt: skip
    return [
        func.count(), _many(sent), _many(came), _many(short), _many(and_(sent, ~came, ~short)),
        *(_many(and_(came, gone == one)) for one in ended),
        _many(and_(came, gone.is_(None))), _many(gone == LineOutcome.LEFT_OUT),
        func.sum(told.c.asserted), func.sum(told.c.proved),
    ]  # fmt: skip


def _many(what: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((what, 1), else_=0))
