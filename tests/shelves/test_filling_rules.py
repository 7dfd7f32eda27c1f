"""What becomes of a copy scanned at a shelf: the table. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.holdings.models import Register
from library.shelves.filling_rules import ASKS, PUTS, Facts, Outcome, verdict

TABLE = [
    (Facts(), Outcome.PUT),
    (Facts(register=Register.OUTSIDE), Outcome.PUT),
    (Facts(lent=True), Outcome.PUT),
    (Facts(stays_here=True, stands_here=True), Outcome.ALREADY),
    (Facts(stays_here=True, stands_here=True, lent=True), Outcome.BACK),
    (Facts(stays_here=True), Outcome.BACK),
    (Facts(stays_elsewhere=True), Outcome.OTHER_SHELF),
    (Facts(waited_for=True), Outcome.WAITED_FOR),
    (Facts(kept=True), Outcome.KEPT),
    (Facts(kept=True, stays_here=True), Outcome.KEPT),
    (Facts(asked_away=True), Outcome.ASKED_ELSEWHERE),
    (Facts(ours=False), Outcome.ANOTHERS),
    (Facts(register=Register.WRITTEN_OFF, ours=False, kept=True), Outcome.WRITTEN_OFF),
    (Facts(register=Register.STRUCK_OUT), Outcome.WRITTEN_OFF),
]


@pytest.mark.parametrize(("facts", "outcome"), TABLE)
def test_one_scan(facts: Facts, outcome: Outcome) -> None:
    assert verdict(facts) is outcome


FLAGS = st.booleans()
FACTS = st.builds(Facts, st.sampled_from(list(Register)), FLAGS, FLAGS, FLAGS, FLAGS, FLAGS, FLAGS, FLAGS, FLAGS)


@given(FACTS)
def test_a_second_scan_answers_every_question_and_changes_no_refusal(facts: Facts) -> None:
    first, second = verdict(facts), verdict(facts, again=True)
    assert second not in ASKS
    assert (second in PUTS) if first in ASKS else (second is first)


@given(FACTS)
def test_a_late_scan_asks_nothing_and_no_later_wait_undoes_it(facts: Facts) -> None:
    late = verdict(facts, is_late=True)
    assert late not in ASKS | {Outcome.KEPT, Outcome.ASKED_ELSEWHERE}
    out = facts.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT)
    assert (late in PUTS | {Outcome.ALREADY}) == (facts.ours and not out)
