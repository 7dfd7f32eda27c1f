"""Vehicles and their kit, stops, routes, trips, and what was counted at every stop."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library import files
from library.core.db import Id, Key, Model, unique_where
from library.holdings.models import Place
from library.organisations.models import Branch, Code, Organisation


class VehicleKind(StrEnum):
    CAR = "car"
    BOAT = "boat"
    TROLLEY = "trolley"
    MOTORBIKE = "motorbike"
    OTHER = "other"


class Vehicle(Model):
    """A mobile library. What is aboard stands in `aboard`; what it loads from, and brings back to, in `depot`."""

    __tablename__ = "vehicle"
    __table_args__ = (
        UniqueConstraint("library_id", "name"),
        UniqueConstraint("aboard_id"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        CheckConstraint("aboard_id <> depot_id", name="aboard_is_not_the_depot"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), doc="Where it is stationed; loans at its stops are this branch's."
    )
    aboard_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    depot_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    kind: Mapped[VehicleKind]
    name: Mapped[str] = mapped_column(doc="Xe 1.")
    plate: Mapped[str | None]
    pattern: Mapped[int] = mapped_column(doc="Of its band on calendars and maps: 1 solid, 2 double, 3 triple.")
    copies: Mapped[int | None] = mapped_column(doc="So many copies fit in.")
    crates: Mapped[int | None]
    seats: Mapped[int | None]
    has_power: Mapped[bool] = mapped_column(doc="Of its own: generator, battery.")
    has_internet: Mapped[bool]
    litres_per_100km: Mapped[float | None]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    note: Mapped[str | None]

    library: Mapped[Organisation] = relationship()
    branch: Mapped[Branch] = relationship()
    aboard: Mapped[Place] = relationship(foreign_keys=[aboard_id])
    depot: Mapped[Place] = relationship(foreign_keys=[depot_id])


class KitItem(Model):
    """Something that should be aboard beside books: a projector, 100 stools, a device for blind readers."""

    __tablename__ = "kit_item"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "name", "serial"),
        CheckConstraint("quantity > 0", name="at_least_one"),
    )
    __scope__ = "vehicle_id>vehicle.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(doc="In the order of the list.")
    name: Mapped[str]
    quantity: Mapped[int]
    serial: Mapped[str] = mapped_column(doc="'' where it has none.")
    for_blind: Mapped[bool]
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="RESTRICT"), doc="It is a copy too: lent to persons as books are."
    )
    retired_on: Mapped[date | None]


class Stop(Model):
    """Điểm dừng: where a vehicle comes on listed days. Its place opens on the days of its visits, and on no other."""

    __tablename__ = "stop"
    __table_args__ = (
        UniqueConstraint("library_id", "name"),
        UniqueConstraint("place_id"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="both_or_neither"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="on_earth"),
        Index(None, "readers_of_id"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("code.id", ondelete="RESTRICT"), unique=True)
    site_id: Mapped[int | None] = mapped_column(
        ForeignKey("rotation_site.id", ondelete="RESTRICT"), doc="The site that stands here too, if any."
    )
    readers_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), doc="Whose readers come: the school's branch. None: anybody."
    )
    name: Mapped[str]
    address: Mapped[str | None]
    commune_code: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    parking: Mapped[str | None] = mapped_column(doc="Where to stand, the gate, the road in the rain.")
    has_power: Mapped[bool]
    has_signal: Mapped[bool]
    minutes: Mapped[int] = mapped_column(doc="A visit usually takes so long.")
    pupils: Mapped[int | None]
    from_on: Mapped[date]
    closed_on: Mapped[date | None]
    note: Mapped[str | None]

    library: Mapped[Organisation] = relationship()
    place: Mapped[Place] = relationship()
    code: Mapped[Code | None] = relationship()
    readers_of: Mapped[Branch | None] = relationship()


class Suspension(Model):
    """No visits at a stop, on a route or by a vehicle, from one day to another, both included: floods, repairs, exams."""

    __tablename__ = "mobile_suspension"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
        CheckConstraint(
            "(CASE WHEN stop_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN route_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN vehicle_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="of_one_thing",
        ),
        Index(None, "library_id", "last_on"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("stop.id", ondelete="RESTRICT"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id", ondelete="RESTRICT"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="RESTRICT"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    why: Mapped[str]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None] = mapped_column(doc="Taken back, or ended before its time.")


class Route(Model):
    """Tuyến: stops that are visited on one trip, as its version of the day says."""

    __tablename__ = "route"
    __table_args__ = (UniqueConstraint("library_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="RESTRICT"), doc="Usually.")
    closed_on: Mapped[date | None]


class RouteVersion(Model):
    """A route as it is from a day on, until the next version begins."""

    __tablename__ = "route_version"
    __table_args__ = (UniqueConstraint("route_id", "from_on"),)
    __scope__ = "route_id>route.library_id:library"

    id: Mapped[Id]
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    calendar: Mapped[dict[str, Any]] = mapped_column(
        JSON,
        doc="When it goes: {every_weeks, weekdays}, {month_weeks, weekdays} or {dates}; see `timetable.days`.",
    )
    leaves_at: Mapped[time] = mapped_column(doc="The depot.")
    back_at: Mapped[time]
    km: Mapped[float | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class RouteStop(Model):
    """A stop of a route's version, in order."""

    __tablename__ = "route_stop"
    __table_args__ = (CheckConstraint("to_at > from_at", name="ends_after_it_begins"),)
    __scope__ = "version_id>route_version.route_id>route.library_id:library"

    version_id: Mapped[int] = mapped_column(ForeignKey("route_version.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    stop_id: Mapped[int] = mapped_column(ForeignKey("stop.id", ondelete="RESTRICT"), index=True)
    from_at: Mapped[time]
    to_at: Mapped[time]


class TripState(StrEnum):
    PLANNED = "planned"
    LOADED = "loaded"
    ON_ROAD = "on-road"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Trip(Model):
    """Chuyến: a vehicle goes out on a day, calls at stops, comes back."""

    __tablename__ = "trip"
    __table_args__ = (
        Index(None, "library_id", "day"),
        Index(None, "vehicle_id", "day"),
        CheckConstraint("odometer_in IS NULL OR odometer_in >= odometer_out", name="odometers_count_up"),
        CheckConstraint("in_at IS NULL OR in_at >= out_at", name="back_after_it_left"),
        CheckConstraint("state <> 'cancelled' OR cancelled_why IS NOT NULL", name="cancelled_has_reason"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id", ondelete="RESTRICT"))
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("route_version.id", ondelete="RESTRICT"), doc="None: put together by hand."
    )
    day: Mapped[date]
    leaves_at: Mapped[time]
    back_at: Mapped[time]
    km_planned: Mapped[float | None]
    state: Mapped[TripState]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    out_at: Mapped[datetime | None]
    in_at: Mapped[datetime | None]
    odometer_out: Mapped[int | None] = mapped_column(doc="Kilometres.")
    odometer_in: Mapped[int | None]
    fuel_litres: Mapped[float | None]
    cost: Mapped[int | None] = mapped_column(doc="Đồng, fuel included.")
    crew_why: Mapped[str | None] = mapped_column(doc="Why it goes with fewer people than the rule asks.")
    incidents: Mapped[str | None]
    cancelled_why: Mapped[str | None]
    taken_over_from: Mapped[int | None] = mapped_column(
        ForeignKey("vehicle.id", ondelete="RESTRICT"), doc="The vehicle that could not go on."
    )
    taken_over_by: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"),
        doc="The act that changed the vehicle; undoing it gives the first one back.",
    )
    sequence: Mapped[int] = mapped_column(default=0, doc="Of the calendar entry: one more for every change.")

    library: Mapped[Organisation] = relationship()
    vehicle: Mapped[Vehicle] = relationship(foreign_keys=[vehicle_id])
    crew: Mapped[list["TripCrew"]] = relationship(order_by="TripCrew.number", viewonly=True)
    visits: Mapped[list["StopVisit"]] = relationship(
        order_by="StopVisit.number", viewonly=True, foreign_keys="StopVisit.trip_id"
    )


class CrewRole(StrEnum):
    DRIVER = "driver"
    LIBRARIAN = "librarian"
    OTHER = "other"


class TripCrew(Model):
    """Somebody goes with a trip."""

    __tablename__ = "trip_crew"
    __table_args__ = (unique_where("uq_trip_crew_account", "trip_id", "account_id", where="account_id IS NOT NULL"),)
    __scope__ = "trip_id>trip.library_id:library"

    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[CrewRole]
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), index=True, doc="None: somebody without an account."
    )
    name: Mapped[str]


