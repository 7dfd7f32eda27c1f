"""What counts as read, milestones, school years: pure."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from library.shelves import reading
from library.shelves.reading import USUAL, Milestone, Told, way

MARKS = st.lists(
    st.builds(Milestone, of_class=st.booleans(), books=st.integers(1, 60), name=st.text(max_size=3)), max_size=8
)


@given(st.integers(0, 80), MARKS, st.booleans())
def test_what_is_reached_is_behind_and_what_is_ahead_is_not(count: int, marks: list[Milestone], of_class: bool) -> None:
    found = way(count, marks, of_class)
    mine = [one.books for one in marks if one.of_class is of_class]
    assert (found.reached.books if found.reached else 0) == max((one for one in mine if one <= count), default=0)
    assert (found.ahead.books if found.ahead else None) == min((one for one in mine if one > count), default=None)
    assert found.missing == (found.ahead.books - count if found.ahead else 0)


def test_the_usual_ones_are_those_of_the_issue() -> None:
    assert [one.books for one in USUAL if not one.of_class] == [5, 10, 20, 50]
    assert [one.books for one in USUAL if one.of_class] == [100, 300, 500]


def test_who_has_a_book_at_home_or_read_lately_is_not_idle() -> None:
    today = date(2026, 11, 22)
    told = {
        1: Told(), 2: Told(holding=1), 3: Told(ticked=1, last_on=today), 4: Told(returned=3, last_on=today - timedelta(days=30)),
    }  # fmt: skip
    assert reading.idle(told, today - timedelta(days=6)) == [1, 4]


def test_a_book_out_is_not_read_yet() -> None:
    assert Told(returned=2, ticked=3, holding=1).count == 5


def test_the_year_of_the_calendar_else_august_to_july() -> None:
    last, this = (date(2025, 9, 5), date(2026, 5, 31)), (date(2026, 9, 5), date(2027, 5, 31))
    assert reading.in_years([this, last], date(2026, 11, 22)) == this
    assert reading.in_years([this, last], date(2026, 8, 1)) == last, "in summer: the one that was"
    assert reading.in_years([], date(2026, 3, 1)) == (date(2025, 8, 1), date(2026, 7, 31))
    assert reading.in_years([this], date(2026, 3, 1)) == (date(2025, 8, 1), date(2026, 7, 31))
