"""What is lost, said to be back, found again or still owed: the lines of the pages of losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from library.access import Scope
from library.catalogue.models import LocalRecord, Record
from library.core.errors import NotFound
from library.holdings.models import Basis, Item, Movement, Place, PlaceKind, Register, Why
from library.inbox.models import Act
from library.loans.models import Compensation, EndWhy, Harm, Loan, LoanMark, LossSetting, MarkKind, Settled, still_out
from library.patrons.models import Membership, Person, SchoolClass

A_PAGE = 100


@dataclass(frozen=True)
class Missed:
    """A loan of which something is said. `act` names the loan in addresses; `compensation` asked and open, in đồng."""

    act: UUID
    title: str
    record: UUID
    item: UUID
    accession: str | None
    home: str
    call_number: str | None
    reader: str
    membership: UUID | None
    group: str | None
    due_on: date
    said_at: datetime
    inferred: bool
    compensation: UUID | None
    amount: int | None


def missed(session: Session, branches: ColumnElement[bool], claimed: bool, limit: int, offset: int = 0) -> list[Missed]:
    """Open loans said to be back (`claimed`), or lost: the newest first; for looking on the shelves, as they stand."""
    said = Loan.claimed_at if claimed else Loan.lost_at
    order = (Place.name, Item.accession_folded, Loan.id) if claimed else (said.desc(), Loan.id)
    query = _missed(said).where(branches, still_out(), said.is_not(None)).order_by(*order)
    return [_line(row) for row in session.execute(query.limit(limit).offset(offset))]


def _missed(said: Any) -> Any:
    by_night = _last_mark() == MarkKind.LONG_OVERDUE
    asked = and_(Compensation.item_id == Loan.item_id, Compensation.settled_at.is_(None), ~Compensation.voided)
    return (
        select(
            Act.uid, Record, Record.uid, Item.uid, Item.accession, Place.name, LocalRecord.call_number,
            Person.full_name, Membership.uid, SchoolClass.name, Loan.due_on, said, by_night, Compensation.uid,
            Compensation.amount,
        )
        .select_from(Loan)
        .join(Act, Act.id == Loan.act_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.home_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Compensation, asked)
    )  # fmt: skip


def _last_mark() -> Any:
    mine = and_(LoanMark.loan_id == Loan.id, LoanMark.voided.is_(False))
    newest = select(LoanMark.kind).where(mine).order_by(LoanMark.occurred_at.desc(), LoanMark.id.desc())
    return newest.limit(1).scalar_subquery()


def _line(row: Any) -> Missed:
    act, record, *rest = row
    uid, item, accession, home, call, name, membership, group, due, said, inferred, compensation, amount = rest
    return Missed(
        act, record.full_title, uid, item, accession, home, call, name or "", membership, group, due, said,
        bool(inferred), compensation, amount,
    )  # fmt: skip


def astray(session: Session, branches: ColumnElement[bool], limit: int) -> Sequence[Item]:
    """Copies that nobody has and nobody can find; those the readers answer for are told as loans."""
    out = exists().where(Loan.item_id == Item.id, still_out())
    settled = exists().where(Loan.item_id == Item.id, Loan.ended_why == EndWhy.SETTLED, Loan.ended_at >= Item.seen_at)
    query = (
        select(Item)
        .join(Item.place)
        .join(Item.record)
        .options(contains_eager(Item.record))
        .where(Place.kind == PlaceKind.UNKNOWN, branches, ~out, ~settled)
        .where(Item.register_status.in_((Register.LISTED, Register.OUTSIDE)))
    )
    return session.scalars(query.order_by(Item.seen_at.desc(), Item.id).limit(limit)).all()


def the_loan(session: Session, scope: Scope, act: UUID) -> Loan:
    """Named by the act that lent it. Raises NotFound."""
    query = (
        select(Loan)
        .join(Act, Act.id == Loan.act_id)
        .where(Act.uid == act, scope.of_branches(Loan.branch_id), Loan.voided.is_(False))
        .options(
            joinedload(Loan.item).joinedload(Item.record), joinedload(Loan.membership).joinedload(Membership.person)
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def act_uid(session: Session, act_id: int) -> UUID:
    return session.scalars(select(Act.uid).where(Act.id == act_id)).one()


# Compensations


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """Of books of these libraries, or lent by their branches."""
    lent = exists().where(Loan.id == Compensation.loan_id, scope.of_branches(Loan.branch_id))
    return or_(scope.of_libraries(Compensation.library_id), lent)


def the_compensation(session: Session, scope: Scope, uid: UUID) -> Compensation:
    """Raises NotFound."""
    found = session.scalar(select(Compensation).where(Compensation.uid == uid, in_scope(scope)))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Owed:
    """A compensation as a line of a list."""

    one: Compensation
    title: str
    accession: str | None
    reader: str
    membership: UUID | None
    group: str | None


def owed(session: Session, which: ColumnElement[bool], limit: int, offset: int = 0) -> list[Owed]:
    """Newest minutes first."""
    query = (
        select(Compensation, Record, Item.accession, Person.full_name, Membership.uid, SchoolClass.name)
        .join(Item, Item.id == Compensation.item_id)
        .join(Record, Record.id == Item.record_id)
        .outerjoin(Membership, Membership.id == Compensation.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(which)
        .order_by(Compensation.asked_at.desc(), Compensation.id.desc())
    )
    rows = session.execute(query.limit(limit).offset(offset))
    return [
        Owed(one, record.full_title, accession, name or "", uid, group)
        for one, record, accession, name, uid, group in rows
    ]


def is_open() -> ColumnElement[bool]:
    return and_(Compensation.settled_at.is_(None), Compensation.voided.is_(False))


def to_refund() -> ColumnElement[bool]:
    """Paid for a lost book that was scanned since, or whose return, as a late fact told, came before; where the library
    gives money back."""
    act = aliased(Act)
    seen = (
        select(Movement.id)
        .join(act, act.id == Movement.act_id)
        .where(Movement.item_id == Compensation.item_id, Movement.occurred_at > Compensation.asked_at)
        .where(Movement.basis.in_((Basis.SCAN, Basis.COUNT)), Movement.why != Why.ACCESSION, act.voided_by.is_(None))
    )
    before = exists().where(
        Loan.id == Compensation.loan_id, Loan.ended_why.in_((EndWhy.RETURNED, EndWhy.LENT_ON)), Loan.voided.is_(False)
    )
    keeps = exists().where(LossSetting.library_id == Compensation.library_id, LossSetting.refunds.is_(False))
    return and_(
        ~keeps, Compensation.settled_how == Settled.PAID, Compensation.harm == Harm.LOST, Compensation.refunded.is_(None),
        Compensation.voided.is_(False), or_(seen.exists(), before),
    )  # fmt: skip


def how_many(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Compensation.id)).where(which)) or 0
