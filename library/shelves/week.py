"""A teacher's week on one page: who is late, who has not read, what nobody takes, what comes next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.fold import given_name, name_key
from library.holdings.models import Item, Stay
from library.loans.models import Loan, still_out
from library.patrons.models import Membership, Person, SchoolClass
from library.shelves import board, reading, reading_told, stock, swaps_told, tenures
from library.shelves.models import Shelf, ShelfHelper, ShelfMode
from library.shelves.reading_told import Pupil
from library.shelves.stock import Belonging
from library.shelves.swaps_told import Coming
from library.uses.models import DocumentUse, UseKind, Visit

SPAN = timedelta(days=7)
SETTLED = timedelta(days=14)
"""A copy that came to the shelf more lately has had no time to be taken."""


@dataclass(frozen=True)
class Late:
    """A book that should have come back. `name` is whole, for the teacher; '' of somebody who does not read at the shelf."""

    name: str
    title: str
    due_on: date
    days: int

    @property
    def called(self) -> str:
        return given_name(self.name)


@dataclass(frozen=True)
class Never:
    """A copy of the shelf that nobody took since it came; `since` is None where it is at home there."""

    book: Belonging
    since: date | None


@dataclass(frozen=True)
class Sums:
    """Of the seven days: uses and visits at the shelf or by its class."""

    uses: int
    visits: int


@dataclass(frozen=True)
class Week:
    """The seven days up to `today`. `named`: who takes what is written down; else (a shelf of the smallest) nobody is idle
    and nothing untaken. `swap`: what is given and got next; `helpers`: whose turn it is."""

    today: date
    since: date
    class_name: str
    named: bool
    pupils: Sequence[Pupil]
    late: Sequence[Late]
    idle: Sequence[Pupil]
    never: Sequence[Never]
    books: Sequence[Belonging]
    swap: Sequence[Coming]
    helpers: Sequence[str]
    sums: Sums
    before: Sums

    @property
    def readers(self) -> int:
        return len(self.pupils) - len(self.idle)


def week(session: Session, shelf: Shelf, today: date) -> Week:
    """Also of a shelf that no class keeps: then nobody is named who does not hold one of its books."""
    tenure = tenures.current(session, shelf.id)
    of = tenure.school_class if tenure else None
    among = reading_told.pupils(session, of.id) if of else []
    since, books = today - SPAN + timedelta(days=1), stock.listed(session, shelf.place_id)
    named = shelf.mode is ShelfMode.SCAN
    named_at = board.ids(session, board.reads_here(shelf, tenure))
    return Week(
        today, since, of.name if of else "", named, among, late(session, books, among, named_at, today),
        idle(session, among, since, today) if named else [],
        never_taken(session, shelf.place_id, books, today) if named else [], books,
        swaps_told.next_of(session, shelf.id), _helpers(session, shelf.id, today),
        sums(session, shelf, of, since, today), sums(session, shelf, of, since - SPAN, since - timedelta(days=1)),
    )  # fmt: skip


def idle(session: Session, among: Sequence[Pupil], since: date, today: date) -> list[Pupil]:
    """Who neither took nor read anything on these days."""
    told = reading_told.told(session, [one.id for one in among], since, today)
    quiet = set(reading.idle(told, since))
    return [one for one in among if one.id in quiet]


def late(
    session: Session, books: Sequence[Belonging], among: Sequence[Pupil], named: Collection[int], today: date
) -> list[Late]:
    """Books of the shelf, and books of any place in the hands of the class, the longest overdue first.
    `named`: readers whose names may be said."""
    query = (
        select(Membership.id, Person.full_name, Record.title, Record.part_number, Loan.due_on)
        .join(Membership, Membership.id == Loan.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(still_out(), Loan.due_on < today)
        .where(Loan.membership_id.in_([one.id for one in among]) | Loan.id.in_(_loans_of(books)))
    )
    rows = [
        Late(name if who in named else "", f"{title} – {part}" if part else title, due_on, (today - due_on).days)
        for who, name, title, part, due_on in session.execute(query)
    ]
    return sorted(rows, key=lambda one: (one.due_on, name_key(one.name)))


def _loans_of(books: Sequence[Belonging]) -> list[int]:
    return [one.loan_id for one in books if one.loan_id is not None]


def never_taken(session: Session, place_id: int, books: Sequence[Belonging], today: date) -> list[Never]:
    """Copies that nobody took since they came to the shelf, those that came lately aside (two statements)."""
    ids = [one.item_id for one in books if one.loan_id is None]
    came = {item: clock.day_of(at) for item, at in session.execute(_arrivals(place_id, ids))}
    taken: dict[int | None, date] = dict(session.execute(_last_taken(ids)).all())
    settled = [one for one in books if one.loan_id is None and came.get(one.item_id, date.min) <= today - SETTLED]
    return [
        Never(one, came.get(one.item_id))
        for one in settled
        if taken.get(one.item_id, date.min) < came.get(one.item_id, today - timedelta(days=365))
    ]


def _arrivals(place_id: int, ids: Sequence[int]) -> Select[int, datetime]:
    return select(Stay.item_id, Stay.occurred_at).where(stock.open_stay(place_id), Stay.item_id.in_(ids))


def _last_taken(ids: Sequence[int]) -> Select[int | None, date]:
    back = select(DocumentUse.reverses_id).where(DocumentUse.reverses_id.is_not(None), DocumentUse.item_id.in_(ids))
    return (
        select(DocumentUse.item_id, func.max(DocumentUse.used_on))
        .where(DocumentUse.item_id.in_(ids), DocumentUse.quantity > 0, DocumentUse.id.not_in(back))
        .group_by(DocumentUse.item_id)
    )


def sums(session: Session, shelf: Shelf, of: SchoolClass | None, since: date, until: date) -> Sums:
    """At the shelf, and by its class elsewhere; to keep a book longer is no new use (two statements)."""
    used = DocumentUse.used_on.between(since, until), DocumentUse.kind != UseKind.RENEWAL
    came = Visit.visited_on.between(since, until)
    return Sums(
        _total(session, select(func.sum(DocumentUse.quantity)).where(_mine(DocumentUse, shelf, of), *used)),
        _total(session, select(func.sum(Visit.quantity)).where(_mine(Visit, shelf, of), came)),
    )


def _mine(table: type[DocumentUse] | type[Visit], shelf: Shelf, of: SchoolClass | None) -> ColumnElement[bool]:
    here = table.place_id == shelf.place_id
    return or_(here, and_(table.branch_id == of.branch_id, table.class_name == of.name)) if of else here


def _total(session: Session, query: Select[int]) -> int:
    return int(session.scalar(query) or 0)


def _helpers(session: Session, shelf_id: int, today: date) -> list[str]:
    query = (
        select(Person.full_name)
        .join(Membership, Membership.person_id == Person.id)
        .join(ShelfHelper, ShelfHelper.membership_id == Membership.id)
        .where(ShelfHelper.shelf_id == shelf_id, ShelfHelper.from_on <= today, ShelfHelper.to_on >= today)
        .group_by(Person.id)  # two rows of one pupil that became one may have had the same turn
        .order_by(Person.name_sort, Person.id)
    )
    return list(session.scalars(query))
