"""Consent, who looked, and leaving without a trace.

Safe beside the previous release: nothing here is looked at by it.
"""

revision, down_revision = "0014", "0013"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
