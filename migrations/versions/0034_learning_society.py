"""Learning-society indicators, denominators and targets; branches of the association and their members.

Safe beside the previous release: new tables. Numbers told are only added; their act says whether they stand.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0034", "0033"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = ("society_line", "society_count", "society_branch", "society_members")


def upgrade() -> None:
    _lines()
    _branches()


def _lines() -> None:
    op.create_table(
        "society_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=True),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_society_line_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_society_line")),
        sa.UniqueConstraint("library_id", "code", name=op.f("uq_society_line_library_id_code")),
    )
    op.create_table(
        "society_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("value IS NULL OR value >= 0", name=op.f("ck_society_count_no_less_than_none")),
        sa.CheckConstraint("year BETWEEN 1990 AND 2200", name=op.f("ck_society_count_year")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_society_count_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_society_count_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_society_count")),
    )
    op.create_index(op.f("ix_society_count_act_id"), "society_count", ["act_id"], unique=False)
    op.create_index(
        op.f("ix_society_count_organisation_id_year"), "society_count", ["organisation_id", "year"], unique=False
    )


def _branches() -> None:
    op.create_table(
        "society_branch",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_society_branch_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_society_branch_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_society_branch")),
        sa.UniqueConstraint("uid", name=op.f("uq_society_branch_uid")),
    )
    op.create_index(op.f("ix_society_branch_organisation_id"), "society_branch", ["organisation_id"], unique=False)
    op.create_table(
        "society_members",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("members IS NULL OR members >= 0", name=op.f("ck_society_members_no_less_than_none")),
        sa.CheckConstraint("year BETWEEN 1990 AND 2200", name=op.f("ck_society_members_year")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_society_members_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["society_branch.id"],
            name=op.f("fk_society_members_branch_id_society_branch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_society_members_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_society_members")),
    )
    op.create_index(op.f("ix_society_members_act_id"), "society_members", ["act_id"], unique=False)
    op.create_index(op.f("ix_society_members_branch_id"), "society_members", ["branch_id"], unique=False)
    op.create_index(
        op.f("ix_society_members_organisation_id_year"), "society_members", ["organisation_id", "year"], unique=False
    )


def downgrade() -> None:
    for name in reversed(NEW):
        op.drop_table(name)
