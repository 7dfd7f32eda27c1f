"""What is told of swaps: what a shelf gives and gets next, what was swapped lately, a plan as a table."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.holdings.models import Place
from library.inbox.models import Act
from library.patrons.models import SchoolClass
from library.shelves import overview
from library.shelves.models import Shelf, ShelfTenure, SwapBox, SwapBoxItem, SwapMove, SwapPlan
from library.shelves.scopes import standing
from library.shelves.swap_moves import waiting


@dataclass(frozen=True)
class Coming:
    """A box this shelf gives (`gives`) or gets; `other`: the class at the other end. `given_at`, `taken_at`: who has said
    so; `done_at`: both have, and the books are the other's. `going`: the box still goes round."""

    move_uid: UUID
    plan_uid: UUID
    round: int
    due_on: date
    box: int
    gives: bool
    other: str
    given_at: datetime | None
    taken_at: datetime | None
    box_id: int
    done_at: datetime | None
    going: bool

    @property
    def said_at(self) -> datetime | None:
        """When this shelf's side said it."""
        return self.given_at if self.gives else self.taken_at

    @property
    def other_said_at(self) -> datetime | None:
        return self.taken_at if self.gives else self.given_at


def shelf_name() -> ColumnElement[str]:
    """The class that keeps the shelf, else the shelf's own name; beside `Shelf` in a query."""
    mine = select(SchoolClass.name).join(ShelfTenure, ShelfTenure.class_id == SchoolClass.id)
    kept = mine.where(ShelfTenure.shelf_id == Shelf.id, standing()).correlate(Shelf).scalar_subquery()
    place = select(Place.name).where(Place.id == Shelf.place_id).correlate(Shelf).scalar_subquery()
    return func.coalesce(kept, place)


def _of_shelf(shelf_id: int) -> Any:
    """Moves from and to a shelf, as `Coming`."""
    other = Shelf.id == func.coalesce(func.nullif(SwapMove.from_id, shelf_id), SwapMove.to_id)
    return (
        select(
            SwapMove.uid, SwapPlan.uid, SwapMove.round, SwapMove.due_on, SwapBox.number, SwapMove.from_id == shelf_id,
            shelf_name(), SwapMove.given_at, SwapMove.taken_at, SwapMove.box_id, Act.occurred_at,
            SwapBox.ended_at.is_(None),
        )
        .join(SwapPlan, SwapPlan.id == SwapMove.plan_id)
        .join(SwapBox, SwapBox.id == SwapMove.box_id)
        .join(Shelf, other)
        .outerjoin(Act, Act.id == SwapMove.act_id)
        .where(or_(SwapMove.from_id == shelf_id, SwapMove.to_id == shelf_id), SwapMove.from_id != SwapMove.to_id)
        .order_by(SwapMove.due_on, SwapMove.round, SwapMove.from_id == shelf_id, SwapBox.number)
    )  # fmt: skip


def coming(session: Session, shelf_id: int, until: date | None = None) -> list[Coming]:
    """What the shelf is to give and to get, the nearest first, up to `until` (one statement)."""
    query = _of_shelf(shelf_id).where(waiting())
    if until is not None:
        query = query.where(SwapMove.due_on <= until)
    return [Coming(*row) for row in session.execute(query)]


def next_of(session: Session, shelf_id: int) -> list[Coming]:
    """The next round of the shelf: what it gives and what it gets; empty if none is planned."""
    found = coming(session, shelf_id)
    return [one for one in found if one.round == found[0].round and one.plan_uid == found[0].plan_uid]


def lately(session: Session, shelf_id: int, since: datetime) -> list[Coming]:
    """Boxes that changed hands at this shelf since then, the latest first."""
    done = _of_shelf(shelf_id).where(SwapMove.act_id.is_not(None), Act.occurred_at >= since)
    return [Coming(*row) for row in session.execute(done.order_by(None).order_by(Act.occurred_at.desc()))]


def last_of(session: Session, shelf_ids: Iterable[int]) -> dict[int, date]:
    """When a box last came to each of the shelves; those that never got one are left out."""
    query = select(SwapMove.to_id, func.max(Act.occurred_at)).join(Act, Act.id == SwapMove.act_id)
    done = query.where(SwapMove.to_id.in_(sorted(shelf_ids))).group_by(SwapMove.to_id)
    return {row[0]: clock.day_of(row[1]) for row in session.execute(done)}


def names(session: Session, shelf_ids: Iterable[int]) -> dict[int, str]:
    query = select(Shelf.id, shelf_name()).where(Shelf.id.in_(sorted(set(shelf_ids))))
    return {row[0]: row[1] for row in session.execute(query)}


def counts(session: Session, box_ids: Collection[int]) -> dict[int, int]:
    """Copies in each box."""
    inside = (SwapBoxItem.box_id.in_(box_ids), SwapBoxItem.left_at.is_(None))
    query = select(SwapBoxItem.box_id, func.count()).where(*inside).group_by(SwapBoxItem.box_id)
    return dict.fromkeys(box_ids, 0) | {row[0]: row[1] for row in session.execute(query)}


# For the librarian


@dataclass(frozen=True)
class Free:
    """A shelf that could join a new plan."""

    shelf: Shelf
    name: str
    grade: int | None
    books: int
    keeper: str


