"""Visits find their new day: on the vehicle's trip of that day, or on a trip made for them with the same crew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.mobile import planning_rules, trips
from library.mobile.errors import NotDone
from library.mobile.models import RouteVersion, StopVisit, Trip, TripState, VisitState
from library.mobile.trips import Call, Crew, Wanted
from library.mobile.visit_states import STANDING


@dataclass
class Moved:
    """Where each visit went, by its id; trips that were made for it."""

    to: dict[int, StopVisit] = field(default_factory=dict)
    made: list[Trip] = field(default_factory=list)


def to_day(
    session: Session, act_id: int, trip: Trip, visits: Sequence[StopVisit], day: date, hours: tuple[time, time] | None
) -> Moved:
    """`hours` of the first one; None: as before, or after what the trip of that day does already. Raises NotDone."""
    if day < clock.today():
        raise NotDone.because("past", N_("Ngày mới đã qua. Chọn từ hôm nay trở đi."))
    if day == trip.day:
        raise NotDone.because("same-day", N_("Ngày mới trùng ngày cũ. Chọn ngày khác."))
    there = _trip_of(session, trip, day) if len(visits) == 1 or hours else None
    found = Moved()
    if there is None:
        found.made = [_make(session, act_id, trip, visits, day, hours)]
        there = found.made[0]
    else:
        _add(session, there, visits, hours)
    new = {one.stop_id: one for one in _standing(session, there)}
    found.to = {visit.id: new[visit.stop_id] for visit in visits}
    return found


def _trip_of(session: Session, trip: Trip, day: date) -> Trip | None:
    """The same vehicle's trip of that day that has not left."""
    query = select(Trip).where(
        Trip.vehicle_id == trip.vehicle_id, Trip.day == day, Trip.state.in_((TripState.PLANNED, TripState.LOADED))
    )
    return session.scalars(query.order_by(Trip.leaves_at).limit(1)).first()


def _make(
    session: Session, act_id: int, trip: Trip, visits: Sequence[StopVisit], day: date, hours: tuple[time, time] | None
) -> Trip:
    calls = [Call(one.stop, one.from_at, one.to_at) for one in visits]
    if hours:
        calls[0] = Call(calls[0].stop, *hours)
    all_of_it = len(visits) == len(_standing(session, trip))
    as_before = trips.Hours(trip.leaves_at, trip.back_at, trip.km_planned) if all_of_it and not hours else None
    times = as_before or trips.whole(calls, trips.Hours())
    version = session.get_one(RouteVersion, trip.version_id) if all_of_it and trip.version_id else None
    crew = [Crew(one.role, one.name, one.account_id) for one in trip.crew]
    route_id = version.route_id if version else None
    if reasons := planning_rules.against(
        trips.facts_of(session, trip.vehicle, day, calls, crew, times, route_id=route_id)
    ):
        raise NotDone(*reasons)
    return trips.put(session, act_id, Wanted(trip.vehicle, day, calls, crew, times, version, trip.crew_why))


def _add(session: Session, there: Trip, visits: Sequence[StopVisit], hours: tuple[time, time] | None) -> None:
    standing = _standing(session, there)
    last = max((one.number for one in session.scalars(_all(there))), default=0)
    calls = [Call(one.stop, one.from_at, one.to_at) for one in standing]
    for number, visit in enumerate(visits, last + 1):
        from_at, to_at = hours or _fitting(calls, visit)
        calls.append(Call(visit.stop, from_at, to_at))
        session.add(
            StopVisit(
                uid=clock.uuid7(), trip_id=there.id, number=number, stop_id=visit.stop_id, day=there.day,
                from_at=from_at, to_at=to_at, state=VisitState.PLANNED, sequence=0, typed_in=False,
            )
        )  # fmt: skip
    there.back_at = max(there.back_at, *(one.to_at for one in calls))
    _check(session, there, calls)
    session.flush()
    session.expire(there, ["visits"])
    trips.changed(session, [there.id])


def _check(session: Session, there: Trip, calls: Sequence[Call]) -> None:
    calls = sorted(calls, key=lambda one: one.from_at)
    hours = trips.Hours(min(there.leaves_at, calls[0].from_at), there.back_at)
    there.leaves_at = hours.leaves_at or there.leaves_at
    with session.no_autoflush:
        facts = trips.facts_of(session, there.vehicle, there.day, calls, (), hours, but=there.id)
    if reasons := planning_rules.against(facts):
        raise NotDone(*reasons)


def _fitting(calls: Sequence[Call], visit: StopVisit) -> tuple[time, time]:
    """Its own times if the vehicle is free then, else after its last stop for as long."""
    if all(visit.to_at <= one.from_at or visit.from_at >= one.to_at for one in calls):
        return visit.from_at, visit.to_at
    start = datetime.combine(date(2000, 1, 1), max(one.to_at for one in calls)) + timedelta(minutes=30)
    length = datetime.combine(date(2000, 1, 1), visit.to_at) - datetime.combine(date(2000, 1, 1), visit.from_at)
    if (start + length).date() != start.date():
        raise NotDone.because("no-room", N_("Chuyến ngày ấy đã kín giờ. Chọn ngày khác."))
    return start.time(), (start + length).time()


def _all(trip: Trip) -> Select[StopVisit]:
    return select(StopVisit).where(StopVisit.trip_id == trip.id).order_by(StopVisit.number)


def _standing(session: Session, trip: Trip) -> Sequence[StopVisit]:
    return session.scalars(_all(trip).where(StopVisit.state.in_(STANDING))).all()
