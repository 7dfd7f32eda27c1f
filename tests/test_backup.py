"""Backups: whole, sound, made while others write, and never half there."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from library import backup, create_app, readiness
from library.core.db import db
from library.holdings.models import Item
from tests.migrations.lived import let_go, live
from tests.support.running import told
from tests.support.world import World


def count(file: Path, table: str) -> int:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return found


@pytest.fixture
def lived(tmp_path: Path) -> Flask:
    """A small library on SQLite, whatever database the suite runs on."""
    app = create_app({"DATA": tmp_path, "DATABASE": ""})
    readiness.migrate(app)
    with app.app_context():
        live(World(db.session))
    return app


def test_a_copy_has_everything_and_is_for_its_owner_only(lived: Flask, tmp_path: Path) -> None:
    kept = backup.of(lived)
    assert kept
    assert kept.parent == tmp_path / "backups"
    assert count(kept, "movement") == 5
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == [kept.name], "no draft, no -wal beside it"


def test_a_copy_is_made_while_others_write(lived: Flask, tmp_path: Path) -> None:
    """Two hundred commits go on beside it; the copy is of one moment, and nobody is refused."""
    file = backup.sqlite_file(lived)
    assert file
    done = threading.Event()

    def write() -> None:
        connection = sqlite3.connect(file, timeout=10, isolation_level=None)
        connection.execute("CREATE TABLE pair (a)")
        for number in range(200):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO pair VALUES (?)", [(number,), (number,)])
            connection.execute("COMMIT")
        connection.close()
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    kept = [backup.of(lived, tmp_path / f"{turn}.db") for turn in range(5)]
    writer.join(60)
    assert done.is_set()
    assert all(one and _pairs(one) % 2 == 0 for one in kept)
    assert count(file, "pair") == 400


def _pairs(file: Path) -> int:
    try:
        return count(file, "pair")
    except sqlite3.OperationalError:  # made before the table was
        return 0


def test_an_unsound_database_leaves_no_backup(lived: Flask, tmp_path: Path) -> None:
    file = backup.sqlite_file(lived)
    assert file
    with lived.app_context():
        let_go()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    file.write_bytes(content)
    with pytest.raises((backup.Unsound, sqlite3.DatabaseError)):
        backup.of(lived, tmp_path / "kept.db")
    assert list(tmp_path.glob("kept.db*")) == []


def test_migrating_a_database_with_data_keeps_it_first(lived: Flask, tmp_path: Path) -> None:
    from flask_migrate import downgrade

    with lived.app_context():
        downgrade(revision="-1")
        let_go()
    kept = readiness.migrate(lived)
    assert kept
    assert count(kept, "item") == 2
    assert readiness.migrate(lived) is None, "nothing to do, nothing to keep"


def test_a_first_migration_keeps_nothing(tmp_path: Path) -> None:
    assert readiness.migrate(create_app({"DATA": tmp_path, "DATABASE": ""})) is None
    assert not (tmp_path / "backups").exists()


def test_the_command_says_where(lived: Flask, tmp_path: Path) -> None:
    result = told(tmp_path, "backup", str(tmp_path / "mine.db"))
    assert result.stdout == f"Đã sao lưu: {tmp_path / 'mine.db'}\n"
    assert count(tmp_path / "mine.db", "item") == 2


def test_postgresql_is_told_its_own_command_without_the_password(tmp_path: Path) -> None:
    result = told(tmp_path, "backup", DATABASE="postgresql://mai:hidden@db.example/tusach")
    assert result.returncode == 0
    assert "pg_dump --format=custom --file=tusach.dump postgresql://mai@db.example/tusach" in result.stdout
    assert "hidden" not in result.stdout + result.stderr


def test_a_restored_copy_is_the_library(lived: Flask, tmp_path: Path) -> None:
    """Restoring is putting the file in its place."""
    kept = backup.of(lived, tmp_path / "kept.db")
    app = create_app({"DATA": tmp_path / "other", "DATABASE": f"sqlite:///{kept}"})
    assert readiness.is_migrated(app)
    with app.app_context():
        assert db.session.scalars(select(Item)).all()
