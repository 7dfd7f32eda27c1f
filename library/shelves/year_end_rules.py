"""The end of a shelf's school year in five steps: facts in, where one stands out. Nothing moves by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from library.core.errors import N_, Reason


class Step(StrEnum):
    """In this order, though only the last one waits for another."""

    LOANS = "loans"
    COUNT = "count"
    OWNERS = "owners"
    HANDOVER = "handover"
    PROMOTE = "promote"


class State(StrEnum):
    DONE = "done"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True)
class Facts:
    """Of one shelf. `out`: copies with readers; `private`: copies lent to the class that go back to their owners;
    `handed_on`: the year-end minutes, signed since the year's end began; `promoted`: it is the next year's class's already."""

    copies: int = 0
    out: int = 0
    private: int = 0
    counting: bool = False
    counted_on: date | None = None
    waiting: bool = False
    handed_on: date | None = None
    promoted: bool = False
    closed: bool = False


NOT_SIGNED = Reason(
    "not-signed", N_("Tủ chưa được ký bàn giao. Ký biên bản trước, hoặc đánh dấu là người giữ tủ không đổi.")
)
CLOSED = Reason("shelf-closed", N_("Tủ này đã đóng."))
ALREADY = Reason("promoted-already", N_("Tủ đã sang năm học sau rồi."))


def done(facts: Facts) -> Mapping[Step, bool]:
    return {
        Step.LOANS: facts.out == 0,
        Step.COUNT: facts.counted_on is not None,
        Step.OWNERS: facts.private == 0,
        Step.HANDOVER: facts.handed_on is not None,
        Step.PROMOTE: facts.promoted,
    }


def states(facts: Facts) -> dict[Step, State]:
    """The first step not done is the one to take now. A shelf that went on into the next year is done with."""
    finished, found = done(facts), {}
    here = False
    for step in Step:
        over = finished[step] or facts.promoted
        found[step] = State.DONE if over else State.LATER if here else State.NOW
        here = here or not over
    return found


def against_promoting(facts: Facts, same_keeper: bool) -> list[Reason]:
    """`same_keeper`: somebody says that whoever keeps it goes on keeping it, so that there is nothing to sign."""
    said = (
        (facts.closed, CLOSED),
        (facts.promoted, ALREADY),
        (facts.handed_on is None and not same_keeper, NOT_SIGNED),
    )
    return [reason for holds, reason in said if holds]
