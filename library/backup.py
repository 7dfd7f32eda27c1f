"""A whole, sound copy of the database, made while the desks go on.

SQLite: its backup API in *one step*; in small steps it starts anew with every write of another process and may never
end. PostgreSQL has tools of its own that do it better: we print the command.
"""

import os
import shlex
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import URL, make_url

from library.core import clock


class Unsound(Exception):
    """The copy did not pass SQLite's own check; it was removed. The message is what SQLite said."""


def sqlite_file(app: Flask) -> Path | None:
    """The file of the database; None where it is PostgreSQL."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def copy(file: Path, target: Path) -> None:
    """Copy a SQLite database that may be in use. `target` appears whole or not at all. Raises Unsound."""
    draft = target.with_name(target.name + ".partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)  # it names people
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as into:
            source.backup(into, pages=-1)
            into.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
            _check(into)
        _to_disk(draft)
        draft.replace(target)
        _to_disk(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _check(connection: sqlite3.Connection) -> None:
    said = [row[0] for row in connection.execute("PRAGMA quick_check")]
    if said != ["ok"]:
        raise Unsound("; ".join(said))


def _to_disk(path: Path) -> None:
    """What the disk holds in its memory is written; a folder too, so that the new name is kept (not on Windows)."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def target_of(app: Flask, moment: datetime) -> Path:
    """backups/tusach-20260901-073000.db in the data folder, by the clock on the wall."""
    name = moment.astimezone(clock.HERE).strftime("tusach-%Y%m%d-%H%M%S.db")
    return Path(app.config["DATA"]).absolute() / "backups" / name


def of(app: Flask, target: Path | None = None) -> Path | None:
    """Back the database up; where to. None where it is PostgreSQL, or where there is nothing yet."""
    file = sqlite_file(app)
    if file is None or not file.exists() or file.stat().st_size == 0:
        return None
    target = target or target_of(app, clock.now())
    copy(file, target)
    return target


def command_of(app: Flask) -> str:
    """The command that backs a PostgreSQL database up, without its password."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string()
    return f"pg_dump --format=custom --file=tusach.dump {shlex.quote(plain)}"
