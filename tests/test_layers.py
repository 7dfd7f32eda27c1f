"""Who may know whom: packages import downwards only, and the plumbing does not know what is carried in it.

The order is read from the docstring of `library`. Words are looked for in identifiers (names defined, used, imported),
not in sentences: a sentence may give an example, a name is knowledge.
"""

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

import library

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "library"
PLUMBING = ("core", "access", "audit", "jobs", "files", "staging", "inbox", "documents")
NOUNS = frozenset(
    "accession accessions barcode barcodes borrow borrower borrowers catalogue copies hold lend lent loan loans"
    " membership memberships organisation organisations patron patrons pupil pupils record shelf shelves student"
    " students stocktake teacher teachers vehicle vehicles volume volumes".split()
)
"""Libraries, branches and classes are missing on purpose: they say *where*, which every row of the plumbing must."""

GENERATE: dict[str, Any] = run_path(str(ROOT / "docs" / "generate.py"))
HOUSE = {path.stem for path in LIBRARY.glob("*.py")}
"""Modules that put the packages together: above all, imported by none."""


def height() -> dict[str, int]:
    return {name: place for place, row in enumerate(library.layers()) for name in row}


def may_import(one: str, other: str) -> bool:
    heights = height()
    return other in heights and heights[other] < heights[one]


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    found: dict[str, set[str]] = GENERATE["import_graph"]()
    return found


@pytest.mark.parametrize("package", height())
def test_imports_point_down(graph: dict[str, set[str]], package: str) -> None:
    assert {name for name in graph[package] if not may_import(package, name)} == set()


def test_the_rule_sees_what_it_must(tmp_path: Path) -> None:
    """Up, sideways, to the house, hidden in a function, behind TYPE_CHECKING, or as a word for importlib."""
    module = tmp_path / "module.py"
    module.write_text(
        "from library import doors, loans\n"
        "import library.patrons.models\n"
        "def f():\n    from library.holdings.ledger import move\n"
        "import importlib; importlib.import_module('library.welcome.demo')\n"
    )
    seen = set(GENERATE["imported"](module))
    assert seen == {"doors", "loans", "patrons", "holdings", "welcome"}
    assert [name for name in sorted(seen) if may_import("catalogue", name)] == []
    assert may_import("loans", "holdings")
    assert not may_import("loans", "doors")


def test_every_folder_has_its_place_in_the_table() -> None:
    folders = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert set(height()) == folders
    assert len([name for row in library.layers() for name in row]) == len(folders), "named twice"


def test_the_wheel_has_every_package() -> None:
    """setup.cfg names what is installed; nothing of it may be forgotten, and nothing else be there."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    named = set(setup["options"]["packages"].split())
    mapped = {"library.migrations", "library.migrations.versions", "library.static", "library.templates"}
    folders = {path.parent.relative_to(LIBRARY).parts for path in LIBRARY.rglob("__init__.py")}
    assert named == {".".join(("library", *parts)) for parts in folders} | mapped


def identifiers(path: Path) -> Iterator[str]:
    """Names in a module; those of the permissions, which are words for people to choose from, left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(inner) for node in ast.walk(tree) if _is_permissions(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value


def _is_permissions(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and node.name == "Permission"


def words(identifier: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)}


@pytest.mark.parametrize("package", PLUMBING)
def test_the_plumbing_knows_no_noun_of_the_field(package: str) -> None:
    found = {
        (path.name, name)
        for path in (LIBRARY / package).rglob("*.py")
        for name in identifiers(path)
        if words(name) & NOUNS
    }
    assert found == set()


def test_a_noun_in_the_plumbing_would_be_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def open_loans(patronId): ...\nclass LoanBook: ...\n")
    assert {word for name in identifiers(module) for word in words(name)} & NOUNS == {"loans", "loan", "patron"}


def test_the_plumbing_is_the_bottom() -> None:
    lowest = [name for row in library.layers()[:3] for name in row]
    assert sorted(lowest) == sorted(PLUMBING)
