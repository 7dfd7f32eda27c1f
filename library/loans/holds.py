"""Readers who wait for a title, and the copy that is kept for them."""

from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.ledger import FOLLOWERS, Undone
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Hold

KEEP_DAYS = 5


class AlreadyWaiting(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("already-waiting", N_("Bạn đọc này đã giữ chỗ nhan đề này rồi.")))


def place(session: Session, doing: Doing, record_id: int, membership_id: int, branch_id: int) -> int:
    """The reader waits for any copy of the title at `branch_id`. Raises AlreadyWaiting."""
    mine = (Hold.record_id == record_id, Hold.membership_id == membership_id, Hold.ended_at.is_(None))
    if session.scalar(select(Hold.id).where(*mine)):
        raise AlreadyWaiting
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "hold", at)
    row = {"act_id": act_id, "record_id": record_id, "membership_id": membership_id, "branch_id": branch_id}
    made = insert(Hold).values(uid=clock.uuid7(), placed_at=at, **row)
    return session.execute(made.returning(Hold.id)).scalar_one()


def next_waiting(session: Session, record_id: int, branch_id: int) -> Hold | None:
    """Whose turn it is: the first who asked to fetch it at this branch and has no copy yet."""
    query = select(Hold).where(
        Hold.record_id == record_id, Hold.branch_id == branch_id, Hold.ended_at.is_(None), Hold.item_id.is_(None)
    )
    return session.scalars(query.order_by(Hold.placed_at, Hold.id).limit(1).with_for_update(skip_locked=True)).first()


def capture(session: Session, hold_id: int, item_id: int, act_id: int, today: date) -> date:
    """This copy is kept for that reader until the day returned."""
    keep_until = today + timedelta(days=KEEP_DAYS)
    values = {"item_id": item_id, "captured_by": act_id, "keep_until": keep_until}
    session.execute(update(Hold).where(Hold.id == hold_id).values(values))
    return keep_until


def fulfil(session: Session, record_id: int, membership_id: int, act_id: int, at: datetime) -> None:
    """The reader has a copy in hand: their wait for this title is over, whichever copy was kept."""
    mine = update(Hold).where(Hold.record_id == record_id, Hold.membership_id == membership_id, Hold.ended_at.is_(None))
    session.execute(mine.values(ended_at=at, ended_by=act_id, ended_why="fulfilled"))


def cancel(session: Session, doing: Doing, hold: Hold) -> None:
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "cancel-hold", at)
    session.execute(update(Hold).where(Hold.id == hold.id).values(ended_at=at, ended_by=act_id, ended_why="cancelled"))


def undone(session: Session, what: Undone) -> None:
    """Waits that the voided act ended go on; the copy it had set aside is free again."""
    reopened = {"ended_at": None, "ended_by": None, "ended_why": None}
    session.execute(update(Hold).where(Hold.ended_by == what.act_id).values(reopened))
    gone = update(Hold).where(Hold.act_id == what.act_id, Hold.ended_at.is_(None))
    session.execute(gone.values(ended_at=Hold.placed_at, ended_by=what.voided_by, ended_why="undone"))
    freed = {"item_id": None, "captured_by": None, "keep_until": None}
    session.execute(update(Hold).where(Hold.captured_by == what.act_id).values(freed))


FOLLOWERS.undone["holds"] = undone
