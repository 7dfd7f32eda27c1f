"""Boxes go from class to class: both teachers say so, then the books are the other class's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from library.accounts.models import Account
from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger, stays
from library.holdings.models import Item, Movement, Ownership, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import deeds
from library.loans.deeds import Lending
from library.loans.models import Loan
from library.shelves import stock, swap_boxes, swap_by_hand, swap_giving, swaps, swaps_told
from library.shelves.models import Shelf, SwapBoxItem, SwapEvery, SwapMove, SwapPlan
from library.shelves.swap_boxes import Wishes
from library.shelves.swap_giving import NotSwapped, Side
from library.shelves.swaps import NotPlanned, Wanted
from library.uses.counting import Frozen
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.statements import counted
from tests.support.world import World

NAMES = ("4A", "4B", "4C")


class Grade:
    """Three classes of a grade with a shelf each, their teachers, and a plan from next Monday on."""

    def __init__(self, world: World, names: Sequence[str] = NAMES, each: int = 4) -> None:
        self.world, self.session = world, world.session()
        self.teachers: dict[str, Account] = {}
        self.shelves: dict[str, Shelf] = {}
        self.books: dict[str, list[Item]] = {}
        for name in names:
            of = school_class(world, name)
            self.teachers[name] = teacher(world, of, f"gv{name.lower()}", f"Cô {name}")
            self.shelves[name] = shelf(world, of, keeper=self.teachers[name])
            self.books[name] = world.items(each)
            put(world, self.shelves[name], self.books[name])
        self.plan = self.planned()

    def doing(self) -> Doing:
        return Doing(clock.uuid7(), branch_id=self.world.branch().id)

    def planned(self, rounds: int | None = None, wishes: Wishes = Wishes()) -> SwapPlan:
        wanted = Wanted(
            "Khối 4", list(self.shelves.values()), SwapEvery.WEEK, clock.today() + timedelta(days=1), rounds, wishes
        )
        return swaps.plan(self.session, self.doing(), self.world.school().id, wanted)

    def move(self, number: int, giver: str) -> SwapMove:
        mine = (SwapMove.plan_id == self.plan.id, SwapMove.round == number, SwapMove.from_id == self.shelves[giver].id)
        return self.session.scalars(select(SwapMove).where(*mine)).one()

    def name(self, shelf_id: int) -> str:
        return next(name for name, one in self.shelves.items() if one.id == shelf_id)

    def say(self, move: SwapMove, side: Side, missing: Sequence[Item] = ()) -> swap_giving.Swapped:
        who = self.teachers[self.name(move.from_id if side is Side.GIVE else move.to_id)]
        return swap_giving.say(self.session, self.doing(), move, side, who.id, [item.id for item in missing])

    def swap(self, number: int, giver: str) -> SwapMove:
        move = self.move(number, giver)
        self.say(move, Side.GIVE)
        assert self.say(move, Side.TAKE).done
        return move

    def listed(self, name: str) -> set[int]:
        return {one.item_id for one in stock.listed(self.session, self.shelves[name].place_id)}

    def ids(self, name: str) -> set[int]:
        return {item.id for item in self.books[name]}


@pytest.fixture
def grade(world: World) -> Grade:
    return Grade(world)


def lend(world: World, item: Item) -> int:
    """Somebody takes the copy home; the loan's act."""
    session, now = world.session(), clock.now()
    reader = world.patron("Hoàng Thị Lan")
    home = world.place(PlaceKind.WITH_PATRONS)
    frozen = Frozen(branch_id=world.branch().id)
    what = Lending(item.id, item.uid, reader.id, clock.today() + timedelta(days=7), frozen)
    return deeds.lend(session, Doing(clock.uuid7(), branch_id=world.branch().id), what, (home.id, home.branch_id), now)[
        0
    ]


def test_a_plan_boxes_what_the_shelves_list(grade: Grade) -> None:
    boxes = swaps.state_of(grade.session, grade.plan).boxes
    assert [swap_boxes.contents(grade.session, box.id) for box in boxes] == [sorted(grade.ids(name)) for name in NAMES]
    assert grade.plan.rounds == 3
    assert not any(move.violations for move in swaps.moves_of(grade.session, grade.plan))


