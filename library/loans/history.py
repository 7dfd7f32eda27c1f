"""Which loan ended when, and what was a use, worked out from all that is known of a copy. Pure.

The table `ENDS` is shown in docs/ledger.md. What is not in it ends nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from library.holdings.history import Known, believed, in_order
from library.holdings.models import Basis, Why
from library.loans.models import EndWhy
from library.uses.models import UseKind

ENDS: Mapping[tuple[Why, Basis], bool] = {
    (Why.DESK, Basis.SCAN): True,
    (Why.SHELVE, Basis.SCAN): True,
    (Why.RECEIVE, Basis.SCAN): True,
    (Why.SEND, Basis.SCAN): True,
    (Why.REVIEW, Basis.COUNT): True,
    (Why.STOCKTAKE, Basis.SCAN): False,
    (Why.RENEW, Basis.SCAN): False,
    (Why.SEND, Basis.ASSERTION): False,
    (Why.RECEIVE, Basis.ASSERTION): False,
    (Why.MISSING, Basis.ASSERTION): False,
    (Why.MISSING, Basis.INFERENCE): False,
    (Why.SETTLE, Basis.ASSERTION): True,
}
"""Does seeing a copy so end its loan? At a desk, on a shelf, in a crate: yes. With its reader, on a list: never.
Settled by another copy, by money or by grace: the reader has it no more, though nobody saw it."""

ONCE_IN = timedelta(minutes=30)
"""An in-house use counts once per copy in this time."""
AFTER_RETURN = timedelta(seconds=10)
"""The second beep of a return is not a use."""


@dataclass(frozen=True)
class End:
    """A loan ended then, by that act, at that branch."""

    at: datetime
    act_id: int
    why: EndWhy
    branch_id: int


@dataclass
class Past:
    """Per lending act how its loan ended (None: still open); per act which use it was."""

    loans: dict[int, End | None] = field(default_factory=dict)
    uses: dict[int, UseKind] = field(default_factory=dict)


def ends(why: Why, basis: Basis) -> bool:
    return ENDS.get((why, basis), False)


def end_of(why: Why) -> EndWhy:
    """What a loan's end is called when its copy moved for that reason."""
    return {Why.LEND: EndWhy.LENT_ON, Why.SETTLE: EndWhy.SETTLED}.get(why, EndWhy.RETURNED)


def read(movements: Iterable[Known], on_site: Collection[int] = ()) -> Past:
    """From the movements of one copy that were not undone, in any order. `on_site`: acts that lent it to be read here."""
    past = Past()
    holder: int | None = None
    quiet_until: datetime | None = None
    for one, counts in believed(in_order(movements)):
        if one.why is Why.LEND:
            past.loans[one.act_id] = None
            past.uses[one.act_id] = UseKind.IN_HOUSE if one.act_id in on_site else UseKind.HOME
            if holder is not None:
                past.loans[holder] = End(one.occurred_at, one.act_id, EndWhy.LENT_ON, one.branch_id)
            holder = one.act_id
        elif counts and ends(one.why, one.basis) and holder is not None:
            past.loans[holder] = End(one.occurred_at, one.act_id, end_of(one.why), one.branch_id)
            holder = None
            quiet_until = one.occurred_at + AFTER_RETURN
        elif one.why is Why.DESK and (quiet_until is None or one.occurred_at >= quiet_until):
            past.uses[one.act_id] = UseKind.IN_HOUSE
            quiet_until = one.occurred_at + ONCE_IN
    return past
