"""The desk's decision table: what a scanned copy means. Pure; `tests/loans/test_decision.py` is the table.

A scan says only: this copy is here, now, and perhaps a reader is standing there. What is done follows.
"""

from dataclasses import dataclass
from enum import StrEnum

from library.holdings.models import Register


class Deed(StrEnum):
    """What the desk does with a copy."""

    LEND = "lend"
    TAKE_BACK = "take-back"
    COUNT = "count"
    ARRIVE = "arrive"
    ASK_RENEW = "ask-renew"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True)
class Scanned:
    """The copy under the scanner, as seen from this desk. `lent_to` and `reader` are memberships.

    `is_lent` also where the reader was forgotten since; `is_lost`: somebody said so of that loan; `on_site`: it is lent
    to be read in the house.
    """

    register: Register = Register.LISTED
    here: bool = True
    lent_to: int | None = None
    is_lent: bool = False
    is_lost: bool = False
    on_site: bool = False


def decide(copy: Scanned, reader: int | None, returns_only: bool = False) -> Deed:
    """What to do. `reader` is the membership that is open and fresh; `returns_only` is the key that forces returns.

    A copy lent to another is taken back, never lent on in the same scan: two people's matters are not mixed. Unless it
    was lost: nobody has it any more, and the rules ask.
    A copy lent to this very reader is a question: they bring it back, or want to keep it.
    """
    wanted = None if returns_only else reader
    lent = copy.is_lent or copy.lent_to is not None
    if copy.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE):
        return Deed.TAKE_BACK if lent else Deed.SET_ASIDE
    if lent:
        return _lent_already(copy, wanted)
    if wanted is not None:
        return Deed.LEND
    return Deed.COUNT if copy.here else Deed.ARRIVE


def _lent_already(copy: Scanned, wanted: int | None) -> Deed:
    if wanted is not None and copy.lent_to == wanted:
        return Deed.TAKE_BACK if copy.on_site else Deed.ASK_RENEW
    return Deed.LEND if wanted is not None and copy.is_lost else Deed.TAKE_BACK
