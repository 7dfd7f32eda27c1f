"""Stops: founded with a place of their own and a code to print, changed, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.holdings import places
from library.holdings.models import Place, PlaceKind
from library.inbox.acts import Doing
from library.labels import signs
from library.loans.models import Hold, Loan, still_out
from library.mobile.errors import NotDone
from library.mobile.models import Stop, StopVisit, Trip, TripState, Vehicle, VisitState
from library.organisations.models import Branch, Code, CodeKind, Organisation
from library.rotation.models import Site

USUAL_MINUTES = 90


@dataclass(frozen=True)
class NewStop:
    """`branch` None: where the library's vehicles are stationed. `readers_of`: the school's branch; None: anybody.
    Degrees: both or none."""

    name: str
    branch: Branch | None = None
    readers_of: Branch | None = None
    site: Site | None = None
    address: str = ""
    commune_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contact_name: str = ""
    contact_phone: str = ""
    parking: str = ""
    has_power: bool = False
    has_signal: bool = False
    minutes: int = USUAL_MINUTES
    pupils: int | None = None
    from_on: date | None = None
    note: str = ""


def found(session: Session, doing: Doing, library: Organisation, new: NewStop) -> Stop:
    """A stop that opens on the days of its visits, with a code for its sheet. Raises NotDone for a name in use."""
    check_name(session, library.id, new.name)
    at = doing.at or clock.now()
    branch_id = new.branch.id if new.branch else _station(session, library)
    code = _code(session, library, new.name, at)
    made = Stop(
        uid=clock.uuid7(), library_id=library.id, place_id=_place(session, branch_id, new.name).id, code_id=code.id,
        name=new.name, from_on=new.from_on or clock.day_of(at),
    )  # fmt: skip
    _write(made, new)
    session.add(made)
    session.flush()
    return made


def _write(stop: Stop, said: NewStop) -> None:
    stop.site_id = said.site.id if said.site else None
    stop.readers_of_id = said.readers_of.id if said.readers_of else None
    stop.address, stop.commune_code = said.address or None, said.commune_code or None
    stop.latitude, stop.longitude = said.latitude, said.longitude
    stop.contact_name, stop.contact_phone = said.contact_name or None, said.contact_phone or None
    stop.parking, stop.note = said.parking or None, said.note or None
    stop.has_power, stop.has_signal = said.has_power, said.has_signal
    stop.minutes, stop.pupils = said.minutes, said.pupils


def _station(session: Session, library: Organisation) -> int:
    """The branch of the library's first vehicle, else its own first."""
    query = select(Vehicle.branch_id).where(Vehicle.library_id == library.id).order_by(Vehicle.id).limit(1)
    return session.scalar(query) or library.branches[0].id


def _place(session: Session, branch_id: int, name: str) -> Place:
    taken = set(session.scalars(select(Place.name).where(Place.branch_id == branch_id)))
    free = next(one for one in (name, *(f"{name} ({number})" for number in range(2, 1000))) if one not in taken)
    return places.place_named(session, branch_id, free, PlaceKind.STOP)


def _code(session: Session, library: Organisation, name: str, at: Any) -> Code:
    (payload,) = signs.add_named(session, library, CodeKind.STOP, [name], at)
    mine = select(Code).where(Code.printed == payload, Code.kind == CodeKind.STOP, Code.issuer_id == library.id)
    return session.scalars(mine).one()


def change(session: Session, stop: Stop, said: NewStop) -> None:
    """Raises NotDone for another stop's name."""
    check_name(session, stop.library_id, said.name, but_of=stop.id)
    stop.name = said.name
    _write(stop, said)
    session.flush()


def close(session: Session, stop: Stop, on: date) -> None:
    """No visit after that day. Raises NotDone while a visit is planned, or readers have books to bring back there."""
    if ahead := session.scalar(select(func.count()).where(StopVisit.stop_id == stop.id, ahead_of(on))):
        sentence = N_("Sau ngày ấy còn %(count)s lần xe đến. Bỏ hoặc dời các lần ấy trước.")
        raise NotDone.because("visits-ahead", sentence, count=ahead)
    if readers := _with_readers(session, stop):
        sentence = N_("Bạn đọc ở điểm này còn giữ %(count)s cuốn, chưa có chỗ trả. Chờ trả hết rồi đóng.")
        raise NotDone.because("books-out", sentence, count=readers)
    if on < stop.from_on:
        raise NotDone.because("before-it-began", N_("Ngày đóng phải sau ngày mở điểm dừng."))
    stop.closed_on = stop.place.closed_on = on
    session.flush()


def _with_readers(session: Session, stop: Stop) -> int:
    lent = select(func.count()).select_from(Loan).where(still_out(), Loan.place_id == stop.place_id)
    kept = select(func.count()).where(Hold.ended_at.is_(None), Hold.place_id == stop.place_id)
    return (session.scalar(lent) or 0) + (session.scalar(kept) or 0)


def reopen(session: Session, stop: Stop) -> None:
    stop.closed_on = stop.place.closed_on = None
    session.flush()


def ahead_of(on: date) -> ColumnElement[bool]:
    """The WHERE for visits after `on` that are still to come."""
    going = select(Trip.id).where(Trip.state != TripState.CANCELLED)
    standing = StopVisit.state.in_((VisitState.PLANNED, VisitState.OPEN))
    return standing & (StopVisit.day > on) & StopVisit.trip_id.in_(going)


def of_library(session: Session, library_id: int) -> Sequence[Stop]:
    """Closed ones last."""
    query = select(Stop).where(Stop.library_id == library_id)
    found = session.scalars(query).all()
    return sorted(found, key=lambda one: (one.closed_on is not None, one.name.casefold()))


def open_of(session: Session, library_id: int) -> list[Stop]:
    today = clock.today()
    return [one for one in of_library(session, library_id) if one.closed_on is None or one.closed_on >= today]


def check_name(session: Session, library_id: int, name: str, but_of: int | None = None) -> None:
    query = select(Stop.id, Stop.name).where(Stop.library_id == library_id)
    if any(named.casefold() == name.casefold() and id_ != but_of for id_, named in session.execute(query)):
        raise NotDone.because("name-taken", N_("Đã có điểm dừng tên “%(name)s”. Thêm tên thôn hay xã."), name=name)
