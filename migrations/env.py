"""Runs migrations in the application's own database, in one transaction each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.util import load_python_file
from flask import current_app
from sqlalchemy import Connection

from library.core.db import Base, Moment

# By its place: an installed library has another name for it.
load_python_file(str(Path(__file__).parent), "rebuilding.py")

HIDDEN = ("record_search",)
"""Tables that live in migrations only: the full-text index and its shadows on SQLite."""


def is_ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (name or "").startswith(HIDDEN)


def rendered(kind: str, thing: object, autogen: object) -> str | bool:
    """Migrations name plain SQL types: they must not change when our classes do."""
    if kind == "type" and isinstance(thing, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, sa.Enum):
        return f"sa.String(length={thing.length})"
    return False


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """A table that others point at can be rebuilt only so, and the switch works only outside a transaction."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def check_foreign_keys(ctx: Any, **step: object) -> None:
    """Before a step is committed: what was off while it ran must hold again."""
    if ctx.dialect.name == "sqlite" and (rows := ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"foreign keys broken by this migration: {rows[:5]}")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        include_object=is_ours,
        render_item=rendered,
        on_version_apply=check_foreign_keys,
    )
    with without_foreign_keys(connection), context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with current_app.extensions["migrate"].db.engine.connect() as opened:
        run(opened)
