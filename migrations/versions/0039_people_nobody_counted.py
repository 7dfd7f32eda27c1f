"""A library that remembers less than a period may have forgotten its readers before they are counted: then no number is kept.

Safe beside the previous release: where no number is, it counts the names that are left, as it did.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0039", "0038"


def upgrade() -> None:
    with op.rebuild("people_counted") as batch:
        batch.alter_column("people", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM people_counted WHERE people IS NULL")
    with op.rebuild("people_counted") as batch:
        batch.alter_column("people", existing_type=sa.Integer(), nullable=False)
