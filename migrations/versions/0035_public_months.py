"""What everybody may read of a library's month, kept as it was told first.

Safe beside the previous release: a new table.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0035", "0034"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "public_month",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_public_month_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_month")),
        sa.UniqueConstraint("library_id", "month", name=op.f("uq_public_month_library_id_month")),
    )


def downgrade() -> None:
    op.drop_table("public_month")
