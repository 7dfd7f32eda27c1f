"""A title is described in full, a library writes its own call numbers, and what was scanned waits to be saved.

Safe beside the previous release: it leaves the new columns and tables empty and does not look at them.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"

RECORD = ("series_number", "original_languages", "keywords", "note", "url", "edited")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    for name in RECORD:
        op.add_column("record", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("local_record", sa.Column("overruled", sa.Text(), nullable=True))
    op.create_table(
        "call_number_rule",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        _library("call_number_rule"),
        sa.PrimaryKeyConstraint("library_id", name="pk_call_number_rule"),
    )
    op.create_table(
        "rhyme_number",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("rhyme", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _library("rhyme_number"),
        sa.PrimaryKeyConstraint("library_id", "rhyme", name="pk_rhyme_number"),
    )
    op.create_table(
        "scan_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("record_id", NUMBER, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _library("scan_line"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name="fk_scan_line_record_id_record", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scan_line"),
        sa.UniqueConstraint("uid", name="uq_scan_line_uid"),
        sa.UniqueConstraint("library_id", "account", "code", name="uq_scan_line_library_id_account_code"),
    )
    op.create_index("ix_scan_line_record_id", "scan_line", ["record_id"])


def _library(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_library_id_organisation"
    return sa.ForeignKeyConstraint(["library_id"], ["organisation.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    for table in ("scan_line", "rhyme_number", "call_number_rule"):
        op.drop_table(table)
    op.drop_column("local_record", "overruled")
    for name in reversed(RECORD):
        op.drop_column("record", name)
