"""Lists of titles that go with an account, and what was settled of spines, to be taken back.

Safe beside the previous release: nothing here is looked at by it; a list kept by a browser stays with that browser.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013", "0012"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "listed_title",
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("record_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name="fk_listed_title_record_id_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account", "record_id", name="pk_listed_title"),
    )
    op.create_index("ix_listed_title_record_id", "listed_title", ["record_id"])
    op.create_table(
        "spine_settlement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name="fk_spine_settlement_library_id_organisation", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_spine_settlement"),
        sa.UniqueConstraint("uid", name="uq_spine_settlement_uid"),
    )
    op.create_index("ix_spine_settlement_library_id", "spine_settlement", ["library_id"])
    op.create_index("ix_scan_line_made_at", "scan_line", ["made_at"])


def downgrade() -> None:
    op.drop_index("ix_scan_line_made_at", "scan_line")
    op.drop_table("spine_settlement")
    op.drop_table("listed_title")
