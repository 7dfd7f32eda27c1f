"""When a trip really left and came home, and when its stops really opened and closed, told afterwards. The plan stays, and
so do the moments of the acts; what was told before is kept with the act's first answer, so that it can be taken back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act, Entry
from library.mobile import trips
from library.mobile.errors import NotDone
from library.mobile.models import StopVisit, Trip, TripState, VisitAct, VisitState

LONGEST = timedelta(days=3)
"""From leaving to coming home."""
Moments = Mapping[str, datetime | None]
"""By name: `out`, `in`, `opened-<visit id>`, `closed-<visit id>`; those that there are for a trip, no others."""


def known(session: Session, trip: Trip) -> dict[str, datetime | None]:
    """What is told now, of all that has happened yet: what is still to come has no time."""
    found: dict[str, datetime | None] = {}
    if trip.state in (TripState.ON_ROAD, TripState.CLOSED):
        found["out"] = trip.out_at
    for visit in called(session, trip):
        found[f"opened-{visit.id}"] = visit.opened_at
        if visit.state is VisitState.CLOSED:
            found[f"closed-{visit.id}"] = visit.closed_at
    if trip.state is TripState.CLOSED:
        found["in"] = trip.in_at
    return found


def called(session: Session, trip: Trip) -> Sequence[StopVisit]:
    """Visits that were begun, as they were begun."""
    begun = StopVisit.state.in_((VisitState.OPEN, VisitState.CLOSED))
    query = select(StopVisit).where(StopVisit.trip_id == trip.id, begun).order_by(StopVisit.opened_at, StopVisit.id)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Stopped:
    """A stop by the times that are told; `first`, `last`: of what was done there."""

    name: str
    opened: datetime | None
    closed: datetime | None
    first: datetime | None = None
    last: datetime | None = None


def against(
    trip: Trip, out: datetime | None, home: datetime | None, stops: Sequence[Stopped], now: datetime
) -> list[Reason]:
    """Pure: everything that cannot be."""
    return [
        *_of_trip(trip, out, home, now),
        *(one for stop in stops for one in _of_stop(stop, out, home, now)),
        *_between(stops),
    ]


def _of_trip(trip: Trip, out: datetime | None, home: datetime | None, now: datetime) -> Iterator[Reason]:
    if out and clock.day_of(out) < trip.day:
        yield Reason(
            "too-early",
            N_("Chuyến này đi ngày %(day)s, giờ đi không sớm hơn ngày ấy."),
            {"day": f"{trip.day:%d/%m/%Y}"},
        )
    if any(one and one > now for one in (out, home)):
        yield Reason("future", N_("Giờ này chưa tới."))
    if out and home and home < out:
        yield Reason(
            "back-before-out",
            N_("Giờ xe về (%(in)s) sớm hơn giờ xe đi (%(out)s)."),
            {"in": hour(home), "out": hour(out)},
        )
    if out and home and home - out > LONGEST:
        yield Reason("too-long", N_("Từ lúc đi đến lúc về quá %(days)s ngày."), {"days": LONGEST.days})


def _of_stop(stop: Stopped, out: datetime | None, home: datetime | None, now: datetime) -> Iterator[Reason]:
    name = {"name": stop.name}
    if any(one and one > now for one in (stop.opened, stop.closed)):
        yield Reason("future", N_("%(name)s: giờ này chưa tới."), name)
    if stop.opened and stop.closed and stop.closed <= stop.opened:
        yield Reason("order", N_("%(name)s: giờ rời phải sau giờ đến."), name)
    if out and stop.opened and stop.opened < out:
        yield Reason("before-out", N_("%(name)s: giờ đến sớm hơn giờ xe đi (%(out)s)."), {**name, "out": hour(out)})
    if home and (last := stop.closed or stop.opened) and last > home:
        yield Reason("after-back", N_("%(name)s: giờ rời muộn hơn giờ xe về (%(in)s)."), {**name, "in": hour(home)})
    if stop.first and stop.opened and stop.opened > stop.first:
        yield Reason("after-first", N_("%(name)s: lúc %(at)s đã có lượt ghi ở điểm này, giờ đến không muộn hơn được."),
                     {**name, "at": hour(stop.first)})  # fmt: skip
    if stop.last and stop.closed and stop.closed < stop.last:
        yield Reason("before-last", N_("%(name)s: lúc %(at)s còn lượt ghi ở điểm này, giờ rời không sớm hơn được."),
                     {**name, "at": hour(stop.last)})  # fmt: skip


def _between(stops: Sequence[Stopped]) -> Iterator[Reason]:
    """A vehicle stands at one stop at a time."""
    told = sorted((one for one in stops if one.opened), key=lambda one: (one.opened, one.name))
    for before, after in pairwise(told):
        assert after.opened
        if before.closed and after.opened < before.closed:
            yield Reason(
                "at-two", N_("%(after)s: xe đến khi còn ở %(before)s."), {"after": after.name, "before": before.name}
            )


def hour(at: datetime) -> str:
    return f"{at.astimezone(clock.HERE):%H:%M}"


def tell(session: Session, doing: Doing, trip: Trip, told: Moments) -> dict[str, Any]:
    """These are the times; names that are left out stay as they are. What was and what is now, for `take_back`. Raises
    NotDone with everything that cannot be, and where nothing is told that was not known."""
    trip = trips.lock(session, trip.id)
    before = known(session, trip)
    after = {name: at for name, at in told.items() if name in before and at is not None and at != before[name]}
    if not after:
        raise NotDone.because("same", N_("Chưa sửa giờ nào."))
    whole = {**before, **after}
    stops = [_stopped(session, one, whole) for one in called(session, trip)]
    if reasons := against(trip, whole.get("out"), whole.get("in"), stops, clock.now()):
        raise NotDone(*reasons)
    acts.write(session, doing, trips.STATE, doing.at or clock.now())
    _write(session, trip, after)
    return {"before": _plain({name: before[name] for name in after}), "after": _plain(after)}


def _stopped(session: Session, visit: StopVisit, whole: Moments) -> Stopped:
    there = select(func.min(Act.occurred_at), func.max(Act.occurred_at)).join(VisitAct, VisitAct.act_id == Act.id)
    first, last = session.execute(there.where(VisitAct.visit_id == visit.id, Act.voided_by.is_(None))).one()
    opened, closed = whole.get(f"opened-{visit.id}"), whole.get(f"closed-{visit.id}")
    return Stopped(visit.stop.name, opened, closed, first, last)


def _write(session: Session, trip: Trip, told: Moments) -> None:
    columns = {"out": (trip, "out_at"), "in": (trip, "in_at")}
    for visit in called(session, trip):
        columns |= {f"opened-{visit.id}": (visit, "opened_at"), f"closed-{visit.id}": (visit, "closed_at")}  # type: ignore[dict-item]
    for name, at in told.items():
        setattr(*columns[name], at)
    session.flush()


def _plain(told: Moments) -> dict[str, str | None]:
    return {name: at.isoformat() if at else None for name, at in told.items()}


def _moments(plain: Mapping[str, str | None]) -> dict[str, datetime | None]:
    return {name: datetime.fromisoformat(text) if text else None for name, text in plain.items()}


def take_back(session: Session, doing: Doing, trip: Trip, act: UUID) -> None:
    """The times are as they were before `act`, told by the same account. Raises NotDone, AlreadyUndone."""
    trip = trips.lock(session, trip.id)
    done = acts.by_uid(session, act)
    first = session.scalar(select(Entry.answer).where(Entry.uid == act, Entry.account == doing.actor))
    if done is None or not first or first.get("times_of") != str(trip.uid):
        raise NotDone.because("forgotten", N_("Không còn giờ trước đó để hoàn tác. Gõ lại giờ đúng."))
    now, after = known(session, trip), _moments(first["after"])
    if done.voided_by is None and any(now.get(name) != at for name, at in after.items()):
        raise NotDone.because("changed-since", N_("Giờ đã được sửa tiếp sau đó. Hoàn tác lần sửa sau trước."))
    acts.void(session, doing, done.id)
    _write(session, trip, _moments(first["before"]))
