"""The table of what a book held up at a shelf means."""

from itertools import product

import pytest

from library.holdings.models import Register
from library.shelves.borrowing_rules import Held, Said, Shelfs, Stop, Way, stop, way

OPEN, LAN, HOA = Shelfs(), Said(reader=1), 2


@pytest.mark.parametrize(
    ("held", "said", "todo"),
    [
        (Held(), LAN, Way.LEND),
        (Held(), Said(), Way.PUT_BACK),
        (Held(belongs=False), Said(), Way.LEAVE),
        (Held(belongs=False), LAN, Way.ASK_OTHER),
        (Held(belongs=False), Said(reader=1, agreed=True), Way.LEND),
        (Held(belongs=False, ours=False), Said(reader=1, agreed=True), Way.NOT_LENT),
        (Held(is_lent=True, lent_to=1), LAN, Way.ASK_KEEP),
        (Held(is_lent=True, lent_to=1), Said(reader=1, returns=True), Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=1, on_site=True), LAN, Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=HOA), LAN, Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=HOA), Said(), Way.TAKE_BACK),
        (Held(is_lent=True), Said(), Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=HOA, is_lost=True), LAN, Way.LEND),
        (Held(is_lent=True, lent_to=HOA, just_lent=True), LAN, Way.ASK_BOTH),
        (Held(is_lent=True, lent_to=HOA, just_lent=True), Said(reader=1, returns=True), Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=HOA, just_lent=True), Said(reader=1, late=True), Way.TAKE_BACK),
        (Held(is_lent=True, lent_to=HOA, tapped=True), LAN, Way.TAKEN),
        (Held(is_lent=True, lent_to=1, tapped=True), Said(reader=1, returns=True), Way.TAKE_BACK),
        (Held(Register.WRITTEN_OFF), LAN, Way.SET_ASIDE),
        (Held(Register.WRITTEN_OFF, is_lent=True, lent_to=1), Said(), Way.TAKE_BACK),
        (Held(Register.OUTSIDE), LAN, Way.LEND),
        (Held(kept=True), Said(reader=1, agreed=True), Way.NOT_LENT),
        (Held(is_lent=True, belongs=False, theirs=False), Said(), Way.TAKE_BACK),
        (Held(is_lent=True, belongs=False, theirs=False), Said(helper=True), Way.NOT_RETURNED),
        (Held(is_lent=True, belongs=False, theirs=True), Said(helper=True), Way.TAKE_BACK),
        (Held(is_lent=True, belongs=True, theirs=False), Said(helper=True), Way.TAKE_BACK),
        (Held(is_lent=True, belongs=False, ours=False, theirs=False), Said(), Way.NOT_RETURNED),
        (Held(Register.WRITTEN_OFF, True, belongs=False, theirs=False), Said(helper=True), Way.NOT_RETURNED),
    ],
)
def test_the_table(held: Held, said: Said, todo: Way) -> None:
    assert way(OPEN, held, said) is todo


@pytest.mark.parametrize(("shelf", "why"), [(Shelfs(closed=True), Stop.CLOSED), (Shelfs(honour=True), Stop.HONOUR)])
def test_nothing_is_lent_at_a_closed_shelf_or_one_without_names_but_all_comes_back(shelf: Shelfs, why: Stop) -> None:
    assert way(shelf, Held(), LAN) is Way.NOT_LENT
    assert stop(shelf, Held()) is why
    assert way(shelf, Held(is_lent=True, lent_to=HOA), Said()) is Way.TAKE_BACK


def test_a_tap_never_takes_a_book_from_somebody_else() -> None:
    """Whatever else is true: only a scan, or somebody saying so, returns another's book."""
    flags = (False, True)
    for register, lost, just, belongs, ours, agreed, late in product(
        Register, flags, flags, flags, flags, flags, flags
    ):
        held = Held(register, True, HOA, lost, False, just, belongs, ours, tapped=True)
        assert way(OPEN, held, Said(1, agreed, False, late)) is not Way.TAKE_BACK


def test_what_happened_already_is_never_asked_about() -> None:
    flags, asks = (False, True), (Way.ASK_OTHER, Way.ASK_BOTH)
    for shelf in (OPEN, Shelfs(closed=True)):
        for lent_to, belongs, ours, just in product((None, HOA), flags, flags, flags):
            held = Held(is_lent=lent_to is not None, lent_to=lent_to, just_lent=just, belongs=belongs, ours=ours)
            assert way(shelf, held, Said(reader=1, late=True)) not in (*asks, Way.NOT_LENT)


def test_a_shelf_without_names_writes_none_however_late() -> None:
    for closed, belongs, agreed in product((False, True), repeat=3):
        said = Said(reader=1, agreed=agreed, late=True)
        assert way(Shelfs(closed, honour=True), Held(belongs=belongs), said) is Way.NOT_LENT
