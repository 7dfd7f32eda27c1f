"""Rotation: sites, agreements, wishes, batches with crates and legs. A loan knows its stop.

Safe beside the previous release: new tables, and new columns that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0024", "0023"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "rotation_setting",
    "wish_survey",
    "rotation_batch",
    "rotation_site",
    "crate",
    "rotation_leg",
    "rotation_step",
    "rotation_stock_change",
    "site_agreement",
    "site_wish",
    "crate_packing",
    "rotation_extension",
    "rotation_file",
    "rotation_leg_line",
    "rotation_line",
)
KNOWN = "item_id IS NOT NULL OR kind IN ('honour', 'class-read'"
AT_PLACE = "place_id IS NOT NULL AND ended_at IS NULL AND NOT voided"


def upgrade() -> None:
    _widen()
    _sites()
    _batches()
    _sites_2()
    _batches_2()
    _legs()
    _batches_3()
    _sites_3()
    _batches_4()
    _legs_2()
    _batches_5()
    _legs_3()
    _batches_6()


def _sites() -> None:
    op.create_table(
        "rotation_setting",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("least_copies", sa.Integer(), nullable=False),
        sa.Column("longest_months", sa.Integer(), nullable=False),
        sa.Column("years_apart", sa.Integer(), nullable=False),
        sa.Column("contest_days", sa.Integer(), nullable=False),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("crate_grams", sa.Integer(), nullable=False),
        sa.Column("soon_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_rotation_setting_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_rotation_setting")),
    )
    op.create_table(
        "wish_survey",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("closes_on >= opened_on", name=op.f("ck_wish_survey_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_wish_survey_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_wish_survey_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_survey")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_wish_survey_library_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_wish_survey_uid")),
    )


def _batches() -> None:
    op.create_table(
        "rotation_batch",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("depot_id", NUMBER, nullable=False),
        sa.Column("planned_from", sa.Date(), nullable=False),
        sa.Column("planned_to", sa.Date(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("replaces_id", NUMBER, nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("approved_name", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'cancelled' OR ended_why IS NOT NULL", name=op.f("ck_rotation_batch_cancelled_has_reason")
        ),
        sa.CheckConstraint("planned_to > planned_from", name=op.f("ck_rotation_batch_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_rotation_batch_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["place.id"], name=op.f("fk_rotation_batch_depot_id_place"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_rotation_batch_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["rotation_batch.id"],
            name=op.f("fk_rotation_batch_replaces_id_rotation_batch"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_batch")),
        sa.UniqueConstraint("library_id", "code", name=op.f("uq_rotation_batch_library_id_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_rotation_batch_uid")),
    )
    op.create_index(op.f("ix_rotation_batch_library_id_state"), "rotation_batch", ["library_id", "state"], unique=False)


def _sites_2() -> None:
    op.create_table(
        "rotation_site",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("place_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("keeper_name", sa.Text(), nullable=True),
        sa.Column("keeper_title", sa.Text(), nullable=True),
        sa.Column("keeper_phone", sa.Text(), nullable=True),
        sa.Column("readers", sa.Integer(), nullable=True),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_rotation_site_both_or_neither")),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= from_on", name=op.f("ck_rotation_site_ends_after_it_begins")
        ),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_rotation_site_on_earth")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_rotation_site_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_rotation_site_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_rotation_site_place_id_place"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_site")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_rotation_site_library_id_name")),
        sa.UniqueConstraint("place_id", name=op.f("uq_rotation_site_place_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_rotation_site_uid")),
    )
    op.create_index(op.f("ix_rotation_site_branch_id"), "rotation_site", ["branch_id"], unique=False)


def _batches_2() -> None:
    op.create_table(
        "crate",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_id", NUMBER, nullable=False),
        sa.Column("limit_grams", sa.Integer(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("sealed_at", MOMENT, nullable=True),
        sa.Column("sealed_by", NUMBER, nullable=True),
        sa.Column("weighed_grams", sa.Integer(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("opened_by", NUMBER, nullable=True),
        sa.CheckConstraint("(sealed_at IS NULL) = (sealed_by IS NULL)", name=op.f("ck_crate_sealed_by_somebody")),
        sa.CheckConstraint("opened_at IS NULL OR sealed_at IS NOT NULL", name=op.f("ck_crate_opened_once_sealed")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["rotation_batch.id"], name=op.f("fk_crate_batch_id_rotation_batch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["code_id"], ["code.id"], name=op.f("fk_crate_code_id_code"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["opened_by"], ["act.id"], name=op.f("fk_crate_opened_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["sealed_by"], ["act.id"], name=op.f("fk_crate_sealed_by_act"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crate")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_crate_batch_id_number")),
        sa.UniqueConstraint("code_id", name=op.f("uq_crate_code_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_crate_uid")),
    )


def _legs() -> None:
    op.create_table(
        "rotation_leg",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_site_id", NUMBER, nullable=True),
        sa.Column("to_site_id", NUMBER, nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("longest_on", sa.Date(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("send_act", NUMBER, nullable=True),
        sa.Column("given_by", NUMBER, nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("given_title", sa.Text(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("receive_act", NUMBER, nullable=True),
        sa.Column("taken_by", NUMBER, nullable=True),
        sa.Column("taken_name", sa.Text(), nullable=True),
        sa.Column("taken_title", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("contest_until", sa.Date(), nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(received_at IS NULL) = (method IS NULL)", name=op.f("ck_rotation_leg_received_somehow")),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR sent_at IS NULL", name=op.f("ck_rotation_leg_not_cancelled_once_sent")
        ),
        sa.CheckConstraint(
            "from_site_id IS NULL OR to_site_id IS NULL OR from_site_id <> to_site_id",
            name=op.f("ck_rotation_leg_goes_somewhere"),
        ),
        sa.CheckConstraint(
            "received_at IS NULL OR (sent_at IS NOT NULL AND received_at >= sent_at)",
            name=op.f("ck_rotation_leg_sent_first"),
        ),
        sa.CheckConstraint("taken_by IS NULL OR taken_by <> given_by", name=op.f("ck_rotation_leg_two_people")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["rotation_batch.id"],
            name=op.f("fk_rotation_leg_batch_id_rotation_batch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["from_site_id"],
            ["rotation_site.id"],
            name=op.f("fk_rotation_leg_from_site_id_rotation_site"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["account.id"], name=op.f("fk_rotation_leg_given_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["receive_act"], ["act.id"], name=op.f("fk_rotation_leg_receive_act_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["send_act"], ["act.id"], name=op.f("fk_rotation_leg_send_act_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["account.id"], name=op.f("fk_rotation_leg_taken_by_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["to_site_id"],
            ["rotation_site.id"],
            name=op.f("fk_rotation_leg_to_site_id_rotation_site"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_leg")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_rotation_leg_batch_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_rotation_leg_uid")),
    )
    op.create_index(op.f("ix_rotation_leg_from_site_id"), "rotation_leg", ["from_site_id"], unique=False)
    op.create_index(op.f("ix_rotation_leg_to_site_id"), "rotation_leg", ["to_site_id"], unique=False)


def _batches_3() -> None:
    op.create_table(
        "rotation_step",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_rotation_step_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["rotation_batch.id"],
            name=op.f("fk_rotation_step_batch_id_rotation_batch"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_step")),
    )
    op.create_index(op.f("ix_rotation_step_act_id"), "rotation_step", ["act_id"], unique=False)
    op.create_index(op.f("ix_rotation_step_batch_id_at"), "rotation_step", ["batch_id", "at"], unique=False)
    op.create_table(
        "rotation_stock_change",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("home_before", NUMBER, nullable=False),
        sa.Column("home_after", NUMBER, nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_rotation_stock_change_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["home_after"], ["place.id"], name=op.f("fk_rotation_stock_change_home_after_place"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["home_before"], ["place.id"], name=op.f("fk_rotation_stock_change_home_before_place"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_rotation_stock_change_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_rotation_stock_change_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_stock_change")),
    )
    op.create_index(op.f("ix_rotation_stock_change_act_id"), "rotation_stock_change", ["act_id"], unique=False)
    op.create_index(op.f("ix_rotation_stock_change_item_id"), "rotation_stock_change", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_rotation_stock_change_library_id_changed_on"),
        "rotation_stock_change",
        ["library_id", "changed_on"],
        unique=False,
    )


def _sites_3() -> None:
    op.create_table(
        "site_agreement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("site_id", NUMBER, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("floats", sa.Boolean(), nullable=False),
        sa.Column("float_cap", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("quota > 0 AND months > 0", name=op.f("ck_site_agreement_says_something")),
        sa.CheckConstraint("to_on > from_on", name=op.f("ck_site_agreement_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_site_agreement_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["site_id"], ["rotation_site.id"], name=op.f("fk_site_agreement_site_id_rotation_site"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_agreement")),
        sa.UniqueConstraint("site_id", "from_on", name=op.f("uq_site_agreement_site_id_from_on")),
        sa.UniqueConstraint("uid", name=op.f("uq_site_agreement_uid")),
    )
    op.create_table(
        "site_wish",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("site_id", NUMBER, nullable=False),
        sa.Column("survey_id", NUMBER, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("record_id", NUMBER, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reverses_id", NUMBER, nullable=True),
        sa.Column("wished_on", sa.Date(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_site_wish_back_names_what")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_site_wish_somebody_wished")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_site_wish_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_site_wish_record_id_record"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["site_wish.id"], name=op.f("fk_site_wish_reverses_id_site_wish"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["rotation_site.id"], name=op.f("fk_site_wish_site_id_rotation_site"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["wish_survey.id"], name=op.f("fk_site_wish_survey_id_wish_survey"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_wish")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_site_wish_reverses_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_site_wish_uid")),
    )
    op.create_index(op.f("ix_site_wish_act_id"), "site_wish", ["act_id"], unique=False)
    op.create_index(op.f("ix_site_wish_site_id_wished_on"), "site_wish", ["site_id", "wished_on"], unique=False)
    op.create_index(op.f("ix_site_wish_survey_id"), "site_wish", ["survey_id"], unique=False)


def _batches_4() -> None:
    op.create_table(
        "crate_packing",
        sa.Column("crate_id", NUMBER, nullable=False),
        sa.Column("sealed_by", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["crate_id"], ["crate.id"], name=op.f("fk_crate_packing_crate_id_crate"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_crate_packing_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["sealed_by"], ["act.id"], name=op.f("fk_crate_packing_sealed_by_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("crate_id", "sealed_by", "item_id", name=op.f("pk_crate_packing")),
    )
    op.create_index(op.f("ix_crate_packing_item_id"), "crate_packing", ["item_id"], unique=False)


def _legs_2() -> None:
    op.create_table(
        "rotation_extension",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("leg_id", NUMBER, nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_name", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_rotation_extension_decided_somehow")
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_rotation_extension_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["act.id"], name=op.f("fk_rotation_extension_decided_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["rotation_leg.id"], name=op.f("fk_rotation_extension_leg_id_rotation_leg"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_extension")),
        sa.UniqueConstraint("uid", name=op.f("uq_rotation_extension_uid")),
    )
    op.create_index(
        "uq_rotation_extension_open",
        "rotation_extension",
        ["leg_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def _batches_5() -> None:
    op.create_table(
        "rotation_file",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("leg_id", NUMBER, nullable=True),
        sa.Column("key", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_rotation_file_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["rotation_batch.id"],
            name=op.f("fk_rotation_file_batch_id_rotation_batch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["rotation_leg.id"], name=op.f("fk_rotation_file_leg_id_rotation_leg"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_rotation_file_uid")),
    )
    op.create_index(op.f("ix_rotation_file_batch_id"), "rotation_file", ["batch_id"], unique=False)


def _legs_3() -> None:
    op.create_table(
        "rotation_leg_line",
        sa.Column("leg_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("crate_id", NUMBER, nullable=True),
        sa.Column("condition_sent", sa.String(length=40), nullable=False),
        sa.Column("condition_got", sa.String(length=40), nullable=True),
        sa.Column("asserted_at", MOMENT, nullable=True),
        sa.Column("proved_at", MOMENT, nullable=True),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("answers_name", sa.Text(), nullable=True),
        sa.Column("answers_site_id", NUMBER, nullable=True),
        sa.Column("found_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome <> 'short' OR proved_at IS NULL OR found_at IS NOT NULL",
            name=op.f("ck_rotation_leg_line_short_is_not_there"),
        ),
        sa.ForeignKeyConstraint(
            ["answers_site_id"],
            ["rotation_site.id"],
            name=op.f("fk_rotation_leg_line_answers_site_id_rotation_site"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["crate_id"], ["crate.id"], name=op.f("fk_rotation_leg_line_crate_id_crate"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_rotation_leg_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["rotation_leg.id"], name=op.f("fk_rotation_leg_line_leg_id_rotation_leg"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("leg_id", "item_id", name=op.f("pk_rotation_leg_line")),
    )
    op.create_index(op.f("ix_rotation_leg_line_item_id"), "rotation_leg_line", ["item_id"], unique=False)


def _batches_6() -> None:
    op.create_table(
        "rotation_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("override", sa.Text(), nullable=True),
        sa.Column("refused_why", sa.Text(), nullable=True),
        sa.Column("follows", sa.Text(), nullable=True),
        sa.Column("picked_at", MOMENT, nullable=True),
        sa.Column("picked_by", NUMBER, nullable=True),
        sa.Column("crate_id", NUMBER, nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.Column("settled_by", NUMBER, nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_rotation_line_closed_with_an_outcome")
        ),
        sa.CheckConstraint(
            "crate_id IS NULL OR picked_at IS NOT NULL", name=op.f("ck_rotation_line_packed_once_picked")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["rotation_batch.id"],
            name=op.f("fk_rotation_line_batch_id_rotation_batch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["act.id"], name=op.f("fk_rotation_line_closed_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["crate_id"], ["crate.id"], name=op.f("fk_rotation_line_crate_id_crate"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_rotation_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["picked_by"], ["act.id"], name=op.f("fk_rotation_line_picked_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["act.id"], name=op.f("fk_rotation_line_settled_by_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_line")),
        sa.UniqueConstraint("batch_id", "item_id", name=op.f("uq_rotation_line_batch_id_item_id")),
    )
    op.create_index(op.f("ix_rotation_line_crate_id"), "rotation_line", ["crate_id"], unique=False)
    op.create_index(op.f("ix_rotation_line_item_id"), "rotation_line", ["item_id"], unique=False)
    op.create_index(
        "uq_rotation_line_open",
        "rotation_line",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _widen() -> None:
    """Uses counted by box or colour, what a visit says of those who came, and the stop of a loan."""
    with op.rebuild("document_use") as batch:
        batch.drop_constraint(op.f("ck_document_use_copy_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_document_use_copy_is_known"), KNOWN + ", 'tally')")
    op.add_column("visit", sa.Column("sex", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("access_need", sa.Text(), nullable=True))
    for table in ("loan", "due_shift"):
        with op.rebuild(table) as batch:
            batch.add_column(sa.Column("place_id", NUMBER, nullable=True))
            batch.create_foreign_key(f"fk_{table}_place_id_place", "place", ["place_id"], ["id"], ondelete="RESTRICT")
    op.create_index(
        "ix_loan_place",
        "loan",
        ["place_id", "due_on"],
        sqlite_where=sa.text(AT_PLACE),
        postgresql_where=sa.text(AT_PLACE),
    )


def downgrade() -> None:
    """Uses counted by box or colour cannot be told by the previous release: they go."""
    for table in reversed(NEW):
        op.drop_table(table)
    op.drop_index("ix_loan_place", "loan")
    for table in ("due_shift", "loan"):
        with op.rebuild(table) as batch:
            batch.drop_constraint(f"fk_{table}_place_id_place", type_="foreignkey")
            batch.drop_column("place_id")
    with op.rebuild("visit") as batch:
        batch.drop_column("access_need")
        batch.drop_column("sex")
    _uses_as_before()


def _uses_as_before() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER document_use_is_kept" + (" ON document_use" if postgresql else ""))
    op.execute("DELETE FROM document_use WHERE kind = 'tally' AND reverses_id IS NOT NULL")
    op.execute("DELETE FROM document_use WHERE kind = 'tally'")
    with op.rebuild("document_use") as batch:
        batch.drop_constraint(op.f("ck_document_use_copy_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_document_use_copy_is_known"), KNOWN + ")")
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
