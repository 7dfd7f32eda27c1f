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
    """The copy under the scanner, as seen from this desk. `lent_to` and `reader` are memberships."""

    register: Register = Register.LISTED
    here: bool = True
    lent_to: int | None = None


def decide(copy: Scanned, reader: int | None, returns_only: bool = False) -> Deed:
    """What to do. `reader` is the membership that is open and fresh; `returns_only` is the key that forces returns.

    A copy lent to another is taken back, never lent on in the same scan: two people's matters are not mixed.
    A copy lent to this very reader is a question: they bring it back, or want to keep it.
    """
    if copy.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT):
        return Deed.TAKE_BACK if copy.lent_to is not None else Deed.SET_ASIDE
    wanted = None if returns_only else reader
    if copy.lent_to is not None:
        return Deed.ASK_RENEW if copy.lent_to == wanted else Deed.TAKE_BACK
    if wanted is not None:
        return Deed.LEND
    return Deed.COUNT if copy.here else Deed.ARRIVE
