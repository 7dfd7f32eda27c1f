"""Five hundred copies are received: by their crates, by scans, and with one missing; then their way home, and the two sums.

A part of `python -m tests.bench rotation`; goes on with what the dispatch left.
"""

import time
from collections.abc import Callable, Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.rotation import closing, crates, forwarding, receiving, sums
from library.rotation.forwarding import Onward
from library.rotation.models import Batch, Leg, LegLine, Method
from library.rotation.receiving import Got
from tests.bench.tables import spread
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World

STATEMENTS, WANTED_MS = 20, 200
Row = Sequence[object]


def receive() -> list[Row]:
    """Legs that were sent are received in turn by crates, by scans, and with one copy missing."""
    session, world = cast(Session, db.session), World(db.session)
    taken, giver = rotation.signer(world, "thao"), rotation.signer(world, "tu")
    took: dict[str, list[float]] = {}
    asked: dict[str, int] = {}

    def timed(what: str, work: Callable[[], object]) -> None:
        with counted() as said:
            begun = time.perf_counter()
            work()
            session.commit()
            took.setdefault(what, []).append(time.perf_counter() - begun)
        asked[what] = max(asked.get(what, 0), len(said))

    legs = session.scalars(
        select(Leg).where(Leg.sent_at.is_not(None), Leg.received_at.is_(None)).order_by(Leg.id)
    ).all()
    for number, leg in enumerate(legs):
        what, got = _got(session, leg, number)
        session.commit()
        timed(what, lambda one=leg, how=got: receiving.receive(session, _doing(one), one, taken, how))
    for leg in legs:
        batch = session.get_one(Batch, leg.batch_id)
        depot = batch.depot.branch_id
        timed("both sums of a batch", lambda one=batch: sums.of(session, one.id))
        timed(
            "send 500 home", lambda one=batch, by=_by(depot): forwarding.hand_on(session, by, one, taken, Onward(None))
        )
        home = session.scalars(select(Leg).where(Leg.batch_id == batch.id, Leg.to_site_id.is_(None))).one()
        timed(
            "receive 500 at home",
            lambda one=home, by=_by(depot): receiving.receive(session, by, one, giver, Got(Method.MANIFEST)),
        )
        timed("reconcile and close", lambda one=batch: _close(session, one))
    wanted = {"receive 500 by crates", "receive 500 by scans", "send 500 home", "receive 500 at home"}
    return [
        (what, asked[what], spread(some), f"≤ {STATEMENTS} statements, ≤ {WANTED_MS} ms" if what in wanted else "")
        for what, some in took.items()
    ]


def _got(session: Session, leg: Leg, number: int) -> tuple[str, Got]:
    items = set(session.scalars(select(LegLine.item_id).where(LegLine.leg_id == leg.id)))
    boxes = {one.id for one in crates.of_batch(session, leg.batch_id)}
    return (
        ("receive 500 by crates", Got(Method.CRATES, crates=boxes)),
        ("receive 500 by scans", Got(Method.SCAN_ALL, seen=items)),
        ("receive 500 by crates, one missing", Got(Method.CRATES, crates=boxes, missing={min(items)})),
    )[number % 3]


def _close(session: Session, batch: Batch) -> None:
    """What nobody found is lost."""
    left = [one.item_id for one in closing.copies(session, batch) if not one.is_evident]
    closing.close(session, _by(batch.depot.branch_id), batch, dict.fromkeys(left, closing.LineOutcome.LOST))


def _doing(leg: Leg) -> Doing:
    return Doing(clock.uuid7(), branch_id=leg.to_site.branch_id if leg.to_site else leg.batch.depot.branch_id)


def _by(branch_id: int) -> Doing:
    return Doing(clock.uuid7(), branch_id=branch_id)
