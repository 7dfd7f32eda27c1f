"""What becomes of a copy scanned to be put on a shelf: facts in, a verdict out. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from library.holdings.models import Register


class Outcome(StrEnum):
    """What came of a scan at a shelf that is being filled."""

    PUT = "put"
    BACK = "back"
    """It belongs here and was elsewhere."""
    ALREADY = "already"
    OTHER_SHELF = "other-shelf"
    WAITED_FOR = "waited-for"
    KEPT = "kept"
    ASKED_ELSEWHERE = "asked-elsewhere"
    ANOTHERS = "anothers"
    WRITTEN_OFF = "written-off"
    CARD = "card"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


PUTS = frozenset({Outcome.PUT, Outcome.BACK})
ASKS = frozenset({Outcome.OTHER_SHELF, Outcome.WAITED_FOR})
"""Nothing is done before the same copy is scanned once more: then it is put here."""


@dataclass(frozen=True)
class Facts:
    """A copy in the hand. `ours`: the shelf's library answers for it, or it is a guest that stays at this branch.
    `stays_here`, `stays_elsewhere`: of its open stay, or of a home that is a class shelf; `stands_here`: where it was
    seen last. `asked_away`: it is asked to go to another branch."""

    register: Register = Register.LISTED
    ours: bool = True
    stays_here: bool = False
    stays_elsewhere: bool = False
    stands_here: bool = False
    lent: bool = False
    kept: bool = False
    waited_for: bool = False
    asked_away: bool = False


def verdict(copy: Facts, again: bool = False, is_late: bool = False) -> Outcome:
    """`again`: it was asked about and scanned once more. `is_late`: the book was put there long ago, somewhere without a
    network: what may be asked is no question then, and a wait that came later says nothing of it."""
    if copy.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT):
        return Outcome.WRITTEN_OFF
    if not copy.ours:
        return Outcome.ANOTHERS
    if not is_late and (no := _called_away(copy)):
        return no
    if copy.stays_here:
        return Outcome.ALREADY if copy.stands_here and not copy.lent else Outcome.BACK
    sure = again or is_late
    if copy.stays_elsewhere and not sure:
        return Outcome.OTHER_SHELF
    return Outcome.WAITED_FOR if copy.waited_for and not sure else Outcome.PUT


def _called_away(copy: Facts) -> Outcome | None:
    """A reader of another place has been told that it comes: no shelf keeps it back."""
    if copy.kept:
        return Outcome.KEPT
    return Outcome.ASKED_ELSEWHERE if copy.asked_away else None
