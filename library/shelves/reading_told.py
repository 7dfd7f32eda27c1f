"""What is known of a class's reading: who reads in it, how much, and which books, as far as somebody may know."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Item
from library.inbox.models import Act
from library.loans.models import EndWhy, Loan, still_out
from library.loans.queries import bounds
from library.patrons.models import Membership, Person, SchoolClass
from library.privacy.models import Consent, Purpose
from library.shelves import reading, tenures
from library.shelves.models import ReadingEntry, Shelf
from library.shelves.reading import Told
from library.uses.models import DocumentUse, UseKind


class NoClass(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-class", N_("Tủ này không của riêng lớp nào, nên không có sổ đọc.")))


@dataclass(frozen=True)
class Pupil:
    """Of the class, in the order of names. `history`: the family agreed that titles are remembered; `named`: that the
    name may stand on a board or a certificate."""

    id: int
    uid: UUID
    name: str
    history: bool
    named: bool


@dataclass(frozen=True)
class Read:
    """A line of one pupil's log: `title` is None where only the number is kept."""

    on: date
    title: str | None
    quantity: int
    how: str
    act: UUID | None = None


def class_of(session: Session, shelf: Shelf) -> SchoolClass:
    """The class that keeps the shelf. Raises NoClass."""
    tenure = tenures.current(session, shelf.id)
    if tenure is None or tenure.school_class is None:
        raise NoClass
    return tenure.school_class


def year_of(session: Session, library_id: int, today: date) -> tuple[date, date]:
    """First and last day of the school year (one statement)."""
    query = select(SchoolYear.from_on, SchoolYear.to_on).where(SchoolYear.organisation_id == library_id)
    return reading.in_years([(first, last) for first, last in session.execute(query)], today)


def pupils(session: Session, class_id: int) -> list[Pupil]:
    """Who reads in this class today (two statements)."""
    query = (
        select(Membership.id, Membership.uid, Person.full_name, Membership.person_id, Membership.library_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.class_id == class_id, Membership.to_on.is_(None))
        .order_by(Person.name_sort, Membership.id)
    )
    rows = session.execute(query).all()
    agreed = _agreed(session, [row.person_id for row in rows], {row.library_id for row in rows})
    return [
        Pupil(row.id, row.uid, row.full_name, (row.person_id, Purpose.HISTORY) in agreed, (row.person_id, Purpose.NAME) in agreed)
        for row in rows
    ]  # fmt: skip


def _agreed(session: Session, people: Collection[int], libraries: Collection[int]) -> set[tuple[int | None, Purpose]]:
    query = select(Consent.person_id, Consent.purpose).where(
        Consent.person_id.in_(people), Consent.library_id.in_(libraries), Consent.withdrawn_on.is_(None)
    )
    return {(person, purpose) for person, purpose in session.execute(query)}


def told(session: Session, members: Sequence[int], since: date, until: date) -> dict[int, Told]:
    """Each one's reading on these days, both included; in the order given (two statements)."""
    loans, entries = _loans(session, members, since, until), _entries(session, members, since, until)
    return {one: _together(loans.get(one), entries.get(one)) for one in members}


def _together(loans: tuple[int, int, datetime | None] | None, entries: tuple[int, date] | None) -> Told:
    returned, holding, lent_at = loans or (0, 0, None)
    ticked, read_on = entries or (0, None)
    days = [day for day in (lent_at and clock.day_of(lent_at), read_on) if day]
    return Told(returned, ticked, holding, max(days) if days else None)


def _loans(
    session: Session, members: Sequence[int], since: date, until: date
) -> dict[int, tuple[int, int, datetime | None]]:
    """{membership: (came back in the span, out now, last moved within the span)}"""
    first, after = bounds(since)[0], bounds(until)[1]
    came_back = (Loan.ended_at >= first) & (Loan.ended_at < after) & (Loan.ended_why == EndWhy.RETURNED)
    query = (
        select(
            Loan.membership_id, func.sum(case((came_back, 1), else_=0)), func.sum(case((still_out(), 1), else_=0)),
            func.max(case((Loan.lent_at < after, func.coalesce(Loan.ended_at, Loan.lent_at)))),
        )
        .where(Loan.membership_id.in_(members), Loan.voided.is_(False), Loan.lent_at < after)
        .where(or_(Loan.ended_at.is_(None), Loan.ended_at >= first))
        .group_by(Loan.membership_id)
    )  # fmt: skip
    return {who: (int(back), int(out), last) for who, back, out, last in session.execute(query)}


