"""The next open day and what each level says, over random calendars. No database."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from library.calendars import inherited
from library.calendars.days import FURTHEST, Calendar, Span, last_open, next_open, term_end
from library.calendars.inherited import Level

DAY = timedelta(days=1)
MONDAY = date(2026, 9, 7)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
lengths = st.integers(0, 40)
spans = st.tuples(days, lengths).map(lambda told: (told[0], told[0] + DAY * told[1]))
weekdays = st.frozensets(st.integers(0, 6), max_size=7)
calendars = st.builds(
    Calendar,
    weekdays,
    st.lists(spans, max_size=6),
    openings=st.none() | st.frozensets(days, max_size=20),
    extra=st.frozensets(days, max_size=5),
)


@given(calendars, days)
def test_the_next_open_day_is_open_and_the_first(calendar: Calendar, day: date) -> None:
    found = next_open(calendar, day)
    assert found >= day
    if not calendar.is_open(found):
        assert found == day, "nothing in sight: the day itself"
        assert not any(calendar.is_open(day + DAY * ahead) for ahead in range(FURTHEST))
    assert not any(calendar.is_open(day + DAY * ahead) for ahead in range((found - day).days))


@given(calendars, days)
def test_looking_again_changes_nothing_and_looking_back_finds_it(calendar: Calendar, day: date) -> None:
    found = next_open(calendar, day)
    assert next_open(calendar, found) == found
    assume(calendar.is_open(found))
    assert last_open(calendar, found, day) == found


@given(calendars, days, st.integers(-50, 50))
def test_a_calendar_moved_by_weeks_moves_its_open_days(calendar: Calendar, day: date, weeks: int) -> None:
    by = timedelta(weeks=weeks)
    moved = Calendar(
        calendar.weekdays,
        [(first + by, last + by) for first, last in calendar.closures],
        openings=None if calendar.openings is None else frozenset(one + by for one in calendar.openings),
        extra=frozenset(one + by for one in calendar.extra),
    )
    assert next_open(moved, day + by) == next_open(calendar, day) + by


@given(calendars, days, days)
def test_a_later_day_is_never_due_earlier(calendar: Calendar, one: date, other: date) -> None:
    first, later = sorted((one, other))
    found, afterwards = next_open(calendar, first), next_open(calendar, later)
    assume(calendar.is_open(found) and calendar.is_open(afterwards))
    assert found <= afterwards


@given(calendars, spans, days)
def test_closing_more_days_never_brings_the_next_one_nearer(
    calendar: Calendar, more: tuple[date, date], day: date
) -> None:
    fewer = Calendar(
        calendar.weekdays, [*calendar.closures, more], openings=calendar.openings, extra=calendar.extra
    )  # fmt: skip
    found = next_open(fewer, day)
    assume(fewer.is_open(found))
    assert next_open(calendar, day) <= found


@given(st.lists(spans, max_size=8), days)
def test_closures_that_touch_become_one_and_close_the_same(told: list[tuple[date, date]], day: date) -> None:
    made = inherited.merged(told)
    assert Calendar(closures=made).is_open(day) == Calendar(closures=told).is_open(day)
    assert all(one[1] + DAY < other[0] for one, other in pairwise(made))


def test_closed_for_ever_and_the_end_of_time_do_not_roll_endlessly() -> None:
    assert next_open(Calendar(closures=[(date.min, date.max)]), MONDAY) == MONDAY
    assert next_open(Calendar(frozenset({6})), date.max) == date.max
    assert next_open(Calendar(openings=frozenset()), MONDAY) == MONDAY


def test_a_stop_opens_on_its_days_only_whatever_the_weekday() -> None:
    stop = Calendar(frozenset({0}), openings=frozenset({MONDAY + DAY * 5, MONDAY + DAY * 19}))
    assert next_open(stop, MONDAY) == MONDAY + DAY * 5
    assert next_open(stop, MONDAY + DAY * 6) == MONDAY + DAY * 19


def test_a_term_ends_for_its_days_and_for_the_break_before_it() -> None:
    first, second = Span(date(2026, 9, 5), date(2027, 1, 15)), Span(date(2027, 1, 18), date(2027, 5, 28))
    calendar = Calendar(terms=(first, second))
    told = [(date(2026, 9, 5), first.last), (first.last, first.last), (date(2027, 1, 16), second.last)]
    assert [(day, term_end(calendar, day)) for day, _ in told] == told
    assert term_end(calendar, date(2027, 6, 1)) is None


# --- what is said up the tree -----------------------------------------------------------------------------------------


YEARS = range(2026, 2028)
SILENT_ON_HOLIDAYS = dict.fromkeys(inherited.holidays.KINDS, False)


def flat(*levels: Level) -> Calendar:
    return inherited.flat(levels, YEARS)


def test_the_nearest_weekdays_decide_and_silence_says_nothing() -> None:
    province, school, site = Level("tỉnh", frozenset(range(5))), Level("trường"), Level("điểm", frozenset({2}))
    assert flat(school, province).weekdays == frozenset(range(5))
    assert flat(site, school, province).weekdays == frozenset({2})
    assert flat(school).weekdays == frozenset()


def test_closures_of_all_levels_add_up() -> None:
    school = Level("trường", closures=[Span(date(2026, 10, 5), date(2026, 10, 6), "mưa lũ")])
    province = Level("tỉnh", closures=[Span(date(2026, 10, 7), date(2026, 10, 8), "tập huấn")])
    calendar = flat(school, province)
    assert [calendar.is_open(date(2026, 10, day)) for day in range(4, 10)] == [True, False, False, False, False, True]
    reason = inherited.why_closed((school, province), date(2026, 10, 8))
    assert reason and (reason.why, reason.whose) == ("tập huấn", "tỉnh")


def test_open_all_the_same_wins_but_against_a_nearer_closure() -> None:
    day = date(2026, 10, 11)
    assert day.weekday() == 6
    weekly = frozenset(range(5))
    opens = Level("trường", weekly, closures=[Span(day, day, "thi")], extra={day: "ngày hội sách"})
    assert flat(opens).is_open(day), "its own closure, its own weekdays"
    site = Level("điểm", closures=[Span(day, day, "sạt lở")])
    assert not flat(site, opens).is_open(day), "who is nearer knows better"
    assert flat(Level("điểm", weekly), opens).is_open(day), "one day said is more than a week"


def test_public_holidays_close_unless_the_nearest_opens_on_them() -> None:
    hung_kings, liberation = date(2027, 4, 16), date(2027, 4, 30)
    assert not flat(Level("trường")).is_open(hung_kings)
    chooses = Level("trường", holidays={"hung-kings": False})
    assert flat(chooses).is_open(hung_kings)
    assert not flat(chooses).is_open(liberation)
    assert not flat(Level("điểm", holidays={"hung-kings": True}), chooses).is_open(hung_kings)
    none = flat(Level("trường", holidays=SILENT_ON_HOLIDAYS))
    assert none.closures == ()


def test_a_day_opened_all_the_same_is_open_on_a_holiday() -> None:
    day = date(2027, 9, 2)
    assert flat(Level("trường", extra={day: "lễ hội"})).is_open(day)


def test_terms_of_a_year_are_the_nearest_ones() -> None:
    ours = Span(date(2026, 9, 5), date(2027, 1, 9), "first")
    theirs = [Span(date(2026, 9, 5), date(2027, 1, 16), "first"), Span(date(2027, 1, 18), date(2027, 5, 28), "second")]
    later = Span(date(2027, 9, 5), date(2028, 1, 15), "first")
    school = Level("trường", terms={"2026-2027": [ours]})
    province = Level("sở", terms={"2026-2027": theirs, "2027-2028": [later]})
    assert flat(school, province).terms == (ours, later)


levels = st.builds(
    Level,
    st.just("ai đó"),
    weekdays,
    st.lists(spans.map(lambda told: Span(*told)), max_size=3),
    st.dictionaries(days, st.just("mở"), max_size=3),
    st.dictionaries(st.sampled_from(sorted(inherited.holidays.KINDS)), st.booleans(), max_size=4),
)


@given(st.lists(levels, min_size=1, max_size=4), days)
def test_the_reason_and_the_calendar_agree(said: list[Level], day: date) -> None:
    assert (inherited.why_closed(said, day) is None) == flat(*said).is_open(day)


@pytest.mark.parametrize("year", range(2025, 2037))
def test_every_public_holiday_is_of_a_known_kind(year: int) -> None:
    found = inherited.holidays.of_year(year)
    assert {one.kind for one in found} >= {"new-year", "tet", "hung-kings", "liberation", "labour", "national-day"}
    assert "other" not in {one.kind for one in found}
    assert all(one.day.year == year for one in found)


TET = {
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 2), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8), 2036: (1, 28),
}  # fmt: skip
HUNG_KINGS = {
    2025: (4, 7), 2026: (4, 26), 2027: (4, 16), 2028: (4, 4), 2029: (4, 23), 2030: (4, 12), 2031: (4, 1),
    2032: (4, 19), 2033: (4, 9), 2034: (4, 28), 2035: (4, 17), 2036: (4, 6),
}  # fmt: skip


def test_the_moon_is_right() -> None:
    """Worked out by another algorithm, at the longitude of Hà Nội (domain notes)."""
    for year, (month, day) in TET.items():
        assert inherited.holidays.tet(year) == date(year, month, day)
        kings = [one.day for one in inherited.holidays.of_year(year) if one.kind == "hung-kings"]
        assert date(year, *HUNG_KINGS[year]) in kings


def test_years_nobody_worked_out_have_no_holidays() -> None:
    assert inherited.holidays.of_year(1900) == inherited.holidays.of_year(2200) == ()
    with pytest.raises(LookupError):
        inherited.holidays.tet(2200)
