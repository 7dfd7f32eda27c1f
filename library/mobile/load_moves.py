"""A trip goes on another day instead: what was loaded and checked out for it goes along, and comes back with an undo."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from library.mobile.models import KitCheck, StopVisit, Trip, TripLeg, TripLoad

Stops = Mapping[int | None, int]
"""Which visit instead of which, by id."""
QUIETLY = {"synchronize_session": False}


def along(session: Session, trip: Trip, to: Mapping[int, StopVisit]) -> dict[str, Any] | None:
    """Everything of `trip` is of the trip its visits went to; what to keep for `back`. None: they went nowhere."""
    gone = {old: new for old, new in to.items() if old in {one.id for one in trip.visits}}
    if not gone:
        return None
    there = next(iter(gone.values())).trip
    moved = _all_of(session, trip, there)
    _move(session, moved, trip, there, {old: new.id for old, new in gone.items()})
    return {"from": str(trip.uid), "to": str(there.uid), **moved}


def _all_of(session: Session, trip: Trip, there: Trip) -> dict[str, list[int]]:
    """Ids of lines, legs and things of the kit; a thing that both took stays with each."""
    taken = select(KitCheck.kit_id).where(KitCheck.trip_id == there.id)
    kit = select(KitCheck.kit_id).where(KitCheck.trip_id == trip.id, KitCheck.kit_id.not_in(taken))
    lines = select(TripLoad.id).where(TripLoad.trip_id == trip.id)
    legs = select(TripLeg.leg_id).where(TripLeg.trip_id == trip.id)
    queries = {"lines": lines, "legs": legs, "kit": kit}
    return {name: list(session.scalars(query)) for name, query in queries.items()}


def _move(session: Session, what: Mapping[str, list[int]], trip: Trip, there: Trip, stops: Stops) -> None:
    which: list[tuple[type[TripLoad | TripLeg], ColumnElement[bool]]] = [
        (TripLoad, TripLoad.trip_id == trip.id), (TripLeg, TripLeg.trip_id == trip.id),
    ]  # fmt: skip
    ids = {TripLoad: TripLoad.id.in_(what["lines"]), TripLeg: TripLeg.leg_id.in_(what["legs"])}
    session.flush()
    for table, mine in which:
        for visit_id in session.scalars(select(table.visit_id).where(mine, ids[table]).distinct()).all():
            of_it = table.visit_id == visit_id if visit_id else table.visit_id.is_(None)
            values = {"trip_id": there.id, "visit_id": stops.get(visit_id)}
            session.execute(update(table).where(mine, ids[table], of_it).values(values), execution_options=QUIETLY)
    kit = update(KitCheck).where(KitCheck.trip_id == trip.id, KitCheck.kit_id.in_(what["kit"]))
    session.execute(kit.values(trip_id=there.id), execution_options=QUIETLY)
    session.expire_all()


def back(session: Session, facts: Mapping[str, Any], stops: Stops) -> None:
    """The change is undone: `facts` are its own. Of a trip that was made for it, all goes back, what came since too."""
    for one in facts.get("carried", ()):
        trip, there = (session.scalars(select(Trip).where(Trip.uid == UUID(one[end]))).one() for end in ("from", "to"))
        moved = _all_of(session, there, trip) if one["to"] in facts["made"] else one
        _move(session, moved, there, trip, stops)
