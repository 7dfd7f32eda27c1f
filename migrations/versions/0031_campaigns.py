"""Campaigns, their lines, units' sheets, what they sent, every step, and corrections.

Safe beside the previous release: new tables. Steps and corrections are marked when they are taken back, never removed.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0031", "0030"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "campaign",
    "campaign_indicator",
    "campaign_template",
    "sheet",
    "submission",
    "sheet_value",
    "sheet_step",
    "sheet_reminder",
    "correction",
)


def upgrade() -> None:
    _campaigns()
    _sheets()
    _after()


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("launched_at", MOMENT, nullable=True),
        sa.Column("locked_at", MOMENT, nullable=True),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("last_on >= first_on AND due_on >= first_on", name=op.f("ck_campaign_ends_after_it_begins")),
        sa.CheckConstraint(
            "locked_at IS NULL OR launched_at IS NOT NULL", name=op.f("ck_campaign_launched_before_locked")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_campaign_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_campaign_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaign_uid")),
    )
    op.create_index(op.f("ix_campaign_library_id"), "campaign", ["library_id"], unique=False)
    op.create_table(
        "campaign_indicator",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("formula", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_campaign_indicator_rows_from_one")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_indicator_campaign_id_campaign"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_indicator")),
        sa.UniqueConstraint("campaign_id", "code", name=op.f("uq_campaign_indicator_campaign_id_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaign_indicator_uid")),
    )
    op.create_table(
        "campaign_template",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_campaign_template_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_template")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_campaign_template_library_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaign_template_uid")),
    )


def _sheets() -> None:
    op.create_table(
        "sheet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("keeper_id", NUMBER, nullable=False),
        sa.Column("parent_id", NUMBER, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_sheet_campaign_id_campaign"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["organisation.id"], name=op.f("fk_sheet_keeper_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_sheet_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_sheet_parent_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("campaign_id", "organisation_id", name=op.f("uq_sheet_campaign_id_organisation_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_sheet_uid")),
    )
    op.create_index(op.f("ix_sheet_keeper_id"), "sheet", ["keeper_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("known_at", MOMENT, nullable=True),
        sa.Column("act_id", NUMBER, nullable=True),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.CheckConstraint("(number IS NULL) = (known_at IS NULL)", name=op.f("ck_submission_numbered_when_sent")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_submission_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sheet.id"], name=op.f("fk_submission_sheet_id_sheet"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_submission_sheet_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_submission_uid")),
    )
    op.create_index(
        "uq_submission_open",
        "submission",
        ["sheet_id"],
        unique=True,
        sqlite_where=sa.text("known_at IS NULL"),
        postgresql_where=sa.text("known_at IS NULL"),
    )
    op.create_table(
        "sheet_value",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("submission_id", NUMBER, nullable=False),
        sa.Column("indicator_id", NUMBER, nullable=False),
        sa.Column("computed", NUMBER, nullable=True),
        sa.Column("stated", NUMBER, nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("evidence_name", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(evidence IS NULL) = (evidence_name IS NULL)", name=op.f("ck_sheet_value_files_have_names")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["campaign_indicator.id"],
            name=op.f("fk_sheet_value_indicator_id_campaign_indicator"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_sheet_value_submission_id_submission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_value")),
        sa.UniqueConstraint("submission_id", "indicator_id", name=op.f("uq_sheet_value_submission_id_indicator_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_sheet_value_uid")),
    )
    op.create_index(op.f("ix_sheet_value_indicator_id"), "sheet_value", ["indicator_id"], unique=False)


def _after() -> None:
    op.create_table(
        "sheet_step",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("submission_id", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_sheet_step_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_step_sheet_id_sheet"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_sheet_step_submission_id_submission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_step")),
    )
    op.create_index(op.f("ix_sheet_step_act_id"), "sheet_step", ["act_id"], unique=False)
    op.create_index(op.f("ix_sheet_step_sheet_id_id"), "sheet_step", ["sheet_id", "id"], unique=False)
    op.create_table(
        "sheet_reminder",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_sheet_reminder_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_reminder_sheet_id_sheet"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_reminder")),
        sa.UniqueConstraint("sheet_id", "day", name=op.f("uq_sheet_reminder_sheet_id_day")),
    )
    op.create_table(
        "correction",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("indicator_id", NUMBER, nullable=False),
        sa.Column("was", NUMBER, nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.Column("counted", NUMBER, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_correction_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["campaign_indicator.id"],
            name=op.f("fk_correction_indicator_id_campaign_indicator"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["sheet.id"], name=op.f("fk_correction_sheet_id_sheet"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("uid", name=op.f("uq_correction_uid")),
    )
    op.create_index(op.f("ix_correction_act_id"), "correction", ["act_id"], unique=False)
    op.create_index(
        op.f("ix_correction_sheet_id_indicator_id"), "correction", ["sheet_id", "indicator_id"], unique=False
    )


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
