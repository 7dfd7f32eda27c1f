"""Runs migrations in the application's own database, in one transaction each."""

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy import Connection

from library.core.db import Base, Moment

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


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        include_object=is_ours,
        render_item=rendered,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with current_app.extensions["migrate"].db.engine.connect() as opened:
        run(opened)
