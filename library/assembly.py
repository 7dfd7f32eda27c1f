"""Putting the application together: settings, database, rights, pages."""

import importlib
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate

import library
from library import doors, settings, statics
from library.core import db as database
from library.core.db import db

migrate = Migrate()
FOLLOWERS = {
    "transfers": "library.holdings.transfers",
    "loans": "library.loans.settling",
    "holds": "library.loans.holds",
}
"""Who must follow the ledger. An application in which one is missing would quietly lose returns: it does not start."""


SUCCESSION = {
    name: f"library.{name}.succession"
    for name in (
        "organisations",
        "calendars",
        "patrons",
        "catalogue",
        "accounts",
        "holdings",
        "labels",
        "loans",
        "cataloguing",
        "exports",
        "privacy",
    )
}
"""Who must be asked when a library takes the place of another: what is forgotten would stay with nobody."""


FORGETTING = (
    "library.inbox.ageing",
    "library.staging.ageing",
    "library.accounts.ageing",
    "library.exports.ageing",
    "library.cataloguing.ageing",
    "library.finding.kept_lists",
    "library.patrons.details",
    "library.patrons.rolling",
    "library.privacy.forgetting",
)
"""Who keeps things for a time only."""

PRESENCE = ("library.inbox.presence",)
"""Who can tell that people are at work, so that the worker gives way."""

PAGES = (
    "accounts", "welcome", "loans", "staging", "catalogue", "finding", "patrons", "labels",
    "cataloguing", "cataloguing.cover_views", "cataloguing.spine_views", "cataloguing.rule_views",
    "exports", "duplicates", "privacy",
    "patrons.rollover_views", "patrons.details_views",
    "loans.settings_views", "loans.holds_views", "accounts.staff_views",
    "patrons.groups_views", "patrons.quick_views", "duplicates.people_views",
    "accounts.lock_views", "accounts.second_views", "accounts.code_views", "accounts.safety_views", "accounts.audit_views",
)  # fmt: skip
"""Packages with pages of their own (`views`), and further modules of pages by their whole name."""


COMPRESSION = {"COMPRESS_ALGORITHM": ["gzip"], "COMPRESS_ALGORITHM_STREAMING": ["deflate"], "COMPRESS_MIN_SIZE": 1000}
"""What every browser takes over plain HTTP too. Pages carry no tokens that their length could tell."""


def folder_of(name: str) -> Path:
    """`templates`, `static` or `migrations`: beside the package in a source tree, inside it when installed."""
    package = Path(library.__file__).parent
    beside = package.parent / name
    return beside if (package.parent / "wsgi.py").exists() and beside.is_dir() else package / name


def _settings(overrides: Mapping[str, Any]) -> dict[str, Any]:
    texts = {settings.PREFIX + name: str(value) for name, value in overrides.items()}
    return settings.flask_config(settings.read({**os.environ, **texts}))


def _check_followers() -> None:
    from library.holdings.ledger import FOLLOWERS as REGISTERED

    if set(REGISTERED.moved) | set(REGISTERED.undone) != set(FOLLOWERS):
        raise RuntimeError(f"ledger followers: declared {sorted(FOLLOWERS)}, registered {sorted(REGISTERED.undone)}")


def _check_succession() -> None:
    from library.organisations.inheriting import SUCCESSION as REGISTERED

    if set(REGISTERED) != set(SUCCESSION):
        raise RuntimeError(f"succession: declared {sorted(SUCCESSION)}, registered {sorted(REGISTERED)}")


def _add_commands(app: Flask) -> None:
    """`flask holdings audit` and the like: every package's `cli.commands`."""
    for package in (name for row in library.layers() for name in row):
        if importlib.util.find_spec(f"library.{package}.cli"):
            app.cli.add_command(importlib.import_module(f"library.{package}.cli").commands)


def assemble(overrides: Mapping[str, Any]) -> Flask:
    app = Flask("library", static_folder=str(folder_of("static")), template_folder=str(folder_of("templates")))
    app.config.from_mapping(_settings(overrides), **COMPRESSION)
    library.import_models()
    for module in (*FOLLOWERS.values(), *SUCCESSION.values(), *FORGETTING, *PRESENCE):
        importlib.import_module(module)

    for page in PAGES:
        module = page if "." in page else f"{page}.views"
        app.register_blueprint(importlib.import_module(f"library.{module}").bp)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(folder_of("migrations")), render_as_batch=True, compare_type=True)
    with app.app_context():
        database.prepare(db.engines)
    doors.install(app)
    statics.install(app)
    Compress(app)
    _add_commands(app)
    _check_followers()
    _check_succession()
    return app
