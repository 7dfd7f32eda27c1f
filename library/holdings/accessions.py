"""Copies come into the register, with their receipt, their number and their first place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows, next_ids
from library.core.db import straight, table_of
from library.core.fold import fold_code
from library.holdings import ledger
from library.holdings.ledger import movement_uid
from library.holdings.models import Basis, Item, ItemCode, LineState, Movement, Receipt, Register, RegisterLine, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import CodeKind, Organisation

DIGITS = 5


@dataclass(frozen=True)
class NewItem:
    """A copy to be entered. `number` in `series` (TN, 627), or None for the next free one; `label` as its sticker has it
    where that is written in another way. `receipt_id` where it is not the receipt of the call."""

    record_id: int
    home_id: int
    series: str
    number: int | None = None
    price: int | None = None
    accessioned_on: date | None = None
    note: str | None = None
    digits: int = DIGITS
    label: str | None = None
    receipt_id: int | None = None
    item_class_id: int | None = None
    parts: str | None = None


def label_of(series: str, number: int, digits: int = DIGITS) -> str:
    """TN.00627."""
    return f"{series}.{number:0{digits}}"


def receive(
    session: Session,
    doing: Doing,
    library: Organisation,
    source: str,
    received_on: date,
    at: datetime,
    **more: str | None,
) -> tuple[int, UUID, int]:
    """A receipt: (act id, act uid, receipt id). Copies are entered under it, in one call or many."""
    act_id = acts.write(session, doing, "accession", at)
    return act_id, doing.uid, add_receipt(session, act_id, library.id, source, received_on, **more)


def add_receipt(
    session: Session, act_id: int, library_id: int, source: str, received_on: date, **more: str | bool | None
) -> int:
    """One receipt more under an act that brings several; its id."""
    made = insert(Receipt).values(
        uid=clock.uuid7(), library_id=library_id, act_id=act_id, source=source, received_on=received_on, **more
    )
    return session.execute(made.returning(Receipt.id)).scalar_one()


class Library(Protocol):
    """Who the copies are entered for: an Organisation, or what a long list keeps of it."""

    @property
    def id(self) -> int: ...

    @property
    def number(self) -> int: ...


def enter(
    session: Session,
    receipt: tuple[int, UUID, int],
    library: Library,
    branch_id: int,
    new: Sequence[NewItem],
    at: datetime,
    counted: Mapping[str, int] = MappingProxyType({}),
) -> list[int]:
    """Enter copies: register line, copy, code, first movement. Item ids in order; a number already used breaks an index.

    Statements do not grow with the number of copies, but for one counter a series; none for a series whose counter is
    known to stand at the number `counted` or behind it.
    """
    if not new:
        return []
    act_id, act_uid, receipt_id = receipt
    numbers = _numbers(session, library.id, new, counted)
    uids = [clock.uuid7() for _ in new]
    seen = [movement_uid(act_uid, uid) for uid in uids]
    items = _insert_items(session, (library.id, branch_id, receipt_id), new, numbers, uids, seen, at)
    lines = [
        {"library_id": library.id, "series": one.series, "number": number, "state": LineState.USED, "item_id": item}
        for one, number, item in zip(new, numbers, items, strict=True)
    ]
    add_rows(session, table_of(RegisterLine), lines)
    made = codes.issue(session, CodeKind.ITEM, library.id, library.number, len(items), at)
    sticking = [{"code_id": code, "item_id": item} for (code, _), item in zip(made, items, strict=True)]
    add_rows(session, table_of(ItemCode), sticking)
    _first_movements(session, act_id, new, items, seen, at)
    return items


def _numbers(session: Session, library_id: int, new: Sequence[NewItem], counted: Mapping[str, int]) -> list[int]:
    """Given numbers stay; the others follow the highest of their series."""
    highest: dict[str, int] = {}
    wanted: dict[str, int] = {}
    for one in new:
        if one.number is None:
            wanted[one.series] = wanted.get(one.series, 0) + 1
        else:
            highest[one.series] = max(highest.get(one.series, 0), one.number)
    for series, number in sorted(one for one in highest.items() if one[1] > counted.get(one[0], 0)):
        codes.at_least(session, library_id, f"accession {series}", number)
    free = {
        series: iter(codes.take(session, library_id, f"accession {series}", n)) for series, n in sorted(wanted.items())
    }
    return [next(free[one.series]) if one.number is None else one.number for one in new]


def _insert_items(
    session: Session, whose: tuple[int, int, int], new: Sequence[NewItem], numbers: Sequence[int],
    uids: Sequence[UUID], seen: Sequence[UUID], at: datetime,
) -> list[int]:  # fmt: skip
    library_id, branch_id, receipt_id = whose
    today = clock.day_of(at)
    ids = list(next_ids(session, table_of(Item), len(new)))
    rows = []
    for id_, one, number, uid, seen_uid in zip(ids, new, numbers, uids, seen, strict=True):
        label = one.label or label_of(one.series, number, one.digits)
        rows.append(
            {
                "id": id_, "uid": uid, "record_id": one.record_id, "library_id": library_id, "branch_id": branch_id,
                "register_status": Register.LISTED, "accession": label, "accession_folded": fold_code(label),
                "accessioned_on": one.accessioned_on or today, "receipt_id": one.receipt_id or receipt_id, "price": one.price,
                "item_class_id": one.item_class_id, "parts": one.parts,
                "home_id": one.home_id, "place_id": one.home_id, "seen_at": at, "seen_uid": seen_uid,
                "note": one.note,
            }
        )  # fmt: skip
    add_rows(session, table_of(Item), rows)
    return ids


def _first_movements(
    session: Session, act_id: int, new: Sequence[NewItem], items: Sequence[int], uids: Sequence[UUID], at: datetime
) -> None:
    recorded_at = max(clock.now(), at)
    rows = [
        {
            "uid": uid, "act_id": act_id, "item_id": item, "place_id": one.home_id, "why": Why.ACCESSION,
            "basis": Basis.COUNT, "occurred_at": at, "recorded_at": recorded_at, "rests_on": at,
        }
        for one, item, uid in zip(new, items, uids, strict=True)
    ]  # fmt: skip
    add_rows(session, table_of(Movement), rows)


_LINE, _ITEM = table_of(RegisterLine), table_of(Item)
_THESE: BindParameter[int] = bindparam("items", expanding=True)
_STRIKING_LINES = (
    update(_LINE).where(_LINE.c.item_id.in_(_THESE)).values(state=LineState.STRUCK_OUT, reason=bindparam("why"))
)
_STRIKING_ITEMS = update(_ITEM).where(_ITEM.c.id.in_(_THESE)).values(register_status=Register.STRUCK_OUT)


def strike_out(session: Session, item_ids: Sequence[int], reason: str) -> None:
    """The copies were entered by mistake: numbers and rows stay, struck out, and are never given again."""
    if item_ids:
        straight(session).execute(_STRIKING_LINES, {"items": list(item_ids), "why": reason})
        straight(session).execute(_STRIKING_ITEMS, {"items": list(item_ids)})


def take_up_again(
    session: Session, act: tuple[int, UUID], branch_id: int, items: Mapping[int, NewItem], at: datetime
) -> bool:
    """Copies struck out with their list stand in the register again, under their old numbers, as `items` describe them.

    Their stickers are on the books: a list that was undone, mended and brought again must find its numbers. Whether all
    were still struck out.
    """
    if not items:
        return True
    uids = dict(session.execute(select(Item.id, Item.uid).where(Item.id.in_(items))).all())
    mine = update(RegisterLine).where(RegisterLine.item_id.in_(items), RegisterLine.state == LineState.STRUCK_OUT)
    back = mine.values(state=LineState.USED, reason=None).returning(RegisterLine.item_id)
    if len(session.execute(back).all()) < len(items):
        return False
    for item, new in items.items():
        again = {
            "register_status": Register.LISTED, "record_id": new.record_id, "receipt_id": new.receipt_id,
            "price": new.price, "home_id": new.home_id, "note": new.note,
            "item_class_id": new.item_class_id, "parts": new.parts,
            "accessioned_on": new.accessioned_on or clock.day_of(at),
        }  # fmt: skip
        session.execute(update(Item).where(Item.id == item).values(again))
    for home in sorted({new.home_id for new in items.values()}):
        there = {item: uids[item] for item, new in items.items() if new.home_id == home}
        ledger.move(session, act, there, (home, branch_id), Why.ACCESSION, at, Basis.COUNT, rests_on=at)
    return True


def fill_gaps(session: Session, library_id: int, series: str, reason: str) -> int:
    """Numbers below the highest that nobody used get a struck-out line. How many there were."""
    query = select(RegisterLine.number).where(RegisterLine.library_id == library_id, RegisterLine.series == series)
    used = set(session.scalars(query))
    gaps = sorted(set(range(1, max(used, default=0) + 1)) - used)
    rows = [
        {"library_id": library_id, "series": series, "number": gap, "state": LineState.STRUCK_OUT, "reason": reason}
        for gap in gaps
    ]
    if rows:
        session.execute(insert(RegisterLine), rows)
    return len(gaps)
