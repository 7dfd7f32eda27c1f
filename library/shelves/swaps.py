"""A swap plan is made, planned anew, ended. What was signed is never touched by any of these."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from library.calendars import openings
from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.shelves import swap_boxes, swapping, swapping_search
from library.shelves.models import Shelf, SwapBox, SwapBoxItem, SwapEvery, SwapMove, SwapPlan
from library.shelves.swap_boxes import Loose, Wishes
from library.shelves.swap_days import days
from library.shelves.swap_moves import half_signed
from library.shelves.swapping import Puzzle, Row

KIND = "plan-swap"
MOST_CLASSES, MOST_ROUNDS = 40, 60


@dataclass(frozen=True)
class Wanted:
    """`shelves` in the order in which boxes go round if nothing speaks against it. `rounds` None: until all are home."""

    name: str
    shelves: Sequence[Shelf]
    every: SwapEvery
    from_on: date
    rounds: int | None = None
    wishes: Wishes = field(default_factory=Wishes)


class NotPlanned(Refused):
    """Why there is no such plan; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


ENDED = N_("Lịch đổi này đã kết thúc.")


@dataclass(frozen=True)
class Thought:
    """Planning takes seconds where much is locked, too long to be writing meanwhile: this was found before."""

    puzzle: Puzzle
    rows: Sequence[Row]


def thought_of(puzzle: Puzzle) -> Thought:
    return Thought(puzzle, swapping_search.plan(puzzle))


def _found(puzzle: Puzzle, thought: Thought | None) -> Sequence[Row]:
    """What was thought out, if nothing has changed since."""
    return thought.rows if thought and thought.puzzle == puzzle else swapping_search.plan(puzzle)


def think(session: Session, wanted: Wanted) -> Thought | None:
    """For `plan`; writes nothing. None where `plan` will refuse."""
    try:
        _check(session, wanted)
    except NotPlanned:
        return None
    found = swap_boxes.loose(session, wanted.shelves, wanted.wishes)
    boxes = [swap_boxes.box_of([one.level for one in found[shelf.id]]) for shelf in wanted.shelves]
    rooms = swap_boxes.as_rooms(session, wanted.shelves, wanted.wishes)
    count = len(rooms)
    return thought_of(Puzzle(rooms, boxes, wanted.rounds or count, swapping.at_home(count), {}))


