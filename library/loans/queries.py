"""Questions the desk's page asks: readers by name, classes, the day so far."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.catalogue.models import Record
from library.core import clock
from library.core.fold import clean, fold, fold_words, given_name
from library.holdings.models import Item, Movement
from library.inbox.models import Entry
from library.loans.models import Loan, still_out
from library.patrons import words
from library.patrons.models import Membership, Person, SchoolClass
from library.patrons.words import Among
from library.uses.models import DocumentUse, UseKind

RANKED = 200
"""So many of those found are put in order of nearness."""


@dataclass(frozen=True)
class Known:
    """A reader to pick from a list."""

    uid: UUID
    name: str
    class_name: str | None
    born: date | None
    held: int


def _readers() -> Any:
    held = select(func.count()).where(Loan.membership_id == Membership.id, still_out()).scalar_subquery()
    return (
        select(Membership.uid, Person.full_name, SchoolClass.name, Person.born_on, held)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.to_on.is_(None))
    )


def readers_named(session: Session, library_id: int, text: str, most: int = 8) -> list[Known]:
    """Readers of this library whose names have all these words, accents or not, the last one perhaps unfinished; or the
    first letters of whose names these are. Who is called so (tên) comes first, and who has the typed accents."""
    found = words.find(session, text, Among(frozenset([library_id])), RANKED)
    if not found.ids:
        return []
    names = select(Membership.id, Person.full_name).join(Person, Person.id == Membership.person_id)
    called: dict[int, str] = dict(session.execute(names.where(Membership.id.in_(found.ids))).all())
    first = sorted(found.ids, key=lambda one: _rank(called[one], text))[:most]
    rows = session.execute(_readers().add_columns(Membership.id).where(Membership.id.in_(first)))
    known = {row[-1]: Known(*row[:-1]) for row in rows}
    return [known[one] for one in first]


def _rank(name: str, typed: str) -> tuple[bool, bool]:
    """Those nearer to what was typed sort first."""
    said, called = clean(typed).casefold().split(), fold(given_name(name))
    marked = all(any(word.startswith(one) for word in clean(name).casefold().split()) for one in said)
    return not any(called.startswith(word) for word in fold_words(typed)), not marked


def readers_of_class(session: Session, library_id: int, class_uid: UUID) -> list[Known]:
    """The class's readers in the Vietnamese order of names."""
    query = _readers().where(Membership.library_id == library_id, SchoolClass.uid == class_uid)
    return [Known(*row) for row in session.execute(query.order_by(Person.name_sort).limit(100))]


def classes(session: Session, library_id: int, today: date) -> list[tuple[UUID, str]]:
    """This school year's classes; those of the latest year while none is running (summer)."""
    running = select(func.max(SchoolYear.from_on)).where(
        SchoolYear.organisation_id == library_id, SchoolYear.from_on <= today + timedelta(days=30)
    )
    query = (
        select(SchoolClass.uid, SchoolClass.name)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolClass.library_id == library_id, SchoolYear.from_on == running.scalar_subquery())
        .order_by(SchoolClass.grade, SchoolClass.name_sort)
    )
    return [(uid, name) for uid, name in session.execute(query)]


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of the day here, and of the next."""
    start = datetime.combine(day, time(), clock.HERE)
    return start, start + timedelta(days=1)


def tally(session: Session, branch_id: int, day: date) -> tuple[int, int, int]:
    """Lent, taken back, read in the house at a branch on a day."""
    since, until = bounds(day)
    lent = select(func.count()).where(
        Loan.branch_id == branch_id, Loan.lent_at.between(since, until), Loan.voided.is_(False)
    )
    back = select(func.count()).where(
        Loan.ended_branch_id == branch_id, Loan.ended_at.between(since, until), Loan.voided.is_(False)
    )
    read = select(func.coalesce(func.sum(DocumentUse.quantity), 0)).where(
        DocumentUse.branch_id == branch_id, DocumentUse.used_on == day, DocumentUse.kind == UseKind.IN_HOUSE
    )
    row = session.execute(select(lent.scalar_subquery(), back.scalar_subquery(), read.scalar_subquery())).one()
    return row[0], row[1], int(row[2])


def recent_answers(session: Session, account: UUID, most: int = 15) -> list[dict[str, Any]]:
    """What this account's scans were answered, newest first."""
    query = select(Entry.answer).where(Entry.account == account, Entry.answer.is_not(None))
    since = Entry.received_at > clock.now() - timedelta(hours=14)
    return [
        answer
        for answer in session.scalars(query.where(since).order_by(Entry.received_at.desc()).limit(most))
        if answer
    ]


def answer_to(session: Session, account: UUID, uid: UUID) -> dict[str, Any] | None:
    """The first answer to one message of this account."""
    return session.scalar(select(Entry.answer).where(Entry.uid == uid, Entry.account == account))


def title_of_act(session: Session, act_id: int) -> tuple[str, str | None]:
    """The book an act was about, with its accession number; the first of several."""
    query = (
        select(Record.title, Item.accession)
        .join(Item, Item.record_id == Record.id)
        .join(Movement, and_(Movement.item_id == Item.id, Movement.act_id == act_id))
        .order_by(Movement.id)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else ("", None)
