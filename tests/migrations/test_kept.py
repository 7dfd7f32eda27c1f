"""What happened stays: the database refuses to change it, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from library.core.db import db
from tests.migrations.lived import live
from tests.migrations.test_schema import FROZEN, KEPT
from tests.support.world import World

TOUCH = {"movement": "recorded_at", "document_use": "quantity", "trace": "verb"}
REFUSED = "stay as they are"


@pytest.fixture(autouse=True)
def lived(world: World) -> None:
    live(world)


def refused(statement: str) -> None:
    with pytest.raises(DBAPIError, match=REFUSED):
        db.session.execute(text(statement))
    db.session.rollback()


@pytest.mark.parametrize("table", FROZEN)
def test_rows_are_never_changed(table: str) -> None:
    assert db.session.scalar(text(f"SELECT count(*) FROM {table}"))
    refused(f"UPDATE {table} SET {TOUCH[table]} = {TOUCH[table]}")


@pytest.mark.parametrize("table", KEPT)
def test_rows_are_never_deleted(table: str) -> None:
    assert db.session.scalar(text(f"SELECT count(*) FROM {table}"))
    refused(f"DELETE FROM {table}")


@pytest.mark.parametrize("column", ["kind", "occurred_at", "actor", "branch_id"])
def test_an_act_is_never_rewritten(column: str) -> None:
    value = {"kind": "'lent'", "occurred_at": "recorded_at", "actor": "uid", "branch_id": "1 + branch_id"}[column]
    other = "WHERE occurred_at <> recorded_at" if column == "occurred_at" else ""
    refused(f"UPDATE act SET {column} = {value} {other}")


def test_an_act_is_voided_once(world: World) -> None:
    voided, voiding, third = db.session.scalars(text("SELECT id FROM act ORDER BY id LIMIT 3")).all()
    db.session.execute(text(f"UPDATE act SET voided_by = {voiding} WHERE id = {voided}"))
    db.session.commit()
    refused(f"UPDATE act SET voided_by = {third} WHERE id = {voided}")
    refused(f"UPDATE act SET voided_by = NULL WHERE id = {voided}")
