"""Four weeks of trips as a calendar: what the planner's page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from library.loans.models import Loan, still_out
from library.mobile import closed_days, vehicles
from library.mobile.models import Stop, StopVisit, Suspension, Trip, TripCrew, TripState, Vehicle, VisitState
from library.mobile.visit_states import STANDING

WEEKS = 4
DAY = timedelta(days=1)
SCHOOL_DAYS = 5


@dataclass(frozen=True)
class Called:
    """A stop of a card: its name, and whether the vehicle comes."""

    name: str
    stands: bool


@dataclass(frozen=True)
class Card:
    trip: Trip
    vehicle: Vehicle
    stops: Sequence[Called]

    @property
    def goes(self) -> bool:
        return self.trip.state is not TripState.CANCELLED


@dataclass(frozen=True)
class Off:
    """Why nobody plans a trip that day without meaning it. `vehicle`: only this one stays at home."""

    why: str
    vehicle: str = ""


@dataclass(frozen=True)
class Day:
    day: date
    cards: Sequence[Card]
    off: Sequence[Off] = ()


@dataclass(frozen=True)
class Week:
    number: int
    monday: date
    days: Sequence[Day]

    @property
    def weekdays(self) -> Sequence[Day]:
        return self.days[:SCHOOL_DAYS]

    @property
    def weekend(self) -> Sequence[Day]:
        return self.days[SCHOOL_DAYS:]


@dataclass(frozen=True)
class Unserved:
    """A stop to which nobody comes in these weeks, and what is known of why."""

    stop: Stop
    why: str = ""
    until: date | None = None
    last_on: date | None = None
    next_on: date | None = None


@dataclass(frozen=True)
class Calendar:
    weeks: Sequence[Week]
    vehicles: Sequence[Vehicle]
    served: int
    stops: int
    trips: int
    km: float
    unserved: Sequence[Unserved] = field(default=())

    @property
    def weekend_used(self) -> bool:
        return any(day.cards for week in self.weeks for day in week.weekend)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def calendar(session: Session, reach: ColumnElement[bool], library_id: int | None, first: date) -> Calendar:
    """From the Monday of `first`, trips within `reach`. `library_id`: whose stops and closures; None: none of one's own.

    A dozen statements, however many trips.
    """
    first = monday(first)
    last = first + timedelta(days=7 * WEEKS - 1)
    cards = _cards(session, reach, first, last)
    own = vehicles.of_library(session, library_id) if library_id else sorted(
        {card.vehicle for card in cards}, key=lambda one: one.id
    )  # fmt: skip
    off = _off(session, [one for one in own if one.to_on is None], first, last) if library_id else {}
    weeks = [_week(first + timedelta(days=7 * at), cards, off) for at in range(WEEKS)]
    going = [card for card in cards if card.goes]
    stops = _stops(session, library_id, first) if library_id else []
    unserved = _unserved(session, stops, first, last)
    return Calendar(
        weeks, [one for one in own if one.to_on is None or one.to_on >= first], len(stops) - len(unserved), len(stops),
        len(going), sum(card.trip.km_planned or 0 for card in going), unserved,
    )  # fmt: skip


def todays(session: Session, account_id: int, today: date) -> UUID | None:
    """The trip that this account goes with today, the one still to come home first; its uid (one statement)."""
    mine = select(TripCrew.trip_id).where(TripCrew.account_id == account_id)
    query = select(Trip.uid).where(Trip.day == today, Trip.state != TripState.CANCELLED, Trip.id.in_(mine))
    return session.scalar(query.order_by(Trip.state == TripState.CLOSED, Trip.leaves_at, Trip.id).limit(1))


def _cards(session: Session, reach: ColumnElement[bool], first: date, last: date) -> list[Card]:
    query = select(Trip).where(reach, Trip.day.between(first, last)).options(joinedload(Trip.vehicle))
    trips = session.scalars(query.order_by(Trip.day, Trip.leaves_at, Trip.id)).all()
    called: dict[int, list[Called]] = {}
    rows = select(StopVisit.trip_id, Stop.name, StopVisit.state).join(Stop, Stop.id == StopVisit.stop_id)
    mine = rows.where(StopVisit.trip_id.in_([one.id for one in trips])).order_by(StopVisit.from_at, StopVisit.number)
    for trip, name, state in session.execute(mine):
        called.setdefault(trip, []).append(Called(name, state in STANDING))
    return [Card(one, one.vehicle, called.get(one.id, [])) for one in trips]


def _week(first: date, cards: Sequence[Card], off: Mapping[date, Sequence[Off]]) -> Week:
    days = [first + DAY * at for at in range(7)]
    found = [Day(day, [card for card in cards if card.trip.day == day], off.get(day, ())) for day in days]
    return Week(first.isocalendar().week, first, found)


def _off(session: Session, own: Sequence[Vehicle], first: date, last: date) -> dict[date, list[Off]]:
    """Closures of the vehicles' branches and what vehicles are suspended for, by day."""
    found: dict[date, list[Off]] = {}
    for branch in sorted({one.branch_id for one in own}):
        for day, why in closed_days.of(session, branch, first, last).items():
            found.setdefault(day, []).append(Off(why))
    names = {one.id: one.name for one in own}
    for row in session.scalars(_suspensions(first, last).where(Suspension.vehicle_id.in_(names))):
        day = max(first, row.first_on)
        while day <= min(last, row.last_on):
            found.setdefault(day, []).append(Off(row.why, names[row.vehicle_id or 0]))
            day += DAY
    return found


