"""Which copies want labels, which got theirs and when, and what stands on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, select, update
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue.levels import LEVELS, LOOKS
from library.catalogue.models import LocalRecord, Record
from library.core import clock
from library.core.errors import N_, NotFound, Reason
from library.core.fold import fold_code
from library.holdings.models import Item, ItemCode, Receipt, Register, RegisterLine
from library.labels import face
from library.labels.barcodes import UnprintableBarcode
from library.labels.face import LabelText
from library.labels.levels import Level
from library.labels.paper import Paper
from library.labels.sheet import Kind
from library.organisations.codes import is_ours
from library.organisations.models import Code, Organisation

MOST = 2000
"""Labels in one go: thirty sheets, some seconds of drawing."""


@dataclass(frozen=True)
class Batch:
    """Copies of one receipt that have no labels yet."""

    receipt: UUID
    source: str
    received_on: date
    count: int
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Printed:
    """Copies whose labels came out of the printer together."""

    at: datetime
    count: int
    first: str | None
    last: str | None

    @property
    def when(self) -> datetime:
        """By the clock on the wall."""
        return self.at.astimezone(clock.HERE)


def _listed(scope: Scope) -> ColumnElement[bool]:
    return and_(scope.of_libraries(Item.library_id), Item.register_status == Register.LISTED)


def unlabelled(scope: Scope) -> ColumnElement[bool]:
    return and_(_listed(scope), Item.label_printed_at.is_(None))


_SPAN = (func.count(Item.id), func.min(Item.accession), func.max(Item.accession))


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


def printed(session: Session, scope: Scope, most: int = 8) -> list[Printed]:
    """The latest printings first: each can be had again."""
    query = select(Item.label_printed_at, *_SPAN).where(_listed(scope), Item.label_printed_at.is_not(None))
    query = query.group_by(Item.label_printed_at).order_by(Item.label_printed_at.desc()).limit(most)
    rows = session.execute(query)
    return [Printed(at, many, first, last) for at, many, first, last in rows if at]


def title(session: Session, uid: UUID, scope: Scope) -> Record | None:
    return session.scalar(select(Record).where(Record.uid == uid, scope.of_networks(Record.network_id)))


@dataclass(frozen=True)
class Copy:
    """A copy to choose; `printed_at` is None while it has no label."""

    uid: UUID
    accession: str | None
    printed_at: datetime | None


def of_title(session: Session, condition: ColumnElement[bool], most: int = 300) -> list[Copy]:
    query = select(Item.uid, Item.accession, Item.label_printed_at).where(condition)
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
        return and_(_listed(scope), Item.label_printed_at == _moment(name))
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


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if moment.tzinfo is None:
        raise NotFound
    return moment


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


def copies(session: Session, condition: ColumnElement[bool], most: int = MOST) -> dict[int, LabelText]:
    """Item ids in the order of their numbers, with the words of their labels (two statements)."""
    query = (
        select(
            Item.id, Item.accession, Organisation.name.label("library"), Record.title, Record.part_number, Record.part_title,
            Record.class_mark, Record.ddc, Record.title_code, LocalRecord.call_number, LocalRecord.reading_level,
        )
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Record, Record.id == Item.record_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .where(condition)
        .order_by(Item.library_id, Item.accession_folded, Item.id)
    )  # fmt: skip
    rows = session.execute(query.limit(most)).all()
    payload_of = payloads(session, [row.id for row in rows])
    return {row.id: _text(row, payload_of.get(row.id, row.accession or "")) for row in rows}


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
    return LabelText(payload, row.accession or "", title, row.library, mark, code, _level(row.reading_level))


def _marks(row: Any) -> tuple[str, str]:
    """Class mark and title code: the library's own call number goes before those of the record."""
    own, _, rest = (row.call_number or "").strip().partition(" ")
    return (own, rest.strip()) if own else (row.ddc or row.class_mark or "", row.title_code or "")


def _level(number: int | None) -> Level | None:
    return Level(number, LEVELS[number][0], LOOKS[number].colour) if number and number in LEVELS else None


def sample(library: str) -> LabelText:
    """What the preview shows while there is no copy."""
    return LabelText("200010000018", "TN.00001", "Dế Mèn phiêu lưu ký", library, "895.9223", "D250M", _level(6))


def trouble(label: LabelText, paper: Paper, kind: Kind) -> Reason | None:
    """Why this label does not fit this paper, with the millimetres missing."""
    if kind == "spine":
        return None
    try:
        face.barcode_label(label, paper.label_w, paper.label_h)
    except UnprintableBarcode as error:
        return error.reason
    return None


def mark(session: Session, items: Sequence[int], at: datetime) -> None:
    """These copies have their labels since `at`; those that had them before keep their moment."""
    fresh = update(Item).where(Item.id.in_(items), Item.label_printed_at.is_(None))
    session.execute(fresh.values(label_printed_at=at))


NOTHING = Reason("no-copies", N_("Không có bản nào như vậy để in nhãn."))
