"""A class at the desk: who has brought their books back, who still has what, who has one already.

A board is opened at a moment. What was lent before it is to come back; what is lent after it is the next reading.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock, versions
from library.holdings.models import Item
from library.loans.models import Loan
from library.loans.queries import bounds
from library.patrons.models import GroupReader, Membership, Person, SchoolClass
from library.policies import rulebook
from library.policies.values import NO_LIMIT, Channel

MOST = 200
"""Readers shown of one class, and groups of one library."""


@dataclass(frozen=True)
class Kept:
    """A book of the class: out, or brought back today."""

    title: str
    due_on: date
    lent_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Seat:
    """One reader of the list. `limit` is None where there is none, or nobody said one."""

    uid: UUID
    name: str
    born: date | None
    limit: int | None
    books: Sequence[Kept]

    @property
    def out(self) -> list[Kept]:
        """What they have now, the last lent at the end."""
        return [book for book in self.books if book.ended_at is None]

    def owes(self, since: datetime) -> list[Kept]:
        """What they had already when the board was opened."""
        return [book for book in self.out if book.lent_at < since]

    def brought(self, since: datetime) -> bool:
        """Whether a book came back today and none of before is left."""
        return not self.owes(since) and any(book.ended_at is not None for book in self.books)

    def was_served(self, since: datetime) -> bool:
        """Whether they went away with a book since the board was opened."""
        return any(book.lent_at >= since for book in self.out)


@dataclass(frozen=True)
class Classroom:
    """A class, or the groups of a library, as it stands now."""

    name: str
    since: datetime
    seats: Sequence[Seat]

    @property
    def left(self) -> list[tuple[Seat, Kept]]:
        """Every book that is still to come, reader by reader."""
        return [(seat, book) for seat in self.seats for book in seat.owes(self.since)]

    @property
    def done(self) -> int:
        return sum(seat.brought(self.since) for seat in self.seats)

    @property
    def total(self) -> int:
        """Readers who had something to bring."""
        return self.done + sum(bool(seat.owes(self.since)) for seat in self.seats)


def of_class(session: Session, library_id: int, uid: UUID, since: datetime | None = None) -> Classroom | None:
    """The class as it is (four statements, however many readers); None if this library has no such class."""
    query = select(SchoolClass.id, SchoolClass.name).where(SchoolClass.uid == uid, SchoolClass.library_id == library_id)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    return Classroom(found.name, since or clock.now(), _seats(session, library_id, Membership.class_id == found.id))


def of_groups(session: Session, library_id: int, since: datetime | None = None) -> Classroom:
    """Class sets, teachers' sets and other groups that borrow in their own name."""
    groups = Membership.id.in_(select(GroupReader.membership_id))
    return Classroom("", since or clock.now(), _seats(session, library_id, groups))


def _seats(session: Session, library_id: int, who: ColumnElement[bool]) -> list[Seat]:
    """In the Vietnamese order of names."""
    query = (
        select(
            Membership.id, Membership.uid, Person.full_name, Person.born_on, Membership.category_id, GroupReader.most
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(GroupReader, GroupReader.membership_id == Membership.id)
        .where(Membership.library_id == library_id, Membership.to_on.is_(None), who)
        .order_by(Person.name_sort, Membership.id)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    books = _books(session, [row.id for row in rows])
    limits = _limits(session, library_id, {row.category_id for row in rows})
    return [
        Seat(row.uid, row.full_name, row.born_on, row.most or limits[row.category_id], books.get(row.id, ()))
        for row in rows
    ]


def _limits(session: Session, library_id: int, categories: Collection[int]) -> dict[int, int | None]:
    """{category: how many books at once}; the rules are in memory, their stamp is one statement."""
    book = rulebook.of(session, library_id, versions.of(session, rulebook.RULES))
    most = {one: book.resolve(one, None, Channel.DESK).values.most for one in categories}
    return {one: None if number == NO_LIMIT else number for one, number in most.items()}


def _books(session: Session, memberships: Sequence[int]) -> dict[int, list[Kept]]:
    """Out now, or back today, as they were lent."""
    start, _end = bounds(clock.today())
    query = (
        select(Loan.membership_id, Record.title, Record.part_number, Loan.due_on, Loan.lent_at, Loan.ended_at)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id.in_(memberships), Loan.voided.is_(False), Loan.on_site.is_(False))
        .where(or_(Loan.ended_at.is_(None), and_(Loan.ended_at >= start, Loan.lent_at < Loan.ended_at)))
        .order_by(Loan.lent_at, Loan.id)
    )
    found: dict[int, list[Kept]] = {}
    for reader, title, part, due_on, lent_at, ended_at in session.execute(query):
        name = f"{title} – {part}" if part else title
        assert reader
        found.setdefault(reader, []).append(Kept(name, due_on, lent_at, ended_at))
    return found
