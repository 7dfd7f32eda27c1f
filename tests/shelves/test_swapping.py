"""The planner of swaps: always whole rounds, no class meets a box again before n rounds, never heavier than need be."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.shelves import swapping, swapping_search
from library.shelves.models import SwapEvery
from library.shelves.swap_days import days
from library.shelves.swapping import HAD_BEFORE, LEVEL, SIZE, Box, Puzzle, Room, Row, at_home, weight

plan = swapping_search.plan


def plain(count: int, rounds: int, locks: dict[tuple[int, int], int] | None = None) -> Puzzle:
    return Puzzle([Room()] * count, [Box()] * count, rounds, at_home(count), locks or {})


def lightest(puzzle: Puzzle) -> int:
    """Every plan there is, looked at; a plan begun is left where it already weighs too much."""
    best = 10**20
    rounds = [tuple(row) for row in permutations(range(puzzle.count))]

    def go(rows: list[Row]) -> None:
        nonlocal best
        weighs = weight(puzzle, rows)
        if weighs >= best:
            return
        if len(rows) == puzzle.rounds:
            best = weighs
            return
        locks = [(box, room) for (number, box), room in puzzle.locks.items() if number == len(rows) + 1]
        for row in rounds:
            if all(row[box] == room for box, room in locks):
                go([*rows, row])

    go([])
    return best


@st.composite
def puzzles(draw: st.DrawFn, most: int, rounds: dict[int, int] | None = None, few_locks: int = 4) -> Puzzle:
    count = draw(st.integers(2, most))
    number = draw(st.integers(1, rounds[count] if rounds else min(count + 2, 20)))
    level = st.integers(1, 6)
    rooms = draw(st.lists(st.builds(Room, st.frozensets(level, max_size=3), st.sampled_from([0, 20, 40])),
                          min_size=count, max_size=count))  # fmt: skip
    boxes = draw(st.lists(st.builds(Box, st.integers(0, 60), st.none() | level), min_size=count, max_size=count))
    past = at_home(count)
    if draw(st.booleans()):
        past.append(tuple(draw(st.permutations(range(count)))))
    locks: dict[tuple[int, int], int] = {}
    for at in draw(st.lists(st.tuples(st.integers(1, number), st.integers(0, count - 1)), max_size=few_locks)):
        room = draw(st.integers(0, count - 1))
        if at not in locks and (at[0], room) not in {(when, taken) for (when, _), taken in locks.items()}:
            locks[at] = room
    return Puzzle(rooms, boxes, number, past, locks)


@settings(max_examples=80, deadline=None)
@given(puzzles(6, {2: 5, 3: 4, 4: 3, 5: 2, 6: 1}))
def test_nothing_lighter_exists(puzzle: Puzzle) -> None:
    rows = plan(puzzle)
    assert swapping.keeps_locks(puzzle, rows)
    assert weight(puzzle, rows) == lightest(puzzle)


def test_six_classes_two_rounds_against_every_plan() -> None:
    levels = [frozenset({one}) for one in (1, 1, 2, 3, 5, 6)]
    rooms, boxes = [Room(one, 30) for one in levels], [Box(20 + 5 * at, at + 1) for at in range(6)]
    puzzle = Puzzle(rooms, boxes, 2, at_home(6), {(1, 0): 5, (2, 3): 5})
    assert weight(puzzle, plan(puzzle)) == lightest(puzzle)


@settings(max_examples=25, deadline=None)
@given(puzzles(14))
def test_rounds_are_whole_and_locks_hold(puzzle: Puzzle) -> None:
    rows = plan(puzzle)
    assert len(rows) == puzzle.rounds
    assert all(sorted(row) == list(range(puzzle.count)) for row in rows)
    assert swapping.keeps_locks(puzzle, rows)
    assert rows == plan(puzzle), "the same question has the same answer"


@pytest.mark.parametrize("count", range(2, 41))
def test_no_class_meets_a_box_again_before_n_rounds(count: int) -> None:
    rows = plan(plain(count, count))
    standing = [at_home(count)[0], *rows]
    for moment, row in enumerate(standing):
        before = standing[max(0, moment - count + 1) : moment]
        assert all(one != other for was in before for one, other in zip(was, row, strict=True))
    assert standing[count] == standing[0], "after n rounds every box is at home"


@pytest.mark.parametrize("count", [2, 3, 5, 8, 13, 24, 40])
def test_levels_never_cost_a_meeting_again(count: int) -> None:
    rooms = [Room(frozenset({at % 6 + 1}), 30) for at in range(count)]
    boxes = [Box(25 + at, (at * 5) % 6 + 1) for at in range(count)]
    puzzle = Puzzle(rooms, boxes, max(1, count // 2), at_home(count))
    named = [one for row in swapping.violations(puzzle, plan(puzzle)) for one in row]
    assert not any(HAD_BEFORE in one for one in named)


def test_a_box_that_fits_goes_where_it_fits_first() -> None:
    rooms = [Room(frozenset({1})), Room(frozenset({1})), Room(frozenset({6})), Room(frozenset({6}))]
    boxes = [Box(level=one) for one in (6, 6, 1, 1)]
    puzzle = Puzzle(rooms, boxes, 2, at_home(4))
    assert weight(puzzle, plan(puzzle)) == 0


def test_one_lock_is_kept_without_any_meeting_again() -> None:
    puzzle = plain(12, 11, {(4, 0): 7})
    rows = plan(puzzle)
    assert rows[3][0] == 7
    assert weight(puzzle, rows) == 0


def test_what_cannot_be_helped_is_named() -> None:
    puzzle = Puzzle([Room(frozenset({1}), 30), Room(frozenset({6}), 30)], [Box(10, 1), Box(40, 4)], 1, at_home(2))
    assert plan(puzzle) == [(1, 0)]
    assert swapping.violations(puzzle, plan(puzzle)) == [[(LEVEL, SIZE), (LEVEL,)]]


def test_a_box_locked_to_its_own_class_is_met_again() -> None:
    puzzle = plain(3, 1, {(1, 0): 0})
    assert HAD_BEFORE in swapping.violations(puzzle, plan(puzzle))[0][0]


def test_two_boxes_cannot_be_locked_to_one_class() -> None:
    with pytest.raises(ValueError, match="locked"):
        plain(3, 1, {(1, 0): 2, (1, 1): 2})


# Days

MONDAY = date(2026, 9, 7)


def closed(*spans: tuple[date, date]) -> object:
    return lambda day: not any(first <= day <= last for first, last in spans)


def test_weeks_go_on_from_the_first() -> None:
    assert days(MONDAY, SwapEvery.WEEK, 3, lambda day: True) == [MONDAY + timedelta(weeks=at) for at in range(3)]
    assert days(MONDAY, SwapEvery.TWO_WEEKS, 2, lambda day: True)[1] == MONDAY + timedelta(weeks=2)


def test_a_closed_day_moves_on_and_the_next_beat_stays() -> None:
    off = closed((date(2026, 9, 14), date(2026, 9, 15)))
    assert days(MONDAY, SwapEvery.WEEK, 3, off) == [MONDAY, date(2026, 9, 16), date(2026, 9, 21)]  # type: ignore[arg-type]


def test_a_closed_week_is_left_out_and_everything_comes_later() -> None:
    off = closed((date(2026, 9, 14), date(2026, 9, 27)))
    assert days(MONDAY, SwapEvery.WEEK, 3, off) == [MONDAY, date(2026, 9, 28), date(2026, 10, 5)]  # type: ignore[arg-type]


def test_a_month_later_is_the_same_weekday_of_the_month() -> None:
    assert days(MONDAY, SwapEvery.MONTH, 4, lambda day: True) == [
        MONDAY, date(2026, 10, 5), date(2026, 11, 2), date(2026, 12, 7),
    ]  # fmt: skip
    last = days(date(2026, 8, 31), SwapEvery.MONTH, 3, lambda day: True)
    assert last == [date(2026, 8, 31), date(2026, 9, 28), date(2026, 10, 26)]


def test_where_everything_is_closed_the_beats_stand() -> None:
    assert days(MONDAY, SwapEvery.WEEK, 2, lambda day: False) == [MONDAY, date(2026, 9, 14)]


@given(
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.sampled_from(SwapEvery),
    st.integers(1, 40),
    st.sets(st.integers(0, 400)),
)
def test_days_are_open_and_in_order(first: date, every: SwapEvery, count: int, shut: set[int]) -> None:
    off = {first + timedelta(days=more) for more in shut}
    found = days(first, every, count, lambda day: day not in off)
    assert len(found) == count
    assert not off & set(found)
    assert found == sorted(set(found))


@pytest.mark.parametrize("now", [(1, 2, -1), (-1, 0, 1), (2, -1, 1), (0, -1, 2), (1, 1, 2)])
def test_a_box_that_stands_in_a_class_that_left_comes_back_in(now: Row) -> None:
    """From there no box simply goes on to the next class: three classes, and every round is whole all the same."""
    puzzle = Puzzle([Room()] * 3, [Box()] * 3, 4, [*at_home(3), now])
    rows = plan(puzzle)
    assert [sorted(row) for row in rows] == [[0, 1, 2]] * 4
    assert weight(puzzle, rows) == lightest(puzzle)


def test_no_round_is_planned_where_none_is_left() -> None:
    assert plan(Puzzle([Room()] * 3, [Box()] * 3, 0, [*at_home(3), (1, 2, -1)])) == []
