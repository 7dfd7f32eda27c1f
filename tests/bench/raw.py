"""The baseline: the very same statements, sent by the driver alone.

A run of scans is recorded (SQL text and values) on one copy of the database and replayed on another by sqlite3 or
psycopg, transaction by transaction. What the application costs above that is Python's.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

Statement = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Statements as the driver gets them, in order; BEGIN and COMMIT as marks."""
    sent: list[Statement] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, [dict(v) if isinstance(v, dict) else tuple(v) for v in values] if many else values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def replay_sqlite(path: str, scans: list[list[Statement]]) -> list[float]:
    """Seconds for each scan."""
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
        raw.execute(f"PRAGMA {pragma}")
    times = []
    for statements in scans:
        start = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            raw.execute(sql, values).fetchall()
        raw.execute("COMMIT")
        times.append(time.perf_counter() - start)
    raw.close()
    return times


def replay_postgresql(address: str, scans: list[list[Statement]]) -> list[float]:
    import psycopg

    times = []
    with psycopg.connect(address.replace("+psycopg", "")) as raw:
        for statements in scans:
            start = time.perf_counter()
            for sql, values in statements:
                cursor = raw.execute(sql, values)
                if cursor.description:
                    cursor.fetchall()
            raw.commit()
            times.append(time.perf_counter() - start)
    return times


def copy_of(app: Flask, settings: dict[str, str]) -> str:
    """Another database with the same content: its file or address."""
    if "DATABASE" not in settings:
        source = Path(settings["DATA"]) / "tusach.db"
        target = source.with_name("copy.db")
        with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
            one.backup(other)
        shutil.copymode(source, target)
        return str(target)
    import psycopg

    server, name = settings["DATABASE"].rsplit("/", 1)
    with psycopg.connect(server.replace("+psycopg", "") + "/postgres", autocommit=True) as raw:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        raw.execute(others, [name])  # a database in use cannot be copied
        raw.execute(f'CREATE DATABASE copy TEMPLATE "{name}"')
    return f"{server}/copy"
