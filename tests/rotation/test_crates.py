"""Crates: their weight, their seal, and what was in them when it was put on."""

import pytest
from sqlalchemy import select

from library.core import clock
from library.holdings import ledger
from library.holdings.models import Item, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations import codes
from library.organisations.models import CodeKind
from library.rotation import crates, picking, sending, undoing
from library.rotation.crates import NotPacked
from library.rotation.models import Batch, BatchState, CratePacking
from library.rotation.picking_rules import Outcome
from tests.rotation.way import lend
from tests.support import rotation
from tests.support.world import World


def doing(of: Batch) -> Doing:
    return Doing(clock.uuid7(), branch_id=of.depot.branch_id)


def filled(world: World, count: int = 3, more: int = 0) -> tuple[Batch, list[Item]]:
    items = rotation.stock(world, count + more)
    of = rotation.batch(world, items=items)
    for item in items[:count]:
        picking.pick(world.session(), doing(of), of, item.id)
    return of, items


def test_a_crate_has_a_code_of_its_own_kind(world: World) -> None:
    of, _ = filled(world)
    (one,) = crates.loads(world.session(), of.id)
    assert codes.KIND_OF[one.code[0]] is CodeKind.CRATE
    assert crates.named_by(world.session(), one.code, clock.now(), of.library_id) == one.crate


def test_sealing_freezes_what_is_inside(world: World) -> None:
    of, items = filled(world)
    (one,) = crates.of_batch(world.session(), of.id)
    assert crates.seal(world.session(), doing(of), one, "00731", 2400) == 3
    assert crates.frozen(world.session(), one) == sorted(item.id for item in items)
    assert (one.seal, one.weighed_grams) == ("00731", 2400)
    assert of.state is BatchState.PACKED
    (load,) = crates.loads(world.session(), of.id)
    assert (load.count, load.grams, load.is_sealed, load.is_broken) == (3, 2400, True, False)


def test_a_crate_is_sealed_once_and_never_empty(world: World) -> None:
    of, _ = filled(world)
    empty = crates.new(world.session(), doing(of), of)
    with pytest.raises(NotPacked, match="empty"):
        crates.seal(world.session(), doing(of), empty)
    one = crates.of_batch(world.session(), of.id)[0]
    crates.seal(world.session(), doing(of), one)
    with pytest.raises(NotPacked, match="sealed"):
        crates.seal(world.session(), doing(of), one)


def test_the_batch_is_packed_only_when_everything_is_in_sealed_crates(world: World) -> None:
    of, items = filled(world, 2, more=1)
    one = crates.of_batch(world.session(), of.id)[0]
    crates.seal(world.session(), doing(of), one)
    assert of.state is BatchState.PICKING
    told = picking.pick(world.session(), doing(of), of, items[2].id)
    assert told.crate is not None
    assert told.crate.number == 2, "a sealed crate is not opened by a scan"
    crates.seal(world.session(), doing(of), told.crate)
    assert of.state is BatchState.PACKED


def test_opening_a_seal_is_written_down_and_a_new_one_freezes_anew(world: World) -> None:
    of, items = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    crates.seal(world.session(), doing(of), one, "1")
    crates.unseal(world.session(), doing(of), one)
    assert one.opened_at is not None
    assert of.state is BatchState.PICKING
    picking.drop(world.session(), doing(of), of, items[0].id)
    crates.seal(world.session(), doing(of), one, "2")
    assert crates.frozen(world.session(), one) == sorted(item.id for item in items[1:])
    rows = world.session.scalars(select(CratePacking).where(CratePacking.crate_id == one.id)).all()
    assert len(rows) == 5, "what was in it before stays written"


def test_a_copy_scanned_elsewhere_breaks_the_seal_by_itself(world: World) -> None:
    of, items = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    crates.seal(world.session(), doing(of), one)
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {items[0].id: items[0].uid}, (stacks.id, stacks.branch_id), Why.DESK, clock.now())
    (load,) = crates.loads(world.session(), of.id)
    assert (load.strayed, load.is_broken) == (1, True)
    assert crates.loads(world.session(), of.id, sent=True)[0].is_broken is False


