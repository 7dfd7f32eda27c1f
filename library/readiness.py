"""Is the database ready for this release, and how it becomes so."""

from pathlib import Path

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import select

from library import backup
from library.core.db import db, read_only
from library.organisations.models import Organisation


class Unready(Exception):
    """The database does not fit this release. The message is a whole sentence."""


def _revisions(app: Flask) -> tuple[set[str], set[str]]:
    """The newest revisions this release knows, and the ones the database is at."""
    script = ScriptDirectory(app.extensions["migrate"].directory)
    with app.app_context(), db.engines["reader"].connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := current - {revision.revision for revision in script.walk_revisions()}:
        raise Unready(
            f"Cơ sở dữ liệu này thuộc bản phần mềm mới hơn (bước {', '.join(sorted(unknown))}). Cài bản mới rồi chạy lại."
        )
    return set(script.get_heads()), current


def is_migrated(app: Flask) -> bool:
    heads, current = _revisions(app)
    return heads == current


def migrate(app: Flask) -> Path | None:
    """Bring the tables up to this release; where the backup made before stands, if there was something to keep."""
    heads, current = _revisions(app)
    if heads == current:
        return None
    kept = backup.of(app) if current else None
    with app.app_context():
        flask_migrate.upgrade()
    return kept


def is_empty(app: Flask) -> bool:
    """Whether nobody founded a library here yet."""
    with app.app_context():
        read_only()
        return db.session.scalar(select(Organisation.id).limit(1)) is None


def bring_demo(app: Flask) -> None:
    """Load the demo province; the database must be empty."""
    from library.welcome import demo  # heavy, and wanted once in the life of a database

    demo.load(app)


def sign_ins(app: Flask) -> list[tuple[str, str, str]]:
    """Whom of the demo one may be: who that is, their name to sign in with, the password. Empty without the demo."""
    from library.welcome import demo

    with app.app_context():
        read_only()
        return list(demo.SIGN_INS) if demo.is_demo(db.session()) else []