class VisitState(StrEnum):
    """Ways between them: `visit_states.WAYS`."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    SKIPPED = "skipped"
    MOVED = "moved"
    """To another day: `moved_to_id`."""


class StopVisit(Model):
    """A vehicle calls at a stop on a day: the stop's opening."""

    __tablename__ = "stop_visit"
    __table_args__ = (
        Index(None, "stop_id", "day"),
        Index(None, "trip_id"),
        unique_where("uq_stop_visit_stands", "trip_id", "stop_id", where="state NOT IN ('skipped', 'moved')"),
        unique_where("uq_stop_visit_open", "stop_id", where="state = 'open'"),
        CheckConstraint("to_at > from_at", name="ends_after_it_begins"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
        CheckConstraint("(state IN ('skipped', 'moved')) = (why IS NOT NULL)", name="left_out_for_a_reason"),
        CheckConstraint("(state = 'moved') = (moved_to_id IS NOT NULL)", name="moved_somewhere"),
    )
    __scope__ = "trip_id>trip.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(doc="In the order of the trip.")
    stop_id: Mapped[int] = mapped_column(ForeignKey("stop.id", ondelete="RESTRICT"))
    day: Mapped[date] = mapped_column(doc="The trip's.")
    from_at: Mapped[time]
    to_at: Mapped[time]
    state: Mapped[VisitState]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    why: Mapped[str | None] = mapped_column(
        doc="Skipped or moved: storm, road, exam, breakdown, school-asked, other words."
    )
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("stop_visit.id", ondelete="RESTRICT"))
    changed_by: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"),
        doc="The act that skipped or moved it; undoing that act puts it back.",
    )
    sequence: Mapped[int] = mapped_column(default=0, doc="Of the calendar entry.")
    signed_name: Mapped[str | None] = mapped_column(doc="Who signed the summary for the school.")
    signed_title: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    typed_in: Mapped[bool] = mapped_column(default=False, doc="From the paper form, afterwards.")
    note: Mapped[str | None]

    trip: Mapped[Trip] = relationship(foreign_keys=[trip_id])
    stop: Mapped[Stop] = relationship()


