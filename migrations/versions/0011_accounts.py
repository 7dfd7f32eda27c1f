"""Inviting, recovering, a second factor, the locked desk.

Safe beside the previous release: nothing here is looked at by it.
"""

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