def test_one_side_alone_moves_nothing(grade: Grade) -> None:
    move = grade.move(1, "4A")
    assert not grade.say(move, Side.GIVE).done
    assert grade.listed("4A") == grade.ids("4A")
    assert move.act_id is None


@pytest.mark.parametrize("first", Side)
def test_both_sides_make_it_true_in_either_order(grade: Grade, first: Side) -> None:
    move = grade.move(1, "4A")
    second = Side.TAKE if first is Side.GIVE else Side.GIVE
    grade.say(move, first)
    told = grade.say(move, second)
    to = grade.name(move.to_id)
    assert told.done
    assert set(told.moved) == grade.ids("4A") <= grade.listed(to)
    grade.session.expire_all()
    assert {item.place_id for item in grade.books["4A"]} == {grade.shelves[to].place_id}
    assert ledger.astray(grade.session) == []


def test_nobody_gives_to_oneself(grade: Grade) -> None:
    move = grade.move(1, "4A")
    grade.say(move, Side.GIVE)
    with pytest.raises(NotSwapped) as refused:
        swap_giving.say(grade.session, grade.doing(), move, Side.TAKE, grade.teachers["4A"].id)
    assert refused.value.reasons[0].code == "two-people"


def test_said_twice_is_said_once(grade: Grade) -> None:
    move = grade.move(1, "4A")
    grade.say(move, Side.GIVE)
    given = move.give_act
    assert not grade.say(move, Side.GIVE).done
    assert move.give_act == given


def test_a_book_on_loan_changes_its_shelf_and_keeps_its_reader(grade: Grade, world: World) -> None:
    lent = grade.books["4A"][0]
    act = lend(world, lent)
    move = grade.swap(1, "4A")
    told = next(one for one in stock.listed(grade.session, grade.shelves[grade.name(move.to_id)].place_id)
                if one.item_id == lent.id)  # fmt: skip
    assert told.reader == "Hoàng Thị Lan"
    assert not told.here
    loan = grade.session.scalars(select(Loan).where(Loan.act_id == act)).one()
    assert loan.ended_at is None


@pytest.mark.parametrize("side", Side)
def test_a_missing_book_stays_with_the_class_that_signed_last(grade: Grade, side: Side) -> None:
    move, lost = grade.move(1, "4A"), grade.books["4A"][0]
    grade.say(move, Side.GIVE, [lost] if side is Side.GIVE else [])
    told = grade.say(move, Side.TAKE, [lost] if side is Side.TAKE else [])
    assert told.missing == (lost.id,)
    assert grade.listed("4A") == {lost.id}
    assert lost.id not in swap_boxes.contents(grade.session, move.box_id)


def test_a_missing_book_of_the_second_round_stays_with_the_second_class(grade: Grade) -> None:
    second = grade.name(grade.swap(1, "4A").to_id)
    box = grade.move(1, "4A").box_id
    move = grade.session.scalars(select(SwapMove).where(SwapMove.box_id == box, SwapMove.round == 2)).one()
    lost = grade.books["4A"][1]
    grade.say(move, Side.GIVE)
    grade.say(move, Side.TAKE, [lost])
    assert lost.id in grade.listed(second)


def test_what_left_the_shelf_meanwhile_leaves_the_box(grade: Grade, world: World) -> None:
    gone = grade.books["4A"][0]
    at = clock.now()
    act = (acts.write(grade.session, grade.doing(), "fill-shelf", at), clock.uuid7())
    stays.end(grade.session, act, (gone.id, gone.uid), "back", at)
    move = grade.move(1, "4A")
    grade.say(move, Side.GIVE)
    told = grade.say(move, Side.TAKE)
    assert told.out == (gone.id,)
    left = grade.session.scalars(select(SwapBoxItem).where(SwapBoxItem.item_id == gone.id)).one()
    assert left.left_why == "taken-out"


def test_what_was_scanned_on_the_old_shelf_since_is_not_in_the_box(grade: Grade) -> None:
    move, seen = grade.move(1, "4A"), grade.books["4A"][0]
    grade.say(move, Side.GIVE)
    at = clock.now()
    act = (acts.write(grade.session, grade.doing(), "take-in", at), clock.uuid7())
    here = grade.shelves["4A"]
    ledger.move(grade.session, act, {seen.id: seen.uid}, (here.place_id, here.branch_id), Why.DESK, at)
    told = grade.say(move, Side.TAKE)
    assert told.follow == (seen.id,)
    grade.session.expire_all()
    assert seen.place_id == here.place_id
    assert seen.id in grade.listed(grade.name(move.to_id))


