"""What a book held up at a classroom's shelf means. Pure: facts in, what to do out.

A scan says: this copy is here, in somebody's hand. A tap on a cover says only what somebody wants. Whatever the rules
think of it, a scanned copy is recorded where it is; a tapped one is not.
"""

from dataclasses import dataclass
from enum import StrEnum

from library.holdings.models import Register

OUT = (Register.WRITTEN_OFF, Register.STRUCK_OUT)


class Way(StrEnum):
    """What is done with the copy."""

    LEND = "lend"
    TAKE_BACK = "take-back"
    PUT_BACK = "put-back"
    """Nobody had it and it belongs here."""
    LEAVE = "leave"
    """Nobody had it and it belongs elsewhere: it is recorded as being here, and somebody hears where it should go."""
    ASK_KEEP = "ask-keep"
    """This pupil has it already: longer, or back?"""
    ASK_OTHER = "ask-other"
    """It belongs on another shelf of the house: lend it all the same? It is recorded as being here meanwhile."""
    ASK_BOTH = "ask-both"
    """Another machine lent it to somebody else a moment ago: one of the two is mistaken, and only a person knows who."""
    TAKEN = "taken"
    """A cover was tapped, and somebody has the book."""
    SET_ASIDE = "set-aside"
    NOT_LENT = "not-lent"
    """Recorded as being here; not lent, for `Stop`."""
    NOT_RETURNED = "not-returned"
    """Somebody this shelf knows nothing of has it: their loan stands until their library, or a teacher, sees the book."""


class Stop(StrEnum):
    """Why nothing is lent at this shelf, whatever the policies say."""

    CLOSED = "shelf-closed"
    HONOUR = "honour"
    ANOTHERS = "anothers"
    """The copy is another library's and was never given to this shelf."""
    KEPT = "kept-for-other"
    """Somebody else's turn: whose it is stays with the library."""


@dataclass(frozen=True)
class Shelfs:
    """What matters of the shelf."""

    closed: bool = False
    honour: bool = False


@dataclass(frozen=True)
class Held:
    """The copy in the hand, or under the finger (`tapped`).

    `lent_to`: a membership; `is_lent` also where the reader was forgotten since. `just_lent`: within a minute or two, by
    another machine. `belongs`: it stays or has its home on this shelf; `ours`: the shelf's library answers for it;
    `theirs`: whoever has it reads here. `kept`: for another reader than the one named.
    """

    register: Register = Register.LISTED
    is_lent: bool = False
    lent_to: int | None = None
    is_lost: bool = False
    on_site: bool = False
    just_lent: bool = False
    belongs: bool = True
    ours: bool = True
    tapped: bool = False
    theirs: bool = True
    kept: bool = False


@dataclass(frozen=True)
class Said:
    """`reader`: the membership whose name was tapped; None returns. `agreed`: the question was answered with yes.
    `helper`: a pupil helper says it."""

    reader: int | None = None
    agreed: bool = False
    returns: bool = False
    late: bool = False
    helper: bool = False


def stop(shelf: Shelfs, held: Held) -> Stop | None:
    if shelf.closed:
        return Stop.CLOSED
    if shelf.honour:
        return Stop.HONOUR
    if not (held.belongs or held.ours):
        return Stop.ANOTHERS
    return Stop.KEPT if held.kept else None


def may_end(held: Held, said: Said) -> bool:
    """Whether a code shown here may end the loan: typing one is no proof that a book of elsewhere is in the hand."""
    return held.belongs or held.theirs or (held.ours and not said.helper)


def way(shelf: Shelfs, held: Held, said: Said) -> Way:
    """What to do. A late message is a fact already: it is lent or taken back, and nothing is asked; but a shelf without
    names writes none, however late."""
    lent = held.is_lent or held.lent_to is not None
    if lent and not may_end(held, said):
        return Way.NOT_RETURNED
    if held.register in OUT:
        return Way.TAKE_BACK if lent and not held.tapped else Way.SET_ASIDE
    if lent and not (said.reader is not None and held.is_lost and held.lent_to != said.reader):
        return _lent(held, said)
    if said.reader is None or said.returns:
        return Way.PUT_BACK if held.belongs else Way.LEAVE
    if said.late and not shelf.honour:
        return Way.LEND
    if stop(shelf, held):
        return Way.NOT_LENT
    return Way.LEND if held.belongs or said.agreed else Way.ASK_OTHER


def _lent(held: Held, said: Said) -> Way:
    if said.reader is not None and held.lent_to == said.reader:
        return Way.TAKE_BACK if held.on_site or said.returns else Way.ASK_KEEP
    if held.tapped and not said.returns:
        return Way.TAKEN
    if held.just_lent and said.reader is not None and not (said.agreed or said.returns or said.late):
        return Way.ASK_BOTH
    return Way.TAKE_BACK
