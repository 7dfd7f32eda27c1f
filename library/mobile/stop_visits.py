"""When a vehicle comes to a stop, and when it came: for its page and the list of stops."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from library.core import clock
from library.loans.models import Loan, still_out
from library.mobile.models import Stop, StopVisit, Trip, TripState
from library.mobile.visit_states import STANDING

AHEAD, BEHIND = 20, 30


def _days(
    session: Session, stop_ids: Sequence[int], which: ColumnElement[date], when: ColumnElement[bool]
) -> dict[int, date]:
    standing = (StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED, StopVisit.stop_id.in_(stop_ids))
    query = select(StopVisit.stop_id, which).join(Trip, Trip.id == StopVisit.trip_id).where(when, *standing)
    return {stop: day for stop, day in session.execute(query.group_by(StopVisit.stop_id))}  # noqa: C416 - typed rows


def next_days(session: Session, stop_ids: Sequence[int]) -> dict[int, date]:
    """By stop: today or the next day on which a vehicle comes."""
    return _days(session, stop_ids, func.min(StopVisit.day), StopVisit.day >= clock.today())


def last_days(session: Session, stop_ids: Sequence[int]) -> dict[int, date]:
    """By stop: the last day before today on which a vehicle came."""
    return _days(session, stop_ids, func.max(StopVisit.day), StopVisit.day < clock.today())


def books_out(session: Session, stops: Sequence[Stop]) -> dict[int, int]:
    """By stop: copies that readers borrowed there and still have."""
    places = {one.place_id: one.id for one in stops}
    query = select(Loan.place_id, func.count()).where(still_out(), Loan.place_id.in_(places))
    return {places[place]: count for place, count in session.execute(query.group_by(Loan.place_id)) if place}


def ahead(session: Session, stop: Stop, today: date) -> Sequence[StopVisit]:
    """From today on, those left out too."""
    query = _visits(stop).where(StopVisit.day >= today).order_by(StopVisit.day, StopVisit.id)
    return session.scalars(query.limit(AHEAD)).all()


def past(session: Session, stop: Stop, today: date) -> Sequence[StopVisit]:
    """The latest first."""
    query = _visits(stop).where(StopVisit.day < today).order_by(StopVisit.day.desc(), StopVisit.id)
    return session.scalars(query.limit(BEHIND)).all()


def _visits(stop: Stop) -> Select[StopVisit]:
    return select(StopVisit).where(StopVisit.stop_id == stop.id).options(
        joinedload(StopVisit.trip).joinedload(Trip.vehicle)
    )  # fmt: skip