def _suspensions(first: date, last: date) -> Select[Suspension]:
    query = select(Suspension).where(Suspension.ended_at.is_(None))
    return query.where(Suspension.first_on <= last, Suspension.last_on >= first).order_by(Suspension.id)


def _stops(session: Session, library_id: int, first: date) -> Sequence[Stop]:
    still = or_(Stop.closed_on.is_(None), Stop.closed_on >= first)
    query = select(Stop).where(Stop.library_id == library_id, still)
    return sorted(session.scalars(query), key=lambda one: one.name.casefold())


def _unserved(session: Session, stops: Sequence[Stop], first: date, last: date) -> list[Unserved]:
    ids = [one.id for one in stops]
    standing = and_(StopVisit.stop_id.in_(ids), StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED)
    visits = select(StopVisit.stop_id).join(Trip, Trip.id == StopVisit.trip_id).where(standing)
    served = set(session.scalars(visits.where(StopVisit.day.between(first, last))))
    left = [one for one in stops if one.id not in served]
    ends = select(StopVisit.stop_id, func.max(StopVisit.day).filter(StopVisit.day < first),
                  func.min(StopVisit.day).filter(StopVisit.day > last)).join(Trip, Trip.id == StopVisit.trip_id)  # fmt: skip
    known = {row[0]: row[1:] for row in session.execute(ends.where(standing).group_by(StopVisit.stop_id))}
    why = {row.stop_id: row for row in session.scalars(_suspensions(first, last).where(Suspension.stop_id.in_(ids)))}
    return [
        Unserved(
            one, why[one.id].why if one.id in why else "", why[one.id].last_on if one.id in why else None,
            *known.get(one.id, (None, None)),
        )
        for one in left
    ]  # fmt: skip


def chosen(cards: Calendar, today: date) -> Trip | None:
    """The trip that is looked at where nobody names one: the next one that goes, else the last."""
    shown = [card.trip for week in cards.weeks for day in week.days for card in day.cards if card.goes]
    ahead = [one for one in shown if one.day >= today and one.state is not TripState.CLOSED]
    return next(iter(ahead), None) or (shown[-1] if shown else None)


@dataclass(frozen=True)
class Line:
    """A visit of the trip that is looked at; `due`: copies that readers are to bring back then."""

    visit: StopVisit
    stop: Stop
    due: int
    went_to: date | None = None

    @property
    def is_ahead(self) -> bool:
        return self.visit.state is VisitState.PLANNED


def lines(session: Session, trip: Trip) -> list[Line]:
    """In the order of the day, those left out too (three statements)."""
    query = select(StopVisit).where(StopVisit.trip_id == trip.id).options(joinedload(StopVisit.stop))
    visits = session.scalars(query.order_by(StopVisit.from_at, StopVisit.number)).all()
    due = due_there(session, trip.day, [one.stop for one in visits])
    went = {one.id: one.moved_to_id for one in visits if one.moved_to_id}
    rows = session.execute(select(StopVisit.id, StopVisit.day).where(StopVisit.id.in_(went.values())))
    days = {one: day for one, day in rows}  # noqa: C416 - typed rows
    return [Line(one, one.stop, due.get(one.stop.place_id, 0), days.get(went.get(one.id, 0))) for one in visits]


def due_there(session: Session, day: date, stops: Sequence[Stop]) -> dict[int, int]:
    """By place of a stop: open loans whose last day is `day`."""
    places = [one.place_id for one in stops]
    query = select(Loan.place_id, func.count()).where(still_out(), Loan.place_id.in_(places), Loan.due_on == day)
    return {place: count for place, count in session.execute(query.group_by(Loan.place_id)) if place is not None}
