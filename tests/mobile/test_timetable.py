"""Days of a route's calendar."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.mobile import timetable

WEDNESDAY = date(2026, 11, 25)


def some(calendar: dict[str, object], from_on: date = WEDNESDAY, weeks: int = 6) -> list[str]:
    last = date.fromordinal(from_on.toordinal() + weeks * 7)
    return [f"{day:%d/%m}" for day in timetable.days(calendar, from_on, from_on, last)]


def test_every_second_week_counts_from_the_first() -> None:
    assert some({"every_weeks": 2, "weekdays": [2]}) == ["25/11", "09/12", "23/12", "06/01"]
    assert some({"every_weeks": 2, "weekdays": [1, 2]}) == [
        "25/11",
        "08/12",
        "09/12",
        "22/12",
        "23/12",
        "05/01",
        "06/01",
    ]


def test_weeks_of_the_month() -> None:
    first_and_last_monday = {"month_weeks": [1, timetable.LAST], "weekdays": [0]}
    assert some(first_and_last_monday, date(2026, 12, 1), 9) == ["07/12", "28/12", "04/01", "25/01", "01/02"]


def test_listed_dates_in_order_and_not_before_the_version() -> None:
    dates = {"dates": ["2026-12-02", "2026-11-26", "2026-11-01"]}
    assert some(dates) == ["26/11", "02/12"]


@pytest.mark.parametrize(
    "calendar",
    [
        {}, {"weekdays": [1]}, {"every_weeks": 0, "weekdays": [1]}, {"every_weeks": 1, "weekdays": []},
        {"every_weeks": 1, "weekdays": [7]}, {"month_weeks": [5], "weekdays": [0]}, {"dates": []},
        {"dates": ["hôm nay"]},
    ],
)  # fmt: skip
def test_what_nobody_could_drive_by_is_refused(calendar: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        timetable.days(calendar, WEDNESDAY, WEDNESDAY, WEDNESDAY)


@given(
    st.integers(1, 8), st.sets(st.integers(0, 6), min_size=1),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 200),
)  # fmt: skip
def test_a_rhythm_repeats_itself(every: int, weekdays: set[int], from_on: date, ahead: int) -> None:
    """Whatever part of it is asked for is part of the whole, and every day is a multiple of the rhythm away."""
    calendar = {"every_weeks": every, "weekdays": sorted(weekdays)}
    last = date.fromordinal(from_on.toordinal() + 300)
    whole = timetable.days(calendar, from_on, from_on, last)
    later = date.fromordinal(from_on.toordinal() + ahead)
    assert timetable.days(calendar, from_on, later, last) == [day for day in whole if day >= later]
    by_weekday = {day.weekday(): [one for one in whole if one.weekday() == day.weekday()] for day in whole}
    for same in by_weekday.values():
        assert {(b - a).days for a, b in pairwise(same)} <= {every * 7}
