"""All shelves side by side: how large, how much used, how well they fit, when swapped last, what is lost, who keeps them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.catalogue.models import LocalRecord
from library.holdings.models import Item, Place, PlaceKind, Stay
from library.inbox.models import Act
from library.loans.models import Loan, still_out
from library.organisations.models import Branch
from library.patrons.models import Membership, SchoolClass
from library.shelves import levels
from library.shelves.models import LightEnd, Shelf, ShelfKind, ShelfMode, ShelfTenure, SwapMove
from library.shelves.scopes import standing
from library.shelves.stock import left_us, with_us
from library.shelves.swap_moves import waiting
from library.uses.models import DocumentUse


@dataclass(frozen=True)
class Held:
    """The copies of one shelf: in its list, standing on it, with readers, lost; how many of each level."""

    copies: int = 0
    here: int = 0
    out: int = 0
    lost: int = 0
    levels: Mapping[int | None, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """One shelf beside the others. `uses` since the day that was asked; `fit` 0 to 1, None where nothing is to compare."""

    uid: UUID
    name: str
    branch: str
    kind: ShelfKind
    mode: ShelfMode
    grade: int | None
    class_uid: UUID | None
    class_name: str
    keeper: str
    keeper_gone: bool
    pupils: int
    held: Held
    uses: int
    fit: float | None
    meant: tuple[int, ...]
    swapped_at: datetime | None
    next_swap_on: date | None
    closed_on: date | None

    @property
    def per_pupil(self) -> float | None:
        """Uses a pupil."""
        return self.uses / self.pupils if self.pupils else None


def side_by_side(session: Session, which: ColumnElement[bool], since: date, closed: bool = False) -> list[Side]:
    """By grade and class (six statements, however many). Closed ones instead of open ones, if asked."""
    rows = session.execute(_shelves(which, closed)).all()
    places = [row.place_id for row in rows]
    held, uses = _held(session, places), _uses(session, places, since)
    pupils = _pupils(session, {row.class_id for row in rows if row.class_id})
    swaps = _swaps(session, [row.id for row in rows])
    return [_side(row, held.get(row.place_id, Held()), uses, pupils, swaps) for row in rows]


def _shelves(which: ColumnElement[bool], closed: bool) -> Any:
    return (
        select(
            Shelf.id, Shelf.uid, Shelf.place_id, Place.name, Branch.name.label("branch"), Shelf.kind, Shelf.mode,
            func.coalesce(SchoolClass.grade, Shelf.grade).label("grade"), Shelf.levels, Shelf.closed_on,
            SchoolClass.id.label("class_id"), SchoolClass.uid.label("class_uid"), SchoolClass.name.label("class_name"),
            ShelfTenure.keeper_name, Account.disabled_at,
        )
        .join(Place, Place.id == Shelf.place_id)
        .join(Branch, Branch.id == Shelf.branch_id)
        .outerjoin(ShelfTenure, and_(ShelfTenure.shelf_id == Shelf.id, standing()))
        .outerjoin(SchoolClass, SchoolClass.id == ShelfTenure.class_id)
        .outerjoin(Account, Account.id == ShelfTenure.keeper_id)
        .where(which, Shelf.closed_on.is_not(None) if closed else Shelf.closed_on.is_(None))
        .order_by(Branch.id, func.coalesce(SchoolClass.grade, Shelf.grade, 99), SchoolClass.name_sort, Place.name)
    )  # fmt: skip


def _side(row: Any, held: Held, uses: Mapping[int, int], pupils: Mapping[int, int], swaps: Mapping[int, Any]) -> Side:
    meant = levels.meant_for(row.levels or (), row.grade)
    swapped_at, next_on = swaps.get(row.id, (None, None))
    return Side(
        row.uid, row.name, row.branch, row.kind, row.mode, row.grade, row.class_uid, row.class_name or "",
        row.keeper_name or "", row.disabled_at is not None, pupils.get(row.class_id, 0), held,
        uses.get(row.place_id, 0), levels.fit(held.levels, meant), meant, swapped_at, next_on, row.closed_on,
    )  # fmt: skip


def belonging(places: Sequence[int]) -> Subquery:
    """(item_id, shelf_place) of these shelves, as `stock.belongs` says of one."""
    stays = select(Stay.item_id, Stay.place_id.label("shelf_place")).join(Item, Item.id == Stay.item_id)
    stays = stays.where(Stay.place_id.in_(places), Stay.ended_at.is_(None), Stay.voided.is_(False), with_us())
    elsewhere = exists().where(
        Stay.item_id == Item.id, Stay.place_id.is_not(None), Stay.ended_at.is_(None), Stay.voided.is_(False)
    )
    gone = exists().where(LightEnd.item_id == Item.id, left_us())
    homes = select(Item.id, Item.home_id).where(Item.home_id.in_(places), ~elsewhere, ~gone, with_us())
    return union_all(stays, homes).subquery()


def _held(session: Session, places: Sequence[int]) -> dict[int, Held]:
    if not places:
        return {}
    of = belonging(places)
    lost = or_(Loan.lost_at.is_not(None), and_(Loan.id.is_(None), Place.kind == PlaceKind.UNKNOWN))
    query = (
        select(
            of.c.shelf_place, LocalRecord.reading_level, func.count(),
            _count(Item.place_id == of.c.shelf_place), _count(Loan.id.is_not(None)), _count(lost),
        )
        .select_from(of)
        .join(Item, Item.id == of.c.item_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out(Loan)))
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Item.record_id, LocalRecord.library_id == Item.library_id))
        .group_by(of.c.shelf_place, LocalRecord.reading_level)
    )  # fmt: skip
    found: dict[int, Held] = {}
    for place, level, *counts in session.execute(query):
        was = found.get(place, Held())
        copies, here, out, lost = counts
        by_level = {**was.levels, level: copies}
        found[place] = Held(was.copies + copies, was.here + here, was.out + out, was.lost + lost, by_level)
    return found


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _uses(session: Session, places: Sequence[int], since: date) -> dict[int, int]:
    query = select(DocumentUse.place_id, func.sum(DocumentUse.quantity)).group_by(DocumentUse.place_id)
    rows = session.execute(query.where(DocumentUse.place_id.in_(places), DocumentUse.used_on >= since))
    return {place: int(count) for place, count in rows if place is not None}


def _pupils(session: Session, classes: Collection[int]) -> dict[int, int]:
    query = select(Membership.class_id, func.count()).group_by(Membership.class_id)
    rows = session.execute(query.where(Membership.class_id.in_(classes), Membership.to_on.is_(None)))
    return {of: count for of, count in rows if of is not None}


def _swaps(session: Session, shelves: Sequence[int]) -> dict[int, tuple[datetime | None, date | None]]:
    """When a box came last, signed by both sides, and when the next is due; closed plans have no next."""
    due_on = case((waiting(), SwapMove.due_on))
    query = select(SwapMove.to_id, func.max(Act.occurred_at), func.min(due_on)).group_by(SwapMove.to_id)
    done = query.outerjoin(Act, Act.id == SwapMove.act_id).where(SwapMove.to_id.in_(shelves))
    return {to: (last, due) for to, last, due in session.execute(done)}