def test_after_n_rounds_every_box_is_at_home(grade: Grade) -> None:
    for number in (1, 2, 3):
        for name in NAMES:
            grade.swap(number, name)
    assert {name: grade.listed(name) for name in NAMES} == {name: grade.ids(name) for name in NAMES}
    assert ledger.astray(grade.session) == []


def test_taking_back_is_as_if_nothing_had_been(grade: Grade) -> None:
    lost = grade.books["4A"][0]
    move = grade.move(1, "4A")
    grade.say(move, Side.GIVE)
    grade.say(move, Side.TAKE, [lost])
    swap_giving.take_back(grade.session, grade.doing(), move, Side.TAKE)
    grade.session.expire_all()
    assert grade.listed("4A") == grade.ids("4A") == set(swap_boxes.contents(grade.session, move.box_id))
    assert (move.act_id, move.taken_by, swap_giving.missed(grade.session, move.id)) == (None, None, set())
    assert move.given_by == grade.teachers["4A"].id
    assert ledger.astray(grade.session) == []
    swap_giving.take_back(grade.session, grade.doing(), move, Side.GIVE)
    assert move.given_by is None
    assert grade.swap(1, "4A").act_id


def test_who_spoke_first_waits_for_the_other_to_take_back(grade: Grade) -> None:
    move = grade.swap(1, "4A")
    with pytest.raises(NotSwapped, match="other-side"):
        swap_giving.take_back(grade.session, grade.doing(), move, Side.GIVE)


def test_a_box_that_went_on_is_not_taken_back(grade: Grade) -> None:
    first = grade.swap(1, "4A")
    grade.swap(2, grade.name(first.to_id))
    later = grade.session.scalars(select(SwapMove).where(SwapMove.box_id == first.box_id, SwapMove.round == 2)).one()
    assert later.act_id
    with pytest.raises(NotSwapped, match="later"):
        swap_giving.take_back(grade.session, grade.doing(), first, Side.TAKE)


def test_a_round_left_out_is_passed_by(grade: Grade) -> None:
    """Nobody tapped in the first week; the box is given on in the second all the same."""
    first = grade.move(1, "4A")
    holder = grade.name(first.to_id)
    grade.swap(2, holder)
    with pytest.raises(NotSwapped, match="passed-by"):
        grade.say(first, Side.GIVE)
    assert first.uid not in {one.move_uid for one in swaps_told.coming(grade.session, grade.shelves["4A"].id)}
    assert grade.listed("4A") == set()


def test_planning_anew_keeps_what_is_signed_and_locked(grade: Grade) -> None:
    done = grade.swap(1, "4A")
    locked = grade.move(3, "4A")
    swap_by_hand.lock(grade.session, grade.doing(), grade.plan, [locked], True)
    kept, to = (done.uid, done.to_id), (locked.box_id, locked.to_id)
    swaps.plan_anew(grade.session, grade.doing(), grade.plan, 5)
    moves = swaps.moves_of(grade.session, grade.plan)
    assert kept in {(move.uid, move.to_id) for move in moves}
    assert to in {(move.box_id, move.to_id) for move in moves if move.round == 3 and move.locked}
    assert max(move.round for move in moves) == grade.plan.rounds == 5
    for number in range(2, 6):
        came = {move.box_id: move.to_id for move in moves if move.round == number - 1}
        assert all(move.from_id == came[move.box_id] for move in moves if move.round == number)


def test_planning_anew_boxes_new_books_but_not_missing_ones(grade: Grade, world: World) -> None:
    move, lost = grade.move(1, "4A"), grade.books["4A"][0]
    grade.say(move, Side.GIVE, [lost])
    grade.say(move, Side.TAKE)
    grade.swap(1, "4B")
    grade.swap(1, "4C")
    new = world.items(2)
    put(world, grade.shelves["4A"], new)
    swaps.plan_anew(grade.session, grade.doing(), grade.plan)
    boxed = set(grade.session.scalars(select(SwapBoxItem.item_id).where(SwapBoxItem.left_at.is_(None))))
    assert {item.id for item in new} <= boxed
    assert lost.id not in boxed


