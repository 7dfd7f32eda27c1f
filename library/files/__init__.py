"""Bytes by their hash, in a folder beside the database. The row that owns a file keeps the key."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import Column, Select, event, literal, select
from sqlalchemy.orm import Session

from library.core.db import Model

CHUNK = 1 << 20


def _folder() -> Path:
    return Path(current_app.config["FILES"])


def path_of(key: str) -> Path:
    """Where the bytes of `key` (64 hexadecimal letters) lie. Raises ValueError for anything else."""
    if len(key) != 64 or any(letter not in "0123456789abcdef" for letter in key):
        raise ValueError("not a file key")
    return _folder() / key[:2] / key


def keep(stream: BinaryIO) -> str:
    """Store the bytes and return their key. The same bytes twice are kept once; a half-written file is never seen."""
    _folder().mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as draft:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            draft.write(chunk)
        draft.flush()
        os.fsync(draft.fileno())
    target = path_of(digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    Path(draft.name).replace(target)
    return target.name


KEY: dict[Any, Any] = {"files": True}
"""`info` of every column that holds a key. A row with a `removed_at` that is set holds it no more."""


def forget(session: Session, key: str) -> None:
    """A row that had the key is gone, and committed; so are the bytes, unless a row of whatever table has the same."""
    if not _is_held(session, key):
        path_of(key).unlink(missing_ok=True)


def forget_with(session: Session, key: str) -> None:
    """As `forget`, once what the session is about to commit stands. What is rolled back keeps its bytes."""
    session.flush()
    if not _is_held(session, key):
        session.info.setdefault(_GOING, set()).add(key)


_GOING = "files that go with the commit"


@event.listens_for(Session, "after_commit")
def _go(session: Session) -> None:
    if not session.in_nested_transaction():
        for key in session.info.pop(_GOING, ()):
            path_of(key).unlink(missing_ok=True)


@event.listens_for(Session, "after_rollback")
def _stay(session: Session) -> None:
    session.info.pop(_GOING, None)


def _is_held(session: Session, key: str) -> bool:
    return any(session.scalar(_holds(column, key)) for column in _columns())


def _columns() -> Iterable[Column[Any]]:
    every = Model.metadata.tables.values()
    return (column for table in every for column in table.columns if column.info.get("files"))


def _holds(column: Column[Any], key: str) -> Select[int]:
    query, removed = select(literal(1)).where(column == key).limit(1), column.table.columns.get("removed_at")
    return query if removed is None else query.where(removed.is_(None))
