"""A library may remember no month of who had which book: the night after its return the name goes.

Safe beside the previous release, which reads 0 months as from this moment back.
"""

from alembic import op

revision, down_revision = "0041", "0040"


def upgrade() -> None:
    _least(0)


def downgrade() -> None:
    op.execute("UPDATE memory SET loans_months = 1 WHERE loans_months = 0")
    _least(1)


def _least(months: int) -> None:
    with op.rebuild("memory") as batch:
        batch.drop_constraint(op.f("ck_memory_months"), type_="check")
        batch.create_check_constraint(
            op.f("ck_memory_months"), f"loans_months BETWEEN {months} AND 120 AND leavers_months BETWEEN 1 AND 120"
        )
