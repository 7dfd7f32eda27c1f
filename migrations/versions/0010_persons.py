"""People known once: readers found by the words of their names, group borrowers, and two rows of one person made one.

The words of readers' names stand in a table of their own, which the database keeps by triggers from `person` and
`membership`: whoever writes a name, this release, the previous one or a repair by hand, the words follow.
Safe beside the previous release, which looks at none of it and whose writing the triggers see.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010", "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(collation="C").with_variant(sa.Text(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDS = "undone_by IS NULL"

PLACES = "INSERT INTO reader_word (library_id, word, name_sort, membership_id)"
READERS = "FROM membership m JOIN person p ON p.id = m.person_id"
SPLIT_LITE = """json_each('["' || replace(p.name_folded, ' ', '","') || '"]')"""
WORDS_LITE = f"""
{PLACES}
SELECT m.library_id, w.value, p.name_sort, m.id {READERS}, {SPLIT_LITE} w WHERE {{where}} AND w.value <> ''
UNION
SELECT m.library_id, '=' || (SELECT group_concat(substr(w.value, 1, 1), '') FROM {SPLIT_LITE} w), p.name_sort, m.id
{READERS} WHERE {{where}} AND p.name_folded LIKE '% %';
"""  # noqa: S608
"""A folded name is letters, digits and single blanks: there is nothing in it that JSON would take for its own."""

WORDS_POST = f"""
{PLACES}
SELECT m.library_id, w, p.name_sort, m.id {READERS}, unnest(string_to_array(p.name_folded, ' ')) w
WHERE {{where}} AND w <> ''
UNION
SELECT m.library_id, '=' || (SELECT string_agg(left(w, 1), '' ORDER BY n)
    FROM unnest(string_to_array(p.name_folded, ' ')) WITH ORDINALITY AS each(w, n)), p.name_sort, m.id
{READERS} WHERE {{where}} AND p.name_folded LIKE '% %';
"""  # noqa: S608

FORGET_ONE = "DELETE FROM reader_word WHERE membership_id = OLD.id;"
FORGET_ALL = "DELETE FROM reader_word WHERE membership_id IN (SELECT id FROM membership WHERE person_id = NEW.id);"

LITE = (
    f"CREATE TRIGGER reader_words_come AFTER INSERT ON membership BEGIN {WORDS_LITE.format(where='m.id = NEW.id')} END",
    f"""CREATE TRIGGER reader_words_follow AFTER UPDATE OF person_id, library_id ON membership
    WHEN OLD.person_id <> NEW.person_id OR OLD.library_id <> NEW.library_id
    BEGIN {FORGET_ONE} {WORDS_LITE.format(where="m.id = NEW.id")} END""",
    f"""CREATE TRIGGER reader_words_change AFTER UPDATE OF name_folded, name_sort ON person
    WHEN OLD.name_folded <> NEW.name_folded OR OLD.name_sort <> NEW.name_sort
    BEGIN {FORGET_ALL} {WORDS_LITE.format(where="m.person_id = NEW.id")} END""",
)

FUNCTION = "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {work} RETURN NULL; END $$"
POST = (
    FUNCTION.format(name="reader_words_come", work=WORDS_POST.format(where="m.id IN (SELECT id FROM fresh)")),
    FUNCTION.format(
        name="reader_words_follow",
        work=FORGET_ONE + WORDS_POST.format(where="m.id = NEW.id"),
    ),
    FUNCTION.format(
        name="reader_words_change",
        work=FORGET_ALL + WORDS_POST.format(where="m.person_id = NEW.id"),
    ),
    """CREATE TRIGGER reader_words_come AFTER INSERT ON membership REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION reader_words_come()""",
    """CREATE TRIGGER reader_words_follow AFTER UPDATE OF person_id, library_id ON membership FOR EACH ROW
    WHEN (OLD.person_id <> NEW.person_id OR OLD.library_id <> NEW.library_id)
    EXECUTE FUNCTION reader_words_follow()""",
    """CREATE TRIGGER reader_words_change AFTER UPDATE OF name_folded, name_sort ON person FOR EACH ROW
    WHEN (OLD.name_folded <> NEW.name_folded OR OLD.name_sort <> NEW.name_sort)
    EXECUTE FUNCTION reader_words_change()""",
)
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
"""For several common words at once, among everybody: where they meet is what a full-text index is quick at."""

TRIGGERS = (("come", "membership"), ("follow", "membership"), ("change", "person"))


def upgrade() -> None:
    _words()
    _meetings()
    _groups()
    _merges()


def _words() -> None:
    op.create_table(
        "reader_word",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("word", KEY, nullable=False),
        sa.Column("name_sort", KEY, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        _key("reader_word", "membership_id", "membership"),
        sa.PrimaryKeyConstraint("library_id", "word", "name_sort", "membership_id", name="pk_reader_word"),
        sqlite_with_rowid=False,
    )
    lite = op.get_bind().dialect.name == "sqlite"
    op.execute((WORDS_LITE if lite else WORDS_POST).format(where="m.id > 0"))
    op.create_index("ix_reader_word_anywhere", "reader_word", ["word", "name_sort", "membership_id", "library_id"])
    op.create_index("ix_reader_word_membership_id", "reader_word", ["membership_id", "word"])
    for statement in LITE if lite else POST:
        op.execute(statement)


def _meetings() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX person_search ON person USING gin (to_tsvector('simple', name_folded))")
        return
    for statement in SEARCH:
        op.execute(statement)


def _groups() -> None:
    op.create_table(
        "group_reader",
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("responsible_id", NUMBER, nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        _key("group_reader", "membership_id", "membership"),
        _key("group_reader", "responsible_id", "membership"),
        sa.CheckConstraint("most > 0", name=op.f("ck_group_reader_may_hold_something")),
        sa.PrimaryKeyConstraint("membership_id", name="pk_group_reader"),
    )
    op.create_index("ix_group_reader_responsible_id", "group_reader", ["responsible_id"])


def _merges() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("kept_id", NUMBER, nullable=False),
        sa.Column("gone_id", NUMBER, nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_by", NUMBER, nullable=True),
        _key("person_merge", "act_id", "act"),
        _key("person_merge", "undone_by", "act"),
        _key("person_merge", "kept_id", "person"),
        _key("person_merge", "gone_id", "person"),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_person_merge_two_people")),
        sa.PrimaryKeyConstraint("id", name="pk_person_merge"),
        sa.UniqueConstraint("uid", name="uq_person_merge_uid"),
        sa.UniqueConstraint("act_id", name="uq_person_merge_act_id"),
    )
    op.create_index("ix_person_merge_kept_id", "person_merge", ["kept_id"])
    op.create_index("ix_person_merge_gone_id", "person_merge", ["gone_id"])
    stands = sa.text(STANDS)
    op.create_index("uq_person_merge_stands", "person_merge", ["gone_id"], unique=True,
                    sqlite_where=stands, postgresql_where=stands)  # fmt: skip
    op.create_table(
        "person_apart",
        sa.Column("one_id", NUMBER, nullable=False),
        sa.Column("other_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        _key("person_apart", "one_id", "person"),
        _key("person_apart", "other_id", "person"),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_person_apart_in_order")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_person_apart"),
    )
    op.create_index("ix_person_apart_other_id", "person_apart", ["other_id"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="RESTRICT"
    )


def downgrade() -> None:
    for name, table in TRIGGERS:
        on = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER reader_words_{name}{on}")
        if on:
            op.execute(f"DROP FUNCTION reader_words_{name}()")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX person_search")
    else:
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER person_search_{name}")
        op.execute("DROP TABLE person_search")
    for table in ("person_apart", "person_merge", "group_reader", "reader_word"):
        op.drop_table(table)
