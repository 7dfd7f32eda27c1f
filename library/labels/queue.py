"""Which copies want labels, which got theirs and when, and what stands on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue.levels import LEVELS, LOOKS
from library.catalogue.models import Contributor, LocalRecord, Record
from library.core.errors import N_, NotFound, Reason
from library.core.fold import fold_code
from library.holdings.models import Item, ItemCode, Place, Receipt, Register, RegisterLine
from library.labels import runs
from library.labels.barcodes import Symbology, UnprintableBarcode, thirteen
from library.labels.cells import cells_of
from library.labels.face import LabelText
from library.labels.levels import Level
from library.labels.models import LabelRun, LabelRunItem
from library.labels.paper import Paper
from library.labels.templates import SHIPPED, Payload, Template
from library.organisations.codes import is_ours, short
from library.organisations.models import Code, Organisation

MOST = 2000
"""Labels in one go: thirty sheets, some seconds of drawing."""
NAMED = 5
"""Copies named in a complaint."""


@dataclass(frozen=True)
class Batch:
    """Copies of one receipt that have no labels yet."""

    receipt: UUID
    source: str
    received_on: date
    count: int
    first: str | None
    last: str | None


def _listed(scope: Scope) -> ColumnElement[bool]:
    """Those in the register, and a class's own books, which have codes and no numbers."""
    return and_(scope.of_libraries(Item.library_id), Item.register_status.in_((Register.LISTED, Register.OUTSIDE)))


def _code() -> ColumnElement[str]:
    return (
        select(func.min(Code.printed))
        .join(ItemCode, ItemCode.code_id == Code.id)
        .where(ItemCode.item_id == Item.id, Code.valid_to.is_(None))
        .correlate(Item)
        .scalar_subquery()
    )


_NUMBER = func.coalesce(Item.accession, _code())
"""What a copy is called on its label: its number, else its code."""


def unlabelled(scope: Scope) -> ColumnElement[bool]:
    return and_(_listed(scope), Item.label_printed_at.is_(None))


_SPAN = (func.count(Item.id), func.min(_NUMBER), func.max(_NUMBER))


def waiting(session: Session, scope: Scope, most: int = 60) -> list[Batch]:
    """The latest receipts first."""
    query = (
        select(Receipt.uid, Receipt.source, Receipt.received_on, *_SPAN)
        .join(Item, Item.receipt_id == Receipt.id)
        .where(unlabelled(scope))
        .group_by(Receipt.id)
        .order_by(Receipt.received_on.desc(), Receipt.id.desc())
    )
    return [Batch(*row) for row in session.execute(query.limit(most))]


def count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Item.id)).where(condition)) or 0


def title(session: Session, uid: UUID, scope: Scope) -> Record | None:
    return session.scalar(select(Record).where(Record.uid == uid, scope.of_networks(Record.network_id)))


@dataclass(frozen=True)
class Copy:
    """A copy to choose; `printed_at` is None while it has no label."""

    uid: UUID
    accession: str | None
    printed_at: datetime | None


def of_title(session: Session, condition: ColumnElement[bool], most: int = 300) -> list[Copy]:
    query = select(Item.uid, _NUMBER, Item.label_printed_at).where(condition)
    return [Copy(*row) for row in session.execute(query.order_by(Item.library_id, Item.accession_folded).limit(most))]


# Choosing


def wanted(what: str, source: Mapping[str, Any], items: Sequence[str], scope: Scope) -> ColumnElement[bool]:
    """The WHERE for copies from what a button says: waiting, receipt:…, again:…, title:…, items, numbers.

    Raises NotFound for any other word. Everything is within the scope, whoever sends it.
    """
    sort, _, name = what.partition(":")
    if sort == "waiting":
        return unlabelled(scope)
    if sort == "receipt":
        return and_(unlabelled(scope), Item.receipt_id.in_(select(Receipt.id).where(Receipt.uid == _uuid(name))))
    if sort == "again":
        run = select(LabelRun.id).where(LabelRun.uid == _uuid(name), scope.of_libraries(LabelRun.library_id))
        return and_(_listed(scope), Item.id.in_(select(LabelRunItem.item_id).where(LabelRunItem.run_id.in_(run))))
    if sort == "title":
        return and_(_listed(scope), Item.record_id.in_(select(Record.id).where(Record.uid == _uuid(name))))
    if sort == "items":
        return and_(_listed(scope), Item.uid.in_([_uuid(one) for one in items[:MOST]]))
    if sort == "numbers":
        return and_(_listed(scope), _between(str(source.get("first", "")), str(source.get("last", ""))))
    raise NotFound


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _between(first: str, last: str) -> ColumnElement[bool]:
    """Copies with register numbers from `first` to `last` (itself when empty), as typed: TN.00001, tn 1."""
    begin, end = _number(first), _number(last or first)
    if begin is None or end is None or begin[0] != end[0]:
        return false()
    low, high = sorted((begin[1], end[1]))
    series = func.upper(func.replace(func.replace(RegisterLine.series, ".", ""), "-", "")) == begin[0]
    lines = select(RegisterLine.item_id).where(series, RegisterLine.number.between(low, high))
    return Item.id.in_(lines.where(RegisterLine.item_id.is_not(None)))


