"""`op.rebuild("item")`: a batch that rebuilds a table on SQLite and keeps its triggers.

SQLite changes a column or a constraint by copying the table and dropping the old one, and its triggers go with it,
without a word. A migration that only adds a nullable column or an index needs none of this; one that changes the table
itself writes

    with op.rebuild("item") as batch:
        batch.alter_column("note", existing_type=sa.Text(), nullable=False)

Foreign keys are off while migrations run on SQLite (env.py), else rows that point at the table would forbid the drop;
they are checked before each step is committed. A trigger of another table may speak of this one (those of `person` and
`membership` speak of each other): while the old table is gone SQLite must not look into it, as it did not in old times.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic.operations import BatchOperations, MigrateOperation, Operations


def triggers_of(connection: sa.Connection, table: str) -> list[str]:
    """The statements that made the triggers of a table, oldest first."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY rowid")
    return list(connection.scalars(query, {"table": table}))


@contextmanager
def others_unread(connection: sa.Connection, sqlite: bool) -> Iterator[None]:
    if not sqlite:
        yield
        return
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


@contextmanager
def rebuilding(operations: Operations, table: str) -> Iterator[BatchOperations]:
    connection = operations.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    kept = triggers_of(connection, table) if sqlite else []
    with (
        others_unread(connection, sqlite),
        operations.batch_alter_table(table, recreate="always" if sqlite else "never") as batch,
    ):
        yield batch
    for statement in kept:
        connection.exec_driver_sql(statement)


@Operations.register_operation("rebuild")
class Rebuild(MigrateOperation):
    @classmethod
    def rebuild(cls, operations, table):  # type: ignore[no-untyped-def]  # alembic makes its code of this line
        """Change `table` in a batch that keeps its triggers."""
        return rebuilding(operations, table)
