"""The rotation stock in numbers: how much there is, how much of it is free, what came and went by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, exists, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Item, Place, Register
from library.inbox.models import Act
from library.loans import holds_shelves
from library.rotation.models import BatchLine, StockChange
from library.rotation.stock import depot_ids, in_stock

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """`first`: its first day; copies that joined and left in it."""

    first: date
    joined: int
    left: int


@dataclass(frozen=True)
class Stock:
    """`value`: đồng, as far as prices are known. `free`: stand in a depot for the next batch. `months`: newest first."""

    copies: int
    titles: int
    value: int
    in_the_depot: int
    free: int
    months: Sequence[Month]


def of(session: Session, library_id: int, today: date) -> Stock:
    """Three statements."""
    mine = (Item.library_id == library_id, Item.register_status == Register.LISTED, in_stock(library_id))
    there = Item.place_id.in_(depot_ids(library_id))
    numbers = (
        func.count(Item.id), func.count(distinct(Item.record_id)), func.coalesce(func.sum(Item.price), 0),
        _many(there), _many(there & holds_shelves.is_free() & ~_going()),
    )  # fmt: skip
    row = session.execute(select(*numbers).join(Place, Place.id == Item.place_id).where(*mine)).one()
    copies, names, value, in_depot, free = (int(one or 0) for one in row)
    return Stock(copies, names, value, in_depot, free, _months(session, library_id, today))


def _many(which: Any) -> Any:
    return func.sum(case((which, 1), else_=0))


def _going() -> ColumnElement[bool]:
    return exists().where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None)).correlate(Item)


def _months(session: Session, library_id: int, today: date) -> list[Month]:
    first = today.replace(year=today.year - 1, day=1)
    query = select(StockChange.changed_on, _many(StockChange.joined), func.count()).where(
        StockChange.library_id == library_id, StockChange.voided.is_(False), StockChange.changed_on >= first
    )
    found: dict[date, list[int]] = {}
    for day, joined, both in session.execute(query.group_by(StockChange.changed_on)):
        month = found.setdefault(day.replace(day=1), [0, 0])
        month[0], month[1] = month[0] + int(joined), month[1] + both - int(joined)
    return [Month(month, *found[month]) for month in sorted(found, reverse=True)]


@dataclass(frozen=True)
class Change:
    """One scan or list: what came or went, when."""

    item_id: int
    title: str
    accession: str
    joined: bool
    changed_on: date
    act_id: int


def lately(session: Session, library_id: int, most: int = 15) -> list[Change]:
    """The newest first, those taken back left out (one statement)."""
    query = (
        select(
            Item.id, Record.title, Record.part_number, Item.accession, StockChange.joined, StockChange.changed_on,
            StockChange.act_id,
        )
        .join(StockChange, StockChange.item_id == Item.id)
        .join(Record, Record.id == Item.record_id)
        .join(Act, Act.id == StockChange.act_id)
        .where(StockChange.library_id == library_id, StockChange.voided.is_(False))
        .order_by(StockChange.id.desc())
        .limit(most)
    )  # fmt: skip
    return [
        Change(item, f"{title} – {part}" if part else title, accession or "", joined, day, act)
        for item, title, part, accession, joined, day, act in session.execute(query)
    ]
