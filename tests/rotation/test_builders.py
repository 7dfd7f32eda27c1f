"""The builders build what they say: a small province whose facts agree."""

from sqlalchemy import select

from library.holdings import ledger, stays
from library.holdings.models import Item, Place
from library.mobile.models import TripState
from library.rotation.models import Batch, BatchState, LegLine, LegOutcome
from tests.support import rotation
from tests.support.world import World


def place_of(world: World, item_id: int) -> str:
    world.session.expire_all()
    return world.session.get_one(Item, item_id).place.name


def test_a_batch_goes_out_and_comes_home(world: World) -> None:
    site = rotation.school_site(world)
    items = rotation.stock(world, 6)
    made = rotation.batch(world, [site], items)
    rotation.packed(world, made)
    leg = rotation.sent(world, made)
    assert made.state is BatchState.IN_TRANSIT
    rotation.received(world, leg, short=items[:1], scanned=items[1:3])
    assert made.state is BatchState.SERVING
    assert place_of(world, items[0].id) == "Đang trên đường"
    assert {place_of(world, one.id) for one in items[1:]} == {"Sách luân chuyển"}
    assert len(stays.open_at(world.session(), site.place_id)) == 6
    lines = world.session.scalars(select(LegLine).where(LegLine.leg_id == leg.id)).all()
    assert sorted(str(line.outcome) for line in lines) == ["arrived"] * 5 + ["short"]
    home = rotation.sent(world, made, 2, by="ha")
    rotation.received(world, home, by="thao")
    assert made.state is BatchState.RETURNING
    assert {place_of(world, one.id) for one in items[1:]} == {"Kho luân chuyển"}
    assert ledger.astray(world.session()) == []


def test_a_point_without_a_library_is_a_branch_of_the_province(world: World) -> None:
    point = rotation.site(world)
    assert point.branch.organisation_id == world.province().id
    leg = rotation.received(world, rotation.sent(world, rotation.packed(world, sites=[point], count=4)))
    assert leg.to_site is point and leg.taken_by != leg.given_by
    outcomes = world.session.scalars(select(LegLine.outcome).where(LegLine.leg_id == leg.id)).all()
    assert outcomes == [LegOutcome.ARRIVED] * 4
    assert world.session.scalar(select(Batch.state)) is BatchState.SERVING


def test_a_trip_opens_its_stops(world: World) -> None:
    van = rotation.vehicle(world)
    crew = rotation.account(world, "xe", role=rotation.RoleName.VAN_CREW)
    stops = [rotation.stop(world, f"Bản {n}") for n in range(3)]
    trip = rotation.trip(world, van, stops=stops, crew=[crew], state=TripState.LOADED)
    assert [one.stop_id for one in rotation.visits_of(world, trip)] == [one.id for one in stops]
    books = rotation.aboard(world, van, 4)
    assert {one.place_id for one in books} == {van.aboard_id}
    assert world.session.get_one(Place, van.aboard_id).branch_id == van.branch_id
