"""What happened stays: movements, uses and traces are added, never changed or removed; of an act only its undoing is noted.

The application never updates or deletes these rows; from here on the database refuses it too, whoever asks.
Safe beside the previous release, which does not do it either.
"""

from alembic import op

revision, down_revision = "0002", "0001"

FROZEN = ("movement", "document_use", "trace")
KEPT = ("act", "code", "document_use", "item", "loan", "membership", "movement", "receipt", "register_line", "trace")
ACT_COLUMNS = (
    "id",
    "uid",
    "kind",
    "actor",
    "branch_id",
    "device",
    "number",
    "raw_at",
    "occurred_at",
    "recorded_at",
    "voids_id",
)


def _on_sqlite(name: str, table: str, event: str, when: str = "1") -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows stay as they are'); END"
    )


def _on_postgresql(name: str, table: str, event: str, when: str = "true") -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION rows_stay()"
    )


def _changed(different: str) -> str:
    columns = " OR ".join(f"OLD.{column} {different} NEW.{column}" for column in ACT_COLUMNS)
    return f"({columns}) OR OLD.voided_by IS NOT NULL"


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    add = _on_postgresql if postgresql else _on_sqlite
    if postgresql:
        op.execute(
            "CREATE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% rows stay as they are', TG_TABLE_NAME; END $$"
        )
    for table in FROZEN:
        add(f"{table}_stays_as_it_is", table, "UPDATE")
    for table in KEPT:
        add(f"{table}_is_kept", table, "DELETE")
    add("act_stays_as_it_is", "act", "UPDATE", _changed("IS DISTINCT FROM" if postgresql else "IS NOT"))


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    names = [(f"{table}_stays_as_it_is", table) for table in (*FROZEN, "act")]
    names += [(f"{table}_is_kept", table) for table in KEPT]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    if postgresql:
        op.execute("DROP FUNCTION rows_stay()")
