"""Readers look at their own books: the number given to them, and their sessions.

Safe beside the previous release: it knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0021", "0020"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _of_membership(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_membership_id_membership")
    return sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=name, ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        "reader_pin",
        sa.Column("membership_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        _of_membership("reader_pin"),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_reader_pin")),
    )
    op.create_table(
        "reader_sign_in",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _of_membership("reader_sign_in"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_reader_sign_in")),
    )
    op.create_index(op.f("ix_reader_sign_in_membership_id"), "reader_sign_in", ["membership_id"], unique=False)


def downgrade() -> None:
    op.drop_table("reader_sign_in")
    op.drop_table("reader_pin")
