"""What a record carries from MARC and did not keep.

Safe beside the previous release: nothing here is looked at by it.
"""

revision, down_revision = "0013", "0012"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
