"""Trips are planned with all that speaks against them told at once, and go through their states."""

from datetime import time

import pytest
from sqlalchemy import select

from library.calendars import opening_days
from library.calendars.models import PlaceOpening
from library.calendars.opening_days import Whose
from library.core import clock
from library.mobile import closed_days, settings, trip_states, trips
from library.mobile.errors import NotDone
from library.mobile.models import CrewRole, MobileSetting, Stop, TripState, VisitState
from library.mobile.trip_states import BACK, WAYS, NotThatWay
from library.mobile.trips import Call, Crew, Log
from tests.mobile.fleet import CREW, Fleet, day
from tests.support.world import World


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def openings(fleet: Fleet, stop: Stop) -> list[object]:
    query = select(PlaceOpening.day).where(PlaceOpening.place_id == stop.place_id).order_by(PlaceOpening.day)
    return list(fleet.session.scalars(query))


def codes(told: pytest.ExceptionInfo[NotDone]) -> list[str]:
    return [reason.code for reason in told.value.reasons]


def test_a_trip_opens_its_stops_on_its_day(fleet: Fleet) -> None:
    one, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(day(3), one, other)
    fleet.trip(day(17), one)
    assert openings(fleet, one) == [day(3), day(17)]
    assert openings(fleet, other) == [day(3)]
    assert [visit.stop_id for visit in trip.visits] == [one.id, other.id]
    assert trip.state is TripState.PLANNED
    assert (trip.leaves_at, trip.back_at) == (time(6, 30), time(12, 0)), "an hour there, an hour home"


def test_all_that_speaks_against_a_trip_is_told_at_once(fleet: Fleet) -> None:
    one, other = fleet.stop(), fleet.stop("TH Ngân Sơn", from_on=day(30))
    fleet.trip(day(3), one)
    calls = [Call(other, time(9), time(8)), Call(one, time(7), time(9)), Call(one, time(10), time(11))]
    with pytest.raises(NotDone) as told:
        trips.plan(fleet.session, fleet.doing(), fleet.vehicle, day(3), calls, CREW)
    assert set(codes(told)) == {
        "vehicle-busy", "twice", "out-of-order", "no-time", "stop-out-of-use", "called-already",
    }  # fmt: skip
    with pytest.raises(NotDone, match="no-stops"):
        trips.plan(fleet.session, fleet.doing(), fleet.vehicle, day(4), [], CREW)


def test_a_small_crew_goes_with_a_reason(fleet: Fleet) -> None:
    stop = fleet.stop()
    with pytest.raises(NotDone) as told:
        fleet.trip(day(1), stop, crew=CREW[:2])
    assert codes(told) == ["few-people", "few-librarians"]
    trip = fleet.trip(day(1), stop, crew=CREW[:2], crew_why="trường chỉ có 60 em")
    assert trip.crew_why == "trường chỉ có 60 em"
    assert len(trip.crew) == 2


def test_the_crew_rule_is_the_library_s(fleet: Fleet) -> None:
    usual = settings.of(fleet.session, fleet.library.id)
    assert (usual.crew_least, usual.drivers_least, usual.librarians_least) == (3, 1, 2)
    fleet.session.add(
        MobileSetting(library_id=fleet.library.id, crew_least=1, drivers_least=0, librarians_least=1)
    )  # fmt: skip
    fleet.session.flush()
    assert fleet.trip(day(1), fleet.stop(), crew=CREW[1:2]).crew_why is None


def test_nobody_goes_with_two_trips_at_once(fleet: Fleet) -> None:
    from library.mobile import vehicles
    from library.mobile.vehicles import NewVehicle
    from tests.support.people import account

    who = account(fleet.world, library=fleet.library)
    crew = (Crew(CrewRole.DRIVER, who.name, who.id), *CREW[1:])
    fleet.trip(day(2), fleet.stop(), crew=crew)
    second = vehicles.found(fleet.session, fleet.doing(), fleet.library, NewVehicle("Xe 2"))
    calls = [Call(fleet.stop("TH Ngân Sơn"), time(8), time(9))]
    with pytest.raises(NotDone, match="crew-away"):
        trips.plan(fleet.session, fleet.doing(), second, day(2), calls, crew)
    trip = trips.plan(fleet.session, fleet.doing(), second, day(2), calls, CREW)
    with pytest.raises(NotDone, match="crew-away"):
        trips.man(fleet.session, fleet.doing(), trip, crew)
    trips.man(fleet.session, fleet.doing(), trip, CREW[:2], "thiếu người")
    assert [one.name for one in trip.crew] == [one.name for one in CREW[:2]]


def test_a_trip_goes_out_and_comes_home(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(clock.today(), stop)
    trips.advance(fleet.session, fleet.doing(), trip, TripState.LOADED)
    trips.advance(fleet.session, fleet.doing(), trip, TripState.ON_ROAD, Log(odometer=41_250))
    with pytest.raises(NotDone, match="visits-left"):
        trips.advance(fleet.session, fleet.doing(), trip, TripState.CLOSED)
    visit = fleet.visit(trip, stop)
    visit.state, visit.why = VisitState.SKIPPED, "road"
    fleet.session.flush()
    with pytest.raises(NotDone, match="odometer"):
        trips.advance(fleet.session, fleet.doing(), trip, TripState.CLOSED, Log(odometer=41_000))
    trips.advance(fleet.session, fleet.doing(), trip, TripState.CLOSED, Log(41_368, 14.5, 620_000, "xẹp lốp"))
    assert (trip.odometer_in, trip.fuel_litres, trip.cost, trip.incidents) == (41_368, 14.5, 620_000, "xẹp lốp")
    assert trip.in_at and trip.out_at and trip.in_at >= trip.out_at
    trips.step_back(fleet.session, fleet.doing(), trip)
    assert (trip.state, trip.in_at, trip.odometer_in) == (TripState.ON_ROAD, None, None)


def test_a_trip_does_not_leave_before_its_day(fleet: Fleet) -> None:
    trip = fleet.trip(day(2), fleet.stop())
    trips.advance(fleet.session, fleet.doing(), trip, TripState.LOADED)  # in the evening before
    with pytest.raises(NotDone, match="too-early"):
        trips.advance(fleet.session, fleet.doing(), trip, TripState.ON_ROAD)


@pytest.mark.parametrize("before", list(TripState))
@pytest.mark.parametrize("after", list(TripState))
def test_every_way_and_every_non_way(before: TripState, after: TripState) -> None:
    for ways, back in ((WAYS, False), (BACK, True)):
        if (before, after) in ways:
            trip_states.check(before, after, back)
        else:
            with pytest.raises(NotThatWay):
                trip_states.check(before, after, back)


def test_closed_days_have_their_reason(fleet: Fleet) -> None:
    branch = fleet.vehicle.branch_id
    opening_days.close(fleet.session, Whose(branch_id=branch), day(3), day(4), "Họp giao ban")
    opening_days.open_anyway(fleet.session, Whose(branch_id=branch), day(4), "bù")
    assert closed_days.of(fleet.session, branch, day(1), day(9)) == {day(3): "Họp giao ban"}
    assert closed_days.why(fleet.session, branch, day(3)) == "Họp giao ban"
    assert closed_days.why(fleet.session, branch, day(1)) is None
