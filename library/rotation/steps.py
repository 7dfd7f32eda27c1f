"""A batch takes a step: the one door to its state. The caller's act owns the step."""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core.errors import N_, Reason, Refused
from library.rotation import lifecycle
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchState, BatchStep


class WentOn(Refused):
    """Later steps of the batch stand on this one."""

    def __init__(self) -> None:
        super().__init__(Reason("went-on", N_("Đợt đã sang bước sau. Hoàn tác bước sau trước.")))


def lock(session: Session, batch_id: int) -> Batch:
    """The batch as it is now, held until commit: two people cannot both send or receive it."""
    query = select(Batch).where(Batch.id == batch_id).with_for_update(key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def take(session: Session, batch: Batch, deed: Deed, act_id: int, at: datetime, note: str | None = None) -> BatchState:
    """The state after it. `batch` is locked. Raises NotNow (two statements)."""
    before, batch.state = batch.state, lifecycle.after(batch.state, deed)
    session.add(
        BatchStep(batch_id=batch.id, act_id=act_id, deed=deed, before=before, after=batch.state, at=at, note=note)
    )
    session.flush()
    return batch.state


def begin(session: Session, batch: Batch, act_id: int, at: datetime) -> None:
    """The batch is made."""
    session.add(BatchStep(batch_id=batch.id, act_id=act_id, deed="make", before=None, after=batch.state, at=at))
    session.flush()


def check_undo(session: Session, act_id: int) -> None:
    """Raises WentOn where another act moved the batch on since. A first scan does not mind crates that were closed and
    opened since: whether its own is open is asked where it is picked."""
    later = aliased(BatchStep)
    idle = or_(later.deed != Deed.PICK, later.before.is_distinct_from(later.after))
    minds = or_(BatchStep.deed != Deed.PICK, later.deed.not_in((Deed.SEAL, Deed.UNSEAL)))
    since = (later.id > BatchStep.id, later.act_id != BatchStep.act_id, later.voided.is_(False))
    moved = exists().where(later.batch_id == BatchStep.batch_id, *since, idle, minds)
    mine = select(BatchStep.id).where(BatchStep.act_id == act_id, BatchStep.voided.is_(False), moved)
    if session.execute(mine.limit(1)).first() is not None:
        raise WentOn


def undo(session: Session, act_id: int) -> None:
    """The act was voided: batches it moved are where they were. Raises WentOn where one is not where it had led."""
    mine = select(BatchStep).where(BatchStep.act_id == act_id, BatchStep.voided.is_(False))
    for step in session.scalars(mine.order_by(BatchStep.id.desc())).all():
        step.voided = True
        if step.before is not None:
            was = update(Batch).where(Batch.id == step.batch_id, Batch.state == step.after)
            if session.execute(was.values(state=step.before).returning(Batch.id)).first() is None:
                raise WentOn
    session.flush()
