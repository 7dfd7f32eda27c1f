"""Terms of the first releases become lines of the table of rules, and are there again when one goes back."""

from typing import Any

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from library.core.db import db
from library.policies import writing
from library.policies.values import Length, LengthKind
from tests.migrations.lived import let_go
from tests.support.world import World

LINES = "SELECT place, length_kind, length_days, most, renewals, holds, overdue, due_within_card FROM policy_line"


def run(statement: str, **values: Any) -> list[Any]:
    with db.engine.begin() as connection:
        found = connection.execute(text(statement), values)
        return list(found) if found.returns_rows else []


def terms(library: int, category: int | None, days: int, blocks: bool) -> None:
    run(
        "INSERT INTO terms (library_id, category_id, days, most, renewals, overdue_blocks, due_within_card)"
        " VALUES (:library, :category, :days, 3, 1, :blocks, :within)",
        library=library, category=category, days=days, blocks=blocks, within=not blocks,
    )  # fmt: skip


def test_terms_become_lines_and_come_back(app: Flask, world: World) -> None:
    library, hs, gv = world.school().id, world.category("HS"), world.category("GV")
    there = {"length": Length(LengthKind.DAYS, 60), "most": 9, "grace_days": 2}
    writing.say(world.session(), library, there, gv)
    world.session.commit()
    let_go()
    downgrade(revision="0016")
    assert run("SELECT category_id, days FROM terms") == [(gv, 60)]
    run("DELETE FROM terms")
    for category, days, blocks in ((None, 7, True), (hs, 0, False), (gv, 30, True)):
        terms(library, category, days, blocks)
    upgrade(revision="0017")
    assert sorted(run(LINES)) == sorted(
        [
            ("-/-/-", "days", 7, 3, 1, 3, "refuse", False),
            (f"{hs}/-/-", "days", 0, 3, 1, 3, "ignore", True),
            (f"{gv}/-/-", "days", 60, 9, None, None, None, None),
        ]
    ), "a line that is there already holds"
    downgrade(revision="0016")
    brought = run("SELECT category_id, days, most, renewals, overdue_blocks, due_within_card FROM terms")
    assert {row[0]: tuple(row[1:]) for row in brought} == {
        None: (7, 3, 1, True, False), hs: (0, 3, 1, False, True), gv: (60, 9, 0, True, True),
    }  # fmt: skip
    upgrade()
