"""What trips, stops and vehicles came to in a span of days.

Two measures that never meet: *copies carried* (bản mang theo: aboard when a trip set out, or loaded on its way) and *uses*
(lượt sách: lent, read on the spot, counted by touch). Visits and uses are those of the acts done at each visit
(`stop_figures`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from library.core.fold import sort_key
from library.mobile import carrying, stop_figures
from library.mobile.models import Stop, StopVisit, Trip, TripState, Vehicle, VisitState
from library.mobile.stop_figures import Figures
from library.mobile.visit_states import STANDING

LEFT = (TripState.ON_ROAD, TripState.CLOSED)
"""Trips that drove, whether or not they called anywhere."""


class By(StrEnum):
    """What the lines are."""

    TRIP = "trip"
    STOP = "stop"
    VEHICLE = "vehicle"
    MONTH = "month"


@dataclass(frozen=True)
class Asked:
    """`since` to `until`, both included; `vehicle_id`, `stop_id`: of that one only."""

    library_id: int
    since: date
    until: date
    vehicle_id: int | None = None
    stop_id: int | None = None


@dataclass
class Line:
    """`key` sorts, `name` is shown; `uid` of a trip, stop or vehicle. `calls`: visits held; `left_out`: skipped, moved or of a
    cancelled trip. `km`, `cost` (đồng) of trips; a stop has its equal share of its trips'. `carried`,
    `missing`: copies, see `carrying.of`; of a stop, what was aboard when it was called at, and never what is missing: nobody
    knows where it stayed. None: nobody told."""

    key: str
    name: str
    uid: UUID | None = None
    trips: int = 0
    calls: int = 0
    left_out: int = 0
    minutes: int = 0
    km: float = 0.0
    cost: int | None = None
    carried: int = 0
    missing: int = 0
    visits: int = 0
    pupils: int = 0
    access: int = 0
    uses: int = 0
    lent: int = 0
    others: dict[str, int] = field(default_factory=dict)

    @property
    def each(self) -> float | None:
        """Uses for every visit."""
        return self.uses / self.visits if self.visits else None

    @property
    def turns(self) -> float | None:
        """Uses for every copy carried."""
        return self.uses / self.carried if self.carried else None

    @property
    def cost_a_use(self) -> int | None:
        return round(self.cost / self.uses) if self.cost is not None and self.uses else None

    @property
    def loss(self) -> float | None:
        """Share of the copies carried that did not come back, in percent."""
        return 100 * self.missing / self.carried if self.carried else None


@dataclass(frozen=True)
class Seen:
    """Everything of the span, read once: visits with what they came to, trips with what they carried."""

    trips: Sequence[Trip]
    visits: Sequence[StopVisit]
    told: Mapping[int, Figures]
    carried: Mapping[int, int]
    missing: Mapping[int, int]
    bearers: Mapping[int, tuple[int, int]]
    """Of each trip, whatever was asked for: how many visits stand, and how many there were."""

    def of_trip(self, trip: Trip) -> list[StopVisit]:
        return [visit for visit in self.visits if visit.trip_id == trip.id]

    def share(self, trip: Trip, visits: Sequence[StopVisit]) -> float:
        """The part of the trip's way and cost that these bear: visits that stand; all, where it went and none does."""
        standing, all_ = self.bearers[trip.id]
        return len(_standing(visits)) / standing if standing else len(visits) / all_


def seen(session: Session, asked: Asked) -> Seen:
    """Nine statements, however many trips."""
    visits = _visits(session, asked)
    trips = list({visit.trip_id: visit.trip for visit in visits}.values())
    trips.sort(key=lambda trip: (trip.day, trip.leaves_at, trip.id))
    told = stop_figures.of(session, [visit.id for visit in visits])
    return Seen(trips, visits, told, *carrying.of(session, trips), _bearers(session, [trip.id for trip in trips]))


def _visits(session: Session, asked: Asked) -> Sequence[StopVisit]:
    query = (
        select(StopVisit)
        .join(Trip, Trip.id == StopVisit.trip_id)
        .where(Trip.library_id == asked.library_id, StopVisit.day.between(asked.since, asked.until))
        .options(joinedload(StopVisit.stop), joinedload(StopVisit.trip).joinedload(Trip.vehicle))
        .order_by(StopVisit.day, StopVisit.trip_id, StopVisit.number)
    )
    query = query.where(Trip.vehicle_id == asked.vehicle_id) if asked.vehicle_id else query
    query = query.where(StopVisit.stop_id == asked.stop_id) if asked.stop_id else query
    return session.scalars(query).all()


