"""A vehicle cannot go on: another takes over its trip, with the books that were aboard."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger
from library.holdings.models import Basis, Item, Place, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile.loading import check_going
from library.mobile.models import Trip, TripState, Vehicle

KIND = "take-over-trip"


class CannotTakeOver(Refused):
    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class TakenOver:
    """`items` are aboard the other vehicle now; `too_many`: so many more than fit in."""

    act_id: int
    items: tuple[int, ...]
    too_many: int = 0


def take_over(session: Session, doing: Doing, trip: Trip, vehicle: Vehicle) -> TakenOver:
    """The trip goes on with `vehicle`; what is aboard the first moves over on the crew's word, its loans go on.

    Raises TripIsOver, CannotTakeOver.
    """
    check_going(trip)
    _check(session, trip, vehicle)
    at, before = doing.at or clock.now(), trip.vehicle
    act = acts.write(session, doing, KIND, at), doing.uid
    there = select(Item.id, Item.uid).where(Item.place_id == before.aboard_id).order_by(Item.id)
    uids = {row[0]: row[1] for row in session.execute(there.with_for_update(of=Item, key_share=True))}
    to = vehicle.aboard_id, session.scalars(select(Place.branch_id).where(Place.id == vehicle.aboard_id)).one()
    if uids:
        ledger.move(session, act, uids, to, Why.RECEIVE, at, Basis.ASSERTION, at, expect=before.aboard_id)
    trip.taken_over_from, trip.taken_over_by, trip.vehicle_id = before.id, act[0], vehicle.id
    trip.sequence += 1
    session.flush()
    session.refresh(trip)
    return TakenOver(act[0], tuple(uids), max(len(uids) - vehicle.copies, 0) if vehicle.copies is not None else 0)


def of_library(session: Session, trip: Trip) -> list[Vehicle]:
    """The other vehicles, by name."""
    query = select(Vehicle).where(Vehicle.library_id == trip.library_id, Vehicle.id != trip.vehicle_id)
    return list(session.scalars(query.order_by(Vehicle.name)))


def may_take_over(session: Session, trip: Trip) -> list[Vehicle]:
    """Those of them that run that day and are free."""
    running = [one for one in of_library(session, trip) if _runs(trip, one)]
    return [one for one in running if not _busy(session, trip, one)]


def _runs(trip: Trip, vehicle: Vehicle) -> bool:
    return vehicle.from_on <= trip.day and (vehicle.to_on is None or vehicle.to_on >= trip.day)


def _check(session: Session, trip: Trip, vehicle: Vehicle) -> None:
    name = vehicle.name
    if vehicle.id == trip.vehicle_id or vehicle.library_id != trip.library_id:
        raise CannotTakeOver("same-vehicle", N_("Chọn một xe khác của thư viện."))
    if trip.taken_over_from is not None:
        raise CannotTakeOver("taken-over", N_("Chuyến này đã chuyển xe một lần. Hoàn tác lần ấy rồi chuyển lại."))
    if not _runs(trip, vehicle):
        raise CannotTakeOver("not-running", N_("%(vehicle)s không chạy ngày này."), vehicle=name)
    if _busy(session, trip, vehicle):
        raise CannotTakeOver("busy", N_("%(vehicle)s đang đi chuyến khác trong ngày."), vehicle=name)


def _busy(session: Session, trip: Trip, vehicle: Vehicle) -> bool:
    """On the road with another trip that day, at hours that meet."""
    other = (Trip.vehicle_id == vehicle.id, Trip.day == trip.day, Trip.id != trip.id)
    going = Trip.state.in_((TripState.PLANNED, TripState.LOADED, TripState.ON_ROAD))
    meets = (Trip.leaves_at < trip.back_at, Trip.back_at > trip.leaves_at)
    return session.execute(select(Trip.id).where(*other, going, *meets).limit(1)).first() is not None
