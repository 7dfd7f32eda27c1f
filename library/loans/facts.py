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
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Contributor, LocalRecord, Record, Role
from library.core.clock import day_of
from library.core.db import straight
from library.core.fold import code_keys
from library.holdings.models import Condition, Item, ItemCode, Place, PlaceKind, Register, Stay, Transfer
from library.loans import holds_queue
from library.loans.models import Compensation, Hold, Loan, Suspension, still_out
from library.loans.rules import Copy, Standing
from library.organisations.models import Code, CodeKind, Organisation
from library.patrons.models import Card, Category, GroupReader, Membership, Person, SchoolClass


@dataclass(frozen=True)
class Desk:
    """Where the scanner is."""

    library_id: int
    network_id: int
    branch_id: int
    place_id: int | None = None
    """A stop: its own openings say when a book is due."""


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
_READER: BindParameter[Any] = bindparam("reader", type_=Membership.id.type)
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


def the_one(found: Sequence[Found], named: str | None = None) -> Found | None:
    """The one that was named when the page asked which ("item-7"), else the nearest, if it is the only one so near; None
    when two answer alike, or none."""
    said = [one for one in found if named == f"item-{one.id}"]
    if said:
        return said[0]
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
    """A reader as the desk sees them. `holds`: what they hold, by what the rules sort copies by. `own_most`: a group's
    own limit."""

    membership_id: int
    uid: UUID
    full_name: str
    category: str
    category_id: int
    category_group: str
    library_id: int
    class_id: int | None
    class_name: str | None
    grade: int | None
    card: str | None
    standing: Standing
    own_most: int | None = None
    holds: Sequence["Holding"] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Holding:
    """How many open loans of one sort a reader has, and how many of them are late."""

    item_class_id: int | None
    kind: str | None
    format: str | None
    on_site: bool
    count: int
    late: int


def reader(session: Session, who: UUID | int, desk: Desk, today: date) -> ReaderFacts | None:
    """Two statements, however much they hold: the person and the card, what they owe; their open loans by sort.

    None: nobody of this network.
    """
    query = _reading(by_uid=isinstance(who, UUID))
    row = straight(session).execute(query, {"who": who, "today": today, **_where(desk)}).one_or_none()
    if row is None:
        return None
    loans = {"reader": row.id, "today": today}
    holds = [Holding(*one) for one in straight(session).execute(_counting(), loans)]
    return ReaderFacts(
        row.id, row.uid, row.full_name, row.code, row.category_id, row.group, row.library_id, row.class_id,
        row.class_name, row.grade, row.printed, _standing(row, holds, desk), row.most, holds,
    )  # fmt: skip


def _standing(row: Any, holds: Sequence[Holding], desk: Desk) -> Standing:
    return Standing(
        held=sum(one.count for one in holds if not one.on_site),
        on_site=sum(one.count for one in holds if one.on_site),
        overdue=sum(one.late for one in holds),
        expires_on=row.expires_on,
        ended_on=row.to_on,
        blocked_until=row.blocked_until,
        blocked_why=row.blocked_why,
        suspended_until=row.suspended,
        card_lost=bool(row.lost),
        debt=int(row.debt),
        born_on=row.born_on,
        note=row.note,
        elsewhere=row.library_name if row.library_id != desk.library_id else None,
    )


@cache
def _reading(by_uid: bool) -> Executable:
    suspended = (
        select(func.max(Suspension.until_on))
        .where(Suspension.membership_id == Membership.id, Suspension.until_on >= _TODAY)
        .where(Suspension.voided.is_(False), Suspension.lifted_at.is_(None))
        .scalar_subquery()
    )
    debt = (
        select(func.coalesce(func.sum(Compensation.amount), 0))
        .where(Compensation.membership_id == Membership.id)
        .where(Compensation.settled_at.is_(None), Compensation.voided.is_(False))
        .scalar_subquery()
    )
    return (
        select(
            Membership.id, Membership.uid, Person.full_name, Category.code, Category.group, Membership.class_id,
            SchoolClass.name.label("class_name"), SchoolClass.grade, Code.printed, Card.lost, Membership.library_id,
            Organisation.name.label("library_name"), Membership.expires_on, Membership.to_on, Membership.blocked_until,
            Membership.blocked_why, Membership.note, Person.born_on, Membership.category_id, GroupReader.most,
            suspended.label("suspended"), debt.label("debt"),
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Card, and_(Card.membership_id == Membership.id, Card.ended_at.is_(None)))
        .outerjoin(Code, Code.id == Card.code_id)
        .outerjoin(GroupReader, GroupReader.membership_id == Membership.id)
        .where(Membership.uid == bindparam("who") if by_uid else Membership.id == bindparam("who"))
        .where(Person.network_id == _NETWORK)
    )  # fmt: skip


