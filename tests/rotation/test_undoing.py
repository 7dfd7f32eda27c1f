"""Taking back a deed of a batch: nothing that later deeds stand on, and all of what it did to the way and to the list."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db as live
from library.core.errors import Refused
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import (
    batches,
    closing,
    crates,
    extending,
    forwarding,
    legs,
    picking,
    receiving,
    sending,
    steps,
    undoing,
)
from library.rotation.crates import NotPacked
from library.rotation.extending import Asked
from library.rotation.forwarding import Onward
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchLine, BatchState, BatchStep, Leg, LineOutcome, Method
from library.rotation.receiving import Got
from tests.rotation.way import db, doing, items_of, line_of, undo
from tests.support import rotation as made
from tests.support.racing import race, settings_of
from tests.support.world import World

Planned = list[tuple[int, int | None, int | None, date, date | None]]


def act_of(world: World, batch: Batch, deed: Deed) -> int:
    query = select(BatchStep.act_id).where(BatchStep.batch_id == batch.id, BatchStep.deed == deed)
    return world.session.scalars(query.order_by(BatchStep.id.desc())).first() or 0


def planned(world: World, batch: Batch) -> Planned:
    return [
        (one.number, one.from_site_id, one.to_site_id, one.planned_on, one.due_on)
        for one in legs.of(db(world), batch.id)
    ]


def at_the_first(world: World, *names: str) -> Batch:
    """A batch that serves at the first of so many sites."""
    sites = [made.site(world, name) for name in names]
    batch = made.batch(world, sites, made.stock(world, 3))
    made.received(world, made.sent(world, made.packed(world, batch)))
    return batch


def go(world: World, batch: Batch, onward: Onward) -> Leg:
    leg = legs.current(legs.of(db(world), batch.id))
    assert leg and leg.to_site
    there = doing(leg.to_site.branch_id)
    return forwarding.hand_on(db(world), there, batch, made.signer(world, "thao"), onward).leg


# What later deeds stand on


def test_a_receiving_is_not_undone_once_the_batch_is_asked_back(world: World) -> None:
    leg = made.received(world)
    assert leg.receive_act
    closing.recall(db(world), doing(), leg.batch, clock.today() + timedelta(days=3))
    with pytest.raises(steps.WentOn):
        undo(world, leg.receive_act)
    assert (leg.received_at is None, leg.batch.state) == (False, BatchState.RETURNING)
    undo(world, act_of(world, leg.batch, Deed.RECALL))
    undo(world, leg.receive_act)
    assert (leg.received_at, leg.batch.state) == (None, BatchState.IN_TRANSIT)


def test_a_receiving_is_not_undone_once_its_stay_is_extended(world: World) -> None:
    leg = made.received(world)
    assert leg.receive_act and leg.due_on
    longer = leg.due_on + timedelta(days=7)
    extending.grant(db(world), doing(), leg, Asked(longer, "Lường Thị Hà"))
    with pytest.raises(steps.WentOn):
        undo(world, leg.receive_act)
    assert leg.due_on == longer


def test_an_asking_back_is_not_undone_once_the_batch_set_out_for_home(world: World) -> None:
    batch = at_the_first(world, "Nà Phặc")
    leg = closing.recall(db(world), doing(), batch, clock.today() + timedelta(days=3))
    sending.send(db(world), doing(), leg, made.signer(world, "thao"))
    with pytest.raises(steps.WentOn):
        undo(world, act_of(world, batch, Deed.RECALL))
    assert batch.state is BatchState.RETURNING


def test_a_step_whose_state_is_not_the_batchs_is_not_undone(world: World) -> None:
    batch = made.packed(world)
    act = act_of(world, batch, Deed.SEAL)
    batch.state = BatchState.SERVING
    world.session.flush()
    with pytest.raises(steps.WentOn):
        steps.undo(db(world), act)


def test_a_seal_is_not_undone_once_its_crate_has_set_out(world: World) -> None:
    """Not the last crate's either, which is no step of the batch."""
    batch = made.batch(world, items=made.stock(world, 2))
    first, last = (one.item_id for one in made.lines_of(world, batch))
    acts = []
    for item in (first, last):
        told = picking.pick(db(world), doing(), batch, item)
        assert told.crate
        crates.seal(db(world), doing(), told.crate)
        acts.append(told.crate.sealed_by or 0)
    leg = made.legs_of(world, batch)[0]
    sending.send(db(world), doing(), leg, made.signer(world))
    for act in acts:
        with pytest.raises(NotPacked):
            undo(world, act)
    assert leg.send_act
    undo(world, leg.send_act)
    undo(world, acts[1])
    undo(world, acts[0])
    assert batch.state is BatchState.PICKING


