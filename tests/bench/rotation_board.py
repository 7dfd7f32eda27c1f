"""The board of a province: `python -m tests.bench.rotation_board [--small] [--only sqlite]`.

Fifteen hundred batches of ten legs each, over three years, among sixty sites; sixty copies went on every leg that set out.
Opened is the whole page through the application, as it stands in the middle of that time, and the list of all batches.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db, table_of
from library.inbox import acts
from library.inbox.acts import Doing
from library.rotation.models import Batch, BatchKind, BatchLine, BatchState, Leg, LegLine, LegOutcome, Method
from tests.bench.people_bench import _settle
from tests.bench.stage import on_each
from tests.bench.tables import milliseconds, spread, table
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.statements import counted
from tests.support.world import World

FULL, SMALL = 1_500, 100
SITES, LEGS, COPIES, STAY = 60, 10, 60, 20
"""Legs of a batch, the last of them home; copies on each; days at each site."""
YEARS = 3
WANTED_MS = 150


def fill(count: int) -> None:
    world, chance = World(db.session), random.Random(11)
    rotation.account(world, "tu", RoleName.SCHEDULER)
    sites = [rotation.site(world, f"Điểm số {at}", area=f"Khu vực {at // 10}").id for at in range(SITES)]
    items = [one.id for one in rotation.stock(world, 4_000, copies=5)]
    act = acts.write(world.session(), Doing.now(), "plan-batch", clock.now())
    today = clock.today()
    begin = today - timedelta(days=YEARS * 365)
    depot, owner, other = rotation.depot(world).id, world.province().id, rotation.account(world, "thao").id
    given = rotation.account(world, "tu").id
    for at in range(count):
        first = begin + timedelta(days=chance.randrange(YEARS * 365 + 40))
        _batch(at, first, today, chance, sites, items, (act, depot, owner, given, other))
    db.session.commit()
    _settle()


def _batch(
    at: int, first: date, today: date, chance: random.Random, sites: list[int], items: list[int], ids: tuple[int, ...]
) -> None:
    """Its legs as far as they went by today; the state that follows from them."""
    act, depot, owner, _, _ = ids
    way = [None, *chance.sample(sites, LEGS - 1), None]
    home_on = first + timedelta(days=STAY * (LEGS - 1))
    state = BatchState.CLOSED if home_on < today else BatchState.APPROVED if first >= today else BatchState.SERVING
    row = {
        "uid": clock.uuid7(), "library_id": owner, "code": f"LC{at:05}", "kind": BatchKind.ROTATION, "theme": f"Đợt số {at}",
        "depot_id": depot, "planned_from": first, "planned_to": home_on, "wanted": {}, "state": state, "act_id": act,
        "ended_on": home_on if state is BatchState.CLOSED else None,
    }  # fmt: skip
    batch = db.session.execute(insert(table_of(Batch)).values(row).returning(table_of(Batch).c.id)).scalar_one()
    start = chance.randrange(len(items) - COPIES)
    for number in range(1, LEGS + 1):
        leg = _leg(batch, number, way, first + timedelta(days=STAY * (number - 1)), today, ids)
        if leg is not None:
            db.session.execute(insert(table_of(LegLine)), list(_lines(leg, items[start : start + COPIES], chance)))
    if state is BatchState.APPROVED:
        lines = [
            {"batch_id": batch, "item_id": item, "number": number, "closed_at": clock.now(), "outcome": "left-out"}
            for number, item in enumerate(items[start : start + COPIES])
        ]
        db.session.execute(insert(table_of(BatchLine)), lines)


def _leg(batch: int, number: int, way: list[int | None], day: date, today: date, ids: tuple[int, ...]) -> int | None:
    """The leg's id once it set out."""
    act, _, _, given, other = ids
    gone = day < today
    sent = datetime(day.year, day.month, day.day, 8, tzinfo=clock.HERE)
    done: dict[str, Any] = {
        "sent_at": sent, "send_act": act, "given_by": given, "given_name": "Nông Văn Tú",
        "received_at": sent + timedelta(hours=4), "receive_act": act, "taken_by": other, "taken_name": "Lường Thị Hà",
        "method": Method.CRATES,
    }  # fmt: skip
    row = {
        "uid": clock.uuid7(), "batch_id": batch, "number": number, "from_site_id": way[number - 1],
        "to_site_id": way[number], "planned_on": day, "due_on": day + timedelta(days=STAY),
        "longest_on": day + timedelta(days=180), **(done if gone else {}),
    }  # fmt: skip
    found = db.session.execute(insert(table_of(Leg)).values(row).returning(table_of(Leg).c.id)).scalar_one()
    return found if gone else None


def _lines(leg: int, items: list[int], chance: random.Random) -> Iterator[dict[str, Any]]:
    """One in five hundred was not there."""
    for item in items:
        short = chance.random() < 0.002
        outcome = LegOutcome.SHORT if short else LegOutcome.ARRIVED
        yield {
            "leg_id": leg, "item_id": item, "condition_sent": "good", "asserted_at": None if short else clock.now(),
            "sampled": False, "outcome": outcome, "answers_name": "Lường Thị Hà" if short else None,
        }  # fmt: skip


def measure(kind: str, app: Flask) -> None:
    client = sign_in(app, "tu")
    rows = [
        _opened(client, words, path)
        for words, path in (
            ("the board", "/rotation"),
            ("batches that are overdue", "/rotation?look=overdue"),
            ("as a list", "/rotation?as=table"),
        )
    ]
    with app.app_context():
        legs = len(db.session.scalars(select(Leg.id)).all())
    heads = ("what", "statements", "KB", "p50 / p95 / p99 / longest ms", "of the processor, ms", "wanted")
    table(f"Rotation board of {legs:,} legs, {kind}", heads, rows)


def _opened(client: Any, words: str, path: str, times: int = 30) -> tuple[object, ...]:
    client.get(path)
    took, sent, size = [], 0, 0
    processor = time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        with counted() as statements:
            answer = client.get(path)
        took.append(time.perf_counter() - begun)
        assert answer.status_code == 200
        sent, size = max(sent, len(statements)), len(answer.data)
    processor = (time.process_time() - processor) / times
    return words, sent, size // 1024, spread(took), milliseconds(processor), f"≤ {WANTED_MS} ms"


def main(count: int = FULL, only: str | None = None) -> None:
    on_each(only, f"{count:,} batches, {count * LEGS:,} legs", lambda: fill(count), measure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    main(SMALL if asked.small else FULL, asked.only)
