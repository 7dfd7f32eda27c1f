"""Losses: why a suspension was lifted, how a compensation was written off and refunded, agreement of a second person.

Safe beside the previous release: new tables, and new columns that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0020", "0019"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTS = ("written_off_by", "refunded_by")


def upgrade() -> None:
    op.add_column("suspension", sa.Column("lifted_why", sa.Text(), nullable=True))
    with op.rebuild("compensation") as batch:
        batch.add_column(sa.Column("settled_note", sa.Text(), nullable=True))
        for name in ACTS:
            batch.add_column(sa.Column(name, NUMBER, nullable=True))
            batch.create_foreign_key(f"fk_compensation_{name}_act", "act", [name], ["id"], ondelete="RESTRICT")
    _settlement()
    op.create_table(
        "loss_setting",
        sa.Column("library_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("approve_above", sa.Integer(), nullable=True),
        sa.Column("refunds", sa.Boolean(), nullable=False),
        sa.CheckConstraint("approve_above >= 0", name=op.f("ck_loss_setting_not_negative")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_loss_setting_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_loss_setting")),
    )  # fmt: skip


def _settlement() -> None:
    keys = (("act_id", "act"), ("compensation_id", "compensation"), ("replacement_id", "item"), ("decided_by", "act"))
    op.create_table(
        "settlement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("compensation_id", NUMBER, nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=True),
        sa.Column("replacement_id", NUMBER, nullable=True),
        sa.Column("write_off", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{other}.id"], name=op.f(f"fk_settlement_{name}_{other}"), ondelete="RESTRICT"
            )
            for name, other in keys
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("uid", name=op.f("uq_settlement_uid")),
    )
    op.create_index(op.f("ix_settlement_compensation_id"), "settlement", ["compensation_id"], unique=False)
    waits = sa.text("decided_by IS NULL AND NOT voided")
    op.create_index(
        "uq_settlement_waits", "settlement", ["compensation_id"], unique=True, sqlite_where=waits,
        postgresql_where=waits,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("settlement")
    op.drop_table("loss_setting")
    with op.rebuild("compensation") as batch:
        for name in ACTS:
            batch.drop_constraint(f"fk_compensation_{name}_act", type_="foreignkey")
            batch.drop_column(name)
        batch.drop_column("settled_note")
    op.drop_column("suspension", "lifted_why")
