"""Three desks, an import job and a backup at once on one database: does any of them wait long, is anything doubled?"""

import multiprocessing
import sqlite3
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from library import create_app
from library.accounts import identity
from library.accounts.models import Account
from library.core import clock
from library.core.db import db, once_more
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import PlaceKind
from library.inbox import once
from library.inbox.acts import Doing
from library.loans import desk
from library.loans.desk import Scan
from library.loans.facts import Desk
from library.loans.models import Loan
from tests.bench.stage import Stage
from tests.bench.tables import quantile, spread, table
from tests.support.world import World

SPAWN = multiprocessing.get_context("spawn")
CHUNK = 20
"""Copies an import step enters: what keeps its transaction under 50 ms here."""


def _where(stage: Stage) -> Desk:
    app = stage.app()
    with app.app_context():
        world = World(db.session)
        from library.organisations.models import Organisation

        school = db.session.scalars(select(Organisation).where(Organisation.slug.like("truong%"))).first()
        assert school
        place = Desk(school.id, school.network_id or 0, world.branch(school).id)
        db.session.rollback()
    return place


def scan_once(place: Desk, code: str, reader: str | None, token: str) -> float:
    """A whole scan with its session, grants and inbox, in its own transaction; the seconds it took."""
    uid = clock.uuid7()

    def work() -> None:
        session = db.session()
        assert identity.load(token)
        once.arrive(session, uid, None, {"code": code})
        desk.scan(session, place, Doing(uid, branch_id=place.branch_id), Scan(code, UUID(reader) if reader else None))
        once.keep_answer(session, uid, {"ok": True})
        db.session.commit()

    begun = time.perf_counter()
    once_more(work)
    return time.perf_counter() - begun


def one_desk(stage: Stage, place: Desk, which: int, scans: int, answers: Any) -> None:
    app, times = create_app(stage.settings), []
    with app.app_context():
        codes, readers = stage.accessions[which::3], stage.readers[which::3]
        account = db.session.scalars(select(Account).where(Account.login == f"desk{which}")).one()
        token = identity.open_session(db.session(), account, 1)
        db.session.commit()
        for turn in range(scans // 2):
            for reader in (readers[turn % len(readers)], None):
                times.append(scan_once(place, codes[turn], reader, token))
    answers.put(("desk", times))


def importer(stage: Stage, stop: Any, answers: Any) -> None:
    """Enters copies in chunks, as the import job does."""
    app, times = create_app(stage.settings), []
    with app.app_context():
        world = World(db.session)
        from library.holdings.models import Place
        from library.organisations.models import Organisation

        school = db.session.scalars(select(Organisation).where(Organisation.slug.like("truong%"))).one()
        record, home = world.record("Sách đang nạp", school), world.place(PlaceKind.STACKS, school)
        ids = record.id, home.id, world.branch(school).id
        db.session.commit()
        while not stop.is_set():
            begun = time.perf_counter()
            now = clock.now()
            receipt = accessions.receive(world.session(), Doing(clock.uuid7()), school, "thử", now.date(), now)
            new = [NewItem(ids[0], ids[1], "NAP")] * CHUNK
            accessions.enter(world.session(), receipt, school, ids[2], new, now)
            db.session.commit()
            times.append(time.perf_counter() - begun)
            time.sleep(0.002)
        assert isinstance(home, Place)
    answers.put(("import", times))


def backup(stage: Stage, stop: Any, answers: Any) -> None:
    """SQLite's one-step backup, over and over; on PostgreSQL a long reading transaction in its place."""
    times = []
    while not stop.is_set():
        begun = time.perf_counter()
        if "DATABASE" in stage.settings:
            import psycopg

            with psycopg.connect(stage.settings["DATABASE"].replace("+psycopg", "")) as raw:
                raw.execute("SELECT count(*), max(uid::text) FROM movement").fetchone()
        else:
            source = Path(stage.settings["DATA"]) / "tusach.db"
            with sqlite3.connect(source) as one, sqlite3.connect(source.with_name("backup.db")) as other:
                one.backup(other, pages=-1)
        times.append(time.perf_counter() - begun)
    answers.put(("backup", times))


def alone(stage: Stage, place: Desk, scans: int) -> list[float]:
    answers = SPAWN.Queue()
    process = SPAWN.Process(target=one_desk, args=(stage, place, 0, scans, answers))
    process.start()
    _, times = answers.get(timeout=600)
    process.join()
    return list(times)


def measure(kind: str, stage: Stage, scans: int) -> None:
    place = _where(stage)
    quiet = alone(stage, place, scans)
    stop, answers = SPAWN.Event(), SPAWN.Queue()
    others = [SPAWN.Process(target=work, args=(stage, stop, answers)) for work in (importer, backup)]
    desks = [SPAWN.Process(target=one_desk, args=(stage, place, which, scans, answers)) for which in range(3)]
    for process in (*others, *desks):
        process.start()
    for process in desks:
        process.join()
    stop.set()
    told = [answers.get(timeout=600) for _ in range(5)]
    for process in others:
        process.join()
    busy = [one for what, times in told if what == "desk" for one in times]
    rows: list[tuple[object, ...]] = [
        (kind, "one desk alone", len(quiet), spread(quiet)),
        (kind, "three desks, import and backup at once", len(busy), spread(busy)),
    ]
    rows += [
        (kind, f"{what} step meanwhile", len(times), spread(times)) for what, times in told if what != "desk" and times
    ]
    table(f"Write path, {kind}", ("database", "what", "times", "p50 / p95 / p99 / longest ms"), rows)
    print(
        f"\nduplicates: {_doubled(stage)}; p95 beside a desk alone: {quantile(busy, 0.95) / quantile(quiet, 0.95):.1f}×"
    )


def _doubled(stage: Stage) -> int:
    """Acts that wrote more than one loan, or copies lent twice at once: must be 0."""
    app = stage.app()
    with app.app_context():
        open_ = select(Loan.item_id).where(Loan.ended_at.is_(None), Loan.voided.is_(False))
        twice = open_.group_by(Loan.item_id).having(func.count() > 1)
        found = len(db.session.execute(twice).all())
        db.session.rollback()
    return found
