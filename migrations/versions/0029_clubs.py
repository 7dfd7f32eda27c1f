"""Clubs, challenges, digital links, Internet places.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0029", "0028"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "club",
    "club_member",
    "club_meeting",
    "challenge",
    "challenge_group",
    "challenge_mark",
    "challenge_entry",
    "challenge_result",
    "digital_link",
    "internet_place",
    "internet_count",
)


def upgrade() -> None:
    _clubs()
    _challenges()
    _challenge_rows()
    _digital()
    _internet()


def _clubs() -> None:
    op.create_table(
        "club",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("keeper", sa.Text(), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= founded_on", name=op.f("ck_club_closes_after_it_opens")),
        sa.CheckConstraint("heads IS NULL OR heads > 0", name=op.f("ck_club_somebody_belongs")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_club_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_club_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_club")),
        sa.UniqueConstraint("uid", name=op.f("uq_club_uid")),
    )
    op.create_index(op.f("ix_club_branch_id"), "club", ["branch_id"], unique=False)
    op.create_index(
        "uq_club_name",
        "club",
        ["branch_id", "name"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL AND NOT cancelled"),
        postgresql_where=sa.text("closed_on IS NULL AND NOT cancelled"),
    )
    op.create_table(
        "club_member",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("club_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_club_member_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_club_member_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["club_id"], ["club.id"], name=op.f("fk_club_member_club_id_club"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_club_member_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_club_member")),
        sa.UniqueConstraint("uid", name=op.f("uq_club_member_uid")),
    )
    op.create_index(op.f("ix_club_member_membership_id"), "club_member", ["membership_id"], unique=False)
    op.create_index(
        "uq_club_member_now",
        "club_member",
        ["club_id", "membership_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.create_table(
        "club_meeting",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("club_id", NUMBER, nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("as_visits", sa.Boolean(), nullable=False),
        sa.Column("visits_act_id", NUMBER, nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("heads > 0", name=op.f("ck_club_meeting_somebody_came")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_club_meeting_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["club_id"], ["club.id"], name=op.f("fk_club_meeting_club_id_club"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visits_act_id"], ["act.id"], name=op.f("fk_club_meeting_visits_act_id_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_club_meeting")),
        sa.UniqueConstraint("uid", name=op.f("uq_club_meeting_uid")),
    )
    op.create_index(op.f("ix_club_meeting_club_id_met_on"), "club_meeting", ["club_id", "met_on"], unique=False)


def _challenges() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reach", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("followed_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_challenge_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_challenge_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_challenge_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("uid", name=op.f("uq_challenge_uid")),
    )
    op.create_index(op.f("ix_challenge_branch_id_first_on"), "challenge", ["branch_id", "first_on"], unique=False)
    op.create_table(
        "challenge_group",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("challenge_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.CheckConstraint("(class_id IS NULL) <> (grade IS NULL)", name=op.f("ck_challenge_group_class_or_grade")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenge.id"],
            name=op.f("fk_challenge_group_challenge_id_challenge"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_challenge_group_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_group")),
        sa.UniqueConstraint(
            "challenge_id", "class_id", "grade", name=op.f("uq_challenge_group_challenge_id_class_id_grade")
        ),
    )
    op.create_table(
        "challenge_mark",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("challenge_id", NUMBER, nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_challenge_mark_something_read")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenge.id"],
            name=op.f("fk_challenge_mark_challenge_id_challenge"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_mark")),
        sa.UniqueConstraint("challenge_id", "of", "amount", name=op.f("uq_challenge_mark_challenge_id_of_amount")),
    )


def _challenge_rows() -> None:
    op.create_table(
        "challenge_entry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("challenge_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("membership_id", NUMBER, nullable=True),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_challenge_entry_something_read")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_challenge_entry_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenge.id"],
            name=op.f("fk_challenge_entry_challenge_id_challenge"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_challenge_entry_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_challenge_entry_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_entry")),
        sa.UniqueConstraint("uid", name=op.f("uq_challenge_entry_uid")),
    )
    op.create_index(op.f("ix_challenge_entry_act_id"), "challenge_entry", ["act_id"], unique=False)
    op.create_index(
        op.f("ix_challenge_entry_challenge_id_class_id"), "challenge_entry", ["challenge_id", "class_id"], unique=False
    )
    op.create_index(op.f("ix_challenge_entry_membership_id"), "challenge_entry", ["membership_id"], unique=False)
    op.create_table(
        "challenge_result",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("challenge_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reached", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenge.id"],
            name=op.f("fk_challenge_result_challenge_id_challenge"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_challenge_result_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_result")),
        sa.UniqueConstraint("challenge_id", "name", name=op.f("uq_challenge_result_challenge_id_name")),
    )


def _digital() -> None:
    op.create_table(
        "digital_link",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("record_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("removed_by", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_digital_link_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_digital_link_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_digital_link_record_id_record"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["act.id"], name=op.f("fk_digital_link_removed_by_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digital_link")),
        sa.UniqueConstraint("uid", name=op.f("uq_digital_link_uid")),
    )
    op.create_index(op.f("ix_digital_link_branch_id"), "digital_link", ["branch_id"], unique=False)
    op.create_index(op.f("ix_digital_link_record_id"), "digital_link", ["record_id"], unique=False)


def _internet() -> None:
    op.create_table(
        "internet_place",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.Integer(), nullable=True),
        sa.Column("closes_at", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_internet_place_no_less_than_none")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_internet_place_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_internet_place_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_internet_place_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internet_place")),
        sa.UniqueConstraint("uid", name=op.f("uq_internet_place_uid")),
    )
    op.create_index(op.f("ix_internet_place_branch_id"), "internet_place", ["branch_id"], unique=False)
    op.create_index(
        "uq_internet_place_now",
        "internet_place",
        ["branch_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL AND NOT voided"),
        postgresql_where=sa.text("to_on IS NULL AND NOT voided"),
    )
    op.create_table(
        "internet_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("turns > 0 OR minutes > 0", name=op.f("ck_internet_count_something_counted")),
        sa.CheckConstraint("turns >= 0 AND minutes >= 0", name=op.f("ck_internet_count_nothing_less_than_none")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_internet_count_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_internet_count_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internet_count")),
        sa.UniqueConstraint("uid", name=op.f("uq_internet_count_uid")),
    )
    op.create_index(
        op.f("ix_internet_count_branch_id_counted_on"), "internet_count", ["branch_id", "counted_on"], unique=False
    )


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
