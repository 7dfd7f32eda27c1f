"""A copy that follows its batch later: it counts once somebody scans it there, is nobody's short line, and may be left again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger, transfers
from library.holdings.models import Item, Movement, PlaceKind, Why
from library.inbox.models import Act
from library.rotation import (
    closing,
    forwarding,
    legs,
    manifest,
    picking_lists,
    receive_told,
    receiving,
    sending,
    sending_after,
    settling_lines,
    sums,
)
from library.rotation.forwarding import Onward
from library.rotation.models import Batch, BatchState, Leg, LegOutcome, LineOutcome, Method, Site
from library.rotation.receiving import Got
from library.rotation.settling_lines import How, What
from tests.rotation.way import db, doing, items_of, leg_line, lend, line_of, scan, school_of, stays_at, undo
from tests.support import rotation as made
from tests.support.world import World


def left_behind(world: World) -> tuple[Batch, Leg, Item]:
    """Six copies are packed, five set out: one was lent meanwhile, and brought back to the depot since."""
    batch = made.packed(world)
    late = world.session.get_one(Item, made.lines_of(world, batch)[0].item_id)
    province = world.province()
    lend(world, late, world.patron(library=province), world.branch(province).id)
    leg = made.legs_of(world, batch)[0]
    done = sending.send(db(world), doing(batch.depot.branch_id), leg, made.signer(world, "tu"))
    assert done.exceptions == ((late.id, sending.ON_LOAN),)
    scan(world, late, batch.depot)
    return batch, leg, late


def take(world: World, leg: Leg, got: Got, by: str = "ha") -> receiving.Received:
    _, (_, branch) = legs.ends(db(world), leg)
    done = receiving.receive(db(world), doing(branch), leg, made.signer(world, by, school_of(leg)), got)
    world.session.expire_all()
    return done


def follow(world: World, batch: Batch, late: Item) -> Leg:
    leg = sending_after.send_after(db(world), doing(batch.depot.branch_id), batch, late.id)
    world.session.expire_all()
    return leg


def home(world: World, batch: Batch, by: str = "ha") -> None:
    """What is at the site goes home, and is taken by its list."""
    at_site = legs.current(legs.of(db(world), batch.id))
    assert at_site and at_site.to_site
    handed = forwarding.hand_on(
        db(world), doing(at_site.to_site.branch_id), batch, made.signer(world, by), Onward(None)
    )
    world.session.expire_all()
    take(world, handed.leg, Got(Method.MANIFEST), by="thao")


def test_sent_after_the_others_were_received_it_has_not_come_until_it_is_scanned(world: World) -> None:
    """It was scanned at the depot between the two: that scan says nothing of the site."""
    batch, leg, late = left_behind(world)
    take(world, leg, Got(Method.MANIFEST))
    scan(world, late, batch.depot)
    follow(world, batch, late)
    told = sums.of(db(world), batch.id)
    assert (told.sent, told.received, told.under_way, told.proved, told.agree) == (6, 5, 1, 0, True)
    assert leg.to_site
    seen = scan(world, late, leg.to_site.place)
    told = sums.of(db(world), batch.id)
    assert (told.received, told.under_way, told.proved, told.agree) == (6, 0, 1, True)
    undo(world, seen)
    assert sums.of(db(world), batch.id).under_way == 1


@pytest.mark.parametrize("method", [Method.CRATES, Method.MANIFEST, Method.COUNT, Method.SCAN_ALL])
def test_sent_after_it_is_neither_short_nor_asserted_when_the_others_are_received(world: World, method: Method) -> None:
    batch, leg, late = left_behind(world)
    follow(world, batch, late)
    seen = frozenset() if method is Method.MANIFEST else _others(world, leg, late)
    done = take(world, leg, Got(method, seen, counted=5 if method is Method.COUNT else None))
    assert late.id not in (*done.short, *done.asserted, *done.proved) and not done.short
    assert leg_line(world, leg, late).outcome is None and late.place.kind is PlaceKind.IN_TRANSIT
    assert leg.to_site and stays_at(world, late) == leg.to_site.place_id
    assert sums.of(db(world), batch.id).under_way == 1
    told = receive_told.counts(manifest.of(db(world), leg))
    assert (told.listed, told.expected, told.short) == (5, 5, 0), "the page counts what travelled"


def _others(world: World, leg: Leg, late: Item) -> frozenset[int]:
    return frozenset(one.id for one in items_of(world, leg) if one != late)


def test_sent_after_and_scanned_with_the_others_it_came(world: World) -> None:
    batch, leg, late = left_behind(world)
    follow(world, batch, late)
    done = take(world, leg, Got(Method.MANIFEST, seen=frozenset({late.id})))
    assert done.proved == (late.id,) and not done.strange
    assert leg_line(world, leg, late).outcome is LegOutcome.ARRIVED
    assert sums.of(db(world), batch.id).under_way == 0


def test_a_copy_that_followed_is_not_called_back_once_it_came(world: World) -> None:
    batch, leg, late = left_behind(world)
    follow(world, batch, late)
    sent = sent_by(world, late)
    take(world, leg, Got(Method.MANIFEST))
    assert leg.to_site
    seen = scan(world, late, leg.to_site.place)
    with pytest.raises(sending_after.Arrived):
        undo(world, sent)
    assert late.place is leg.to_site.place
    undo(world, seen)
    undo(world, sent)
    assert line_of(world, late).follows == sending.NOT_FOUND


def test_a_copy_that_followed_and_was_received_with_the_others_is_not_called_back(world: World) -> None:
    batch, leg, late = left_behind(world)
    follow(world, batch, late)
    sent = sent_by(world, late)
    take(world, leg, Got(Method.MANIFEST, seen=frozenset({late.id})))
    with pytest.raises(sending_after.Arrived):
        undo(world, sent)
    assert leg_line(world, leg, late).outcome is LegOutcome.ARRIVED


def test_the_whole_batch_goes_home_and_comes_back_though_a_copy_followed_it_once(world: World) -> None:
    """The sending home moved that copy too; what proved that it once arrived is no reason against undoing that."""
    batch, leg, late = left_behind(world)
    follow(world, batch, late)
    take(world, leg, Got(Method.MANIFEST, seen=frozenset({late.id})))
    at_site = legs.current(legs.of(db(world), batch.id))
    assert at_site and at_site.to_site
    there = doing(at_site.to_site.branch_id)
    handed = forwarding.hand_on(db(world), there, batch, made.signer(world, "ha"), Onward(None))
    world.session.expire_all()
    assert handed.leg.send_act
    undo(world, handed.leg.send_act)
    assert batch.state is BatchState.SERVING


def sent_by(world: World, item: Item) -> int:
    """The act of its last sending."""
    query = select(Movement.act_id).where(Movement.item_id == item.id, Movement.why == Why.SEND)
    return world.session.scalars(query.order_by(Movement.id.desc())).first() or 0


def test_what_followed_and_never_came_is_closed_as_short_and_the_owner_answers(world: World) -> None:
    batch, leg, late = left_behind(world)
    take(world, leg, Got(Method.MANIFEST))
    follow(world, batch, late)
    home(world, batch)
    (told,) = [one for one in closing.copies(db(world), batch) if one.item_id == late.id]
    assert told.allowed == (LineOutcome.LOST,) and told.answers == batch.library.name
    act = closing.close(db(world), doing(), batch, {late.id: LineOutcome.LOST})
    world.session.expire_all()
    told_sums = sums.of(db(world), batch.id)
    assert (told_sums.sent, told_sums.received, told_sums.short, told_sums.lost) == (6, 5, 1, 0) and told_sums.agree
    line = leg_line(world, leg, late)
    assert (line.outcome, line.answers_name) == (LegOutcome.SHORT, batch.library.name)
    (owed,) = settling_lines.owed(db(world), Batch.id == batch.id)
    assert (owed.item_id, owed.site) == (late.id, "")
    undo(world, act)
    assert batch.state is BatchState.RETURNING and leg_line(world, leg, late).outcome is None
    assert sums.of(db(world), batch.id).under_way == 1


# Left at a site


def left_at_a_site(world: World) -> tuple[Batch, Site, Site, Item]:
    """The batch went on from the first site to the second; a reader of the first had one, and has brought it back."""
    first, second = made.site(world, "Bưu điện văn hóa Nà Phặc"), made.site(world, "Bưu điện văn hóa Thượng Quan")
    batch = made.packed(world, sites=[first, second])
    leg = made.received(world, made.sent(world, batch))
    late = items_of(world, leg)[0]
    lend(world, late, world.patron(library=first.branch.organisation), first.branch_id)
    onward = Onward(second, clock.today() + timedelta(days=30))
    handed = forwarding.hand_on(db(world), doing(first.branch_id), batch, made.signer(world, "ha"), onward)
    assert handed.sent.exceptions == ((late.id, sending.ON_LOAN),)
    scan(world, late, first.place)
    return batch, first, second, late


def test_what_was_left_at_a_site_follows_from_there(world: World) -> None:
    batch, first, second, late = left_at_a_site(world)
    assert stays_at(world, late) == first.place_id
    (listed,) = [one for one in picking_lists.lines(db(world), batch.id, batch.library_id) if one.item_id == late.id]
    assert not listed.done, "the list offers to send it"
    by = doing(batch.depot.branch_id)
    leg = sending_after.send_after(db(world), by, batch, late.id)
    world.session.expire_all()
    assert leg.to_site_id == second.id and stays_at(world, late) == second.place_id
    assert (late.place.kind, late.place.branch_id) == (PlaceKind.IN_TRANSIT, first.branch_id)
    before = made.legs_of(world, batch)[0]
    assert leg_line(world, before, late).outcome is LegOutcome.SENT_ON and line_of(world, late).follows is None
    with pytest.raises(Refused):
        sending_after.send_after(db(world), doing(), batch, late.id)
    take(world, leg, Got(Method.MANIFEST, seen=frozenset({late.id})), by="thao")
    told = sums.of(db(world), batch.id)
    assert (told.sent, told.received, told.under_way) == (6, 6, 0) and told.agree
    assert ledger.astray(db(world)) == []


def test_what_was_left_at_a_site_and_called_back_stands_there_as_before(world: World) -> None:
    batch, first, _, late = left_at_a_site(world)
    picked = line_of(world, late).picked_at
    by = doing(batch.depot.branch_id)
    sending_after.send_after(db(world), by, batch, late.id)
    undo(world, world.session.scalars(select(Act.id).where(Act.uid == by.uid)).one())
    before, line = made.legs_of(world, batch)[0], line_of(world, late)
    assert leg_line(world, before, late).outcome is LegOutcome.ARRIVED and stays_at(world, late) == first.place_id
    assert (line.picked_at, line.follows, late.place_id) == (picked, sending.ELSEWHERE, first.place_id)
    sending_after.send_after(db(world), doing(), batch, late.id)


def test_what_was_left_at_a_site_when_its_batch_is_closed_follows_home(world: World) -> None:
    batch, _, _, late = left_at_a_site(world)
    now = legs.current(legs.of(db(world), batch.id))
    assert now
    take(world, now, Got(Method.MANIFEST), by="thao")
    home(world, batch, by="tai")
    act = closing.close(db(world), doing(), batch, {late.id: LineOutcome.FOLLOWS})
    world.session.expire_all()
    told = sums.of(db(world), batch.id)
    assert (told.received, told.returned, told.follows) == (6, 5, 1) and told.agree
    asked = transfers.open_one(db(world), late.id)
    assert stays_at(world, late) is None and asked and asked.to_id == late.home_id
    (owed,) = settling_lines.owed(db(world), Batch.id == batch.id)
    assert owed.what is What.FOLLOWS and owed.ways == ()
    came = scan(world, late, batch.depot, Why.RECEIVE)
    assert settling_lines.settle_evident(db(world), doing(), Batch.id == batch.id) == (0, 1)
    assert line_of(world, late).settled_how == How.CAME_HOME
    assert transfers.open_one(db(world), late.id) is None and came > act


def test_the_closing_of_what_follows_home_is_undone(world: World) -> None:
    batch, first, _, late = left_at_a_site(world)
    now = legs.current(legs.of(db(world), batch.id))
    assert now
    take(world, now, Got(Method.MANIFEST), by="thao")
    home(world, batch, by="tai")
    undo(world, closing.close(db(world), doing(), batch, {late.id: LineOutcome.FOLLOWS}))
    assert stays_at(world, late) == first.place_id and transfers.open_one(db(world), late.id) is None
    assert line_of(world, late).closed_at is None
