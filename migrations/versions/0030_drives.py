"""Donation drives, gifts and what became of them.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0030", "0029"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(collation="C").with_variant(sa.Text(), "sqlite")
NEW = (
    "donor", "fund", "drive", "drive_collective", "gift", "gift_line", "gift_fate", "gift_copy", "fund_spending",
    "giving_change",
)  # fmt: skip


def upgrade() -> None:
    _givers()
    _gifts()
    _afterwards()


def _givers() -> None:
    op.create_table(
        "donor",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("folded", KEY, nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(name IS NULL) = (folded IS NULL)", name=op.f("ck_donor_folded_with_name")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_donor_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("uid", name=op.f("uq_donor_uid")),
    )
    op.create_index(
        "uq_donor_alike",
        "donor",
        ["library_id", "kind", "folded", "about"],
        unique=True,
        sqlite_where=sa.text("folded IS NOT NULL"),
        postgresql_where=sa.text("folded IS NOT NULL"),
    )
    op.create_table(
        "fund",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_fund_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
        sa.UniqueConstraint("uid", name=op.f("uq_fund_uid")),
    )
    op.create_index(
        "uq_fund_open",
        "fund",
        ["library_id", "name"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "drive",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organiser", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("goal_copies", sa.Integer(), nullable=True),
        sa.Column("goal_money", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_drive_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_drive_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drive")),
        sa.UniqueConstraint("uid", name=op.f("uq_drive_uid")),
    )
    op.create_index(op.f("ix_drive_branch_id_first_on"), "drive", ["branch_id", "first_on"], unique=False)
    op.create_table(
        "drive_collective",
        sa.Column("drive_id", NUMBER, nullable=False),
        sa.Column("donor_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name=op.f("fk_drive_collective_donor_id_donor"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["drive_id"], ["drive.id"], name=op.f("fk_drive_collective_drive_id_drive"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("drive_id", "donor_id", name=op.f("pk_drive_collective")),
    )


def _gifts() -> None:
    op.create_table(
        "gift",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("drive_id", NUMBER, nullable=True),
        sa.Column("donor_id", NUMBER, nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("money", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=True),
        sa.Column("receipt_no", sa.Text(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(money > 0) = (fund_id IS NOT NULL)", name=op.f("ck_gift_money_has_fund")),
        sa.CheckConstraint("money >= 0", name=op.f("ck_gift_money_comes_in")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_gift_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_gift_donor_id_donor"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["drive_id"], ["drive.id"], name=op.f("fk_gift_drive_id_drive"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_gift_fund_id_fund"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
        sa.UniqueConstraint("uid", name=op.f("uq_gift_uid")),
    )
    op.create_index(op.f("ix_gift_branch_id_given_on"), "gift", ["branch_id", "given_on"], unique=False)
    op.create_index(op.f("ix_gift_donor_id"), "gift", ["donor_id"], unique=False)
    op.create_index(op.f("ix_gift_drive_id"), "gift", ["drive_id"], unique=False)
    op.create_index(op.f("ix_gift_fund_id"), "gift", ["fund_id"], unique=False)
    op.create_table(
        "gift_line",
        sa.Column("gift_id", NUMBER, nullable=False),
        sa.Column("sort", sa.String(length=40), nullable=False),
        sa.Column("worn", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_gift_line_something_given")),
        sa.ForeignKeyConstraint(["gift_id"], ["gift.id"], name=op.f("fk_gift_line_gift_id_gift"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("gift_id", "sort", "worn", name=op.f("pk_gift_line")),
    )


def _afterwards() -> None:
    op.create_table(
        "gift_fate",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("gift_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("fate", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("became_on", sa.Date(), nullable=False),
        sa.Column("where_to", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_gift_fate_something_became")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_gift_fate_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["gift_id"], ["gift.id"], name=op.f("fk_gift_fate_gift_id_gift"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_fate")),
    )
    op.create_index(op.f("ix_gift_fate_act_id"), "gift_fate", ["act_id"], unique=False)
    op.create_index(op.f("ix_gift_fate_gift_id"), "gift_fate", ["gift_id"], unique=False)
    op.create_table(
        "gift_copy",
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("gift_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_gift_copy_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["gift_id"], ["gift.id"], name=op.f("fk_gift_copy_gift_id_gift"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_gift_copy_item_id_item"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_gift_copy")),
    )
    op.create_index(op.f("ix_gift_copy_act_id"), "gift_copy", ["act_id"], unique=False)
    op.create_index(op.f("ix_gift_copy_gift_id"), "gift_copy", ["gift_id"], unique=False)
    # ### end Alembic commands ###
    op.create_table(
        "fund_spending",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("voucher", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_fund_spending_something_spent")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_fund_spending_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_fund_spending_fund_id_fund"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_spending")),
        sa.UniqueConstraint("uid", name=op.f("uq_fund_spending_uid")),
    )
    op.create_index(op.f("ix_fund_spending_act_id"), "fund_spending", ["act_id"], unique=False)
    op.create_index(op.f("ix_fund_spending_fund_id"), "fund_spending", ["fund_id"], unique=False)
    op.create_table(
        "giving_change",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("drive_id", NUMBER, nullable=True),
        sa.Column("gift_id", NUMBER, nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(drive_id IS NULL) <> (gift_id IS NULL)", name=op.f("ck_giving_change_of_one_thing")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_giving_change_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["drive_id"], ["drive.id"], name=op.f("fk_giving_change_drive_id_drive"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["gift_id"], ["gift.id"], name=op.f("fk_giving_change_gift_id_gift"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_giving_change")),
    )
    op.create_index(op.f("ix_giving_change_act_id"), "giving_change", ["act_id"], unique=False)
    op.create_index(op.f("ix_giving_change_drive_id"), "giving_change", ["drive_id"], unique=False)
    op.create_index(op.f("ix_giving_change_gift_id"), "giving_change", ["gift_id"], unique=False)


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
