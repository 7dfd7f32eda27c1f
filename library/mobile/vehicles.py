"""Vehicles: founded with a shelf aboard and a depot to load from, changed, retired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.holdings import places
from library.holdings.models import Item, Place, PlaceKind
from library.inbox.acts import Doing
from library.loans.models import Loan, still_out
from library.mobile import van_rule
from library.mobile.errors import NotDone
from library.mobile.models import StopVisit, Trip, TripState, Vehicle, VehicleKind, VisitAct
from library.organisations.models import Branch, Organisation

PATTERNS = 3
DEPOT = N_("Kho xe")
ABOARD = N_("Kệ trên %(name)s")


@dataclass(frozen=True)
class NewVehicle:
    """`branch` None: the library's first. `depot` None: the branch's depot of vehicles. `pattern` None: the next free."""

    name: str
    kind: VehicleKind = VehicleKind.CAR
    branch: Branch | None = None
    depot: Place | None = None
    plate: str = ""
    pattern: int | None = None
    copies: int | None = None
    crates: int | None = None
    seats: int | None = None
    has_power: bool = False
    has_internet: bool = False
    litres_per_100km: float | None = None
    from_on: date | None = None
    note: str = ""


def found(session: Session, doing: Doing, library: Organisation, new: NewVehicle) -> Vehicle:
    """The vehicle, with its shelf aboard apart from its depot. Raises NotDone for a name in use."""
    check_name(session, library.id, new.name)
    branch = new.branch or library.branches[0]
    aboard = _place(session, branch.id, PlaceKind.VEHICLE_SHELF, ABOARD % {"name": new.name})
    depot = new.depot or places.place_named(session, branch.id, DEPOT, PlaceKind.DEPOT)
    made = Vehicle(
        uid=clock.uuid7(), library_id=library.id, branch_id=branch.id, aboard_id=aboard.id, depot_id=depot.id,
        name=new.name, kind=new.kind, from_on=new.from_on or clock.day_of(doing.at or clock.now()),
    )  # fmt: skip
    write(made, new, new.pattern or _free_pattern(session, library.id))
    session.add(made)
    session.flush()
    van_rule.add(session, library.id)
    return made


def write(vehicle: Vehicle, said: NewVehicle, pattern: int) -> None:
    """What may be changed at any time; where it stands and what it is called are not among it."""
    vehicle.kind, vehicle.pattern = said.kind, pattern
    vehicle.plate, vehicle.note = said.plate or None, said.note or None
    vehicle.copies, vehicle.crates, vehicle.seats = said.copies, said.crates, said.seats
    vehicle.has_power, vehicle.has_internet = said.has_power, said.has_internet
    vehicle.litres_per_100km = said.litres_per_100km


def change(session: Session, vehicle: Vehicle, said: NewVehicle) -> None:
    """Raises NotDone for another vehicle's name."""
    check_name(session, vehicle.library_id, said.name, but_of=vehicle.id)
    vehicle.name = said.name
    write(vehicle, said, said.pattern or vehicle.pattern)
    session.flush()


def retire(session: Session, vehicle: Vehicle, on: date) -> None:
    """It goes on no trip after that day. Raises NotDone while trips are planned or books are aboard."""
    ahead = select(func.count()).where(
        Trip.vehicle_id == vehicle.id, Trip.state.in_((TripState.PLANNED, TripState.LOADED, TripState.ON_ROAD))
    )
    if trips := session.scalar(ahead):
        sentence = N_("Xe còn %(count)s chuyến chưa đi xong. Hủy hoặc giao xe khác trước.")
        raise NotDone.because("trips-ahead", sentence, count=trips)
    if copies := session.scalar(select(func.count()).where(Item.place_id == vehicle.aboard_id)):
        raise NotDone.because("loaded", N_("Trên xe còn %(count)s cuốn. Dỡ xuống kho trước."), count=copies)
    if on < vehicle.from_on:
        raise NotDone.because("before-it-came", N_("Ngày thôi dùng phải sau ngày bắt đầu dùng xe."))
    vehicle.to_on = on
    session.flush()


def with_readers(session: Session, vehicle: Vehicle) -> int:
    """Copies lent at its stops that readers still have."""
    acts = select(VisitAct.act_id).join(StopVisit, StopVisit.id == VisitAct.visit_id)
    acts = acts.join(Trip, Trip.id == StopVisit.trip_id).where(Trip.vehicle_id == vehicle.id)
    return session.scalar(select(func.count()).select_from(Loan).where(still_out(), Loan.act_id.in_(acts))) or 0


def use_again(session: Session, vehicle: Vehicle) -> None:
    vehicle.to_on = None
    session.flush()


def of_library(session: Session, library_id: int) -> Sequence[Vehicle]:
    """Retired ones last."""
    query = select(Vehicle).where(Vehicle.library_id == library_id)
    return session.scalars(query.order_by(Vehicle.to_on.is_not(None), Vehicle.id)).all()


def loaded(session: Session, vehicles: Sequence[Vehicle]) -> dict[int, int]:
    """By vehicle: copies aboard now (one statement)."""
    query = select(Item.place_id, func.count()).where(Item.place_id.in_([one.aboard_id for one in vehicles]))
    counts = {place: count for place, count in session.execute(query.group_by(Item.place_id))}  # noqa: C416 - typed rows
    return {one.id: counts.get(one.aboard_id, 0) for one in vehicles}


def open_of(session: Session, library_id: int) -> list[Vehicle]:
    """Those in use today."""
    today = clock.today()
    return [one for one in of_library(session, library_id) if one.to_on is None or one.to_on >= today]


def check_name(session: Session, library_id: int, name: str, but_of: int | None = None) -> None:
    """Here and not in the database: SQLite knows the small letters of ASCII only."""
    query = select(Vehicle.id, Vehicle.name).where(Vehicle.library_id == library_id)
    if any(named.casefold() == name.casefold() and id_ != but_of for id_, named in session.execute(query)):
        raise NotDone.because("name-taken", N_("Đã có xe tên “%(name)s”. Đặt tên khác."), name=name)


def _place(session: Session, branch_id: int, kind: PlaceKind, name: str) -> Place:
    """A place of its own, whatever else is called so."""
    taken = set(session.scalars(select(Place.name).where(Place.branch_id == branch_id)))
    free = next(one for one in (name, *(f"{name} ({number})" for number in range(2, 1000))) if one not in taken)
    return places.place_named(session, branch_id, free, kind)


def _free_pattern(session: Session, library_id: int) -> int:
    used = list(session.scalars(select(Vehicle.pattern).where(Vehicle.library_id == library_id)))
    return min(range(1, PATTERNS + 1), key=lambda one: (used.count(one), one))
