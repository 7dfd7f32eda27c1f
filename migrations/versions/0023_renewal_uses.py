"""A library may count a renewal as a use of the book (lượt tài liệu).

Off for everybody, as it was. Safe beside the previous release, which does not know the column and counts no renewal.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0023", "0022"


def upgrade() -> None:
    op.add_column(
        "policy_setting", sa.Column("renewals_are_uses", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("policy_setting", "renewals_are_uses")
