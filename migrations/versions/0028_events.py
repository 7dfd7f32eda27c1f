"""Events, training, online programmes, lessons, commendations.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0028", "0027"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "event_type",
    "yearly_date",
    "event",
    "promotion_file",
    "promotion_step",
    "training",
    "training_session",
    "training_mark",
    "online_programme",
    "online_count",
    "lesson_slot",
    "lesson",
    "commendation",
)


def upgrade() -> None:
    _events()
    _trainings()
    _online()
    _lessons()
    _commendations()


def _events() -> None:
    op.create_table(
        "event_type",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_event_type_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_type")),
        sa.UniqueConstraint("library_id", "of", "code", name=op.f("uq_event_type_library_id_of_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_type_uid")),
    )
    op.create_table(
        "yearly_date",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("first_month", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_month", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "first_day BETWEEN 1 AND 31 AND last_day BETWEEN 1 AND 31", name=op.f("ck_yearly_date_days")
        ),
        sa.CheckConstraint(
            "first_month BETWEEN 1 AND 12 AND last_month BETWEEN 1 AND 12", name=op.f("ck_yearly_date_months")
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_yearly_date_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_date")),
        sa.UniqueConstraint("uid", name=op.f("uq_yearly_date_uid")),
    )
    op.create_index(
        "uq_yearly_date_every_year",
        "yearly_date",
        ["library_id", "code"],
        unique=True,
        sqlite_where=sa.text("year IS NULL"),
        postgresql_where=sa.text("year IS NULL"),
    )
    op.create_index(
        "uq_yearly_date_that_year",
        "yearly_date",
        ["library_id", "code", "year"],
        unique=True,
        sqlite_where=sa.text("year IS NOT NULL"),
        postgresql_where=sa.text("year IS NOT NULL"),
    )
    op.create_table(
        "event",
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("from_at", sa.Time(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("partners", sa.Text(), nullable=True),
        sa.Column("cost", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("as_visits", sa.Boolean(), nullable=False),
        sa.Column("series", sa.Uuid(), nullable=True),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.CheckConstraint("cost IS NULL OR cost >= 0", name=op.f("ck_event_cost")),
        sa.CheckConstraint("last_on IS NULL OR last_on >= first_on", name=op.f("ck_event_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_event_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_event_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
    )
    op.create_index(op.f("ix_event_branch_id_first_on"), "event", ["branch_id", "first_on"], unique=False)
    op.create_table(
        "promotion_file",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_promotion_file_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_promotion_file_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_promotion_file_uid")),
    )
    op.create_index(op.f("ix_promotion_file_source"), "promotion_file", ["source"], unique=False)
    op.create_table(
        "promotion_step",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_promotion_step_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_promotion_step_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_step")),
        sa.UniqueConstraint("act_id", "source", name=op.f("uq_promotion_step_act_id_source")),
    )
    op.create_index(op.f("ix_promotion_step_source_id"), "promotion_step", ["source", "id"], unique=False)


def _trainings() -> None:
    op.create_table(
        "training",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("teacher", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("partners", sa.Text(), nullable=True),
        sa.Column("cost", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("ticked", sa.Integer(), nullable=False),
        sa.Column("as_visits", sa.Boolean(), nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.CheckConstraint("cost IS NULL OR cost >= 0", name=op.f("ck_training_cost")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_training_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_training_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sa.UniqueConstraint("uid", name=op.f("uq_training_uid")),
    )
    op.create_index(op.f("ix_training_branch_id_first_on"), "training", ["branch_id", "first_on"], unique=False)
    op.create_table(
        "training_session",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("training_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_at", sa.Time(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("came", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name=op.f("fk_training_session_training_id_training"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
        sa.UniqueConstraint("uid", name=op.f("uq_training_session_uid")),
    )
    op.create_index(op.f("ix_training_session_training_id"), "training_session", ["training_id"], unique=False)
    op.create_table(
        "training_mark",
        sa.Column("session_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_training_mark_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["training_session.id"],
            name=op.f("fk_training_mark_session_id_training_session"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("session_id", "membership_id", name=op.f("pk_training_mark")),
    )
    op.create_index(op.f("ix_training_mark_membership_id"), "training_mark", ["membership_id"], unique=False)


def _online() -> None:
    op.create_table(
        "online_programme",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("organiser", sa.Text(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.CheckConstraint(
            "last_on IS NULL OR last_on >= first_on", name=op.f("ck_online_programme_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_online_programme_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_online_programme_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_programme")),
        sa.UniqueConstraint("uid", name=op.f("uq_online_programme_uid")),
    )
    op.create_index(
        op.f("ix_online_programme_branch_id_first_on"), "online_programme", ["branch_id", "first_on"], unique=False
    )
    op.create_table(
        "online_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.CheckConstraint("turns > 0", name=op.f("ck_online_count_somebody_came")),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["online_programme.id"],
            name=op.f("fk_online_count_programme_id_online_programme"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_count")),
        sa.UniqueConstraint("uid", name=op.f("uq_online_count_uid")),
    )
    op.create_index(op.f("ix_online_count_programme_id"), "online_count", ["programme_id"], unique=False)


def _lessons() -> None:
    op.create_table(
        "lesson_slot",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_lesson_slot_ends_after_it_begins")),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6 AND period BETWEEN 1 AND 12", name=op.f("ck_lesson_slot_on_the_timetable")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_lesson_slot_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_lesson_slot_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_slot")),
        sa.UniqueConstraint("uid", name=op.f("uq_lesson_slot_uid")),
    )
    op.create_index(op.f("ix_lesson_slot_branch_id"), "lesson_slot", ["branch_id"], unique=False)
    op.create_table(
        "lesson",
        sa.Column("slot_id", NUMBER, nullable=True),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("as_visits", sa.Boolean(), nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.CheckConstraint("people >= 0", name=op.f("ck_lesson_people")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_lesson_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_lesson_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["lesson_slot.id"], name=op.f("fk_lesson_slot_id_lesson_slot"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_lesson_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("uid", name=op.f("uq_lesson_uid")),
    )
    op.create_index(op.f("ix_lesson_branch_id_day"), "lesson", ["branch_id", "day"], unique=False)
    op.create_index(
        "uq_lesson_of_slot",
        "lesson",
        ["slot_id", "day"],
        unique=True,
        sqlite_where=sa.text("gone IS FALSE AND slot_id IS NOT NULL"),
        postgresql_where=sa.text("gone IS FALSE AND slot_id IS NOT NULL"),
    )


def _commendations() -> None:
    op.create_table(
        "commendation",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("membership_id", NUMBER, nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.CheckConstraint("membership_id IS NULL OR name IS NULL", name=op.f("ck_commendation_reader_is_named_once")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_commendation_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_commendation_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_commendation_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commendation")),
        sa.UniqueConstraint("uid", name=op.f("uq_commendation_uid")),
    )
    op.create_index(op.f("ix_commendation_branch_id_day"), "commendation", ["branch_id", "day"], unique=False)
    op.create_index(op.f("ix_commendation_membership_id"), "commendation", ["membership_id"], unique=False)


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