def _bearers(session: Session, trips: Sequence[int]) -> dict[int, tuple[int, int]]:
    standing = func.count().filter(StopVisit.state.in_(STANDING))
    query = select(StopVisit.trip_id, standing, func.count()).where(StopVisit.trip_id.in_(trips))
    return {trip: (stand, all_) for trip, stand, all_ in session.execute(query.group_by(StopVisit.trip_id))}


# Lines


def of(session: Session, asked: Asked, by: By) -> list[Line]:
    return lines(seen(session, asked), by)


def lines(all_: Seen, by: By) -> list[Line]:
    """Trips and months as they came, stops and vehicles by name."""
    found: dict[str, Line] = {}
    for trip in all_.trips:
        for line, visits in _shared(found, trip, all_.of_trip(trip), by):
            _add_trip(line, trip, visits, all_, by)
    return [found[key] for key in sorted(found)]


def total(all_: Seen) -> Line:
    """All of it in one line."""
    whole = Line("", "")
    for trip in all_.trips:
        _add_trip(whole, trip, all_.of_trip(trip), all_, By.MONTH)
    return whole


def _standing(visits: Iterable[StopVisit]) -> list[StopVisit]:
    return [visit for visit in visits if visit.state in STANDING and visit.trip.state is not TripState.CANCELLED]


def _shared(
    found: dict[str, Line], trip: Trip, visits: Sequence[StopVisit], by: By
) -> list[tuple[Line, list[StopVisit]]]:
    """The lines this trip belongs to, each with its visits of it."""
    if by is not By.STOP:
        return [(_line(found, *_head(trip, by)), list(visits))]
    stops: dict[int, list[StopVisit]] = {}
    for visit in visits:
        stops.setdefault(visit.stop_id, []).append(visit)
    return [(_line(found, *_stop_head(some[0].stop)), some) for some in stops.values()]


def _line(found: dict[str, Line], key: str, name: str, uid: UUID | None) -> Line:
    return found.setdefault(key, Line(key, name, uid))


def _head(trip: Trip, by: By) -> tuple[str, str, UUID | None]:
    if by is By.TRIP:
        return f"{trip.day} {trip.leaves_at} {trip.id:09}", f"{trip.day:%d/%m/%Y} · {trip.vehicle.name}", trip.uid
    if by is By.VEHICLE:
        return _vehicle_head(trip.vehicle)
    return f"{trip.day:%Y-%m}", f"{trip.day:%m/%Y}", None


def _vehicle_head(vehicle: Vehicle) -> tuple[str, str, UUID | None]:
    return f"{sort_key(vehicle.name)} {vehicle.id:09}", vehicle.name, vehicle.uid


def _stop_head(stop: Stop) -> tuple[str, str, UUID | None]:
    return f"{sort_key(stop.name)} {stop.id:09}", stop.name, stop.uid


def _add_trip(line: Line, trip: Trip, visits: Sequence[StopVisit], all_: Seen, by: By) -> None:
    held = [visit for visit in visits if visit.state in (VisitState.OPEN, VisitState.CLOSED)]
    line.calls += len(held)
    line.left_out += len(visits) - len(_standing(visits))
    line.minutes += sum(_minutes(visit) for visit in held)
    for visit in visits:
        _add_figures(line, all_.told[visit.id])
    if not held and trip.state not in LEFT:
        return
    share = all_.share(trip, visits)
    line.trips += 1 if held or by is not By.STOP else 0
    line.km += km(trip) * share
    if trip.cost is not None and share:
        line.cost = (line.cost or 0) + round(trip.cost * share)
    if held or by is not By.STOP:
        line.carried += all_.carried.get(trip.id, 0)
    if by is not By.STOP:
        line.missing += all_.missing.get(trip.id, 0)


def _add_figures(line: Line, told: Figures) -> None:
    line.visits += told.visits
    line.pupils += told.pupils
    line.access += told.access
    line.uses += told.uses
    line.lent += told.lent
    for what, count in told.others.items():
        line.others[what] = line.others.get(what, 0) + count


def km(trip: Trip) -> float:
    """By the odometer, else as planned, else nothing."""
    if trip.odometer_in is not None and trip.odometer_out is not None:
        return float(trip.odometer_in - trip.odometer_out)
    return trip.km_planned or 0.0


def _minutes(visit: StopVisit) -> int:
    """Served: from opening to closing, none while it is open."""
    if visit.opened_at is None or visit.closed_at is None:
        return 0
    return int((visit.closed_at - visit.opened_at).total_seconds() // 60)
