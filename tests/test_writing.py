"""Who may write when: a reading request cannot, several processes never refuse each other, a fault gives the turn back."""

import multiprocessing
import sqlite3
import time
from pathlib import Path
from typing import Any

import portalocker
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from library import audit, create_app
from library.access import for_everyone
from library.audit import Trace
from library.core import clock
from library.core.db import db, for_writing

PROCESSES, EACH = 3, 100


@pytest.fixture
def scribble(app: Flask) -> Flask:
    """Views that write, asked with GET and with POST; one of them stumbles."""
    app.testing = False

    @for_everyone
    def write() -> str:
        audit.note(None, "scribbled", "wall", "here")
        db.session.commit()
        return "written"

    @for_everyone
    def stumble() -> str:
        audit.note(None, "scribbled", "wall", "here")
        db.session.flush()
        raise RuntimeError("in the middle")

    @for_everyone
    def leave() -> str:
        audit.note(None, "scribbled", "wall", "here")
        db.session.flush()
        db.session.connection().invalidate()
        return "left"

    app.add_url_rule("/write", view_func=write, methods=["GET", "POST"])
    app.add_url_rule("/stumble", view_func=stumble, methods=["POST"])
    app.add_url_rule("/leave", view_func=leave, methods=["POST"])
    return app


def traces(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Trace.id))) or 0


def test_a_reading_request_cannot_write(scribble: Flask) -> None:
    assert scribble.test_client().get("/write").status_code == 500
    assert traces(scribble) == 0
    assert scribble.test_client().post("/write").status_code == 200
    assert traces(scribble) == 1


def test_a_reading_connection_refuses_by_itself(app: Flask) -> None:
    with (
        app.app_context(),
        db.engines["reader"].connect() as connection,
        pytest.raises(DBAPIError, match=r"readonly|read-only"),
    ):
        connection.execute(Trace.__table__.delete())


@pytest.mark.parametrize("path", ["/stumble", "/leave"])
def test_the_turn_is_given_back_whatever_happens(scribble: Flask, path: str) -> None:
    """Were it not, the second request would wait for a minute and be refused."""
    client = scribble.test_client()
    for _ in range(3):
        began = time.monotonic()
        client.post(path)
        assert client.post("/write").status_code == 200
        assert time.monotonic() - began < 5
    assert traces(scribble) == 3
    assert _is_free(scribble)


def _is_free(app: Flask) -> bool:
    """Another process could write at once."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return True
        file = str(db.engine.url.database)
    with Path(file + ".lock").open("r+") as lock:
        portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        portalocker.unlock(lock)
    with sqlite3.connect(file, timeout=0, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()
    return True


def _write_many(settings: dict[str, Any], answer: Any) -> None:
    """In a process of its own: many small transactions, each read first and then written."""
    app = create_app(settings)
    longest = 0.0
    try:
        with app.app_context():
            for _ in range(EACH):
                began = time.monotonic()
                for_writing()
                db.session.scalar(select(func.count(Trace.id)))
                audit.note(clock.uuid7(), "wrote", "line", "here")
                db.session.commit()
                longest = max(longest, time.monotonic() - began)
    except BaseException as error:
        answer.put(repr(error))
        raise
    answer.put(longest)


def test_processes_that_write_at_once_wait_for_each_other(app: Flask, tmp_path: Path, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    settings = {"DATA": str(tmp_path), "DATABASE": database_url, "SECRET_KEY": "test"}
    processes = [context.Process(target=_write_many, args=(settings, answer)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    said = [answer.get(timeout=90) for _ in processes]
    for process in processes:
        process.join(30)
    assert all(isinstance(one, float) for one in said), said
    assert traces(app) == PROCESSES * EACH
