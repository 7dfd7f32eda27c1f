"""Books brought back where they were not sent: they stay as far as the agreement lets them."""

from datetime import timedelta

import pytest

from library.core import clock
from library.holdings import places, transfers
from library.holdings.models import PlaceKind
from library.inbox import acts
from library.rotation import choosing, choosing_facts, floating
from library.rotation.choosing import Wanted, Why
from library.rotation.models import Agreement, Site
from tests.rotation.way import db, doing, items_of, scan, stays_at, undo
from tests.support import rotation as made
from tests.support.world import World


def agree(world: World, site: Site, cap: int | None) -> None:
    by = doing()
    act = acts.write(db(world), by, "site-agreement", clock.now())
    today = clock.today()
    world.session.add(Agreement(
        uid=clock.uuid7(), site_id=site.id, quota=200, months=6, floats=True, float_cap=cap,
        from_on=today - timedelta(days=10), to_on=today + timedelta(days=300), act_id=act,
    ))  # fmt: skip
    world.session.flush()


def visited(world: World, count: int) -> tuple[Site, list[int]]:
    """So many copies of a batch elsewhere were brought back here and asked to go where they stay."""
    leg, here = made.received(world), made.site(world, "Nà Phặc")
    stacks = places.first_of(db(world), here.branch_id, PlaceKind.STACKS)
    items = items_of(world, leg)[:count]
    for item in items:
        act = scan(world, item, stacks)
        assert leg.to_site
        transfers.ask(db(world), acts.ref(db(world), act), item.id, leg.to_site.place_id, "stay", clock.now())
    return here, [item.id for item in items]


def test_without_an_agreement_nothing_floats(world: World) -> None:
    site, _ = visited(world, 2)
    told = floating.of(db(world), site)
    assert (len(told.guests), told.may_stay) == (2, ())
    with pytest.raises(floating.NotFloating):
        floating.keep(db(world), doing(), site)


def test_the_oldest_stay_up_to_the_cap_and_the_rest_is_surplus(world: World) -> None:
    site, items = visited(world, 3)
    agree(world, site, cap=2)
    by = doing()
    assert floating.keep(db(world), by, site) == tuple(items[:2])
    told = floating.of(db(world), site)
    assert (told.staying, told.room, [one.item_id for one in told.surplus]) == (2, 0, items[2:])
    assert transfers.open_one(db(world), items[0]) is None and transfers.open_one(db(world), items[2])
    from library.holdings.models import Item

    first = world.session.get_one(Item, items[0])
    assert stays_at(world, first) == site.place_id
    act = acts.by_uid(db(world), by.uid)
    assert act
    undo(world, act.id)
    assert stays_at(world, first) != site.place_id and transfers.open_one(db(world), items[0])
    assert floating.of(db(world), site).staying == 0


def test_the_surplus_stands_first_in_the_next_proposals_but_not_for_the_site_that_has_too_much(world: World) -> None:
    site, other, session = made.site(world, "Nà Phặc"), made.site(world, "Chợ Rã"), db(world)
    agree(world, site, cap=1)
    items, home = made.stock(world, 6), made.depot(world)
    stacks = places.first_of(session, site.branch_id, PlaceKind.STACKS)
    for item in (items[0], items[3]):
        act = scan(world, item, stacks)
        transfers.ask(session, acts.ref(session, act), item.id, home.id, "home", clock.now())
    assert floating.surplus(session, site.library_id, clock.today()) == {items[3].id: {site.id}}
    wanted = Wanted(most=2)
    found = choosing.choose(choosing_facts.facts(session, site.library_id, [other], wanted, clock.today()), wanted)
    assert (items[3].id, Why.SURPLUS) in [(one.item_id, one.why) for one in found]
    here = choosing_facts.facts(session, site.library_id, [site], wanted, clock.today())
    assert items[3].id not in [copy.item_id for one in here.titles for copy in one.copies]
    assert items[0].id not in [copy.item_id for one in here.titles for copy in one.copies], "there is room for it"


def test_what_nobody_agreed_to_let_float_is_no_surplus(world: World) -> None:
    site, _ = visited(world, 2)
    assert floating.surplus(db(world), site.library_id, clock.today()) == {}


def next_door(world: World, site: Site, name: str) -> Site:
    """Another site in the same branch."""
    place = places.place_named(db(world), site.branch_id, name, PlaceKind.DEPOT)
    one = Site(
        uid=clock.uuid7(), library_id=site.library_id, branch_id=site.branch_id, place_id=place.id, name=name,
        kind=site.kind, grades=[], languages=[], from_on=clock.today(),
    )  # fmt: skip
    world.session.add(one)
    world.session.flush()
    return one


def brought(world: World, site: Site, count: int) -> list[int]:
    """So many copies of the depot's, brought back in the house of the site."""
    items, stacks = made.stock(world, count), places.first_of(db(world), site.branch_id, PlaceKind.STACKS)
    for item in items:
        scan(world, item, stacks)
    return [item.id for item in items]


def test_two_sites_in_one_branch_share_their_room_and_neither_gets_the_surplus(world: World) -> None:
    first, session, today = made.site(world, "Nà Phặc"), db(world), clock.today()
    second = next_door(world, first, "Nà Phặc, phòng đọc")
    agree(world, first, cap=1)
    agree(world, second, cap=1)
    items = brought(world, first, 3)
    assert floating.surplus(session, first.library_id, today) == {items[2]: {first.id, second.id}}
    for site in (first, second):
        told = choosing_facts.facts(session, first.library_id, [site], Wanted(most=3), today)
        assert items[2] not in [copy.item_id for one in told.titles for copy in one.copies]
    second.closed_on = today
    session.flush()
    assert floating.surplus(session, first.library_id, today) == {item: {first.id} for item in items[1:]}


def test_what_stays_at_the_site_next_door_takes_no_room(world: World) -> None:
    leg, session = made.received(world), db(world)
    second = leg.to_site
    assert second
    first = next_door(world, second, "Phòng đọc cũ")
    agree(world, first, cap=1)
    stacks = places.first_of(session, second.branch_id, PlaceKind.STACKS)
    for item in items_of(world, leg)[:2]:
        scan(world, item, stacks)
    (guest,) = brought(world, first, 1)
    assert [one.item_id for one in floating.of(session, first).guests] == [guest]
    assert floating.surplus(session, first.library_id, clock.today()) == {}
