"""A row of a list is known again when the same list, grown by a few rows, is brought a second time.

Rows that carry a number of their own are known by it; `fingerprint` is for the others.
Safe beside the previous release, which leaves the new column empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    op.add_column("load_row", sa.Column("fingerprint", sa.BigInteger(), nullable=True))
    op.create_index("ix_load_row_fingerprint", "load_row", ["fingerprint"])


def downgrade() -> None:
    op.drop_index("ix_load_row_fingerprint", "load_row")
    with op.batch_alter_table("load_row") as table:
        table.drop_column("fingerprint")