class VisitChange(Model):
    """One act that skipped, moved or suspended visits: what to tell readers, and what it shifted."""

    __tablename__ = "visit_change"
    __table_args__ = (Index(None, "library_id", "made_at"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    kind: Mapped[str] = mapped_column(doc="skip, move, suspend, cancel-trip.")
    why: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Old and new day of every visit, for the notice.")
    suspension_id: Mapped[int | None] = mapped_column(ForeignKey("mobile_suspension.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ChangeShift(Model):
    """Due dates that a change of visits shifted: one shift for every stop."""

    __tablename__ = "visit_change_shift"
    __scope__ = "change_id>visit_change.library_id:library"

    change_id: Mapped[int] = mapped_column(ForeignKey("visit_change.id", ondelete="RESTRICT"), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("due_shift.id", ondelete="RESTRICT"), primary_key=True)


class StopCount(Model):
    """Beside visits and documents (`uses`): films shown, people at computers, gifts, questions. Less than 0 takes back."""

    __tablename__ = "stop_count"
    __table_args__ = (
        Index(None, "visit_id"),
        Index(None, "act_id"),
        CheckConstraint("quantity <> 0", name="something_was_counted"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="back_names_what"),
    )
    __scope__ = "visit_id>stop_visit.trip_id>trip.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("stop_visit.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    what: Mapped[str] = mapped_column(doc="films, film-viewers, computers, gifts, gift-value.")
    quantity: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stop_count.id", ondelete="RESTRICT"), unique=True)
    counted_at: Mapped[datetime]


class VisitAct(Model):
    """An act was done at a visit of a stop: loans, tallies, everything. Its figures are those of these acts."""

    __tablename__ = "visit_act"
    __scope__ = "visit_id>stop_visit.trip_id>trip.library_id:library"

    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("stop_visit.id", ondelete="RESTRICT"), index=True)


class TripLoad(Model):
    """A copy was loaded for a trip; where it went stands in the ledger. `visit_id`: meant for a stop on the way."""

    __tablename__ = "trip_load"
    __table_args__ = (
        unique_where("uq_trip_load_aboard", "item_id", where="unloaded_at IS NULL AND NOT voided"),
        Index(None, "trip_id"),
        Index(None, "item_id"),
        Index(None, "loaded_by"),
    )
    __scope__ = "trip_id>trip.library_id:library"

    id: Mapped[Id]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("stop_visit.id", ondelete="RESTRICT"))
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    unloaded_at: Mapped[datetime | None]
    unloaded_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    how: Mapped[str | None] = mapped_column(doc="Unloaded: scan, count, closing.")
    voided: Mapped[bool] = mapped_column(default=False)


class TripLeg(Model):
    """A trip carries a leg of a rotation batch: its crates are aboard."""

    __tablename__ = "trip_leg"
    __scope__ = "trip_id>trip.library_id:library"

    leg_id: Mapped[int] = mapped_column(ForeignKey("rotation_leg.id", ondelete="RESTRICT"), primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"), index=True)
    visit_id: Mapped[int | None] = mapped_column(
        ForeignKey("stop_visit.id", ondelete="RESTRICT"), doc="Where it gets off or on."
    )
    crates: Mapped[dict[str, str]] = mapped_column(
        JSON, doc="Scanned aboard: a crate's number in the batch, and the uid of the act."
    )
    crates_off: Mapped[dict[str, str]] = mapped_column(JSON, doc="Scanned off again, the same way.")


class KitCheck(Model):
    """A thing of the kit went out with a trip, and came in again or did not."""

    __tablename__ = "kit_check"
    __table_args__ = (CheckConstraint("in_at IS NULL OR in_at >= out_at", name="in_after_out"),)
    __scope__ = "trip_id>trip.library_id:library"

    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"), primary_key=True)
    kit_id: Mapped[int] = mapped_column(ForeignKey("kit_item.id", ondelete="RESTRICT"), primary_key=True)
    out_quantity: Mapped[int]
    out_at: Mapped[datetime]
    out_by: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    in_quantity: Mapped[int | None]
    in_condition: Mapped[str | None] = mapped_column(doc="good, damaged, missing.")
    in_at: Mapped[datetime | None]
    in_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    note: Mapped[str | None]


class TripFile(Model):
    """A photo of a trip or of one visit; the signed paper form."""

    __tablename__ = "trip_file"
    __table_args__ = (Index(None, "trip_id"),)
    __scope__ = "trip_id>trip.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="RESTRICT"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("stop_visit.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(Key, info=files.KEY)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(doc="photo, signed, receipt.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    removed_at: Mapped[datetime | None]


class MobileSetting(Model):
    """A library's own numbers for trips; no row: the usual ones of `settings.USUAL`."""

    __tablename__ = "mobile_setting"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    crew_least: Mapped[int] = mapped_column(doc="People on a trip.")
    drivers_least: Mapped[int]
    librarians_least: Mapped[int]
    tile_address: Mapped[str | None] = mapped_column(
        doc="A server of map tiles, https://…/{z}/{x}/{y}.png; None: no tiles, the map works without."
    )
    tile_credit: Mapped[str | None]
    calendar_key: Mapped[str | None] = mapped_column(Key, doc="In the address of the .ics of the whole province.")
