"""Taking back what was done at a stop or with a vehicle's load: one door, whatever the act wrote."""

from collections.abc import Callable
from uuid import UUID, uuid5

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.loans.deeds import RestsOnIt
from library.mobile import at_stop, loading, takeover, trips
from library.mobile.at_stop import NotSo
from library.mobile.models import StopCount, StopVisit, Trip, TripLeg, TripLoad, TripState, VisitAct, VisitState
from library.uses import counting

KINDS = frozenset({
    at_stop.OPEN, at_stop.COUNT, at_stop.CLOSE, loading.LOAD, loading.UNLOAD, takeover.KIND, "lend", "take-in", "renew",
})  # fmt: skip
"""What is taken back here."""


class VisitIsSigned(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("visit-closed", N_("Điểm dừng này đã đóng. Hoàn tác việc đóng trước.")))


def undo(session: Session, doing: Doing, act: Act) -> int:
    """Void `act` and everything it wrote; the voiding act's id. Raises RestsOnIt, AlreadyUndone, VisitIsSigned, NotSo."""
    if act.kind not in KINDS:
        raise LookupError(act.kind)
    _check_nothing_rests(session, act)
    voiding = deeds.undo(session, doing, act)
    for also in ALSO:
        also(session, act, voiding)
    session.flush()
    return voiding


def _check_nothing_rests(session: Session, act: Act) -> None:
    _check_opening(session, act)
    _check_signed(session, act)
    _check_closing(session, act)
    if later := _loaded_since(session, act):
        raise RestsOnIt(later)


def _check_opening(session: Session, act: Act) -> None:
    """An opening carries all that was done at the stop; a closing was signed for."""
    visit = session.scalar(select(StopVisit).where(StopVisit.opened_by == act.id))
    if visit is not None and (later := _done_at(session, visit)):
        raise RestsOnIt(later)
    if visit is not None and visit.state is VisitState.CLOSED:
        raise VisitIsSigned


def _check_signed(session: Session, act: Act) -> None:
    """What the school signed for does not change in silence."""
    query = select(StopVisit.id).join(VisitAct, VisitAct.visit_id == StopVisit.id).where(VisitAct.act_id == act.id)
    signed = (StopVisit.state == VisitState.CLOSED, StopVisit.signed_at.is_not(None))
    if session.execute(query.where(*signed)).first():
        raise VisitIsSigned


def _check_closing(session: Session, act: Act) -> None:
    """A vehicle stands at one stop at a time, and at none once it is home."""
    visit = session.scalar(select(StopVisit).where(StopVisit.closed_by == act.id))
    if visit is None:
        return
    trips.lock(session, visit.trip_id)
    if visit.trip.state not in loading.GOING:
        raise NotSo("trip-over", N_("Chuyến này đã về. Đưa chuyến lại bước “đang đi” trước."))
    if other := at_stop.other_open(session, visit):
        raise NotSo("another-open", N_("Điểm %(name)s còn mở. Đóng điểm ấy trước."), name=other.stop.name)


def _loaded_since(session: Session, act: Act) -> list[Act]:
    """Acts that loaded anew what `act` took off a list: a copy is on one list at a time."""
    ended = select(TripLoad.item_id).where(TripLoad.unloaded_by == act.id, TripLoad.voided.is_(False))
    still = (TripLoad.unloaded_at.is_(None), TripLoad.voided.is_(False), TripLoad.loaded_by != act.id)
    newer = select(TripLoad.loaded_by).where(TripLoad.item_id.in_(ended), *still)
    return list(session.scalars(select(Act).where(Act.id.in_(newer)).order_by(Act.id)))


def _done_at(session: Session, visit: StopVisit) -> list[Act]:
    mine = select(VisitAct.act_id).where(VisitAct.visit_id == visit.id)
    query = select(Act).where(Act.id.in_(mine), Act.voided_by.is_(None)).order_by(Act.id)
    return list(session.scalars(query))


def _uses(session: Session, act: Act, voiding: int) -> None:
    counting.undo(session, act.id)


