"""A vehicle has a shelf aboard apart from its depot; its library gets a rule for what is lent on the way."""

import pytest
from flask import Flask
from sqlalchemy import select

from library.core import clock
from library.holdings.models import Item, PlaceKind
from library.loans.models import Loan
from library.mobile import trips, vehicles
from library.mobile.errors import NotDone
from library.mobile.models import TripState, VehicleKind, VisitAct
from library.mobile.vehicles import NewVehicle
from library.policies.models import PolicyLine
from library.policies.values import Channel, LengthKind
from tests.mobile.fleet import Fleet, day
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World


def test_what_is_aboard_stands_apart_from_the_depot(world: World) -> None:
    fleet = Fleet(world)
    assert fleet.vehicle.aboard.kind is PlaceKind.VEHICLE_SHELF
    assert fleet.vehicle.depot.kind is PlaceKind.DEPOT
    second = vehicles.found(fleet.session, fleet.doing(), fleet.library, NewVehicle("Xe 2"))
    assert second.depot_id == fleet.vehicle.depot_id, "one depot, two vehicles"
    assert second.aboard_id != fleet.vehicle.aboard_id
    assert (fleet.vehicle.pattern, second.pattern) == (1, 2), "told apart by their bands"


def test_the_first_vehicle_brings_the_rule_of_the_next_visit(world: World) -> None:
    fleet = Fleet(world)
    vehicles.found(fleet.session, fleet.doing(), fleet.library, NewVehicle("Xe 2"))
    (rule,) = fleet.session.scalars(select(PolicyLine).where(PolicyLine.channel == Channel.VAN)).all()
    assert rule.length_kind is LengthKind.NEXT_OPENING
    assert rule.owner_id == fleet.library.id


def test_two_vehicles_are_not_called_alike(world: World) -> None:
    fleet = Fleet(world)
    with pytest.raises(NotDone, match="name-taken"):
        vehicles.found(fleet.session, fleet.doing(), fleet.library, NewVehicle("xe 1"))
    said = NewVehicle("Xe 1", VehicleKind.BOAT, plate="97A-001.23", seats=4)
    vehicles.change(fleet.session, fleet.vehicle, said)
    assert (fleet.vehicle.kind, fleet.vehicle.plate) == (VehicleKind.BOAT, "97A-001.23")


def test_a_vehicle_retires_with_nothing_ahead_and_nothing_aboard(world: World) -> None:
    fleet = Fleet(world)
    trip = fleet.trip(day(2), fleet.stop())
    with pytest.raises(NotDone, match="trips-ahead"):
        vehicles.retire(fleet.session, fleet.vehicle, clock.today())
    trip.state, trip.cancelled_why = TripState.CANCELLED, "storm"
    item = world.item(fleet.library)
    fleet.session.get_one(Item, item.id).place_id = fleet.vehicle.aboard_id
    fleet.session.flush()
    with pytest.raises(NotDone, match="loaded"):
        vehicles.retire(fleet.session, fleet.vehicle, clock.today())
    item.place_id = fleet.vehicle.depot_id
    vehicles.retire(fleet.session, fleet.vehicle, clock.today())
    assert fleet.vehicle not in [one for one in vehicles.open_of(fleet.session, fleet.library.id) if not one.to_on]
    with pytest.raises(NotDone, match="vehicle-out-of-use"):
        trips.plan(fleet.session, fleet.doing(), fleet.vehicle, day(3), [], ())


def test_who_retires_a_vehicle_is_told_what_readers_still_have(app: Flask, world: World) -> None:
    fleet = Fleet(world)
    stop = fleet.stop()
    trip = fleet.trip(day(0), stop)
    lent = fleet.session.get_one(Loan, fleet.lent(stop, day(14), 2)[0])
    fleet.session.add(VisitAct(act_id=lent.act_id, visit_id=fleet.visit(trip, stop).id))
    trip.state = TripState.CLOSED
    rotation.account(world, "tu")
    uid = fleet.vehicle.uid
    world.session.commit()
    client = sign_in(app, "tu")
    assert "Bạn đọc còn giữ 1 cuốn mượn ở xe này." in client.get(f"/van/vehicles/{uid}/edit").text
    told = client.post(f"/van/vehicles/{uid}/edit", data={"do": "retire"}, follow_redirects=True).text
    assert "Bạn đọc còn giữ 1 cuốn mượn ở xe này, trả ở xe khác hay ở quầy." in told


def test_depots_of_one_name_are_told_apart_by_where_they_stand(app: Flask, world: World) -> None:
    """Every site has one that is called alike."""
    Fleet(world)
    rotation.account(world, "tu")
    names = "Nhà văn hóa thôn Pác Ngòi", "Điểm Bưu điện Chợ Rã"
    depots = [rotation.site(world, name).place for name in names]
    assert depots[0].name == depots[1].name
    world.session.commit()
    page = sign_in(app, "tu").get("/van/vehicles/new").text
    assert all(f"{depot.name} · {depot.branch.name}" in page for depot in depots)