def test_two_boxes_change_places_by_hand(grade: Grade) -> None:
    one, other = grade.move(1, "4A"), grade.move(1, "4B")
    boxes, to = (one.box_id, other.box_id), (one.to_id, other.to_id)
    swap_by_hand.exchange(grade.session, grade.doing(), grade.plan, one, other)
    now = {move.box_id: move for move in swaps.moves_of(grade.session, grade.plan) if move.round == 1}
    assert (now[boxes[1]].to_id, now[boxes[0]].to_id) == to
    assert all(now[box].locked for box in boxes)
    assert any(move.violations for move in swaps.moves_of(grade.session, grade.plan)), "and what that breaks is named"


def test_a_signed_round_is_left_alone(grade: Grade) -> None:
    grade.swap(1, "4A")
    with pytest.raises(NotPlanned, match="signed"):
        swap_by_hand.exchange(grade.session, grade.doing(), grade.plan, grade.move(1, "4A"), grade.move(1, "4B"))


def test_a_shelf_swaps_by_one_plan_at_a_time(grade: Grade) -> None:
    with pytest.raises(NotPlanned, match="busy"):
        grade.planned()
    swaps.end(grade.session, grade.doing(), grade.plan)
    assert grade.planned().id != grade.plan.id
    assert swaps_told.coming(grade.session, grade.shelves["4A"].id)


def test_nothing_is_swapped_by_a_plan_that_ended(grade: Grade) -> None:
    move = grade.move(1, "4A")
    swaps.end(grade.session, grade.doing(), grade.plan)
    with pytest.raises(NotSwapped, match="ended"):
        grade.say(move, Side.GIVE)
    assert swaps_told.coming(grade.session, grade.shelves["4A"].id) == []


def test_closures_push_the_days_on(grade: Grade) -> None:
    first = grade.plan.from_on
    school = Whose(organisation_id=grade.world.school().id)
    opening_days.close(grade.session, school, first + timedelta(days=7), first + timedelta(days=8), "Nghỉ bão")
    assert [number for number, _, _ in swap_by_hand.closed_days(grade.session, grade.plan)][:1] == [2]
    swap_by_hand.push_on(grade.session, grade.doing(), grade.plan)
    due = {move.round: move.due_on for move in swaps.moves_of(grade.session, grade.plan)}
    assert due == {1: first, 2: first + timedelta(days=9), 3: first + timedelta(days=14)}
    assert swap_by_hand.closed_days(grade.session, grade.plan) == []


def test_a_closed_shelf_leaves_the_plan(grade: Grade) -> None:
    grade.shelves["4C"].closed_on = clock.today()
    grade.session.flush()
    move = next(move for move in (grade.move(1, name) for name in NAMES) if move.to_id == grade.shelves["4C"].id)
    with pytest.raises(Refused, match="closed"):
        grade.say(move, Side.GIVE)
    swaps.plan_anew(grade.session, grade.doing(), grade.plan)
    state = swaps.state_of(grade.session, grade.plan)
    assert [one.id for one in state.shelves] == [grade.shelves["4A"].id, grade.shelves["4B"].id]


@pytest.mark.parametrize("rounds", [None, 1, 5])
def test_after_a_signed_round_a_class_leaves_and_three_go_on(world: World, rounds: int | None) -> None:
    grade = Grade(world, ("4A", "4B", "4C", "4D"))
    for name in ("4B", "4C", "4D"):
        grade.swap(1, name)
    grade.shelves["4A"].closed_on = clock.today()
    grade.session.flush()
    swaps.plan_anew(grade.session, grade.doing(), grade.plan, rounds)
    rest = {grade.shelves[name].id for name in ("4B", "4C", "4D")}
    rows = [move for move in swaps.moves_of(grade.session, grade.plan) if move.round > 1]
    for number in range(2, grade.plan.rounds + 1):
        assert {move.to_id for move in rows if move.round == number} == rest
    assert grade.plan.rounds == (rounds or 4)


