"""Which vehicles, stops and trips the person of this request may reach. A crew member reaches the trips they go with."""

from uuid import UUID

from flask_login import current_user
from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, or_not_found
from library.mobile.models import Stop, StopVisit, Trip, TripCrew, Vehicle


def of_trips() -> ColumnElement[bool]:
    """The WHERE for trips in reach: where trips are planned, all of the library's; else those one goes with."""
    plans = access.scope(Permission.VAN_PLAN)
    goes = exists().where(TripCrew.trip_id == Trip.id, TripCrew.account_id == current_user.id).correlate(Trip)
    return or_(plans.of_libraries(Trip.library_id), and_(here().of_libraries(Trip.library_id), goes))


def seen_trips() -> ColumnElement[bool]:
    """The WHERE for trips one may look at: of a library in scope, or calling at a stop whose readers are one's own."""
    scope = here()
    calls = (
        exists()
        .where(StopVisit.trip_id == Trip.id, StopVisit.stop_id == Stop.id, scope.of_branches(Stop.readers_of_id))
        .correlate(Trip)
    )
    return or_(scope.of_libraries(Trip.library_id), calls)


def seen_visits() -> ColumnElement[bool]:
    """The WHERE for visits one may look at, over their trip and stop: of a library in scope, or where one's own readers come."""
    scope = here()
    return or_(scope.of_libraries(Trip.library_id), scope.of_branches(Stop.readers_of_id))


def from_within(trip: Trip) -> bool:
    """Whether all of the trip may be looked at; who is only called at sees their own stops of it."""
    return here().holds_library(trip.library_id)


def may_see(trip: Trip, stop: Stop) -> bool:
    """Whether this stop of the trip is shown."""
    return from_within(trip) or here().holds_branch(stop.readers_of_id)


def trip_here(session: Session, uid: UUID, seeing: bool = False) -> Trip:
    """The trip, for who works on it; with `seeing`, for who may look. NotFound where it is out of reach."""
    return or_not_found(session.scalar(select(Trip).where(Trip.uid == uid, seen_trips() if seeing else of_trips())))


def visit_here(session: Session, uid: UUID, seeing: bool = False) -> StopVisit:
    """The visit, for who works on its trip; with `seeing`, for who may look at this visit. NotFound out of reach."""
    query = select(StopVisit).join(Trip, Trip.id == StopVisit.trip_id).join(Stop, Stop.id == StopVisit.stop_id)
    return or_not_found(session.scalar(query.where(StopVisit.uid == uid, seen_visits() if seeing else of_trips())))


def vehicle_here(session: Session, uid: UUID) -> Vehicle:
    return or_not_found(
        session.scalar(select(Vehicle).where(Vehicle.uid == uid, here().of_libraries(Vehicle.library_id)))
    )


def stop_here(session: Session, uid: UUID, seeing: bool = False) -> Stop:
    theirs = here().of_branches(Stop.readers_of_id) if seeing else ~true()
    return or_not_found(
        session.scalar(select(Stop).where(Stop.uid == uid, or_(here().of_libraries(Stop.library_id), theirs)))
    )
