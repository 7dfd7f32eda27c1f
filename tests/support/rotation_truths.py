"""What must be true of rotation and of the van whatever was done: worked out from the rows alone, one by one, in Python.

`wrong` names everything that is not. It asks none of the functions it judges, but compares `sums` with its own count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.calendars.models import PlaceOpening
from library.core import clock
from library.holdings import ledger
from library.holdings.models import Item, Movement, Place, PlaceKind, Stay
from library.inbox.models import Act
from library.loans import settling
from library.loans.models import Loan, still_out
from library.mobile.models import Stop, StopVisit, Trip, TripState, VisitState
from library.rotation import sums
from library.rotation.lifecycle import ENDED
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, LegOutcome, LineOutcome

STANDING = (VisitState.PLANNED, VisitState.OPEN, VisitState.CLOSED)
OVER = (*ENDED, BatchState.RECONCILED)
ENDS = {
    LineOutcome.RETURNED: "returned", LineOutcome.LOST: "lost", LineOutcome.DAMAGED: "damaged",
    LineOutcome.KEPT: "kept", LineOutcome.FORWARDED: "forwarded", LineOutcome.WITH_READER: "with_reader",
    LineOutcome.FOLLOWS: "follows",
}  # fmt: skip


@dataclass
class Papers:
    """A batch with its rows. `last`: of each copy, the last leg by which it went, and its line there."""

    batch: Batch
    legs: list[Leg]
    lines: list[BatchLine]
    went: dict[int, list[tuple[Leg, LegLine]]] = field(default_factory=dict)

    def is_short(self, item: int) -> bool:
        """It did not come by the last leg it went, and has not turned up since."""
        _, row = self.last[item]
        outcome = next(line.outcome for line in self.lines if line.item_id == item)
        return row.outcome is LegOutcome.SHORT and not row.found_at and outcome in (None, LineOutcome.LOST)

    @cached_property
    def last(self) -> dict[int, tuple[Leg, LegLine]]:
        return {item: rows[-1] for item, rows in self.went.items()}


def wrong(session: Session) -> list[str]:
    """Sentences for whoever reads the test; none where all is well."""
    session.rollback()
    return wrong_now(session)


def wrong_now(session: Session) -> list[str]:
    """As `wrong`, in the transaction that is open."""
    session.expire_all()
    papers = [_papers(session, batch) for batch in session.scalars(select(Batch).order_by(Batch.id))]
    where = _where(session)
    found = [*_audits(session), *_one_open_batch(session), *_stops(session), *_loans_at_stops(session)]
    for one in papers:
        found += [f"{one.batch.code}: {said}" for said in (*_way(one), *_counts(session, one), *_places(one, where))]
        found += [f"{one.batch.code}: {said}" for said in (*_stays(session, one), *_moved(session, one))]
    return found


def _papers(session: Session, batch: Batch) -> Papers:
    legs = list(session.scalars(select(Leg).where(Leg.batch_id == batch.id).order_by(Leg.number)))
    lines = list(session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)))
    rows = select(Leg, LegLine).join(LegLine, LegLine.leg_id == Leg.id).where(Leg.batch_id == batch.id)
    went = defaultdict[int, list[tuple[Leg, LegLine]]](list)
    for leg, row in session.execute(rows.order_by(Leg.number)):
        went[row.item_id].append((leg, row))
    return Papers(batch, legs, lines, dict(went))


def _audits(session: Session) -> Iterator[str]:
    """Both audits: places and loans recomputed from the history."""
    if astray := ledger.astray(session):
        yield f"{len(astray)} copies are elsewhere than their history says"
    lent = list(session.scalars(select(Loan.item_id).distinct()))
    if astray := settling.astray(session, lent):
        yield f"{len(astray)} copies whose loans differ from their history"


def _one_open_batch(session: Session) -> Iterator[str]:
    query = select(BatchLine.item_id, func.count()).where(BatchLine.closed_at.is_(None)).group_by(BatchLine.item_id)
    for item, count in session.execute(query.having(func.count() > 1)):
        yield f"copy {item} is in {count} open batches"


def _way(one: Papers) -> Iterator[str]:
    """Each leg begins where the one before ended; two people signed; what was received had been sent."""
    here: int | None = None
    for leg in one.legs:
        if leg.sent_at is None:
            continue
        if leg.from_site_id != here:
            yield f"leg {leg.number} leaves from site {leg.from_site_id}, the books were at {here}"
        if leg.received_at and (leg.received_at < leg.sent_at or leg.given_by == leg.taken_by):
            yield f"leg {leg.number} was received before it was sent, or by who gave"
        here = leg.to_site_id


def _moved(session: Session, one: Papers) -> Iterator[str]:
    """What a leg's act moved is what stands on its list, when it was sent and when it was received. What the giver owned to
    be missing stands on the list and did not set out."""
    for leg in one.legs:
        rows = {item: row for item, ways in one.went.items() for way, row in ways if way.id == leg.id}
        there = {item for item, row in rows.items() if row.outcome is not LegOutcome.SHORT}
        for act in (leg.send_act, leg.receive_act):
            moved = set(session.scalars(select(Movement.item_id).where(Movement.act_id == act))) if act else there
            if there - moved or (act == leg.send_act and moved - set(rows)):
                yield f"leg {leg.number} lists {len(rows)} copies, its act moved {len(moved)}"


def _counts(session: Session, one: Papers) -> Iterator[str]:
    """Sent = received + short (+ under way); received = what became of it; a batch that ended has no line without an end."""
    told, outcome = sums.of(session, one.batch.id), {line.item_id: line.outcome for line in one.lines}
    short = {item for item in one.went if one.is_short(item)}
    came = {item for item, (leg, _) in one.last.items() if leg.received_at and item not in short}
    on_the_way = set(one.went) - came - short
    mine = {"sent": len(one.went), "received": len(came), "short": len(short), "under_way": len(on_the_way)}
    ended = Counter(ENDS[end] for item in came if (end := outcome.get(item)) in ENDS)
    mine |= {name: ended[name] for name in ENDS.values()} | {"out": sum(outcome.get(item) is None for item in came)}
    if different := {name: (getattr(told, name), is_) for name, is_ in mine.items() if getattr(told, name) != is_}:
        yield f"sums (told, counted): {different}"
    if not told.agree:
        yield f"the equations do not hold: {told}"
    if one.batch.state in OVER and (left := [line.item_id for line in one.lines if line.closed_at is None]):
        yield f"it ended with {len(left)} lines without an outcome"
    if one.batch.state in OVER and on_the_way:
        yield f"it ended with {len(on_the_way)} copies on their way"
    if gone := [
        line.item_id for line in one.lines if line.outcome is LineOutcome.LEFT_OUT and line.item_id in one.went
    ]:
        yield f"{len(gone)} copies were sent and are told as left out"


Where = dict[int, tuple[int, int, Place]]
"""Of each copy: when it was seen last (an act's id), and its place."""


def _where(session: Session) -> Where:
    query = select(Item.id, Movement.act_id, Item.place_id, Place).join(Movement, Movement.uid == Item.seen_uid)
    query = query.join(Place, Place.id == Item.place_id)
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def _places(one: Papers, where: Where) -> Iterator[str]:
    """Unless something was seen since, a copy is where the papers of its last leg say."""
    for item, (leg, row) in one.last.items():
        act, place_id, place = where[item]
        if act == leg.send_act and place.kind is not PlaceKind.IN_TRANSIT:
            yield f"copy {item} was sent and is in {place.name}"
        if act != leg.receive_act:
            continue
        end = leg.to_site.place_id if leg.to_site else one.batch.depot_id
        is_short = row.outcome is LegOutcome.SHORT
        if is_short and place.kind is not PlaceKind.UNKNOWN:
            yield f"copy {item} did not come and is in {place.name}"
        if not is_short and place_id != end:
            yield f"copy {item} came by leg {leg.number} and is in {place.name}"


def _stays(session: Session, one: Papers) -> Iterator[str]:
    """Copies of a batch that goes on stay at the site they were sent to; those of one that ended stay nowhere by it."""
    ends = {leg.to_site.place_id for leg in one.legs if leg.to_site}
    others = select(BatchLine.item_id).where(BatchLine.closed_at.is_(None), BatchLine.batch_id != one.batch.id)
    elsewhere = set(session.scalars(others.where(BatchLine.item_id.in_(list(one.went)))))
    query = select(Stay).where(Stay.item_id.in_(list(one.went)), Stay.voided.is_(False), Stay.ended_at.is_(None))
    still = {stay.item_id: stay for stay in session.scalars(query.where(Stay.place_id.is_not(None)))}
    outcome = {line.item_id: line.outcome for line in one.lines}
    for item, (leg, row) in one.last.items():
        stay = still.get(item)
        mine = stay is not None and stay.why == "rotation" and stay.place_id in ends and item not in elsewhere
        if one.batch.state in OVER or outcome.get(item) is not None:
            if mine and outcome.get(item) is not LineOutcome.KEPT:
                yield f"copy {item} stays at a site by a batch that is over for it ({outcome.get(item)})"
            continue
        expected = leg.to_site_id is not None and row.outcome is not LegOutcome.SHORT
        if expected and (stay is None or leg.to_site is None or stay.place_id != leg.to_site.place_id):
            yield f"copy {item} went by leg {leg.number} and does not stay at its end"


def _stops(session: Session) -> Iterator[str]:
    """A stop is open on the days of its visits that stand, and on no other."""
    for stop in session.scalars(select(Stop)):
        visits = select(StopVisit.day).join(Trip, Trip.id == StopVisit.trip_id).where(StopVisit.stop_id == stop.id)
        days = visits.where(StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED)
        wanted = set(session.scalars(days))
        known = set(session.scalars(select(PlaceOpening.day).where(PlaceOpening.place_id == stop.place_id)))
        if wanted != known:
            yield f"{stop.name} opens on {sorted(known - wanted)} without a visit, not on {sorted(wanted - known)}"


def _loans_at_stops(session: Session) -> Iterator[str]:
    """A book lent at a stop is due on a day the vehicle comes there, if such a day was planned by then."""
    query = select(Loan, Stop).join(Stop, Stop.place_id == Loan.place_id).where(still_out())
    for loan, stop in session.execute(query):
        known = select(StopVisit.day).join(Trip, Trip.id == StopVisit.trip_id).join(Act, Act.id == Trip.act_id)
        mine = known.where(StopVisit.stop_id == stop.id, StopVisit.day > clock.day_of(loan.lent_at))
        planned = mine.where(StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED)
        days = set(session.scalars(planned.where(Act.occurred_at <= loan.lent_at)))
        open_on = set(session.scalars(select(PlaceOpening.day).where(PlaceOpening.place_id == stop.place_id)))
        if days and loan.due_on not in open_on:
            yield f"a loan at {stop.name} is due on {loan.due_on}, not on one of {sorted(map(str, days))}: lent {loan.lent_at:%d/%m}"


def places_of(session: Session, items: Sequence[int]) -> Counter[str]:
    """How many of the copies are in which kind of place."""
    query = select(Place.kind).join(Item, Item.place_id == Place.id).where(Item.id.in_(items))
    return Counter(str(kind) for kind in session.scalars(query))
