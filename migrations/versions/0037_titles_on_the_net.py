"""Titles whose description says where they can be read or heard: readers find them without a copy.

Safe beside the previous release: an index.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0037", "0036"

TOLD = sa.text("url IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_record_on_the_net", "record", ["network_id"], sqlite_where=TOLD, postgresql_where=TOLD)


def downgrade() -> None:
    op.drop_index("ix_record_on_the_net", "record")
