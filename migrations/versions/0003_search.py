"""Finding titles by folded words.

`record.search_text` is folded in Python, the same on both databases; here it gets an index. SQLite: an FTS5 table that
holds no text of its own and follows `record` by triggers. PostgreSQL: GIN over the words.
Safe beside the previous release, which writes `search_text` and does not search it.
"""

from alembic import op

revision, down_revision = "0003", "0002"

FOLLOW = "INSERT INTO record_search(rowid, search_text) VALUES (NEW.id, NEW.search_text);"
FORGET = "INSERT INTO record_search(record_search, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
TABLE = """
CREATE VIRTUAL TABLE record_search USING fts5(
    search_text, content='record', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='1 2 3'
)
"""
SQLITE = (
    TABLE,
    f"CREATE TRIGGER record_search_added AFTER INSERT ON record BEGIN {FOLLOW} END",
    f"CREATE TRIGGER record_search_removed AFTER DELETE ON record BEGIN {FORGET} END",
    f"CREATE TRIGGER record_search_changed AFTER UPDATE OF search_text ON record BEGIN {FORGET} {FOLLOW} END",
    "INSERT INTO record_search(record_search) VALUES ('rebuild')",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX record_search ON record USING gin (to_tsvector('simple', search_text))")
        return
    for statement in SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX record_search")
        return
    for name in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER record_search_{name}")
    op.execute("DROP TABLE record_search")
