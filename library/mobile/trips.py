"""Trips: planned, manned, sent out, brought home. Their visits are openings of the stops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile import (
    crew_rules,
    day_facts,
    due_days,
    loading,
    openings_of,
    planning_rules,
    settings,
    trip_states,
)
from library.mobile.crew_rules import CrewRule
from library.mobile.day_facts import Call as Call
from library.mobile.day_facts import Crew as Crew
from library.mobile.day_facts import Hours as Hours
from library.mobile.errors import NotDone
from library.mobile.models import (
    RouteVersion,
    Stop,
    StopVisit,
    Trip,
    TripCrew,
    TripState,
    Vehicle,
    VisitState,
)
from library.mobile.planning_rules import TripFacts

PLAN, STATE = "plan-trip", "trip-state"
ON_THE_WAY = timedelta(hours=1)
"""To the first stop and home from the last one, where nobody says."""


@dataclass(frozen=True)
class Wanted:
    """A trip as it is to be written."""

    vehicle: Vehicle
    day: date
    calls: Sequence[Call]
    crew: Sequence[Crew]
    hours: Hours
    version: RouteVersion | None = None
    crew_why: str | None = None


def plan(
    session: Session, doing: Doing, vehicle: Vehicle, day: date, calls: Sequence[Call], crew: Sequence[Crew],
    version: RouteVersion | None = None, crew_why: str | None = None, hours: Hours | None = None,
) -> Trip:  # fmt: skip
    """A trip with its visits; the stops open on that day from now on.

    Raises NotDone with all that speaks against it, and for a small crew without a reason.
    """
    hours = whole(calls, hours or Hours(), version)
    return plan_all(session, doing, [Wanted(vehicle, day, calls, crew, hours, version, crew_why)])[0]


def plan_all(session: Session, doing: Doing, wanted: Sequence[Wanted]) -> list[Trip]:
    """Trips of one vehicle, crew and route, each on a day of its own, by one act; in the order of `wanted`.

    As many statements for many days as for one. Raises NotDone for the first day that cannot be, then none is made.
    """
    stops = {call.stop.id: call.stop for one in wanted for call in one.calls}
    _check(session, wanted, list(stops.values()))
    act_id = acts.write(session, doing, PLAN, doing.at or clock.now())
    made = put_all(session, act_id, wanted)
    due_days.settle(session, doing, stops.values(), due_days.PLANNED)
    return made


def _check(session: Session, wanted: Sequence[Wanted], stops: Sequence[Stop]) -> None:
    one = wanted[0]
    route = one.version.route_id if one.version else None
    known = day_facts.around(session, one.vehicle, [each.day for each in wanted], stops, one.crew, route)
    small = () if one.crew_why else lacking(session, one.vehicle.library_id, one.crew)
    for each in wanted:
        if reasons := [*planning_rules.against(known.of(each.day, each.calls, each.hours)), *small]:
            raise NotDone(*reasons)


def put(session: Session, act_id: int, wanted: Wanted) -> Trip:
    """The rows of a trip that was looked at; the stops open that day. `wanted.hours` say when it leaves and is back."""
    return put_all(session, act_id, [wanted])[0]


def put_all(session: Session, act_id: int, wanted: Sequence[Wanted]) -> list[Trip]:
    """Many at once, in the order of `wanted`."""
    rows = [_row(act_id, one) for one in wanted]
    session.execute(insert(Trip), rows)
    by_uid = {one.uid: one for one in session.scalars(select(Trip).where(Trip.uid.in_([row["uid"] for row in rows])))}
    made = [by_uid[row["uid"]] for row in rows]
    _man(session, [(trip.id, one.crew) for trip, one in zip(made, wanted, strict=True)])
    session.execute(insert(StopVisit), [
        _visit(trip, number, call)
        for trip, one in zip(made, wanted, strict=True) for number, call in enumerate(one.calls, 1)
    ])  # fmt: skip
    stops = {call.stop.id for one in wanted for call in one.calls}
    openings_of.refresh(session, stops, min([clock.today(), *(one.day for one in wanted)]))
    for trip in made:
        session.expire(trip, ["crew", "visits"])
    return made


def _row(act_id: int, wanted: Wanted) -> dict[str, Any]:
    hours = wanted.hours
    return {
        "uid": clock.uuid7(), "library_id": wanted.vehicle.library_id, "vehicle_id": wanted.vehicle.id,
        "version_id": wanted.version and wanted.version.id, "day": wanted.day, "leaves_at": hours.leaves_at,
        "back_at": hours.back_at, "km_planned": hours.km, "state": TripState.PLANNED, "act_id": act_id,
        "crew_why": wanted.crew_why or None, "sequence": 0,
    }  # fmt: skip


def _visit(trip: Trip, number: int, call: Call) -> dict[str, Any]:
    return {
        "uid": clock.uuid7(), "trip_id": trip.id, "number": number, "stop_id": call.stop.id, "day": trip.day,
        "from_at": call.from_at, "to_at": call.to_at, "state": VisitState.PLANNED, "sequence": 0, "typed_in": False,
    }  # fmt: skip


def _man(session: Session, crews: Sequence[tuple[int, Sequence[Crew]]]) -> None:
    """(trip id, its crew)"""
    rows = [
        {"trip_id": trip, "number": number, "role": one.role, "name": one.name, "account_id": one.account_id}
        for trip, crew in crews
        for number, one in enumerate(crew, 1)
    ]
    if rows:
        session.execute(insert(TripCrew), rows)


def whole(calls: Sequence[Call], said: Hours, version: RouteVersion | None = None) -> Hours:
    """What is not said comes from the route, else from the stops: an hour there and an hour home."""
    leaves = said.leaves_at or (version and version.leaves_at) or (_shifted(calls[0].from_at, -1) if calls else time(7))
    back = said.back_at or (version and version.back_at) or (_shifted(calls[-1].to_at, 1) if calls else time(17))
    return Hours(leaves, back, said.km if said.km is not None else (version.km if version else None))


def _shifted(at: time, by: int) -> time:
    """By so many `ON_THE_WAY`, within the day."""
    day = date(2000, 1, 2)
    moved = datetime.combine(day, at) + by * ON_THE_WAY
    if moved.date() == day:
        return moved.time()
    return time(0) if by < 0 else time(23, 59)


def crew_rule(session: Session, library_id: int) -> CrewRule:
    said = settings.of(session, library_id)
    return CrewRule(said.crew_least, said.drivers_least, said.librarians_least)


def lacking(session: Session, library_id: int, crew: Sequence[Crew]) -> list[Reason]:
    """What the crew misses by the library's rule."""
    return crew_rules.lacking([one.role for one in crew], crew_rule(session, library_id))


