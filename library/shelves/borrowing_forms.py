"""What a shelf's page sends: typed values, or every complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from library.core.errors import N_
from library.core.forms import Reader
from library.loans.forms import Posted, scan_away, uuid_of
from library.loans.happened import Answer
from library.policies.values import Channel
from library.shelves.borrowing import Shown

MOST_AT_ONCE = 500
"""Readers of one tap: a whole school in the yard."""

ANSWERS = frozenset({Answer.YES, Answer.RENEW, Answer.RETURN})
"""What may be said to a question at a shelf. Whose turn it is for a book is the library's to settle: the rest is a no."""


def shown_of(reader: Reader) -> Shown:
    """`text`: what was scanned; or `item`: the cover that was tapped. `pupil`: whose name was tapped before."""
    tapped = uuid_of(reader, "item")
    return Shown(scan_away(reader, Channel.CLASS, ANSWERS, required=tapped is None), tapped)


@dataclass(frozen=True)
class ShelfScan:
    """One scan or tap at a shelf."""

    posted: Posted
    shown: Shown

    @classmethod
    def read(cls, source: Mapping[str, Any], posted: Posted | None = None) -> Self:
        """`posted`: of a form without scripts, made here. Raises Invalid."""
        reader = Reader(source)
        posted = posted or Posted.read(reader)
        shown = shown_of(reader)
        reader.done()
        assert posted is not None
        return cls(posted, shown)


@dataclass(frozen=True)
class Tap:
    """One touch of the tally: a colour (`level`), or so many readers who came (`visits`)."""

    posted: Posted
    level: int | None
    visits: int | None

    @classmethod
    def read(cls, source: Mapping[str, Any], posted: Posted | None = None) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = posted or Posted.read(reader)
        level = reader.number("level", 1, 20, required=False)
        visits = reader.number("visits", 1, MOST_AT_ONCE, required=False)
        if (level is None) == (visits is None):
            reader.complain("level", "one-of", N_("Chạm một màu, hoặc cả lớp."))
        reader.done()
        assert posted is not None
        return cls(posted, level, visits)