def test_a_site_takes_its_own_seal_off_while_the_books_are_there(world: World) -> None:
    batch = at_the_first(world, "Nà Phặc")
    (crate,) = crates.of_batch(db(world), batch.id)
    crates.unseal(db(world), doing(), crate)
    crates.seal(db(world), doing(), crate, "N2")
    assert crate.sealed_by
    undo(world, crate.sealed_by)
    assert not crates.is_sealed(crate)
    crates.seal(db(world), doing(), crate, "N3")
    go(world, batch, Onward(None))
    with pytest.raises(NotPacked):
        undo(world, crate.sealed_by)


# Two at once


def undo_receiving(order: dict[str, Any]) -> str:
    act = live.session.get_one(Act, order["act"])
    try:
        undoing.undo(live.session(), Doing.now(), act)
    except Refused as no:
        live.session.rollback()
        return no.reasons[0].code
    return "undone"


def send_home(order: dict[str, Any]) -> str:
    batch = live.session.get_one(Batch, order["batch"])
    try:
        closing.recall(live.session(), Doing.now(), batch, clock.today())
    except Refused as no:
        live.session.rollback()
        return no.reasons[0].code
    return "asked back"


def test_one_undoes_what_another_goes_on_from(world: World, database_url: str, tmp_path: Path) -> None:
    leg = made.received(world)
    order = {"act": leg.receive_act, "batch": leg.batch_id}
    leg_id = leg.id
    live.session.commit()
    live.session.remove()
    said = race(settings_of(database_url, tmp_path), (undo_receiving, [order]), (send_home, [order]))
    live.session.rollback()
    leg = live.session.get_one(Leg, leg_id)
    assert sorted(one[0] for one in said) in (["not-now", "undone"], ["asked back", "went-on"])
    assert (leg.received_at is None) == (leg.batch.state is BatchState.IN_TRANSIT)


def test_the_batch_is_held_before_anything_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    leg = made.received(world)
    assert leg.receive_act
    lock = steps.lock

    def hold(session: Session, batch_id: int) -> Batch:
        told.append("held")
        return lock(session, batch_id)

    monkeypatch.setattr(steps, "lock", hold)
    monkeypatch.setattr(undoing, "BEFORE", [lambda _session, _act: told.append("asked"), *undoing.BEFORE])
    undo(world, leg.receive_act)
    assert told[:2] == ["held", "asked"]


# The way


def test_undone_an_asking_back_leaves_the_way_as_it_was(world: World) -> None:
    batch = at_the_first(world, "Nà Phặc", "Yến Lạc", "Bằng Vân")
    before = planned(world, batch)
    closing.recall(db(world), doing(), batch, clock.today() + timedelta(days=3))
    assert len(planned(world, batch)) == 2
    undo(world, act_of(world, batch, Deed.RECALL))
    assert planned(world, batch) == before
    closing.recall(db(world), doing(), batch, clock.today() + timedelta(days=3))
    undo(world, act_of(world, batch, Deed.RECALL))
    assert planned(world, batch) == before


def test_undone_a_sending_home_leaves_the_way_as_it_was(world: World) -> None:
    batch = at_the_first(world, "Nà Phặc", "Yến Lạc")
    before = planned(world, batch)
    home = go(world, batch, Onward(None))
    assert home.send_act
    undo(world, home.send_act)
    assert batch.state is BatchState.SERVING and planned(world, batch) == before
    second = legs.next_(legs.of(db(world), batch.id))
    assert second and second.to_site
    went = go(world, batch, Onward(second.to_site, clock.today() + timedelta(days=20)))
    assert went.id == second.id


