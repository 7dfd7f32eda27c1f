"""The planner: four weeks of trips, and one of them beside with its map and its stops."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.loans.forms import uuid_or_none
from library.mobile import aboard, change_told, maps, pages, planner, trips, vehicles
from library.mobile.models import Trip, VisitChange
from library.mobile.planner import WEEKS
from library.mobile.scopes import from_within, may_see, seen_trips
from library.organisations.models import Organisation

bp = Blueprint("mobile", __name__)
STEP = timedelta(days=7 * WEEKS)


@bp.get("/van", endpoint="planner")
@needs(Permission.VAN_SEE)
def show() -> Any:
    """`from`: a day of the first week; `trip`: the one that is looked at; `change`: what was just done, with its undo."""
    session, today = db.session(), clock.today()
    named = _trip(session, request.args.get("trip"))
    first = planner.monday(pages.day_or(request.args.get("from"), _first(named, today)))
    own = _own(session)
    found = planner.calendar(session, seen_trips(), own.id if own else None, first)
    trip = named or planner.chosen(found, today)
    return pages.page(
        "mobile/planner.html", calendar=found, first=first, last=first + STEP - timedelta(days=1), own=own, trip=trip,
        before=first - STEP, after=first + STEP, lines=_lines(session, trip), inside=trip is not None and from_within(trip),
        chart=_drawing(session, own, found, trip), change=_change(session, request.args.get("change")),
        loaded=aboard.of(session, trip.vehicle).total if trip and from_within(trip) else 0,
        crew_rule=trips.crew_rule(session, own.id) if own else None, told=change_told.told,
    )  # fmt: skip


def _lines(session: Session, trip: Trip | None) -> list[planner.Line]:
    """What is shown of the trip that is looked at: to a school, its own stop."""
    return [one for one in planner.lines(session, trip) if may_see(trip, one.stop)] if trip else []


def _first(named: Trip | None, today: Any) -> Any:
    """The weeks of the trip that is asked for, if it is not in the coming ones."""
    if named and not planner.monday(today) <= named.day < planner.monday(today) + STEP:
        return named.day
    return today


def _trip(session: Session, text: str | None) -> Trip | None:
    """Raises NotFound for a trip out of reach."""
    if not text:
        return None
    uid = or_not_found(uuid_or_none(text))
    return or_not_found(session.scalar(select(Trip).where(Trip.uid == uid, seen_trips())))


def _change(session: Session, text: str | None) -> VisitChange | None:
    if not text:
        return None
    uid = or_not_found(uuid_or_none(text))
    query = select(VisitChange).where(VisitChange.uid == uid, here().of_libraries(VisitChange.library_id))
    return session.scalar(query)


def _own(session: Session) -> Organisation | None:
    """The library whose vehicles are planned here; None for a school that is only called at."""
    library_id = current_user.library_id
    has_vehicles = here().holds_library(library_id) and bool(vehicles.of_library(session, library_id))
    return session.get(Organisation, library_id) if has_vehicles or pages.may_plan(library_id) else None


def _drawing(session: Session, own: Organisation | None, found: planner.Calendar, trip: Trip | None) -> Any:
    if own is None or (trip is not None and trip.library_id != own.id):
        return None
    since, last = found.weeks[0].monday, found.weeks[-1].monday + timedelta(days=6)
    return maps.drawn(session, own.id, since, last, trip)
