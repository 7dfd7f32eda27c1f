"""The reference model: what is true of one copy, given all that is known of it.

Written to be read and believed, not to be quick: every question looks at the whole history and answers by definition,
where the product keeps state and folds. It knows nothing of the product but the words of its vocabulary, and no
database. The product must agree with it, whatever the order in which the facts arrived.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

ONCE_IN = timedelta(minutes=30)
AFTER_RETURN = timedelta(seconds=10)

SEEN_AWAY_FROM_READERS = {
    ("desk", "scan"),
    ("shelve", "scan"),
    ("receive", "scan"),
    ("send", "scan"),
    ("review", "count"),
}
"""A copy seen so is not with a reader. A stocktake's sighting is, until its review says so; what is only said
(assertion) or guessed (inference) never is."""


@dataclass(frozen=True)
class Fact:
    """Something known of the copy. `act` names who said it; facts of a retracted act are as if never said.

    `place` is where it was then (for a stay: where it stays, None for "no longer"). `rests_on` is the moment of the
    evidence of everything that is not a scan.
    """

    act: UUID
    order: UUID
    at: datetime
    why: str
    place: int | None
    basis: str = "scan"
    rests_on: datetime | None = None
    retracted: bool = False
    reader: int | None = None

    @property
    def key(self) -> tuple[datetime, UUID]:
        return self.at, self.order


@dataclass(frozen=True)
class Ended:
    at: datetime
    by: UUID
    lent_on: bool


@dataclass(frozen=True)
class Truth:
    """`loans`: per lending act its end or None. `uses`: per act home or in-house. `stay`: (place, since) or None."""

    place: int
    seen: tuple[datetime, UUID]
    loans: dict[UUID, Ended | None]
    uses: dict[UUID, str]
    stay: tuple[int, datetime] | None


def told(facts: Sequence[Fact]) -> Truth:
    """What is true, from all facts in any order."""
    said = sorted((fact for fact in facts if not fact.retracted), key=lambda fact: fact.key)
    moves = [fact for fact in said if fact.why != "stay"]
    last = [fact for fact in moves if counts(fact, moves)][-1]
    assert last.place is not None
    return Truth(last.place, last.key, loans(moves), uses(moves), stay([fact for fact in said if fact.why == "stay"]))


def counts(fact: Fact, moves: Sequence[Fact]) -> bool:
    """A scan counts. Anything else: unless the copy was scanned after the evidence, and before this was said of it."""
    if fact.basis == "scan":
        return True
    assert fact.rests_on is not None
    return not any(other.basis == "scan" and fact.rests_on < other.at and other.key < fact.key for other in moves)


def ends_a_loan(fact: Fact, moves: Sequence[Fact]) -> bool:
    """Lending it to the next, or seeing it where readers do not keep books."""
    return fact.why == "lend" or ((fact.why, fact.basis) in SEEN_AWAY_FROM_READERS and counts(fact, moves))


def loans(moves: Sequence[Fact]) -> dict[UUID, Ended | None]:
    """Each lending begins a loan; the first later sighting that ends loans ends it."""
    found: dict[UUID, Ended | None] = {}
    for lent in (fact for fact in moves if fact.why == "lend"):
        later = [fact for fact in moves if fact.key > lent.key and ends_a_loan(fact, moves)]
        found[lent.act] = Ended(later[0].at, later[0].act, later[0].why == "lend") if later else None
    return found


def is_lent_before(fact: Fact, moves: Sequence[Fact]) -> bool:
    """Whether a reader had the copy just before this fact."""
    earlier = [other for other in moves if other.key < fact.key and ends_a_loan(other, moves)]
    return bool(earlier) and earlier[-1].why == "lend"


def is_return(fact: Fact, moves: Sequence[Fact]) -> bool:
    return fact.why != "lend" and ends_a_loan(fact, moves) and is_lent_before(fact, moves)


def uses(moves: Sequence[Fact]) -> dict[UUID, str]:
    """A lending is a use. So is a scan at a desk that is no return, once in half an hour, and not in the breath of one."""
    found = {fact.act: "home" for fact in moves if fact.why == "lend"}
    for fact in moves:
        if fact.why == "desk" and not is_return(fact, moves) and not is_quiet(fact, moves, found):
            found[fact.act] = "in-house"
    return found


def is_quiet(fact: Fact, moves: Sequence[Fact], found: dict[UUID, str]) -> bool:
    """The last thing that asks for quiet before `fact` still does: a counted in-house use, or a return."""
    asking = [
        (other, ONCE_IN if found.get(other.act) == "in-house" else AFTER_RETURN)
        for other in moves
        if other.key < fact.key and (found.get(other.act) == "in-house" or is_return(other, moves))
    ]
    if not asking:
        return False
    other, how_long = asking[-1]
    return fact.at < other.at + how_long


def stay(facts: Sequence[Fact]) -> tuple[int, datetime] | None:
    """The last word on where the copy deliberately stays."""
    if not facts or facts[-1].place is None:
        return None
    return facts[-1].place, facts[-1].at


def came(facts: Sequence[Fact], told: Set[tuple[int, date]] = frozenset()) -> Set[tuple[int, date]]:
    """Readers and days of a visit by desk: whoever was lent a book that day, and did not tell of coming otherwise."""
    lent = {(fact.reader, day_of(fact.at)) for fact in facts if fact.why == "lend" and not fact.retracted}
    return {(reader, day) for reader, day in lent if reader is not None} - told


def day_of(moment: datetime) -> date:
    """On the wall calendar of Viet Nam, which knows no summer time."""
    return (moment + timedelta(hours=7)).date()
