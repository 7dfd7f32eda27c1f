"""Changing a table on SQLite copies it and drops the old one: its triggers must come along, the rows that point at it stay."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError, IntegrityError

from library.assembly import folder_of
from library.core.db import Base, db
from tests.migrations.lived import counts, live
from tests.migrations.test_schema import SEARCH, TRIGGERS
from tests.support.world import World


def env_part(name: str) -> Any:
    """A module that lies beside env.py, as alembic loads it."""
    spec = importlib.util.spec_from_file_location(name, folder_of("migrations") / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def op(app: Flask, world: World) -> Iterator[Operations]:
    """Migration steps by hand, as env.py runs them: foreign keys off, in one transaction."""
    live(world)
    env_part("rebuilding")
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=OFF")
        yield Operations(MigrationContext.configure(connection))
        connection.rollback()
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=ON")


def triggers(op: Operations) -> set[tuple[str, str]]:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        return {(row[0], row[1]) for row in connection.execute(sa.text(query))} | SEARCH
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    return {(row[0], row[1]) for row in connection.execute(sa.text(query))}


def change(batch: Any) -> None:
    batch.alter_column("note", existing_type=sa.Text(), new_column_name="remark")


def test_a_plain_batch_loses_the_triggers(op: Operations) -> None:
    """Why `op.rebuild` exists. If this fails, alembic has learnt it and we may forget it."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("item") as batch:
        change(batch)
    assert ("item_is_kept", "item") not in triggers(op)


@pytest.mark.parametrize("table", ["item", "receipt"])
def test_a_rebuilt_table_keeps_its_triggers_and_its_rows(op: Operations, table: str) -> None:
    connection = op.get_bind()
    before = counts(connection, sorted(Base.metadata.tables))
    with op.rebuild(table) as batch:  # type: ignore[attr-defined]
        change(batch)
    assert "remark" in {column["name"] for column in sa.inspect(connection).get_columns(table)}
    assert triggers(op) == TRIGGERS | SEARCH
    assert counts(connection, sorted(Base.metadata.tables)) == before
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    with pytest.raises(DBAPIError, match="stay as they are"), connection.begin_nested():
        connection.execute(sa.text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("table", ["membership", "person"])
def test_tables_whose_triggers_speak_of_each_other_can_be_rebuilt(op: Operations, table: str) -> None:
    connection = op.get_bind()
    with op.rebuild(table) as batch:  # type: ignore[attr-defined]
        batch.alter_column("uid", existing_type=sa.Uuid(), new_column_name="known_as")
    assert triggers(op) == TRIGGERS | SEARCH
    if connection.dialect.name == "sqlite":
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    connection.execute(sa.text("UPDATE person SET name_folded = 'ho a sin', name_sort = 'x'"))
    words = connection.execute(sa.text("SELECT word FROM reader_word ORDER BY word")).scalars().all()
    assert words == ["=has", "a", "ho", "sin"]


def test_titles_are_still_found_when_their_table_was_rebuilt(op: Operations) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    with op.rebuild("record") as batch:  # type: ignore[attr-defined]
        batch.alter_column("language", existing_type=sa.Text(), new_column_name="tongue")
    connection.execute(sa.text("UPDATE record SET search_text = 'but chi'"))
    found = "SELECT count(*) FROM record_search WHERE record_search MATCH 'chi'"
    assert connection.execute(sa.text(found)).scalar_one() == 1


def test_rows_that_point_at_it_still_hold_it(op: Operations) -> None:
    """After the rebuild a copy that movements speak of cannot go, even where no trigger forbids it."""
    connection = op.get_bind()
    with op.rebuild("place") as batch:  # type: ignore[attr-defined]
        batch.alter_column("closed_on", existing_type=sa.Date(), new_column_name="closed_for_good_on")
    connection.commit()
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(IntegrityError):
        connection.execute(sa.text("DELETE FROM place"))


STEP = '''"""Tried out."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{before}"

def upgrade():
{body}

def downgrade():
    pass
'''


def with_step(folder: Path, body: str) -> str:
    """A copy of the folder of migrations with one more in it."""
    ours = folder / "migrations"
    shutil.copytree(folder_of("migrations"), ours, ignore=shutil.ignore_patterns("__pycache__"))
    (newest,) = ScriptDirectory(str(ours)).get_heads()
    (ours / "versions" / "9999_tried_out.py").write_text(STEP.format(before=newest, body=body), encoding="utf-8")
    return str(ours)


def test_a_migration_may_rebuild_a_table_that_others_point_at(world: World, tmp_path: Path) -> None:
    live(world)
    step = '    with op.rebuild("item") as batch:\n        batch.alter_column("note", new_column_name="remark")'
    upgrade(with_step(tmp_path, step))
    with db.engine.connect() as connection:
        assert "remark" in {column["name"] for column in sa.inspect(connection).get_columns("item")}
        assert connection.execute(sa.text("SELECT count(*) FROM item")).scalar_one() == 2
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1, "on again for everybody"


def test_a_migration_that_breaks_a_key_is_taken_back(world: World, tmp_path: Path) -> None:
    live(world)
    with pytest.raises((SystemExit, RuntimeError, DBAPIError)):  # Flask-Migrate turns some errors into an exit
        upgrade(with_step(tmp_path, '    op.execute("DELETE FROM place")'))
    with db.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM place")).scalar_one() > 0
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() != "9999"
