"""When a book may be lent, and until when: three made-up facts a test."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.calendars.openings import Calendar, last_open, next_open
from library.holdings.models import Register
from library.loans.rules import (
    LENDING_RULES,
    Ask,
    Copy,
    KeepLonger,
    Lengths,
    Standing,
    against,
    against_renewal,
    due_on,
    may_be_overridden,
)

TODAY = date(2026, 11, 19)
TERMS = Lengths(days=14, most=3, renewals=1)
GOOD = Ask(TODAY, Standing(TERMS), Copy())
DAY = timedelta(days=1)


def codes(ask: Ask) -> list[str]:
    return [reason.code for reason in against(ask)]


def reader(**more: object) -> Ask:
    return replace(GOOD, reader=replace(GOOD.reader, **more))  # type: ignore[arg-type]


def copy(**more: object) -> Ask:
    return replace(GOOD, copy=replace(GOOD.copy, **more))  # type: ignore[arg-type]


CASES = [
    (GOOD, []),
    (reader(terms=None), ["no-terms"]),
    (reader(terms=replace(TERMS, most=0)), ["limit-reached"]),
    (reader(held=2), []),
    (reader(held=3), ["limit-reached"]),
    (reader(overdue=1), ["overdue"]),
    (reader(overdue=1, terms=replace(TERMS, overdue_blocks=False)), []),
    (reader(expires_on=TODAY), []),
    (reader(expires_on=TODAY - DAY), ["card-expired"]),
    (reader(card_lost=True), ["card-lost"]),
    (reader(blocked_until=TODAY), ["blocked"]),
    (reader(blocked_until=TODAY - DAY), []),
    (reader(ended_on=TODAY), ["left"]),
    (reader(elsewhere="Thư viện tỉnh"), ["reads-elsewhere"]),
    (copy(not_for_loan=True), ["not-for-loan"]),
    (copy(register=Register.WRITTEN_OFF), ["written-off"]),
    (copy(kept_for_other=True), ["kept-for-other"]),
]


@pytest.mark.parametrize(("ask", "found"), CASES)
def test_each_rule(ask: Ask, found: list[str]) -> None:
    assert codes(ask) == found


def test_all_reasons_are_told_at_once() -> None:
    worst = Ask(TODAY, Standing(TERMS, 3, 1, TODAY - DAY), Copy(not_for_loan=True))
    assert codes(worst) == ["not-for-loan", "card-expired", "limit-reached", "overdue"]


def test_every_rule_is_seen_to_refuse() -> None:
    seen = {code for ask, _ in CASES for code in codes(ask)}
    assert len(seen) >= len(LENDING_RULES)


def test_what_no_reason_makes_right() -> None:
    assert may_be_overridden(against(reader(held=3)))
    assert not may_be_overridden(against(replace(reader(held=3), copy=Copy(Register.WRITTEN_OFF))))
    assert not may_be_overridden(())


WEEK = Calendar(frozenset({0, 1, 2, 3, 4}), ((date(2026, 12, 3), date(2026, 12, 6)),))


def test_due_days_are_pushed_to_an_open_day() -> None:
    assert due_on(TERMS, Calendar(), TODAY, None) == date(2026, 12, 3)
    assert due_on(TERMS, WEEK, TODAY, None) == date(2026, 12, 7)


def test_zero_days_is_today_and_not_unset() -> None:
    assert due_on(replace(TERMS, days=0), Calendar(), TODAY, None) == TODAY


def test_a_loan_ends_with_the_card_on_an_open_day_before_it() -> None:
    sunday = date(2026, 11, 29)
    assert due_on(TERMS, WEEK, TODAY, sunday) == date(2026, 11, 27)
    assert due_on(replace(TERMS, due_within_card=False), WEEK, TODAY, sunday) == date(2026, 12, 7)


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=4),
    st.integers(0, 90),
)
def test_the_next_open_day_is_open_and_the_first(
    weekdays: frozenset[int], spans: list[tuple[int, int]], ahead: int
) -> None:
    closed = [(TODAY + DAY * start, TODAY + DAY * (start + length)) for start, length in spans]
    calendar, day = Calendar(weekdays, closed), TODAY + DAY * ahead
    found = next_open(calendar, day)
    assert found >= day
    assert calendar.is_open(found)
    assert not any(calendar.is_open(day + DAY * step) for step in range((found - day).days))
    assert last_open(calendar, found, TODAY) == found


def test_a_place_that_never_opens_does_not_hang() -> None:
    for_ever = Calendar(frozenset({0}), ((date.min, date.max),))
    assert next_open(for_ever, TODAY) == TODAY


LONGER = KeepLonger(TODAY, TODAY + DAY, 0, Standing(TERMS))


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        (LONGER, []),
        (replace(LONGER, renewals=1), ["renewed-enough"]),
        (replace(LONGER, reader=Standing(replace(TERMS, renewals=0))), ["renewed-enough"]),
        (replace(LONGER, due_on=TODAY), []),
        (replace(LONGER, due_on=TODAY - DAY), ["late"]),
        (replace(LONGER, waited_for=True), ["waited-for"]),
        (replace(LONGER, reader=Standing(None)), ["no-terms"]),
        (replace(LONGER, reader=Standing(TERMS, expires_on=TODAY - DAY)), ["card-expired"]),
    ],
)
def test_renewing(ask: KeepLonger, found: list[str]) -> None:
    assert [reason.code for reason in against_renewal(ask)] == found