def test_undone_a_sending_to_a_site_between_leaves_the_way_as_it_was(world: World) -> None:
    batch, other = at_the_first(world, "Nà Phặc", "Yến Lạc"), made.site(world, "Bằng Vân")
    before = [row[1:] for row in planned(world, batch)]
    leg = go(world, batch, Onward(other, clock.today() + timedelta(days=20)))
    assert leg.send_act and len(planned(world, batch)) == 4
    part = db(world).scalars(select(Act).where(Act.uid == forwarding.part_of(act(world, leg), "leg").uid)).one()
    with pytest.raises(steps.WentOn):
        undo(world, part.id)
    undo(world, leg.send_act)
    assert part.voided_by and [row[1:] for row in planned(world, batch)] == before


def act(world: World, leg: Leg) -> Doing:
    assert leg.send_act
    return Doing(world.session.get_one(Act, leg.send_act).uid)


def test_undone_a_sending_to_the_planned_site_leaves_its_days_as_they_were(world: World) -> None:
    batch = at_the_first(world, "Nà Phặc", "Yến Lạc")
    before, second = planned(world, batch), legs.of(db(world), batch.id)[1]
    assert second.to_site
    leg = go(world, batch, Onward(second.to_site, clock.today() + timedelta(days=2)))
    assert leg is second and leg.send_act
    undo(world, leg.send_act)
    assert planned(world, batch) == before


def test_a_batch_cancelled_and_taken_up_again_has_no_leg_more(world: World) -> None:
    """How a leg was planned before it was changed stays out of the way."""
    batch, other = made.packed(world), made.site(world, "Bằng Vân")
    legs.forward(db(world), doing(), batch, other, clock.today(), clock.today() + timedelta(days=20))
    before = planned(world, batch)
    undo(world, batches.cancel(db(world), doing(), batch, "Mưa lũ"))
    assert planned(world, batch) == before


# Picking


def test_the_first_pick_undone_the_batch_is_picked_while_others_are(world: World) -> None:
    batch = made.batch(world, items=made.stock(world, 3))
    first, second, third = (one.item_id for one in made.lines_of(world, batch))
    acts = [picking.pick(db(world), doing(), batch, item).act_id or 0 for item in (first, second)]
    undo(world, acts[0])
    for item in (first, third):
        picking.miss(db(world), doing(), batch, item)
    crates.seal(db(world), doing(), made.crates_of(world, batch)[0])
    sent = sending.send(db(world), doing(), made.legs_of(world, batch)[0], made.signer(world))
    told = [one.deed for one in world.session.scalars(select(BatchStep).where(~BatchStep.voided)).all()]
    assert (sent.count, told) == (1, ["make", "pick", "seal", "dispatch"])


def test_every_pick_undone_the_batch_waits_to_be_picked(world: World) -> None:
    batch = made.batch(world, items=made.stock(world, 2))
    acts = [picking.pick(db(world), doing(), batch, one.item_id).act_id or 0 for one in made.lines_of(world, batch)]
    undo(world, acts[0])
    undo(world, acts[1])
    assert batch.state is BatchState.APPROVED


def instead(world: World, listed: Item, spare: Item, batch: Batch) -> int:
    told = picking.pick(db(world), doing(), batch, spare.id, asked=spare.uid)
    assert line_of(world, listed).outcome is LineOutcome.LEFT_OUT
    return told.act_id or 0


def test_undone_a_copy_that_took_anothers_place_is_off_the_list(world: World) -> None:
    listed, spare = made.stock(world, 2, copies=2)
    batch = made.batch(world, items=[listed])
    undo(world, instead(world, listed, spare, batch))
    rows = world.session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)).all()
    assert [(row.item_id, row.closed_at) for row in rows] == [(listed.id, None)]


def test_undone_a_copy_that_had_been_taken_out_is_out_again(world: World) -> None:
    listed, spare = made.stock(world, 2, copies=2)
    batch = made.batch(world, items=[listed, spare])
    picking.drop(db(world), doing(), batch, spare.id)
    dropped = line_of(world, spare).closed_by
    undo(world, instead(world, listed, spare, batch))
    assert line_of(world, listed).closed_at is None
    was = line_of(world, spare)
    assert (was.outcome, was.closed_by, was.picked_at) == (LineOutcome.LEFT_OUT, dropped, None)


def test_a_receiving_can_be_told_again_once_undone(world: World) -> None:
    leg = made.received(world)
    assert leg.receive_act
    undo(world, leg.receive_act)
    got = receiving.receive(db(world), doing(), leg, made.signer(world, "thao"), Got(Method.MANIFEST))
    assert len(got.asserted) == len(items_of(world, leg))
