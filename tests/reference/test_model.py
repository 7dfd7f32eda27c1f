"""What must be true of the reference model itself, before any table."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.histories import history
from tests.reference.model import Fact, told
from tests.support.world import LONG_AGO, at

FIRST = Fact(UUID(int=1), UUID(int=1), LONG_AGO, "accession", 1, "count", LONG_AGO)
PLACES = {"stacks": 1, "shelf": 2, "elsewhere": 3, "with-patrons": 4, "unknown": 5, None: None}
seeds = st.integers(0, 10_000_000)


def facts(seed: int) -> list[Fact]:
    made = [
        Fact(deed.act, deed.act, deed.at, deed.why, PLACES[deed.place], deed.basis, deed.rests_on, deed.retracted)
        for deed in history(seed)
    ]
    return [FIRST, *made]


def fact(number: int, why: str, minute: float, place: int = 1, **more: object) -> Fact:
    return Fact(UUID(int=number), UUID(int=number), at(minute=0, second=minute * 60), why, place, **more)  # type: ignore[arg-type]


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_the_order_of_arrival_says_nothing(seed: int) -> None:
    said = facts(seed)
    shuffled = random.Random(seed).sample(said, len(said))
    assert told(said) == told(shuffled)


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_doing_and_retracting_is_nothing(seed: int) -> None:
    said = facts(seed)
    more = fact(99, "lend", 50, 4)
    assert told([*said, replace(more, retracted=True)]) == told(said)


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_a_copy_has_at_most_one_open_loan_and_loans_do_not_overlap(seed: int) -> None:
    said = facts(seed)
    truth = told(said)
    lent = {one.act: one.key for one in said if one.why == "lend" and not one.retracted}
    assert set(lent) == set(truth.loans)
    assert sum(end is None for end in truth.loans.values()) <= 1
    ordered = sorted(lent, key=lambda act: lent[act])
    for earlier, later in pairwise(ordered):
        end = truth.loans[earlier]
        assert end is not None
        assert end.at <= lent[later][0]


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_what_is_only_said_or_guessed_never_ends_a_loan(seed: int) -> None:
    said = facts(seed)
    seen = [one for one in said if one.basis not in ("assertion", "inference")]
    assert told(said).loans == told(seen).loans


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_the_copy_is_where_it_was_last_scanned_or_where_something_newer_says(seed: int) -> None:
    said = [one for one in facts(seed) if not one.retracted and one.why != "stay"]
    scans = [one for one in said if one.basis == "scan"]
    truth = told(facts(seed))
    if scans:
        last = max(scans, key=lambda one: one.key)
        assert truth.seen >= last.key
        if truth.seen == last.key:
            assert truth.place == last.place


def test_a_manifest_older_than_a_scan_moves_nothing() -> None:
    sealed, scanned, arrived = at(hour=1), fact(2, "desk", 90, 3), at(hour=2)
    manifest = Fact(UUID(int=3), UUID(int=3), arrived, "receive", 2, "assertion", sealed)
    assert told([FIRST, scanned, manifest]).place == 3
    assert told([FIRST, replace(scanned, retracted=True), manifest]).place == 2


def test_a_late_return_shortens_a_loan_that_another_return_had_ended() -> None:
    lent, late, back = fact(2, "lend", 0, 4), fact(3, "desk", 10), fact(4, "desk", 60)
    assert told([FIRST, lent, back]).loans[lent.act].at == back.at  # type: ignore[union-attr]
    truth = told([FIRST, lent, back, late])
    assert truth.loans[lent.act].at == late.at  # type: ignore[union-attr]
    assert truth.uses == {lent.act: "home", back.act: "in-house"}


def test_a_double_beep_is_no_use_and_an_hour_later_is_one() -> None:
    read = fact(2, "desk", 0)
    assert told([FIRST, read, fact(3, "desk", 29)]).uses == {read.act: "in-house"}
    assert len(told([FIRST, read, fact(3, "desk", 31)]).uses) == 2


def test_the_beep_after_a_return_is_no_use() -> None:
    lent, back = fact(2, "lend", 0, 4), fact(3, "desk", 5)
    again = replace(fact(4, "desk", 5), at=back.at + timedelta(seconds=9))
    assert told([FIRST, lent, back, again]).uses == {lent.act: "home"}
    later = replace(again, at=back.at + timedelta(seconds=11))
    assert told([FIRST, lent, back, later]).uses == {lent.act: "home", later.act: "in-house"}


def test_a_stocktake_ends_a_loan_only_when_reviewed() -> None:
    lent, seen = fact(2, "lend", 0, 4), fact(3, "stocktake", 10)
    assert told([FIRST, lent, seen]).loans[lent.act] is None
    review = Fact(UUID(int=4), UUID(int=4), at(hour=5), "review", 1, "count", seen.at)
    assert told([FIRST, lent, seen, review]).loans[lent.act].at == review.at  # type: ignore[union-attr]
