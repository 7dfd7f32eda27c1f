"""A stop opens on the days of its visits, and on no other: written into the calendar that lending asks."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars import opening_days
from library.calendars.models import PlaceOpening
from library.calendars.openings import calendar_of
from library.core import clock
from library.mobile.models import Stop, StopVisit, Trip, TripState
from library.mobile.visit_states import STANDING


def refresh(session: Session, stop_ids: Iterable[int], since: date | None = None) -> None:
    """Openings of these stops from `since` (today) on are their visits that stand, of trips that were not cancelled."""
    session.flush()
    since = since or clock.today()
    ids = sorted(set(stop_ids))
    wanted = _visits(session, ids, since)
    query = select(Stop.id, Stop.place_id).where(Stop.id.in_(ids)).order_by(Stop.id)
    places = [(stop, place) for stop, place in session.execute(query)]
    known = _known(session, [place for _, place in places], since)
    for stop, place in places:
        if known.get(place, set()) != wanted.get(stop, set()):
            opening_days.set_openings(session, place, wanted.get(stop, ()), since)


def _visits(session: Session, stops: list[int], since: date) -> Mapping[int, set[date]]:
    query = select(StopVisit.stop_id, StopVisit.day).join(Trip, Trip.id == StopVisit.trip_id)
    standing = (StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED, StopVisit.day >= since)
    return _grouped(session.execute(query.where(StopVisit.stop_id.in_(stops), *standing)))


def _known(session: Session, places: list[int], since: date) -> Mapping[int, set[date]]:
    mine = (PlaceOpening.place_id.in_(places), PlaceOpening.day >= since)
    return _grouped(session.execute(select(PlaceOpening.place_id, PlaceOpening.day).where(*mine)))


def _grouped(rows: Iterable[tuple[int, date]]) -> dict[int, set[date]]:
    found: dict[int, set[date]] = {}
    for key, day in rows:
        found.setdefault(key, set()).add(day)
    return found


def next_after(session: Session, stop: Stop, day: date) -> date | None:
    """When the stop opens next after `day`, as lending reckons it. None: nobody knows yet."""
    calendar = calendar_of(session, stop.place.branch_id, day, stop.place_id)
    return min((one for one in calendar.openings or () if one > day and calendar.is_open(one)), default=None)
