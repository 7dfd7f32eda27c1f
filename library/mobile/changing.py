"""A visit is skipped, moved or suspended: visits, openings, due dates, kept copies, calendar and notice in one act.

Due dates only ever go later: to the stop's next opening. A visit that comes earlier changes none. `undo` puts back all
of it at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile import change_undoing, due_days, load_moves, moving, openings_of, trips, visit_states
from library.mobile.due_days import Shifted
from library.mobile.errors import NotDone
from library.mobile.models import (
    ChangeShift,
    Route,
    RouteVersion,
    Stop,
    StopVisit,
    Suspension,
    Trip,
    TripState,
    Vehicle,
    VisitChange,
    VisitState,
)

KIND = "change-visits"
Hours = tuple[time, time]
"""From, to."""


@dataclass
class Change:
    """What one act is about to change. `to`: where a visit went, by its own id; nowhere: it is left out. `states`: of
    cancelled trips before, by their uid; `carried`: what went along with the visits (`load_moves.along`)."""

    kind: str
    why: str
    visits: Sequence[StopVisit]
    to: Mapping[int, StopVisit] = field(default_factory=dict)
    made: list[Trip] = field(default_factory=list)
    cancelled: list[Trip] = field(default_factory=list)
    suspension: Suspension | None = None
    states: dict[str, str] = field(default_factory=dict)
    carried: list[dict[str, Any]] = field(default_factory=list)


def skip(session: Session, doing: Doing, visit: StopVisit, why: str) -> VisitChange:
    """The vehicle does not call there that day. `why`: a key of `change_words.WHYS`, or other words. Raises NotThatWay."""
    return _write(session, doing, visit.trip.library_id, Change("skip", why, _held(session, [visit])))


def move(
    session: Session, doing: Doing, visit: StopVisit, to_day: date, why: str, hours: Hours | None = None
) -> VisitChange:
    """The vehicle calls there on another day: on its trip of that day, or on one made for it. Raises NotDone, NotThatWay."""
    return move_trip(session, doing, visit.trip, to_day, why, [visit], hours)


def move_trip(
    session: Session, doing: Doing, trip: Trip, to_day: date, why: str, visits: Sequence[StopVisit] | None = None,
    hours: Hours | None = None,
) -> VisitChange:  # fmt: skip
    """All visits of a trip still to come (or `visits` of it) go to another day, in one act."""
    trip = trips.lock(session, trip.id)
    held = _held(session, to_come(session, StopVisit.trip_id == trip.id) if visits is None else visits)
    if not held:
        raise NotDone.because("nothing-left", N_("Chuyến này không còn điểm nào sắp đến."))
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    moved = moving.to_day(session, act_id, trip, held, to_day, hours)
    change = Change("move", why, held, moved.to, moved.made)
    return _write(session, doing, trip.library_id, change, act_id)


def cancel(session: Session, doing: Doing, trip: Trip, why: str) -> VisitChange:
    """The trip does not go; its visits are left out. Raises NotDone once it has left."""
    trip = trips.lock(session, trip.id)
    if trip.state not in (TripState.PLANNED, TripState.LOADED):
        raise NotDone.because("has-left", N_("Xe đã đi rồi. Bỏ từng điểm chưa đến, rồi ghi xe về."))
    visits = _held(session, to_come(session, StopVisit.trip_id == trip.id))
    return _write(session, doing, trip.library_id, Change("cancel-trip", why, visits, cancelled=[trip]))


def suspend(
    session: Session, doing: Doing, of: Stop | Route | Vehicle, first_on: date, last_on: date, why: str
) -> VisitChange:
    """No visits there, or by it, from one day to another; nobody plans any either. Raises NotDone."""
    if last_on < first_on:
        raise NotDone.because("backwards", N_("Ngày cuối phải từ ngày đầu trở đi."))
    visits = _held(session, to_come(session, whose(of), StopVisit.day.between(first_on, last_on)))
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    column = {Stop: "stop_id", Route: "route_id", Vehicle: "vehicle_id"}[type(of)]
    made = Suspension(
        uid=clock.uuid7(), library_id=of.library_id, first_on=first_on, last_on=last_on, why=why, act_id=act_id,
        **{column: of.id},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return _write(session, doing, of.library_id, Change("suspend", why, visits, suspension=made), act_id)


def end_suspension(session: Session, suspension: Suspension) -> None:
    """Trips may be planned again; visits that were left out stay so."""
    suspension.ended_at = clock.now()
    session.flush()


def whose(of: Stop | Route | Vehicle) -> ColumnElement[bool]:
    """The WHERE for visits of a stop, on a route, by a vehicle."""
    if isinstance(of, Stop):
        return StopVisit.stop_id == of.id
    if isinstance(of, Vehicle):
        return StopVisit.trip_id.in_(select(Trip.id).where(Trip.vehicle_id == of.id))
    versions = select(RouteVersion.id).where(RouteVersion.route_id == of.id)
    return StopVisit.trip_id.in_(select(Trip.id).where(Trip.version_id.in_(versions)))


def to_come(session: Session, *where: ColumnElement[bool]) -> Sequence[StopVisit]:
    """Visits still planned, of trips that go."""
    going = select(Trip.id).where(Trip.state != TripState.CANCELLED)
    query = select(StopVisit).where(StopVisit.state == VisitState.PLANNED, StopVisit.trip_id.in_(going), *where)
    return session.scalars(query.order_by(StopVisit.day, StopVisit.number)).all()


def _held(session: Session, visits: Sequence[StopVisit]) -> Sequence[StopVisit]:
    """As they are now, held until commit, each still to come. Raises NotThatWay."""
    trips_first = select(Trip.id).where(Trip.id.in_({one.trip_id for one in visits})).order_by(Trip.id)
    session.execute(trips_first.with_for_update(key_share=True)).all()
    query = select(StopVisit).where(StopVisit.id.in_([one.id for one in visits])).order_by(StopVisit.id)
    held = session.scalars(query.with_for_update(key_share=True), execution_options={"populate_existing": True}).all()
    for one in held:
        visit_states.check(one.state, VisitState.SKIPPED)
    return sorted(held, key=lambda one: (one.day, one.number))


def _write(session: Session, doing: Doing, library_id: int, change: Change, act_id: int | None = None) -> VisitChange:
    act_id = act_id or acts.write(session, doing, KIND, doing.at or clock.now())
    for visit in change.visits:
        _leave_out(visit, change, act_id)
    session.flush()
    _cancel_empty(session, change)
    stops = {visit.stop_id: visit.stop for visit in change.visits}
    first = min((visit.day for visit in change.visits), default=clock.today())
    openings_of.refresh(session, stops, min(first, clock.today()))
    shifted = [one for stop in stops.values() for one in _shift(session, doing, stop, change)]
    trips.changed(session, {visit.trip_id for visit in change.visits} | {one.id for one in change.cancelled})
    return _told(session, library_id, change, act_id, shifted, doing.uid)


def _leave_out(visit: StopVisit, change: Change, act_id: int) -> None:
    went = change.to.get(visit.id)
    visit.state = VisitState.MOVED if went else VisitState.SKIPPED
    visit.why, visit.changed_by, visit.sequence = change.why, act_id, visit.sequence + 1
    visit.moved_to_id = went.id if went else None


def _cancel_empty(session: Session, change: Change) -> None:
    """A trip that is to call nowhere does not go."""
    ids = {visit.trip_id for visit in change.visits} - {one.id for one in change.cancelled}
    standing = select(StopVisit.trip_id).where(StopVisit.state.in_(visit_states.STANDING), StopVisit.trip_id.in_(ids))
    still_here = Trip.state.in_((TripState.PLANNED, TripState.LOADED))
    empty = session.scalars(select(Trip).where(Trip.id.in_(ids), Trip.id.not_in(standing), still_here)).all()
    _hand_over(session, change, empty)
    change.cancelled += empty
    for trip in change.cancelled:
        change.states[str(trip.uid)] = trip.state.value
        trip.state, trip.cancelled_why = TripState.CANCELLED, change.why
    session.flush()


def _hand_over(session: Session, change: Change, empty: Sequence[Trip]) -> None:
    """What was loaded for a trip that goes another day goes along; a trip made for it is as ready as that one was."""
    for trip in empty:
        if told := load_moves.along(session, trip, change.to):
            change.carried.append(told)
            for made in change.made:
                made.state = trip.state


def _shift(session: Session, doing: Doing, stop: Stop, change: Change) -> list[Shifted]:
    """Due dates of a stop's lost days. Where the vehicle comes earlier instead, readers keep the day they were told."""
    lost = {one.day for one in change.visits if one.stop_id == stop.id and not _comes_earlier(change, one)}
    return due_days.lost(session, doing, stop, lost, change.why)


