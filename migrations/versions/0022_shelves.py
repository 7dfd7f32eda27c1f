"""Shelves of classrooms: who keeps them, fillings, counts, handovers, swaps, the reading log; visits; papers of one's own.

Safe beside the previous release: new tables, and new columns that may be empty. Uses without a copy are written by the
new release only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0022", "0021"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "document_template",
    "reading_milestone",
    "swap_plan",
    "shelf",
    "visit",
    "helper_session",
    "light_end",
    "reading_entry",
    "shelf_count",
    "shelf_helper",
    "shelf_pull",
    "shelf_tenure",
    "swap_box",
    "handover",
    "shelf_count_line",
    "shelf_pull_line",
    "swap_box_item",
    "swap_move",
    "handover_line",
    "swap_missing",
)
STAYS = ("visit_stays_as_it_is", "UPDATE"), ("visit_is_kept", "DELETE")


def upgrade() -> None:
    _copies("register_status IN ('outside', 'gone')")
    _uses()
    _sign_ins()
    _beside()
    _shelves()
    _counts()
    _swaps()
    _reading()
    _visits_stay()


def _copies(without_number: str) -> None:
    with op.rebuild("item") as batch:
        batch.drop_constraint(op.f("ck_item_listed_has_accession"), type_="check")
        batch.create_check_constraint(op.f("ck_item_listed_has_accession"), f"({without_number}) = (accession IS NULL)")


def _uses() -> None:
    with op.rebuild("document_use") as batch:
        batch.alter_column("item_id", existing_type=NUMBER, nullable=True)
        batch.add_column(sa.Column("place_id", NUMBER, nullable=True))
        batch.create_foreign_key("fk_document_use_place_id_place", "place", ["place_id"], ["id"], ondelete="RESTRICT")
        batch.drop_constraint(op.f("ck_document_use_one_or_back"), type_="check")
        batch.drop_constraint(op.f("ck_document_use_back_names_what"), type_="check")
        batch.create_check_constraint(
            op.f("ck_document_use_one_or_back"), "quantity <> 0 AND (item_id IS NULL OR quantity IN (1, -1))"
        )
        batch.create_check_constraint(
            op.f("ck_document_use_back_names_what"), "(quantity < 0) = (reverses_id IS NOT NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_document_use_copy_is_known"), "item_id IS NOT NULL OR kind IN ('honour', 'class-read')"
        )
        batch.create_index("ix_document_use_place_id_used_on", ["place_id", "used_on"])


def _sign_ins() -> None:
    with op.rebuild("sign_in") as batch:
        batch.add_column(sa.Column("helps_class_id", NUMBER, nullable=True))
        batch.create_foreign_key(
            "fk_sign_in_helps_class_id_school_class", "school_class", ["helps_class_id"], ["id"], ondelete="RESTRICT"
        )


def _beside() -> None:
    op.create_table(
        "document_template",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_document_template_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_template")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_document_template_library_id_name")),
    )
    op.create_table(
        "visit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reverses_id", NUMBER, nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("place_id", NUMBER, nullable=True),
        sa.Column("class_name", sa.Text(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_visit_back_names_what")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_visit_somebody_came")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_visit_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_visit_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_visit_place_id_place"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["visit.id"], name=op.f("fk_visit_reverses_id_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_visit_reverses_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_uid")),
    )
    op.create_index(op.f("ix_visit_act_id"), "visit", ["act_id"], unique=False)
    op.create_index(op.f("ix_visit_branch_id_visited_on"), "visit", ["branch_id", "visited_on"], unique=False)
    op.create_index(op.f("ix_visit_place_id_visited_on"), "visit", ["place_id", "visited_on"], unique=False)


def _shelves() -> None:
    op.create_table(
        "shelf",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("place_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("goes_with", sa.String(length=40), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("built_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.CheckConstraint("kind <> 'grade' OR grade IS NOT NULL", name=op.f("ck_shelf_grade_is_said")),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= built_on", name=op.f("ck_shelf_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_shelf_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["closed_by"], ["act.id"], name=op.f("fk_shelf_closed_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_shelf_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_shelf_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_shelf_place_id_place"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf")),
        sa.UniqueConstraint("place_id", name=op.f("uq_shelf_place_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_shelf_uid")),
    )
    op.create_index(op.f("ix_shelf_library_id_built_on"), "shelf", ["library_id", "built_on"], unique=False)
    op.create_table(
        "helper_session",
        sa.Column("sign_in_uid", sa.Uuid(), nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=True),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_at > began_at", name=op.f("ck_helper_session_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_helper_session_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_helper_session_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_helper_session_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_helper_session_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("sign_in_uid", name=op.f("pk_helper_session")),
    )
    op.create_index(op.f("ix_helper_session_shelf_id"), "helper_session", ["shelf_id"], unique=False)
    op.create_table(
        "light_end",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_light_end_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_light_end_item_id_item"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_end")),
    )
    op.create_index(op.f("ix_light_end_act_id"), "light_end", ["act_id"], unique=False)
    op.create_index(
        "uq_light_end_stands",
        "light_end",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("NOT voided"),
        postgresql_where=sa.text("NOT voided"),
    )
    op.create_table(
        "shelf_helper",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_shelf_helper_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_shelf_helper_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_shelf_helper_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_helper")),
        sa.UniqueConstraint(
            "shelf_id", "membership_id", "from_on", name=op.f("uq_shelf_helper_shelf_id_membership_id_from_on")
        ),
    )
    op.create_index(op.f("ix_shelf_helper_membership_id"), "shelf_helper", ["membership_id"], unique=False)
    op.create_table(
        "shelf_pull",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_shelf_pull_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_pull")),
        sa.UniqueConstraint("uid", name=op.f("uq_shelf_pull_uid")),
    )
    op.create_index(op.f("ix_shelf_pull_shelf_id_made_at"), "shelf_pull", ["shelf_id", "made_at"], unique=False)
    op.create_table(
        "shelf_tenure",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("keeper_id", NUMBER, nullable=True),
        sa.Column("keeper_name", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("ended_by", NUMBER, nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_shelf_tenure_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_shelf_tenure_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_shelf_tenure_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["act.id"], name=op.f("fk_shelf_tenure_ended_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["account.id"], name=op.f("fk_shelf_tenure_keeper_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_shelf_tenure_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_tenure")),
        sa.UniqueConstraint("uid", name=op.f("uq_shelf_tenure_uid")),
    )
    op.create_index(op.f("ix_shelf_tenure_class_id"), "shelf_tenure", ["class_id"], unique=False)
    op.create_index(op.f("ix_shelf_tenure_keeper_id"), "shelf_tenure", ["keeper_id"], unique=False)
    op.create_index(op.f("ix_shelf_tenure_shelf_id_from_on"), "shelf_tenure", ["shelf_id", "from_on"], unique=False)
    op.create_index(
        "uq_shelf_tenure_open",
        "shelf_tenure",
        ["shelf_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL AND NOT voided"),
        postgresql_where=sa.text("to_on IS NULL AND NOT voided"),
    )
    op.create_table(
        "shelf_pull_line",
        sa.Column("pull_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("picked_by", NUMBER, nullable=True),
        sa.Column("passed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("picked_by IS NULL OR passed_why IS NULL", name=op.f("ck_shelf_pull_line_one_outcome")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_shelf_pull_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["picked_by"], ["act.id"], name=op.f("fk_shelf_pull_line_picked_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pull_id"], ["shelf_pull.id"], name=op.f("fk_shelf_pull_line_pull_id_shelf_pull"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("pull_id", "item_id", name=op.f("pk_shelf_pull_line")),
    )
    op.create_index(op.f("ix_shelf_pull_line_item_id"), "shelf_pull_line", ["item_id"], unique=False)


def _counts() -> None:
    op.create_table(
        "shelf_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", NUMBER, nullable=True),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= began_at", name=op.f("ck_shelf_count_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_shelf_count_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["act.id"], name=op.f("fk_shelf_count_ended_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_shelf_count_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_count")),
        sa.UniqueConstraint("uid", name=op.f("uq_shelf_count_uid")),
    )
    op.create_index(op.f("ix_shelf_count_shelf_id_began_at"), "shelf_count", ["shelf_id", "began_at"], unique=False)
    op.create_index(
        "uq_shelf_count_open",
        "shelf_count",
        ["shelf_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "handover",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("count_id", NUMBER, nullable=True),
        sa.Column("given_by", NUMBER, nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("give_act", NUMBER, nullable=False),
        sa.Column("to_id", NUMBER, nullable=True),
        sa.Column("taken_by", NUMBER, nullable=True),
        sa.Column("taken_name", sa.Text(), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("take_act", NUMBER, nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("taken_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_handover_one_end")),
        sa.CheckConstraint("taken_by IS NULL OR taken_by <> given_by", name=op.f("ck_handover_two_people")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["shelf_count.id"], name=op.f("fk_handover_count_id_shelf_count"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["give_act"], ["act.id"], name=op.f("fk_handover_give_act_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["given_by"], ["account.id"], name=op.f("fk_handover_given_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_handover_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_handover_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["take_act"], ["act.id"], name=op.f("fk_handover_take_act_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["account.id"], name=op.f("fk_handover_taken_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name=op.f("fk_handover_to_id_account"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("library_id", "number", name=op.f("uq_handover_library_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_handover_uid")),
    )
    op.create_index(op.f("ix_handover_shelf_id_given_at"), "handover", ["shelf_id", "given_at"], unique=False)
    op.create_index(
        "uq_handover_open",
        "handover",
        ["shelf_id", "kind"],
        unique=True,
        sqlite_where=sa.text("taken_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("taken_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "shelf_count_line",
        sa.Column("count_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_shelf_count_line_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["count_id"], ["shelf_count.id"], name=op.f("fk_shelf_count_line_count_id_shelf_count"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_shelf_count_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("count_id", "item_id", name=op.f("pk_shelf_count_line")),
    )
    op.create_index(op.f("ix_shelf_count_line_item_id"), "shelf_count_line", ["item_id"], unique=False)
    op.create_table(
        "handover_line",
        sa.Column("handover_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handover_line_handover_id_handover"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_handover_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("handover_id", "item_id", name=op.f("pk_handover_line")),
    )
    op.create_index(op.f("ix_handover_line_item_id"), "handover_line", ["item_id"], unique=False)


def _swaps() -> None:
    op.create_table(
        "swap_plan",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("every", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("rounds > 0", name=op.f("ck_swap_plan_goes_somewhere")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_swap_plan_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_swap_plan_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_plan")),
        sa.UniqueConstraint("uid", name=op.f("uq_swap_plan_uid")),
    )
    op.create_index(op.f("ix_swap_plan_library_id_from_on"), "swap_plan", ["library_id", "from_on"], unique=False)
    op.create_table(
        "swap_box",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("plan_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("home_id", NUMBER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["shelf.id"], name=op.f("fk_swap_box_home_id_shelf"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["swap_plan.id"], name=op.f("fk_swap_box_plan_id_swap_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_box")),
        sa.UniqueConstraint("plan_id", "home_id", name=op.f("uq_swap_box_plan_id_home_id")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_swap_box_plan_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_swap_box_uid")),
    )
    op.create_index(
        "uq_swap_box_shelf_in_use",
        "swap_box",
        ["home_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "swap_box_item",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("box_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("left_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["box_id"], ["swap_box.id"], name=op.f("fk_swap_box_item_box_id_swap_box"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_swap_box_item_item_id_item"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_box_item")),
    )
    op.create_index(op.f("ix_swap_box_item_box_id"), "swap_box_item", ["box_id"], unique=False)
    op.create_index(
        "uq_swap_box_item_in_use",
        "swap_box_item",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "swap_move",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("plan_id", NUMBER, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("box_id", NUMBER, nullable=False),
        sa.Column("from_id", NUMBER, nullable=False),
        sa.Column("to_id", NUMBER, nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("violations", sa.JSON(), nullable=False),
        sa.Column("given_by", NUMBER, nullable=True),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("taken_by", NUMBER, nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("give_act", NUMBER, nullable=True),
        sa.Column("take_act", NUMBER, nullable=True),
        sa.Column("act_id", NUMBER, nullable=True),
        sa.CheckConstraint(
            "taken_by IS NULL OR given_by IS NULL OR taken_by <> given_by", name=op.f("ck_swap_move_two_people")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_swap_move_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["give_act"], ["act.id"], name=op.f("fk_swap_move_give_act_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["take_act"], ["act.id"], name=op.f("fk_swap_move_take_act_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["box_id"], ["swap_box.id"], name=op.f("fk_swap_move_box_id_swap_box"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["shelf.id"], name=op.f("fk_swap_move_from_id_shelf"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["account.id"], name=op.f("fk_swap_move_given_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["swap_plan.id"], name=op.f("fk_swap_move_plan_id_swap_plan"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["account.id"], name=op.f("fk_swap_move_taken_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["shelf.id"], name=op.f("fk_swap_move_to_id_shelf"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_move")),
        sa.UniqueConstraint("plan_id", "round", "box_id", name=op.f("uq_swap_move_plan_id_round_box_id")),
        sa.UniqueConstraint("plan_id", "round", "to_id", name=op.f("uq_swap_move_plan_id_round_to_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_swap_move_uid")),
    )
    op.create_index(op.f("ix_swap_move_box_id"), "swap_move", ["box_id"], unique=False)
    op.create_index(op.f("ix_swap_move_from_id_due_on"), "swap_move", ["from_id", "due_on"], unique=False)
    op.create_index(op.f("ix_swap_move_to_id_due_on"), "swap_move", ["to_id", "due_on"], unique=False)
    op.create_table(
        "swap_missing",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("move_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("said_by", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_swap_missing_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_swap_missing_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["move_id"], ["swap_move.id"], name=op.f("fk_swap_missing_move_id_swap_move"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["said_by"], ["account.id"], name=op.f("fk_swap_missing_said_by_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_missing")),
    )
    op.create_index(op.f("ix_swap_missing_act_id"), "swap_missing", ["act_id"], unique=False)
    op.create_index(op.f("ix_swap_missing_item_id"), "swap_missing", ["item_id"], unique=False)
    op.create_index(
        "uq_swap_missing_stands",
        "swap_missing",
        ["move_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("NOT voided"),
        postgresql_where=sa.text("NOT voided"),
    )


def _reading() -> None:
    op.create_table(
        "reading_milestone",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("of_class", sa.Boolean(), nullable=False),
        sa.Column("books", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("books > 0", name=op.f("ck_reading_milestone_something_read")),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_reading_milestone_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_milestone")),
        sa.UniqueConstraint(
            "library_id", "of_class", "books", name=op.f("uq_reading_milestone_library_id_of_class_books")
        ),
    )
    op.create_table(
        "reading_entry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("class_id", NUMBER, nullable=False),
        sa.Column("shelf_id", NUMBER, nullable=True),
        sa.Column("record_id", NUMBER, nullable=True),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reading_entry_something_read")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_reading_entry_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_reading_entry_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_reading_entry_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_reading_entry_record_id_record"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["shelf_id"], ["shelf.id"], name=op.f("fk_reading_entry_shelf_id_shelf"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_entry")),
        sa.UniqueConstraint("uid", name=op.f("uq_reading_entry_uid")),
    )
    op.create_index(op.f("ix_reading_entry_act_id"), "reading_entry", ["act_id"], unique=False)
    op.create_index(op.f("ix_reading_entry_class_id_read_on"), "reading_entry", ["class_id", "read_on"], unique=False)
    op.create_index(
        op.f("ix_reading_entry_membership_id_read_on"), "reading_entry", ["membership_id", "read_on"], unique=False
    )


def _visits_stay() -> None:
    for name, event in STAYS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON visit FOR EACH ROW WHEN (true) EXECUTE FUNCTION rows_stay()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON visit WHEN 1 "
                "BEGIN SELECT RAISE(ABORT, 'visit rows stay as they are'); END"
            )


def downgrade() -> None:
    """Uses without a copy, and visits, cannot be told by the previous release: they go."""
    for table in reversed(NEW):
        op.drop_table(table)
    with op.rebuild("sign_in") as batch:
        batch.drop_constraint("fk_sign_in_helps_class_id_school_class", type_="foreignkey")
        batch.drop_column("helps_class_id")
    _uses_as_before()
    op.execute("UPDATE item SET register_status = 'outside' WHERE register_status = 'gone'")
    _copies("register_status = 'outside'")


def _uses_as_before() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER document_use_is_kept" + (" ON document_use" if postgresql else ""))
    op.execute("DELETE FROM document_use WHERE item_id IS NULL AND reverses_id IS NOT NULL")
    op.execute("DELETE FROM document_use WHERE item_id IS NULL")
    with op.rebuild("document_use") as batch:
        batch.drop_index("ix_document_use_place_id_used_on")
        for name in ("one_or_back", "back_names_what", "copy_is_known"):
            batch.drop_constraint(op.f(f"ck_document_use_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_document_use_one_or_back"), "quantity IN (1, -1)")
        batch.create_check_constraint(
            op.f("ck_document_use_back_names_what"), "(quantity = -1) = (reverses_id IS NOT NULL)"
        )
        batch.drop_constraint("fk_document_use_place_id_place", type_="foreignkey")
        batch.drop_column("place_id")
        batch.alter_column("item_id", existing_type=NUMBER, nullable=False)
    if postgresql:
        op.execute(
            "CREATE TRIGGER document_use_is_kept BEFORE DELETE ON document_use "
            "FOR EACH ROW WHEN (true) EXECUTE FUNCTION rows_stay()"
        )
    else:
        op.execute(
            "CREATE TRIGGER document_use_is_kept BEFORE DELETE ON document_use WHEN 1 "
            "BEGIN SELECT RAISE(ABORT, 'document_use rows stay as they are'); END"
        )
