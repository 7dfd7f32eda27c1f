"""What belongs on a shelf."""

import pytest

from library.core import clock
from library.holdings.models import Register
from library.shelves import keeping, overview, stock, tenures, year_end
from library.shelves.models import Shelf
from tests.support.shelves import put, school_class, shelf
from tests.support.world import World


def test_a_shelf_lists_what_stays_there(world: World) -> None:
    one = shelf(world)
    items = world.items(3)
    put(world, one, items[:2])
    told = stock.listed(world.session(), one.place_id)
    assert [row.item_id for row in told] == [item.id for item in items[:2]]
    assert all(row.here and not row.light and row.reader is None for row in told)


def test_its_class_keeps_it(world: World) -> None:
    of = school_class(world)
    one = shelf(world, of)
    tenure = tenures.current(world.session(), one.id)
    assert tenure
    assert tenure.class_id == of.id == one.place.class_id


@pytest.mark.parametrize("status", [Register.WRITTEN_OFF, Register.STRUCK_OUT])
def test_what_left_the_register_is_on_no_list(world: World, status: Register) -> None:
    """Writing a copy off ends no stay."""
    one, items = shelf(world), world.items(3)
    put(world, one, items[:2])
    items[2].home_id = one.place_id
    items[0].register_status = items[2].register_status = status
    world.session.flush()
    session = world.session()
    assert [row.item_id for row in stock.listed(session, one.place_id)] == [items[1].id]
    (side,) = overview.side_by_side(session, Shelf.id == one.id, clock.today())
    assert side.held.copies == 1
    assert year_end.facts(session, [one], clock.now())[one.id].copies == 1
    items[1].register_status = status
    world.session.flush()
    keeping.close(session, world.doing(), one, "not-used")
    assert one.closed_on is not None
