"""Pages that list vehicles and calendars ask the database as often for many as for few."""

from datetime import time

from flask import Flask
from sqlalchemy import select

from library.mobile import feeds, routes, vehicles
from library.mobile.models import Trip
from library.mobile.routes import NewVersion
from library.mobile.trips import Call
from library.mobile.vehicles import NewVehicle
from tests.mobile.fleet import CREW, Fleet, day
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.statements import counted
from tests.support.world import World


def asked(app: Flask, path: str) -> int:
    client = sign_in(app, "tu")
    client.get(path)
    with counted() as sent:
        assert client.get(path).status_code == 200
    return len(sent)


def more(world: World, here: Van) -> None:
    for number in range(2, 7):
        vehicles.found(here.session, here.doing(), world.province(), NewVehicle(f"Xe số {number}"))
        rotation.site(world, f"Điểm {number}")
    world.session.commit()


def test_many_vehicles_and_sites_cost_what_one_costs(app: Flask, world: World) -> None:
    here = van(world)
    rotation.site(world, "Điểm 1")
    rotation.account(world, "tu")
    feeds.renew(here.session, world.province().id)
    world.session.commit()
    paths = ("/van/vehicles", "/van/feeds")
    few = [asked(app, path) for path in paths]
    more(world, here)
    assert [asked(app, path) for path in paths] == few


def test_many_routes_cost_what_one_costs(app: Flask, world: World) -> None:
    fleet = Fleet(world)
    rotation.account(world, "tu")
    stop, costs = fleet.stop(), []
    for number in range(3):
        calls = [Call(stop, time(8), time(10))]
        new = NewVersion(day(0), {"every_weeks": 1, "weekdays": [0]}, calls, time(7), time(11))
        routes.found(fleet.session, fleet.doing(), fleet.library, f"Tuyến {number}", new)
        world.session.commit()
        costs.append(asked(app, "/van/routes"))
    assert costs == [costs[0]] * 3


def test_many_days_of_a_route_cost_what_one_costs(world: World) -> None:
    """Thirty for ninety trips, where each day once asked for itself: 2 342."""
    fleet = Fleet(world)
    calls = [Call(fleet.stop(name), time(hour), time(hour + 1)) for name, hour in (("Nà Phặc", 8), ("Vân Tùng", 10))]
    every_day = {"every_weeks": 1, "weekdays": [*range(7)]}
    new = NewVersion(day(0), every_day, calls, time(7), time(12))
    route = routes.found(fleet.session, fleet.doing(), fleet.library, "Tuyến Ngân Sơn", new)
    costs = []
    for last in (1, 91):
        with counted() as proposed:
            found = routes.propose(fleet.session, route, fleet.vehicle, day(1), day(last))
        wanted = [one.day for one in found if one.may_go and one.trip is None]
        with counted() as planned:
            routes.plan_days(fleet.session, fleet.doing(), route, fleet.vehicle, wanted, CREW)
        costs.append((len(proposed), len(planned)))
    (one_proposed, one_planned), (proposed_many, planned_many) = costs
    assert proposed_many <= one_proposed + 2 <= 16, "the names and crews of other trips, where there are any"
    assert planned_many <= one_planned <= 32
    assert len(fleet.session.scalars(select(Trip)).all()) == 91


def test_how_many_books_each_vehicle_carries(world: World) -> None:
    here = van(world, books=3)
    empty = vehicles.found(here.session, here.doing(), world.province(), NewVehicle("Xe số 2"))
    assert vehicles.loaded(here.session, [here.vehicle, empty]) == {here.vehicle.id: 3, empty.id: 0}
