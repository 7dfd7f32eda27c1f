"""Asking a copy to go somewhere, by hand: what speaks against it is said first, what it changes is said after."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import transfers
from library.holdings.models import Item, Place, PlaceKind, Register
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import holds, holds_queue, homeward
from library.loans.homeward import Going
from library.loans.models import Hold, Loan, still_out

BY_HAND = transfers.BY_HAND
ANYWAY = frozenset({"kept-for-reader", "waited-for"})
"""Reasons that whoever asks may pass over."""


class NotMoved(Refused):
    """Why it is not asked to go. `anyway`: saying so once more does it."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.anyway = all(reason.code in ANYWAY for reason in reasons)


@dataclass(frozen=True)
class Asked:
    """Where it goes now. `instead_of`: where it was asked to go before; `lent`: it goes when it comes back."""

    going: Going
    instead_of: Going | None = None
    lent: bool = False


def ask(session: Session, doing: Doing, item_id: int, to_id: int, anyway: bool = False) -> Asked:
    """Raises NotMoved with every reason."""
    item = session.get_one(Item, item_id, with_for_update={"key_share": True}, populate_existing=True)
    at = doing.at or clock.now()
    reasons = against(session, item, to_id, clock.day_of(at))
    if any(not anyway or reason.code not in ANYWAY for reason in reasons):
        raise NotMoved(*reasons)
    was = transfers.open_one(session, item_id)
    act = acts.write(session, doing, "ask-transfer", at), doing.uid
    holds.put_back(session, item_id, act[0], at)
    transfers.replace(session, act, item_id, to_id, transfers.BY_HAND, at)
    before = homeward.going(session, was.to_id, was.reason) if was and was.to_id != to_id else None
    return Asked(homeward.going(session, to_id, transfers.BY_HAND), before, _is_lent(session, item_id))


def against(session: Session, item: Item, to_id: int, today: date) -> tuple[Reason, ...]:
    """Every reason why not; what stops for good first."""
    return (*_stopped(session, item, to_id), *_wanted(session, item, today))


def _stopped(session: Session, item: Item, to_id: int) -> list[Reason]:
    if item.register_status not in (Register.LISTED, Register.OUTSIDE):
        return [Reason("written-off", N_("Cuốn này đã ra khỏi sổ."))]
    if item.place_id == to_id:
        return [Reason("there-already", N_("Cuốn này đang ở đúng nơi đó rồi."))]
    kind = session.scalars(select(Place.kind).where(Place.id == item.place_id)).one()
    if kind is PlaceKind.IN_TRANSIT:
        return [Reason("on-its-way", N_("Cuốn này đang trên đường. Khi đến nơi quét rồi mới chuyển tiếp được."))]
    return []


def _wanted(session: Session, item: Item, today: date) -> list[Reason]:
    """A reader comes before a shelf."""
    if session.scalar(select(Hold.id).where(Hold.item_id == item.id, Hold.ended_at.is_(None))):
        return [Reason("kept-for-reader", N_("Cuốn này đang giữ chỗ cho một bạn đọc."))]
    waits = select(func.count()).where(holds_queue.could_take(Hold, item.record_id, item.id, today))
    count = session.scalar(waits)
    if count:
        return [Reason("waited-for", N_("Có %(count)s bạn đọc đang chờ nhan đề này."), {"count": count})]
    return []


def _is_lent(session: Session, item_id: int) -> bool:
    mine = (Loan.item_id == item_id, still_out())
    return session.scalar(select(Loan.id).where(*mine)) is not None


def cancel(session: Session, doing: Doing, item_id: int, why: str) -> bool:
    """The request is over; a reader it was for waits again. Whether the copy, on its way, is asked back."""
    at = doing.at or clock.now()
    act = acts.write(session, doing, "cancel-transfer", at), doing.uid
    was = transfers.open_one(session, item_id)
    back = transfers.call_back(session, act, item_id, at, why)
    if was and was.reason == holds.FOR_HOLD:
        holds.put_back(session, item_id, act[0], at)
    return back
