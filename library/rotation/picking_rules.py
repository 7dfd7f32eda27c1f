"""What it means that a book is scanned while a batch is picked. Pure: facts in, an outcome out."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from library.holdings.models import Register


class Outcome(StrEnum):
    PICKED = "picked"
    AGAIN = "again"
    """It was seen elsewhere since it was packed, and is here now: packed anew."""
    MOVED = "moved"
    """From one open crate into another."""
    ALREADY = "already"
    OTHER_CRATE = "other-crate"
    """It is in another crate by the list: scanned again, it is in this one."""
    INSTEAD = "instead"
    """Another copy of a title that is still to be fetched: scanned again, it goes in that one's place."""
    OTHER_BATCH = "other-batch"
    NOT_LISTED = "not-listed"
    REFUSED = "refused"
    """The site wants it left out."""
    ON_LOAN = "on-loan"
    HELD = "held"
    WRITTEN_OFF = "written-off"
    FOREIGN = "foreign"
    CARD = "card"
    CRATE = "crate"
    """A crate's label: from now on books go into it."""
    SEALED = "sealed"
    SEALED_BEFORE = "sealed-before"
    EMPTY = "empty"
    """The label of an empty crate again: there is nothing to seal."""
    SEAL_NUMBER = "seal-number"
    OTHERS_CRATE = "others-crate"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


WRITES = frozenset({Outcome.PICKED, Outcome.AGAIN, Outcome.MOVED})
ASKS = frozenset({Outcome.OTHER_CRATE, Outcome.INSTEAD})
"""Scanned once more, it is done."""


@dataclass(frozen=True)
class Facts:
    """`listed`: it is a line of this batch that is open. `picked`: and packed already, `same_crate`: in the crate that is
    open now, `sealed`: in one that is sealed. `seen_since`: somebody scanned it after it was packed. `twin`: another copy of
    the title is listed and not picked. `waits`: kept for a reader."""

    listed: bool
    refused: bool = False
    picked: bool = False
    same_crate: bool = True
    sealed: bool = False
    seen_since: bool = False
    twin: bool = False
    other_batch: bool = False
    register: Register = Register.LISTED
    ours: bool = True
    lent: bool = False
    kept: bool = False


def verdict(known: Facts, again: bool) -> Outcome:
    """`again`: the page had asked about this copy, and it was scanned once more."""
    if known.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE):
        return Outcome.WRITTEN_OFF
    if known.listed and not known.refused:
        return _of_list(known, again)
    if known.other_batch:
        return Outcome.OTHER_BATCH
    if known.listed:
        return Outcome.REFUSED
    return _not_listed(known, again)


def _of_list(known: Facts, again: bool) -> Outcome:
    if known.lent:
        return Outcome.ON_LOAN
    if known.kept:
        return Outcome.HELD
    if not known.picked:
        return Outcome.PICKED
    if known.seen_since:
        return Outcome.AGAIN
    if known.same_crate or known.sealed:
        return Outcome.ALREADY
    return Outcome.MOVED if again else Outcome.OTHER_CRATE


def _not_listed(known: Facts, again: bool) -> Outcome:
    if not known.ours:
        return Outcome.FOREIGN
    if not known.twin:
        return Outcome.NOT_LISTED
    if known.lent:
        return Outcome.ON_LOAN
    if known.kept:
        return Outcome.HELD
    return Outcome.PICKED if again else Outcome.INSTEAD


_SEAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{2,15}")
_BOOK = re.compile(r"97[89]\d{10}|893\d{10}")


def is_seal(text: str, series: Collection[str] = ()) -> bool:
    """Whether a code nothing answers to may be the number of a seal: short, no number printed on a book's back, and none
    that begins as accession numbers do (`series`: their prefixes)."""
    like_a_book = _BOOK.fullmatch(text) or any(_begins(text, one) for one in series)
    return _SEAL.fullmatch(text) is not None and not like_a_book


def _begins(text: str, series: str) -> bool:
    """TN.00731, tn00731; not TNX-1."""
    return re.match(re.escape(series) + r"[./-]*\d", text, re.IGNORECASE) is not None
