"""One for one: what comes is no more than what goes home for it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from library.core import clock
from library.core.db import db
from library.rotation import batches, batches_checks, exchanging
from library.rotation.batches import NewBatch, NotPlanned
from library.rotation.models import Batch, BatchKind, BatchState, LegLine, LegOutcome, Site
from tests.rotation.way import doing
from tests.support import rotation as made
from tests.support.people import sign_in
from tests.support.world import World

DAY = timedelta(days=1)


def serving(world: World, count: int, short: int = 0) -> Batch:
    """A batch at the school, some of it missing."""
    leg = made.sent(world, made.packed(world, made.batch(world, [made.school_site(world)], made.stock(world, count))))
    items = [line.item for line in made.lines_of(world, leg.batch)]
    return made.received(world, leg, short=items[:short]).batch


def coming_for(world: World, other: Batch | None, count: int, kind: BatchKind = BatchKind.EXCHANGE) -> Batch:
    """A draft with so many copies that takes the place of `other`."""
    session, province = world.session(), world.province()
    site = world.session.query(Site).first()
    today = clock.today()
    assert site
    new = NewBatch("Sách đổi", made.depot(world), [site], today, today + 60 * DAY, kind, replaces=other)
    batch = batches.make(session, doing(), province, new)
    made.add_lines(world, batch, made.stock(world, count, title="Sách mới"))
    return batch


def codes(world: World, batch: Batch, count: int) -> list[str]:
    return [one.code for one in batches_checks.remarks(world.session(), batch, count)]


@pytest.mark.parametrize("kind", [BatchKind.EXCHANGE, BatchKind.DEPOSIT])
def test_more_than_goes_home_is_not_proposed(world: World, kind: BatchKind) -> None:
    before = serving(world, 6, short=2)
    assert exchanging.gives_back(world.session(), before) == 4
    batch = coming_for(world, before, 5, kind)
    assert "one-for-one" in codes(world, batch, 5)
    with pytest.raises(NotPlanned) as no:
        batches.propose(world.session(), doing(), batch)
    assert no.value.reasons[0].facts == {"batch": before.code, "back": 4, "count": 5, "over": 1}
    batches.take_out(world.session(), doing(), batch, [made.lines_of(world, batch)[0].item_id])
    batches.propose(world.session(), doing(), batch)
    assert batch.state is BatchState.PROPOSED
    told = exchanging.successor(world.session(), before)
    assert told and (told.other, told.copies) == (batch, 4)


def test_what_was_lost_since_is_not_approved(world: World) -> None:
    before = serving(world, 6)
    batch = coming_for(world, before, 6)
    batches.propose(world.session(), doing(), batch)
    line = made.lines_of(world, before)[0]
    gone = world.session.query(LegLine).filter_by(item_id=line.item_id).one()
    gone.outcome, gone.asserted_at, gone.answers_name = LegOutcome.SHORT, None, "Lường Thị Hà"
    world.session.flush()
    with pytest.raises(NotPlanned):
        batches.approve(world.session(), doing(), batch, "Triệu Thị Thảo")


def test_fewer_may_come_and_it_is_said(world: World) -> None:
    before = serving(world, 6)
    batch = coming_for(world, before, 3)
    assert "fewer-come" in codes(world, batch, 3)
    batches.propose(world.session(), doing(), batch)


def test_an_exchange_is_for_a_batch_and_for_one_that_nothing_else_comes_for(world: World) -> None:
    with pytest.raises(NotPlanned):
        made.school_site(world, "Trường Tiểu học Đức Xuân")
        coming_for(world, None, 3)
    before = serving(world, 6)
    coming_for(world, before, 3)
    with pytest.raises(NotPlanned):
        coming_for(world, before, 3)


def test_it_is_planned_from_the_batch_that_stands_there(app: Flask, world: World) -> None:
    before = serving(world, 6, short=1)
    made.stock(world, 12, title="Sách mới")
    site = world.session.query(Site).first()
    assert site
    world.session.commit()
    tu = sign_in(app, "tu")
    address = f"/rotation/batches/new?replaces={before.uid}"
    assert address in tu.get(f"/rotation/batches/{before.uid}").get_data(as_text=True)
    page = tu.get(address).get_data(as_text=True)
    assert "Đợt ấy giao lại 5 cuốn." in page and 'value="5"' in page
    first = clock.today()
    sent: dict[str, Any] = {
        "uid": str(uuid4()), "theme": "Sách đổi", "first": f"{first:%d/%m/%Y}", "kind": "exchange", "do": "empty",
        "last": f"{first + 60 * DAY:%d/%m/%Y}", "site": str(site.uid), "replaces": str(before.uid),
    }  # fmt: skip
    refused = tu.post("/rotation/batches/new", data={**sent, "most": "6"})
    assert refused.status_code == 422 and "nhiều nhất bấy nhiêu" in refused.get_data(as_text=True)
    assert tu.post("/rotation/batches/new", data={**sent, "uid": str(uuid4()), "most": "5"}).status_code == 303
    db.session.rollback()
    assert "Đến đổi một lấy một" in tu.get(f"/rotation/batches/{before.uid}").get_data(as_text=True)
