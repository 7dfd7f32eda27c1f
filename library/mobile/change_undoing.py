"""A change of visits is taken back: everything it shifted, at once."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import AlreadyUndone, Doing
from library.loans import closing_places
from library.loans.closing import UNDONE_WITHIN, TooLate
from library.loans.models import DueShift
from library.mobile import due_days, load_moves, openings_of, planning_rules, trips
from library.mobile.change_words import UNDONE
from library.mobile.errors import NotDone
from library.mobile.models import (
    ChangeShift,
    RouteVersion,
    StopVisit,
    Suspension,
    Trip,
    TripState,
    VisitChange,
    VisitState,
)
from library.mobile.visit_states import STANDING

AT_HOME = (TripState.PLANNED, TripState.LOADED)


def undo(session: Session, doing: Doing, change: VisitChange) -> VisitChange:
    """Visits come as they were planned, dates go back to those readers were told first.

    Days gone by stay left out. Raises AlreadyUndone, TooLate, and NotDone where something stands on the change.
    """
    change = _lock(session, change)
    if change.undone_at is not None:
        raise AlreadyUndone
    if clock.now() - change.made_at > UNDONE_WITHIN:
        raise TooLate
    before = _left_out(session, change)
    after = _came_instead(session, before)
    _check(session, change, before, after)
    voiding = acts.void(session, doing, change.act_id)
    change.undone_at = clock.now()
    load_moves.back(session, change.facts, {one.moved_to_id: one.id for one in before if one.moved_to_id})
    _take_back(session, change, after, voiding)
    _put_back(session, change, before)
    for trip in {one.trip_id: one.trip for one in before}.values():
        _check_goes(session, trip)
    stops = {one.stop_id: one.stop for one in (*before, *after)}
    openings_of.refresh(session, stops, min((one.day for one in (*before, *after)), default=clock.today()))
    _dates(session, doing, change)
    due_days.settle(session, doing, stops.values(), UNDONE)
    trips.changed(session, {one.trip_id for one in (*before, *after)})
    return change


def _lock(session: Session, change: VisitChange) -> VisitChange:
    query = select(VisitChange).where(VisitChange.id == change.id).with_for_update(key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def _left_out(session: Session, change: VisitChange) -> Sequence[StopVisit]:
    """Visits of the change whose day has not gone by."""
    mine = (StopVisit.changed_by == change.act_id, StopVisit.day >= clock.today())
    left = StopVisit.state.in_((VisitState.SKIPPED, VisitState.MOVED))
    query = select(StopVisit).where(*mine, left).order_by(StopVisit.id).with_for_update(key_share=True)
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def _came_instead(session: Session, before: Sequence[StopVisit]) -> Sequence[StopVisit]:
    ids = [one.moved_to_id for one in before if one.moved_to_id]
    query = select(StopVisit).where(StopVisit.id.in_(ids)).order_by(StopVisit.id).with_for_update(key_share=True)
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def _check(
    session: Session, change: VisitChange, before: Sequence[StopVisit], after: Sequence[StopVisit]
) -> None:  # fmt: skip
    if change.facts["visits"] and not before:
        raise NotDone.because("day-gone", N_("Ngày ấy đã qua, không đưa về lịch cũ được nữa."))
    if begun := [one for one in after if one.state is not VisitState.PLANNED]:
        sentence = N_("%(stop)s ngày %(day)s đã mở hoặc đã dời tiếp, không hoàn tác được nữa.")
        raise NotDone.because("stands-on-it", sentence, stop=begun[0].stop.name, day=f"{begun[0].day:%d/%m/%Y}")
    if closing_places.moved_on(session, session.scalars(_shifts(change)).all()):
        raise NotDone.because(
            "dates-moved-on", N_("Hạn trả của những sách này sau đó đã dời thêm. Hoàn tác lần sau trước.")
        )
    cancelled = set(change.facts.get("cancelled", ()))
    for visit in before:
        trip = visit.trip
        gone = trip.state is TripState.CANCELLED and str(trip.uid) not in cancelled
        if gone or trip.state is TripState.CLOSED:
            sentence = N_("Chuyến ngày %(day)s đã hủy hoặc đã về, không hoàn tác được nữa.")
            raise NotDone.because("trip-over", sentence, day=f"{trip.day:%d/%m/%Y}")
        if taken := _stands_again(session, visit):
            sentence = N_("%(stop)s đã được xếp lại vào ngày %(day)s, không hoàn tác được nữa.")
            raise NotDone.because("planned-again", sentence, stop=taken.stop.name, day=f"{taken.day:%d/%m/%Y}")


def _stands_again(session: Session, visit: StopVisit) -> StopVisit | None:
    going = select(Trip.id).where(Trip.state != TripState.CANCELLED)
    query = select(StopVisit).where(StopVisit.stop_id == visit.stop_id, StopVisit.day == visit.day)
    return session.scalars(query.where(StopVisit.state.in_(STANDING), StopVisit.trip_id.in_(going)).limit(1)).first()


def _take_back(session: Session, change: VisitChange, after: Sequence[StopVisit], voiding: int) -> None:
    for one in after:
        one.state, one.why, one.changed_by = VisitState.SKIPPED, UNDONE, voiding
        one.sequence += 1
    session.flush()
    uids = [UUID(one) for one in change.facts.get("made", ())]
    for trip in session.scalars(select(Trip).where(Trip.uid.in_(uids), Trip.state.in_(AT_HOME))):
        if not session.scalar(select(StopVisit.id).where(_of(trip)).limit(1)):
            trip.state, trip.cancelled_why = TripState.CANCELLED, UNDONE
    session.flush()


def _of(trip: Trip) -> ColumnElement[bool]:
    return (StopVisit.trip_id == trip.id) & StopVisit.state.in_(STANDING)


def _put_back(session: Session, change: VisitChange, before: Sequence[StopVisit]) -> None:
    if change.suspension_id:
        session.get_one(Suspension, change.suspension_id).ended_at = clock.now()
    uids = [UUID(one) for one in change.facts.get("cancelled", ())]
    for trip in session.scalars(select(Trip).where(Trip.uid.in_(uids), Trip.state == TripState.CANCELLED)):
        trip.state, trip.cancelled_why = TripState(change.facts.get("states", {}).get(str(trip.uid), "planned")), None
    for one in before:
        one.state, one.why, one.changed_by, one.moved_to_id = VisitState.PLANNED, None, None, None
        one.sequence += 1
    session.flush()


def _check_goes(session: Session, trip: Trip) -> None:
    """The vehicle, its crew and the stops may have been given to others meanwhile. Raises NotDone."""
    standing = session.scalars(select(StopVisit).where(_of(trip)).order_by(StopVisit.from_at, StopVisit.number)).all()
    calls = [trips.Call(one.stop, one.from_at, one.to_at) for one in standing]
    crew = [trips.Crew(one.role, one.name, one.account_id) for one in trip.crew]
    hours = trips.Hours(trip.leaves_at, trip.back_at)
    route = session.scalar(select(RouteVersion.route_id).where(RouteVersion.id == trip.version_id))
    facts = trips.facts_of(session, trip.vehicle, trip.day, calls, crew, hours, but=trip.id, route_id=route)
    if reasons := planning_rules.against(facts):
        raise NotDone(*reasons)


def _shifts(change: VisitChange) -> Select[int]:
    return select(ChangeShift.shift_id).where(ChangeShift.change_id == change.id)


def _dates(session: Session, doing: Doing, change: VisitChange) -> None:
    """The last first: a date that was moved twice goes back twice."""
    query = select(DueShift).where(DueShift.id.in_(_shifts(change)))
    for shift in session.scalars(query.order_by(DueShift.id.desc())):
        own = replace(doing, uid=uuid5(doing.uid, str(shift.uid)), device=None, number=None, raw_at=None)
        closing_places.put_back(session, own, shift)
