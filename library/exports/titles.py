"""Titles with the copies libraries have of them, read a chunk at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload, undefer

from library.catalogue import writing
from library.catalogue.merged import is_merged
from library.catalogue.models import LocalRecord, Record
from library.catalogue.writing import NewRecord
from library.core import clock
from library.exports.things import CHUNK, Some, Where
from library.holdings.models import Item, Place, Receipt, Register
from library.organisations.models import Organisation

IN_USE = (Register.LISTED, Register.OUTSIDE)
"""Copies written off or struck out are told with the copies, not with the books somebody has."""


@dataclass(frozen=True)
class Kept:
    """A copy as a list tells it, with what its library calls the title. `accession` is '' outside the register."""

    library_id: int
    library: str
    home: str
    call_number: str
    accession: str
    price: int | None
    accessioned_on: date
    source: str
    voucher: str
    general_no: str
    note: str

    @property
    def alike(self) -> tuple[Any, ...]:
        """What copies of one line have in common."""
        told = (self.library_id, self.home, self.price, self.accessioned_on, self.source, self.voucher, self.general_no)
        return (*told, self.note, bool(self.accession))


@dataclass(frozen=True)
class Title:
    uid: UUID
    new: NewRecord
    made_on: date
    copies: tuple[Kept, ...] = ()


def ids(where: Where) -> Select[int]:
    return select(Record.id).where(_wanted(where))


def some(session: Session, where: Where, after: int, with_source: bool) -> Some:
    """Titles without copies. `with_source`: with the MARC entry they came as."""
    records = _records(session, where, after, with_source)
    return Some([_title(record, with_source) for record in records], records[-1].id if records else after)


def some_with_copies(session: Session, where: Where, after: int, with_source: bool) -> Some:
    records = _records(session, where, after, with_source)
    copies = _copies(session, where, [record.id for record in records])
    things = [_title(record, with_source, copies.get(record.id, ())) for record in records]
    return Some(things, records[-1].id if records else after)


def _wanted(where: Where) -> ColumnElement[bool]:
    """Titles of their register, and those of their networks that nobody has a copy of; of a branch, its own alone."""
    mine = where.has(Item.library_id, Item.branch_id)
    held = select(Item.id).where(Item.record_id == Record.id, Item.register_status.in_(IN_USE), mine).exists()
    kept = held if where.branch_id else or_(held, ~_somebody_has())
    # “+ 0”: titles are read in the order of their ids, and the index of networks would sort all of them each time.
    return and_((Record.network_id + 0).in_(where.networks), kept, ~is_merged())


def _somebody_has() -> ColumnElement[bool]:
    return select(Item.id).where(Item.record_id == Record.id).exists()


def _records(session: Session, where: Where, after: int, with_source: bool) -> Sequence[Record]:
    query = select(Record).where(Record.id > after, _wanted(where)).order_by(Record.id).limit(CHUNK)
    parts = [selectinload(Record.contributors), selectinload(Record.numbers)]
    return session.scalars(query.options(*parts, *([undefer(Record.marc)] if with_source else []))).all()


def _title(record: Record, with_source: bool, copies: Sequence[Kept] = ()) -> Title:
    return Title(record.uid, writing.as_new(record, with_source), clock.day_of(record.made_at), tuple(copies))


def _copies(session: Session, where: Where, record_ids: Sequence[int]) -> Mapping[int, Sequence[Kept]]:
    found: dict[int, list[Kept]] = {}
    for row in session.execute(_copies_query(where, record_ids)):
        found.setdefault(row[0], []).append(_kept(*row[1:]))
    return found


def _kept(library_id: int, library: str, home: str, call_number: str | None, accession: str | None, *rest: Any) -> Kept:
    price, day, source, voucher, general_no, note = rest
    blanks = (voucher or "", general_no or "", note or "")
    return Kept(library_id, library, home, call_number or "", accession or "", price, day, source, *blanks)


def _copies_query(where: Where, record_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    home = aliased(Place)
    said = and_(LocalRecord.record_id == Item.record_id, LocalRecord.library_id == Item.library_id)
    return (
        select(
            Item.record_id, Item.library_id, Organisation.name, home.name, LocalRecord.call_number, Item.accession,
            Item.price, Item.accessioned_on, Receipt.source, Receipt.voucher, Receipt.general_no, Item.note,
        )
        .join(Organisation, Organisation.id == Item.library_id)
        .join(home, home.id == Item.home_id)
        .join(Receipt, Receipt.id == Item.receipt_id)
        .outerjoin(LocalRecord, said)
        .where(Item.record_id.in_(record_ids) if record_ids else ~true())
        .where(Item.register_status.in_(IN_USE), where.has(Item.library_id, Item.branch_id))
        .order_by(Item.record_id, Item.library_id, Item.id)
    )  # fmt: skip
