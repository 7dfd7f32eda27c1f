"""Copies join the rotation stock and leave it: their home changes, where they are is the ledger's."""

from datetime import timedelta

from sqlalchemy import func, select

from library.core import clock
from library.holdings.models import Item, Place, PlaceKind, Register
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import sites, stock, stock_figures, undoing
from library.rotation.models import StockChange
from tests.support import rotation
from tests.support.world import World


def doing(world: World) -> Doing:
    return Doing.now(rotation.account(world).uid, world.branch(world.province()).id)


def in_stock(world: World) -> int:
    query = select(func.count(Item.id)).where(stock.in_stock(world.province().id))
    return world.session.scalar(query) or 0


def test_copies_join_and_leave_and_both_are_taken_back(world: World) -> None:
    library, depot = world.province(), rotation.depot(world)
    items = world.items(3, library)
    stacks = world.place(library=library)
    joined = stock.join(world.session(), doing(world), library.id, [one.id for one in items], depot)
    assert joined.items == tuple(one.id for one in items)
    assert in_stock(world) == 3
    assert {one.place_id for one in items} == {stacks.id}, "nobody has carried them there yet"
    left = stock.leave(world.session(), doing(world), library.id, [items[0].id])
    assert in_stock(world) == 2
    assert world.session.get_one(Item, items[0].id).home_id == stacks.id
    for act in (left.act_id, joined.act_id):
        undoing.undo(world.session(), doing(world), world.session.get_one(Act, act))
    assert in_stock(world) == 0
    assert world.session.scalar(select(func.count()).where(StockChange.voided.is_(False))) == 0


def test_a_scan_at_the_depot_brings_it_there(world: World) -> None:
    library, depot = world.province(), rotation.depot(world)
    item = world.item(library)
    stock.join(world.session(), doing(world), library.id, [item.id], depot, seen=True)
    world.session.expire_all()
    assert item.place_id == depot.id
    stock.leave(world.session(), doing(world), library.id, [item.id], seen=True)
    world.session.expire_all()
    assert item.place_id == world.place(library=library).id


def test_what_cannot_join_or_leave_says_why(world: World) -> None:
    library, depot = world.province(), rotation.depot(world)
    items = world.items(2, library)
    items[1].register_status = Register.WRITTEN_OFF
    foreign = world.item()
    stock.join(world.session(), doing(world), library.id, [items[0].id], depot)
    told = stock.join(world.session(), doing(world), library.id, [items[0].id, items[1].id, foreign.id], depot)
    assert {item: reason.code for item, reason in told.refused} == {
        items[0].id: "there", items[1].id: "register", foreign.id: "not-ours",
    }  # fmt: skip
    rotation.batch(world, items=[items[0]])
    stays = stock.leave(world.session(), doing(world), library.id, [items[0].id, items[1].id])
    assert {item: reason.code for item, reason in stays.refused} == {items[0].id: "going", items[1].id: "not-stock"}


def test_undo_leaves_what_somebody_said_since(world: World) -> None:
    library, depot = world.province(), rotation.depot(world)
    other = Place(uid=clock.uuid7(), branch_id=depot.branch_id, kind=PlaceKind.DEPOT, name="Kho hai")
    world.session.add(other)
    world.session.flush()
    item = world.item(library)
    first = stock.join(world.session(), doing(world), library.id, [item.id], depot)
    stock.join(world.session(), doing(world), library.id, [item.id], other)
    undoing.undo(world.session(), doing(world), world.session.get_one(Act, first.act_id))
    assert world.session.get_one(Item, item.id).home_id == other.id


def test_places_of_sites_are_no_depots(world: World) -> None:
    library = world.province()
    depot, site = rotation.depot(world), rotation.site(world)
    assert site.place.kind is PlaceKind.DEPOT
    assert [one.id for one in sites.depots(world.session(), library.id)] == [depot.id]
    assert sites.depot(world.session(), library).id == depot.id


def test_the_first_depot_is_made_when_it_is_needed(world: World) -> None:
    library = world.province()
    assert sites.depots(world.session(), library.id) == []
    made = sites.depot(world.session(), library)
    assert (made.kind, made.branch_id) == (PlaceKind.DEPOT, library.branches[0].id)
    assert sites.depot(world.session(), library).id == made.id


def test_figures_of_additions(world: World) -> None:
    library, depot, today = world.province(), rotation.depot(world), clock.today()
    items = world.items(4, library)
    items[3].price = 30_000
    world.session.flush()
    stock.join(world.session(), doing(world), library.id, [one.id for one in items], depot)
    stock.leave(world.session(), doing(world), library.id, [items[0].id])
    taken_back = stock.join(world.session(), doing(world), library.id, [items[0].id], depot)
    undoing.undo(world.session(), doing(world), world.session.get_one(Act, taken_back.act_id))
    told = stock_figures.of(world.session(), library.id, today)
    assert (told.copies, told.titles, told.value, told.free) == (3, 1, 30_000, 0)
    assert told.in_the_depot == 0, "they stand in the stacks still"
    (month,) = told.months
    assert (month.first, month.joined, month.left) == (today.replace(day=1), 4, 1)
    rotation.stock(world, 3)
    rotation.batch(world, items=rotation.stock(world, 2, title="Đợt này"))
    assert stock_figures.of(world.session(), library.id, today).free == 3
    assert not stock_figures.of(world.session(), world.school().id, today + timedelta(days=1)).copies
