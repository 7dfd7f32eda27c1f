"""What `planning_rules` asks of trips of one vehicle, read once for all the days that are asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.mobile import change_words, closed_days
from library.mobile.models import CrewRole, Stop, StopVisit, Suspension, Trip, TripCrew, TripState, Vehicle
from library.mobile.planning_rules import CallFacts, TripFacts
from library.mobile.visit_states import STANDING


@dataclass(frozen=True)
class Call:
    """A stop of a trip, from a time of the day to another."""

    stop: Stop
    from_at: time
    to_at: time


@dataclass(frozen=True)
class Crew:
    """Somebody who goes; `account_id` None: without an account."""

    role: CrewRole
    name: str
    account_id: int | None = None


@dataclass(frozen=True)
class Hours:
    """When it leaves the depot and is back, and how far it goes; None: worked out, or not known."""

    leaves_at: time | None = None
    back_at: time | None = None
    km: float | None = None


@dataclass(frozen=True)
class Around:
    """What else there is on these days. `others`: trips of the vehicle, and those on which somebody of the crew goes;
    `names` of the stops of a trip and `people` of the crew on it, by its id; `called`: (day, stop, trip)."""

    vehicle: Vehicle
    route_id: int | None
    others: Sequence[Trip]
    names: Mapping[int, str]
    people: Mapping[int, Sequence[str]]
    called: Collection[tuple[date, int, int]]
    closed: Mapping[date, str]
    suspensions: Sequence[Suspension]

    def of(self, day: date, calls: Sequence[Call], hours: Hours, but: int | None = None) -> TripFacts:
        """A trip of one of the days. `but`: a trip's id that is left out of account (itself)."""
        assert hours.leaves_at
        assert hours.back_at
        vehicle, route = self.vehicle, self.route_id
        return TripFacts(
            vehicle.name, day, hours.leaves_at, hours.back_at, vehicle.from_on, vehicle.to_on, self._calls(day, calls, but),
            self._why(day, vehicle_id=vehicle.id), self._busy(day, but), self.away(day, but),
            self._why(day, route_id=route) if route else None,
        )  # fmt: skip

    def away(self, day: date, but: int | None = None) -> list[tuple[str, time, time]]:
        """(person, from, to) of the crew who goes with another vehicle."""
        others = [one for one in self._that_day(day, but) if one.vehicle_id != self.vehicle.id]
        return [(name, one.leaves_at, one.back_at) for one in others for name in self.people.get(one.id, ())]

    def _busy(self, day: date, but: int | None) -> list[tuple[str, time, time]]:
        mine = [one for one in self._that_day(day, but) if one.vehicle_id == self.vehicle.id]
        return [(self.names.get(one.id, ""), one.leaves_at, one.back_at) for one in mine]

    def _that_day(self, day: date, but: int | None) -> list[Trip]:
        return [one for one in self.others if one.day == day and one.id != but]

    def _calls(self, day: date, calls: Sequence[Call], but: int | None) -> list[CallFacts]:
        taken = {stop for on, stop, trip in self.called if on == day and trip != but}
        return [
            CallFacts(
                one.stop.name, one.from_at, one.to_at, one.stop.from_on, one.stop.closed_on,
                self._why(day, stop_id=one.stop.id), self.closed.get(day), one.stop.id in taken,
            )
            for one in calls
        ]  # fmt: skip

    def _why(self, day: date, **whose: int) -> str | None:
        """Why there are no visits that day: `vehicle_id`, `stop_id` or `route_id`. None: there may be."""
        ((name, id_),) = whose.items()
        holds = (one for one in self.suspensions if one.first_on <= day <= one.last_on and getattr(one, name) == id_)
        found = next(holds, None)
        return change_words.why(found.why) if found else None


def around(
    session: Session, vehicle: Vehicle, days: Collection[date], stops: Collection[Stop], crew: Sequence[Crew],
    route_id: int | None = None,
) -> Around:  # fmt: skip
    """Some ten statements, however many days."""
    ids = {one.id for one in stops}
    others = _others(session, vehicle, days, crew)
    trips = [one.id for one in others]
    first, last = min(days), max(days)
    return Around(
        vehicle, route_id, others, _names(session, trips), _people(session, trips, crew), _called(session, ids, days),
        closed_days.of(session, vehicle.branch_id, first, last), _suspensions(session, vehicle, ids, route_id, first, last),
    )  # fmt: skip


def _others(session: Session, vehicle: Vehicle, days: Collection[date], crew: Sequence[Crew]) -> Sequence[Trip]:
    theirs = select(TripCrew.trip_id).where(TripCrew.account_id.in_([one.account_id for one in crew if one.account_id]))
    query = select(Trip).where(
        Trip.day.in_(days), Trip.state != TripState.CANCELLED, or_(Trip.vehicle_id == vehicle.id, Trip.id.in_(theirs))
    )
    return session.scalars(query.order_by(Trip.leaves_at, Trip.id)).all()


def _names(session: Session, trips: Collection[int]) -> dict[int, str]:
    """ "Nà Phặc, Ngân Sơn", by trip."""
    query = select(StopVisit.trip_id, Stop.name).join(Stop, Stop.id == StopVisit.stop_id)
    mine = query.where(StopVisit.trip_id.in_(trips), StopVisit.state.in_(STANDING)).order_by(StopVisit.number)
    found: dict[int, list[str]] = {}
    for trip, name in session.execute(mine) if trips else ():
        found.setdefault(trip, []).append(name)
    return {trip: ", ".join(names) for trip, names in found.items()}


def _people(session: Session, trips: Collection[int], crew: Sequence[Crew]) -> dict[int, list[str]]:
    names = {one.account_id: one.name for one in crew if one.account_id}
    query = select(TripCrew.trip_id, TripCrew.account_id).where(TripCrew.trip_id.in_(trips))
    found: dict[int, list[str]] = {}
    for trip, account in session.execute(query.where(TripCrew.account_id.in_(names))) if trips and names else ():
        found.setdefault(trip, []).append(names[account or 0])
    return found


def _called(session: Session, stops: Collection[int], days: Collection[date]) -> set[tuple[date, int, int]]:
    query = select(StopVisit.day, StopVisit.stop_id, StopVisit.trip_id).join(Trip, Trip.id == StopVisit.trip_id)
    standing = StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED
    rows = session.execute(query.where(StopVisit.stop_id.in_(stops), StopVisit.day.in_(days), *standing))
    return {(day, stop, trip) for day, stop, trip in rows}


def _suspensions(
    session: Session, vehicle: Vehicle, stops: Collection[int], route_id: int | None, first: date, last: date
) -> Sequence[Suspension]:
    mine = or_(
        Suspension.vehicle_id == vehicle.id, Suspension.stop_id.in_(stops), Suspension.route_id == (route_id or 0)
    )
    query = select(Suspension).where(mine, Suspension.ended_at.is_(None), Suspension.first_on <= last)
    return session.scalars(query.where(Suspension.last_on >= first).order_by(Suspension.id)).all()
