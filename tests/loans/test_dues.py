"""When a book is due: the rows of the circulation table, and what holds for every policy. No database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from library.calendars.days import Calendar, Span
from library.loans.dues import UNTIL_TOLD, due_on, renewed_due
from library.policies.values import ClosedDays, Hard, HardWhen, Length, LengthKind, RenewFrom, Values

DAY = timedelta(days=1)
TODAY = date(2026, 10, 5)
"""A Monday."""
ALWAYS = Calendar()
TEN = Values(length=Length(LengthKind.DAYS, 10), closed_days=ClosedDays.PUSH)


def until(day: date) -> Length:
    return Length(LengthKind.DATE, None, day)


def shut(*days: int) -> Calendar:
    """Closed so many days from today."""
    return Calendar(closures=[(TODAY + DAY * day, TODAY + DAY * day) for day in days])


def test_a4_a_closed_due_day_is_pushed_to_the_next_open_one() -> None:
    assert due_on(TEN, shut(10), TODAY, None) == TODAY + DAY * 11
    assert due_on(TEN, ALWAYS, TODAY, None) == TODAY + DAY * 10


@pytest.mark.parametrize(("mode", "days"), [(ClosedDays.PUSH, 12), (ClosedDays.BACK, 9), (ClosedDays.KEEP, 10)])
def test_the_policy_says_what_becomes_of_a_closed_day(mode: ClosedDays, days: int) -> None:
    assert due_on(replace(TEN, closed_days=mode), shut(10, 11), TODAY, None) == TODAY + DAY * days


def test_back_never_before_today() -> None:
    week = Calendar(closures=[(TODAY, TODAY + DAY * 20)])
    assert due_on(replace(TEN, closed_days=ClosedDays.BACK), week, TODAY, None) == TODAY + DAY * 21


@pytest.mark.parametrize(
    ("when", "days", "due"),
    [
        (HardWhen.AFTER, 40, 40),  # A12: a floor
        (HardWhen.AFTER, 5, 10),
        (HardWhen.BEFORE, 5, 5),
        (HardWhen.BEFORE, 40, 10),
        (HardWhen.EXACTLY, 40, 40),  # A13, longer and shorter than the loan
        (HardWhen.EXACTLY, 3, 3),
        (HardWhen.BEFORE, 0, 0),
        (HardWhen.BEFORE, -1, 10),  # gone by: it says nothing any more
        (HardWhen.EXACTLY, -1, 10),
        (HardWhen.AFTER, -1, 10),
    ],
)
def test_a12_a13_hard_dates(when: HardWhen, days: int, due: int) -> None:
    values = replace(TEN, hard=Hard(when, TODAY + DAY * days))
    assert due_on(values, ALWAYS, TODAY, None) == TODAY + DAY * due


def test_a_floor_on_a_closed_day_goes_on_and_a_ceiling_back() -> None:
    floor = replace(TEN, hard=Hard(HardWhen.AFTER, TODAY + DAY * 40), closed_days=ClosedDays.BACK)
    assert due_on(floor, shut(40), TODAY, None) == TODAY + DAY * 41
    ceiling = replace(TEN, hard=Hard(HardWhen.BEFORE, TODAY + DAY * 8))
    assert due_on(ceiling, shut(8, 9), TODAY, None) == TODAY + DAY * 7


def test_the_last_day_of_a_year_is_not_pushed_through_the_summer() -> None:
    sunday = date(2027, 5, 30)
    assert sunday.weekday() == 6
    calendar = Calendar(frozenset(range(5)), [(date(2027, 5, 31), date(2027, 8, 20))])
    for values in (
        replace(TEN, hard=Hard(HardWhen.EXACTLY, sunday)),
        replace(TEN, length=until(sunday)),
    ):
        assert due_on(values, calendar, TODAY, None) == date(2027, 5, 28)


@pytest.mark.parametrize(
    ("expires", "within", "closed", "due"),
    [
        (5, True, (), 5),  # A14
        (5, True, (5,), 4),  # A15: back to the previous open day
        (5, True, (4, 5), 3),
        (5, False, (), 10),  # A16: not shortened
        (10, True, (), 10),
        (10, True, (10,), 9),
        (None, True, (), 10),
        (0, True, (), 0),  # the card's last day
        (0, True, (0,), 0),
        (-1, True, (), 10),  # an expired card is refused elsewhere, or overridden: the date is no limit any more
    ],
)
def test_a14_a15_a16_within_the_card(expires: int | None, within: bool, closed: tuple[int, ...], due: int) -> None:
    ends = None if expires is None else TODAY + DAY * expires
    assert due_on(replace(TEN, due_within_card=within), shut(*closed), TODAY, ends) == TODAY + DAY * due


def test_within_the_card_where_closed_days_are_kept() -> None:
    assert due_on(replace(TEN, closed_days=ClosedDays.KEEP), shut(5), TODAY, TODAY + DAY * 5) == TODAY + DAY * 5


def test_a18_an_empty_renewal_is_as_long_as_the_loan() -> None:
    assert renewed_due(TEN, ALWAYS, TODAY, TODAY + DAY, None) == TODAY + DAY * 10


def test_a19_a_renewal_of_nothing_is_due_the_same_day() -> None:
    values = replace(TEN, renewal_length=Length(LengthKind.DAYS, 0))
    assert renewed_due(values, ALWAYS, TODAY, TODAY, None) == TODAY
    assert renewed_due(values, ALWAYS, TODAY, TODAY + DAY * 3, None) == TODAY + DAY * 3, "never earlier than before"


def test_a_loan_of_nothing_is_due_the_same_day() -> None:
    assert due_on(replace(TEN, length=Length(LengthKind.DAYS, 0)), ALWAYS, TODAY, None) == TODAY


@pytest.mark.parametrize(
    ("waiting", "normal", "due"),
    [(3, 10, 4), (2, 10, 10), (3, 3, 3)],  # A21: shortened; too few wait; a closer date is not lengthened
)
def test_a21_in_demand_a_loan_is_shortened_never_lengthened(waiting: int, normal: int, due: int) -> None:
    values = replace(TEN, length=Length(LengthKind.DAYS, normal), demand_holds=3, demand_days=4)
    assert due_on(values, ALWAYS, TODAY, None, waiting) == TODAY + DAY * due


def test_in_demand_a_closed_day_does_not_lengthen_either() -> None:
    values = replace(TEN, length=Length(LengthKind.DAYS, 4), demand_holds=1, demand_days=3)
    assert due_on(values, shut(3), TODAY, None, 1) == TODAY + DAY * 4
    back = replace(values, closed_days=ClosedDays.BACK)
    assert due_on(back, shut(3), TODAY, None, 1) == TODAY + DAY * 2


def test_a22_a_renewal_counts_from_today_or_from_the_old_due_date() -> None:
    before = TODAY + DAY * 5
    assert renewed_due(TEN, ALWAYS, TODAY, before, None) == TODAY + DAY * 10
    from_due = replace(TEN, renewal_from=RenewFrom.DUE)
    assert renewed_due(from_due, ALWAYS, TODAY, before, None) == before + DAY * 10


def test_a_renewal_keeps_to_the_card_but_takes_no_day_away() -> None:
    assert renewed_due(TEN, ALWAYS, TODAY, TODAY + DAY, TODAY + DAY * 6) == TODAY + DAY * 6
    assert renewed_due(TEN, ALWAYS, TODAY, TODAY + DAY * 8, TODAY + DAY * 6) == TODAY + DAY * 8


def test_until_a_date_and_the_day_itself_when_it_has_gone_by() -> None:
    assert due_on(replace(TEN, length=until(TODAY + DAY * 30)), ALWAYS, TODAY, None) == TODAY + DAY * 30
    assert due_on(replace(TEN, length=until(TODAY - DAY)), ALWAYS, TODAY, None) == TODAY


TERMS = (Span(date(2026, 9, 7), date(2027, 1, 17), "first"), Span(date(2027, 1, 20), date(2027, 5, 28), "second"))
TERM = replace(TEN, length=Length(LengthKind.TERM_END))


def test_until_the_end_of_the_term() -> None:
    calendar = Calendar(frozenset(range(5)), terms=TERMS)
    assert due_on(TERM, calendar, TODAY, None) == date(2027, 1, 15), "the last open day of it"
    assert due_on(TERM, calendar, date(2027, 1, 18), None) == date(2027, 5, 28), "in the break, the coming one"
    assert due_on(TERM, ALWAYS, TODAY, None) == TODAY + UNTIL_TOLD, "nobody has entered any"


def test_until_the_next_opening_of_the_place() -> None:
    values = replace(TEN, length=Length(LengthKind.NEXT_OPENING))
    visits = Calendar(openings=frozenset({TODAY, TODAY + DAY * 14, TODAY + DAY * 28}))
    assert due_on(values, visits, TODAY, None) == TODAY + DAY * 14, "not today's"
    assert due_on(values, Calendar(frozenset({0})), TODAY, None) == TODAY + DAY * 7
    assert due_on(values, Calendar(openings=frozenset({TODAY})), TODAY, None) == TODAY + UNTIL_TOLD


def test_a_renewal_to_the_next_opening_from_the_old_one() -> None:
    values = replace(TEN, length=Length(LengthKind.NEXT_OPENING), renewal_from=RenewFrom.DUE)
    visits = Calendar(openings=frozenset({TODAY, TODAY + DAY * 14, TODAY + DAY * 28}))
    assert renewed_due(values, visits, TODAY, TODAY + DAY * 14, None) == TODAY + DAY * 28


# --- for every policy -------------------------------------------------------------------------------------------------

ahead = st.integers(-30, 120).map(lambda days: TODAY + DAY * days)
spans = st.tuples(ahead, st.integers(0, 20)).map(lambda told: (told[0], told[0] + DAY * told[1]))
calendars = st.builds(
    Calendar,
    st.frozensets(st.integers(0, 6), max_size=6),
    st.lists(spans, max_size=5),
    st.just(TERMS) | st.just(()),
    st.none() | st.frozensets(ahead, min_size=1, max_size=8),
)
kinds = st.one_of(
    st.integers(0, 60).map(lambda days: Length(LengthKind.DAYS, days)),
    ahead.map(until),
    st.sampled_from([Length(LengthKind.TERM_END), Length(LengthKind.NEXT_OPENING)]),
)
policies = st.builds(
    Values,
    length=kinds,
    hard=st.none() | st.builds(Hard, st.sampled_from(HardWhen), ahead),
    due_within_card=st.booleans(),
    closed_days=st.sampled_from(ClosedDays),
    demand_holds=st.just(2),
    demand_days=st.integers(0, 20),
    renewal_length=st.none() | kinds,
    renewal_from=st.sampled_from(RenewFrom),
)
cards = st.none() | ahead


@given(policies, calendars, cards, st.integers(0, 4))
def test_never_in_the_past_and_never_lengthened_by_demand(
    values: Values, calendar: Calendar, card: date | None, waiting: int
) -> None:
    due = due_on(values, calendar, TODAY, card, waiting)
    assert TODAY <= due <= due_on(values, calendar, TODAY, card)


@given(policies, calendars, cards)
def test_never_on_a_closed_day_by_default(values: Values, calendar: Calendar, card: date | None) -> None:
    values = replace(values, closed_days=ClosedDays.PUSH)
    due = due_on(values, calendar, TODAY, card)
    in_sight = any(calendar.is_open(due + DAY * more) for more in range(400))
    the_card_leaves_none = values.due_within_card and due == card
    assume(in_sight and not the_card_leaves_none)
    assert calendar.is_open(due)


@given(policies, calendars, cards)
def test_never_past_the_card(values: Values, calendar: Calendar, card: date | None) -> None:
    assume(card is not None and card >= TODAY)
    assert card
    assert due_on(replace(values, due_within_card=True), calendar, TODAY, card) <= card


@given(policies, calendars, cards, st.integers(-20, 60))
def test_a_renewal_never_takes_days_away(values: Values, calendar: Calendar, card: date | None, before: int) -> None:
    due_before = TODAY + DAY * before
    assert renewed_due(values, calendar, TODAY, due_before, card) >= due_before


@given(calendars, st.integers(0, 60), st.integers(0, 60))
def test_a_longer_loan_is_never_due_earlier(calendar: Calendar, one: int, other: int) -> None:
    short, long = sorted((one, other))
    of = lambda days: due_on(replace(TEN, length=Length(LengthKind.DAYS, days)), calendar, TODAY, None)  # noqa: E731
    assume(any(calendar.is_open(TODAY + DAY * (long + more)) for more in range(300)))
    assert of(short) <= of(long)
