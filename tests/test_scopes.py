"""Whose is a row? Every table says by which path one comes from it to a library, a branch or a network.

The way it is said:  "library_id:library"                    this column names it
                     "loan_id>loan.branch_id:branch"          by a key of another table, or one after another
                     "id:library"                             the row is it
                     "library_id~library"                     a column without a key, on purpose (plumbing, traces)
                     "branch_id:branch or place_id>…"         whichever of these is set: one always is
                     "none: the reason"
"""

import re

import pytest
from sqlalchemy import Column, Table

import library
from library.core.db import Base, Model

library.import_models()

ENDS = {"library": "organisation", "network": "organisation", "branch": "branch"}
STEP = re.compile(r"(?:(\w+)>)?(?:(\w+)\.)?(\w+)([:~])(library|network|branch)")
HOP = re.compile(r"(\w+)>(\w+)\.(\w+>.+)")
TABLES = Base.metadata.tables
MODELS: list[type[Model]] = sorted(
    (mapper.class_ for mapper in Base.registry.mappers), key=lambda one: one.__tablename__
)


def leads_to(column: Column[object]) -> str | None:
    """The table a column's foreign key points at."""
    return next((key.column.table.name for key in column.foreign_keys), None)


def wrong_with(table: Table, scope: str) -> str | None:
    """What is wrong with a declared path; None if one can walk it."""
    if scope.startswith("none: ") and len(scope) > len("none: "):
        return None
    if " or " in scope:
        return next((wrong for path in scope.split(" or ") if (wrong := wrong_with(table, path))), None)
    if hop := HOP.fullmatch(scope):
        via, over, rest = hop.groups()
        leads = via in table.c and leads_to(table.c[via]) == over
        return wrong_with(TABLES[over], rest) if leads else f"{via} does not lead to {over}"
    found = STEP.fullmatch(scope)
    if not found:
        return "not said in the known way"
    via, over, name, sort, end = found.groups()
    if bool(via) != bool(over):
        return "a key needs its table, a table its key"
    if via and (via not in table.c or leads_to(table.c[via]) != over):
        return f"{via} does not lead to {over}"
    last = TABLES[over] if over else table
    if name not in last.c:
        return f"{last.name} has no {name}"
    target = last.name if name == "id" else leads_to(last.c[name])
    if sort == "~":
        return "it has a key: say so" if target else None
    return None if target == ENDS[end] else f"{last.name}.{name} leads to {target}, not to {ENDS[end]}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_every_table_says_whose_its_rows_are(model: type[Model]) -> None:
    assert "__scope__" in vars(model), "no __scope__"
    assert wrong_with(TABLES[model.__tablename__], model.__scope__) is None


def test_every_table_was_looked_at() -> None:
    assert {model.__tablename__ for model in MODELS} == set(TABLES)


@pytest.mark.parametrize(
    ("table", "scope"),
    [
        ("item", "everything"),
        ("item", "none: "),
        ("item", "library_id"),
        ("item", "branch_id:library"),
        ("item", "uid:library"),
        ("item", "library_id~library"),
        ("movement", "place_id>branch.id:branch"),
        ("movement", "place_id>place.library_id:library"),
        ("movement", "act_id>act.branch_id:branch"),
        ("stay", "act_id>item.place_id>place.branch_id:branch"),
        ("stay", "item_id>item.uid>place.branch_id:branch"),
    ],
)
def test_a_path_that_leads_nowhere_is_seen(table: str, scope: str) -> None:
    assert wrong_with(TABLES[table], scope)
