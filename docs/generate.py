"""Write the parts of docs/ that are told by the code itself: `make docs`. tests/test_house.py compares them.

A part stands between `<!-- name -->` and `<!-- /name -->`; everything else on a page is written by hand.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import CheckConstraint, Column, Table

import library
from docs import lifecycle_picture, picture
from library.access import Permission
from library.accounts.roles import MAY, OVER_ALL_BELOW
from library.core.db import Base, Model
from library.loans.history import ENDS
from library.settings import PREFIX, SETTINGS

DOCS = Path(__file__).parent
LIBRARY = Path(library.__file__).parent


def packages() -> list[str]:
    return [name for row in library.layers() for name in row]


def imported(path: Path) -> Iterator[str]:
    """What of `library` a module imports, anywhere in it: names of packages, or of modules of the house."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"library.{alias.name}" for alias in node.names] if node.module == "library" else [node.module]
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"library(\.\w+)+", node.value)
        ):
            names = [node.value]  # a module named for importlib is an import too
        yield from (name.split(".")[1] for name in names if name.startswith("library."))


def import_graph() -> dict[str, set[str]]:
    """Each package to the names it imports, itself left out."""
    return {
        package: {name for path in (LIBRARY / package).rglob("*.py") for name in imported(path)} - {package}
        for package in packages()
    }


def imports() -> str:
    order = packages()
    graph = import_graph()
    rows = [f"| `{one}` | {', '.join(f'`{name}`' for name in order if name in graph[one]) or '–'} |" for one in order]
    return "\n".join(["| package | imports |", "|---|---|", *rows])


def settings() -> str:
    rows = [
        f"| `{PREFIX}{one.name}` | {f'`{one.default}`' if one.default else 'empty'} | {one.expects} | {one.tells} |"
        for one in SETTINGS
    ]
    return "\n".join(["| name | without it | what it may be | what it does |", "|---|---|---|---|", *rows])


def _first_line(model: type[Model]) -> str:
    return (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _kind(column: Column[object]) -> str:
    """The type as PostgreSQL knows it, said shortly."""
    words = str(column.type.compile()).lower().split(" collate")[0]
    return {"timestamp": "moment", "char(32)": "uid", "datetime": "moment", "biginteger": "bigint"}.get(words, words)


def _column(column: Column[object]) -> str:
    refers = next(iter(column.foreign_keys), None)
    words = [column.doc or "", f"→ `{refers.target_fullname}`" if refers else ""]
    told = " ".join(word for word in words if word)
    return f"| `{column.name}` | {_kind(column)}{'' if column.nullable else ', always'} | {told} |"


def _table(model: type[Model], table: Table) -> str:
    checks = [one for one in table.constraints if isinstance(one, CheckConstraint) and one.name]
    unique = [one for one in table.indexes if one.unique]
    rules = [f"`{one.sqltext}`" for one in sorted(checks, key=lambda one: str(one.name))]
    rules += [
        f"one row for each {', '.join(f'`{column.name}`' for column in one.columns)}"
        f" where `{one.dialect_options['postgresql']['where']}`"
        for one in sorted(unique, key=lambda one: str(one.name))
    ]
    lines = [f"### {table.name}", "", _first_line(model), "", f"Whose: {model.__scope__}"]
    lines += ["", "| column | kind | |", "|---|---|---|", *map(_column, table.columns)]
    return "\n".join([*lines, *(["", f"Held by the database: {'; '.join(rules)}."] if rules else [])])


def tables() -> str:
    library.import_models()
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    parts: list[str] = []
    for package in packages():
        mine = [one for one in models.items() if f".{package}." in f"{one[1].__module__}."]
        parts += [f"## {package}"] if mine else []
        parts += [_table(model, table) for table, model in sorted(mine, key=lambda one: one[0].name)]
    return "\n\n".join(parts)


def ends() -> str:
    rows = [f"| {why.value} | {basis.value} | {'yes' if yes else 'never'} |" for (why, basis), yes in ENDS.items()]
    return "\n".join(["| why | basis | ends the loan |", "|---|---|---|", *rows])


def roles() -> str:
    heads = ["permission", *(f"{role.value}{' *and below*' if role in OVER_ALL_BELOW else ''}" for role in MAY)]
    rows = [[f"`{one.value}`", *("●" if one in MAY[role] else "" for role in MAY)] for one in Permission]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PARTS = {
    ("ledger.md", "ends"): ends,
    ("roles.md", "roles"): roles,
    ("architecture.md", "imports"): imports,
    ("settings.md", "settings"): settings,
    ("data-dictionary.md", "tables"): tables,
}


FILES = {"pictures/layers.svg": picture.layers, "pictures/rotation-lifecycle.svg": lifecycle_picture.life}
"""Whole files made from the code."""


def with_part(page: str, name: str, text: str) -> str:
    """`page` with its part `name` written anew. Raises ValueError if the page has no such part."""
    before, opening, rest = page.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    if not closing:
        raise ValueError(f"no part {name}")
    return f"{before}{opening}{text}\n{closing}{after}"


def main() -> None:
    for (file, name), make in PARTS.items():
        path = DOCS / file
        path.write_text(with_part(path.read_text(encoding="utf-8"), name, make()), encoding="utf-8", newline="\n")
    for file, make in FILES.items():
        (DOCS / file).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
