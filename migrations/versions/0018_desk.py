"""Nothing yet.

Safe beside the previous release: it changes nothing.
"""

revision, down_revision = "0018", "0017"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
