"""Routes: stops visited on one trip, in versions that each hold from a day on; trips made from their calendar."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile import day_facts, planning_rules, timetable, trips
from library.mobile.day_facts import Around, Call, Crew, Hours
from library.mobile.errors import NotDone
from library.mobile.models import Route, RouteStop, RouteVersion, Stop, Trip, TripState, Vehicle
from library.mobile.trips import Wanted
from library.organisations.models import Organisation


@dataclass(frozen=True)
class NewVersion:
    """A route from a day on. `calendar` as `timetable.days` reads it; `calls` in order."""

    from_on: date
    calendar: Mapping[str, Any]
    calls: Sequence[Call]
    leaves_at: time
    back_at: time
    km: float | None = None


@dataclass(frozen=True)
class Proposed:
    """A day on which the route goes, and what speaks against it. `trip`: there is one already, which may be cancelled."""

    day: date
    version: RouteVersion
    against: Sequence[Reason] = ()
    closed: str | None = None
    trip: Trip | None = None

    @property
    def may_go(self) -> bool:
        return not self.against and (self.trip is None or self.is_cancelled)

    @property
    def is_cancelled(self) -> bool:
        return self.trip is not None and self.trip.state is TripState.CANCELLED


def found(
    session: Session, doing: Doing, library: Organisation, name: str, version: NewVersion,
    vehicle: Vehicle | None = None,
) -> Route:  # fmt: skip
    """A route with its first version. Raises NotDone."""
    check_name(session, library.id, name)
    made = Route(uid=clock.uuid7(), library_id=library.id, name=name, vehicle_id=vehicle and vehicle.id)
    session.add(made)
    session.flush()
    new_version(session, doing, made, version)
    return made


def new_version(session: Session, doing: Doing, route: Route, new: NewVersion) -> RouteVersion:
    """The route is this from `new.from_on` on; trips already planned stay as they are. Raises NotDone."""
    _check(session, route, new)
    act_id = acts.write(session, doing, trips.PLAN, doing.at or clock.now())
    made = RouteVersion(
        route_id=route.id, from_on=new.from_on, calendar=dict(new.calendar), leaves_at=new.leaves_at,
        back_at=new.back_at, km=new.km, act_id=act_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.execute(
        insert(RouteStop),
        [
            {
                "version_id": made.id,
                "number": number,
                "stop_id": one.stop.id,
                "from_at": one.from_at,
                "to_at": one.to_at,
            }
            for number, one in enumerate(new.calls, 1)
        ],
    )
    return made


def _check(session: Session, route: Route, new: NewVersion) -> None:
    try:
        timetable.check(new.calendar)
    except (ValueError, TypeError):
        raise NotDone.because("calendar", N_("Chưa rõ tuyến đi những ngày nào.")) from None
    facts = planning_rules.TripFacts(
        route.name, new.from_on, new.leaves_at, new.back_at, new.from_on, None,
        [planning_rules.CallFacts(one.stop.name, one.from_at, one.to_at, new.from_on, one.stop.closed_on)
         for one in new.calls],
    )  # fmt: skip
    if reasons := planning_rules.against(facts):
        raise NotDone(*reasons)
    same = select(RouteVersion.id).where(RouteVersion.route_id == route.id, RouteVersion.from_on == new.from_on)
    if session.execute(same).first():
        sentence = N_("Tuyến đã có một lịch từ ngày %(day)s. Chọn ngày khác.")
        raise NotDone.because("same-day", sentence, day=f"{new.from_on:%d/%m/%Y}")


def check_name(session: Session, library_id: int, name: str, but_of: int | None = None) -> None:
    query = select(Route.id, Route.name).where(Route.library_id == library_id)
    if any(named.casefold() == name.casefold() and id_ != but_of for id_, named in session.execute(query)):
        raise NotDone.because("name-taken", N_("Đã có tuyến tên “%(name)s”. Đặt tên khác."), name=name)


def close(session: Session, route: Route, on: date) -> None:
    """No trip is made from it after that day; those planned stay."""
    route.closed_on = on
    session.flush()


def reopen(session: Session, route: Route) -> None:
    route.closed_on = None
    session.flush()


def of_library(session: Session, library_id: int) -> Sequence[Route]:
    query = select(Route).where(Route.library_id == library_id)
    return sorted(session.scalars(query), key=lambda one: (one.closed_on is not None, one.name.casefold()))


def versions(session: Session, route_id: int) -> Sequence[RouteVersion]:
    """The latest first."""
    return versions_of(session, [route_id]).get(route_id, [])


def versions_of(session: Session, route_ids: Collection[int]) -> dict[int, list[RouteVersion]]:
    """By route, the latest first (one statement)."""
    query = select(RouteVersion).where(RouteVersion.route_id.in_(route_ids)).order_by(RouteVersion.from_on.desc())
    found: dict[int, list[RouteVersion]] = {}
    for one in session.scalars(query):
        found.setdefault(one.route_id, []).append(one)
    return found


def version_on(session: Session, route_id: int, day: date) -> RouteVersion | None:
    """The one that holds that day."""
    return that_holds(versions(session, route_id), day)


def that_holds(latest_first: Sequence[RouteVersion], day: date) -> RouteVersion | None:
    return next((one for one in latest_first if one.from_on <= day), None)


def calls_of(session: Session, version: RouteVersion) -> list[Call]:
    return calls_by_version(session, [version])[version.id]


def calls_by_version(session: Session, wanted: Iterable[RouteVersion]) -> dict[int, list[Call]]:
    """In their order, by id of the version (one statement)."""
    found: dict[int, list[Call]] = {one.id: [] for one in wanted}
    query = select(RouteStop.version_id, Stop, RouteStop.from_at, RouteStop.to_at)
    mine = query.join(Stop, RouteStop.stop_id == Stop.id).where(RouteStop.version_id.in_(found))
    for version, stop, from_at, to_at in session.execute(mine.order_by(RouteStop.number)):
        found[version].append(Call(stop, from_at, to_at))
    return found


def days(session: Session, route: Route, first: date, last: date) -> list[tuple[date, RouteVersion]]:
    """When it goes, by the version of each day."""
    last = min(last, route.closed_on or last)
    found, until = [], last
    for version in versions(session, route.id):
        found += [(day, version) for day in timetable.days(version.calendar, version.from_on, first, until)]
        until = min(until, version.from_on - timedelta(days=1))
    return sorted(found, key=lambda one: one[0])


def propose(session: Session, route: Route, vehicle: Vehicle, first: date, last: date) -> list[Proposed]:
    """Its days in that time, each with what speaks against a trip of `vehicle`; writes nothing. As many statements for
    many days as for one."""
    found = days(session, route, first, last)
    if not found:
        return []
    calls = calls_by_version(session, (version for _day, version in found))
    there = {trip.day: trip for trip in _trips(session, route, first, last)}
    stops = {call.stop for some in calls.values() for call in some}
    known = day_facts.around(session, vehicle, [day for day, _version in found], stops, (), route.id)
    return [_proposed(known, day, version, calls[version.id], there.get(day)) for day, version in found]


def _proposed(
    known: Around, day: date, version: RouteVersion, calls: Sequence[Call], trip: Trip | None
) -> Proposed:  # fmt: skip
    closed = known.closed.get(day)
    if trip is not None and trip.state is not TripState.CANCELLED:
        return Proposed(day, version, closed=closed, trip=trip)
    hours = Hours(version.leaves_at, version.back_at, version.km)
    return Proposed(day, version, planning_rules.against(known.of(day, calls, hours)), closed, trip)


def _trips(session: Session, route: Route, first: date, last: date) -> Sequence[Trip]:
    """Cancelled ones first: where there is another of the same day, that one counts."""
    mine = select(RouteVersion.id).where(RouteVersion.route_id == route.id)
    query = select(Trip).where(Trip.version_id.in_(mine), Trip.day.between(first, last))
    return session.scalars(query.order_by(Trip.state != TripState.CANCELLED, Trip.id)).all()


def plan_days(
    session: Session, doing: Doing, route: Route, vehicle: Vehicle, wanted: Sequence[date], crew: Sequence[Crew],
    crew_why: str | None = None,
) -> list[Trip]:  # fmt: skip
    """Trips on these days of the route, planned by one act. Raises NotDone, then none is made."""
    if not wanted:
        raise NotDone.because("no-days", N_("Chưa chọn ngày nào."))
    known = dict(days(session, route, min(wanted), max(wanted)))
    asked = [(day, _that_day(known, day)) for day in sorted(set(wanted))]
    calls = calls_by_version(session, (version for _day, version in asked))
    return trips.plan_all(session, doing, [
        Wanted(vehicle, day, calls[of.id], crew, trips.whole(calls[of.id], Hours(), of), of, crew_why)
        for day, of in asked
    ])  # fmt: skip


def _that_day(known: Mapping[date, RouteVersion], day: date) -> RouteVersion:
    if day not in known:
        sentence = N_("Tuyến không đi ngày %(day)s.")
        raise NotDone.because("not-its-day", sentence, day=f"{day:%d/%m/%Y}")
    return known[day]
