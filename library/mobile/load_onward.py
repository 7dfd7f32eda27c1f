"""A loan that ends at the vehicle's door is a return: whoever waits for the book is asked for then, as at any desk."""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.inbox.acts import Doing
from library.loans import facts, returning
from library.loans.facts import CopyFacts, Desk
from library.loans.happened import Shelving
from library.loans.holds_dealing import Waiting
from library.loans.models import Loan, still_out
from library.mobile.models import Trip
from library.mobile.stop_onward import onward

Lent = Mapping[int, CopyFacts]
"""By id of a copy that was lent: what was known of it before it was scanned."""


def desk_of(trip: Trip) -> Desk:
    """Where the vehicle's depot is: a copy is loaded and unloaded there."""
    library = trip.library
    return Desk(trip.library_id, library.network_id or library.id, trip.vehicle.depot.branch_id)


def lent_of(session: Session, item_ids: Iterable[int]) -> list[int]:
    """Those of them that are lent (one statement)."""
    query = select(Loan.item_id).where(Loan.item_id.in_(list(item_ids)), still_out()).order_by(Loan.item_id)
    return list(session.scalars(query))


def known(session: Session, trip: Trip, lent: Iterable[int]) -> Lent:
    """To be read under the lock of the copies, before they move; a statement for each, and lent ones are few."""
    desk, today = desk_of(trip), clock.today()
    return {one: facts.copy(session, one, desk, today) for one in lent}


def waits(session: Session, trip: Trip, item_id: int) -> Waiting | None:
    """Whose turn it is for a copy that drives off all the same: told to who loads it, and nobody is called for it."""
    desk, today = desk_of(trip), clock.today()
    return returning.whose_turn(session, desk, facts.copy(session, item_id, desk, today), today)


def ended(session: Session, lent: Lent) -> tuple[int, ...]:
    """Whose loan is over now: a scan told late ends no loan that was made since (one statement, none without loans)."""
    still = set(lent_of(session, lent)) if lent else set()
    return tuple(one for one in lent if one not in still)


def ask(
    session: Session, doing: Doing, trip: Trip, lent: Lent, act: tuple[int, UUID], at: datetime,
    fetched_at: Container[int] | None = None,
) -> dict[int, Shelving]:  # fmt: skip
    """Where each of these goes next, by its id: only of those that somebody waits for. A copy that was seen since the
    moment this is told of is left alone. `fetched_at`: as of `stop_onward.onward`."""
    desk = desk_of(trip)
    now = {one: copy for one, copy in lent.items() if doing.at is None or at > copy.seen_at}
    asked = {one: onward(session, desk, copy, act, at, fetched_at) for one, copy in now.items()}
    return {one: goes for one, goes in asked.items() if goes is not None and goes.kept_for}
