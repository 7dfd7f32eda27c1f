"""Copies that are scanned among those of a leg and do not stand on its list: they are there, so they are taken in; then each
is told where it belongs. One of this very batch that was thought to be left behind came along.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings import ledger, stays
from library.holdings.models import Item, Place, Why
from library.loans import homeward
from library.organisations.models import Organisation
from library.policies.values import ReturnsGo
from library.rotation.models import Batch, BatchLine, Leg, LegLine, LegOutcome

CAME_ALONG = "came-along"
"""Note of a leg's line that was written when it was received: the copy had not been sent by the papers."""
NOT_THERE = "not-there"
"""The copy was not there when the others set out: short from the beginning."""


@dataclass(frozen=True)
class Stranger:
    """`batch`: code of the open batch it is of, if any; `came_along`: that is this one. `goes`: where it is asked to go."""

    item: int
    title: str
    code: str
    owner: str
    batch: str | None
    came_along: bool
    goes: str = ""


@dataclass(frozen=True)
class _Row:
    id: int
    uid: UUID
    title: str
    code: str | None
    owner: str
    home_id: int
    home_branch: int
    batch_id: int | None
    batch_code: str | None


def take_in(
    session: Session, act: tuple[int, UUID], batch: Batch, leg: Leg, end: tuple[int, int], items: Collection[int],
    at: datetime,
) -> tuple[Stranger, ...]:  # fmt: skip
    """Some statements for each: they are few."""
    rows = _rows(session, items)
    ledger.move(session, act, {row.id: row.uid for row in rows}, end, Why.RECEIVE, at)
    along = [row for row in rows if row.batch_id == batch.id]
    _join(session, act, batch, leg, along, at)
    return tuple(_told(session, act, batch, end, row, at) for row in rows)


def _rows(session: Session, items: Collection[int]) -> list[_Row]:
    query = (
        select(Item.id, Item.uid, Record.title, Item.accession, Organisation.name, Item.home_id, Place.branch_id,
               Batch.id, Batch.code)
        .join(Record, Record.id == Item.record_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Place, Place.id == Item.home_id)
        .outerjoin(BatchLine, (BatchLine.item_id == Item.id) & BatchLine.closed_at.is_(None))
        .outerjoin(Batch, Batch.id == BatchLine.batch_id)
        .where(Item.id.in_(items))
        .order_by(Item.id)
    )  # fmt: skip
    return [_Row(*row) for row in session.execute(query.with_for_update(of=Item, key_share=True))]


def _join(
    session: Session, act: tuple[int, UUID], batch: Batch, leg: Leg, along: Collection[_Row], at: datetime
) -> None:
    """They travelled, though the papers had left them behind: the leg has a line for each from now on."""
    if not along:
        return
    items = [row.id for row in along]
    known = select(LegLine.item_id).where(LegLine.leg_id == leg.id, LegLine.item_id.in_(items))
    told = set(session.scalars(known))
    session.execute(
        update(LegLine)
        .where(LegLine.leg_id == leg.id, LegLine.item_id.in_(told))
        .values(outcome=LegOutcome.ARRIVED, proved_at=at, found_at=at),
        execution_options={"synchronize_session": False},
    )
    _write(session, leg, [item for item in items if item not in told], at)
    if leg.to_site:
        uids = {row.id: row.uid for row in along}
        stays.begin_many(session, act, uids, leg.to_site.place_id, "rotation", at, until=leg.due_on)
    which = (BatchLine.batch_id == batch.id, BatchLine.item_id.in_(items))
    session.execute(update(BatchLine).where(*which).values(follows=None))


def _write(session: Session, leg: Leg, items: Collection[int], at: datetime) -> None:
    if not items:
        return
    condition = {row[0]: row[1] for row in session.execute(select(Item.id, Item.condition).where(Item.id.in_(items)))}
    session.execute(insert(LegLine), [
        {"leg_id": leg.id, "item_id": item, "condition_sent": condition[item], "proved_at": at, "note": CAME_ALONG,
         "sampled": False, "outcome": LegOutcome.ARRIVED} for item in items
    ])  # fmt: skip


def _told(
    session: Session, act: tuple[int, UUID], batch: Batch, end: tuple[int, int], row: _Row, at: datetime
) -> Stranger:
    mine = row.batch_id == batch.id
    going = None
    if not mine:
        home = row.home_id, row.home_branch
        going = homeward.after_return(session, act, row.id, row.uid, home, end[1], ReturnsGo.HOME, at)
    goes = f"{going.library_name}, {going.place_name}" if going else ""
    return Stranger(row.id, row.title, row.code or "", row.owner, row.batch_code, mine, goes)
