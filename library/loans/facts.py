"""What the desk must know before it decides: whose code this is, who the reader is, what the copy is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    ScalarSelect,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Contributor, LocalRecord, Record, Role
from library.core.db import straight
from library.core.fold import code_keys
from library.holdings.models import Item, ItemCode, Place, PlaceKind, Register, Stay, Transfer
from library.loans.models import Hold, Loan, Terms
from library.loans.rules import Copy, Lengths, Standing
from library.organisations.models import Code, CodeKind, Organisation
from library.patrons.models import Card, Category, GroupReader, Membership, Person, SchoolClass

_OPEN_LOAN = and_(Loan.ended_at.is_(None), Loan.voided.is_(False))


@dataclass(frozen=True)
class Desk:
    """Where the scanner is."""

    library_id: int
    network_id: int
    branch_id: int


def _where(desk: Desk) -> dict[str, int]:
    return {"library": desk.library_id, "network": desk.network_id, "branch": desk.branch_id}


@dataclass(frozen=True)
class Found:
    """What a code stands for: a copy (item id) or a card (membership id). `rank`: 0 is here, larger is farther."""

    kind: CodeKind
    id: int
    rank: int


def resolve(session: Session, text: str, desk: Desk, at: datetime) -> list[Found]:
    """Whatever answers to the scanned text within this network at that moment, nearest first (one statement).

    The plain reading is tried first; only if nothing answers to it, what a Vietnamese keyboard may have made of it.
    """
    plain, *mangled = code_keys(text)
    return _resolve(session, [plain], desk, at) or (_resolve(session, mangled, desk, at) if mangled else [])


# Statements of the desk are built once, with places for values: building one anew costs more than the database does.
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_AT: BindParameter[Any] = bindparam("at", type_=Code.valid_from.type)
_LIBRARY: BindParameter[Any] = bindparam("library")
_NETWORK: BindParameter[Any] = bindparam("network")
_BRANCH: BindParameter[Any] = bindparam("branch")
_TODAY: BindParameter[Any] = bindparam("today", type_=Loan.due_on.type)


@cache
def _resolving() -> Executable:
    good = and_(Code.folded.in_(_KEYS), Code.valid_from <= _AT, or_(Code.valid_to.is_(None), Code.valid_to > _AT))
    issuer_here = (Code.issuer_id != _LIBRARY).label("far")
    cards = (
        select(
            literal("card").label("kind"), Card.membership_id.label("id"), issuer_here, literal(False).label("where")
        )
        .select_from(Code)
        .join(Card, Card.code_id == Code.id)
        .join(Organisation, Organisation.id == Code.issuer_id)
        .where(good, Organisation.network_id == _NETWORK)
    )
    place_branch = (Place.branch_id != _BRANCH).label("where")
    foreign = (Item.library_id != _LIBRARY).label("far")
    copies = (
        select(literal("item"), ItemCode.item_id, foreign, place_branch)
        .select_from(Code)
        .join(ItemCode, ItemCode.code_id == Code.id)
        .join(Item, Item.id == ItemCode.item_id)
        .join(Place, Place.id == Item.place_id)
        .join(Organisation, Organisation.id == Code.issuer_id)
        .where(good, Organisation.network_id == _NETWORK)
    )
    labels = (
        select(literal("item"), Item.id, foreign, place_branch)
        .join(Place, Place.id == Item.place_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .where(Item.accession_folded.in_(_KEYS), Organisation.network_id == _NETWORK)
    )
    return union_all(cards, copies, labels)


def _resolve(session: Session, keys: Sequence[str], desk: Desk, at: datetime) -> list[Found]:
    rows = straight(session).execute(_resolving(), {"keys": list(keys), "at": at, **_where(desk)}).all()
    found = {(row[0], row[1]): Found(CodeKind(row[0]), row[1], _rank(bool(row[2]), bool(row[3]))) for row in rows}
    return sorted(found.values(), key=lambda one: (one.rank, one.id))


def _rank(far: bool, away: bool) -> int:
    """Here now, then owned here, then anywhere."""
    return 0 if not away else 1 if not far else 2


def the_one(found: Sequence[Found]) -> Found | None:
    """The nearest, if it is the only one so near; None when two answer alike."""
    nearest = [one for one in found if one.rank == found[0].rank]
    return nearest[0] if len(nearest) == 1 else None


def lock(session: Session, reader_uid: UUID | None, item_id: int) -> None:
    """Reader before copy, in one statement; on SQLite the write ticket has locked everything already."""
    if session.get_bind().dialect.name == "sqlite":
        return
    hand, both = straight(session), {"uid": reader_uid, "item": item_id}
    if reader_uid is not None and hand.execute(_locking_both(), both).first():
        return
    hand.execute(_locking_copy(), {"item": item_id})


@cache
def _locking_both() -> Executable:
    both = select(Membership.id).join(Item, true())
    mine = both.where(Membership.uid == bindparam("uid"), Item.id == bindparam("item"))
    return mine.with_for_update(key_share=True, of=(Membership, Item))


@cache
def _locking_copy() -> Executable:
    return select(Item.id).where(Item.id == bindparam("item")).with_for_update(key_share=True)


@dataclass(frozen=True)
class ReaderFacts:
    """A reader as the desk sees them."""

    membership_id: int
    uid: UUID
    full_name: str
    category: str
    category_group: str
    class_id: int | None
    class_name: str | None
    grade: int | None
    card: str | None
    standing: Standing


def reader(session: Session, who: UUID | int, desk: Desk, today: date) -> ReaderFacts | None:
    """One statement: the person, the card, what they hold and the terms that hold for them here. None: not of here."""
    query = _reading(by_uid=isinstance(who, UUID))
    row = straight(session).execute(query, {"who": who, "today": today, **_where(desk)}).one_or_none()
    if row is None:
        return None
    terms = None
    if row.days is not None:
        terms = Lengths(row.days, row.most, row.renewals, row.overdue_blocks, row.due_within_card)
    standing = Standing(
        terms, row.held, row.late, row.expires_on, row.to_on, row.blocked_until, bool(row.lost),
        row.library_name if row.library_id != desk.library_id else None,
    )  # fmt: skip
    return ReaderFacts(
        row.id,
        row.uid,
        row.full_name,
        row.code,
        row.group,
        row.class_id,
        row.class_name,
        row.grade,
        row.printed,
        standing,
    )


@cache
def _reading(by_uid: bool) -> Executable:
    held = select(func.count()).where(Loan.membership_id == Membership.id, _OPEN_LOAN).scalar_subquery()
    late = (
        select(func.count())
        .where(Loan.membership_id == Membership.id, _OPEN_LOAN, Loan.due_on < _TODAY)
        .scalar_subquery()
    )
    mine = or_(Terms.category_id == Membership.category_id, Terms.category_id.is_(None))
    return (
        select(
            Membership.id, Membership.uid, Person.full_name, Category.code, Category.group, Membership.class_id,
            SchoolClass.name.label("class_name"), SchoolClass.grade, Code.printed, Card.lost, Membership.library_id,
            Organisation.name.label("library_name"), Membership.expires_on, Membership.to_on, Membership.blocked_until,
            held.label("held"), late.label("late"), Terms.days,
            func.coalesce(GroupReader.most, Terms.most).label("most"), Terms.renewals, Terms.overdue_blocks,
            Terms.due_within_card,
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Card, and_(Card.membership_id == Membership.id, Card.ended_at.is_(None)))
        .outerjoin(Code, Code.id == Card.code_id)
        .outerjoin(Terms, and_(Terms.library_id == _LIBRARY, mine))
        .outerjoin(GroupReader, GroupReader.membership_id == Membership.id)
        .where(Membership.uid == bindparam("who") if by_uid else Membership.id == bindparam("who"))
        .where(Person.network_id == _NETWORK)
        .order_by(Terms.category_id.is_(None))
        .limit(1)
    )  # fmt: skip


def membership_here(session: Session, membership_id: int, library_id: int) -> int:
    """The same person's membership at this library if they have one, else the one given."""
    given = aliased(Membership)
    query = (
        select(Membership.id)
        .join(given, given.person_id == Membership.person_id)
        .where(given.id == membership_id, Membership.library_id == library_id, Membership.to_on.is_(None))
    )
    return session.scalar(query) or membership_id


