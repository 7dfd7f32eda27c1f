"""Titles are put in order by year and by how often they are lent; a place says how one walks to it.

`title_loans` fills itself in the first night. Safe beside the previous release, which knows none of it.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_record_year", "record", ["network_id", "year"])
    op.create_table(
        "title_loans",
        sa.Column("record_id", NUMBER, nullable=False),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name="fk_title_loans_record_id_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", name="pk_title_loans"),
    )
    op.create_index("ix_title_loans_loans", "title_loans", ["loans"])
    op.create_table(
        "way_to_place",
        sa.Column("place_id", NUMBER, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("picture_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_way_to_place_place_id_place", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("place_id", name="pk_way_to_place"),
    )


def downgrade() -> None:
    op.drop_table("way_to_place")
    op.drop_table("title_loans")
    op.drop_index("ix_record_year", table_name="record")
