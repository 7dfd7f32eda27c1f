"""How a batch looks at each site follows from its legs and the day alone."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.rotation import board_state
from library.rotation.board_scale import Scale, around, merged, tracks
from library.rotation.board_state import Look, OneLeg, spans

TODAY = date(2026, 11, 19)
DAY = timedelta(days=1)


def leg(number: int, site: int | None, planned: int, **days: int) -> OneLeg:
    """Days from today: planned, due, sent, received."""
    on = {f"{name}_on": TODAY + DAY * far for name, far in days.items()}
    return OneLeg(
        number, number, site, TODAY + DAY * planned, on.get("due_on"), on.get("sent_on"), on.get("received_on")
    )


@pytest.mark.parametrize(
    ("legs", "looks"),
    [
        ([leg(1, 7, 3, due=60), leg(2, None, 60)], [Look.PLANNED, Look.PLANNED]),
        ([leg(1, 7, -1, due=60, sent=-1), leg(2, None, 60)], [Look.MOVING, Look.PLANNED]),
        ([leg(1, 7, -30, due=60, sent=-30, received=-30), leg(2, None, 60)], [Look.SERVING, Look.PLANNED]),
        ([leg(1, 7, -30, due=14, sent=-30, received=-30), leg(2, None, 14)], [Look.SOON, Look.PLANNED]),
        ([leg(1, 7, -30, due=15, sent=-30, received=-30), leg(2, None, 15)], [Look.SERVING, Look.PLANNED]),
        ([leg(1, 7, -30, due=0, sent=-30, received=-30), leg(2, None, 0)], [Look.SOON, Look.PLANNED]),
        ([leg(1, 7, -30, due=-1, sent=-30, received=-30), leg(2, None, -1)], [Look.OVERDUE, Look.PLANNED]),
        (
            [leg(1, 7, -60, due=-20, sent=-60, received=-60), leg(2, 8, -20, due=40, sent=-15, received=-14)],
            [Look.DONE, Look.SERVING],
        ),
        ([leg(1, 7, -60, sent=-60, received=-60), leg(2, None, -2, sent=-2)], [Look.DONE, Look.MOVING]),
        ([leg(1, 7, -60, sent=-60, received=-60), leg(2, None, -2, sent=-2, received=-1)], [Look.DONE, Look.BACK]),
    ],
)
def test_each_stay_looks_as_its_days_say(legs: list[OneLeg], looks: list[Look]) -> None:
    found = spans(legs, TODAY, 14)
    assert [span.look for span in found] == looks


def test_an_overdue_stay_is_late_to_today_and_the_batch_with_it() -> None:
    found = spans([leg(1, 7, -30, due=-6, sent=-30, received=-29), leg(2, None, -6)], TODAY, 14)
    assert (found[0].last, found[0].late_to) == (TODAY - DAY * 6, TODAY)
    assert board_state.of_batch(found) is Look.OVERDUE
    assert board_state.now_at(found) is found[0]


def test_what_was_closed_is_done_whatever_its_days() -> None:
    found = spans([leg(1, 7, -30, due=-6, sent=-30, received=-29)], TODAY, 14, ended_on=TODAY - DAY)
    assert (found[0].look, found[0].last) == (Look.DONE, TODAY - DAY)


def test_an_arrow_goes_on_to_another_site_not_home() -> None:
    found = spans([leg(1, 7, 0), leg(2, 8, 20), leg(3, None, 40)], TODAY, 14)
    assert [span.goes_on for span in found] == [True, False, False]


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(days, days, st.booleans(), st.booleans()), max_size=6), days)
def test_no_stay_ends_before_it_begins(rows: list[tuple[date, date, bool, bool]], today: date) -> None:
    legs = [
        OneLeg(at, at, at, first, last, first if sent else None, max(first, last) if sent and got else None)
        for at, (first, last, sent, got) in enumerate(rows)
    ]
    for span in spans(legs, today, 14):
        assert span.first <= span.last
        assert (span.look is Look.OVERDUE) == (span.late_to is not None)


@given(st.lists(st.tuples(days, st.integers(0, 120)), max_size=30))
def test_stays_on_one_line_never_cover_each_other(rows: list[tuple[date, int]]) -> None:
    stays = sorted((first, first + DAY * length) for first, length in rows)
    lines = tracks(stays)
    for line in set(lines):
        mine = [stay for stay, at in zip(stays, lines, strict=True) if at == line]
        assert all(one[1] < then[0] for one, then in pairwise(mine))
    assert not lines or set(lines) == set(range(max(lines) + 1)), "no line is left empty"


@given(days)
def test_the_picture_holds_its_day_and_the_days_stand_in_order(day: date) -> None:
    scale = around(day)
    assert scale.shows(day, day)
    places = [scale.at(scale.first + DAY * at) for at in range(scale.days)]
    assert places == sorted(places)
    assert (places[0], scale.at(scale.last + DAY)) == (0, 100)
    assert len(scale.months()) == 6


def test_days_out_of_sight_stand_at_the_edge() -> None:
    scale = Scale(date(2026, 9, 1), date(2026, 9, 30))
    assert (scale.at(date(2026, 1, 1)), scale.at(date(2027, 1, 1))) == (0, 100)
    assert not scale.shows(date(2026, 8, 1), date(2026, 8, 31))


def test_days_that_follow_each_other_are_one_run() -> None:
    start = date(2027, 2, 5)
    assert merged([start, start + DAY, start + DAY * 5], gap=3) == [(start, start + DAY), (start + DAY * 5,) * 2]
