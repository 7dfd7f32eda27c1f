"""A route in versions; trips made from its calendar."""

from datetime import time

import pytest
from sqlalchemy import func, select

from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.inbox.models import Act
from library.mobile import changing, routes
from library.mobile.errors import NotDone
from library.mobile.models import Route, Stop, Trip, TripState
from library.mobile.routes import NewVersion
from library.mobile.trips import Call
from tests.mobile.fleet import CREW, Fleet, day
from tests.support.world import World

EVERY_DAY = {"every_weeks": 1, "weekdays": [0, 1, 2, 3, 4, 5, 6]}


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def version(stop: Stop, ahead: int = 0, calendar: dict[str, object] | None = None, hour: int = 8) -> NewVersion:
    call = Call(stop, time(hour), time(hour + 2))
    return NewVersion(day(ahead), calendar or EVERY_DAY, [call], time(hour - 1), time(hour + 3), 118.0)


def route(fleet: Fleet, stop: Stop, **more: object) -> Route:
    said = version(stop, **more)  # type: ignore[arg-type]
    return routes.found(fleet.session, fleet.doing(), fleet.library, "Tuyến Ngân Sơn", said, fleet.vehicle)


def test_a_version_holds_until_the_next_one(fleet: Fleet) -> None:
    stop = fleet.stop()
    made = route(fleet, stop)
    routes.new_version(fleet.session, fleet.doing(), made, version(stop, 5, {"dates": [f"{day(8)}"]}, 13))
    found = routes.days(fleet.session, made, day(0), day(9))
    assert [one for one, _ in found] == [*(day(ahead) for ahead in range(5)), day(8)]
    assert routes.version_on(fleet.session, made.id, day(4)).leaves_at == time(7)  # type: ignore[union-attr]
    assert routes.version_on(fleet.session, made.id, day(5)).leaves_at == time(12)  # type: ignore[union-attr]
    with pytest.raises(NotDone, match="same-day"):
        routes.new_version(fleet.session, fleet.doing(), made, version(stop, 5))
    routes.close(fleet.session, made, day(2))
    assert [one for one, _ in routes.days(fleet.session, made, day(0), day(9))] == [day(0), day(1), day(2)]


def test_a_version_nobody_could_drive_is_refused(fleet: Fleet) -> None:
    stop = fleet.stop()
    with pytest.raises(NotDone, match="calendar"):
        route(fleet, stop, calendar={"every_weeks": 1, "weekdays": []})
    upside_down = NewVersion(day(0), EVERY_DAY, [Call(stop, time(9), time(8))], time(7), time(12))
    with pytest.raises(NotDone, match="no-time"):
        routes.found(fleet.session, fleet.doing(), fleet.library, "Tuyến 2", upside_down)


def test_trips_are_made_of_a_route_by_one_act(fleet: Fleet) -> None:
    stop = fleet.stop()
    made = route(fleet, stop)
    before = fleet.session.scalar(select(func.count()).where(Act.kind == "plan-trip"))
    trips = routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(1), day(3)], CREW)
    assert [one.day for one in trips] == [day(1), day(3)]
    assert trips[0].km_planned == 118
    assert trips[0].leaves_at == time(7)
    assert fleet.session.scalar(select(func.count()).where(Act.kind == "plan-trip")) == (before or 0) + 1
    proposed = {one.day: one for one in routes.propose(fleet.session, made, fleet.vehicle, day(1), day(3))}
    assert proposed[day(1)].trip == trips[0]
    assert proposed[day(2)].may_go
    with pytest.raises(NotDone, match="not-its-day"):
        routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(-1)], CREW)


def test_a_suspended_route_is_neither_proposed_nor_planned(fleet: Fleet) -> None:
    made = route(fleet, fleet.stop())
    changing.suspend(fleet.session, fleet.doing(), made, day(1), day(10), "flood")
    (told,) = routes.propose(fleet.session, made, fleet.vehicle, day(3), day(3))
    assert [one.code for one in told.against] == ["route-suspended"]
    with pytest.raises(NotDone, match="route-suspended"):
        routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(3)], CREW)


def test_a_moved_trip_is_still_one_of_its_route(fleet: Fleet) -> None:
    made = route(fleet, fleet.stop(), calendar={"dates": [f"{day(3)}"]})
    (trip,) = routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(3)], CREW)
    changing.move_trip(fleet.session, fleet.doing(), trip, day(5), "storm")
    (moved,) = fleet.session.scalars(select(Trip).where(Trip.day == day(5)))
    assert moved.version_id == trip.version_id
    changing.suspend(fleet.session, fleet.doing(), made, day(4), day(6), "flood")
    assert moved.state is TripState.CANCELLED
    with pytest.raises(NotDone, match="route-suspended"):
        changing.move_trip(fleet.session, fleet.doing(), _planned(fleet, made), day(6), "exam")


def _planned(fleet: Fleet, made: Route) -> Trip:
    routes.new_version(fleet.session, fleet.doing(), made, version(fleet.stop("TH Ngân Sơn"), 7))
    return routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(8)], CREW)[0]


def test_a_proposal_names_what_speaks_against_a_day(fleet: Fleet) -> None:
    stop = fleet.stop()
    made = route(fleet, stop)
    opening_days.close(fleet.session, Whose(branch_id=fleet.vehicle.branch_id), day(2), day(2), "Họp giao ban")
    fleet.trip(day(3), fleet.stop("TH Ngân Sơn"))
    (gone,) = routes.plan_days(fleet.session, fleet.doing(), made, fleet.vehicle, [day(4)], CREW)
    changing.cancel(fleet.session, fleet.doing(), gone, "storm")
    told = {one.day: one for one in routes.propose(fleet.session, made, fleet.vehicle, day(1), day(4))}
    assert told[day(1)].may_go
    assert (told[day(2)].closed, told[day(2)].may_go) == ("Họp giao ban", True), "it may, if somebody means it"
    assert [one.code for one in told[day(3)].against] == ["vehicle-busy"]
    assert (told[day(4)].is_cancelled, told[day(4)].may_go) == (True, True)
