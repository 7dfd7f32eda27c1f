"""Reports people made and saved, their schedules and results; the standard of school libraries as lines to edit.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0033", "0032"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = ("saved_report", "standard_answer", "standard_line", "saved_result")


def upgrade() -> None:
    op.create_table(
        "saved_report",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("every", sa.String(length=40), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("dropped_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_saved_report_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_report")),
        sa.UniqueConstraint("uid", name=op.f("uq_saved_report_uid")),
    )
    op.create_index(op.f("ix_saved_report_library_id"), "saved_report", ["library_id"], unique=False)

    op.create_table(
        "standard_answer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("year_on", sa.Date(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_standard_answer_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_answer")),
        sa.UniqueConstraint("library_id", "code", "year_on", name=op.f("uq_standard_answer_library_id_code_year_on")),
    )

    op.create_table(
        "standard_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.CheckConstraint("least IS NULL OR least >= 0", name=op.f("ck_standard_line_least_is_no_debt")),
        sa.CheckConstraint("level IN (1, 2)", name=op.f("ck_standard_line_of_level_1_or_2")),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_standard_line_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_line")),
        sa.UniqueConstraint("library_id", "code", name=op.f("uq_standard_line_library_id_code")),
    )

    op.create_table(
        "saved_result",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("report_id", NUMBER, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_saved_result_a_period")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["saved_report.id"], name=op.f("fk_saved_result_report_id_saved_report"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_result")),
        sa.UniqueConstraint(
            "report_id", "first_on", "last_on", name=op.f("uq_saved_result_report_id_first_on_last_on")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_saved_result_uid")),
    )


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
