"""How many copies a list may still take: a draft as many as one likes; once it is approved, no more than were approved."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core.errors import N_, Reason, Refused
from library.rotation.models import Batch, BatchLine, BatchState, LineOutcome

APPROVED = "approved"
"""In `Batch.wanted`: how many copies were approved."""
SETTLED = (BatchState.APPROVED, BatchState.PICKING, BatchState.PACKED)
FULL = Reason(
    "full", N_("Danh sách đã đủ số cuốn được duyệt. Bỏ một cuốn ra rồi thêm, hoặc hoàn tác việc duyệt để sửa.")
)


def write(session: Session, batch: Batch) -> None:
    """What is on the list now is what was approved."""
    batch.wanted = {**batch.wanted, APPROVED: _open(session, batch.id)}
    session.flush()


def room(session: Session, batch: Batch) -> int | None:
    """Copies that may be added; None: as many as one likes. One statement, none for a draft."""
    if batch.state not in SETTLED:
        return None
    return max(int(batch.wanted.get(APPROVED, 0)) - _open(session, batch.id), 0)


def _open(session: Session, batch_id: int) -> int:
    query = select(func.count(BatchLine.id)).where(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None))
    return session.scalar(query) or 0


def check_undo(session: Session, act_id: int) -> None:
    """What was taken out comes back only where nothing was added in its place. Raises Refused."""
    mine = (BatchLine.closed_by == act_id, BatchLine.outcome == LineOutcome.LEFT_OUT)
    query = select(Batch, func.count(BatchLine.id)).join(Batch, Batch.id == BatchLine.batch_id).where(*mine)
    for batch, back in session.execute(query.where(Batch.state.in_(SETTLED)).group_by(Batch.id)):
        if APPROVED in batch.wanted and back > (room(session, batch) or 0):
            raise Refused(FULL)
