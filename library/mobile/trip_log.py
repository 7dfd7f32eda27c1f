"""What the crew writes of a trip: when it left and came home, kilometres, fuel, what happened on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.holdings.models import Movement
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted
from library.mobile import loading, takeover, trip_states, trips
from library.mobile.errors import NotDone
from library.mobile.models import Trip, TripLeg, TripState, Vehicle
from library.mobile.trips import Log

KINDS = (loading.LOAD, loading.UNLOAD, takeover.KIND)
"""What is taken back on the pages of a trip's load."""
MOST_KM, MOST_LITRES, MOST_MONEY = 3_000_000, 2_000, 2_000_000_000


@dataclass(frozen=True)
class LogForm:
    """`to`: the state the trip comes to; None: only written down."""

    posted: Posted
    odometer_out: int | None
    odometer_in: int | None
    log: Log
    to: TripState | None

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = posting.posted_of(source, reader)
        out, home = (reader.number(name, 0, MOST_KM, required=False) for name in ("odometer_out", "odometer_in"))
        litres, cost = _litres(reader), _money(reader)
        incidents = reader.text("incidents", False, 4000) if "incidents" in source else None
        to = reader.choice("to", {one.value: one for one in TripState if one is not TripState.CANCELLED}, False)
        if out is not None and home is not None and home < out:
            reader.complain("odometer_in", "odometer", N_("Số km lúc về nhỏ hơn lúc đi."))
        reader.done()
        assert posted is not None
        return cls(posted, out, home, Log(None, litres, cost, incidents), to)

    @property
    def content(self) -> dict[str, Any]:
        told = (self.odometer_out, self.odometer_in, self.log.fuel_litres, self.log.cost, self.log.incidents, self.to)
        return {"log": [str(one) for one in told]}


def _litres(reader: Reader) -> float | None:
    """12,5 as well as 12.5."""
    text = reader.text("fuel_litres", False, 12).replace(",", ".")
    try:
        litres = float(text) if text else None
    except ValueError:
        litres = -1.0
    if litres is not None and not 0 <= litres <= MOST_LITRES:
        reader.complain("fuel_litres", "litres", N_("Số lít viết như 12,5."))
    return litres


def _money(reader: Reader) -> int | None:
    """350.000 as well as 350000."""
    text = reader.text("cost", False, 20).replace(".", "").replace(" ", "").removesuffix("đ")
    if text and not (text.isascii() and text.isdigit() and int(text) <= MOST_MONEY):
        reader.complain("cost", "money", N_("Số tiền viết như 350.000."))
        return None
    return int(text) if text else None


def write(session: Session, doing: Doing, trip: Trip, form: LogForm) -> None:
    """The trip comes to `form.to`, if it is not there already, with what was written down. Raises NotThatWay, NotDone."""
    if form.to is not None and form.to is not trip.state:
        before = form.odometer_out if form.odometer_out is not None else trip.odometer_out
        odometer = before if form.to is TripState.ON_ROAD else form.odometer_in
        trip.odometer_out = before
        log = Log(odometer, form.log.fuel_litres, form.log.cost, form.log.incidents)
        trips.advance(session, doing, trip, form.to, log)
    else:
        acts.write(session, doing, trips.STATE, doing.at or clock.now())
        _keep(trip, form)
    session.flush()


def _keep(trip: Trip, form: LogForm) -> None:
    out = form.odometer_out if form.odometer_out is not None else trip.odometer_out
    home = form.odometer_in if form.odometer_in is not None else trip.odometer_in
    if out is not None and home is not None and home < out:
        sentence = N_("Số km lúc về (%(in)s) nhỏ hơn lúc đi (%(out)s).")
        raise NotDone(Reason("odometer", sentence, {"in": home, "out": out}))
    trip.odometer_out, trip.odometer_in = out, home if trip.state is TripState.CLOSED else None
    trips.write_log(trip, form.log)


def is_of(session: Session, act: Act, trip: Trip) -> bool:
    """Whether the act loaded or unloaded this trip's vehicle, its crates, or changed the vehicle."""
    if act.kind not in KINDS:
        return False
    if act.id == trip.taken_over_by:
        return True
    legs = session.scalars(select(TripLeg).where(TripLeg.trip_id == trip.id)).all()
    if any(str(act.uid) in (*leg.crates.values(), *leg.crates_off.values()) for leg in legs):
        return True
    places = (trip.vehicle.aboard_id, trip.vehicle.depot_id)
    moved = select(Movement.id).where(Movement.act_id == act.id, Movement.place_id.in_(places)).limit(1)
    return act.kind != takeover.KIND and session.execute(moved).first() is not None


def next_(trip: Trip) -> TripState | None:
    """The one main button of the log: set out, or come home."""
    ways = [one for one in trip_states.onward(trip.state) if one in (TripState.ON_ROAD, TripState.CLOSED)]
    return ways[0] if ways else None


@dataclass(frozen=True)
class TakenOver:
    """`act`: taking it back gives the first vehicle its trip again; None once that cannot be."""

    vehicle: Vehicle
    act: UUID | None


def taken_over(session: Session, trip: Trip) -> TakenOver | None:
    if trip.taken_over_from is None:
        return None
    act = session.get(Act, trip.taken_over_by) if trip.taken_over_by else None
    still = act is not None and act.voided_by is None and trip.state in loading.GOING
    return TakenOver(session.get_one(Vehicle, trip.taken_over_from), act.uid if act and still else None)
