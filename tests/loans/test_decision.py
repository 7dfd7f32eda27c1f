"""The desk's decision table, whole: who stands there (rows) by what is in the hand (columns)."""

import pytest

from library.holdings.models import Register
from library.loans.decision import Deed, Scanned, decide

ME, OTHER = 7, 8
COPIES = {
    "free here": Scanned(),
    "free elsewhere": Scanned(here=False),
    "lent to this reader": Scanned(lent_to=ME),
    "lent to another": Scanned(lent_to=OTHER),
    "lent, seen elsewhere": Scanned(here=False, lent_to=OTHER),
    "lent to a reader forgotten since": Scanned(is_lent=True),
    "lost by this reader": Scanned(lent_to=ME, is_lost=True),
    "lost by another": Scanned(lent_to=OTHER, is_lost=True),
    "read here by this reader": Scanned(lent_to=ME, on_site=True),
    "written off": Scanned(register=Register.WRITTEN_OFF),
    "struck out": Scanned(register=Register.STRUCK_OUT),
    "written off but lent": Scanned(register=Register.WRITTEN_OFF, lent_to=OTHER),
    "outside the register": Scanned(register=Register.OUTSIDE),
}
TABLE = [
    # copy                   no reader        a reader open    returns only
    ("free here",            Deed.COUNT,      Deed.LEND,       Deed.COUNT),
    ("free elsewhere",       Deed.ARRIVE,     Deed.LEND,       Deed.ARRIVE),
    ("lent to this reader",  Deed.TAKE_BACK,  Deed.ASK_RENEW,  Deed.TAKE_BACK),
    ("lent to another",      Deed.TAKE_BACK,  Deed.TAKE_BACK,  Deed.TAKE_BACK),
    ("lent, seen elsewhere", Deed.TAKE_BACK,  Deed.TAKE_BACK,  Deed.TAKE_BACK),
    ("lent to a reader forgotten since", Deed.TAKE_BACK, Deed.TAKE_BACK, Deed.TAKE_BACK),
    ("lost by this reader",  Deed.TAKE_BACK,  Deed.ASK_RENEW,  Deed.TAKE_BACK),
    ("lost by another",      Deed.TAKE_BACK,  Deed.LEND,       Deed.TAKE_BACK),
    ("read here by this reader", Deed.TAKE_BACK, Deed.TAKE_BACK, Deed.TAKE_BACK),
    ("written off",          Deed.SET_ASIDE,  Deed.SET_ASIDE,  Deed.SET_ASIDE),
    ("struck out",           Deed.SET_ASIDE,  Deed.SET_ASIDE,  Deed.SET_ASIDE),
    ("written off but lent", Deed.TAKE_BACK,  Deed.TAKE_BACK,  Deed.TAKE_BACK),
    ("outside the register", Deed.COUNT,      Deed.LEND,       Deed.COUNT),
]  # fmt: skip


@pytest.mark.parametrize(("copy", "nobody", "reader", "returns"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table(copy: str, nobody: Deed, reader: Deed, returns: Deed) -> None:
    assert decide(COPIES[copy], None) is nobody
    assert decide(COPIES[copy], ME) is reader
    assert decide(COPIES[copy], ME, returns_only=True) is returns


def test_every_copy_has_a_row() -> None:
    assert {row[0] for row in TABLE} == set(COPIES)
