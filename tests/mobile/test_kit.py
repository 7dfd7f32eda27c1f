"""Projector, stools, devices for blind readers: out with the trip, in again or not."""

import pytest

from library.core import clock
from library.loans.models import Loan
from library.mobile import kit
from library.mobile.errors import NotDone
from library.mobile.kit import Back, NewKit
from tests.mobile.fleet import Fleet
from tests.support.world import World


def test_the_usual_list_is_a_beginning(world: World) -> None:
    fleet = Fleet(world)
    kit.add(fleet.session, fleet.vehicle, NewKit("Ti vi"))
    assert kit.add_usual(fleet.session, fleet.vehicle) == len(kit.USUAL) - 1
    assert kit.add_usual(fleet.session, fleet.vehicle) == 0
    assert any(one.for_blind for one in kit.of(fleet.session, fleet.vehicle.id))
    with pytest.raises(NotDone, match="there-already"):
        kit.add(fleet.session, fleet.vehicle, NewKit("ti vi"))
    kit.add(fleet.session, fleet.vehicle, NewKit("Ti vi", serial="SN-2"))


def test_what_went_out_comes_in_or_is_named(world: World) -> None:
    fleet = Fleet(world)
    stools = kit.add(fleet.session, fleet.vehicle, NewKit("Ghế nhựa", 100))
    speaker = kit.add(fleet.session, fleet.vehicle, NewKit("Loa"))
    trip = fleet.trip(clock.today(), fleet.stop())
    with pytest.raises(NotDone, match="not-out"):
        kit.check_in(fleet.session, fleet.doing(), trip, {speaker.id: Back(1)})
    kit.check_out(fleet.session, fleet.doing(), trip, {stools.id: 90, speaker.id: 1})
    kit.check_out(fleet.session, fleet.doing(), trip, {stools.id: 100})
    assert kit.checks(fleet.session, trip.id)[stools.id].out_quantity == 100
    kit.check_in(fleet.session, fleet.doing(), trip, {stools.id: Back(98), speaker.id: Back(1, kit.DAMAGED, "rè")})
    told = [(one.name, row.in_quantity, row.in_condition) for one, row in kit.differing(fleet.session, trip.id)]
    assert told == [("Ghế nhựa", 98, "good"), ("Loa", 1, "damaged")]
    kit.undo_in(fleet.session, trip)
    assert kit.differing(fleet.session, trip.id) == []


def test_a_thing_of_the_list_is_lent_from_now_on(world: World) -> None:
    fleet = Fleet(world)
    one, other = world.items(2, fleet.library)
    readers = kit.add(fleet.session, fleet.vehicle, NewKit("Máy đọc sách nói", 2, for_blind=True))
    mine = kit.lend(fleet.session, fleet.vehicle, readers, one)
    assert (readers.quantity, readers.item_id) == (1, None), "the other one stays in the list"
    assert (mine.name, mine.quantity, mine.serial, mine.for_blind) == ("Máy đọc sách nói", 1, one.accession, True)
    with pytest.raises(NotDone, match="taken"):
        kit.lend(fleet.session, fleet.vehicle, readers, one)
    assert kit.lend(fleet.session, fleet.vehicle, readers, other) is readers
    (loan,) = fleet.lent(fleet.stop(), clock.today())
    fleet.session.get_one(Loan, loan).item_id = one.id
    fleet.session.flush()
    with pytest.raises(NotDone, match="lent"):
        kit.keep(fleet.session, mine)
    kit.keep(fleet.session, readers)
    assert (mine.item_id, readers.item_id) == (one.id, None)


def test_a_device_for_blind_readers_is_lent_like_a_book(world: World) -> None:
    fleet = Fleet(world)
    stop, copy = fleet.stop(), world.item(fleet.library)
    device = kit.add(fleet.session, fleet.vehicle, NewKit("Máy đọc sách nói", for_blind=True, item=copy))
    assert kit.lent(fleet.session, [device]) == {}
    (loan,) = fleet.lent(stop, clock.today())
    fleet.session.get_one(Loan, loan).item_id = copy.id
    fleet.session.flush()
    assert kit.lent(fleet.session, [device]) == {device.id: clock.today()}
    kit.retire(fleet.session, device, clock.today())
    assert kit.of(fleet.session, fleet.vehicle.id) == []