def _comes_earlier(change: Change, visit: StopVisit) -> bool:
    went = change.to.get(visit.id)
    return went is not None and went.day <= visit.day


def _told(
    session: Session, library_id: int, change: Change, act_id: int, shifted: Sequence[Shifted], uid: UUID
) -> VisitChange:
    made = VisitChange(
        uid=uid, library_id=library_id, act_id=act_id, kind=change.kind, why=change.why, made_at=clock.now(),
        suspension_id=change.suspension and change.suspension.id, facts=_facts(session, change, shifted),
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(ChangeShift(change_id=made.id, shift_id=shift.id) for shift, _ in shifted)
    session.flush()
    return made


def _facts(session: Session, change: Change, shifted: Sequence[Shifted]) -> dict[str, Any]:
    """For the notice: plain values, as JSON keeps them."""
    return {
        "visits": [_fact(session, change, visit) for visit in change.visits],
        "dates": sum(count for _, count in shifted),
        "made": [str(one.uid) for one in change.made],
        "cancelled": [str(one.uid) for one in change.cancelled],
        "states": change.states,
        "carried": change.carried,
    }


def _fact(session: Session, change: Change, visit: StopVisit) -> dict[str, Any]:
    went, then = change.to.get(visit.id), openings_of.next_after(session, visit.stop, visit.day)
    return {
        "visit": str(visit.uid), "trip": str(visit.trip.uid), "stop": visit.stop.name, "stop_uid": str(visit.stop.uid),
        "day": visit.day.isoformat(), "from_at": f"{visit.from_at:%H:%M}", "to_at": f"{visit.to_at:%H:%M}",
        "to_visit": str(went.uid) if went else None, "to_day": went.day.isoformat() if went else None,
        "to_from_at": f"{went.from_at:%H:%M}" if went else None, "to_to_at": f"{went.to_at:%H:%M}" if went else None,
        "next_on": then.isoformat() if then else None,
    }  # fmt: skip


def of_library(session: Session, library_id: int, most: int = 30) -> Sequence[VisitChange]:
    """The latest first."""
    query = select(VisitChange).where(VisitChange.library_id == library_id).order_by(VisitChange.id.desc())
    return session.scalars(query.limit(most)).all()


def dates_moved(session: Session, change_ids: Sequence[int]) -> dict[int, int]:
    """By change, how many shifts of due dates it has."""
    query = select(ChangeShift.change_id, func.count()).where(ChangeShift.change_id.in_(change_ids))
    return dict(session.execute(query.group_by(ChangeShift.change_id)).all())


def undo(session: Session, doing: Doing, change: VisitChange) -> VisitChange:
    """See `change_undoing.undo`."""
    return change_undoing.undo(session, doing, change)
