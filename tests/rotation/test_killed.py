"""The machine dies in the middle of a dispatch or of a receipt: nothing of it is there afterwards, or all of it."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from library import create_app
from library.core.db import db
from library.holdings import ledger, stays
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.rotation import receiving, sending
from library.rotation.models import Batch, BatchState, BatchStep, Leg, LegLine, Method
from library.rotation.receiving import Got
from library.rotation.signing import Signer
from tests.support import rotation, rotation_truths
from tests.support.racing import SPAWN, settings_of
from tests.support.world import World

COPIES = 30


def _act(settings: dict[str, str], what: str, leg_id: int, signer: Signer, dies_after: int | None) -> None:
    """In a process of its own: sends or receives, killed by the system after so many statements, or never."""
    with create_app(settings).app_context():
        session = db.session()
        leg = session.get_one(Leg, leg_id)
        doing = Doing.now(branch_id=leg.batch.depot.branch_id)
        if dies_after is not None:
            _die_after(dies_after)
        if what == "send":
            sending.send(session, doing, leg, signer)
        else:
            crates = {row for row in session.scalars(select(LegLine.crate_id).where(LegLine.leg_id == leg_id)) if row}
            receiving.receive(session, doing, leg, signer, Got(Method.CRATES, crates=crates))
        if dies_after == -1:
            os.kill(os.getpid(), signal.SIGKILL)  # everything was said, nothing committed
        db.session.commit()
        for engine in db.engines.values():
            engine.dispose()


def _die_after(count: int) -> None:
    left = [count]

    def dies(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", dies)


def run(url: str, folder: Path, what: str, leg: Leg, signer: Signer, dies_after: int | None = None) -> int | None:
    leg_id = leg.id
    db.session.commit()
    db.session.remove()
    process = SPAWN.Process(target=_act, args=(settings_of(url, folder), what, leg_id, signer, dies_after))
    process.start()
    process.join(60)
    return process.exitcode


def told(leg_id: int) -> dict[str, Any]:
    """Everything a dispatch writes, as it stands."""
    session = db.session()
    leg = session.get_one(Leg, leg_id)
    batch = session.get_one(Batch, leg.batch_id)
    lines = session.scalar(select(func.count()).where(LegLine.leg_id == leg_id))
    steps = session.scalar(select(func.count()).where(BatchStep.batch_id == batch.id))
    at_depot = session.scalar(select(func.count(Item.id)).where(Item.place_id == batch.depot_id))
    staying = len(stays.open_at(session, leg.to_site.place_id)) if leg.to_site else 0
    found = {"state": batch.state, "sent": leg.sent_at is not None, "received": leg.received_at is not None,
             "lines": lines, "steps": steps, "at_depot": at_depot, "staying": staying}  # fmt: skip
    db.session.rollback()
    return found


@pytest.mark.parametrize("dies_after", [9, -1])
def test_a_dispatch_that_is_killed_never_happened(
    world: World, database_url: str, tmp_path: Path, dies_after: int
) -> None:
    leg = rotation.legs_of(world, rotation.packed(world, count=COPIES))[0]
    signer, leg_id = rotation.signer(world, "tu"), leg.id
    world.session.commit()
    before = told(leg_id)
    assert run(database_url, tmp_path, "send", leg, signer, dies_after) == -signal.SIGKILL
    assert told(leg_id) == before == {**before, "sent": False, "lines": 0, "staying": 0, "at_depot": COPIES}
    assert rotation_truths.wrong(db.session()) == []
    assert run(database_url, tmp_path, "send", db.session.get_one(Leg, leg_id), signer) == 0, "the next one is let in"
    after = told(leg_id)
    assert (after["state"], after["lines"], after["staying"], after["at_depot"]) == (
        BatchState.IN_TRANSIT, COPIES, COPIES, 0,
    )  # fmt: skip
    assert ledger.astray(db.session()) == []
    assert rotation_truths.wrong(db.session()) == []


@pytest.mark.parametrize("dies_after", [8])
def test_a_receipt_that_is_killed_never_happened(
    world: World, database_url: str, tmp_path: Path, dies_after: int
) -> None:
    leg = rotation.sent(world, rotation.packed(world, count=COPIES))
    signer, leg_id = rotation.signer(world, "ha"), leg.id
    world.session.commit()
    before = told(leg_id)
    assert run(database_url, tmp_path, "receive", leg, signer, dies_after) == -signal.SIGKILL
    assert told(leg_id) == before
    assert not before["received"]
    assert run(database_url, tmp_path, "receive", db.session.get_one(Leg, leg_id), signer) == 0
    after = told(leg_id)
    assert (after["state"], after["received"], after["staying"]) == (BatchState.SERVING, True, COPIES)
    assert rotation_truths.wrong(db.session()) == []
