"""What happened stays: the database refuses to change it, whoever asks."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from library.core import clock
from library.core.db import db
from library.inbox import acts
from library.organisations.models import Branch
from library.uses import counting, happenings
from library.uses.counting import Frozen
from library.uses.happenings import Fact, Measure
from library.uses.models import VisitKind
from tests.migrations.lived import live
from tests.migrations.test_schema import FROZEN, KEPT
from tests.support.world import World, at

TOUCH = {
    "movement": "recorded_at",
    "document_use": "quantity",
    "trace": "verb",
    "visit": "quantity",
    "happening": "quantity",
}
REFUSED = "stay as they are"


@pytest.fixture(autouse=True)
def lived(world: World) -> None:
    live(world)
    branch = world.session.scalars(select(Branch.id)).first()
    assert branch
    counting.visits(world.session(), acts.ref(world.session(), 1), VisitKind.CLASS, 28, at(3), Frozen(branch))
    held = Fact(Measure.EVENT, 1, clock.day_of(at(3)), branch, "fair")
    happenings.settle(world.session(), acts.ref(world.session(), 1), "event", clock.uuid7(), [held])
    world.session.commit()


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
