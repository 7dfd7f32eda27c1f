"""May a copy go on the vehicle: the table."""

import pytest

from library.holdings.models import Register
from library.mobile.loading_rules import WHY, Facts, Verdict, verdict

TABLE = [
    (Facts(), Verdict.LOAD),
    (Facts(in_depot=False), Verdict.LOAD),
    (Facts(lent=True), Verdict.LOAD),
    (Facts(register=Register.WRITTEN_OFF), Verdict.OUT),
    (Facts(register=Register.STRUCK_OUT, ours=False), Verdict.OUT),
    (Facts(register=Register.GONE), Verdict.OUT),
    (Facts(register=Register.OUTSIDE), Verdict.LOAD),
    (Facts(ours=False, in_batch=True), Verdict.ANOTHERS),
    (Facts(in_batch=True, kept=True), Verdict.BATCH),
    (Facts(kept=True), Verdict.KEPT),
    (Facts(kept=True, kept_here=True), Verdict.LOAD),
    (Facts(aboard=True, on_list=True), Verdict.ALREADY),
    (Facts(aboard=True), Verdict.LOAD),
    (Facts(on_list=True), Verdict.LOAD),
    (Facts(held_up=False), Verdict.LOAD),
    (Facts(held_up=False, lent=True), Verdict.LENT),
    (Facts(held_up=False, in_depot=False), Verdict.NOT_THERE),
    (Facts(held_up=False, in_depot=False, aboard=True), Verdict.LOAD),
]


@pytest.mark.parametrize(("copy", "said"), TABLE)
def test_the_table(copy: Facts, said: Verdict) -> None:
    assert verdict(copy) is said


def test_every_no_has_its_sentence() -> None:
    assert set(WHY) == set(Verdict) - {Verdict.LOAD}
