"""What is due at a stop is due when the vehicle comes: whatever else a day was told for goes to the next visit.

One door for it: visits that are left out or moved, trips that are planned, changes that are undone, and the night.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars.openings import calendar_of
from library.core import clock
from library.core.errors import N_
from library.inbox.acts import Doing
from library.jobs.nights import nightly
from library.loans import closing_places
from library.loans.models import DueShift
from library.mobile import openings_of
from library.mobile.models import ChangeShift, Stop, StopVisit, VisitChange, VisitState
from library.mobile.visit_states import STANDING

PLANNED, NIGHT = "xe có lịch đến mới", "hạn trả không trùng ngày xe đến"
Shifted = tuple[DueShift, int]
"""A shift, and how many dates it moved."""


def lost(session: Session, doing: Doing, stop: Stop, days: Collection[date], why: str) -> list[Shifted]:
    """The vehicle does not come on these days any more; the openings say so already. All else that is due on a day
    without a visit goes with it."""
    told = _told(session, stop.id) - set(days)
    calendar = calendar_of(session, stop.place.branch_id, min([clock.today(), *days]), stop.place_id)
    more = closing_places.astray(session, [stop.place_id]).get(stop.place_id, set())
    more = {day for day in more if openings_of.next_after(session, stop, day)}
    found = closing_places.spans(calendar, {*days, *more}, told)
    return [_shift(session, doing, stop, first, last, why) for first, last in found]


def settle(session: Session, doing: Doing, stops: Iterable[Stop], why: str) -> int:
    """All that is due at these stops on a day without a visit, if another one is known; how many dates were moved. One
    statement where there is nothing. It goes back with the change that took the day away."""
    of = {stop.place_id: stop for stop in stops}
    found = closing_places.astray(session, list(of))
    return sum(_settle(session, doing, of[place], found[place], why) for place in sorted(found))


def _settle(session: Session, doing: Doing, stop: Stop, days: Iterable[date], why: str) -> int:
    count = 0
    for day in sorted(set(days) - _told(session, stop.id)):
        if openings_of.next_after(session, stop, day):
            made, moved = _shift(session, doing, stop, day, day, why)
            _belongs(session, stop, day, made)
            count += moved
    return count


def _shift(session: Session, doing: Doing, stop: Stop, first: date, last: date, why: str) -> Shifted:
    """Of the same act, in the name of one stop and day: a device numbers the act itself only."""
    own = replace(doing, uid=uuid5(doing.uid, f"{stop.uid} {first}"), device=None, number=None, raw_at=None)
    where = (stop.library_id, stop.place.branch_id, stop.place_id)
    return closing_places.shift(session, own, where, first, last, why)


def _told(session: Session, stop_id: int) -> set[date]:
    """Days of visits that were moved to an earlier day and stand there, however often they were moved."""
    query = select(StopVisit.id, StopVisit.day, StopVisit.state, StopVisit.moved_to_id)
    visits = {row.id: row for row in session.execute(query.where(StopVisit.stop_id == stop_id))}
    found = set()
    for visit in visits.values():
        at = visit
        while at.state is VisitState.MOVED and at.moved_to_id in visits:
            at = visits[at.moved_to_id]
        if at is not visit and at.state in STANDING and at.day <= visit.day:
            found.add(visit.day)
    return found


def _belongs(session: Session, stop: Stop, day: date, made: DueShift) -> None:
    """To the last change that took the day away, if any: who undoes that finds the dates as they were."""
    off = StopVisit.state.in_((VisitState.SKIPPED, VisitState.MOVED))
    taken = select(StopVisit.changed_by).where(StopVisit.stop_id == stop.id, StopVisit.day == day, off)
    query = select(VisitChange.id).where(VisitChange.act_id.in_(taken), VisitChange.undone_at.is_(None))
    change = session.scalar(query.order_by(VisitChange.id.desc()).limit(1))
    if change is not None:
        session.add(ChangeShift(change_id=change, shift_id=made.id))
        session.flush()


@nightly("stops-due-dates", N_("Dời hạn trả ở điểm dừng về ngày xe đến"))
def catch_up(session: Session, day: date) -> tuple[int, bool]:
    """What was lent by the old days while a change came; one stop at a time."""
    stops = _by_place(session.scalars(select(Stop).order_by(Stop.id)).all())
    found = closing_places.astray(session, list(stops))
    for place in sorted(found):
        doing = Doing.now(branch_id=stops[place].place.branch_id)
        if count := _settle(session, doing, stops[place], found[place], NIGHT):
            return count, True
    return 0, False


def _by_place(stops: Sequence[Stop]) -> Mapping[int, Stop]:
    return {stop.place_id: stop for stop in stops}
