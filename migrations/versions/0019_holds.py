"""What acts changed of holds is remembered, what keepers of stays declined, and which act sent a copy on its way.

Safe beside the previous release: new tables, and a new column that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0019", "0018"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(column: str, table: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        "hold_change",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("hold_id", NUMBER, nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        _key("act_id", "hold_change", "act"),
        _key("hold_id", "hold_change", "hold"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_change")),
    )
    op.create_table(
        "hold_decline",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("hold_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        _key("act_id", "hold_decline", "act"),
        _key("hold_id", "hold_decline", "hold"),
        _key("item_id", "hold_decline", "item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_decline")),
    )
    for table in ("hold_change", "hold_decline"):
        for column in ("act_id", "hold_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    with op.rebuild("transfer") as batch:
        batch.add_column(sa.Column("sent_by", NUMBER, nullable=True))
        batch.create_foreign_key(op.f("fk_transfer_sent_by_act"), "act", ["sent_by"], ["id"], ondelete="RESTRICT")


def downgrade() -> None:
    with op.rebuild("transfer") as batch:
        batch.drop_constraint(op.f("fk_transfer_sent_by_act"), type_="foreignkey")
        batch.drop_column("sent_by")
    for table in ("hold_decline", "hold_change"):
        op.drop_table(table)
