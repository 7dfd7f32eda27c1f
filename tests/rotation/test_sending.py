"""A leg sets out: one act, conditional on where each copy was packed; what is not there is named and follows."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.holdings import ledger
from library.holdings.models import Basis, Item, Movement, Place, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.loans.deeds import Lending
from library.loans.models import Loan
from library.rotation import crates, manifest, picking, sending, sending_after, sums, undoing
from library.rotation.lifecycle import NotNow
from library.rotation.models import Batch, BatchState, Leg, LegLine, LegOutcome
from library.rotation.sending import NotSent, Sent
from library.uses.counting import Frozen
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World


def doing(of: Batch) -> Doing:
    return Doing(clock.uuid7(), branch_id=of.depot.branch_id)


def packed(world: World, count: int = 5) -> tuple[Batch, Leg, list[Item]]:
    """Picked and packed by the functions people use."""
    items = rotation.stock(world, count)
    of = rotation.batch(world, items=items)
    crate = crates.new(world.session(), doing(of), of)
    picking.pick_many(world.session(), doing(of), of, [item.id for item in items], crate)
    crates.seal(world.session(), doing(of), crate, "00731")
    return of, rotation.legs_of(world, of)[0], items


def send(world: World, leg: Leg, by: str = "tu") -> Sent:
    return sending.send(world.session(), doing(leg.batch), leg, rotation.signer(world, by), "Xe 97A-001.23")


def away(world: World, of: Batch, item: Item) -> None:
    """Somebody scans it in the stacks."""
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {item.id: item.uid}, (stacks.id, stacks.branch_id), Why.DESK, clock.now())


def places(world: World, items: Sequence[Item]) -> set[PlaceKind]:
    query = select(Place.kind).join(Item, Item.place_id == Place.id).where(Item.id.in_([item.id for item in items]))
    return set(world.session.scalars(query))


def test_everything_packed_is_on_its_way(world: World) -> None:
    of, leg, items = packed(world)
    done = send(world, leg)
    assert (done.count, done.exceptions) == (5, ())
    assert places(world, items) == {PlaceKind.IN_TRANSIT}
    moves = world.session.scalars(select(Movement).where(Movement.act_id == done.act_id)).all()
    assert {one.basis for one in moves} == {Basis.ASSERTION}
    assert all(one.rests_on is not None and one.rests_on <= one.occurred_at for one in moves)
    stays_ = world.session.scalars(select(Stay).where(Stay.ended_at.is_(None))).all()
    assert {(one.place_id, one.until_on) for one in stays_} == {(leg.to_site.place_id, leg.due_on)}
    assert of.state is BatchState.IN_TRANSIT
    assert (leg.given_name, leg.carrier) == ("Nông Văn Tú", "Xe 97A-001.23")
    assert leg.minutes == f"1/{clock.today().year}"
    lines = world.session.scalars(select(LegLine).where(LegLine.leg_id == leg.id)).all()
    assert {one.crate_id for one in lines} == {rotation.crates_of(world, of)[0].id}


def test_a_copy_scanned_elsewhere_is_named_and_stays_there(world: World) -> None:
    of, leg, items = packed(world)
    away(world, of, items[0])
    done = send(world, leg)
    assert done.count == 4
    assert done.exceptions == ((items[0].id, sending.ELSEWHERE),)
    assert places(world, items[:1]) == {PlaceKind.STACKS}
    follows = {one.item_id: one.follows for one in rotation.lines_of(world, of)}
    assert follows == {item.id: sending.ELSEWHERE if item is items[0] else None for item in items}
    assert items[0].id not in world.session.scalars(select(LegLine.item_id)).all()


def test_a_copy_seen_in_the_depot_after_it_was_packed_is_in_no_crate(world: World) -> None:
    of, leg, items = packed(world)
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    here = of.depot
    ledger.move(world.session(), act, {items[0].id: items[0].uid}, (here.id, here.branch_id), Why.DESK, clock.now())
    assert send(world, leg).exceptions == ((items[0].id, sending.STRAYED),)


def test_a_seal_known_to_be_broken_says_nothing_where_it_comes(world: World) -> None:
    of, leg, items = packed(world)
    (crate,) = rotation.crates_of(world, of)
    away(world, of, items[0])
    done = send(world, leg)
    world.session.refresh(crate)
    assert (crate.opened_at, crate.opened_by) == (leg.sent_at, done.act_id)
    assert [box.opened for box in manifest.of(world.session(), leg).boxes] == [True]
    undoing.undo(world.session(), doing(of), world.session.get_one(Act, done.act_id))
    world.session.refresh(crate)
    assert crates.is_sealed(crate), "nothing has left: the seal is as it was"


def test_a_whole_seal_stays_whole_when_it_sets_out(world: World) -> None:
    of, leg, _ = packed(world)
    send(world, leg)
    assert crates.is_sealed(rotation.crates_of(world, of)[0])
    assert [box.opened for box in manifest.of(world.session(), leg).boxes] == [False]


def test_a_copy_with_a_reader_stays_with_the_reader(world: World) -> None:
    of, leg, items = packed(world)
    reader, place = world.patron(library=world.province()), world.place(PlaceKind.WITH_PATRONS, world.province())
    lending = Lending(items[0].id, items[0].uid, reader.id, clock.today(), Frozen(place.branch_id))
    deeds.lend(world.session(), doing(of), lending, (place.id, place.branch_id), clock.now())
    done = send(world, leg)
    assert done.exceptions == ((items[0].id, sending.ON_LOAN),)
    assert world.session.scalars(select(Loan)).one().ended_at is None


def test_what_was_never_picked_does_not_go(world: World) -> None:
    items = rotation.stock(world, 3)
    of = rotation.batch(world, items=items)
    picking.pick(world.session(), doing(of), of, items[0].id)
    leg = rotation.legs_of(world, of)[0]
    done = send(world, leg)
    assert done.count == 1
    assert dict(done.exceptions) == {items[1].id: sending.NOT_FOUND, items[2].id: sending.NOT_FOUND}


def test_nothing_packed_is_nothing_sent(world: World) -> None:
    items = rotation.stock(world, 2)
    of = rotation.batch(world, items=items, state=BatchState.PICKING)
    with pytest.raises(NotSent, match="nothing"):
        send(world, rotation.legs_of(world, of)[0])


def test_a_leg_sets_out_once(world: World) -> None:
    _of, leg, _ = packed(world)
    send(world, leg)
    with pytest.raises(NotSent, match="sent"):
        send(world, leg)


def test_a_batch_that_is_not_picked_does_not_leave(world: World) -> None:
    of = rotation.batch(world, items=rotation.stock(world, 2))
    with pytest.raises(NotNow):
        send(world, rotation.legs_of(world, of)[0])


def test_the_second_leg_waits_for_the_first(world: World) -> None:
    sites = [rotation.site(world, name) for name in ("Cao Kỳ", "Nông Hạ")]
    of = rotation.packed(world, count=3, sites=sites)
    with pytest.raises(NotNow):
        send(world, rotation.legs_of(world, of)[1])


def test_no_books_go_to_a_site_that_has_closed(world: World) -> None:
    _of, leg, _ = packed(world)
    assert leg.to_site
    leg.to_site.closed_on, leg.to_site.closed_why = clock.today(), "sáp nhập"
    world.session.flush()
    with pytest.raises(NotSent, match="closed"):
        send(world, leg)


def test_books_go_on_from_site_to_site_without_those_that_were_short(world: World) -> None:
    sites = [rotation.site(world, name) for name in ("Cao Kỳ", "Nông Hạ")]
    of = rotation.packed(world, count=4, sites=sites)
    first, second, *_ = rotation.legs_of(world, of)
    rotation.sent(world, of)
    missing = world.session.get_one(Item, rotation.lines_of(world, of)[0].item_id)
    rotation.received(world, first, short=[missing])
    done = send(world, second)
    assert (done.count, done.exceptions) == (3, ())
    assert of.state is BatchState.IN_TRANSIT
    outcomes = world.session.scalars(select(LegLine.outcome).where(LegLine.leg_id == first.id)).all()
    assert sorted(filter(None, outcomes)) == [LegOutcome.SENT_ON] * 3 + [LegOutcome.SHORT]
    stays_ = world.session.scalars(select(Stay.place_id).where(Stay.ended_at.is_(None))).all()
    assert set(stays_) == {
        second.to_site.place_id,
        first.to_site.place_id,
    }  # the short one's own stay waits for C's closing


def test_what_a_reader_of_the_site_has_follows_later(world: World) -> None:
    sites = [rotation.site(world, name) for name in ("Cao Kỳ", "Nông Hạ")]
    of = rotation.packed(world, count=3, sites=sites)
    first, second, *_ = rotation.legs_of(world, of)
    rotation.sent(world, of)
    rotation.received(world, first)
    item = world.session.get_one(Item, rotation.lines_of(world, of)[0].item_id)
    assert first.to_site
    reader, branch = world.patron(library=world.province()), first.to_site.branch_id
    with_patrons = world.session.scalars(
        select(Place).where(Place.branch_id == branch, Place.kind == PlaceKind.WITH_PATRONS)
    ).one()
    lending = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(branch))
    deeds.lend(world.session(), doing(of), lending, (with_patrons.id, branch), clock.now())
    done = send(world, second)
    assert done.exceptions == ((item.id, sending.ON_LOAN),)
    assert world.session.scalars(select(Loan)).one().ended_at is None


def test_books_that_go_home_are_asked_back_by_that(world: World) -> None:
    of = rotation.packed(world, count=3)
    first, home = rotation.legs_of(world, of)
    rotation.sent(world, of)
    rotation.received(world, first)
    assert send(world, home).count == 3
    assert of.state is BatchState.RETURNING


def test_a_dispatch_is_taken_back_whole(world: World) -> None:
    of, leg, items = packed(world)
    before = of.state
    done = send(world, leg)
    undoing.undo(world.session(), doing(of), world.session.get_one(Act, done.act_id))
    assert places(world, items) == {PlaceKind.DEPOT}
    assert world.session.get_one(Batch, of.id).state is before
    assert world.session.scalars(select(LegLine)).all() == []
    assert world.session.scalars(select(Stay).where(Stay.ended_at.is_(None), Stay.voided.is_(False))).all() == []
    leg = world.session.get_one(Leg, leg.id)
    assert leg.sent_at is None
    again = send(world, leg)
    assert again.count == 5
    assert leg.minutes == f"1/{clock.today().year}", "the minutes keep their number"


def test_nobody_takes_back_what_another_signed_for(world: World) -> None:
    of, leg, _ = packed(world)
    done = send(world, leg)
    rotation.received(world, leg)
    with pytest.raises(NotSent, match="received"):
        undoing.undo(world.session(), doing(of), world.session.get_one(Act, done.act_id))


def test_a_scan_told_late_wins_over_the_list(world: World) -> None:
    """A hand-held had scanned it in the stacks after it was packed, and says so when the van is gone."""
    of, leg, items = packed(world)
    then = clock.now()
    with clock.stopped_at(then + timedelta(minutes=5)):
        send(world, leg)
    stacks = world.place(PlaceKind.STACKS, world.province())
    with clock.stopped_at(then + timedelta(minutes=9)):
        act = acts.write(world.session(), doing(of), "take-in", then), clock.uuid7()
        ledger.move(world.session(), act, {items[0].id: items[0].uid}, (stacks.id, stacks.branch_id), Why.DESK, then)
    world.session.expire_all()
    assert places(world, items[:1]) == {PlaceKind.STACKS}
    assert places(world, items[1:]) == {PlaceKind.IN_TRANSIT}


def test_many_copies_are_sent_by_few_statements(world: World) -> None:
    _of, leg, items = packed(world, 60)
    signer = rotation.signer(world)
    now = doing(leg.batch)
    world.session.commit()
    with counted() as said:
        assert sending.send(world.session(), now, leg, signer).count == len(items)
    assert len(said) <= 20, "\n".join(one[:110] for one in said)


def test_what_was_left_behind_is_sent_after_the_others_and_proved_by_a_scan(world: World) -> None:
    items = rotation.stock(world, 3)
    of = rotation.batch(world, items=items)
    for item in items[:2]:
        picking.pick(world.session(), doing(of), of, item.id)
    leg = rotation.legs_of(world, of)[0]
    send(world, leg)
    rotation.received(world, leg, scanned=items[:2])
    sending_after.send_after(world.session(), doing(of), of, items[2].id)
    assert places(world, items[2:]) == {PlaceKind.IN_TRANSIT}
    assert leg.to_site
    stay = world.session.scalars(select(Stay).where(Stay.item_id == items[2].id, Stay.ended_at.is_(None))).one()
    assert (stay.place_id, stay.until_on) == (leg.to_site.place_id, leg.due_on)
    told = sums.of(world.session(), of.id)
    assert (told.sent, told.received, told.under_way, told.proved, told.agree) == (3, 2, 1, 2, True)
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    there = leg.to_site.place_id, leg.to_site.branch_id
    ledger.move(world.session(), act, {items[2].id: items[2].uid}, there, Why.DESK, clock.now())
    told = sums.of(world.session(), of.id)
    assert (told.received, told.under_way, told.proved, told.agree) == (3, 0, 3, True)
    with pytest.raises(NotSent, match="not-following"):
        sending_after.send_after(world.session(), doing(of), of, items[2].id)


def test_what_a_reader_still_has_is_not_sent_after(world: World) -> None:
    items = rotation.stock(world, 2)
    of = rotation.batch(world, items=items)
    picking.pick(world.session(), doing(of), of, items[0].id)
    send(world, rotation.legs_of(world, of)[0])
    reader, place = world.patron(library=world.province()), world.place(PlaceKind.WITH_PATRONS, world.province())
    lending = Lending(items[1].id, items[1].uid, reader.id, clock.today(), Frozen(place.branch_id))
    deeds.lend(world.session(), doing(of), lending, (place.id, place.branch_id), clock.now())
    with pytest.raises(NotSent, match="on-loan"):
        sending_after.send_after(world.session(), doing(of), of, items[1].id)


def test_a_copy_sent_after_is_called_back(world: World) -> None:
    items = rotation.stock(world, 2)
    of = rotation.batch(world, items=items)
    picking.pick(world.session(), doing(of), of, items[0].id)
    send(world, rotation.legs_of(world, of)[0])
    act = doing(of)
    sending_after.send_after(world.session(), act, of, items[1].id)
    made = world.session.scalars(select(Act).where(Act.uid == act.uid)).one()
    undoing.undo(world.session(), doing(of), made)
    assert places(world, items[1:]) == {PlaceKind.DEPOT}
    assert world.session.scalars(select(LegLine.item_id)).all() == [items[0].id]
    sending_after.send_after(world.session(), doing(of), of, items[1].id)
