"""The rotation stock: a library's copies whose home is one of its depots. They join and leave it; where they are is the
ledger's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason
from library.holdings import ledger, places
from library.holdings.models import Basis, Item, Place, PlaceKind, Register, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Branch
from library.rotation.models import Batch, BatchLine, Site, StockChange

KIND = "rotation-stock"


@dataclass(frozen=True)
class Changed:
    """Item ids that joined or left by this act, and why others did not."""

    act_id: int
    items: tuple[int, ...]
    refused: list[tuple[int, Reason]] = field(default_factory=list)


def in_stock(library_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The WHERE for copies of the library's rotation stock, wherever they are."""
    return Item.home_id.in_(depot_ids(library_id))


def depot_ids(library_id: int | ColumnElement[int]) -> Select[int]:
    query = select(Place.id).join(Branch, Branch.id == Place.branch_id).where(Branch.organisation_id == library_id)
    return query.where(Place.kind == PlaceKind.DEPOT, Place.id.not_in(select(Site.place_id)))


def join(
    session: Session, doing: Doing, library_id: int, item_ids: Iterable[int], depot: Place, seen: bool = False
) -> Changed:
    """From now on the copies belong to the depot. With `seen` somebody has them in the hand there: that is a scan."""
    at, rows = doing.at or clock.now(), _locked(session, item_ids)
    refused = [(row.id, no) for row in rows if (no := _why_not(row, library_id, depot.id))]
    good = [row for row in rows if row.id not in {item for item, _no in refused}]
    act = acts.write(session, doing, KIND, at), doing.uid
    _rehome(session, act[0], library_id, {row.id: (row.home_id, depot.id) for row in good}, at, joined=True)
    if seen and good:
        there = {row.id: row.uid for row in good}
        ledger.move(session, act, there, (depot.id, depot.branch_id), Why.SHELVE, at, Basis.SCAN)
    return Changed(act[0], tuple(row.id for row in good), refused)


def leave(
    session: Session, doing: Doing, library_id: int, item_ids: Iterable[int], to: Place | None = None,
    seen: bool = False,
) -> Changed:  # fmt: skip
    """From now on the copies belong to `to` (the stacks of their own branch). Not those of a batch that goes on."""
    at, rows = doing.at or clock.now(), _locked(session, item_ids)
    stocked = set(session.scalars(select(Item.id).where(Item.id.in_([row.id for row in rows]), in_stock(library_id))))
    refused = [(row.id, no) for row in rows if (no := _why_stays(row, stocked))]
    good = [row for row in rows if row.id not in {item for item, _no in refused}]
    act = acts.write(session, doing, KIND, at), doing.uid
    homes = {row.id: to or places.first_of(session, row.branch_id, PlaceKind.STACKS) for row in good}
    changed = {row.id: (row.home_id, homes[row.id].id) for row in good}
    _rehome(session, act[0], library_id, changed, at, joined=False)
    if seen:
        for row in good:
            home = homes[row.id]
            ledger.move(session, act, {row.id: row.uid}, (home.id, home.branch_id), Why.SHELVE, at)
    return Changed(act[0], tuple(row.id for row in good), refused)


def undo(session: Session, act_id: int) -> None:
    """The act was voided: copies belong again where they did, if nobody has said otherwise since."""
    mine = (StockChange.act_id == act_id, StockChange.voided.is_(False))
    for one in session.scalars(select(StockChange).where(*mine)).all():
        one.voided = True
        back = update(Item).where(Item.id == one.item_id, Item.home_id == one.home_after)
        session.execute(back.values(home_id=one.home_before))
    session.flush()


_ITEM = table_of(Item)
_HOMING = update(_ITEM).where(_ITEM.c.id == bindparam("item")).values(home_id=bindparam("home"))


def _rehome(
    session: Session, act_id: int, library_id: int, homes: Mapping[int, tuple[int, int]], at: datetime, joined: bool
) -> None:
    """`homes`: before and after, by copy."""
    if not homes:
        return
    day = clock.day_of(at)
    straight(session).execute(_HOMING, [{"item": item, "home": after} for item, (_before, after) in homes.items()])
    session.execute(insert(StockChange), [
        {"library_id": library_id, "item_id": item, "act_id": act_id, "joined": joined, "home_before": before,
         "home_after": after, "changed_on": day, "voided": False}
        for item, (before, after) in homes.items()
    ])  # fmt: skip
    for item in [one for one in session.identity_map.values() if isinstance(one, Item) and one.id in homes]:
        session.expire(item, ["home_id", "home"])


def _locked(session: Session, item_ids: Iterable[int]) -> Sequence[Any]:
    """In order of their ids, and the open batch each is in (one statement)."""
    going = exists().where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None))
    query = select(
        Item.id, Item.uid, Item.library_id, Item.branch_id, Item.home_id, Item.register_status, going.label("going")
    )
    query = query.where(Item.id.in_(sorted(set(item_ids)))).order_by(Item.id)
    return session.execute(query.with_for_update(of=Item, key_share=True)).all()


def _why_not(row: Any, library_id: int, depot_id: int) -> Reason | None:
    if row.library_id != library_id:
        return Reason("not-ours", N_("Sách của thư viện khác."))
    if row.register_status is not Register.LISTED:
        return Reason("register", N_("Cuốn này không có trong sổ đăng ký, chưa vào kho luân chuyển được."))
    if row.home_id == depot_id:
        return Reason("there", N_("Cuốn này đã thuộc kho luân chuyển rồi."))
    return None


def _why_stays(row: Any, stocked: Iterable[int]) -> Reason | None:
    if row.id not in stocked:
        return Reason("not-stock", N_("Cuốn này không thuộc kho luân chuyển."))
    return Reason("going", N_("Cuốn này đang ở trong một đợt. Chờ đợt về rồi rút.")) if row.going else None


def batch_of(session: Session, item_id: int) -> Batch | None:
    """The open batch the copy is in."""
    query = select(Batch).join(BatchLine, BatchLine.batch_id == Batch.id)
    return session.scalar(query.where(BatchLine.item_id == item_id, BatchLine.closed_at.is_(None)))
