"""Who owes the library nothing, and who still does: for slips at the end of the year, one reader or a whole class."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Item
from library.loans.losses_queries import is_open
from library.loans.models import Compensation, Loan, still_out
from library.patrons.models import Membership, Person, SchoolClass


@dataclass(frozen=True)
class Out:
    """One thing that stands against a slip: a book out (`due_on`), or a compensation (`amount` in đồng)."""

    title: str
    accession: str | None
    due_on: date | None = None
    lost: bool = False
    amount: int | None = None
    minutes: str | None = None


@dataclass(frozen=True)
class Account:
    """A reader and all that is still out. Owes nothing without any."""

    membership: UUID
    name: str
    group: str | None
    born: date | None = None
    outs: Sequence[Out] = field(default_factory=tuple)

    @property
    def is_clear(self) -> bool:
        return not self.outs


def accounts(session: Session, which: ColumnElement[bool], only_owing: bool = False) -> list[Account]:
    """Readers with what they owe, by class and in the Vietnamese order of names. Three statements, however many."""
    owes = Membership.id.in_(select(Loan.membership_id).where(still_out())) | Membership.id.in_(
        select(Compensation.membership_id).where(is_open())
    )
    query = (
        select(Membership.id, Membership.uid, Person.full_name, SchoolClass.name, Person.born_on)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(which)
        .order_by(SchoolClass.grade, SchoolClass.name_sort, Person.name_sort, Membership.id)
    )
    rows = session.execute(query.where(owes) if only_owing else query).all()
    outs = _outs(session, which)
    return [Account(row.uid, row[2], row[3], row[4], tuple(outs.get(row.id, ()))) for row in rows]


def _outs(session: Session, which: ColumnElement[bool]) -> dict[int, list[Out]]:
    found: dict[int, list[Out]] = {}
    for one in (_books(session, which), _sums(session, which)):
        for membership, out in one:
            found.setdefault(membership, []).append(out)
    return found


def _books(session: Session, which: ColumnElement[bool]) -> list[tuple[int, Out]]:
    query = (
        select(Membership.id, Record, Item.accession, Loan.due_on, Loan.lost_at)
        .select_from(Loan)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(still_out(), which)
        .order_by(Loan.due_on, Loan.id)
    )
    return [
        (member, Out(record.full_title, accession, due, lost is not None))
        for member, record, accession, due, lost in session.execute(query)
    ]


def _sums(session: Session, which: ColumnElement[bool]) -> list[tuple[int, Out]]:
    """Those for books still out too: the book is told above, the paper here."""
    query = (
        select(Membership.id, Record, Item.accession, Compensation.amount, Compensation.minutes_no)
        .select_from(Compensation)
        .join(Membership, Membership.id == Compensation.membership_id)
        .join(Item, Item.id == Compensation.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(is_open(), which)
        .order_by(Compensation.id)
    )
    return [
        (member, Out(record.full_title, accession, amount=amount, minutes=number))
        for member, record, accession, amount, number in session.execute(query)
    ]


def owing_by_class(session: Session, library_id: int) -> list[tuple[UUID | None, str, int]]:
    """(class, its name, readers who still owe), in the order of classes; None for those without one."""
    counted: dict[UUID | None, tuple[str, int]] = {}
    mine = (Membership.library_id == library_id) & (
        Membership.id.in_(select(Loan.membership_id).where(still_out()))
        | Membership.id.in_(select(Compensation.membership_id).where(is_open()))
    )
    query = (
        select(SchoolClass.uid, SchoolClass.name)
        .select_from(Membership)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(mine)
        .order_by(SchoolClass.grade, SchoolClass.name_sort)
    )
    for uid, name in session.execute(query):
        counted[uid] = name or "", counted.get(uid, ("", 0))[1] + 1
    return [(uid, name, count) for uid, (name, count) in counted.items()]
