"""Crates of rotation batches that a trip carries: scanned on, scanned off, for which stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile.loading import GOING, LEFT_OUT, LOAD, UNLOAD, check_going
from library.mobile.models import StopVisit, Trip, TripLeg
from library.rotation import crates
from library.rotation.models import Batch, BatchLine, Crate, Leg


@dataclass(frozen=True)
class CrateCame:
    """What came of a scan of a crate's label. `act`: whether something was written. `on`, `all`: crates of the batch that
    are aboard, and that there are. `why`: it stays where it is, or something is to be minded."""

    crate: Crate
    batch: Batch
    leg: Leg | None
    written: bool
    on: int = 0
    all: int = 0
    visit: StopVisit | None = None
    why: Reason | None = None


@dataclass(frozen=True)
class Carried:
    """A leg on this trip: `on` and `off` are numbers of crates."""

    leg: Leg
    batch: Batch
    visit: StopVisit | None
    on: tuple[int, ...]
    off: tuple[int, ...]
    all: int
    copies: int

    @property
    def missing(self) -> int:
        return self.all - len(self.on)


def put_on(session: Session, doing: Doing, trip: Trip, crate: Crate) -> CrateCame:
    """The crate is in the vehicle. Its books stay where the batch says; only the crate is written down. Raises TripIsOver."""
    check_going(trip)
    batch, leg = session.get_one(Batch, crate.batch_id), _leg_of(session, crate.batch_id)
    if leg is None:
        return CrateCame(crate, batch, None, False, why=_no_leg(crate, batch))
    carried = _carried(session, trip, leg)
    if isinstance(carried, Reason):
        return CrateCame(crate, batch, leg, False, why=carried)
    number = str(crate.number)
    if number in carried.crates and number not in carried.crates_off:
        return _told(session, crate, batch, leg, carried, False, _twice(crate, batch))
    acts.write(session, doing, LOAD, doing.at or clock.now())
    carried.crates = {**carried.crates, number: str(doing.uid)}
    carried.crates_off = {one: by for one, by in carried.crates_off.items() if one != number}
    session.flush()
    return _told(session, crate, batch, leg, carried, True, _minded(crate, leg))


def take_off(session: Session, doing: Doing, trip: Trip, crate: Crate) -> CrateCame:
    """The crate is out of the vehicle."""
    batch = session.get_one(Batch, crate.batch_id)
    carried = session.scalar(
        select(TripLeg).join(Leg, Leg.id == TripLeg.leg_id).where(TripLeg.trip_id == trip.id, Leg.batch_id == batch.id)
    )
    number = str(crate.number)
    if carried is None or number not in carried.crates:
        sentence = N_("Thùng %(number)s của đợt %(batch)s chưa quét lên chuyến này.")
        return CrateCame(crate, batch, None, False, why=_reason("crate-not-aboard", sentence, crate, batch))
    leg = session.get_one(Leg, carried.leg_id)
    if number in carried.crates_off:
        sentence = N_("Thùng %(number)s của đợt %(batch)s đã quét xuống rồi.")
        return _told(session, crate, batch, leg, carried, False, _reason("crate-off", sentence, crate, batch))
    acts.write(session, doing, UNLOAD, doing.at or clock.now())
    carried.crates_off = {**carried.crates_off, number: str(doing.uid)}
    session.flush()
    return _told(session, crate, batch, leg, carried, True, None)


def of_trip(session: Session, trip: Trip) -> list[Carried]:
    """In the order of the stops."""
    rows = session.scalars(select(TripLeg).where(TripLeg.trip_id == trip.id)).all()
    found = [_shown(session, one) for one in rows]
    return sorted(found, key=lambda one: (one.visit.number if one.visit else 0, one.batch.code))


def _shown(session: Session, one: TripLeg) -> Carried:
    leg = session.get_one(Leg, one.leg_id)
    batch = session.get_one(Batch, leg.batch_id)
    visit = session.get(StopVisit, one.visit_id) if one.visit_id else None
    count = _count(session, batch.id)
    open_lines = (BatchLine.batch_id == batch.id, BatchLine.crate_id.is_not(None))
    copies = session.scalar(select(func.count(BatchLine.id)).where(*open_lines)) or 0
    return Carried(leg, batch, visit, _numbers(one.crates), _numbers(one.crates_off), count, copies)


def _numbers(of: dict[str, str]) -> tuple[int, ...]:
    return tuple(sorted(int(one) for one in of))


def _leg_of(session: Session, batch_id: int) -> Leg | None:
    """Where its crates are going: the first leg that has not arrived and was not called off."""
    query = select(Leg).where(Leg.batch_id == batch_id, Leg.received_at.is_(None), Leg.cancelled_at.is_(None))
    return session.scalars(query.order_by(Leg.number).limit(1)).first()


def _carried(session: Session, trip: Trip, leg: Leg) -> TripLeg | Reason:
    found = session.get(TripLeg, leg.id)
    if found is None:
        visit = _visit_of(trip, leg)
        found = TripLeg(leg_id=leg.id, trip_id=trip.id, visit_id=visit and visit.id, crates={}, crates_off={})
        session.add(found)
        return found
    if found.trip_id == trip.id:
        return found
    other = session.get_one(Trip, found.trip_id)
    if not _is_free(found, other):
        sentence = N_("Đợt này đang đi với chuyến ngày %(day)s.")
        return Reason("another-trip", sentence, {"day": f"{other.day:%d/%m/%Y}"})
    _hand_over(found, trip, leg)
    return found


def _is_free(carried: TripLeg, by: Trip) -> bool:
    """The trip it was put on does not go or has come home, or everything was taken off again."""
    return by.state not in GOING or set(carried.crates) <= set(carried.crates_off)


def _hand_over(carried: TripLeg, trip: Trip, leg: Leg) -> None:
    """Another trip carries the leg: its crates are scanned anew, nobody knows where they were meanwhile."""
    visit = _visit_of(trip, leg)
    carried.trip_id, carried.visit_id = trip.id, visit.id if visit else None
    carried.crates, carried.crates_off = {}, {}


def _visit_of(trip: Trip, leg: Leg) -> StopVisit | None:
    """The stop that stands where the leg ends, or where it begins when it goes home."""
    sites: Sequence[int | None] = (leg.to_site_id, leg.from_site_id)
    standing = [one for one in trip.visits if one.state not in LEFT_OUT]
    return next((one for site in sites if site for one in standing if one.stop.site_id == site), None)


def _told(
    session: Session, crate: Crate, batch: Batch, leg: Leg, carried: TripLeg, written: bool, why: Reason | None
) -> CrateCame:
    visit = session.get(StopVisit, carried.visit_id) if carried.visit_id else None
    on = len(carried.crates) - len(carried.crates_off)
    return CrateCame(crate, batch, leg, written, on, _count(session, batch.id), visit, why)


def _count(session: Session, batch_id: int) -> int:
    return session.scalar(select(func.count(Crate.id)).where(Crate.batch_id == batch_id)) or 0


def _minded(crate: Crate, leg: Leg) -> Reason | None:
    if not crates.is_sealed(crate):
        return Reason("unsealed", N_("Thùng này chưa niêm phong, hoặc niêm phong đã mở."))
    if leg.sent_at is None:
        return Reason("not-sent", N_("Đợt này chưa ký giao. Ký giao trước khi xe đi."))
    return None


def _twice(crate: Crate, batch: Batch) -> Reason:
    return _reason("crate-twice", N_("Thùng %(number)s của đợt %(batch)s đã quét lên xe rồi."), crate, batch)


def _no_leg(crate: Crate, batch: Batch) -> Reason:
    return _reason("no-leg", N_("Thùng %(number)s của đợt %(batch)s không còn chặng nào phải đi."), crate, batch)


def _reason(code: str, sentence: str, crate: Crate, batch: Batch) -> Reason:
    return Reason(code, sentence, {"number": crate.number, "batch": batch.code})
