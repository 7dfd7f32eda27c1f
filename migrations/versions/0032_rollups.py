"""Figures added up ahead of time.

Safe beside the previous release: new tables. They begin empty and whatever they lack is added up from the ledgers; the
night fills them.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0032", "0031"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = ("copy_used", "people_counted", "roll_mark", "rolled", "rolled_title")


def _of_branch(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["branch_id"], ["branch.id"], name=op.f(f"fk_{table}_branch_id_branch"), ondelete="RESTRICT"
    )


def upgrade() -> None:
    op.create_table(
        "copy_used",
        sa.Column("item_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_copy_used_item_id_item"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_copy_used")),
    )
    op.create_table(
        "people_counted",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint("last_on >= first_on AND people >= 0", name=op.f("ck_people_counted_a_period")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation.id"], name=op.f("fk_people_counted_unit_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_counted")),
        sa.UniqueConstraint("unit_id", "first_on", "last_on", name=op.f("uq_people_counted_unit_id_first_on_last_on")),
    )
    op.create_table(
        "roll_mark",
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("rolled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("ledger", name=op.f("pk_roll_mark")),
    )
    _sums()


def _sums() -> None:
    op.create_table(
        "rolled",
        sa.Column("face", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("branch_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        _of_branch("rolled"),
        sa.PrimaryKeyConstraint(
            "face", "branch_id", "since", "kind", "grade", "category", "mark", name=op.f("pk_rolled")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rolled_title",
        sa.Column("branch_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("record_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        _of_branch("rolled_title"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_rolled_title_record_id_record"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("branch_id", "since", "record_id", name=op.f("pk_rolled_title")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
