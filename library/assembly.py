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
from werkzeug.routing import IntegerConverter, Map

import library
from library import doors, settings, statics
from library.core import db as database
from library.core.db import db

migrate = Migrate()
FOLLOWERS = {
    "transfers": "library.holdings.transfers",
    "loans": "library.loans.settling",
    "suspensions": "library.loans.suspensions",
    "losses": "library.loans.losses",
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
        "policies",
        "labels",
        "loans",
        "cataloguing",
        "exports",
        "privacy",
        "shelves",
        "rotation",
        "mobile",
        "promotion",
        "reports",
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
    "library.loans.self_ageing",
    "library.loans.losses_ageing",
    "library.privacy.forgetting",
    "library.shelves.helper_ageing",
    "library.shelves.ageing",
    "library.shelves.log_ageing",
    "library.promotion.visits_ageing",
    "library.promotion.training_ageing",
    "library.promotion.donor_ageing",
    "library.promotion.commend_ageing",
    "library.promotion.readers",
)
"""Who keeps things for a time only."""

NIGHTS = (
    "library.jobs.nights_work",
    "library.loans.closing_jobs",
    "library.loans.holds_nights",
    "library.promotion.challenge_nights",
    "library.reports.rolling_nights",
    "library.reports.saved_nights",
)
"""The runner of nights, and who has something to do every night and no pages that would bring it in."""

PRESENCE = ("library.inbox.presence",)
"""Who can tell that people are at work, so that the worker gives way."""

PAGES = (
    "accounts", "welcome", "policies", "policies.rule_views", "policies.preset_views", "policies.class_views",
    "loans", "loans.explain_views", "staging", "catalogue", "finding", "patrons", "labels",
    "cataloguing", "cataloguing.cover_views", "cataloguing.spine_views", "cataloguing.rule_views",
    "exports", "duplicates", "privacy",
    "patrons.rollover_views", "patrons.details_views",
    "loans.opening_views", "loans.holds_views", "loans.holds_care_views", "loans.transfers_views", "accounts.staff_views",
    "loans.losses_views", "loans.compensation_views", "loans.condition_views", "loans.clearance_views",
    "loans.class_views", "loans.slip_views", "loans.notes_views", "loans.reader_views", "finding.self_views",
    "patrons.groups_views", "patrons.quick_views", "duplicates.people_views",
    "accounts.lock_views", "accounts.second_views", "accounts.code_views", "accounts.safety_views", "accounts.audit_views",
    "accounts.night_views",
    "documents", "shelves.handover_views", "shelves.year_end_views",
    "shelves.board_views", "shelves.helper_views", "shelves.fill_views", "shelves.pull_views", "shelves.count_views",
    "shelves", "shelves.camera_views", "shelves.log_views", "shelves.week_views", "shelves.figures_views", "shelves.milestone_views",
    "shelves.swap_views",
    "mobile", "mobile.vehicle_views", "mobile.stops_views", "mobile.route_views", "mobile.trip_views", "mobile.change_views",
    "mobile.stop_views", "mobile.stop_lend_views", "mobile.stop_paper_views", "mobile.load_views", "mobile.times_views",
    "rotation.receive_views", "rotation.close_views",
    "rotation.sites_views", "rotation.wishes_views", "rotation.stock_views", "rotation.batch_views",
    "rotation", "rotation.site_log_views", "rotation.figures_views",
    "rotation.picking_views", "rotation.papers_views",
    "reports.papers_views", "reports.campaign_views", "reports.campaign_edit_views", "reports.sheet_views",
    "mobile.output_views", "mobile.calendar_views", "mobile.map_views", "mobile.figures_views",
    "promotion.visits_views", "promotion.gates_views", "promotion.kiosk_views",
    "promotion.event_views", "promotion.event_setting_views", "promotion.event_file_views", "promotion.training_views",
    "promotion.online_views", "promotion.lesson_views", "promotion.commend_views",
    "reports.figures_views", "reports.rolling_views",
    "reports.standing_views", "reports.standing_norm_views", "reports.builder_views", "reports.saved_views",
    "reports.dashboard_views", "reports.public_views", "reports.society_views", "reports.society_entry_views",
    "promotion.club_views", "promotion.challenge_class_views", "promotion.challenge_views", "promotion.digital_views",
    "promotion.internet_views",
    "promotion.drive_views", "promotion.gift_views", "promotion.gift_fund_views", "promotion.donor_views",
)  # fmt: skip
"""Packages with pages of their own (`views`), and further modules of pages by their whole name."""


COMPRESSION = {"COMPRESS_ALGORITHM": ["gzip"], "COMPRESS_ALGORITHM_STREAMING": ["deflate"], "COMPRESS_MIN_SIZE": 1000}
"""What every browser takes over plain HTTP too. Pages carry no tokens that their length could tell."""


class RowNumber(IntegerConverter):
    """A number in an address, as large as a database keeps it: what is larger names nothing."""

    def __init__(self, map: Map, *args: Any, **more: Any) -> None:
        super().__init__(map, *args, **{"max": 2**63 - 1, **more})


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
    for module in (*FOLLOWERS.values(), *SUCCESSION.values(), *FORGETTING, *NIGHTS, *PRESENCE):
        importlib.import_module(module)

    app.url_map.converters["int"] = RowNumber
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
