"""Copies that were not there, by the leg they were missing on: the board of a province reads these alone.

Safe beside the previous release: an index.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0036", "0035"

MISSING = sa.text("outcome = 'short' AND found_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_rotation_leg_line_missing", "rotation_leg_line", ["leg_id"], sqlite_where=MISSING, postgresql_where=MISSING
    )


def downgrade() -> None:
    op.drop_index("ix_rotation_leg_line_missing", "rotation_leg_line")