def facts_of(
    session: Session, vehicle: Vehicle, day: date, calls: Sequence[Call], crew: Sequence[Crew], hours: Hours,
    but: int | None = None, route_id: int | None = None,
) -> TripFacts:  # fmt: skip
    """What `planning_rules` asks of a trip that day. `but`: a trip's id that is left out of account (itself)."""
    known = day_facts.around(session, vehicle, [day], [one.stop for one in calls], crew, route_id)
    return known.of(day, calls, hours, but)


# Once it is planned


def man(session: Session, doing: Doing, trip: Trip, crew: Sequence[Crew], crew_why: str | None = None) -> None:
    """Others go. Raises NotDone for a small crew without a reason, or somebody who is away with another trip."""
    _still_going(trip)
    reasons = [] if crew_why else lacking(session, trip.library_id, crew)
    away = day_facts.around(session, trip.vehicle, [trip.day], (), crew).away(trip.day, trip.id)
    hours = TripFacts("", trip.day, trip.leaves_at, trip.back_at, trip.day, None, (), away=away)
    reasons += [one for one in planning_rules.against(hours) if one.code == "crew-away"]
    if reasons:
        raise NotDone(*reasons)
    acts.write(session, doing, PLAN, doing.at or clock.now())
    session.execute(delete(TripCrew).where(TripCrew.trip_id == trip.id))
    _man(session, [(trip.id, crew)])
    trip.crew_why = crew_why or None
    session.flush()
    session.expire(trip, ["crew"])


def _still_going(trip: Trip) -> None:
    if trip.state in (TripState.CLOSED, TripState.CANCELLED):
        words = trip_states.WORDS[trip.state]
        raise NotDone.because("trip-over", N_("Chuyến này %(state)s, không sửa được nữa."), state=words)


@dataclass(frozen=True)
class Log:
    """What the crew writes down. Kilometres as the odometer shows, litres, đồng; None: left as it is."""

    odometer: int | None = None
    fuel_litres: float | None = None
    cost: int | None = None
    incidents: str | None = None


