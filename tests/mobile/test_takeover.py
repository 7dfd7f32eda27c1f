"""Another vehicle goes on with a trip."""

import pytest

from library.mobile import aboard, at_stop_undo, kit, takeover
from library.mobile.kit import NewKit
from library.mobile.models import TripState, Vehicle
from library.mobile.takeover import CannotTakeOver
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.world import World


@pytest.fixture
def here(world: World) -> Van:
    return van(world)


@pytest.fixture
def other(here: Van) -> Vehicle:
    return rotation.vehicle(here.world, "Xe 2", copies=2)


def test_the_books_and_the_stops_go_with_the_other_vehicle(here: Van, other: Vehicle) -> None:
    first, sequence = here.vehicle, here.trip.sequence
    told = takeover.take_over(here.session, here.doing(), here.trip, other)
    assert (len(told.items), told.too_many) == (3, 1)
    assert (here.trip.vehicle_id, here.trip.taken_over_from, here.trip.sequence) == (other.id, first.id, sequence + 1)
    assert aboard.of(here.session, first).total == 0
    assert aboard.of(here.session, other).total == 3


def test_taking_it_back_gives_the_first_vehicle_its_trip_and_books(here: Van, other: Vehicle) -> None:
    first = here.vehicle
    act = takeover.take_over(here.session, here.doing(), here.trip, other).act_id
    at_stop_undo.undo(here.session, here.doing(), here.act(act))
    here.session.expire_all()
    assert (here.trip.vehicle_id, here.trip.taken_over_from, here.trip.taken_over_by) == (first.id, None, None)
    assert aboard.of(here.session, first).total == 3


def test_a_vehicle_on_the_road_at_that_time_is_not_offered(here: Van, other: Vehicle) -> None:
    assert takeover.may_take_over(here.session, here.trip) == [other]
    rotation.trip(here.world, other, here.trip.day)
    assert takeover.may_take_over(here.session, here.trip) == []
    with pytest.raises(CannotTakeOver, match="busy"):
        takeover.take_over(here.session, here.doing(), here.trip, other)


def test_the_same_vehicle_takes_nothing_over(here: Van) -> None:
    with pytest.raises(CannotTakeOver, match="same-vehicle"):
        takeover.take_over(here.session, here.doing(), here.trip, here.vehicle)


def test_a_trip_changes_its_vehicle_once(here: Van, other: Vehicle) -> None:
    takeover.take_over(here.session, here.doing(), here.trip, other)
    with pytest.raises(CannotTakeOver, match="taken-over"):
        takeover.take_over(here.session, here.doing(), here.trip, rotation.vehicle(here.world, "Xe 3"))


def test_a_trip_at_home_is_not_taken_over(here: Van, other: Vehicle) -> None:
    here.trip.state = TripState.CLOSED
    here.session.flush()
    with pytest.raises(Exception, match="trip-over"):
        takeover.take_over(here.session, here.doing(), here.trip, other)


def test_the_kit_that_went_out_with_the_first_vehicle_comes_in(here: Van, other: Vehicle) -> None:
    thing = kit.add(here.session, here.vehicle, NewKit("Máy chiếu"))
    kit.check_out(here.session, here.doing(), here.trip, {thing.id: 1})
    takeover.take_over(here.session, here.doing(), here.trip, other)
    assert thing in kit.of_trip(here.session, here.trip)
    kit.check_in(here.session, here.doing(), here.trip, {thing.id: kit.Back(1)})
    assert kit.checks(here.session, here.trip.id)[thing.id].in_quantity == 1
