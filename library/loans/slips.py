"""What goes on a slip of paper: the books a reader has, or took today, each with its last day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item
from library.loans.models import Loan, still_out
from library.organisations.models import Code
from library.patrons.models import Card, Membership, Person, SchoolClass

MOST = 500
"""Books on one reader's slip; a class has as many as it has."""


@dataclass(frozen=True)
class Line:
    """One book."""

    title: str
    accession: str
    lent_at: datetime
    due_on: date
    renewals: int

    @property
    def is_of_today(self) -> bool:
        return clock.day_of(self.lent_at) == clock.today()


@dataclass(frozen=True)
class Slip:
    """One reader's. `card` is the printed number."""

    name: str
    class_name: str
    card: str
    lines: Sequence[Line]

    def of_today(self) -> "Slip":
        return Slip(self.name, self.class_name, self.card, [line for line in self.lines if line.is_of_today])


def of_reader(session: Session, membership_id: int) -> Slip:
    """Also of one who has nothing (two statements)."""
    (slip,) = _slips(session, Membership.id == membership_id, MOST)
    return slip


def of_class(session: Session, library_id: int, class_uid: UUID) -> tuple[str, list[Slip]] | None:
    """The class's name and the slips of those who have something, in the order of names; None if there is no such class."""
    query = select(SchoolClass).where(SchoolClass.uid == class_uid, SchoolClass.library_id == library_id)
    found = session.scalar(query)
    if found is None:
        return None
    mine = (Membership.class_id == found.id) & Membership.to_on.is_(None)
    return found.name, [slip for slip in _slips(session, mine) if slip.lines]


def _slips(session: Session, who: ColumnElement[bool], most: int | None = None) -> list[Slip]:
    query = (
        select(Membership.id, Person.full_name, SchoolClass.name, Code.printed)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Card, (Card.membership_id == Membership.id) & Card.ended_at.is_(None))
        .outerjoin(Code, Code.id == Card.code_id)
        .where(who)
        .order_by(Person.name_sort, Membership.id)
    )
    rows = session.execute(query).all()
    lines = _lines(session, [row[0] for row in rows], most)
    return [Slip(name, group or "", card or "", lines.get(one, ())) for one, name, group, card in rows]


def _lines(session: Session, memberships: Collection[int], most: int | None) -> dict[int, list[Line]]:
    query = (
        select(Loan, Record.title, Record.part_number, Item.accession)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id.in_(memberships), still_out())
        .order_by(Loan.due_on, Loan.id)
        .limit(most)
    )
    found: dict[int, list[Line]] = {}
    for loan, title, part, accession in session.execute(query):
        assert loan.membership_id
        name = f"{title} – {part}" if part else title
        line = Line(name, accession or "", loan.lent_at, loan.due_on, loan.renewals)
        found.setdefault(loan.membership_id, []).append(line)
    return found
