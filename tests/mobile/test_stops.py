"""A stop has a place that opens on the days of its visits, and a code for its sheet."""

import pytest

from library.core import clock
from library.holdings.models import PlaceKind
from library.labels import signs
from library.mobile import changing, stops
from library.mobile.errors import NotDone
from library.mobile.stops import NewStop
from library.organisations.models import CodeKind
from tests.mobile.fleet import Fleet, day
from tests.support.world import World


def test_a_stop_has_its_place_and_its_code(world: World) -> None:
    fleet = Fleet(world)
    stop = fleet.stop("Nhà văn hóa Nà Phặc", latitude=22.34, longitude=105.98, pupils=320)
    assert stop.place.kind is PlaceKind.STOP
    assert stop.place.branch_id == fleet.vehicle.branch_id
    assert stop.code is not None
    assert stop.code.kind is CodeKind.STOP
    assert [one.name for one in signs.named(fleet.session, fleet.library.id)] == ["Nhà văn hóa Nà Phặc"]
    with pytest.raises(NotDone, match="name-taken"):
        fleet.stop("nhà văn hóa nà phặc")
    stops.change(fleet.session, stop, NewStop("Sân vận động Nà Phặc", minutes=120))
    assert (stop.name, stop.minutes, stop.pupils) == ("Sân vận động Nà Phặc", 120, None)


def test_a_stop_closes_with_nothing_ahead_and_nothing_out(world: World) -> None:
    fleet = Fleet(world)
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    with pytest.raises(NotDone, match="visits-ahead"):
        stops.close(fleet.session, stop, clock.today())
    changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "school-asked")
    fleet.lent(stop, day(3))
    with pytest.raises(NotDone, match="books-out"):
        stops.close(fleet.session, stop, clock.today())
    other = fleet.stop("TH Ngân Sơn")
    stops.close(fleet.session, other, clock.today())
    assert other.place.closed_on == clock.today(), "no book is fetched there any more"
    with pytest.raises(NotDone, match="stop-out-of-use"):
        fleet.trip(day(4), other)
    stops.reopen(fleet.session, other)
    assert other.place.closed_on is None
    fleet.trip(day(4), other)
