"""Who has what: the readers of a shelf, by the Vietnamese order of names, with the books they have just now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core.fold import given_name
from library.holdings.models import Item
from library.loans.models import Loan, still_out
from library.patrons.models import Membership, Person, SchoolClass
from library.shelves.models import Shelf, ShelfKind, ShelfTenure

MOST = 700
"""Readers of one shelf that are listed: a grade's shelf has several classes."""


@dataclass(frozen=True)
class Kept:
    """A book a pupil has. `due_on` may be past."""

    loan_id: int
    item_uid: UUID
    title: str
    lent_at: datetime
    due_on: date

    def late(self, today: date) -> int:
        return max((today - self.due_on).days, 0)


@dataclass(frozen=True)
class Pupil:
    """A reader of the shelf. `label` sets namesakes of a class apart, as classes do themselves: "A", "B"; else ''."""

    id: int
    uid: UUID
    name: str
    group: str
    born: date | None
    label: str = ""
    books: Sequence[Kept] = ()

    @property
    def first(self) -> str:
        """Tên, with the letter of a namesake."""
        return f"{given_name(self.name)} {self.label}".strip()

    @property
    def rest(self) -> str:
        """Họ đệm."""
        return self.name.removesuffix(given_name(self.name)).strip()

    def is_late(self, today: date) -> bool:
        return any(book.due_on < today for book in self.books)


@dataclass(frozen=True)
class Board:
    """The class as it is now, in three parts."""

    today: date
    pupils: Sequence[Pupil]

    @property
    def late(self) -> list[Pupil]:
        return [one for one in self.pupils if one.is_late(self.today)]

    @property
    def reading(self) -> list[Pupil]:
        return [one for one in self.pupils if one.books and not one.is_late(self.today)]

    @property
    def without(self) -> list[Pupil]:
        return [one for one in self.pupils if not one.books]


def reads_here(shelf: Shelf, tenure: ShelfTenure | None, only_class: int | None = None) -> ColumnElement[bool]:
    """The WHERE for memberships that borrow at this shelf: the class that keeps it, the classes of its grade.

    A room's shelf without a class has nobody by name: cards are scanned there. `only_class`: a helper's.
    """
    here = (Membership.to_on.is_(None), Membership.library_id == shelf.library_id)
    if only_class is not None:
        return and_(*here, Membership.class_id == only_class)
    if tenure is not None and tenure.class_id is not None:
        return and_(*here, Membership.class_id == tenure.class_id)
    if shelf.kind is ShelfKind.GRADE:
        return and_(*here, SchoolClass.grade == shelf.grade, SchoolClass.branch_id == shelf.branch_id)
    return false()


def read(session: Session, who: ColumnElement[bool], today: date) -> Board:
    """Two statements, however many readers and books."""
    query = (
        select(Membership.id, Membership.uid, Person.full_name, SchoolClass.name, Person.born_on)
        .join(Person, Person.id == Membership.person_id)
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(who)
        .order_by(SchoolClass.name_sort, Person.name_sort, Membership.id)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    books, labels = _books(session, [row[0] for row in rows]), namesakes([(row[3], row[2]) for row in rows])
    return Board(
        today, [Pupil(*row, label=label, books=books.get(row[0], ())) for row, label in zip(rows, labels, strict=True)]
    )


def ids(session: Session, who: ColumnElement[bool]) -> frozenset[int]:
    """Of all these readers (one statement): whose names may be said at the shelf."""
    query = select(Membership.id).outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
    return frozenset(session.scalars(query.where(who)))


def namesakes(people: Sequence[tuple[str, str]]) -> list[str]:
    """For (class, full name) in order: "A", "B"… where several of one class are called alike, else ''."""
    called = [(group, given_name(name)) for group, name in people]
    many, seen = Counter(called), Counter[tuple[str, str]]()
    labels = []
    for one in called:
        labels.append(chr(ord("A") + min(seen[one], 25)) if many[one] > 1 else "")
        seen[one] += 1
    return labels


def _books(session: Session, readers: Sequence[int]) -> dict[int, list[Kept]]:
    """Whatever they have, the library's books too: it is the same satchel."""
    query = (
        select(Loan.membership_id, Loan.id, Item.uid, Record.title, Record.part_number, Loan.lent_at, Loan.due_on)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id.in_(readers), still_out(), Loan.on_site.is_(False))
        .order_by(Loan.due_on, Loan.id)
    )
    found: dict[int, list[Kept]] = {}
    for reader, loan, item, title, part, lent_at, due_on in session.execute(query):
        assert reader is not None
        told = f"{title} – {part}" if part else title
        found.setdefault(reader, []).append(Kept(loan, item, told, lent_at, due_on))
    return found