@cache
def _counting() -> Executable:
    # A book the reader says is back blocks nobody while it is looked for.
    late = func.sum(case((and_(Loan.due_on < _TODAY, Loan.claimed_at.is_(None)), 1), else_=0))
    sort = (Item.item_class_id, Record.kind, Record.format, Loan.on_site)
    return (
        select(*sort, func.count(), late)
        .select_from(Loan)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id == bindparam("reader"), still_out())
        .group_by(*sort)
    )


@cache
def _lost_cards() -> Executable:
    return (
        select(Code.id)
        .join(Card, Card.code_id == Code.id)
        .join(Organisation, Organisation.id == Code.issuer_id)
        .where(Code.folded.in_(_KEYS), Card.lost, Organisation.network_id == _NETWORK)
        .limit(1)
    )


def is_lost_card(session: Session, text: str, desk: Desk) -> bool:
    """Whether this was somebody's card until they reported it lost."""
    keys = {"keys": list(code_keys(text)), **_where(desk)}
    return straight(session).execute(_lost_cards(), keys).first() is not None


def named(session: Session, membership_id: int) -> tuple[str, str | None, int]:
    """Full name, class and category of a reader (one statement)."""
    query = (
        select(Person.full_name, SchoolClass.name, Membership.category_id)
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.id == membership_id)
    )
    name, group, category = straight(session).execute(query).one()
    return name, group, category


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
    """A copy as the desk sees it, with its open loan, its stay, who waits for it and where it is asked to go.

    `kind`: words its cover is drawn from; `known`: 2 if the reader holds another copy of the title, 1 if they had it.
    """

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
    library_id: int
    library_name: str
    branch_id: int
    place_kind: PlaceKind
    place_branch_id: int
    home_id: int
    home_name: str
    home_branch_id: int
    seen_at: datetime
    class_mark: str | None
    level: int | None
    item_class_id: int | None
    record_kind: str | None
    format: str | None
    least_age: int | None
    parts: str | None
    condition: Condition
    note: str | None
    loan_id: int | None
    lent_to: int | None
    due_on: date | None
    renewals: int | None
    unseen_renewals: int | None
    on_site: bool | None
    has_penalty: bool
    lost_at: datetime | None
    claimed_at: datetime | None
    owed_for: bool
    holder: str | None
    holder_class: str | None
    stay_place_id: int | None
    stay_name: str | None
    stay_branch_id: int | None
    kept_for: int | None
    kept_branch_id: int | None
    kept_ready_at: datetime | None
    kept_place_id: int | None
    kept_place: str | None
    waiting: int
    reader_waits: bool
    transfer_id: int | None
    transfer_to: str | None
    transfer_place_id: int | None
    transfer_branch_id: int | None
    known: int | None
    patrons_place: int
    processing_place: int
    holds_place: int

    @property
    def full_title(self) -> str:
        return f"{self.title} – {self.part}" if self.part else self.title

    @property
    def is_out(self) -> bool:
        """Out of the register: never lent, never shelved."""
        return self.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE)

    @property
    def is_lost(self) -> bool:
        """Somebody or the night said so, or a stocktake did not find it."""
        return self.lost_at is not None or self.place_kind is PlaceKind.UNKNOWN

    def standing(self, reader_id: int | None, sort: str | None = None) -> Copy:
        """For the rules: kept for another means kept, and not for this reader."""
        other = self.kept_for is not None and self.kept_for != reader_id
        return Copy(
            register=self.register, not_for_loan=self.not_for_loan, kept_for_other=other,
            kept_ready=other and self.kept_ready_at is not None, sort=sort, parts=self.parts, least_age=self.least_age,
            is_lost=self.is_lost, lost_on=day_of(self.lost_at) if self.lost_at else None,
            in_repair=self.place_kind is PlaceKind.REPAIR, condition=self.condition, note=self.note,
            has_title=self.known == HAS_IT, had_title=self.known == HAD_IT,
        )  # fmt: skip


HAD_IT, HAS_IT = 1, 2


def copy(session: Session, item_id: int, desk: Desk, today: date, reader_id: int | None = None) -> CopyFacts:
    """One statement: title, where it is and stays, its open loan and holder, who waits for it, whether the reader knows
    the title."""
    asked = {"item": item_id, "today": today, "reader": reader_id, **_where(desk)}
    return CopyFacts(*straight(session).execute(_copying(), asked).one())


def as_of(session: Session, copy: CopyFacts, at: datetime) -> CopyFacts:
    """The same copy with the loan it had at that moment, for a scan that comes late."""
    query = (
        select(
            Loan.id, Loan.membership_id, Loan.due_on, Loan.renewals, Loan.unseen_renewals, Loan.on_site,
            penalised(Loan.penalty), Person.full_name, SchoolClass.name,
        )
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Loan.item_id == copy.id, Loan.voided.is_(False), Loan.lent_at < at)
        .where(or_(Loan.ended_at.is_(None), Loan.ended_at > at))
        .order_by(Loan.lent_at.desc())
        .limit(1)
    )  # fmt: skip
    row: Sequence[Any] = session.execute(query).one_or_none() or (None,) * 6 + (False, None, None)
    names = (
        "loan_id", "lent_to", "due_on", "renewals", "unseen_renewals", "on_site", "has_penalty", "holder",
        "holder_class",
    )  # fmt: skip
    then: dict[str, Any] = dict(zip(names, row, strict=True))
    return replace(copy, **then)


