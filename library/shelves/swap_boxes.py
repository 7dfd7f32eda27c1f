"""Boxes made of what stands on the shelves' lists, and what is in them now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord
from library.core import clock
from library.holdings.models import Item, Ownership, Register
from library.patrons.models import Membership
from library.shelves import overview
from library.shelves.models import Shelf, ShelfTenure, SwapBox, SwapBoxItem, SwapMove, SwapPlan
from library.shelves.scopes import standing
from library.shelves.swapping import Box, Room

TRAVELS = (Ownership.LIBRARY, Ownership.DONOR, Ownership.EXTERNAL)
CLASSES_OWN = (Ownership.CLASS, Ownership.PARENTS)
"""They travel if the class agrees; what a pupil lent to the class never does."""
MISSING, TAKEN_OUT = "missing", "taken-out"
"""Why a copy left its box: nobody found it; it was of the shelf no longer."""


@dataclass(frozen=True)
class Wishes:
    """`per_pupil`: books in a box for each pupil of the class that gets it; `classes_own`: whether these travel too."""

    per_pupil: int = 1
    classes_own: bool = False

    @classmethod
    def of(cls, plan: SwapPlan) -> "Wishes":
        return cls(int(plan.wishes.get("per_pupil") or 0), bool(plan.wishes.get("classes_own")))

    @property
    def owners(self) -> tuple[Ownership, ...]:
        return TRAVELS + (CLASSES_OWN if self.classes_own else ())


@dataclass(frozen=True)
class Loose:
    """A copy of a shelf that travels and is in no box; the level of its book."""

    item_id: int
    level: int | None


def loose(
    session: Session, shelves: Iterable[Shelf], wishes: Wishes, leaving: Collection[int] = ()
) -> dict[int, list[Loose]]:
    """By shelf's id, what could be boxed there (one statement). `leaving`: boxes that count as emptied.

    What was missing when a box was handed over waits until somebody sees it again.
    """
    places = {shelf.place_id: shelf.id for shelf in shelves}
    of = overview.belonging(list(places))
    boxed = select(SwapBoxItem.item_id).where(SwapBoxItem.left_at.is_(None), SwapBoxItem.box_id.not_in(leaving))
    lost = exists().where(
        SwapBoxItem.item_id == Item.id, SwapBoxItem.left_why == MISSING, SwapBoxItem.left_at >= Item.seen_at
    )
    query = (
        select(of.c.shelf_place, Item.id, LocalRecord.reading_level)
        .join(Item, Item.id == of.c.item_id)
        .outerjoin(LocalRecord, _local())
        .where(_travels(wishes), Item.id.not_in(boxed), ~lost)
    )
    found: dict[int, list[Loose]] = {shelf: [] for shelf in places.values()}
    for place, item, level in session.execute(query.order_by(Item.id)):
        found[places[place]].append(Loose(item, level))
    return found


def fill(session: Session, at_shelf: Mapping[int, Shelf], wishes: Wishes, at: datetime) -> None:
    """What is loose at the shelf where a box stands goes into it (two statements). `at_shelf`: shelves by box."""
    found = loose(session, at_shelf.values(), wishes)
    rows = [
        {"box_id": box, "item_id": one.item_id, "since": at}
        for box, shelf in at_shelf.items() for one in found.pop(shelf.id, ())
    ]  # fmt: skip
    if rows:
        session.execute(insert(SwapBoxItem), rows)


def _local() -> ColumnElement[bool]:
    return and_(LocalRecord.record_id == Item.record_id, LocalRecord.library_id == Item.library_id)


def _travels(wishes: Wishes) -> ColumnElement[bool]:
    with_us = Item.register_status.in_((Register.LISTED, Register.OUTSIDE))
    return and_(with_us, Item.ownership.in_(wishes.owners))


def contents(session: Session, box_id: int) -> list[int]:
    query = select(SwapBoxItem.item_id).where(SwapBoxItem.box_id == box_id, SwapBoxItem.left_at.is_(None))
    return list(session.scalars(query.order_by(SwapBoxItem.item_id)))


def take_out(session: Session, box_id: int, items: Collection[int], why: str, at: datetime) -> None:
    if items:
        mine = (SwapBoxItem.box_id == box_id, SwapBoxItem.item_id.in_(items), SwapBoxItem.left_at.is_(None))
        session.execute(update(SwapBoxItem).where(*mine).values(left_at=at, left_why=why))


def put_back(session: Session, box_id: int, left_at: datetime) -> None:
    """What left the box at that moment is in it again, unless another box has it by now. A box that ended stays empty."""
    boxed = select(SwapBoxItem.item_id).where(SwapBoxItem.left_at.is_(None))
    going = exists().where(SwapBox.id == box_id, SwapBox.ended_at.is_(None))
    mine = (SwapBoxItem.box_id == box_id, SwapBoxItem.left_at == left_at, SwapBoxItem.item_id.not_in(boxed), going)
    session.execute(
        update(SwapBoxItem).where(*mine).values(left_at=None, left_why=None),
        execution_options={"synchronize_session": False},
    )


def standing_at(session: Session, boxes: Iterable[SwapBox]) -> dict[int, int]:
    """The shelf that last signed for each box: where its last done move brought it, else its own (one statement)."""
    homes = {box.id: box.home_id for box in boxes}
    query = select(SwapMove.box_id, SwapMove.to_id).where(SwapMove.box_id.in_(homes), SwapMove.act_id.is_not(None))
    return homes | {row[0]: row[1] for row in session.execute(query.order_by(SwapMove.round))}


def as_boxes(
    session: Session, boxes: Sequence[SwapBox], more: Mapping[int, Sequence[Loose]] = MappingProxyType({})
) -> list[Box]:
    """How large each is, and the level in its middle (one statement). `more`: what is still to go in, by box."""
    query = (
        select(SwapBoxItem.box_id, LocalRecord.reading_level)
        .join(Item, Item.id == SwapBoxItem.item_id)
        .outerjoin(LocalRecord, _local())
        .where(SwapBoxItem.box_id.in_([box.id for box in boxes]), SwapBoxItem.left_at.is_(None))
    )
    levels = {box.id: [one.level for one in more.get(box.id, ())] for box in boxes}
    for box, level in session.execute(query):
        levels[box].append(level)
    return [box_of(levels[box.id]) for box in boxes]


def box_of(levels: Collection[int | None]) -> Box:
    return Box(len(levels), _middle(levels))


def _middle(levels: Iterable[int | None]) -> int | None:
    known = [level for level in levels if level is not None]
    return median_low(known) if known else None


def as_rooms(session: Session, shelves: Sequence[Shelf], wishes: Wishes) -> list[Room]:
    """What each class is meant for, and the books it should find (one statement)."""
    today = clock.today()
    still = or_(Membership.to_on.is_(None), Membership.to_on > today)
    query = (
        select(ShelfTenure.shelf_id, func.count(Membership.id))
        .join(Membership, and_(Membership.class_id == ShelfTenure.class_id, Membership.from_on <= today, still))
        .where(ShelfTenure.shelf_id.in_([shelf.id for shelf in shelves]), standing())
        .group_by(ShelfTenure.shelf_id)
    )
    pupils = {row[0]: row[1] for row in session.execute(query)}
    return [Room(frozenset(shelf.levels), wishes.per_pupil * pupils.get(shelf.id, 0)) for shelf in shelves]
