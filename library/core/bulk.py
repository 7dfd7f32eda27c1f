"""Many rows at once, straight to the driver: for imports, where SQLAlchemy's own way costs more than the database's work."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat
from operator import is_
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

_VALUES = 32_766
"""What SQLite takes in one statement."""


def next_ids(session: Session, table: Table, how_many: int) -> Sequence[int]:
    """Ids for rows to come, ours until the end of the transaction: who knows them need not ask for them row by row."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":  # one writer: nobody else takes the next ones
        last = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one()  # noqa: S608
        return range(last + 1, last + 1 + how_many)
    taking = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return connection.exec_driver_sql(taking, (table.name, how_many)).scalars().all()


def add_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows with the same columns by one statement straight to the driver: SQLAlchemy's own ways look at
    every value of every row three times. Columns not named get their scalar defaults."""
    if rows:
        connection = session.connection()
        head, row, made = _ready(connection.dialect, table, rows)
        connection.exec_driver_sql(head + row, made)


def add_named(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The same for rows with a `uid`, by one statement for some hundred of them; their ids in order.

    FTS5 writes a segment for each statement: row by row a title's words cost twice as much.
    """
    ids: list[int] = []
    connection = session.connection()
    _, processors, _ = _adding(table, tuple(rows[0]) if rows else (), connection.dialect)
    together = _VALUES // len(processors)
    for some in (rows[start : start + together] for start in range(0, len(rows), together)):
        head, row, made = _ready(connection.dialect, table, some)
        statement = f"{head}{', '.join([row] * len(made))} RETURNING uid, id"
        values = tuple(chain.from_iterable(made))
        id_of: dict[Any, int] = dict(connection.exec_driver_sql(statement, values).all())
        at = list(some[0]).index("uid")
        ids += [id_of[one[at]] for one in made]
    return ids


def change_rows(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], alike: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Set columns of many rows, each known by its `id`, by one statement; `alike` are columns set the same in all.

    Rows all have the same columns, `id` first.
    """
    if not rows:
        return
    connection = session.connection()
    head, tail, processors = _changing(table, tuple(rows[0]), tuple(alike), connection.dialect)
    values = [[alike[name]] for name in alike] + [[row[name] for row in rows] for name in rows[0]]
    made = [_processed(one, process) for one, process in zip(values, processors, strict=True)]
    row = f"({', '.join([_mark(connection.dialect)] * len(rows[0]))})"
    told = (*(one for (one,) in made[: len(alike)]), *chain.from_iterable(zip(*made[len(alike) :], strict=True)))
    connection.exec_driver_sql(f"{head}{', '.join([row] * len(rows))}{tail}", told)


@lru_cache(256)
def _changing(
    table: Table, names: tuple[str, ...], alike: tuple[str, ...], dialect: Dialect
) -> tuple[str, str, list[Any]]:
    """The statement before and behind the rows, and what makes the driver's values of ours: `alike` first."""
    quote, types = dialect.identifier_preparer.quote, {name: table.c[name].type for name in (*alike, *names)}
    # SQLite has no types to cast to; PostgreSQL would take what it has not been told for text.
    cast_ = "{}" if dialect.name == "sqlite" else "CAST({} AS {})"
    # a collation is the column's own: no CAST may name one
    plain = {name: types[name].compile(dialect).partition(" COLLATE ")[0] for name in names}
    given = {name: cast_.format(f"told.column{at}", plain[name]) for at, name in enumerate(names, 1)}
    same = [f"{quote(name)} = {_mark(dialect)}" for name in alike]
    different = [f"{quote(name)} = {given[name]}" for name in names[1:]]
    head = f"UPDATE {quote(table.name)} SET {', '.join([*same, *different])} FROM (VALUES "  # noqa: S608 - our own names
    tail = f") AS told WHERE {quote(table.name)}.id = {given[names[0]]}"
    return head, tail, [types[name].dialect_impl(dialect).bind_processor(dialect) for name in (*alike, *names)]


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"


def _ready(dialect: Dialect, table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, list[tuple[Any, ...]]]:
    """How the statement begins, the marks of one row, and the rows as the driver takes them."""
    names = tuple(rows[0])
    head, processors, defaults = _adding(table, names, dialect)
    values = [[row[name] for row in rows] for name in names] + [[one] * len(rows) for one in defaults]
    made = [_processed(one, process) for one, process in zip(values, processors, strict=True)]
    return head, f"({', '.join([_mark(dialect)] * len(made))})", list(zip(*made, strict=True))


@lru_cache(256)
def _adding(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, list[Any], list[Any]]:
    """How the statement begins, what makes the driver's values of ours, and the defaults of the columns not named."""
    others = [column for column in table.c if column.name not in names and column.default is not None]
    columns = [*(table.c[name] for name in names), *others]
    quote = dialect.identifier_preparer.quote
    told = ", ".join(quote(column.name) for column in columns)
    head = f"INSERT INTO {quote(table.name)} ({told}) VALUES "  # noqa: S608 - our own names
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    return head, processors, [cast(Any, column.default).arg for column in others]


def _processed(values: list[Any], process: Callable[[Any], Any] | None) -> list[Any]:
    """As the driver takes them; what is one and the same value all the way down is processed once."""
    if process is None:
        return values
    if all(map(is_, values, repeat(values[0]))):
        return [process(values[0])] * len(values)
    return list(map(process, values))
