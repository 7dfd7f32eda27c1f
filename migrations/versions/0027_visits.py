"""Gates and their readings; kiosks that stand open.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0027", "0026"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = ("gate", "gate_reading", "kiosk")


def upgrade() -> None:
    _gates()
    _readings()
    op.create_table(
        "kiosk",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_kiosk_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_kiosk_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_kiosk")),
    )


def _gates() -> None:
    op.create_table(
        "gate",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("both_ways", sa.Boolean(), nullable=False),
        sa.Column("covers", sa.Boolean(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("digits IS NULL OR digits BETWEEN 3 AND 12", name=op.f("ck_gate_shows_figures")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_gate_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("uid", name=op.f("uq_gate_uid")),
    )
    op.create_index(op.f("ix_gate_branch_id"), "gate", ["branch_id"], unique=False)


def _readings() -> None:
    op.create_table(
        "gate_reading",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("gate_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("counter", NUMBER, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("turn", sa.String(length=40), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("visit_id", NUMBER, nullable=True),
        sa.CheckConstraint("counter >= 0", name=op.f("ck_gate_reading_shows_a_number")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_gate_reading_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["gate_id"], ["gate.id"], name=op.f("fk_gate_reading_gate_id_gate"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_gate_reading_visit_id_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_reading")),
        sa.UniqueConstraint("uid", name=op.f("uq_gate_reading_uid")),
    )
    op.create_index(op.f("ix_gate_reading_act_id"), "gate_reading", ["act_id"], unique=False)
    op.create_index(op.f("ix_gate_reading_gate_id_read_at"), "gate_reading", ["gate_id", "read_at"], unique=False)
    op.create_index(
        "uq_gate_reading_moment",
        "gate_reading",
        ["gate_id", "read_at"],
        unique=True,
        sqlite_where=sa.text("NOT voided"),
        postgresql_where=sa.text("NOT voided"),
    )


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