@dataclass(frozen=True)
class CopyFacts:
    """A copy as the desk sees it."""

    id: int
    uid: UUID
    record_id: int
    title: str
    part: str | None
    author: str | None
    kind: str | None
    accession: str | None
    register: Register
    not_for_loan: bool
    library_name: str
    place_branch_id: int
    home_id: int
    home_name: str
    home_branch_id: int
    seen_at: datetime
    class_mark: str | None
    level: int | None
    loan_id: int | None
    lent_to: int | None
    due_on: date | None
    renewals: int | None
    holder: str | None
    holder_class: str | None
    stay_place_id: int | None
    stay_name: str | None
    stay_branch_id: int | None
    kept_for: int | None
    waiting: int
    transfer_to: str | None
    patrons_place: int
    processing_place: int
    holds_place: int

    @property
    def full_title(self) -> str:
        return f"{self.title} – {self.part}" if self.part else self.title

    def standing(self, reader_id: int | None) -> Copy:
        """For the rules: kept for another means kept, and not for this reader."""
        return Copy(self.register, self.not_for_loan, self.kept_for is not None and self.kept_for != reader_id)


def copy(session: Session, item_id: int, desk: Desk) -> CopyFacts:
    """One statement: title, where it is and stays, its open loan and holder, who waits for it."""
    return CopyFacts(*straight(session).execute(_copying(), {"item": item_id, **_where(desk)}).one())


