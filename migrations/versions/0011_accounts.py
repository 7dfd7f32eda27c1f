"""Inviting, recovering, a second factor, the locked desk.

Safe beside the previous release: it leaves the new columns empty and does not look at the new tables. A grant narrowed
to a branch holds for the whole library while the previous release still answers.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0011", "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SESSION = {
    "uid": sa.Uuid(),
    "device": sa.Text(),
    "address": sa.Text(),
    "seen_at": MOMENT,
    "locked_at": MOMENT,
}


def upgrade() -> None:
    with op.rebuild("grant") as batch:
        batch.add_column(sa.Column("branch_id", NUMBER, nullable=True))
        batch.create_foreign_key("fk_grant_branch_id_branch", "branch", ["branch_id"], ["id"], ondelete="RESTRICT")
    for name, kind in SESSION.items():
        op.add_column("sign_in", sa.Column(name, kind, nullable=True))
    op.add_column("sign_in", sa.Column("owes_second", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_index("ix_sign_in_uid", "sign_in", ["uid"])
    op.create_index("ix_trace_library_id_at", "trace", ["library_id", "at"])
    _account_key()
    _one_time_code()
    op.create_table(
        "account_rule",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("lock_minutes", sa.Integer(), nullable=True),
        sa.Column("second_for", sa.JSON(), nullable=False),
        _key("account_rule", "library_id", "organisation"),
        sa.CheckConstraint("lock_minutes >= 0", name=op.f("ck_account_rule_not_negative")),
        sa.PrimaryKeyConstraint("library_id", name="pk_account_rule"),
    )


def _account_key() -> None:
    op.create_table(
        "account_key",
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("card_code_id", NUMBER, nullable=True),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.Column("second_nonce", sa.Text(), nullable=True),
        sa.Column("second_at", MOMENT, nullable=True),
        sa.Column("second_step", sa.BigInteger(), nullable=True),
        _key("account_key", "account_id", "account"),
        _key("account_key", "card_code_id", "code"),
        sa.PrimaryKeyConstraint("account_id", name="pk_account_key"),
        sa.UniqueConstraint("card_code_id", name="uq_account_key_card_code_id"),
    )


def _one_time_code() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        _key("one_time_code", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_code"),
        sa.UniqueConstraint("code_hash", name="uq_one_time_code_code_hash"),
    )
    op.create_index("ix_one_time_code_account_id_kind", "one_time_code", ["account_id", "kind"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="RESTRICT"
    )


def downgrade() -> None:
    for table in ("account_rule", "one_time_code", "account_key"):
        op.drop_table(table)
    op.drop_index("ix_trace_library_id_at", "trace")
    op.drop_index("ix_sign_in_uid", "sign_in")
    with op.batch_alter_table("sign_in") as batch:
        for name in (*SESSION, "owes_second"):
            batch.drop_column(name)
    with op.rebuild("grant") as batch:
        batch.drop_constraint("fk_grant_branch_id_branch", type_="foreignkey")
        batch.drop_column("branch_id")