def test_lent_and_returned_between_picking_and_sealing_it_is_not_in_the_crate(world: World) -> None:
    of, items = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    depot = of.depot
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {items[0].id: items[0].uid}, (depot.id, depot.branch_id), Why.DESK, clock.now())
    assert crates.seal(world.session(), doing(of), one) == 2
    assert crates.frozen(world.session(), one) == sorted(item.id for item in items[1:])
    assert of.state is BatchState.PICKING, "it is to be fetched again"
    told = picking.pick(world.session(), doing(of), of, items[0].id)
    assert told.outcome is Outcome.PICKED
    assert told.crate != one
    left = sending.expected(world.session(), of, rotation.legs_of(world, of)[0])
    assert [load.stays_behind(depot.id) for load in left] == [None, None, None]


def test_lent_between_picking_and_sealing_it_follows(world: World) -> None:
    of, items = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    lend(world, items[0], world.patron(library=world.province()), of.depot.branch_id)
    assert crates.seal(world.session(), doing(of), one) == 2
    lines = {line.item_id: line for line in rotation.lines_of(world, of)}
    assert (lines[items[0].id].follows, lines[items[0].id].picked_at) == (sending.ON_LOAN, None)
    assert of.state is BatchState.PACKED, "nothing is left to fetch"


def test_a_scan_told_after_the_sealing_is_no_copy_of_the_crate_either(world: World) -> None:
    """It was made between picking and sealing, by a device that was offline."""
    of, items = filled(world)
    one, between = crates.of_batch(world.session(), of.id)[0], clock.now()
    crates.seal(world.session(), doing(of), one)
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", between), clock.uuid7()
    ledger.move(world.session(), act, {items[0].id: items[0].uid}, (stacks.id, stacks.branch_id), Why.DESK, between)
    assert crates.loads(world.session(), of.id)[0].is_broken
    assert picking.pick(world.session(), doing(of), of, items[0].id).outcome is Outcome.AGAIN


def test_a_seal_is_taken_back(world: World) -> None:
    of, _ = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    crates.seal(world.session(), doing(of), one, "1")
    undoing.undo(world.session(), doing(of), world.session.get_one(Act, one.sealed_by))
    world.session.refresh(one)
    assert (one.sealed_at, one.seal) == (None, None)
    assert world.session.get_one(Batch, of.id).state is BatchState.PICKING


def test_books_are_moved_between_open_crates_only(world: World) -> None:
    of, items = filled(world)
    first, second = crates.of_batch(world.session(), of.id)[0], crates.new(world.session(), doing(of), of)
    assert crates.pack(world.session(), doing(of), second, [items[0].id]) == 1
    assert crates.contents(world.session(), second.id) == [items[0].id]
    crates.seal(world.session(), doing(of), first)
    with pytest.raises(NotPacked):
        crates.pack(world.session(), doing(of), second, [items[1].id])


def test_a_crate_tells_when_it_is_full(world: World) -> None:
    of, _ = filled(world)
    one = crates.of_batch(world.session(), of.id)[0]
    (load,) = crates.loads(world.session(), of.id)
    assert not load.is_full
    one.limit_grams = load.grams
    world.session.flush()
    assert crates.load(world.session(), one).is_full


def test_a_batch_has_no_more_crates_than_a_van_carries(world: World) -> None:
    of, _ = filled(world)
    with pytest.raises(NotPacked):
        crates.new_many(world.session(), doing(of), of, crates.MOST)


def test_a_site_seals_what_it_gives_on(world: World) -> None:
    sites = [rotation.site(world, name) for name in ("Cao Kỳ", "Nông Hạ")]
    of = rotation.packed(world, count=4, sites=sites)
    rotation.sent(world, of)
    (crate,) = rotation.crates_of(world, of)
    with pytest.raises(NotPacked, match="past-packing"):
        crates.seal(world.session(), doing(of), crate, "2")
    rotation.received(world, rotation.legs_of(world, of)[0])
    crates.unseal(world.session(), doing(of), crate)
    assert crates.seal(world.session(), doing(of), crate, "2") == 4
    assert of.state is BatchState.SERVING