def plan(session: Session, doing: Doing, library_id: int, wanted: Wanted, thought: Thought | None = None) -> SwapPlan:
    """Boxes of what the shelves list now, and who gets which in every round. Raises NotPlanned."""
    _check(session, wanted)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    made = SwapPlan(
        uid=clock.uuid7(), library_id=library_id, name=wanted.name, every=wanted.every, from_on=wanted.from_on,
        rounds=wanted.rounds or len(wanted.shelves), wishes=vars(wanted.wishes).copy(), act_id=act_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    boxes = [
        SwapBox(uid=clock.uuid7(), plan_id=made.id, number=number, home_id=shelf.id)
        for number, shelf in enumerate(wanted.shelves, 1)
    ]
    session.add_all(boxes)
    session.flush()
    at_shelf = {box.id: shelf for box, shelf in zip(boxes, wanted.shelves, strict=True)}
    swap_boxes.fill(session, at_shelf, wanted.wishes, at)
    state = state_of(session, made)
    write(session, state, _found(state.puzzle, thought))
    return made


def _check(session: Session, wanted: Wanted) -> None:
    if len(wanted.shelves) < 2:
        raise NotPlanned("too-few", N_("Chọn ít nhất hai tủ thì mới đổi cho nhau được."))
    if len(wanted.shelves) > MOST_CLASSES:
        raise NotPlanned("too-many", N_("Một lịch nhiều nhất %(most)s tủ. Chia theo khối."), most=MOST_CLASSES)
    if closed := [shelf.place.name for shelf in wanted.shelves if shelf.closed_on]:
        raise NotPlanned("closed", N_("%(name)s đã đóng, không đổi được."), name=closed[0])
    if busy := in_plans(session, [shelf.id for shelf in wanted.shelves]):
        first = next(shelf for shelf in wanted.shelves if shelf.id in busy)
        sentence = N_("%(name)s đang theo lịch “%(plan)s”. Kết thúc lịch ấy trước.")
        raise NotPlanned("busy", sentence, name=first.place.name, plan=busy[first.id])


def in_plans(session: Session, shelf_ids: Iterable[int]) -> dict[int, str]:
    """Shelves whose box still goes round, and the name of that plan."""
    query = select(SwapBox.home_id, SwapPlan.name).join(SwapPlan, SwapPlan.id == SwapBox.plan_id)
    mine = query.where(SwapBox.ended_at.is_(None), SwapBox.home_id.in_(list(shelf_ids)))
    return {row[0]: row[1] for row in session.execute(mine)}


@dataclass(frozen=True)
class State:
    """A plan as the planner sees it. `settled` rounds are signed, at least in part; `rows` are those after them."""

    plan: SwapPlan
    boxes: Sequence[SwapBox]
    shelves: Sequence[Shelf]
    settled: int
    puzzle: Puzzle
    rows: Sequence[Row] = ()

    def room(self, shelf_id: int) -> int:
        return next(at for at, shelf in enumerate(self.shelves) if shelf.id == shelf_id)


def state_of(session: Session, plan: SwapPlan, rounds: int | None = None, anew: bool = False) -> State:
    """With `rounds` other than the plan's: as it would be then; with `anew` as `plan_anew` will find it once it has changed
    the boxes. Some ten statements, whatever the size."""
    leaving = set(session.scalars(_of_closed(plan))) if anew else set()
    boxes = [box for box in _boxes_of(session, plan) if box.id not in leaving]
    homes = {
        shelf.id: shelf for shelf in session.scalars(select(Shelf).where(Shelf.id.in_([b.home_id for b in boxes])))
    }
    shelves = [homes[box.home_id] for box in boxes]
    moves = moves_of(session, plan)
    settled = max((move.round for move in moves if move.given_at or move.taken_at), default=0)
    wishes, last = Wishes.of(plan), max(rounds or plan.rounds, settled)
    at = {shelf.id: room for room, shelf in enumerate(shelves)}
    rows = _rows(boxes, moves, at)
    locks = {
        (move.round - settled, box_at(boxes, move.box_id)): at[move.to_id]
        for move in moves if move.locked and settled < move.round <= last and move.to_id in at
        and box_at(boxes, move.box_id) >= 0
    }  # fmt: skip
    more = _to_fill(session, boxes, wishes, leaving) if anew else {}
    rooms, sizes = swap_boxes.as_rooms(session, shelves, wishes), swap_boxes.as_boxes(session, boxes, more)
    puzzle = Puzzle(rooms, sizes, last - settled, rows[: settled + 1], locks)
    return State(plan, boxes, shelves, settled, puzzle, rows[settled + 1 :])


def _boxes_of(session: Session, plan: SwapPlan) -> Sequence[SwapBox]:
    mine = select(SwapBox).where(SwapBox.plan_id == plan.id, SwapBox.ended_at.is_(None))
    return session.scalars(mine.order_by(SwapBox.number)).all()


def _to_fill(
    session: Session, boxes: Sequence[SwapBox], wishes: Wishes, leaving: Collection[int]
) -> dict[int, Sequence[Loose]]:
    """What `plan_anew` will put into each box."""
    at_shelf = _where_filled(session, boxes)
    found = swap_boxes.loose(session, at_shelf.values(), wishes, leaving)
    return {box: found.pop(shelf.id, ()) for box, shelf in at_shelf.items()}


def _where_filled(session: Session, boxes: Sequence[SwapBox]) -> dict[int, Shelf]:
    """Boxes that take in what is new at the shelf they stand at, and that shelf. Not those one side has signed for: the
    other would sign for books that nobody has seen in them."""
    half = set(
        session.scalars(select(SwapMove.box_id).where(SwapMove.box_id.in_([b.id for b in boxes]), half_signed()))
    )
    stands = swap_boxes.standing_at(session, [box for box in boxes if box.id not in half])
    shelves = {one.id: one for one in session.scalars(select(Shelf).where(Shelf.id.in_(stands.values())))}
    return {box: shelves[shelf] for box, shelf in stands.items()}


def moves_of(session: Session, plan: SwapPlan) -> Sequence[SwapMove]:
    query = select(SwapMove).where(SwapMove.plan_id == plan.id).order_by(SwapMove.round, SwapMove.box_id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def box_at(boxes: Sequence[SwapBox], box_id: int) -> int:
    """Its number among them, from 0; -1 for one that has left."""
    return next((at for at, box in enumerate(boxes) if box.id == box_id), -1)


def _rows(boxes: Sequence[SwapBox], moves: Sequence[SwapMove], at: Mapping[int, int]) -> list[Row]:
    """Where the boxes are before the first round and after each; -1 for a class that has left."""
    rows: list[Row] = [tuple(range(len(boxes)))]
    for number in range(1, max((move.round for move in moves), default=0) + 1):
        to = {move.box_id: at.get(move.to_id, -1) for move in moves if move.round == number}
        rows.append(tuple(to.get(box.id, rows[-1][place]) for place, box in enumerate(boxes)))
    return rows


def write(session: Session, state: State, rows: Sequence[Row], locks: Iterable[tuple[int, int]] | None = None) -> None:
    """The rounds after the settled ones are these. `locks`: (round, box) that stay so; None: those of the puzzle."""
    locked = set(state.puzzle.locks if locks is None else locks)
    mine = (SwapMove.plan_id == state.plan.id, SwapMove.round > state.settled)
    unsigned = (SwapMove.act_id.is_(None), SwapMove.given_at.is_(None), SwapMove.taken_at.is_(None))
    session.execute(delete(SwapMove).where(*mine, *unsigned), execution_options={"synchronize_session": "fetch"})
    due = due_days(session, state, state.settled + len(rows))
    named, stands = swapping.violations(state.puzzle, rows), swap_boxes.standing_at(session, state.boxes)
    new = [
        {
            "uid": clock.uuid7(), "plan_id": state.plan.id, "round": state.settled + number, "box_id": box.id,
            "due_on": due[state.settled + number - 1],
            "from_id": state.shelves[before[at]].id if before[at] >= 0 else stands[box.id],
            "to_id": state.shelves[row[at]].id, "locked": (number, at) in locked,
            "violations": list(named[number - 1][at]),
        }
        for number, (before, row) in enumerate(zip([state.puzzle.past[-1], *rows], rows, strict=False), 1)
        for at, box in enumerate(state.boxes)
    ]  # fmt: skip
    if new:
        session.execute(insert(SwapMove), new)
    state.plan.rounds = state.settled + len(rows)
    session.flush()


def due_days(session: Session, state: State, count: int) -> list[date]:
    """By the calendar of the first class's branch."""
    first = state.plan.from_on
    calendar = openings.calendar_of(session, state.shelves[0].branch_id, min(first, clock.today()))
    return days(first, state.plan.every, count, calendar.is_open)


def check_going(plan: SwapPlan) -> None:
    """Raises NotPlanned where it has ended."""
    if plan.ended_at is not None:
        raise NotPlanned("ended", ENDED)


def think_anew(session: Session, plan: SwapPlan, rounds: int | None = None) -> Thought | None:
    """For `plan_anew`; writes nothing. None where that will refuse."""
    state = state_of(session, plan, rounds, anew=True)
    return thought_of(state.puzzle) if len(state.boxes) > 1 else None


def plan_anew(
    session: Session, doing: Doing, plan: SwapPlan, rounds: int | None = None, thought: Thought | None = None
) -> int:
    """What is neither signed nor locked is planned again, with the shelves and books of today; the act's id.

    A class whose shelf was closed leaves, and the box that stands there with it.
    """
    check_going(plan)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    _closed_leave(session, plan, at)
    swap_boxes.fill(session, _where_filled(session, _boxes_of(session, plan)), Wishes.of(plan), at)
    state = state_of(session, plan, rounds)
    if len(state.boxes) < 2:
        raise NotPlanned("too-few", N_("Chỉ còn một tủ trong lịch. Kết thúc lịch này."))
    write(session, state, _found(state.puzzle, thought))
    return act_id


def _closed_leave(session: Session, plan: SwapPlan, at: datetime) -> None:
    """The box of a closed shelf stays where it stands: its books are that class's until the library fetches them."""
    _end_boxes(session, list(session.scalars(_of_closed(plan))), at)


def _of_closed(plan: SwapPlan) -> Select[int]:
    closed = select(Shelf.id).where(Shelf.closed_on.is_not(None))
    return select(SwapBox.id).where(SwapBox.plan_id == plan.id, SwapBox.ended_at.is_(None), SwapBox.home_id.in_(closed))


def _end_boxes(session: Session, boxes: Sequence[int], at: datetime) -> None:
    session.execute(update(SwapBox).where(SwapBox.id.in_(boxes)).values(ended_at=at))
    inside = (SwapBoxItem.box_id.in_(boxes), SwapBoxItem.left_at.is_(None))
    session.execute(update(SwapBoxItem).where(*inside).values(left_at=at, left_why="ended"))


def end(session: Session, doing: Doing, plan: SwapPlan) -> int:
    """Nobody swaps by this plan any more; every book stays where it is. The act's id. Raises NotPlanned."""
    check_going(plan)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    plan.ended_at = at
    _end_boxes(session, list(session.scalars(select(SwapBox.id).where(SwapBox.plan_id == plan.id))), at)
    session.flush()
    return act_id


# Taking the whole plan back


def withdraw(session: Session, act_id: int) -> None:
    """The act that made the plan was voided: nobody swaps by it. What was swapped by it must be taken back first."""
    at = clock.now()
    for plan in session.scalars(select(SwapPlan).where(SwapPlan.act_id == act_id, SwapPlan.ended_at.is_(None))):
        plan.ended_at = at
        _end_boxes(session, list(session.scalars(select(SwapBox.id).where(SwapBox.plan_id == plan.id))), at)
    session.flush()


def by_uid(session: Session, uid: UUID, where: ColumnElement[bool], hold: bool = False) -> SwapPlan:
    """With `hold`, before it is changed: nobody else changes it or signs a move of it until the transaction ends.

    Raises NotFound.
    """
    query = select(SwapPlan).where(SwapPlan.uid == uid, where)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalar(held if hold else query)
    if found is None:
        raise NotFound
    return found
