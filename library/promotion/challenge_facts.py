"""Who completed a challenge, as figures: numbers only.

A reader counts once, at the highest milestone reached, as of the day it was seen; a class, a school or all together as
one of their own audience. `sort` is the milestone.
"""

from collections import Counter
from uuid import UUID

from sqlalchemy.orm import Session

from library.core import clock
from library.promotion import challenge_counting
from library.promotion.challenge_counting import Board
from library.promotion.challenge_models import Challenge, MarkOf, Reach
from library.uses import happenings
from library.uses.happenings import Fact, Measure

KIND = "challenge"
READERS, PUPILS, CLASSES, SCHOOLS, TOGETHER = "readers", "pupils", "classes", "schools", "together"
Key = tuple[str, str]
"""(milestone, whose)."""


def follow(session: Session, act: tuple[int, UUID], challenge: Challenge, board: Board | None = None) -> None:
    """The figures say what is reached now."""
    facts = due(session, challenge, board or challenge_counting.board(session, challenge))
    if facts is not None:
        happenings.settle(session, act, KIND, challenge.uid, facts)


def due(session: Session, challenge: Challenge, board: Board) -> list[Fact] | None:
    """What the figures should say; None where they say it already. What was seen on earlier days stays on them."""
    wanted = Counter() if challenge.cancelled else reached(challenge, board)
    before = [happenings.told(one) for one in happenings.standing(session, challenge.uid)]
    kept = _kept(before, wanted)
    on = max(challenge.first_on, min(clock.today(), challenge.last_on))
    new = [
        Fact(Measure.CHALLENGE_DONE, many, on, challenge.branch_id, *key) for key, many in wanted.items() if many > 0
    ]
    return None if not new and len(kept) == len(before) else [*kept, *new]


def _kept(before: list[Fact], wanted: "Counter[Key]") -> list[Fact]:
    """Facts that still hold, the earliest first; what they say is taken from `wanted`."""
    kept = []
    for one in sorted(before, key=lambda fact: fact.on):
        key = one.sort or "", one.audience or ""
        if one.quantity <= wanted[key]:
            wanted[key] -= one.quantity
            kept.append(one)
    return kept


def reached(challenge: Challenge, board: Board) -> "Counter[Key]":
    """{(milestone, whose): how many}."""
    whose = READERS if challenge.reach is Reach.LIBRARY else PUPILS
    found: Counter[Key] = Counter({(str(step), whose): many for step, many in board.together.reached.items()})
    rows = SCHOOLS if challenge.reach is Reach.BELOW else CLASSES
    for row in board.rows:
        if step := best(challenge, MarkOf.CLASS, row.amount):
            found[str(step), rows] += 1
    if step := best(challenge, MarkOf.ALL, board.together.amount):
        found[str(step), TOGETHER] += 1
    return found


def best(challenge: Challenge, of: MarkOf, amount: int) -> int:
    """The highest milestone reached; 0: none."""
    return max((one.amount for one in challenge.marks if one.of is of and one.amount <= amount), default=0)
