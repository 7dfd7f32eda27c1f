"""Common words of names meet by leaps through `reader_word`: the full-text index of names goes, and writing people is lighter.

Safe beside the previous release on PostgreSQL, which only looks longer; on SQLite one program at a time has the database.
"""

from alembic import op

revision, down_revision = "0040", "0039"

FIND = "INSERT INTO person_search(rowid, name_folded) VALUES (NEW.id, NEW.name_folded);"
LOSE = "INSERT INTO person_search(person_search, rowid, name_folded) VALUES ('delete', OLD.id, OLD.name_folded);"
SEARCH = (
    """
    CREATE VIRTUAL TABLE person_search USING fts5(
        name_folded, content='person', content_rowid='id', tokenize='unicode61 remove_diacritics 0', detail='none', prefix='1 2'
    )
    """,
    f"CREATE TRIGGER person_search_added AFTER INSERT ON person BEGIN {FIND} END",
    f"CREATE TRIGGER person_search_removed AFTER DELETE ON person BEGIN {LOSE} END",
    f"CREATE TRIGGER person_search_changed AFTER UPDATE OF name_folded ON person BEGIN {LOSE} {FIND} END",
    "INSERT INTO person_search(person_search) VALUES ('rebuild')",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX person_search")
        return
    for name in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER person_search_{name}")
    op.execute("DROP TABLE person_search")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX person_search ON person USING gin (to_tsvector('simple', name_folded))")
        return
    for statement in SEARCH:
        op.execute(statement)
