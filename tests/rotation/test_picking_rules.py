"""What a scan means while a batch is picked: the table, and that nobody's book is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.holdings.models import Register
from library.rotation import picking_rules
from library.rotation.picking_rules import ASKS, WRITES, Facts, Outcome

LISTED = {"listed": True}
PACKED = {**LISTED, "picked": True}
TABLE = [
    (LISTED, False, Outcome.PICKED),
    ({**LISTED, "refused": True}, False, Outcome.REFUSED),
    ({**LISTED, "lent": True}, False, Outcome.ON_LOAN),
    ({**LISTED, "kept": True}, False, Outcome.HELD),
    (PACKED, False, Outcome.ALREADY),
    ({**PACKED, "same_crate": False}, False, Outcome.OTHER_CRATE),
    ({**PACKED, "same_crate": False}, True, Outcome.MOVED),
    ({**PACKED, "same_crate": False, "sealed": True}, True, Outcome.ALREADY),
    ({**PACKED, "sealed": True, "seen_since": True}, False, Outcome.AGAIN),
    ({"listed": False}, False, Outcome.NOT_LISTED),
    ({"listed": False, "twin": True}, False, Outcome.INSTEAD),
    ({"listed": False, "twin": True}, True, Outcome.PICKED),
    ({"listed": False, "twin": True, "lent": True}, True, Outcome.ON_LOAN),
    ({"listed": False, "other_batch": True, "twin": True}, True, Outcome.OTHER_BATCH),
    ({"listed": False, "ours": False, "twin": True}, True, Outcome.FOREIGN),
    ({**LISTED, "register": Register.WRITTEN_OFF}, False, Outcome.WRITTEN_OFF),
]


@pytest.mark.parametrize(("known", "again", "outcome"), TABLE)
def test_the_table(known: dict[str, object], again: bool, outcome: Outcome) -> None:
    assert picking_rules.verdict(Facts(**known), again) is outcome  # type: ignore[arg-type]


FACTS = st.builds(
    Facts, listed=st.booleans(), refused=st.booleans(), picked=st.booleans(), same_crate=st.booleans(),
    sealed=st.booleans(), seen_since=st.booleans(), twin=st.booleans(), other_batch=st.booleans(),
    register=st.sampled_from(Register), ours=st.booleans(), lent=st.booleans(), kept=st.booleans(),
)  # fmt: skip


@given(FACTS, st.booleans())
def test_what_a_reader_has_or_waits_for_is_never_taken(known: Facts, again: bool) -> None:
    if known.lent or known.kept:
        assert picking_rules.verdict(known, again) not in WRITES | ASKS


@given(FACTS)
def test_nothing_is_done_by_a_first_scan_that_asks(known: Facts) -> None:
    first = picking_rules.verdict(known, again=False)
    if first in ASKS:
        assert picking_rules.verdict(known, again=True) in WRITES


@pytest.mark.parametrize("text", ["00731", "NP-00731", "A1234567", "VN2026/0012"])
def test_the_number_of_a_seal(text: str) -> None:
    assert picking_rules.is_seal(text)


@pytest.mark.parametrize("text", ["9786042088763", "8935244801234", "ab", "một câu dài", "x" * 30])
def test_what_stands_on_a_book_is_no_seal(text: str) -> None:
    assert not picking_rules.is_seal(text)
