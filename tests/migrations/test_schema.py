"""The database is what the models say, and holds to it by itself."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from library.core.db import Base, db
from library.holdings.models import Place, PlaceKind
from library.loans.models import Loan
from tests.migrations.lived import live
from tests.support.world import World

CASCADES = {
    ("contributor", "record_id"), ("record_number", "record_id"), ("load_row", "load_id"), ("title_loans", "record_id"),
    ("title_apart", "one_id"), ("title_apart", "other_id"), ("listed_title", "record_id"),
}  # fmt: skip
"""Parts that go with their whole. Everything else is RESTRICT: nothing that others speak of goes away."""

FROZEN = ("movement", "document_use", "trace", "visit", "happening")
KEPT = (
    "act", "code", "document_use", "item", "loan", "membership", "movement", "receipt", "register_line", "trace", "visit",
    "happening",
)  # fmt: skip
TRIGGERS = {(f"{table}_stays_as_it_is", table) for table in (*FROZEN, "act")} | {
    (f"{table}_is_kept", table) for table in KEPT
} | {
    ("reader_words_come", "membership"), ("reader_words_follow", "membership"), ("reader_words_change", "person"),
}  # fmt: skip
SEARCH = {(f"record_search_{done}", "record") for done in ("added", "removed", "changed")}
"""On SQLite only: the full-text index follows the titles."""
HIDDEN = ("record_search",)

OPEN_ONCE = {"uq_loan_open", "uq_stay_open", "uq_transfer_open", "uq_place_one_a_branch", "uq_item_accession"}


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    with app.app_context(), db.engine.connect() as opened:
        yield opened


def test_the_tables_are_the_models(connection: Connection) -> None:
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda thing, name, *rest: not (name or "").startswith(HIDDEN),
    }
    context = MigrationContext.configure(connection, opts=options)
    assert compare_metadata(context, Base.metadata) == []


def test_checks_are_there(connection: Connection) -> None:
    told = {
        (table.name, str(one.name))
        for table in Base.metadata.tables.values()
        for one in table.constraints
        if isinstance(one, CheckConstraint)
    }
    inspector = inspect(connection)
    held = {
        (table, str(one["name"])) for table in Base.metadata.tables for one in inspector.get_check_constraints(table)
    }
    assert held == told
    assert all(name.startswith(f"ck_{table}_") for table, name in held)


def test_keys_restrict_but_for_the_declared_ones(connection: Connection) -> None:
    inspector = inspect(connection)
    keys = [(table, one) for table in Base.metadata.tables for one in inspector.get_foreign_keys(table)]
    rules = {(table, one["constrained_columns"][0]): one["options"].get("ondelete") for table, one in keys}
    assert {key for key, rule in rules.items() if rule == "CASCADE"} == CASCADES
    assert {key: rule for key, rule in rules.items() if rule not in ("RESTRICT", "CASCADE")} == {}
    assert all(str(one["name"]).startswith(f"fk_{table}_") for table, one in keys)


def test_indexes_are_there_and_partial_where_they_must_be(connection: Connection) -> None:
    told = {
        (table.name, one.name, tuple(column.name for column in one.columns), one.unique, where(one.dialect_options))
        for table in Base.metadata.tables.values()
        for one in table.indexes
    }
    inspector = inspect(connection)
    held = {
        (table, one["name"], tuple(one["column_names"]), bool(one["unique"]), partial(one["dialect_options"]))
        for table in Base.metadata.tables
        for one in inspector.get_indexes(table)
        if not one.get("duplicates_constraint") and one["name"] not in HIDDEN
    }
    assert held == told
    assert {name for _, name, _, unique, has_where in held if unique and has_where} >= OPEN_ONCE


def where(options: object) -> bool:
    return options["sqlite"]["where"] is not None  # type: ignore[index]


def partial(options: dict[str, object]) -> bool:
    return any(name.endswith("_where") and value is not None for name, value in options.items())


def test_the_triggers_are_these_and_no_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
    else:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    found = {(row[0], row[1]) for row in connection.execute(text(query))}
    assert found == TRIGGERS | (SEARCH if connection.dialect.name == "sqlite" else set())


def test_a_copy_has_one_open_loan(world: World) -> None:
    live(world)
    still_out = db.session.query(Loan).filter(Loan.ended_at.is_(None)).one()
    other = db.session.query(Loan).filter(Loan.ended_at.is_not(None)).one()
    copy = {column.key: getattr(still_out, column.key) for column in Loan.__table__.columns}
    with pytest.raises(IntegrityError, match=r"uq_loan_open|loan\.item_id"):
        db.session.execute(Loan.__table__.insert().values({**copy, "id": 99, "act_id": other.act_id + 1000}))
    db.session.rollback()


def test_a_branch_has_one_place_in_transit(world: World) -> None:
    branch = world.branch()
    first = world.place(PlaceKind.IN_TRANSIT)
    db.session.add(Place(uid=world.doing().uid, branch_id=branch.id, kind=PlaceKind.IN_TRANSIT, name=f"{first.name} 2"))
    with pytest.raises(IntegrityError, match=r"uq_place_one_a_branch|place\.branch_id"):
        db.session.flush()


def test_a_title_with_copies_cannot_go(world: World) -> None:
    live(world)
    with pytest.raises(IntegrityError):
        db.session.execute(text("DELETE FROM record"))
