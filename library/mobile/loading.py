"""Books go on a vehicle and come off again: moves in the ledger, and a line that tells for which trip."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger
from library.holdings.models import Basis, Item, Place, Register, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans.happened import Shelving
from library.loans.models import Hold, Loan, still_out
from library.mobile import load_onward
from library.mobile.loading_rules import WHY, Facts, Verdict, verdict
from library.mobile.models import StopVisit, Trip, TripLoad, TripState, Vehicle, VisitState
from library.organisations.models import Organisation
from library.rotation.models import Batch, BatchLine

LOAD, UNLOAD = "load-van", "unload-van"
GOING = (TripState.PLANNED, TripState.LOADED, TripState.ON_ROAD)
LEFT_OUT = (VisitState.SKIPPED, VisitState.MOVED)


class TripIsOver(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("trip-over", N_("Chuyến này đã xong hoặc đã hủy nên không xếp sách nữa.")))


class NotOfThisTrip(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("not-of-this-trip", N_("Điểm dừng đó không thuộc chuyến này.")))


@dataclass(frozen=True)
class Loaded:
    """What came of it. `act_id` is None where nothing had to be written. `items` are aboard by this act, `already` were
    before; `returned`: of `items`, those whose loan ended because the book was in the hand; `onward`: of these, where they go
    that somebody waited for. `aboard`: copies now in the vehicle, `fits`: so many fit in."""

    act_id: int | None
    items: tuple[int, ...]
    already: tuple[int, ...] = ()
    refused: tuple[tuple[int, Reason], ...] = ()
    returned: tuple[int, ...] = ()
    aboard: int = 0
    fits: int | None = None
    onward: Mapping[int, Shelving] = field(default_factory=dict)

    @property
    def over(self) -> int:
        """So many more than fit in."""
        return max(self.aboard - self.fits, 0) if self.fits is not None else 0


@dataclass(frozen=True)
class Unloaded:
    """`items` stand in the depot by this act; `returned` and `onward` as of `Loaded`. `counted`: by hand, where somebody did."""

    act_id: int | None
    items: tuple[int, ...]
    counted: int | None = None
    returned: tuple[int, ...] = ()
    onward: Mapping[int, Shelving] = field(default_factory=dict)

    @property
    def short(self) -> int:
        return max(len(self.items) - self.counted, 0) if self.counted is not None else 0


def load(
    session: Session, doing: Doing, trip: Trip, item_ids: Iterable[int], visit: StopVisit | None = None,
    asserted: bool = False,
) -> Loaded:  # fmt: skip
    """These copies are in the vehicle now, for `visit` if one is named. Scanned one by one; `asserted`: somebody answers for
    a whole list from the depot, which ends no loan and leaves out what does not stand there. Raises TripIsOver.
    """
    check_going(trip)
    _check_visit(trip, visit)
    rows = _rows(session, trip, list(item_ids))
    told = [(row, verdict(row.facts(trip, held_up=not asserted))) for row in rows]
    good = [row for row, said in told if said is Verdict.LOAD]
    already = tuple(row.id for row, said in told if said is Verdict.ALREADY)
    refused = tuple((row.id, _reason(row, said, trip)) for row, said in told if said in WHY)
    refused = tuple(one for one in refused if one[1].code != Verdict.ALREADY)
    items, lent = tuple(row.id for row in good), load_onward.known(session, trip, (row.id for row in good if row.lent))
    act_id, at = _put_aboard(session, doing, trip, good, visit, asserted) if good else (None, clock.now())
    act = (act_id, doing.uid) if act_id is not None else None
    onward = load_onward.ask(session, doing, trip, lent, act, at, places(trip)) if act else {}
    returned = load_onward.ended(session, lent)
    aboard = count_aboard(session, trip.vehicle)
    return Loaded(act_id, items, already, refused, returned, aboard, trip.vehicle.copies, onward)


def unload(session: Session, doing: Doing, trip: Trip, item_ids: Iterable[int]) -> Unloaded:
    """These copies were scanned off the vehicle, back in its depot; their loans, if any, end by it."""
    uids = _locked(session, Item.id.in_(list(item_ids)))
    lent = load_onward.known(session, trip, load_onward.lent_of(session, uids))
    at = _moment(session, doing, list(uids))
    act = acts.write(session, doing, UNLOAD, at), doing.uid
    vehicle = trip.vehicle
    ledger.move(session, act, uids, (vehicle.depot_id, vehicle.depot.branch_id), Why.SHELVE, at)
    _end_lines(session, act[0], at, TripLoad.item_id.in_(list(uids)), "scan")
    onward = load_onward.ask(session, doing, trip, lent, act, at)
    return Unloaded(act[0], tuple(uids), returned=load_onward.ended(session, lent), onward=onward)


def unload_all(session: Session, doing: Doing, trip: Trip, counted: int | None = None) -> Unloaded:
    """Everything aboard goes back to the depot on somebody's word; `counted` is what they counted by hand."""
    vehicle = trip.vehicle
    uids = _locked(session, Item.place_id == vehicle.aboard_id)
    at = doing.at or clock.now()
    act = acts.write(session, doing, UNLOAD, at), doing.uid
    depot = vehicle.depot_id, vehicle.depot.branch_id
    moved = ledger.move(session, act, uids, depot, Why.RECEIVE, at, Basis.ASSERTION, at, expect=vehicle.aboard_id)
    _end_lines(session, act[0], at, TripLoad.item_id.in_(list(uids)), "count")
    gone = set(moved.elsewhere)
    return Unloaded(act[0], tuple(item for item in uids if item not in gone), counted)


