"""Databases to measure on: a school library with many copies, readers and past loans."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, text

from library import create_app
from library.accounts import managing
from library.accounts.models import RoleName
from library.core import memory
from library.core.db import db
from library.holdings.models import Item
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.bench import busy
from tests.support import postgres
from tests.support.people import PASSWORD
from tests.support.policies import lends
from tests.support.world import World

DURABLE = ("max_connections=60", "shared_buffers=256MB")
"""PostgreSQL as it would be run: every commit waits for the disk."""


@dataclass(frozen=True)
class Size:
    copies: int
    readers: int
    past: int


FULL = Size(100_000, 5_000, 500_000)
SMALL = Size(5_000, 500, 20_000)


@dataclass(frozen=True)
class Stage:
    """An application on a filled database, with codes to scan."""

    settings: dict[str, str]
    cards: list[str]
    readers: list[str]
    accessions: list[str]

    def app(self, **more: str) -> Flask:
        return create_app({**self.settings, **more})


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Settings for a fresh empty database of that kind."""
    folder = Path(tempfile.mkdtemp(prefix="tusach-bench-"))
    try:
        if kind == "sqlite":
            yield {"DATA": str(folder), "SECRET_KEY": "bench"}
        else:
            with postgres.server(DURABLE) as address:
                import psycopg

                with psycopg.connect(address.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
                    connection.execute("CREATE DATABASE bench")
                yield {"DATA": str(folder), "SECRET_KEY": "bench", "DATABASE": address + "bench"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(settings: dict[str, str], size: Size) -> Stage:
    """Build the library; loans of the past by SQL alone, consistent enough to be read past, not to be audited."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        world = World(db.session)
        school = world.school()
        lends(world.session, school.id, days=14, most=400)
        for number in range(4):
            account = managing.open_account(world.session(), f"desk{number}", "Bàn", PASSWORD, world.branch())
            managing.grant(world.session(), account, RoleName.LIBRARIAN, school.id)
        db.session.commit()
        _copies(world, size.copies)
        _readers(world, size.readers)
        _past(size.past)
        db.session.commit()
        busy.make_busy(world)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        else:
            db.session.execute(text("ANALYZE"))
            db.session.commit()
        stage = _codes(settings)
        for engine in db.engines.values():
            engine.dispose()
    return stage


def _copies(world: World, count: int) -> None:
    for start in range(0, count, 1000):
        record = world.record(f"Nhan đề số {start}")
        world.items(min(1000, count - start), record=record)
        db.session.commit()


def _readers(world: World, count: int) -> None:
    from library.patrons import enrolling
    from library.patrons.enrolling import NewPatron

    category, school = world.category(), world.school()
    for start in range(0, count, 500):
        people = [NewPatron(f"Bạn đọc {number}") for number in range(start, min(start + 500, count))]
        enrolling.enrol(world.session(), school, category, people)
    db.session.commit()


def _past(count: int) -> None:
    """Loans of last year, every one ended, spread over copies and readers."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    moment = "'2025-09-01 01:00:00.000000'" if db.engine.dialect.name == "sqlite" else "TIMESTAMPTZ '2025-09-01 01:00Z'"
    uid = "lower(hex(randomblob(16)))" if db.engine.dialect.name == "sqlite" else "gen_random_uuid()"
    db.session.execute(
        text(
            f"{numbers} INSERT INTO act (uid, kind, branch_id, occurred_at, recorded_at) "
            f"SELECT {uid}, 'past', (SELECT min(id) FROM branch), {moment}, {moment} FROM n"
        ),
        {"count": count},
    )
    false = "0" if db.engine.dialect.name == "sqlite" else "false"
    db.session.execute(
        text(
            "INSERT INTO loan (act_id, item_id, membership_id, branch_id, lent_at, due_on, renewals, ended_at, ended_by, "
            f"ended_why, voided) SELECT a.id, 1 + a.id % (SELECT max(id) FROM item), 1 + a.id % (SELECT max(id) FROM "
            f"membership), a.branch_id, {moment}, '2025-09-15', 0, {moment}, a.id, 'returned', {false} "
            "FROM act a WHERE a.kind = 'past'"
        )
    )


def _codes(settings: dict[str, str]) -> Stage:
    cards = select(Code.printed, Membership.uid).join(Card, Card.code_id == Code.id)
    rows = db.session.execute(cards.join(Membership, Membership.id == Card.membership_id).order_by(Code.id)).all()
    items = db.session.scalars(select(Item.accession).order_by(Item.id)).all()
    db.session.rollback()
    return Stage(settings, [row[0] for row in rows], [str(row[1]) for row in rows], [item or "" for item in items])


def on_each(only: str | None, what: str, fill: Callable[[], object], measure: Callable[[str, Flask], None]) -> None:
    """Fill and measure a fresh database of each kind, or of the one asked for."""
    for kind in [only] if only else ["sqlite", "postgresql"]:
        with database(kind) as settings:
            app = create_app(settings)
            with app.app_context():
                upgrade()
                begun = time.perf_counter()
                fill()
                print(f"{kind}: {what} in {time.perf_counter() - begun:.0f} s")
            memory.settle()  # as the served process does
            measure(kind, app)
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()
