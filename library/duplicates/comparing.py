"""Two titles side by side, as a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.catalogue import audiences, roles
from library.catalogue.languages import LANGUAGES
from library.catalogue.models import Record, Role
from library.core.fold import clean
from library.finding.availability import SHOWN
from library.holdings.models import Item


def _(words: str) -> str:
    return str(gettext(words))


@dataclass(frozen=True)
class Copies:
    """Of one title: how many in the network, at how many libraries, and how many of them are ours."""

    all: int = 0
    libraries: int = 0
    ours: int = 0


@dataclass(frozen=True)
class Compared:
    """`left` is the one to be kept. `rows`: (name, left, right, do they differ); rows both leave empty are left out."""

    left: Record
    right: Record
    copies: tuple[Copies, Copies]
    rows: Sequence[tuple[str, str, str, bool]]


def copies_of(session: Session, record_ids: Sequence[int], library_id: int | None) -> Mapping[int, Copies]:
    mine = Item.library_id == library_id
    query = (
        select(Item.record_id, func.count(), func.count(Item.library_id.distinct()), func.count().filter(mine))
        .where(Item.record_id.in_(record_ids), Item.register_status.in_(SHOWN))
        .group_by(Item.record_id)
    )
    return {record_id: Copies(*told) for record_id, *told in session.execute(query)}


def compared(one: Record, other: Record, copies: Mapping[int, Copies], swapped: bool = False) -> Compared:
    """The one with more copies, then the one that says more, then the older is to be kept; `swapped` the other way."""
    pair = sorted((one, other), key=lambda each: (-copies.get(each.id, Copies()).all, -_says(each), each.id))
    left, right = reversed(pair) if swapped else pair
    sides = zip(_told(left), _told(right), strict=True)
    rows = [(name, a, b, _differ(a, b)) for (name, a), (_name, b) in sides if a or b]
    return Compared(left, right, (copies.get(left.id, Copies()), copies.get(right.id, Copies())), rows)


def _differ(one: str, other: str) -> bool:
    return clean(one).casefold() != clean(other).casefold()


def _says(record: Record) -> int:
    return sum(bool(words) for _name, words in _told(record)) + bool(record.cover_key)


def _told(record: Record) -> list[tuple[str, str]]:
    """Every row, known or not, in one order."""
    language = LANGUAGES.get(record.language)
    return [
        (_("Nhan đề"), record.title),
        (_("Tên phụ"), record.subtitle or ""),
        (_("Tập"), " – ".join(filter(None, (record.part_number, record.part_title)))),
        (_("Người làm sách"), ", ".join(_credit(one.name, one.role) for one in record.contributors)),
        (_("Nơi xuất bản"), record.place or ""),
        (_("Nhà xuất bản"), record.publisher or ""),
        (_("Năm"), str(record.year or "")),
        (_("Lần xuất bản"), record.edition or ""),
        (_("Số trên sách"), ", ".join(sorted(one.number for one in record.numbers))),
        (_("Số trang"), record.extent or ""),
        (_("Khổ"), record.dimensions or ""),
        (_("Bộ sách"), record.series or ""),
        (_("DDC"), record.ddc or ""),
        (_("Môn loại"), record.class_mark or ""),
        (_("Loại sách"), record.kind or ""),
        (_("Ngôn ngữ"), _(language) if language else record.language),
        (_("Cho ai"), _(audiences.label(record.audience)) if record.audience else ""),
        (_("Chủ đề"), ", ".join((record.subjects or "").splitlines())),
        (_("Giá"), f"{record.price:,} đ".replace(",", ".") if record.price else ""),
    ]


def _credit(name: str, role: Role) -> str:
    return name if role is Role.AUTHOR else f"{name} ({_(roles.ROLES[role].label).lower()})"
