"""What is done to one copy once it is decided: lend, take in, renew, undo. Facts in, rows out; no rule is asked here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, stays
from library.holdings.ledger import Moved
from library.holdings.models import Movement, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import history, settling
from library.loans.models import EndWhy, Loan, Renewal
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind

_LOAN = table_of(Loan)
_LENDING = insert(_LOAN)
ActRef = tuple[int, UUID]
PlaceRef = tuple[int, int]
"""A place's id and its branch's."""
ItemRef = tuple[int, UUID]


@dataclass(frozen=True)
class Seen:
    """Whether a loan of the copy and a request for it are open, as seen under its lock. None: nobody looked."""

    lent: bool | None = None
    asked_for: bool | None = None

    @property
    def idle(self) -> frozenset[str]:
        """Followers of the ledger that have nothing to end."""
        return frozenset(
            name for name, is_open in (("loans", self.lent), ("transfers", self.asked_for)) if is_open is False
        )


UNSEEN = Seen()


@dataclass(frozen=True)
class Lending:
    """One copy to one reader. `doubts` are the codes of rules that would have said no."""

    item_id: int
    item_uid: UUID
    membership_id: int
    due_on: date
    frozen: Frozen
    class_id: int | None = None
    doubts: tuple[dict[str, Any], ...] = ()
    override: str | None = None


class RestsOnIt(Refused):
    """Later acts stand on this one; they are listed and must be undone first."""

    def __init__(self, later: list[Act]) -> None:
        super().__init__(
            Reason(
                "rests-on-it",
                N_("Sau lượt này đã có %(count)s lượt khác dựa vào nó. Hoàn tác các lượt ấy trước."),
                {"count": len(later), "acts": [str(act.uid) for act in later]},
            )
        )
        self.later = later


def lend(
    session: Session, doing: Doing, what: Lending, with_patrons: PlaceRef, at: datetime, seen: Seen = UNSEEN
) -> ActRef:
    """The reader goes away with the book (5 statements): act, movement, copy, loan, use. Late facts take a few more."""
    act = acts.write(session, doing, "lend", at), doing.uid
    moved = ledger.move(session, act, {what.item_id: what.item_uid}, with_patrons, Why.LEND, at, idle=seen.idle)
    _add_loan(session, act, what, moved)
    counting.record(session, act, what.item_id, UseKind.HOME, at, what.frozen)
    if moved.late:
        settling.recast(session, what.item_id)
    return act


def _add_loan(session: Session, act: ActRef, what: Lending, moved: Moved) -> None:
    # A late loan begins as ended at once: its true end is worked out after it has been sorted in.
    end = {"ended_at": moved.at, "ended_by": act[0], "ended_why": EndWhy.LENT_ON} if moved.late else {}
    row = {
        "act_id": act[0], "item_id": what.item_id, "membership_id": what.membership_id, "branch_id": moved.branch_id,
        "class_id": what.class_id, "lent_at": moved.at, "due_on": what.due_on, "renewals": 0, "voided": False,
        "doubts": list(what.doubts) or None, "override": what.override,
    }  # fmt: skip
    straight(session).execute(_LENDING, row | end)


def take_in(
    session: Session, doing: Doing, item: ItemRef, place: PlaceRef, at: datetime, seen: Seen = UNSEEN
) -> tuple[int, bool]:
    """The copy is scanned at a desk without a reader: a return if it was lent, else perhaps read in the house.

    The act's id, and whether it counted as a use (of a late scan nobody waits to hear it).
    """
    act = acts.write(session, doing, "take-in", at), doing.uid
    moved = ledger.move(session, act, dict([item]), place, Why.DESK, at, idle=seen.idle)
    if moved.late or seen.lent or act[0] not in history.read(ledger.known(session, item[0])).uses:
        return act[0], False
    counting.record(session, act, item[0], UseKind.IN_HOUSE, at, settling.of_copy(session, item[0], place[1]))
    return act[0], True


def renew(
    session: Session, doing: Doing, item: ItemRef, loan_id: int, due_on: date, with_patrons: PlaceRef, at: datetime
) -> ActRef:
    """The reader shows the book and keeps it until `due_on`."""
    act = acts.write(session, doing, "renew", at), doing.uid
    ledger.move(session, act, dict([item]), with_patrons, Why.RENEW, at)
    before = session.execute(select(Loan.due_on).where(Loan.id == loan_id)).scalar_one()
    session.execute(
        insert(Renewal).values(
            act_id=act[0], loan_id=loan_id, occurred_at=at, due_before=before, due_on=due_on, voided=False
        )
    )
    session.execute(update(Loan).where(Loan.id == loan_id).values(due_on=due_on, renewals=Loan.renewals + 1))
    return act


def resting_on(session: Session, act_id: int) -> list[Act]:
    """Later acts that stand on this one: renewals of its loan, and what ended that loan."""
    ended = select(Loan.ended_by).where(Loan.act_id == act_id, Loan.voided.is_(False), Loan.ended_by.is_not(None))
    mine = select(Renewal.loan_id).where(Renewal.act_id == act_id)
    renewed = (
        select(Renewal.act_id)
        .join(Loan, Loan.id == Renewal.loan_id)
        .where(Renewal.voided.is_(False), Renewal.act_id > act_id, or_(Loan.act_id == act_id, Loan.id.in_(mine)))
    )
    query = select(Act).where(or_(Act.id.in_(ended), Act.id.in_(renewed)), Act.voided_by.is_(None), Act.id != act_id)
    return list(session.scalars(query.order_by(Act.id)))


def undo(session: Session, doing: Doing, act: Act) -> int:
    """Void `act` and everything it wrote. Raises RestsOnIt, AlreadyUndone."""
    if later := resting_on(session, act.id):
        raise RestsOnIt(later)
    voiding = acts.void(session, doing, act.id)
    ledger.undo(session, act.id, voiding)
    stays.undo(session, act.id)
    return voiding


def may_be_undone(
    session: Session, act: Act, by: UUID | None, within_minutes: int, now: datetime | None = None
) -> bool:
    """What somebody did some minutes ago they may undo; but a copy's coming into the library is struck out elsewhere."""
    if act.kind == "undo" or act.voided_by is not None or act.actor != by:
        return False
    first = select(Movement.id).where(Movement.act_id == act.id, Movement.why == Why.ACCESSION).limit(1)
    age = (now or clock.now()) - act.recorded_at
    return age.total_seconds() <= within_minutes * 60 and session.execute(first).first() is None
