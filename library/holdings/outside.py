"""Copies outside the register: a class's own, a pupil's, lent for a while. They have codes, a receipt and movements.

They come by one door, leave by one, and one given to the library for good goes into the register and keeps its history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows, next_ids
from library.core.db import table_of
from library.core.fold import fold_code
from library.holdings import accessions
from library.holdings.accessions import Library
from library.holdings.ledger import movement_uid
from library.holdings.models import (
    Basis,
    Item,
    ItemCode,
    LineState,
    Movement,
    Ownership,
    Register,
    RegisterLine,
    Why,
)
from library.organisations import codes
from library.organisations.models import Code, CodeKind


@dataclass(frozen=True)
class OutsideItem:
    """A copy nobody enters in a register: whose it is, and what is written on its sticker."""

    record_id: int
    code: str
    ownership: Ownership
    owner_patron_id: int | None = None
    owner_class_id: int | None = None
    note: str | None = None


def numbered(session: Session, library_id: int, prefix: str, how_many: int) -> list[str]:
    """The next free codes of a prefix: LH-4A-007. What an old sticker has already is left out."""
    found: list[str] = []
    while len(found) < how_many:
        numbers = codes.take(session, library_id, f"outside {fold_code(prefix)}", how_many - len(found))
        fresh = [f"{prefix}-{number:03}" for number in numbers]
        taken = codes.in_use(session, library_id, [fold_code(one) for one in fresh])
        found += [one for one in fresh if fold_code(one) not in taken]
    return found


def enter(
    session: Session, receipt: tuple[int, UUID, int], library: Library, home: tuple[int, int],
    new: Sequence[OutsideItem], at: datetime,
) -> list[int]:  # fmt: skip
    """Copies come under a receipt (act id, act uid, receipt id) to their home (place id, branch id). Item ids in order."""
    act_id, act_uid, receipt_id = receipt
    uids = [clock.uuid7() for _ in new]
    seen = [movement_uid(act_uid, uid) for uid in uids]
    ids = list(next_ids(session, table_of(Item), len(new)))
    same: dict[str, Any] = {
        "library_id": library.id,
        "branch_id": home[1],
        "receipt_id": receipt_id,
        "at": at,
        "home_id": home[0],
    }
    rows = [_row(*of, **same) for of in zip(ids, new, uids, seen, strict=True)]
    add_rows(session, table_of(Item), rows)
    folded, printed = [fold_code(one.code) for one in new], [one.code for one in new]
    made = codes.register(session, CodeKind.ITEM, library.id, folded, printed, at)
    sticking = [{"code_id": code, "item_id": item} for code, item in zip(made, ids, strict=True)]
    add_rows(session, table_of(ItemCode), sticking)
    add_rows(session, table_of(Movement), [_came(act_id, home[0], at, *of) for of in zip(ids, seen, strict=True)])
    return ids


def _row(
    id_: int, new: OutsideItem, uid: UUID, seen: UUID, *, at: datetime, home_id: int, **same: Any
) -> dict[str, Any]:
    return {
        "id": id_, "uid": uid, "record_id": new.record_id, "register_status": Register.OUTSIDE, "accession": None,
        "accession_folded": None, "accessioned_on": clock.day_of(at), "ownership": new.ownership,
        "owner_patron_id": new.owner_patron_id, "owner_class_id": new.owner_class_id, "note": new.note,
        "home_id": home_id, "place_id": home_id, "seen_at": at, "seen_uid": seen, **same,
    }  # fmt: skip


def _came(act_id: int, place_id: int, at: datetime, item: int, uid: UUID) -> dict[str, Any]:
    return {
        "uid": uid, "act_id": act_id, "item_id": item, "place_id": place_id, "why": Why.ACCESSION, "basis": Basis.COUNT,
        "occurred_at": at, "recorded_at": max(clock.now(), at), "rests_on": at,
    }  # fmt: skip


def let_go(session: Session, item_id: int, at: datetime) -> None:
    """It is with us no longer: neither lent nor looked for, and its code answers to nothing from `at` on."""
    session.execute(update(Item).where(Item.id == item_id).values(register_status=Register.GONE))
    _codes_end(session, item_id, None, at)


def take_back(session: Session, item_id: int, at: datetime) -> None:
    """It was not let go at `at` after all."""
    session.execute(update(Item).where(Item.id == item_id).values(register_status=Register.OUTSIDE))
    _codes_end(session, item_id, at, None)


def _codes_end(session: Session, item_id: int, was: datetime | None, to: datetime | None) -> None:
    mine = select(ItemCode.code_id).where(ItemCode.item_id == item_id)
    ended = Code.valid_to.is_(None) if was is None else Code.valid_to == was
    session.execute(update(Code).where(Code.id.in_(mine), ended).values(valid_to=to))


@dataclass(frozen=True)
class Given:
    """It becomes the library's: under this receipt, in this series, at home in this place."""

    receipt_id: int
    series: str
    home_id: int


def register(session: Session, library: Library, item_id: int, given: Given, at: datetime) -> str:
    """The copy stands in the register from now on, with a number and a code of ours; its history stays. The number.

    The note of a copy that is no known reader's names whoever it came from: it goes; any other is about the copy.
    """
    (number,) = codes.take(session, library.id, f"accession {given.series}", 1)
    label = accessions.label_of(given.series, number)
    said = {
        "register_status": Register.LISTED, "accession": label, "accession_folded": fold_code(label),
        "accessioned_on": clock.day_of(at), "receipt_id": given.receipt_id, "ownership": Ownership.LIBRARY,
        "owner_patron_id": None, "owner_class_id": None, "home_id": given.home_id, "label_printed_at": None,
        "note": case((Item.owner_patron_id.is_not(None), Item.note), else_=None),
    }  # fmt: skip
    session.execute(update(Item).where(Item.id == item_id).values(said))
    line = {"library_id": library.id, "series": given.series, "number": number}
    session.execute(insert(RegisterLine).values(**line, state=LineState.USED, item_id=item_id))
    ((code, _),) = codes.issue(session, CodeKind.ITEM, library.id, library.number, 1, at)
    session.execute(insert(ItemCode).values(code_id=code, item_id=item_id))
    return label


def strike(session: Session, item_id: int, before: dict[str, Any], reason: str, at: datetime) -> None:
    """It was registered at `at` by mistake: it is outside again, as it was `before`; its number is struck out, for good."""
    line = update(RegisterLine).where(RegisterLine.item_id == item_id, RegisterLine.state == LineState.USED)
    session.execute(line.values(state=LineState.STRUCK_OUT, item_id=None, reason=reason))
    out = {"register_status": Register.OUTSIDE, "accession": None, "accession_folded": None}
    session.execute(update(Item).where(Item.id == item_id).values({**before, **out}))
    fresh = select(ItemCode.code_id).where(ItemCode.item_id == item_id)
    session.execute(update(Code).where(Code.id.in_(fresh), Code.valid_from == at).values(valid_to=clock.now()))
