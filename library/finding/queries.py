"""What a page about titles needs to know: the library it is for, the titles with their copies, numbers on copies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.orm import Session, joinedload, selectinload

from library.catalogue.merged import is_merged
from library.catalogue.models import LocalRecord, Record
from library.core import clock
from library.core.errors import NotFound
from library.core.fold import code_keys
from library.finding import availability
from library.finding.availability import LENT, SHOWN, Spot
from library.holdings.models import Item, ItemCode, Place, PlaceKind, Receipt, Register
from library.loans.models import Loan
from library.organisations.models import Branch, Code, Organisation

DIGITS = (4, 5, 6)


@dataclass(frozen=True)
class Book:
    """A title as a page shows it, with what the library of the page says of it."""

    record: Record
    spots: list[Spot]
    level: int | None = None
    call_number: str | None = None

    @property
    def kind(self) -> str:
        """What the drawn cover goes by."""
        return " ".join(filter(None, (self.record.ddc, self.record.subjects, self.record.kind)))

    @property
    def free(self) -> int:
        return sum(spot.free for spot in self.spots)

    @property
    def copies(self) -> int:
        return sum(spot.copies for spot in self.spots)

    @property
    def spine(self) -> list[str]:
        """The lines to look for on the spine."""
        if self.call_number:
            return self.call_number.split(maxsplit=1)
        return [mark for mark in (self.record.ddc or self.record.class_mark, self.record.title_code) if mark]


def library_at(session: Session, slug: str) -> Organisation:
    """The library of an address. Raises NotFound; one that has a successor is still found, see `successor`."""
    found = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None or (_is_closed(found) and found.successor_id is None):
        raise NotFound
    return found


def successor(session: Session, library: Organisation) -> Organisation | None:
    """Who took over from a library that is no more."""
    if not _is_closed(library) or library.successor_id is None:
        return None
    return session.get(Organisation, library.successor_id)


def _is_closed(library: Organisation) -> bool:
    return library.to_on is not None and library.to_on <= clock.today()


def _living() -> ColumnElement[bool]:
    return or_(Organisation.to_on.is_(None), Organisation.to_on > clock.today())


def roots(session: Session) -> Sequence[Organisation]:
    """The libraries that stand at the head of a network, by name."""
    query = select(Organisation).where(Organisation.network_id == Organisation.id, _living())
    return session.scalars(query.order_by(Organisation.name)).all()


def shares_titles(session: Session, network_id: int | None, besides: Iterable[int]) -> bool:
    """Whether the network has libraries besides these."""
    query = select(Organisation.id).where(Organisation.network_id == network_id, _living())
    return session.scalar(query.where(Organisation.id.not_in(list(besides))).limit(1)) is not None


def books(
    session: Session, record_ids: Sequence[int], library_id: int | None, own: Iterable[int] = (),
    among: ColumnElement[bool] | None = None,
) -> list[Book]:  # fmt: skip
    """These titles in this order, as `library_id` knows them. Four statements, however many there are."""
    if not record_ids:
        return []
    local = select(LocalRecord.record_id, LocalRecord.reading_level, LocalRecord.call_number).where(
        LocalRecord.library_id == library_id, LocalRecord.record_id.in_(record_ids)
    )
    said = {record_id: (level, call_number) for record_id, level, call_number in session.execute(local)}
    spots = availability.spots(session, record_ids, own or [library_id or 0], among)
    found = records(session, record_ids)
    return [Book(record, spots[record.id], *said.get(record.id, (None, None))) for record in found]


def records(session: Session, record_ids: Sequence[int]) -> list[Record]:
    """These titles with their people, in this order (two statements)."""
    query = select(Record).where(Record.id.in_(record_ids)).options(selectinload(Record.contributors))
    found = {record.id: record for record in session.scalars(query)} if record_ids else {}
    return [found[one] for one in record_ids if one in found]


def by_uid(session: Session, uid: object, scope: ColumnElement[bool]) -> Record:
    """Raises NotFound, also for a title of another network and for one that was merged."""
    mine = select(Record).where(Record.uid == uid, scope, ~is_merged())
    found = session.scalar(mine.options(selectinload(Record.contributors)))
    if found is None:
        raise NotFound
    return found


def by_number(session: Session, text: str, copies: ColumnElement[bool], most: int = 20) -> list[int]:
    """Ids of titles with a copy (among `copies`) that carries this accession number or code: TN.00627, tn 627."""
    keys = _keys(text)
    if not keys:
        return []
    listed = select(Item.record_id).where(Item.accession_folded.in_(keys), copies, Item.register_status.in_(SHOWN))
    coded = (
        select(Item.record_id)
        .join(ItemCode, ItemCode.item_id == Item.id)
        .join(Code, Code.id == ItemCode.code_id)
        .where(Code.folded.in_(keys), Code.valid_to.is_(None), copies, Item.register_status.in_(SHOWN))
    )
    return sorted(session.scalars(union(listed, coded).limit(most)))


def _keys(text: str) -> list[str]:
    """Folded numbers that may be meant; none for text without a figure."""
    if not any(map(str.isdigit, text)) or len(text) > 40:
        return []
    keys = dict.fromkeys(code_keys(text)[:16])
    for key in list(keys):
        if found := re.fullmatch(r"([A-Z]+)0*(\d{1,6})", key):
            keys |= dict.fromkeys(f"{found[1]}{int(found[2]):0{width}}" for width in DIGITS)
    return [key for key in keys if key]


def newest(session: Session, library_id: int, most: int = 12) -> list[int]:
    """Ids of the titles that came to a library last, newest first."""
    latest = select(Receipt.id).where(Receipt.library_id == library_id).order_by(Receipt.received_on.desc()).limit(3)
    query = (
        select(Item.record_id, func.max(Item.id))
        .where(Item.receipt_id.in_(latest), Item.register_status.in_(SHOWN))
        .group_by(Item.record_id)
        .order_by(func.max(Item.id).desc())
    )
    return [record_id for record_id, _ in session.execute(query.limit(most))]


# For the staff


@dataclass(frozen=True)
class Copy:
    """One copy as the staff see it; `due_on` is of its open loan."""

    uid: object
    accession: str | None
    library_id: int
    register_status: Register
    not_for_loan: bool
    condition: str
    price: int | None
    kind: PlaceKind
    place: str
    branch: str
    due_on: date | None
    lost: bool
    note: str | None


def copies(
    session: Session, record_id: int, among: ColumnElement[bool], limit: int, offset: int
) -> tuple[list[Copy], int]:
    """One page of the copies of a title, by number, and how many there are in all."""
    mine = and_(Item.record_id == record_id, among)
    total = session.scalar(select(func.count()).select_from(Item).where(mine)) or 0
    query = (
        select(
            Item.uid, Item.accession, Item.library_id, Item.register_status, Item.not_for_loan, Item.condition,
            Item.price, Place.kind, Place.name, Branch.name, Loan.due_on,
            func.coalesce(Loan.lost_at, Loan.claimed_at).is_not(None), Item.note,
        )
        .join(Place, Place.id == Item.place_id)
        .join(Branch, Branch.id == Place.branch_id)
        .outerjoin(Loan, LENT)
        .where(mine)
        .order_by(Item.library_id, Item.accession_folded, Item.id)
    )  # fmt: skip
    return [Copy(*tuple[Any, ...](row)) for row in session.execute(query.limit(limit).offset(offset))], total


def homes(session: Session, library_id: int) -> Sequence[Place]:
    """Places of a library where new copies may be put, its main stacks first."""
    query = (
        select(Place)
        .join(Branch, Branch.id == Place.branch_id)
        .options(joinedload(Place.branch))
        .where(Branch.organisation_id == library_id, Branch.closed_on.is_(None), Place.closed_on.is_(None))
        .where(Place.kind.in_(availability.OPEN_TO_READERS))
    )
    found = session.scalars(query.order_by(Branch.id, Place.id)).unique().all()
    return sorted(found, key=lambda place: place.kind is not PlaceKind.STACKS)


def labels(session: Session, item_ids: Sequence[int]) -> list[str]:
    """Accession numbers of these copies, in this order."""
    rows = session.execute(select(Item.id, Item.accession).where(Item.id.in_(item_ids)))
    label_of = {row.id: row.accession for row in rows}
    return [label_of[one] or "" for one in item_ids]


def last_series(session: Session, library_id: int) -> str:
    """The series of accession numbers used last: TN of TN.00627."""
    query = select(Item.accession).where(Item.library_id == library_id, Item.accession.is_not(None))
    latest = session.scalar(query.order_by(Item.id.desc()).limit(1)) or ""
    return latest.rstrip("0123456789").rstrip(".")
