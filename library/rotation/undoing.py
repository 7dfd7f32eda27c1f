"""Taking back what was done in rotation: one door, whatever the act wrote."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import CompoundSelect, or_, select, union
from sqlalchemy.orm import Session

from library.holdings.models import Movement
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.rotation import agreements, batches_undoing, legs, steps, stock, wishes
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchLine, BatchStep, Crate, Extension, Leg
from library.uses import counting

BEFORE: list[Callable[[Session, int], None]] = [agreements.check_undo, batches_undoing.check_undo, legs.check_undo]
"""Asked with the id of the act while it still holds: each raises Refused where something later rests on it."""
ALSO: list[Callable[[Session, int], None]] = [
    counting.undo, steps.undo, batches_undoing.undo, stock.undo, wishes.undo, legs.undone
]  # fmt: skip
"""Told the id of the voided act, in this order: each takes back the rows that only it knows."""


def undo(session: Session, doing: Doing, act: Act) -> int:
    """Void `act` and everything it wrote; the voiding act's id. Raises RestsOnIt, AlreadyUndone, WentOn, and what BEFORE
    refuses."""
    _lock(session, act.id)
    for ask in (*BEFORE, steps.check_undo):
        ask(session, act.id)
    voiding = deeds.undo(session, doing, act)
    for also in ALSO:
        also(session, act.id)
    session.expire_all()
    return voiding


def _lock(session: Session, act_id: int) -> None:
    """The act's batches, and those that a batch it cancelled came for, held until commit, before anything is asked: somebody
    may be sending one of them on. What was read of them earlier is read again."""
    legs_by = (Leg.send_act == act_id, Leg.receive_act == act_id)
    lines_by = (BatchLine.picked_by == act_id, BatchLine.closed_by == act_id, BatchLine.settled_by == act_id)
    extended = select(Extension.leg_id).where(or_(Extension.act_id == act_id, Extension.decided_by == act_id))
    moved = select(Movement.item_id).where(Movement.act_id == act_id)
    cancelled = select(BatchStep.batch_id).where(BatchStep.act_id == act_id, BatchStep.deed == Deed.CANCEL)
    mine: CompoundSelect[Any] = union(
        select(BatchStep.batch_id).where(BatchStep.act_id == act_id),
        select(Batch.replaces_id).where(Batch.id.in_(cancelled), Batch.replaces_id.is_not(None)),
        select(Leg.batch_id).where(or_(*legs_by, Leg.id.in_(extended))),
        select(BatchLine.batch_id).where(or_(*lines_by)),
        select(BatchLine.batch_id).where(BatchLine.item_id.in_(moved), BatchLine.closed_at.is_(None)),
        select(Crate.batch_id).where(or_(Crate.sealed_by == act_id, Crate.opened_by == act_id)),
    )
    for batch_id in sorted(session.scalars(mine)):
        steps.lock(session, batch_id)
    session.expire_all()