@pytest.mark.parametrize("side", Side)
def test_a_box_that_one_side_signed_for_takes_nothing_in(grade: Grade, world: World, side: Side) -> None:
    """Who signed has looked through it; new books of the shelf wait for the next time."""
    move = grade.move(1, "4A")
    grade.say(move, side)
    new = world.items(2)
    put(world, grade.shelves["4A"], new)
    before = swaps.think_anew(grade.session, grade.plan)
    swaps.plan_anew(grade.session, grade.doing(), grade.plan)
    assert set(swap_boxes.contents(grade.session, move.box_id)) == grade.ids("4A")
    assert before and before.puzzle == swaps.state_of(grade.session, grade.plan).puzzle
    swap_giving.take_back(grade.session, grade.doing(), move, side)
    swaps.plan_anew(grade.session, grade.doing(), grade.plan)
    box = swaps.state_of(grade.session, grade.plan).boxes[0]
    assert {item.id for item in new} <= set(swap_boxes.contents(grade.session, box.id))


def test_what_was_swapped_by_a_plan_that_ended_is_not_taken_back(grade: Grade) -> None:
    move = grade.swap(1, "4A")
    swaps.end(grade.session, grade.doing(), grade.plan)
    grade.plan = grade.planned()
    boxed = [swap_boxes.contents(grade.session, box.id) for box in swaps.state_of(grade.session, grade.plan).boxes]
    with pytest.raises(NotSwapped, match="ended"):
        swap_giving.take_back(grade.session, grade.doing(), move, Side.TAKE)
    assert [one.going for one in swaps_told.lately(grade.session, move.to_id, clock.now() - timedelta(days=1))] == [
        False
    ]
    assert boxed == [
        swap_boxes.contents(grade.session, box.id) for box in swaps.state_of(grade.session, grade.plan).boxes
    ]


def test_a_box_that_left_the_plan_is_not_taken_back(grade: Grade) -> None:
    move = grade.swap(1, "4A")
    grade.shelves["4A"].closed_on = clock.today()
    grade.session.flush()
    swaps.plan_anew(grade.session, grade.doing(), grade.plan)
    with pytest.raises(NotSwapped, match="left"):
        swap_giving.take_back(grade.session, grade.doing(), move, Side.TAKE)


def test_a_box_that_ended_stays_empty_when_its_act_is_voided(grade: Grade) -> None:
    lost = grade.books["4A"][0]
    move = grade.move(1, "4A")
    grade.say(move, Side.GIVE, [lost])
    grade.say(move, Side.TAKE)
    assert move.act_id
    swaps.end(grade.session, grade.doing(), grade.plan)
    swap_giving.undone(grade.session, move.act_id)
    assert swap_boxes.contents(grade.session, move.box_id) == []


def test_what_was_missed_in_a_round_passed_by_stays_too(grade: Grade) -> None:
    """The giver missed a book in the first week and nobody took; in the second week the box goes on without it."""
    first, lost = grade.move(1, "4A"), grade.books["4A"][0]
    grade.say(first, Side.GIVE, [lost])
    second = grade.session.scalars(
        select(SwapMove).where(SwapMove.box_id == first.box_id, SwapMove.round == 2)
    ).one()  # fmt: skip
    grade.say(second, Side.GIVE)
    told = grade.say(second, Side.TAKE)
    assert told.missing == (lost.id,)
    assert grade.listed("4A") == {lost.id}
    assert lost.id not in swap_boxes.contents(grade.session, first.box_id)


def test_what_was_thought_out_is_what_is_planned(grade: Grade, world: World) -> None:
    """Also where a class leaves and books come in; and it is thought out again where something changed since."""
    put(world, grade.shelves["4A"], world.items(2))
    grade.shelves["4C"].closed_on = clock.today()
    grade.session.flush()
    thought = swaps.think_anew(grade.session, grade.plan, 5)
    grade.session.expire_all()
    assert thought
    swaps.plan_anew(grade.session, grade.doing(), grade.plan, 5, thought)
    assert swaps.state_of(grade.session, grade.plan).puzzle == thought.puzzle
    stale = replace(thought, rows=[])
    put(world, grade.shelves["4A"], world.items(1))
    swaps.plan_anew(grade.session, grade.doing(), grade.plan, 5, stale)
    assert grade.plan.rounds == 5, "not the empty one of before"


def test_a_new_plan_is_thought_out_before(grade: Grade) -> None:
    swaps.end(grade.session, grade.doing(), grade.plan)
    wanted = Wanted("Lại", list(grade.shelves.values()), SwapEvery.WEEK, clock.today() + timedelta(days=1), 4)
    thought = swaps.think(grade.session, wanted)
    made = swaps.plan(grade.session, grade.doing(), grade.world.school().id, wanted, thought)
    now = swaps.state_of(grade.session, made)
    assert thought and (thought.puzzle, list(thought.rows)) == (now.puzzle, list(now.rows))
    assert swaps.think(grade.session, wanted) is None, "these shelves have a plan now"


