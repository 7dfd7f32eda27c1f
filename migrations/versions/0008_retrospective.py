"""Copies that were here before the machine are told apart from those that come now.

Safe beside the previous release: it leaves the new column at its default and does not look at it.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    op.add_column("receipt", sa.Column("retrospective", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    op.drop_column("receipt", "retrospective")