def advance(session: Session, doing: Doing, trip: Trip, to: TripState, log: Log = Log()) -> Trip:
    """It is loaded, leaves, comes home. Raises NotThatWay; NotDone where a visit is neither done nor left out.

    Cancelling shifts due dates as well: `changing.cancel`.
    """
    trip_states.check(trip.state, to)
    if to is TripState.CANCELLED:
        raise NotDone.because("cancel", N_("Hủy chuyến thì hạn trả sách dời theo: bấm Hủy chuyến ở trang chuyến."))
    at = doing.at or clock.now()
    if to is TripState.ON_ROAD:
        _check_day(trip, at)
    if to is TripState.CLOSED:
        _check_home(session, trip, log)
    act_id = acts.write(session, doing, STATE, at)
    _set_state(trip, to, at, log)
    if to is TripState.CLOSED:  # what is still aboard stands there for the next trip, on no list
        loading.end_lines(session, act_id, trip, trip.in_at or at)
    session.flush()
    return trip


def _check_day(trip: Trip, at: datetime) -> None:
    if clock.day_of(at) < trip.day:
        sentence = N_("Chuyến này đi ngày %(day)s, chưa đến ngày.")
        raise NotDone.because("too-early", sentence, day=f"{trip.day:%d/%m/%Y}")


def _check_home(session: Session, trip: Trip, log: Log) -> None:
    left = select(Stop.name).join(StopVisit, StopVisit.stop_id == Stop.id).where(
        StopVisit.trip_id == trip.id, StopVisit.state.in_((VisitState.PLANNED, VisitState.OPEN))
    )  # fmt: skip
    if names := session.scalars(left.order_by(StopVisit.number)).all():
        sentence = N_("Còn điểm chưa đóng mà cũng chưa bỏ: %(names)s.")
        raise NotDone.because("visits-left", sentence, names=", ".join(names))
    if log.odometer is not None and trip.odometer_out is not None and log.odometer < trip.odometer_out:
        sentence = N_("Số km lúc về (%(in)s) nhỏ hơn lúc đi (%(out)s).")
        raise NotDone(Reason("odometer", sentence, {"in": log.odometer, "out": trip.odometer_out}))


def _set_state(trip: Trip, to: TripState, at: datetime, log: Log) -> None:
    trip.state = to
    if to is TripState.ON_ROAD:
        trip.out_at, trip.odometer_out = at, log.odometer
    if to is TripState.CLOSED:
        trip.in_at = max(at, trip.out_at or at)
        trip.odometer_in = log.odometer
    write_log(trip, log)


def write_log(trip: Trip, log: Log) -> None:
    """Fuel, money, incidents: what is said replaces what was."""
    for name in ("fuel_litres", "cost", "incidents"):
        if (value := getattr(log, name)) is not None:
            setattr(trip, name, value or None)


def step_back(session: Session, doing: Doing, trip: Trip) -> Trip:
    """The last step was a slip: on the road again, loaded again, not loaded yet. Raises NotThatWay, NotDone."""
    if trip.state is TripState.CANCELLED:
        raise NotDone.because("cancelled", N_("Chuyến đã hủy thì hoàn tác ở nơi đã hủy."))
    before = dict(trip_states.BACK).get(trip.state, TripState.PLANNED)
    trip_states.check(trip.state, before, back=True)
    if trip.state is TripState.ON_ROAD:
        _check_no_visits(session, trip)
        trip.out_at = trip.odometer_out = None
    if trip.state is TripState.CLOSED:
        loading.reopen_lines(session, trip, STATE)
        trip.in_at = trip.odometer_in = None
    acts.write(session, doing, STATE, doing.at or clock.now())
    trip.state = before
    session.flush()
    return trip


def _check_no_visits(session: Session, trip: Trip) -> None:
    begun = and_(StopVisit.trip_id == trip.id, StopVisit.state.in_((VisitState.OPEN, VisitState.CLOSED)))
    if session.execute(select(StopVisit.id).where(begun).limit(1)).first():
        raise NotDone.because("visits-begun", N_("Chuyến này đã mở điểm dừng, không quay lại bước trước được."))


def lock(session: Session, trip_id: int) -> Trip:
    """The trip as it is now, held until commit."""
    query = select(Trip).where(Trip.id == trip_id).with_for_update(key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def changed(session: Session, trip_ids: Iterable[int]) -> None:
    """Their calendar entries tell something new."""
    ids = sorted(set(trip_ids))
    session.execute(update(Trip).where(Trip.id.in_(ids)).values(sequence=Trip.sequence + 1))