def test_many_boxes_are_planned_anew_by_no_more_statements(world: World) -> None:
    counts = []
    for names in (("4A", "4B", "4C"), tuple(f"5{letter}" for letter in "ABCDEFGH")):
        grade = Grade(world, names, 2)
        for name in names:
            put(world, grade.shelves[name], world.items(1))
        grade.session.flush()
        with counted() as sent:
            swaps.plan_anew(grade.session, grade.doing(), grade.plan)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 30


def test_what_a_pupil_lent_to_the_class_never_travels(grade: Grade, world: World) -> None:
    swaps.end(grade.session, grade.doing(), grade.plan)
    for item, ownership in zip(grade.books["4A"], (Ownership.PUPIL, Ownership.CLASS, Ownership.PARENTS), strict=False):
        item.ownership = ownership
    grade.session.flush()
    plan = grade.planned()
    boxes = swaps.state_of(grade.session, plan).boxes
    assert swap_boxes.contents(grade.session, boxes[0].id) == [grade.books["4A"][3].id]
    swaps.end(grade.session, grade.doing(), plan)
    plan = grade.planned(wishes=Wishes(classes_own=True))
    boxes = swaps.state_of(grade.session, plan).boxes
    assert swap_boxes.contents(grade.session, boxes[0].id) == [item.id for item in grade.books["4A"][1:]]


def test_small_boxes_and_other_levels_are_named(world: World) -> None:
    grade = Grade(world, each=2)
    swaps.end(grade.session, grade.doing(), grade.plan)
    for number in range(3):
        world.patron(f"Em Số {number}", class_name="4B")
    plan = grade.planned()
    named = {grade.name(move.to_id) for move in swaps.moves_of(grade.session, plan) if "size" in move.violations}
    assert named == {"4B"}


def test_what_comes_next_and_what_was_last(grade: Grade) -> None:
    first = swaps_told.next_of(grade.session, grade.shelves["4A"].id)
    assert [(one.gives, one.round) for one in first] == [(False, 1), (True, 1)]
    assert {one.other for one in first} <= {"4B", "4C"}
    move = grade.swap(1, "4A")
    assert swaps_told.last_of(grade.session, [one.id for one in grade.shelves.values()]) == {move.to_id: clock.today()}


def test_sixty_books_take_no_more_statements_than_five(world: World) -> None:
    small, large = Grade(world, ("4A", "4B"), 5), Grade(world, ("5A", "5B"), 500)
    counts = []
    for grade, name in ((small, "4A"), (large, "5A")):
        move = grade.move(1, name)
        grade.say(move, Side.GIVE)
        grade.session.flush()
        with counted() as sent:
            assert grade.say(move, Side.TAKE).done
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 40


def test_many_stays_begin_as_one_by_one(world: World) -> None:
    """Late ones among them are sorted in."""
    session, one, other = world.session(), shelf(world), shelf(world, school_class(world, "5A"))
    items = world.items(3)
    now = clock.now()
    put(world, one, items, now - timedelta(hours=2))
    put(world, one, items[:1], now)
    at = now - timedelta(hours=1)
    doing = Doing(clock.uuid7(), branch_id=one.branch_id)
    act = (acts.write(session, doing, "swap-boxes", at), doing.uid)
    stays.begin_many(session, act, {item.id: item.uid for item in items}, other.place_id, "shelf", at)
    rows = session.execute(
        select(Stay.item_id, Stay.place_id, Stay.ended_at).where(Stay.voided.is_(False)).order_by(Stay.occurred_at)
    ).all()
    for item in items:
        recorded = [(place, ended) for which, place, ended in rows if which == item.id]
        stays.recast(session, item.id)
        again = session.execute(
            select(Stay.place_id, Stay.ended_at).where(Stay.item_id == item.id).order_by(Stay.occurred_at)
        ).all()
        assert recorded == [tuple(row) for row in again]
    assert stays.open_at(session, other.place_id) == [items[1].id, items[2].id]
    assert stays.open_at(session, one.place_id) == [items[0].id]
    assert session.scalar(select(Movement.id).where(Movement.act_id == act[0])) is None
