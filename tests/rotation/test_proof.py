"""Asserted until somebody scans it: any scan proves, until the copy leaves by a later leg; undoing the scan undoes the proof."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from library.holdings import ledger
from library.holdings.models import Item, Why
from library.rotation import proof
from library.rotation.models import Leg, LegLine
from tests.rotation.way import db, items_of, lend, scan
from tests.support import rotation as made
from tests.support.world import World


def proved(world: World, leg: Leg) -> set[int]:
    query = select(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id).where(Leg.id == leg.id, proof.proved())
    return set(world.session.scalars(query))


def asserted(world: World, leg: Leg) -> set[int]:
    query = select(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id).where(Leg.id == leg.id, proof.asserted())
    return set(world.session.scalars(query))


def lent(world: World, item: Item, leg: Leg) -> None:
    assert leg.to_site
    lend(world, item, world.patron(library=leg.to_site.branch.organisation), leg.to_site.branch_id)


def returned(world: World, item: Item, leg: Leg) -> None:
    assert leg.to_site
    scan(world, item, leg.to_site.place)


def counted(world: World, item: Item, leg: Leg) -> None:
    assert leg.to_site
    scan(world, item, leg.to_site.place, Why.STOCKTAKE)


@pytest.mark.parametrize("how", [lent, returned, counted])
def test_any_scan_proves(world: World, how: Callable[[World, Item, Leg], None]) -> None:
    leg = made.received(world)
    one, *rest = items_of(world, leg)
    assert proved(world, leg) == set() and len(asserted(world, leg)) == 6
    how(world, one, leg)
    assert proved(world, leg) == {one.id} and asserted(world, leg) == {item.id for item in rest}


def test_undoing_the_scan_undoes_the_proof(world: World) -> None:
    from library.inbox import acts
    from library.inbox.acts import Doing

    leg = made.received(world)
    one = items_of(world, leg)[0]
    assert leg.to_site
    act = scan(world, one, leg.to_site.place)
    voiding = acts.void(db(world), Doing.now(), act)
    ledger.undo(db(world), act, voiding)
    assert proved(world, leg) == set()


def test_what_is_scanned_after_it_left_proves_nothing_of_before(world: World) -> None:
    leg = made.received(world)
    one, two, *_ = items_of(world, leg)
    returned(world, one, leg)
    home = made.sent(world, leg.batch, 2, by="ha")
    made.received(world, home, by="thao")
    scan(world, two, leg.batch.depot)
    assert proved(world, leg) == {one.id}, "frozen as it was when it left"
    assert proved(world, home) == {two.id}