def _entries(session: Session, members: Sequence[int], since: date, until: date) -> dict[int, tuple[int, date]]:
    query = (
        select(ReadingEntry.membership_id, func.sum(ReadingEntry.quantity), func.max(ReadingEntry.read_on))
        .where(ReadingEntry.membership_id.in_(members), ReadingEntry.voided.is_(False))
        .where(ReadingEntry.read_on >= since, ReadingEntry.read_on <= until)
        .group_by(ReadingEntry.membership_id)
    )
    return {who: (int(many), last) for who, many, last in session.execute(query)}


def uses_of_class(session: Session, school_class: SchoolClass, since: date, until: date) -> int:
    """Books taken and read by the whole class, tallies without names included; to keep one longer is no new reading."""
    query = select(func.coalesce(func.sum(DocumentUse.quantity), 0)).where(
        DocumentUse.branch_id == school_class.branch_id, DocumentUse.class_name == school_class.name,
        DocumentUse.used_on >= since, DocumentUse.used_on <= until, DocumentUse.kind != UseKind.RENEWAL,
    )  # fmt: skip
    return int(session.scalar(query) or 0)


def of_pupil(session: Session, pupil: Pupil, since: date, until: date) -> list[Read]:
    """The log of one pupil, newest first. Titles of what came back are told only where the family agreed; those of books
    at home always: somebody must bring them back."""
    lines = [*_lent(session, pupil, since, until), *_written(session, pupil, since, until)]
    return sorted(lines, key=lambda line: line.on, reverse=True)


def _lent(session: Session, pupil: Pupil, since: date, until: date) -> list[Read]:
    first, after = bounds(since)[0], bounds(until)[1]
    query = (
        select(Loan.lent_at, Loan.ended_at, Record.title, Record.part_number)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id == pupil.id, Loan.voided.is_(False), Loan.lent_at < after)
        .where(or_(Loan.ended_at.is_(None), (Loan.ended_at >= first) & (Loan.ended_why == EndWhy.RETURNED)))
    )
    return [
        Read(
            clock.day_of(ended or lent), _title(title, part) if pupil.history or not ended else None, 1,
            "returned" if ended else "holding",
        )
        for lent, ended, title, part in session.execute(query)
    ]  # fmt: skip


def _title(title: str, part: str | None) -> str:
    return f"{title} – {part}" if part else title


def _written(session: Session, pupil: Pupil, since: date, until: date) -> list[Read]:
    query = (
        select(ReadingEntry, Record.title, Record.part_number, Act.uid)
        .join(Act, Act.id == ReadingEntry.act_id)
        .outerjoin(Record, Record.id == ReadingEntry.record_id)
        .where(ReadingEntry.membership_id == pupil.id, ReadingEntry.voided.is_(False))
        .where(ReadingEntry.read_on >= since, ReadingEntry.read_on <= until)
    )
    return [
        Read(entry.read_on, _title(title, part) if title and pupil.history else None, entry.quantity, entry.source, act)
        for entry, title, part, act in session.execute(query)
    ]


def recent(session: Session, shelf: Shelf, days: int = 14) -> list[tuple[UUID, date, int]]:
    """(act, day, books) of what was written down lately and stands, newest first: what may be undone."""
    query = (
        select(Act.uid, ReadingEntry.read_on, func.sum(ReadingEntry.quantity), func.max(Act.id))
        .join(Act, Act.id == ReadingEntry.act_id)
        .where(ReadingEntry.shelf_id == shelf.id, ReadingEntry.voided.is_(False))
        .where(Act.occurred_at >= clock.now() - timedelta(days=days))
        .group_by(Act.uid, ReadingEntry.read_on)
        .order_by(func.max(Act.id).desc())
        .limit(5)
    )
    return [(uid, on, int(books)) for uid, on, books, _ in session.execute(query)]
