"""Class lists as schools have them, and the change of the school year.

Safe beside the previous release: nothing here is looked at by it.
"""

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
