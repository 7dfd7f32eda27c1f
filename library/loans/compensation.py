"""A reader owes the library a book (đền bù): asked with numbered minutes, ended in one of four ways, never deleted.

The copy stays in the register, lost or damaged, until its minutes say that it leaves it: `compensation_ending`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Basis, Item, Movement, Register, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import history, marks
from library.loans.models import Compensation, Harm, Loan, MarkKind, Settled, Settlement, still_out
from library.organisations import codes

MOST = 100_000_000
"""Đồng. No book of a school costs more; a finger on the zero does."""


class AskedAlready(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("compensation-asked", N_("Cuốn này đang có một biên bản đền bù chưa xong.")))


@dataclass(frozen=True)
class Asking:
    """What is asked for, in đồng if no other copy is brought. `loan_id`: the last one, also where it has ended."""

    item_id: int
    harm: Harm
    amount: int
    loan_id: int | None = None
    membership_id: int | None = None
    note: str | None = None


def price_of(session: Session, item_id: int) -> int | None:
    """What the copy cost, else what is printed on such books, in đồng; None where nobody knows."""
    query = select(Item.price, Record.price).join(Record, Record.id == Item.record_id).where(Item.id == item_id)
    own, printed = session.execute(query).one()
    price: int | None = own or printed
    return price


def ask(session: Session, doing: Doing, what: Asking) -> Compensation:
    """Open a compensation with its minutes. A lost book that is out is marked so. Raises AskedAlready."""
    library = session.scalars(select(Item.library_id).where(Item.id == what.item_id)).one()
    number = next_number(session, library, doing.at or clock.now())
    at = _locked(session, what.item_id, doing)
    if session.scalar(select(Compensation.id).where(Compensation.item_id == what.item_id, *OPEN)):
        raise AskedAlready
    act_id = acts.write(session, doing, "ask-compensation", at)
    loan_id = _answers(session, what)
    made = Compensation(
        uid=clock.uuid7(), act_id=act_id, library_id=library, item_id=what.item_id, loan_id=loan_id,
        membership_id=what.membership_id, harm=what.harm, asked_at=at, amount=what.amount, minutes_no=number,
        note=what.note, voided=False,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if what.harm is Harm.LOST and loan_id is not None:
        _mark(session, act_id, loan_id, what.item_id, at)
    return made


def _answers(session: Session, what: Asking) -> int | None:
    """The loan on which the paper rests. What was lost after it came back was not lost by that loan: the scan that
    ended it would count as the book being found."""
    if what.harm is not Harm.LOST or what.loan_id is None:
        return what.loan_id
    return session.scalar(select(Loan.id).where(Loan.id == what.loan_id, still_out()))


OPEN = (Compensation.settled_at.is_(None), Compensation.voided.is_(False))


def next_number(session: Session, library_id: int, at: datetime) -> str:
    """12/2026: counted for each library and year, without gaps: a number taken in vain goes back with the transaction."""
    year = clock.day_of(at).year
    (number,) = codes.take(session, library_id, f"minutes {year}")
    return f"{number}/{year}"


def _locked(session: Session, item_id: int, doing: Doing) -> datetime:
    seen = select(Item.seen_at).where(Item.id == item_id).with_for_update(key_share=True)
    return doing.at or timing.live(clock.now(), session.scalars(seen).one())


def _mark(session: Session, act_id: int, loan_id: int, item_id: int, at: datetime) -> None:
    """Unless somebody who works here has said so already."""
    loan = session.execute(select(Loan.ended_at, Loan.lost_at).where(Loan.id == loan_id)).one()
    if loan.ended_at is None:
        marks.add(session, act_id, loan_id, item_id, MarkKind.LOST, at)


# Found again


def found(session: Session, one: Compensation) -> tuple[datetime, int] | None:
    """When and by which act a book that was lost turned up: it was scanned after it was asked for, or, as a late fact
    tells, had come back before."""
    if one.harm is not Harm.LOST:
        return None
    loan = aliased(Loan)
    query = (
        select(Movement.occurred_at, Movement.act_id, Movement.why, Movement.basis)
        .join(Act, Act.id == Movement.act_id)
        .outerjoin(loan, loan.id == one.loan_id)
        .where(Movement.item_id == one.item_id, Act.voided_by.is_(None))
        .where(Movement.basis.in_((Basis.SCAN, Basis.COUNT)), Movement.why != Why.ACCESSION)
        .where(
            or_(Movement.occurred_at > one.asked_at, and_(loan.id.is_not(None), Movement.occurred_at > loan.lent_at))
        )
        .order_by(Movement.occurred_at, Movement.uid)
    )
    for at, act_id, why, basis in session.execute(query):
        if at > one.asked_at or why is Why.LEND or history.ends(why, basis):
            return at, act_id
    return None


def recast(session: Session, item_id: int) -> None:
    """What is still asked for a copy that was found is over; what was over for that reason alone may be open again."""
    which = (Compensation.item_id == item_id, Compensation.harm == Harm.LOST, Compensation.voided.is_(False))
    over = or_(Compensation.settled_how.is_(None), Compensation.settled_how == Settled.FOUND)
    rows = session.scalars(select(Compensation).where(*which, over).order_by(Compensation.id))
    for one in rows.all():
        _repair(session, one)


def _repair(session: Session, one: Compensation) -> None:
    seen = found(session, one)
    if seen and (one.settled_how is None or (one.settled_at, one.settled_by) != (max(seen[0], one.asked_at), seen[1])):
        # What somebody proposed waits on, out of sight: undoing the scan brings it back.
        _end(session, one.id, max(seen[0], one.asked_at), seen[1], Settled.FOUND)
    elif seen is None and one.settled_how is Settled.FOUND:
        reopen(session, one.id)
    session.expire(one)


def _end(session: Session, id_: int, at: datetime, act_id: int, how: Settled) -> None:
    values = {"settled_at": at, "settled_by": act_id, "settled_how": how}
    session.execute(update(Compensation).where(Compensation.id == id_).values(values))


def reopen(session: Session, id_: int) -> None:
    """As if it had not ended, unless the copy was asked for anew meanwhile."""
    other = aliased(Compensation)
    mine = select(Compensation.item_id).where(Compensation.id == id_).scalar_subquery()
    again = select(other.id).where(other.item_id == mine, other.settled_at.is_(None), other.voided.is_(False))
    values = {"settled_at": None, "settled_by": None, "settled_how": None, "settled_note": None, "paid": None,
              "replacement_id": None}  # fmt: skip
    if session.scalar(again) is None:
        session.execute(update(Compensation).where(Compensation.id == id_).values(values))


# Undone


def unsay(session: Session, act_id: int) -> None:
    """The act was voided: what it asked is void, what it ended is open, what it wrote off stands in the register."""
    session.execute(update(Compensation).where(Compensation.act_id == act_id).values(voided=True))
    put_back(session, Compensation.written_off_by == act_id)
    ended = select(Compensation.id).where(Compensation.settled_by == act_id, Compensation.settled_how != Settled.FOUND)
    for one in session.scalars(ended).all():
        reopen(session, one)
    back = update(Compensation).where(Compensation.refunded_by == act_id)
    session.execute(back.values(refunded=None, refunded_by=None))
    session.execute(update(Settlement).where(Settlement.act_id == act_id).values(voided=True))
    waits = update(Settlement).where(Settlement.decided_by == act_id)
    session.execute(waits.values(decided_by=None, agreed=None))
    # What was found by the voided act is told by its copies: see `losses.recast`.
    session.expire_all()


def put_back(session: Session, which: object) -> None:
    """Copies that these minutes wrote off stand in the register again."""
    items = select(Compensation.item_id).where(which)  # type: ignore[arg-type]
    gone = update(Item).where(Item.id.in_(items), Item.register_status == Register.WRITTEN_OFF)
    session.execute(gone.values(register_status=Register.LISTED), execution_options={"synchronize_session": False})
    session.execute(update(Compensation).where(which).values(written_off_by=None))  # type: ignore[arg-type]
