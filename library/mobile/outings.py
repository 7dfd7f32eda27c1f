"""What happens when, for calendars on the wall, on the web and in telephones: visits of a stop, a vehicle, a site, a province,
and the batches that come to a site and leave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from library.mobile.models import Stop, StopVisit, Trip, TripState, Vehicle
from library.mobile.visit_states import STANDING
from library.organisations.models import Branch, Organisation
from library.rotation.legs import WAS
from library.rotation.models import Batch, BatchState, Extension, Leg, Site


class What(StrEnum):
    VISIT = "visit"
    BATCH_COMES = "batch-comes"
    BATCH_GOES = "batch-goes"


@dataclass(frozen=True)
class Outing:
    """One thing on one day. `uid` stays the same whatever becomes of it; `sequence` only grows. Batches have no hours: they
    take the whole day. `why`: a code of `changing` or somebody's words; `moved_to`: the day it was moved to."""

    uid: str
    what: What
    day: date
    name: str
    about: str = ""
    from_at: time | None = None
    to_at: time | None = None
    off: bool = False
    why: str = ""
    moved_to: date | None = None
    sequence: int = 0
    pattern: int = 1
    address: str = ""
    at: tuple[float, float] | None = None
    of: UUID | None = None

    @property
    def hours(self) -> str:
        """07:30 – 09:00"""
        return f"{self.from_at:%H:%M} – {self.to_at:%H:%M}" if self.from_at and self.to_at else ""


Clause = ColumnElement[bool]


def of_vehicle(vehicle: Vehicle) -> Clause:
    return Trip.vehicle_id == vehicle.id


def of_stop(stop: Stop) -> Clause:
    return StopVisit.stop_id == stop.id


def of_site(site: Site) -> Clause:
    """Stops that stand there, and those whose readers are its branch's."""
    theirs = and_(Stop.library_id == site.library_id, Stop.readers_of_id == site.branch_id)
    return StopVisit.stop_id.in_(select(Stop.id).where(or_(Stop.site_id == site.id, theirs)))


def of_library(library_id: int) -> Clause:
    """All its vehicles."""
    return Trip.library_id == library_id


def for_readers_of(library: Organisation) -> Clause:
    """What its own vehicles do, and what others' do at its stops: its public timetable."""
    mine = select(Branch.id).where(Branch.organisation_id == library.id)
    theirs = select(Stop.id).where(Stop.readers_of_id.in_(mine))
    return or_(Trip.library_id == library.id, StopVisit.stop_id.in_(theirs))


def visits(session: Session, which: Clause, since: date, until: date) -> list[Outing]:
    """In order of day and hour, those left out too (two statements)."""
    query = (
        select(StopVisit)
        .join(Trip, Trip.id == StopVisit.trip_id)
        .where(which, StopVisit.day.between(since, until))
        .options(joinedload(StopVisit.stop), joinedload(StopVisit.trip).joinedload(Trip.vehicle))
        .order_by(StopVisit.day, StopVisit.from_at, StopVisit.id)
    )
    rows = session.scalars(query).all()
    days = _days_of(session, [row.moved_to_id for row in rows if row.moved_to_id])
    return [_visit(row, days.get(row.moved_to_id or 0)) for row in rows]


def comes(session: Session, which: Clause, since: date) -> bool:
    """Whether any visit of these stands from that day on."""
    standing = StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED, StopVisit.day >= since
    query = select(StopVisit.id).join(Trip, Trip.id == StopVisit.trip_id).where(which, *standing)
    return session.execute(query.limit(1)).first() is not None


def _days_of(session: Session, ids: Sequence[int]) -> dict[int, date]:
    if not ids:
        return {}
    return dict(session.execute(select(StopVisit.id, StopVisit.day).where(StopVisit.id.in_(ids))).all())


def _visit(row: StopVisit, moved_to: date | None) -> Outing:
    trip, stop = row.trip, row.stop
    cancelled = trip.state is TripState.CANCELLED
    placed = (stop.latitude, stop.longitude) if stop.latitude is not None and stop.longitude is not None else None
    return Outing(
        str(row.uid), What.VISIT, row.day, stop.name, trip.vehicle.name, row.from_at, row.to_at,
        cancelled or row.state not in STANDING, row.why or (trip.cancelled_why if cancelled else None) or "", moved_to,
        row.sequence + trip.sequence, trip.vehicle.pattern, stop.address or "", placed, trip.uid,
    )  # fmt: skip


def batches(session: Session, site: Site, since: date, until: date) -> list[Outing]:
    """Legs that come to the site, on the day they should or did, and the day they are due away (three statements)."""
    told = or_(Batch.state != BatchState.CANCELLED, Batch.approved_name.is_not(None))
    shown = Batch.state.not_in((BatchState.DRAFT, BatchState.PROPOSED)), Leg.note.is_distinct_from(WAS)
    live = (Leg.to_site_id == site.id, *shown, told)
    legs = session.scalars(
        select(Leg).join(Batch, Batch.id == Leg.batch_id).where(*live).options(joinedload(Leg.batch))
    )
    rows = legs.all()
    longer = _extensions(session, [leg.id for leg in rows])
    found = [one for leg in rows for one in _leg(leg, longer.get(leg.id, 0))]
    return sorted((one for one in found if since <= one.day <= until), key=lambda one: (one.day, one.name))


def _extensions(session: Session, legs: Sequence[int]) -> dict[int, int]:
    query = select(Extension.leg_id, func.count()).where(Extension.leg_id.in_(legs), Extension.granted.is_(True))
    return dict(session.execute(query.group_by(Extension.leg_id)).all())


def _leg(leg: Leg, longer: int) -> list[Outing]:
    off = leg.cancelled_at is not None or leg.batch.state is BatchState.CANCELLED
    name = f"{leg.batch.code} {leg.batch.theme}"
    came = Outing(
        f"{leg.uid}-in", What.BATCH_COMES, leg.planned_on, name, off=off, sequence=int(off), of=leg.batch.uid, pattern=3
    )
    if leg.due_on is None:
        return [came]
    goes = Outing(
        f"{leg.uid}-out", What.BATCH_GOES, leg.due_on, name, off=off, sequence=longer + int(off), of=leg.batch.uid,
        pattern=3,
    )  # fmt: skip
    return [came, goes]


def site_days(session: Session, site: Site, since: date, until: date) -> list[Outing]:
    """Visits of vehicles and batches together."""
    both = [*visits(session, of_site(site), since, until), *batches(session, site, since, until)]
    return sorted(both, key=lambda one: (one.day, one.from_at or time(0), one.name))