def _counts(session: Session, act: Act, voiding: int) -> None:
    """Rows of the opposite, of the same act: what was known yesterday stays knowable."""
    back = aliased(StopCount)
    standing = ~select(back.id).where(back.reverses_id == StopCount.id).exists()
    rows = session.scalars(select(StopCount).where(StopCount.act_id == act.id, StopCount.quantity > 0, standing)).all()
    for row in rows:
        session.execute(insert(StopCount).values(
            uid=uuid5(row.uid, "back"), visit_id=row.visit_id, act_id=row.act_id, what=row.what, quantity=-row.quantity,
            reverses_id=row.id, counted_at=clock.now(),
        ))  # fmt: skip


def _opening(session: Session, act: Act, voiding: int) -> None:
    visit = session.scalar(select(StopVisit).where(StopVisit.opened_by == act.id))
    if visit is None:
        return
    trip, at = visit.trip, visit.opened_at
    visit.state, visit.opened_at, visit.opened_by, visit.typed_in = VisitState.PLANNED, None, None, False
    if trip.state is TripState.ON_ROAD and trip.out_at == at:  # it set out by this very tap
        trip.state, trip.out_at = _before(session, trip), None


def _before(session: Session, trip: Trip) -> TripState:
    lines = (TripLoad.trip_id == trip.id, TripLoad.voided.is_(False), TripLoad.unloaded_at.is_(None))
    loaded = session.execute(select(TripLoad.id).where(*lines).limit(1)).first()
    return TripState.LOADED if loaded else TripState.PLANNED


def _closing(session: Session, act: Act, voiding: int) -> None:
    """Open again, unsigned."""
    visit = session.scalar(select(StopVisit).where(StopVisit.closed_by == act.id))
    if visit is not None:
        visit.state, visit.closed_at, visit.closed_by = VisitState.OPEN, None, None
        visit.signed_name = visit.signed_title = visit.signed_at = None


def _lines(session: Session, act: Act, voiding: int) -> None:
    """What the act loaded was not loaded; what it ended goes on. First void, then open: a copy is on one list at a time."""
    quietly = {"synchronize_session": False}
    session.execute(update(TripLoad).where(TripLoad.loaded_by == act.id).values(voided=True), execution_options=quietly)
    ended = update(TripLoad).where(TripLoad.unloaded_by == act.id, TripLoad.voided.is_(False))
    session.execute(ended.values(unloaded_at=None, unloaded_by=None, how=None), execution_options=quietly)


def _crates(session: Session, act: Act, voiding: int) -> None:
    """Crates that the act put aboard or took off; a leg of which none was put aboard is not carried."""
    if act.kind not in (loading.LOAD, loading.UNLOAD):
        return
    said, going = str(act.uid), select(Trip.id).where(Trip.state.in_(loading.GOING))
    for leg in session.scalars(select(TripLeg).where(TripLeg.trip_id.in_(going))).all():
        kept = {number: by for number, by in leg.crates.items() if by != said}
        if leg.crates and not kept:
            session.delete(leg)
        leg.crates, leg.crates_off = kept, {number: by for number, by in leg.crates_off.items() if by != said}


def _take_over(session: Session, act: Act, voiding: int) -> None:
    """The trip is the first vehicle's again."""
    if act.kind != takeover.KIND:
        return
    trip = session.scalar(select(Trip).where(Trip.taken_over_by == act.id))
    if trip is not None and trip.taken_over_from is not None:
        trip.vehicle_id, trip.taken_over_from, trip.taken_over_by = trip.taken_over_from, None, None
        trip.sequence += 1


Also = Callable[[Session, Act, int], None]
ALSO: list[Also] = [_uses, _counts, _opening, _closing, _lines, _crates, _take_over]
"""Told of a voided act, in this order: each takes back the rows that only it knows."""


def last_count(session: Session, visit: StopVisit, actor: UUID | None) -> Act | None:
    """The latest touch of this account at this visit that still counts (one statement). A card that was made is none."""
    query = select(Act).join(VisitAct, VisitAct.act_id == Act.id).where(VisitAct.visit_id == visit.id)
    card = exists().where(StopCount.act_id == Act.id, StopCount.what == "new-cards")
    mine = query.where(Act.kind == at_stop.COUNT, Act.actor == actor, Act.voided_by.is_(None), ~card)
    return session.scalars(mine.order_by(Act.id.desc()).limit(1)).first()
