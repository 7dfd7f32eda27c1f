"""What is aboard a vehicle: now, or at any moment of the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import LocalRecord, Record
from library.core.db import straight
from library.holdings import history
from library.holdings.models import Item, Movement, Place
from library.inbox.models import Act
from library.loans.models import Hold
from library.mobile.models import Stop, StopVisit, Trip, TripLoad, Vehicle
from library.organisations.models import Organisation
from library.patrons.models import Membership, Person, SchoolClass


@dataclass(frozen=True)
class Book:
    """A copy aboard. `trip_id`, `visit_id`: the trip and the stop it was loaded for; None: it came aboard on the way."""

    item_id: int
    uid: UUID
    title: str
    accession: str | None
    home: str
    level: int | None
    library: str
    trip_id: int | None
    visit_id: int | None


@dataclass(frozen=True)
class Aboard:
    """`fits`: so many copies fit in. `levels`: by colour; `visits`: by the stop they were loaded for."""

    total: int
    fits: int | None
    levels: dict[int | None, int]
    visits: dict[int | None, int]

    @property
    def over(self) -> int:
        return max(self.total - self.fits, 0) if self.fits is not None else 0


def of(session: Session, vehicle: Vehicle) -> Aboard:
    """Counts of what stands aboard now (two statements)."""
    local = (LocalRecord.record_id == Item.record_id) & (LocalRecord.library_id == vehicle.library_id)
    by_level = select(LocalRecord.reading_level, func.count(Item.id)).select_from(Item).outerjoin(LocalRecord, local)
    here = Item.place_id == vehicle.aboard_id
    levels = {row[0]: row[1] for row in session.execute(by_level.where(here).group_by(LocalRecord.reading_level))}
    by_visit = select(TripLoad.visit_id, func.count(Item.id)).select_from(Item).outerjoin(TripLoad, _open_line())
    visits = {row[0]: row[1] for row in session.execute(by_visit.where(here).group_by(TripLoad.visit_id))}
    return Aboard(sum(levels.values()), vehicle.copies, levels, visits)


def listed(session: Session, vehicle: Vehicle, most: int = 200, skip: int = 0) -> list[Book]:
    """By title (one statement)."""
    local = (LocalRecord.record_id == Item.record_id) & (LocalRecord.library_id == vehicle.library_id)
    home = aliased(Place)
    query = (
        select(
            Item.id, Item.uid, Record.title, Item.accession, home.name, LocalRecord.reading_level, Organisation.name,
            TripLoad.trip_id, TripLoad.visit_id,
        )
        .join(Record, Record.id == Item.record_id)
        .join(home, home.id == Item.home_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .outerjoin(LocalRecord, local)
        .outerjoin(TripLoad, _open_line())
        .where(Item.place_id == vehicle.aboard_id)
        .order_by(Record.title_sort, Item.id)
    )  # fmt: skip
    return [Book(*row) for row in session.execute(query.limit(most).offset(skip))]


def _open_line() -> ColumnElement[bool]:
    return (TripLoad.item_id == Item.id) & TripLoad.unloaded_at.is_(None) & TripLoad.voided.is_(False)


def at(session: Session, vehicle: Vehicle, moment: datetime) -> list[int]:
    """Ids of the copies that were aboard at that moment, as is known now (one statement)."""
    ever = select(Movement.item_id).where(Movement.place_id == vehicle.aboard_id, Movement.occurred_at <= moment)
    query = (
        select(
            Movement.item_id, Movement.uid, Movement.act_id, Movement.place_id, Place.branch_id, Movement.why,
            Movement.basis, Movement.occurred_at, Movement.rests_on,
        )
        .join(Act, Act.id == Movement.act_id)
        .join(Place, Place.id == Movement.place_id)
        .where(Movement.item_id.in_(ever), Movement.occurred_at <= moment, Act.voided_by.is_(None))
    )  # fmt: skip
    known: dict[int, list[history.Known]] = {}
    for row in straight(session).execute(query):
        known.setdefault(row[0], []).append(history.Known(*row[1:]))
    last = {item: history.last_believed(facts) for item, facts in known.items()}
    return sorted(item for item, one in last.items() if one and one.place_id == vehicle.aboard_id)


@dataclass(frozen=True)
class Waiting:
    """A copy kept for a reader who fetches it at a stop. `aboard`: it is in the vehicle."""

    item_id: int
    title: str
    accession: str | None
    reader: str
    group: str | None
    keep_until: date | None
    stop_place_id: int | None
    aboard: bool


def kept(session: Session, trip: Trip, visits: Sequence[StopVisit]) -> list[Waiting]:
    """What readers fetch at these stops, those to be put aboard first (one statement)."""
    here = (Item.place_id == trip.vehicle.aboard_id).label("aboard")
    query = (
        select(
            Item.id, Record.title, Item.accession, Person.full_name, SchoolClass.name, Hold.keep_until, Hold.place_id, here
        )
        .join(Hold, Hold.item_id == Item.id)
        .join(Record, Record.id == Item.record_id)
        .join(Membership, Membership.id == Hold.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Hold.ended_at.is_(None), Hold.place_id.in_([one.stop.place_id for one in visits]))
        .order_by(here, Record.title_sort, Item.id)
    )  # fmt: skip
    return [Waiting(*row) for row in session.execute(query)]


def stops_of(session: Session, vehicle: Vehicle) -> dict[int, str]:
    """Names of the stops that books aboard were loaded for, by visit."""
    query = (
        select(StopVisit.id, Stop.name)
        .join(Stop, Stop.id == StopVisit.stop_id)
        .join(Trip, Trip.id == StopVisit.trip_id)
    )
    mine = select(TripLoad.visit_id).where(TripLoad.unloaded_at.is_(None), TripLoad.voided.is_(False))
    rows = session.execute(query.where(Trip.vehicle_id == vehicle.id, StopVisit.id.in_(mine)))
    return {row[0]: row[1] for row in rows}
