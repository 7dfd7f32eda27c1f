"""Two people do the same thing at the same moment: one of them did it, the other is told so, and every row agrees."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.core.errors import Refused
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import batches, batches_read, missing, picking, receiving, sending, settling_lines
from library.rotation.batches import NewBatch
from library.rotation.models import Batch, BatchKind, BatchLine, BatchState, Leg, LegLine, Method
from library.rotation.receiving import Got
from library.rotation.signing import Signer
from tests.rotation.way import items_of, scan
from tests.support import rotation, rotation_truths
from tests.support.racing import race, settings_of
from tests.support.world import World

Order = dict[str, Any]


def _said(deed: Any) -> str:
    """What came of it: "done", or the code of the refusal with nothing left behind."""
    try:
        return str(deed() or "done")
    except Refused as no:
        db.session.rollback()
        return no.reasons[0].code


def _signer(order: Order) -> Signer:
    return Signer(order["account"], order["name"])


def receive(order: Order) -> str:
    leg = db.session.get_one(Leg, order["leg"])
    query = select(LegLine.crate_id, LegLine.item_id).where(LegLine.leg_id == leg.id)
    rows = db.session.execute(query).all()
    crates, items = {row[0] for row in rows if row[0]}, {row[1] for row in rows}
    got = Got(Method.CRATES, crates=crates) if order["crates"] else Got(Method.SCAN_ALL, seen=items)
    doing = Doing.now(branch_id=order["branch"])
    return _said(lambda: receiving.receive(db.session(), doing, leg, _signer(order), got) and "done")


def send(order: Order) -> str:
    leg = db.session.get_one(Leg, order["leg"])
    doing = Doing.now(branch_id=order["branch"])
    return _said(lambda: sending.send(db.session(), doing, leg, _signer(order)) and "done")


def add(order: Order) -> str:
    batch = db.session.get_one(Batch, order["batch"])
    doing = Doing.now(branch_id=order["branch"])
    said = batches.add(db.session(), doing, batch, dict.fromkeys(order["items"], "hand"), "Điểm đề nghị")
    return ",".join(sorted({reason.code for _, reason in said.refused})) or "done"


def pick(order: Order) -> str:
    batch = db.session.get_one(Batch, order["batch"])
    doing = Doing.now(branch_id=order["branch"])
    return str(picking.pick(db.session(), doing, batch, order["item"]).outcome)


def settle(order: Order) -> str:
    which = Batch.id == order["batch"]
    doing = Doing.now(branch_id=order["branch"])
    return _said(lambda: settling_lines.settle_evident(db.session(), doing, which) and "done")


def exchange(order: Order) -> str:
    before = db.session.get_one(Batch, order["batch"])
    today, sites = clock.today(), batches_read.sites_of(db.session(), before.id)
    new = NewBatch(
        "Sách đổi", before.depot, sites, today, today + timedelta(days=60), BatchKind.EXCHANGE, replaces=before
    )
    doing = Doing.now(branch_id=order["branch"])
    return _said(lambda: batches.make(db.session(), doing, before.library, new) and "done")


@pytest.fixture
def settings(world: World, database_url: str, tmp_path: Path) -> dict[str, str]:
    return settings_of(database_url, tmp_path)


def two(world: World, **more: Any) -> list[Order]:
    """An order for each of two people."""
    signers = [rotation.signer(world, login) for login in ("ha", "thao")]
    branch = rotation.depot(world).branch_id
    return [{"account": one.id, "name": one.name, "branch": branch, **more} for one in signers]


def both(settings: dict[str, str], work: Any, orders: list[Order]) -> list[str]:
    db.session.commit()
    db.session.remove()
    said = race(settings, *((work, [order]) for order in orders))
    db.session.rollback()
    return sorted(one[0] for one in said)


def test_two_receive_one_leg(world: World, settings: dict[str, str]) -> None:
    """One by seals, the other by scanning: whoever is second hears who was first."""
    leg = rotation.sent(world, rotation.packed(world, count=20))
    first, second = two(world, leg=leg.id)
    said = both(settings, receive, [first | {"crates": True}, second | {"crates": False}])
    assert said == ["done", "received"]
    session = db.session()
    kept = session.scalars(select(Leg).where(Leg.received_at.is_not(None))).one()
    outcomes = session.execute(select(LegLine.asserted_at, LegLine.proved_at).where(LegLine.leg_id == kept.id)).all()
    assert len({(row[0] is None, row[1] is None) for row in outcomes}) == 1, "all by one of the two, none by both"
    assert rotation_truths.wrong(session) == []


def test_two_send_one_leg(world: World, settings: dict[str, str]) -> None:
    leg = rotation.legs_of(world, rotation.packed(world, count=20))[0]
    said = both(settings, send, two(world, leg=leg.id))
    assert said in (["done", "sent"], ["done", "not-now"])
    assert db.session.scalar(select(func.count()).select_from(LegLine)) == 20
    assert set(db.session.scalars(select(Batch.state))) == {BatchState.IN_TRANSIT}
    assert rotation_truths.wrong(db.session()) == []


def test_two_batches_want_one_copy(world: World, settings: dict[str, str]) -> None:
    items = rotation.stock(world, 6)
    site = rotation.school_site(world)
    plans = [rotation.batch(world, [site], state=BatchState.DRAFT, theme=name) for name in "AB"]
    orders = two(world, items=[one.id for one in items])
    orders = [order | {"batch": plan.id} for order, plan in zip(orders, plans, strict=True)]
    said = both(settings, add, orders)
    assert said == ["another-batch", "done"]
    lines = db.session.execute(select(BatchLine.item_id, BatchLine.batch_id)).all()
    assert len(lines) == 6
    assert len({row[1] for row in lines}) == 1


def test_two_pick_one_copy(world: World, settings: dict[str, str]) -> None:
    items = rotation.stock(world, 3)
    batch = rotation.batch(world, [rotation.school_site(world)], items)
    depot = rotation.depot(world).id
    said = both(settings, pick, two(world, batch=batch.id, item=items[0].id))
    assert "picked" in said
    assert len(set(said)) == 2, said
    assert db.session.scalar(select(func.count()).where(BatchLine.picked_at.is_not(None))) == 1
    assert set(db.session.scalars(select(Item.place_id))) == {depot}


def test_two_settle_what_was_found(world: World, settings: dict[str, str]) -> None:
    """One act has found it, not two."""
    leg = rotation.sent(world)
    gone = items_of(world, leg)[0]
    rotation.received(world, leg, short=[gone])
    assert leg.to_site
    scan(world, gone, leg.to_site.place)
    said = both(settings, settle, two(world, batch=leg.batch_id))
    assert said == ["done", "none"]
    assert db.session.scalar(select(func.count()).where(Act.kind == missing.KIND)) == 1


def test_two_plan_what_comes_for_one_batch(world: World, settings: dict[str, str]) -> None:
    before = rotation.received(world).batch.id
    assert both(settings, exchange, two(world, batch=before)) == ["done", "exchanged"]
    assert len(db.session.scalars(select(Batch).where(Batch.replaces_id == before)).all()) == 1
