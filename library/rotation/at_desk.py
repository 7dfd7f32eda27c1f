"""What the desk says of a copy that comes in while it is away with a batch."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.db import straight
from library.core.errors import N_, Reason
from library.rotation.models import Batch, BatchLine, BatchState

AWAY = (BatchState.IN_TRANSIT, BatchState.SERVING, BatchState.RETURNING)


def said(session: Session, item_id: int) -> Reason | None:
    """One statement."""
    query = select(Batch.code).join(BatchLine, BatchLine.batch_id == Batch.id)
    mine = query.where(BatchLine.item_id == item_id, BatchLine.closed_at.is_(None), Batch.state.in_(AWAY))
    code = straight(session).execute(mine).scalar_one_or_none()
    return Reason("in-batch", N_("Thuộc đợt luân chuyển %(code)s, đi theo đợt."), {"code": code}) if code else None
