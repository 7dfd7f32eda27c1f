"""What is said of a loan beyond lending and returning: lost, long overdue, "I did bring it back".

Marks are rows; `Loan.lost_at` and `Loan.claimed_at` repeat the last one that holds. A mark holds while the loan is open
and nobody has scanned the copy since: seeing the book says more than any word about it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, places, transfers
from library.holdings.models import Basis, Item, Movement, Place, PlaceKind, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans.models import Loan, LoanMark, MarkKind, still_out

LOST = (MarkKind.LOST, MarkKind.LONG_OVERDUE)
VERBS: Mapping[MarkKind, str] = {
    MarkKind.LOST: "lose",
    MarkKind.LONG_OVERDUE: "long-overdue",
    MarkKind.CLAIMED: "claim",
    MarkKind.CLEARED: "clear-mark",
}
"""What the act is called that makes a mark."""


class NotOut(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("not-out", N_("Lượt mượn này đã kết thúc rồi, không ghi gì thêm được.")))


@dataclass(frozen=True)
class Said:
    """What the marks of a loan come to."""

    lost_at: datetime | None = None
    claimed_at: datetime | None = None


def said(marks: Iterable[tuple[MarkKind, datetime]], ended: bool, scanned_at: datetime | None) -> Said:
    """`marks` in the order they were made. Pure."""
    newer = [one for one in marks if scanned_at is None or one[1] > scanned_at]
    if ended or not newer:
        return Said()
    kind, at = newer[-1]
    return Said(at if kind in LOST else None, at if kind is MarkKind.CLAIMED else None)


# Making them


def claimed(session: Session, doing: Doing, loan_id: int, note: str | None = None) -> int:
    """The reader says the book is back; nobody has seen it. The act's id. Raises NotOut."""
    return mark(session, doing, loan_id, MarkKind.CLAIMED, note)


def lost(session: Session, doing: Doing, loan_id: int, note: str | None = None) -> int:
    """Somebody who works here says it is lost; whatever was asked of the copy is off. The act's id. Raises NotOut."""
    return mark(session, doing, loan_id, MarkKind.LOST, note)


def cleared(session: Session, doing: Doing, loan_id: int, note: str | None = None) -> int:
    """Nothing of it is so; the loan goes on. The act's id. Raises NotOut."""
    return mark(session, doing, loan_id, MarkKind.CLEARED, note)


class Out(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("out", N_("Cuốn này đang có người mượn. Ghi mất ở lượt mượn ấy.")))


def missing(session: Session, doing: Doing, item_id: int) -> int:
    """A copy that nobody has is not where it should be; whatever was asked of it is off. The act's id. Raises Out.

    Somebody's word, not a sight of it: any scan says otherwise.
    """
    item = session.get_one(Item, item_id, with_for_update={"key_share": True}, populate_existing=True)
    out = select(Loan.id).where(Loan.item_id == item_id, still_out())
    if session.scalar(out):
        raise Out
    at = doing.at or timing.live(clock.now(), item.seen_at)
    act = acts.write(session, doing, "miss", at), doing.uid
    branch = session.scalars(select(Place.branch_id).where(Place.id == item.place_id)).one()
    unknown = places.first_of(session, branch, PlaceKind.UNKNOWN)
    ledger.move(session, act, {item.id: item.uid}, (unknown.id, branch), Why.MISSING, at, Basis.ASSERTION, rests_on=at)
    transfers.cancel(session, act[0], item_id, at, "lost")
    return act[0]


def mark(session: Session, doing: Doing, loan_id: int, kind: MarkKind, note: str | None) -> int:
    item, at = lock(session, loan_id, doing)
    act_id = acts.write(session, doing, VERBS[kind], at)
    add(session, act_id, loan_id, item, kind, at, note)
    return act_id


def lock(session: Session, loan_id: int, doing: Doing) -> tuple[int, datetime]:
    """Copy before loan, as everywhere: the copy's id, and the moment to write. Raises NotOut."""
    mine = select(Loan.item_id).where(Loan.id == loan_id).scalar_subquery()
    seen = select(Item.id, Item.seen_at).where(Item.id == mine).with_for_update(key_share=True)
    item, seen_at = session.execute(seen).one()
    still = select(Loan.id).where(Loan.id == loan_id, still_out())
    if session.scalar(still.with_for_update()) is None:
        raise NotOut
    return item, doing.at or timing.live(clock.now(), seen_at)


def add(
    session: Session, act_id: int, loan_id: int, item_id: int, kind: MarkKind, at: datetime, note: str | None = None
) -> None:
    """One mark under an act that was written already."""
    row = {"act_id": act_id, "loan_id": loan_id, "kind": kind, "occurred_at": at, "note": note, "voided": False}
    session.execute(insert(LoanMark).values(row))
    if kind in LOST:
        transfers.cancel(session, act_id, item_id, at, "lost")
    recast(session, item_id)


# Keeping the loans what the marks say


def scanned_at(session: Session, item_id: int) -> datetime | None:
    """When somebody last held the copy before a scanner."""
    query = (
        select(func.max(Movement.occurred_at))
        .join(Act, Act.id == Movement.act_id)
        .where(Movement.item_id == item_id, Movement.basis == Basis.SCAN, Act.voided_by.is_(None))
    )
    return session.scalar(query)


def recast(session: Session, item_id: int) -> None:
    """Repeat in the copy's loans what their marks come to."""
    loans = select(Loan.id, Loan.ended_at, Loan.voided, Loan.lost_at, Loan.claimed_at)
    marked = select(LoanMark.loan_id).where(LoanMark.loan_id == Loan.id)
    rows = session.execute(loans.where(Loan.item_id == item_id, marked.exists())).all()
    if not rows:
        return
    seen = scanned_at(session, item_id)
    for row in rows:
        told = said(_of(session, row.id), row.ended_at is not None or row.voided, seen)
        if told != Said(row.lost_at, row.claimed_at):
            values = {"lost_at": told.lost_at, "claimed_at": told.claimed_at}
            session.execute(update(Loan).where(Loan.id == row.id).values(values))


def _of(session: Session, loan_id: int) -> list[tuple[MarkKind, datetime]]:
    query = select(LoanMark.kind, LoanMark.occurred_at).where(LoanMark.loan_id == loan_id, LoanMark.voided.is_(False))
    ordered = session.execute(query.order_by(LoanMark.occurred_at, LoanMark.id)).all()
    return [(kind, at) for kind, at in ordered]


def unsay(session: Session, act_id: int) -> None:
    """The act was voided: its marks were never made."""
    query = update(LoanMark).where(LoanMark.act_id == act_id, LoanMark.voided.is_(False)).values(voided=True)
    loans = list(session.scalars(query.returning(LoanMark.loan_id)))
    for item in session.scalars(select(Loan.item_id).where(Loan.id.in_(loans)).distinct().order_by(Loan.item_id)).all():
        recast(session, item)
