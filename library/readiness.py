"""Is the database ready for this release, and how it becomes so."""

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import select

from library import backup
from library.accounts.models import Account
from library.core.db import db, read_only
from library.organisations.models import Organisation

DEMO = "library.welcome.demo"
SignIn = tuple[str, str, str]
"""Who, their name to sign in with, the password."""


class Unready(Exception):
    """The database does not fit this release. The message is a whole sentence."""


class Demo(Protocol):
    """What `library.welcome.demo` brings."""

    SIGN_INS: Sequence[SignIn]

    def load(self, app: Flask) -> object: ...


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


def demo() -> Demo | None:
    return cast(Demo, importlib.import_module(DEMO)) if importlib.util.find_spec(DEMO) else None


def bring_demo(app: Flask) -> bool:
    """Load the demo province into an empty database. Whether it did."""
    brought = demo()
    if brought is None or not is_empty(app):
        return False
    brought.load(app)
    return True


def sign_ins(app: Flask) -> list[SignIn]:
    """Whom of the demo one can sign in as in this database."""
    brought = demo()
    if brought is None:
        return []
    with app.app_context():
        read_only()
        there = set(
            db.session.scalars(select(Account.login).where(Account.login.in_([one[1] for one in brought.SIGN_INS])))
        )
    return [one for one in brought.SIGN_INS if one[1] in there]