@cache
def _copying() -> Executable:
    home, stay_place, target, kept_place = (aliased(Place) for _ in range(4))
    holder_class = aliased(SchoolClass)
    author = (
        select(Contributor.name)
        .where(Contributor.record_id == Record.id, Contributor.role == Role.AUTHOR)
        .order_by(Contributor.position)
        .limit(1)
        .scalar_subquery()
    )
    owed = (
        select(Compensation.id)
        .where(Compensation.item_id == Item.id, Compensation.settled_at.is_(None), Compensation.voided.is_(False))
        .exists()
    )
    own = aliased(Hold)
    waits = (
        select(own.id)
        .where(own.record_id == Item.record_id, own.membership_id == _READER, own.ended_at.is_(None))
        .exists()
    )
    return (
        select(
            Item.id, Item.uid, Item.record_id, Record.title, Record.part_number,
            author.label("author"), _drawn_as().label("drawn"), Item.accession, Item.register_status, Item.not_for_loan,
            Item.library_id, Organisation.name.label("library_name"), Item.branch_id, Place.kind.label("place_kind"),
            Place.branch_id.label("place_branch"), Item.home_id, home.name.label("home_name"),
            home.branch_id.label("home_branch"), Item.seen_at, func.coalesce(Record.class_mark, Record.ddc).label("mark"),
            LocalRecord.reading_level, Item.item_class_id, Record.kind.label("record_kind"), Record.format, Record.least_age,
            Item.parts, Item.condition, Item.note,
            Loan.id.label("loan_id"), Loan.membership_id, Loan.due_on, Loan.renewals, Loan.unseen_renewals, Loan.on_site,
            penalised(Loan.penalty).label("has_penalty"), Loan.lost_at, Loan.claimed_at, owed.label("owed"),
            Person.full_name.label("holder"), holder_class.name.label("holder_class"),
            Stay.place_id.label("stay_id"), stay_place.name.label("stay_name"), stay_place.branch_id.label("stay_branch"),
            Hold.membership_id.label("kept_for"), Hold.branch_id.label("kept_branch"), Hold.ready_at,
            Hold.place_id.label("kept_place_id"), kept_place.name.label("kept_place"),
            holds_queue.waiting_count(Record.id, Item.id, _TODAY).label("waiting"), waits.label("waits"),
            Transfer.id.label("transfer_id"), target.name.label("transfer_to"), target.id.label("target_id"),
            target.branch_id.label("target_branch"), _known_title().label("known"),
            *(_first(kind) for kind in (PlaceKind.WITH_PATRONS, PlaceKind.PROCESSING, PlaceKind.HOLD_SHELF)),
        )
        .select_from(Item)
        .join(Record, Record.id == Item.record_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Place, Place.id == Item.place_id)
        .join(home, home.id == Item.home_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == _LIBRARY))
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out()))
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(holder_class, holder_class.id == Membership.class_id)
        .outerjoin(Stay, and_(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None)))
        .outerjoin(stay_place, stay_place.id == Stay.place_id)
        .outerjoin(Hold, and_(Hold.item_id == Item.id, Hold.ended_at.is_(None)))
        .outerjoin(kept_place, kept_place.id == Hold.place_id)
        .outerjoin(Transfer, and_(Transfer.item_id == Item.id, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None)))
        .outerjoin(target, target.id == Transfer.to_id)
        .where(Item.id == bindparam("item"))
    )  # fmt: skip


def penalised(penalty: Any) -> ColumnElement[bool]:
    """Whether a late return is followed by anything. JSON null is how "nothing" is kept."""
    return and_(penalty.is_not(None), cast(penalty, Text) != "null")


def _known_title() -> ScalarSelect[int]:
    """Inside the copy's statement: has the reader a copy of this title (2), or had one (1)?"""
    other, loan = aliased(Item), aliased(Loan)
    degree = case((loan.ended_at.is_(None), HAS_IT), else_=HAD_IT)
    mine = (loan.membership_id == _READER, loan.voided.is_(False), or_(other.id != Item.id, loan.ended_at.is_not(None)))
    lent = select(func.max(degree)).select_from(other).join(loan, loan.item_id == other.id)
    return lent.where(*mine, other.record_id == Item.record_id).scalar_subquery()


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
        .where(Loan.membership_id == bindparam("reader"), still_out())
        .order_by(Loan.due_on, Loan.id)
        .limit(bindparam("most"))
    )
