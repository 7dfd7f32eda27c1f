"""Batches of a province's rotation: `python -m tests.bench rotation`.

Five hundred copies are picked one by one, packed into crates, and set out by one act; then everything is printed. What is
timed is the work with its commit, through the functions the pages call. `PARTS`: other measures of this package add theirs.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask

from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.rotation import crates, papers, picking, sending
from library.rotation.models import Batch, Crate, Leg
from library.rotation.signing import Signer
from tests.bench import rotation_receive
from tests.bench.people_bench import _settle
from tests.bench.stage import on_each
from tests.bench.tables import spread, table
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World

FULL, SMALL = 8, 2
COPIES, EACH = 500, 50
STATEMENTS, WANTED_MS = 20, 200
"""What is promised of a dispatch of five hundred copies."""
Row = Sequence[object]


def fill(count: int) -> None:
    """Batches that were approved, among ten times as many copies of the stock."""
    world = World(db.session)
    site = rotation.site(world)
    rotation.stock(world, 2_000, copies=4, title="Sách khác")
    for number in range(count):
        rotation.batch(world, [site], rotation.stock(world, COPIES, copies=4, title=f"Sách đợt {number}"))
    rotation.signer(world)
    db.session.commit()
    _settle()


def _doing(of: Batch) -> Doing:
    return Doing(clock.uuid7(), branch_id=of.depot.branch_id)


def dispatch() -> list[Row]:
    """Picked by scans, sealed in crates of fifty, sent."""
    took: dict[str, list[float]] = {"pick": [], "seal": [], "send": []}
    asked = {"pick": 0, "seal": 0, "send": 0}
    given = rotation.signer(World(db.session))
    for batch in db.session.query(Batch).order_by(Batch.id).all():
        _one(batch, given, took, asked)
    return [
        ("pick one copy", asked["pick"], spread(took["pick"]), ""),
        (f"seal a crate of {EACH}", asked["seal"], spread(took["seal"]), ""),
        (f"send {COPIES} copies", asked["send"], spread(took["send"]), f"≤ {STATEMENTS} statements, ≤ {WANTED_MS} ms"),
        _printed(),
    ]


def _one(batch: Batch, given: Signer, took: dict[str, list[float]], asked: dict[str, int]) -> None:
    def timed(what: str, work: Callable[[Doing], object]) -> None:
        doing = _doing(batch)
        asked[what] = max(asked[what], _timed(took[what], lambda: work(doing)))

    session = db.session()
    items = [line.item_id for line in rotation.lines_of(World(db.session), batch)]
    for item in items[:EACH]:
        timed("pick", partial(_pick, batch, item))
    for start in range(0, len(items), EACH):
        crate = crates.open_one(session, batch.id) or crates.new(session, _doing(batch), batch)
        if start:
            picking.pick_many(session, _doing(batch), batch, items[start : start + EACH], crate)
        timed("seal", partial(_seal, crate))
    leg = session.query(Leg).filter(Leg.batch_id == batch.id, Leg.number == 1).one()
    timed("send", lambda doing: sending.send(session, doing, leg, given))


def _pick(batch: Batch, item: int, doing: Doing) -> None:
    picking.pick(db.session(), doing, batch, item)


def _seal(crate: Crate, doing: Doing) -> None:
    crates.seal(db.session(), doing, crate)


def _timed(took: list[float], work: Callable[[], object]) -> int:
    """How many statements it sent; how long it took, its commit included, is added to `took`."""
    with counted() as said:
        begun = time.perf_counter()
        work()
        db.session.commit()
        took.append(time.perf_counter() - begun)
    return len(said)


def _printed() -> Row:
    took = []
    for leg in db.session.query(Leg).filter(Leg.sent_at.is_not(None)).limit(3).all():
        begun = time.perf_counter()
        papers.all_of(db.session(), leg, "https://tusach.example/rotation/batches/1")
        took.append(time.perf_counter() - begun)
    return f"print minutes twice and slips of {COPIES} copies", "", spread(took), ""


PARTS: list[Callable[[], list[Row]]] = [dispatch, rotation_receive.receive]
"""Run one after the other on the same database: what one leaves, the next may use."""


def measure(kind: str, app: Flask) -> None:
    with app.app_context():
        rows = [row for part in PARTS for row in part()]
    table(f"Rotation, {kind}", ("what", "statements", "p50 / p95 / p99 / longest ms", "wanted"), rows)


def main(count: int = FULL, only: str | None = None) -> None:
    on_each(only, f"{count} batches of {COPIES} copies", lambda: fill(count), measure)
