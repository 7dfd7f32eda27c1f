"""What leaves is remembered for a week, and of titles that were merged it is remembered what moved.

Safe beside the previous release: it does not look at the new tables. A title merged by the new release has lost its
words and copies, so the previous one neither finds nor matches it.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDS = "undone_by IS NULL"


def upgrade() -> None:
    _export()
    _merge()
    op.create_table(
        "title_apart",
        sa.Column("one_id", NUMBER, nullable=False),
        sa.Column("other_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        _key("title_apart", "one_id", "record", "CASCADE"),
        _key("title_apart", "other_id", "record", "CASCADE"),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_title_apart_in_order")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_title_apart"),
    )
    op.create_index("ix_title_apart_other_id", "title_apart", ["other_id"])


def _export() -> None:
    op.create_table(
        "export",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("job", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("libraries", sa.JSON(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=True),
        sa.Column("after", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        _key("export", "library_id", "organisation"),
        _key("export", "branch_id", "branch"),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
        sa.UniqueConstraint("uid", name="uq_export_uid"),
    )
    op.create_index("ix_export_made_at", "export", ["made_at"])
    op.create_index("ix_export_library_id", "export", ["library_id"])


def _merge() -> None:
    op.create_table(
        "title_merge",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("kept_id", NUMBER, nullable=False),
        sa.Column("gone_id", NUMBER, nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_by", NUMBER, nullable=True),
        _key("title_merge", "act_id", "act"),
        _key("title_merge", "undone_by", "act"),
        _key("title_merge", "kept_id", "record"),
        _key("title_merge", "gone_id", "record"),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_title_merge_two_titles")),
        sa.PrimaryKeyConstraint("id", name="pk_title_merge"),
        sa.UniqueConstraint("uid", name="uq_title_merge_uid"),
        sa.UniqueConstraint("act_id", name="uq_title_merge_act_id"),
    )
    op.create_index("ix_title_merge_kept_id", "title_merge", ["kept_id"])
    op.create_index("ix_title_merge_gone_id", "title_merge", ["gone_id"])
    stands = sa.text(STANDS)
    op.create_index("uq_title_merge_stands", "title_merge", ["gone_id"], unique=True,
                    sqlite_where=stands, postgresql_where=stands)  # fmt: skip


def _key(table: str, column: str, target: str, gone: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=gone)


def downgrade() -> None:
    for table in ("title_apart", "title_merge", "export"):
        op.drop_table(table)
