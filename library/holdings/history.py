"""Where a copy is, worked out from all that is known of it. Pure.

A scan is seeing. A count, an assertion (a manifest, a sealed crate) or an inference (a nightly job) is believed only
while no scan is newer than the evidence it rests on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from library.holdings.models import Basis, Why


@dataclass(frozen=True)
class Known:
    """A movement that was not undone, with the branch of its place."""

    uid: UUID
    act_id: int
    place_id: int
    branch_id: int
    why: Why
    basis: Basis
    occurred_at: datetime
    rests_on: datetime | None = None

    @property
    def key(self) -> tuple[datetime, UUID]:
        return self.occurred_at, self.uid


def in_order(movements: Iterable[Known]) -> list[Known]:
    """As things happened; the uid breaks ties, the same way everywhere."""
    return sorted(movements, key=lambda one: one.key)


def believed(ordered: Sequence[Known]) -> Iterator[tuple[Known, bool]]:
    """Each movement in order, and whether it counts."""
    scanned_at: datetime | None = None
    for one in ordered:
        if one.basis is Basis.SCAN:
            scanned_at = one.occurred_at
        yield one, one.rests_on is None or scanned_at is None or scanned_at <= one.rests_on


def last_believed(movements: Iterable[Known]) -> Known | None:
    """The movement that says where the copy is now."""
    counting = [one for one, counts in believed(in_order(movements)) if counts]
    return counting[-1] if counting else None


@dataclass(frozen=True)
class StayFact:
    """A stay was opened at `place_id`, or ended where that is None."""

    id: int
    act_id: int
    place_id: int | None
    occurred_at: datetime
    uid: UUID


def stays_ended(facts: Iterable[StayFact]) -> dict[int, tuple[datetime, int] | None]:
    """For each row: when and by which act it ended; None while it lasts. Rows that end a stay end at once."""
    ordered = sorted(facts, key=lambda fact: (fact.occurred_at, fact.uid))
    ends: dict[int, tuple[datetime, int] | None] = {}
    for fact, following in zip_longest(ordered, ordered[1:]):
        ends[fact.id] = (following.occurred_at, following.act_id) if following else None
        if fact.place_id is None:
            ends[fact.id] = (fact.occurred_at, fact.act_id)
    return ends