def as_of(session: Session, copy: CopyFacts, at: datetime) -> CopyFacts:
    """The same copy with the loan it had at that moment, for a scan that comes late."""
    query = (
        select(Loan.id, Loan.membership_id, Loan.due_on, Loan.renewals, Person.full_name, SchoolClass.name)
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Loan.item_id == copy.id, Loan.voided.is_(False), Loan.lent_at < at)
        .where(or_(Loan.ended_at.is_(None), Loan.ended_at > at))
        .order_by(Loan.lent_at.desc())
        .limit(1)
    )
    row: Sequence[Any] = session.execute(query).one_or_none() or (None,) * 6
    names = ("loan_id", "lent_to", "due_on", "renewals", "holder", "holder_class")
    then: dict[str, Any] = dict(zip(names, row, strict=True))
    return replace(copy, **then)


@cache
def _copying() -> Executable:
    home, stay_place, holder_class, target = aliased(Place), aliased(Place), aliased(SchoolClass), aliased(Place)
    author = (
        select(Contributor.name)
        .where(Contributor.record_id == Record.id, Contributor.role == Role.AUTHOR)
        .order_by(Contributor.position)
        .limit(1)
        .scalar_subquery()
    )
    queue = aliased(Hold)
    waiting = (
        select(func.count())
        .where(queue.record_id == Record.id, queue.branch_id == _BRANCH)
        .where(queue.ended_at.is_(None), queue.item_id.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            Item.id, Item.uid, Item.record_id, Record.title, Record.part_number,
            author.label("author"), _drawn_as().label("drawn"), Item.accession, Item.register_status, Item.not_for_loan,
            Organisation.name.label("library_name"), Place.branch_id.label("place_branch"), Item.home_id, home.name.label("home_name"),
            home.branch_id.label("home_branch"), Item.seen_at, func.coalesce(Record.class_mark, Record.ddc).label("mark"),
            LocalRecord.reading_level, Loan.id.label("loan_id"), Loan.membership_id, Loan.due_on, Loan.renewals,
            Person.full_name.label("holder"), holder_class.name.label("holder_class"),
            Stay.place_id.label("stay_id"), stay_place.name.label("stay_name"), stay_place.branch_id.label("stay_branch"),
            Hold.membership_id.label("kept_for"), waiting.label("waiting"), target.name.label("transfer_to"),
            *(_first(kind) for kind in (PlaceKind.WITH_PATRONS, PlaceKind.PROCESSING, PlaceKind.HOLD_SHELF)),
        )
        .select_from(Item)
        .join(Record, Record.id == Item.record_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Place, Place.id == Item.place_id)
        .join(home, home.id == Item.home_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == _LIBRARY))
        .outerjoin(Loan, and_(Loan.item_id == Item.id, _OPEN_LOAN))
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(holder_class, holder_class.id == Membership.class_id)
        .outerjoin(Stay, and_(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None)))
        .outerjoin(stay_place, stay_place.id == Stay.place_id)
        .outerjoin(Hold, and_(Hold.item_id == Item.id, Hold.ended_at.is_(None)))
        .outerjoin(Transfer, and_(Transfer.item_id == Item.id, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None)))
        .outerjoin(target, target.id == Transfer.to_id)
        .where(Item.id == bindparam("item"))
    )  # fmt: skip


def _first(kind: PlaceKind) -> ScalarSelect[int]:
    """The desk's own place of a kind, inside another statement."""
    own = aliased(Place)
    mine = select(func.min(own.id)).where(own.branch_id == _BRANCH, own.kind == kind)
    return mine.scalar_subquery()


def _drawn_as() -> ColumnElement[str]:
    """What the cover is drawn from: class number, subjects, kind; the same as in the catalogue."""
    said = (Record.ddc, Record.subjects, Record.kind)
    return func.coalesce(said[0], "") + " " + func.coalesce(said[1], "") + " " + func.coalesce(said[2], "")


@dataclass(frozen=True)
class Held:
    """A book the reader has."""

    title: str
    part: str | None
    author: str | None
    kind: str | None
    accession: str | None
    lent_at: datetime
    due_on: date


def held_by(session: Session, membership_id: int, most: int = 40) -> list[Held]:
    """What the reader holds, soonest due first; at most `most` are listed (one statement)."""
    return [Held(*row) for row in straight(session).execute(_holding(), {"reader": membership_id, "most": most})]


@cache
def _holding() -> Executable:
    author = (
        select(Contributor.name).where(Contributor.record_id == Record.id, Contributor.position == 0).scalar_subquery()
    )
    return (
        select(Record.title, Record.part_number, author, _drawn_as(), Item.accession, Loan.lent_at, Loan.due_on)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id == bindparam("reader"), _OPEN_LOAN)
        .order_by(Loan.due_on, Loan.id)
        .limit(bindparam("most"))
    )