def end_lines(session: Session, act_id: int, trip: Trip, at: datetime) -> int:
    """The trip is over: what is still on its list is no longer loaded for it, wherever the ledger says it is."""
    return _end_lines(session, act_id, at, TripLoad.trip_id == trip.id, "closing")


def reopen_lines(session: Session, trip: Trip, kind: str) -> None:
    """The trip is not over after all: what an act of `kind` took off its list is on it again, but for copies that were
    unloaded since or are on another list."""
    other = aliased(TripLoad)
    listed = exists().where(other.item_id == TripLoad.item_id, other.unloaded_at.is_(None), other.voided.is_(False))
    unloaded = exists().where(Item.id == TripLoad.item_id, Item.place_id == trip.vehicle.depot_id)
    by = TripLoad.unloaded_by.in_(select(Act.id).where(Act.kind == kind))
    ended = (TripLoad.trip_id == trip.id, TripLoad.how == "closing", TripLoad.voided.is_(False), by)
    again = update(TripLoad).where(*ended, ~listed, ~unloaded).values(unloaded_at=None, unloaded_by=None, how=None)
    session.execute(again, execution_options={"synchronize_session": False})


def places(trip: Trip) -> set[int]:
    """Of the stops it calls at."""
    return {one.stop.place_id for one in trip.visits if one.state not in LEFT_OUT}


def check_going(trip: Trip) -> None:
    """Raises TripIsOver."""
    if trip.state not in GOING:
        raise TripIsOver


def _check_visit(trip: Trip, visit: StopVisit | None) -> None:
    if visit is not None and (visit.trip_id != trip.id or visit.state in LEFT_OUT):
        raise NotOfThisTrip


def count_aboard(session: Session, vehicle: Vehicle) -> int:
    return session.scalar(select(func.count(Item.id)).where(Item.place_id == vehicle.aboard_id)) or 0


@dataclass(frozen=True)
class _Row:
    """A copy, locked. `kept_at`: the place where a reader it is kept for will fetch it; `list_trip`: on whose list it is."""

    id: int
    uid: UUID
    library_id: int
    library: str
    register: Register
    place_id: int
    lent: bool
    kept: bool
    kept_at: int | None
    batch: str | None
    list_trip: int | None

    def facts(self, trip: Trip, held_up: bool) -> Facts:
        vehicle = trip.vehicle
        stops = places(trip)
        return Facts(
            self.register, self.library_id == vehicle.library_id, self.batch is not None, self.kept,
            self.kept_at in stops, self.lent, self.place_id == vehicle.depot_id, self.place_id == vehicle.aboard_id,
            self.list_trip == trip.id, held_up,
        )  # fmt: skip


