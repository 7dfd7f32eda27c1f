"""What the pages of swaps send: typed values, or every complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.forms import Posted, plain_posted, uuid_or_none
from library.shelves.models import Shelf, SwapEvery
from library.shelves.swap_boxes import Wishes
from library.shelves.swaps import MOST_ROUNDS, Wanted

FURTHEST = timedelta(days=400)
MOST_PER_PUPIL = 20


def posted_of(reader: Reader, source: Mapping[str, Any]) -> Posted | None:
    """As a device says it; a form without scripts has at most the uid its page was given, so that twice is once."""
    if source.get("device"):
        return Posted.read(reader)
    return plain_posted(uuid_or_none(source.get("uid")))


def uids(values: Sequence[object]) -> list[UUID]:
    return [uid for uid in map(uuid_or_none, values) if uid]


@dataclass(frozen=True)
class PlanForm:
    """A plan as wanted; `chosen` shelves keep the order of `among`."""

    posted: Posted
    wanted: Wanted

    @property
    def content(self) -> dict[str, Any]:
        """By which a repeat is told from something else."""
        return {**vars(self.wanted), "shelves": [str(shelf.uid) for shelf in self.wanted.shelves]}

    @classmethod
    def read(cls, source: Mapping[str, Any], chosen: Sequence[object], among: Mapping[UUID, Shelf]) -> Self:
        """Raises Invalid."""
        reader, ticked = Reader(source), set(uids(chosen))
        posted = posted_of(reader, source)
        shelves = [shelf for uid, shelf in among.items() if uid in ticked]
        if len(shelves) < 2:
            reader.complain("shelf", "too-few", N_("Chọn ít nhất hai tủ thì mới đổi cho nhau được."))
        every = reader.choice("every", {one.value: one for one in SwapEvery})
        from_on = reader.day("from_on")
        if from_on and not clock.today() <= from_on <= clock.today() + FURTHEST:
            reader.complain("from_on", "day", N_("Chọn một ngày từ hôm nay trở đi, trong vòng một năm."))
        rounds = reader.number("rounds", 1, MOST_ROUNDS, required=False)
        per_pupil = reader.number("per_pupil", 0, MOST_PER_PUPIL, required=False)
        name = reader.text("name", True, 80)
        reader.done()
        assert posted and every and from_on
        wishes = Wishes(per_pupil or 0, reader.ticked("classes_own"))
        return cls(posted, Wanted(name, shelves, every, from_on, rounds, wishes))


DEEDS = ("exchange", "lock", "unlock", "anew", "days", "end")


@dataclass(frozen=True)
class EditForm:
    """What is done to a plan, and the moves that were ticked for it."""

    posted: Posted
    do: str
    moves: Sequence[UUID]
    rounds: int | None

    @classmethod
    def read(cls, source: Mapping[str, Any], moves: Sequence[object]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted, do = posted_of(reader, source), reader.choice("do", {one: one for one in DEEDS})
        rounds = reader.number("rounds", 1, MOST_ROUNDS, required=False)
        reader.done()
        assert posted and do
        return cls(posted, do, uids(moves), rounds)


@dataclass(frozen=True)
class SayForm:
    """A box was given, or taken; `missing` copies by uid."""

    posted: Posted
    move: UUID
    missing: Sequence[UUID]

    @classmethod
    def read(cls, source: Mapping[str, Any], missing: Sequence[object]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted, move = posted_of(reader, source), uuid_or_none(reader.text("move", True, 40))
        if move is None:
            reader.complain("move", "uuid", N_("Mã của lượt này hỏng."))
        reader.done()
        assert posted and move
        return cls(posted, move, uids(missing))
