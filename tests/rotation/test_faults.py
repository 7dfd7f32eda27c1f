"""What goes wrong on the way, and what is said and kept of it: a closed site, a merged school, another batch's copy, a seal."""

from datetime import timedelta

import pytest

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger
from library.holdings.models import Place, PlaceKind
from library.organisations import founding
from library.rotation import forwarding, manifest, receiving, settling_lines, sums
from library.rotation.forwarding import Onward
from library.rotation.models import Batch, BatchState, Method
from library.rotation.receive_told import strange
from library.rotation.receiving import Got
from tests.rotation.way import db, doing, items_of, scan, school_of
from tests.support import rotation as made
from tests.support.world import World


def test_a_site_that_closed_meanwhile_still_signs_for_what_came(world: World) -> None:
    leg = made.sent(world)
    assert leg.to_site
    leg.to_site.closed_on = clock.today()
    world.session.flush()
    receiving.receive(db(world), doing(), leg, made.signer(world, "ha", school_of(leg)), Got(Method.MANIFEST))
    world.session.expire_all()
    assert leg.batch.state is BatchState.SERVING
    assert {one.place_id for one in items_of(world, leg)} == {leg.to_site.place_id}
    forwarding.hand_on(db(world), doing(), leg.batch, made.signer(world, "ha"), Onward(None))
    assert leg.batch.state is BatchState.RETURNING, "and sends it home"


def test_a_school_that_was_merged_meanwhile_receives_under_its_successor(world: World) -> None:
    site = made.school_site(world)
    batch = made.batch(world, [site], made.stock(world, 3))
    leg = made.sent(world, made.packed(world, batch))
    successor = world.school("Trường Tiểu học và Trung học cơ sở Xuất Hóa")
    founding.succeed(db(world), site.branch.organisation, successor, clock.today())
    world.session.expire_all()
    receiving.receive(db(world), doing(), leg, made.signer(world, "moi", successor), Got(Method.MANIFEST))
    world.session.expire_all()
    here = {world.session.get_one(Place, one.place_id).branch_id for one in items_of(world, leg)}
    assert here == {site.place.branch_id}
    assert ledger.astray(db(world)) == []


def test_a_copy_of_another_batch_is_named_with_that_batch(world: World) -> None:
    leg = made.sent(world)
    assert leg.to_site
    other = made.batch(world, [leg.to_site], made.stock(world, 1, title="Sách của đợt khác"))
    stray = made.lines_of(world, other)[0].item
    mine = {one.id for one in items_of(world, leg)}
    taken = made.signer(world, "ha", school_of(leg))
    done = receiving.receive(db(world), doing(), leg, taken, Got(Method.SCAN_ALL, seen=mine | {stray.id}))
    assert done.strange[0].batch == other.code and not done.strange[0].came_along
    with world_text(world):
        assert other.code in strange(done.strange[0])
    assert sums.of(db(world), leg.batch_id).received == 6, "it is no copy of this one"


def world_text(world: World):  # type: ignore[no-untyped-def]
    from flask import current_app

    return current_app.test_request_context()


def test_a_crate_scanned_twice_is_one_crate(world: World) -> None:
    leg = made.sent(world)
    listed = manifest.of(db(world), leg)
    code = listed.boxes[0].code
    read = manifest.read(db(world), leg, listed, [code, code.lower(), f" {code} "])
    assert read.crates == {listed.boxes[0].id} and read.items == set() and read.unknown == []


def test_without_a_barcode_the_accession_is_typed(world: World) -> None:
    leg = made.sent(world)
    one = items_of(world, leg)[0]
    listed = manifest.of(db(world), leg)
    typed = (one.accession or "").lower().replace(".", " ")
    read = manifest.read(db(world), leg, listed, [typed, "không có mã này"])
    assert read.items == {one.id} and read.unknown == ["không có mã này"]


def test_a_leg_dated_before_it_was_sent_is_refused(world: World) -> None:
    leg = made.sent(world)
    assert leg.sent_at
    by = doing(at=leg.sent_at - timedelta(minutes=1))
    with pytest.raises(Refused) as refused:
        receiving.receive(db(world), by, leg, made.signer(world, "ha", school_of(leg)), Got(Method.MANIFEST))
    assert refused.value.reasons[0].code == "too-early"


def test_told_late_it_was_received_when_it_was_received(world: World) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=3)):
        leg = made.sent(world)
    assert leg.sent_at
    when = leg.sent_at + timedelta(days=1)
    found = items_of(world, leg)
    stacks = world.place(PlaceKind.STACKS, world.province())
    scan(world, found[0], stacks)
    receiving.receive(db(world), doing(at=when), leg, made.signer(world, "ha", school_of(leg)), Got(Method.MANIFEST))
    world.session.expire_all()
    assert leg.received_at == when
    assert found[0].place_id == stacks.id, "what was seen later is where it was seen"
    assert leg.to_site and found[1].place_id == leg.to_site.place_id
    assert ledger.astray(db(world)) == []


def test_nothing_owed_where_nothing_is_missing(world: World) -> None:
    leg = made.received(world)
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []
    with pytest.raises(settling_lines.NotSettled):
        settling_lines.settle_evident(db(world), doing(), Batch.id == leg.batch_id)
