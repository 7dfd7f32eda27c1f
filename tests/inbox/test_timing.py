"""When did it happen? Whatever a device's clock says, its order holds and nothing comes from the future."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from library.core.clock import TICK
from library.inbox.timing import AT_ONCE, corrected, is_live, live
from tests.support.world import at

RECEIVED = at(day=25)
errors = st.floats(-1e8, 1e8).map(lambda seconds: timedelta(seconds=seconds))
truths = st.lists(st.integers(0, 86_400 * 20), max_size=30).map(sorted)


@given(truths, errors)
def test_a_wrong_clock_that_runs_evenly_is_put_right(truth: list[int], error: timedelta) -> None:
    moments = [at(second=second) for second in truth]
    found = corrected([moment + error for moment in moments], RECEIVED + error, RECEIVED)
    assert all(
        abs(one - other) <= TICK * len(truth) + timedelta(milliseconds=1)
        for one, other in zip(found, moments, strict=True)
    )


@given(st.lists(st.integers(-(10**9), 10**9), max_size=30), errors, st.none() | st.just(at(day=3)))
def test_whatever_the_clock_did_the_order_holds_and_nothing_is_from_the_future(
    raw: list[int], error: timedelta, not_before: datetime | None
) -> None:
    found = corrected([at(second=second) for second in raw], RECEIVED + error, RECEIVED, not_before)
    assert all(earlier < later for earlier, later in pairwise(found))
    assert all(moment <= RECEIVED for moment in found)
    if not_before:
        assert all(moment >= not_before for moment in found)


def test_what_is_sent_at_once_is_not_late() -> None:
    made = at(hour=1)
    assert is_live(made, made)
    assert is_live(made, made + AT_ONCE)
    assert not is_live(made, made + AT_ONCE + TICK)
    assert not is_live(made, made - TICK), "sent before it was made: the clock was changed in between"


def test_an_online_scan_comes_after_what_is_known_of_the_copy() -> None:
    assert live(at(hour=2), at(hour=1)) == at(hour=2)
    assert live(at(hour=1), at(hour=2)) == at(hour=2) + TICK
    assert live(at(hour=1), None) == at(hour=1)