def _number(text: str) -> tuple[str, int] | None:
    """(series, number): TN.00627 is ("TN", 627)."""
    found = re.fullmatch(r"([A-Z0-9]*[A-Z])0*(\d{1,9})", fold_code(text))
    return (found[1], int(found[2])) if found else None


# What stands on them


def copies(
    session: Session, condition: ColumnElement[bool], template: Template = SHIPPED["barcode"], most: int = MOST
) -> dict[int, LabelText]:
    """Item ids in the order of their numbers, with the words of their labels (two or three statements).

    A class's own book has LH-4A-007 written on it and LH4A007 in the bars, which the desk reads as the same: five
    millimetres less.
    """
    author = (
        select(Contributor.name)
        .where(Contributor.record_id == Record.id)
        .order_by(Contributor.position)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Item.id, Item.register_status, _NUMBER.label("accession"), Organisation.name.label("library"), Record.title,
            Record.part_number, Record.part_title, Record.class_mark, Record.ddc,
            Record.title_code, LocalRecord.call_number, LocalRecord.reading_level,
            author.label("author"), Place.name.label("place"),
        )
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.home_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .where(condition)
        .order_by(Item.library_id, Item.accession_folded, Item.id)
    )  # fmt: skip
    rows = session.execute(query.limit(most)).all()
    own = payloads(session, [row.id for row in rows])
    own |= {row.id: fold_code(own[row.id]) for row in rows if row.register_status is Register.OUTSIDE and row.id in own}
    payload_of = _wanted_payloads(session, {row.id: row.accession or "" for row in rows}, own, template)
    return {row.id: _text(row, payload_of[row.id]) for row in rows}


def _wanted_payloads(
    session: Session, accessions: Mapping[int, str], own: Mapping[int, str], template: Template
) -> dict[int, str]:
    """What the template wants in the bars; the twelve digits where that cannot be."""
    usual = {item: own.get(item, number) for item, number in accessions.items()}
    if template.payload == Payload.ACCESSION:
        return {item: number if number.isascii() and number else usual[item] for item, number in accessions.items()}
    if template.payload == Payload.SHORT:
        shorter = {item: short(text) for item, text in usual.items() if is_ours(text)}
        elsewhere = runs.taken(session, shorter)
        return usual | {item: text for item, text in shorter.items() if item not in elsewhere}
    return usual


def further(found: Mapping[int, LabelText], template: Template) -> dict[int, str]:
    """Codes these labels bring to their copies, which had others: short ones, and a UPC-A as most scanners tell it."""
    if template.payload == Payload.SHORT:
        return {item: label.payload for item, label in found.items() if not is_ours(label.payload)}
    if template.symbology == Symbology.EAN13:
        return {item: thirteen(label.payload) for item, label in found.items() if is_ours(label.payload)}
    return {}


def payloads(session: Session, items: Sequence[int]) -> dict[int, str]:
    """The code in the bars, by copy: our own twelve digits, else the code that is on the copy already."""
    query = select(ItemCode.item_id, Code.printed).join(Code, Code.id == ItemCode.code_id)
    rows = session.execute(query.where(ItemCode.item_id.in_(items), Code.valid_to.is_(None)).order_by(Code.id))
    found: dict[int, str] = {}
    for item, text in rows:
        if item not in found or is_ours(text):
            found[item] = text
    return found


def _text(row: Any, payload: str) -> LabelText:
    title = " – ".join(part for part in (row.title, row.part_number, row.part_title) if part)
    mark, code = _marks(row)
    level = _level(row.reading_level)
    place, author = row.place or "", row.author or ""
    return LabelText(payload, row.accession or "", title, row.library, mark, code, level, author, place)


def _marks(row: Any) -> tuple[str, str]:
    """Class mark and title code: the library's own call number goes before those of the record."""
    own, _, rest = (row.call_number or "").strip().partition(" ")
    return (own, rest.strip()) if own else (row.ddc or row.class_mark or "", row.title_code or "")


def _level(number: int | None) -> Level | None:
    return (
        Level(number, LEVELS[number][0], LOOKS[number].colour, LOOKS[number].letter)
        if number and number in LEVELS
        else None
    )


def sample(library: str) -> LabelText:
    """What the preview shows while there is no copy."""
    return LabelText(
        "200010000018",
        "TN.00001",
        "Dế Mèn phiêu lưu ký",
        library,
        "895.9223",
        "D250M",
        _level(6),
        "Tô Hoài",
        "Kho sách",
    )


def trouble(label: LabelText, paper: Paper, template: Template) -> Reason | None:
    """Why this label does not fit this paper, with the millimetres missing."""
    try:
        cells_of(label, template, paper.label_w, paper.label_h)
    except UnprintableBarcode as error:
        return error.reason
    return None


@dataclass(frozen=True)
class Unfit:
    """Copies whose labels this paper has no room for. `codes` names the first of them; `others` would come out."""

    items: frozenset[int]
    codes: tuple[str, ...]
    others: int

    @property
    def more(self) -> int:
        return len(self.items) - len(self.codes)


def unfit(found: Mapping[int, LabelText], paper: Paper, template: Template) -> Unfit:
    items = {item: label for item, label in found.items() if trouble(label, paper, template)}
    named = tuple(label.accession or label.payload for label in items.values())[:NAMED]
    return Unfit(frozenset(items), named, len(found) - len(items))


NOTHING = Reason("no-copies", N_("Không có bản nào như vậy để in nhãn."))