def open_shelves(session: Session, mine: ColumnElement[bool], free: bool = True) -> list[Free]:
    """By grade and name; with `free` those alone that go round by no plan yet (two statements)."""
    busy = select(SwapBox.home_id).where(SwapBox.ended_at.is_(None))
    query = (
        select(Shelf, shelf_name(), func.coalesce(SchoolClass.grade, Shelf.grade), ShelfTenure.keeper_name)
        .outerjoin(ShelfTenure, (ShelfTenure.shelf_id == Shelf.id) & standing())
        .outerjoin(SchoolClass, SchoolClass.id == ShelfTenure.class_id)
        .where(mine, Shelf.closed_on.is_(None), *([Shelf.id.not_in(busy)] if free else []))
    )
    rows = session.execute(query).all()
    books = _books(session, [row[0].place_id for row in rows])
    found = [
        Free(shelf, name, grade, books.get(shelf.place_id, 0), keeper or "") for shelf, name, grade, keeper in rows
    ]
    return sorted(found, key=lambda one: (one.grade or 99, in_order(one.name)))


def _books(session: Session, places: Sequence[int]) -> dict[int, int]:
    of = overview.belonging(places)
    query = select(of.c.shelf_place, func.count()).group_by(of.c.shelf_place)
    return {row[0]: row[1] for row in session.execute(query)} if places else {}


def in_order(name: str) -> list[tuple[int, str]]:
    """4A before 10A, 4A2 before 4A10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name) if part]


@dataclass(frozen=True)
class Cell:
    """Which box a class gets in a round. `state`: done, half (one side said it), left-out, open."""

    uid: UUID
    box: int
    locked: bool
    violations: Sequence[str]
    state: str
    stays: bool


@dataclass(frozen=True)
class Round:
    number: int
    due_on: date
    settled: bool


@dataclass(frozen=True)
class Line:
    """A class and what it gets, round by round; None: nothing."""

    shelf: Shelf
    name: str
    cells: Sequence[Cell | None]


@dataclass(frozen=True)
class Grid:
    rounds: Sequence[Round]
    lines: Sequence[Line]
    broken: Mapping[str, int]


def grid(session: Session, plan: SwapPlan) -> Grid:
    """The plan as a table: classes down, rounds across (four statements)."""
    boxes = {box.id: box for box in session.scalars(select(SwapBox).where(SwapBox.plan_id == plan.id))}
    moves = session.scalars(select(SwapMove).where(SwapMove.plan_id == plan.id).order_by(SwapMove.round)).all()
    ids = {box.home_id for box in boxes.values()} | {move.to_id for move in moves}
    shelves = {shelf.id: shelf for shelf in session.scalars(select(Shelf).where(Shelf.id.in_(ids)))}
    named = names(session, ids)
    gone = _left_out(moves)
    by_cell = {(move.to_id, move.round): _cell(move, boxes, gone) for move in moves}
    settled = max((move.round for move in moves if move.given_at or move.taken_at), default=0)
    rounds = [
        Round(number, due, number <= settled)
        for number, due in sorted({move.round: move.due_on for move in moves}.items())
    ]
    order = sorted(boxes.values(), key=lambda box: box.number)
    lines = [
        Line(shelves[box.home_id], named[box.home_id], [by_cell.get((box.home_id, one.number)) for one in rounds])
        for box in order
    ]  # fmt: skip
    ahead = [name for move in moves if move.act_id is None and move.id not in gone for name in move.violations]
    return Grid(rounds, lines, Counter(ahead))


def _left_out(moves: Sequence[SwapMove]) -> set[int]:
    done: dict[int, int] = {}
    for move in moves:
        if move.act_id is not None:
            done[move.box_id] = max(done.get(move.box_id, 0), move.round)
    return {move.id for move in moves if move.act_id is None and move.round < done.get(move.box_id, 0)}


def _cell(move: SwapMove, boxes: Mapping[int, SwapBox], gone: Collection[int]) -> Cell:
    half = move.given_at is not None or move.taken_at is not None
    state = "done" if move.act_id else "left-out" if move.id in gone else "half" if half else "open"
    return Cell(
        move.uid, boxes[move.box_id].number, move.locked, move.violations, state, move.from_id == move.to_id
    )  # fmt: skip


@dataclass(frozen=True)
class BoxLine:
    """A box: whose it was, how many copies are in it, the level in its middle, where it stands, who keeps that shelf."""

    number: int
    home: str
    copies: int
    level: int | None
    where: str


@dataclass(frozen=True)
class PlanLine:
    """A plan in the list: how many classes, how far it is, when it goes on."""

    plan: SwapPlan
    classes: Sequence[str]
    done: int
    next_on: date | None


def plans(session: Session, library: ColumnElement[bool], most: int = 40) -> list[PlanLine]:
    """Those going on first, then the latest that ended (four statements)."""
    query = select(SwapPlan).where(library).order_by(SwapPlan.ended_at.is_not(None), SwapPlan.id.desc()).limit(most)
    found = session.scalars(query).all()
    ids = [plan.id for plan in found]
    homes = session.execute(
        select(SwapBox.plan_id, SwapBox.home_id).where(SwapBox.plan_id.in_(ids)).order_by(SwapBox.number)
    ).all()
    named = names(session, [row.home_id for row in homes])
    ahead = select(SwapMove.plan_id, func.min(SwapMove.round), func.min(SwapMove.due_on)).where(waiting())
    coming_up = {row[0]: row[1:] for row in session.execute(ahead.group_by(SwapMove.plan_id))}
    return [
        PlanLine(
            plan, [named[row.home_id] for row in homes if row.plan_id == plan.id],
            coming_up[plan.id][0] - 1 if plan.id in coming_up else plan.rounds,
            coming_up[plan.id][1] if plan.id in coming_up else None,
        ) for plan in found
    ]  # fmt: skip
