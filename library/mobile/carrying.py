"""What trips carried and what of it did not come home, as the ledger knows it.

Lists of what was loaded would not do: books stay aboard from one trip to the next, and a list is closed with its trip.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.db import straight
from library.holdings import history
from library.holdings.models import Movement, Place, PlaceKind
from library.inbox.models import Act
from library.mobile.models import Trip, TripLoad, TripState, Vehicle

Copies = dict[int, set[int]]
"""By a trip's id, ids of copies."""
END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """A copy was believed to stand at a place, from a moment until another (which is not part of it)."""

    item_id: int
    place_id: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Home:
    """Places of a trip's vehicle, both where another took over."""

    aboard: frozenset[int]
    depot: frozenset[int]


def of(session: Session, trips: Sequence[Trip]) -> tuple[dict[int, int], dict[int, int]]:
    """By trip, copies carried and copies missing; three statements, however many trips.

    Carried: aboard when it set out, or loaded on the way. Missing, of those, once it is closed: at that moment neither
    aboard nor in the depot nor with a reader. A trip that has not set out carries nothing yet.
    """
    went = [trip for trip in trips if trip.out_at is not None]
    if not went:
        return {}, {}
    homes = _homes(session, went)
    spans, readers = _spans(session, frozenset[int]().union(*(one.aboard for one in homes.values())))
    carried, away = _on_the_way(session, went), _away(went, spans, homes, readers)
    for trip_id, items in _aboard(went, spans, homes).items():
        carried[trip_id] |= items
    missing = {trip_id: len(items & carried[trip_id]) for trip_id, items in away.items()}
    return {trip_id: len(items) for trip_id, items in carried.items()}, missing


def _homes(session: Session, trips: Sequence[Trip]) -> dict[int, Home]:
    first = {trip.taken_over_from for trip in trips if trip.taken_over_from}
    known = {one.id: one for one in session.scalars(select(Vehicle).where(Vehicle.id.in_(first)))} if first else {}
    found = {}
    for trip in trips:
        vehicles = [trip.vehicle, *([known[trip.taken_over_from]] if trip.taken_over_from else [])]
        found[trip.id] = Home(
            frozenset(one.aboard_id for one in vehicles), frozenset(one.depot_id for one in vehicles)
        )  # fmt: skip
    return found


def _aboard(trips: Sequence[Trip], spans: Sequence[Span], homes: dict[int, Home]) -> Copies:
    """What stood aboard when each trip set out."""
    moments = _Moments([(trip.out_at, trip.id) for trip in trips if trip.out_at])
    found: Copies = defaultdict(set)
    for span in spans:
        for trip_id in moments.within(span):
            if span.place_id in homes[trip_id].aboard:
                found[trip_id].add(span.item_id)
    return found


def _away(trips: Sequence[Trip], spans: Sequence[Span], homes: dict[int, Home], readers: set[int]) -> Copies:
    """What was neither aboard nor in the depot nor lent when each trip was closed, whoever carried it."""
    over = [(trip.in_at, trip.id) for trip in trips if trip.in_at and trip.state is TripState.CLOSED]
    moments, found = _Moments(over), defaultdict[int, set[int]](set)
    for span in spans:
        if span.place_id in readers:
            continue
        for trip_id in moments.within(span):
            if span.place_id not in homes[trip_id].aboard | homes[trip_id].depot:
                found[trip_id].add(span.item_id)
    return found


class _Moments:
    """Trips by a moment of each."""

    def __init__(self, of: Sequence[tuple[datetime, int]]) -> None:
        self.of = sorted(of)
        self.at = [moment for moment, _trip in self.of]

    def within(self, span: Span) -> Iterator[int]:
        for one in range(bisect_left(self.at, span.since), bisect_left(self.at, span.until)):
            yield self.of[one][1]


def _on_the_way(session: Session, trips: Sequence[Trip]) -> Copies:
    """Loaded after it had set out."""
    found: Copies = {trip.id: set() for trip in trips}
    query = select(TripLoad.trip_id, TripLoad.item_id).join(Trip, Trip.id == TripLoad.trip_id)
    later = (TripLoad.trip_id.in_(found), ~TripLoad.voided, TripLoad.loaded_at > Trip.out_at)
    for trip_id, item_id in straight(session).execute(query.where(*later)):
        found[trip_id].add(item_id)
    return found


def _spans(session: Session, aboard: frozenset[int]) -> tuple[list[Span], set[int]]:
    """Where copies that ever were aboard stood and when; and which of these places are readers'."""
    ever = select(Movement.item_id).where(Movement.place_id.in_(aboard))
    query = (
        select(
            Movement.item_id, Movement.uid, Movement.act_id, Movement.place_id, Place.branch_id, Movement.why,
            Movement.basis, Movement.occurred_at, Movement.rests_on, Place.kind,
        )
        .join(Act, Act.id == Movement.act_id)
        .join(Place, Place.id == Movement.place_id)
        .where(Movement.item_id.in_(ever), Act.voided_by.is_(None))
    )  # fmt: skip
    known: dict[int, list[history.Known]] = defaultdict(list)
    readers = set()
    for item_id, *fact, kind in straight(session).execute(query):
        known[item_id].append(history.Known(*fact))
        if kind == PlaceKind.WITH_PATRONS:
            readers.add(fact[2])
    return [span for item_id, facts in known.items() for span in _of_copy(item_id, facts)], readers


def _of_copy(item_id: int, facts: Sequence[history.Known]) -> Iterator[Span]:
    counting = [one for one, counts in history.believed(history.in_order(facts)) if counts]
    ends = [*(one.occurred_at for one in counting[1:]), END]
    for one, until in zip(counting, ends, strict=True):
        yield Span(item_id, one.place_id, one.occurred_at, until)
