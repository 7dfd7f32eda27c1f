"""Planning is taken back: lines it closed are open again, what it cancelled comes again, what it made is gone."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.inbox.models import Act
from library.rotation import batches, batches_checks, batches_room, exchanging, steps
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LineOutcome


def check_undo(session: Session, act_id: int) -> None:
    """Raises WentOn where what a deed of planning left out is past picking, NotPlanned where something else comes meanwhile
    in the place of what a batch came for; later steps are asked for by `steps`."""
    kind = session.scalar(select(Act.kind).where(Act.id == act_id))
    if kind not in (batches.PLAN, batches.APPROVE):
        return
    if kind == batches.PLAN:
        batches_room.check_undo(session, act_id)
        _check_again(session, act_id)
    settled = (
        Batch.id == BatchLine.batch_id,
        Batch.state.not_in((*batches.OPEN, BatchState.PROPOSED, BatchState.CANCELLED)),
    )
    left = select(BatchLine.id).join(Batch, settled[0]).where(BatchLine.closed_by == act_id, settled[1])
    if session.execute(left.limit(1)).first() is not None:
        raise steps.WentOn


def _check_again(session: Session, act_id: int) -> None:
    """One for one, for batches that come again: `undoing` holds what they take the place of."""
    cancelled = Batch.id.in_(batches_checks.cancelled_by(session, act_id))
    mine = (cancelled, Batch.kind.in_(exchanging.COUNTS), Batch.replaces_id.is_not(None))
    for batch_id in session.scalars(select(Batch.replaces_id).where(*mine)).all():
        batches.check_alone(session, session.get_one(Batch, batch_id))


def undo(session: Session, act_id: int) -> None:
    """The act was voided: lines it closed are open again, unless the copy went on another list meanwhile; a batch it
    cancelled has its legs again; one it made is gone from the lists."""
    other = aliased(BatchLine)
    elsewhere = exists().where(other.item_id == BatchLine.item_id, other.closed_at.is_(None))
    mine = (BatchLine.closed_by == act_id, BatchLine.outcome == LineOutcome.LEFT_OUT, ~elsewhere)
    session.execute(
        update(BatchLine).where(*mine).values(outcome=None, closed_at=None, closed_by=None),
        execution_options={"synchronize_session": False},
    )
    _undo_end(session, act_id)
    session.expire_all()


def _undo_end(session: Session, act_id: int) -> None:
    at = session.scalar(select(Act.occurred_at).where(Act.id == act_id))
    made = session.scalars(select(Batch).where(Batch.act_id == act_id, Batch.state == BatchState.DRAFT)).all()
    for batch in made:
        batch.state, batch.ended_why, batch.ended_on = BatchState.CANCELLED, batches.MISTAKEN, clock.today()
        batches.close(session, act_id, at or clock.now(), BatchLine.batch_id == batch.id)
    steps_of = batches_checks.cancelled_by(session, act_id)
    for batch in session.scalars(select(Batch).where(Batch.id.in_(steps_of))).all():
        batch.ended_on = batch.ended_why = None
        session.execute(update(Leg).where(Leg.batch_id == batch.id, Leg.cancelled_at == at).values(cancelled_at=None))