def _rows(session: Session, trip: Trip, ids: Sequence[int]) -> list[_Row]:
    """Locked in the order of their ids (one statement)."""
    lent = exists().where(Loan.item_id == Item.id, still_out())
    hold = aliased(Hold)
    kept = select(hold.place_id).where(hold.item_id == Item.id, hold.ended_at.is_(None)).scalar_subquery()
    is_kept = exists().where(hold.item_id == Item.id, hold.ended_at.is_(None))
    packed = (BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None), BatchLine.picked_at.is_not(None))
    batch = select(Batch.code).join(BatchLine, BatchLine.batch_id == Batch.id).where(*packed).scalar_subquery()
    on_list = (TripLoad.item_id == Item.id, TripLoad.unloaded_at.is_(None), TripLoad.voided.is_(False))
    listed = select(TripLoad.trip_id).where(*on_list).scalar_subquery()
    query = (
        select(
            Item.id, Item.uid, Item.library_id, Organisation.name, Item.register_status, Item.place_id, lent, is_kept,
            kept, batch, listed,
        )
        .join(Organisation, Organisation.id == Item.library_id)
        .where(Item.id.in_(ids), Organisation.network_id == (trip.library.network_id or trip.library_id))
        .order_by(Item.id)
        .with_for_update(of=Item, key_share=True)
    )  # fmt: skip
    return [_Row(*row) for row in session.execute(query)]


def _reason(row: _Row, said: Verdict, trip: Trip) -> Reason:
    return Reason(said.value, WHY[said], {"library": row.library, "batch": row.batch, "depot": trip.vehicle.depot.name})


def _put_aboard(
    session: Session, doing: Doing, trip: Trip, good: Sequence[_Row], visit: StopVisit | None, asserted: bool
) -> tuple[int, datetime]:
    ids = [row.id for row in good]
    at = _moment(session, doing, ids)
    act = acts.write(session, doing, LOAD, at), doing.uid
    vehicle = trip.vehicle
    aboard = vehicle.aboard_id, session.scalars(select(Place.branch_id).where(Place.id == vehicle.aboard_id)).one()
    uids = {row.id: row.uid for row in good}
    how: tuple[Any, ...] = (Why.RECEIVE, at, Basis.ASSERTION, at) if asserted else (Why.SHELVE, at)
    ledger.move(session, act, uids, aboard, *how)
    _end_lines(session, act[0], at, TripLoad.item_id.in_(ids), "closing")
    line = {"trip_id": trip.id, "visit_id": visit and visit.id, "loaded_at": at, "loaded_by": act[0], "voided": False}
    straight(session).execute(insert(table_of(TripLoad)), [{**line, "item_id": item} for item in ids])
    return act[0], at


def _end_lines(session: Session, act_id: int, at: datetime, which: Any, how: str) -> int:
    still = (TripLoad.unloaded_at.is_(None), TripLoad.voided.is_(False))
    ending = update(TripLoad).where(which, *still).values(unloaded_at=at, unloaded_by=act_id, how=how)
    done = session.execute(ending.returning(TripLoad.id), execution_options={"synchronize_session": False})
    return len(done.all())


def _locked(session: Session, which: Any) -> dict[int, UUID]:
    query = select(Item.id, Item.uid).where(which).order_by(Item.id).with_for_update(of=Item, key_share=True)
    return {row[0]: row[1] for row in session.execute(query)}


def _moment(session: Session, doing: Doing, ids: Sequence[int]) -> datetime:
    """Now, but after each of them was last seen; or when it happened, for what is told of later."""
    if doing.at is not None:
        return doing.at
    last = session.scalar(select(func.max(Item.seen_at)).where(Item.id.in_(ids)))
    return timing.live(clock.now(), last) if last else clock.now()
