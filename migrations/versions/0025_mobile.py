"""Mobile library: vehicles, stops, routes, trips, what was counted at a stop.

Safe beside the previous release: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0025", "0024"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "mobile_setting",
    "vehicle",
    "kit_item",
    "route",
    "stop",
    "mobile_suspension",
    "route_version",
    "route_stop",
    "trip",
    "visit_change",
    "kit_check",
    "stop_visit",
    "trip_crew",
    "visit_change_shift",
    "stop_count",
    "trip_file",
    "trip_leg",
    "trip_load",
    "visit_act",
)


def upgrade() -> None:
    _vehicles()
    _trips()
    _counted()


def _vehicles() -> None:
    op.create_table(
        "mobile_setting",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("crew_least", sa.Integer(), nullable=False),
        sa.Column("drivers_least", sa.Integer(), nullable=False),
        sa.Column("librarians_least", sa.Integer(), nullable=False),
        sa.Column("tile_address", sa.Text(), nullable=True),
        sa.Column("tile_credit", sa.Text(), nullable=True),
        sa.Column("calendar_key", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_mobile_setting_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_mobile_setting")),
    )
    op.create_table(
        "vehicle",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("aboard_id", NUMBER, nullable=False),
        sa.Column("depot_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=True),
        sa.Column("pattern", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("crates", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("has_power", sa.Boolean(), nullable=False),
        sa.Column("has_internet", sa.Boolean(), nullable=False),
        sa.Column("litres_per_100km", sa.Double(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("aboard_id <> depot_id", name=op.f("ck_vehicle_aboard_is_not_the_depot")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_vehicle_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["aboard_id"], ["place.id"], name=op.f("fk_vehicle_aboard_id_place"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_vehicle_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["place.id"], name=op.f("fk_vehicle_depot_id_place"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_vehicle_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("aboard_id", name=op.f("uq_vehicle_aboard_id")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_vehicle_library_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_vehicle_uid")),
    )
    op.create_table(
        "kit_item",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("for_blind", sa.Boolean(), nullable=False),
        sa.Column("item_id", NUMBER, nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_item_at_least_one")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_kit_item_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name=op.f("fk_kit_item_vehicle_id_vehicle"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_item")),
        sa.UniqueConstraint("uid", name=op.f("uq_kit_item_uid")),
        sa.UniqueConstraint("vehicle_id", "name", "serial", name=op.f("uq_kit_item_vehicle_id_name_serial")),
    )
    op.create_table(
        "route",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("vehicle_id", NUMBER, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_route_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name=op.f("fk_route_vehicle_id_vehicle"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_route_library_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_route_uid")),
    )
    op.create_table(
        "stop",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("place_id", NUMBER, nullable=False),
        sa.Column("code_id", NUMBER, nullable=True),
        sa.Column("site_id", NUMBER, nullable=True),
        sa.Column("readers_of_id", NUMBER, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("parking", sa.Text(), nullable=True),
        sa.Column("has_power", sa.Boolean(), nullable=False),
        sa.Column("has_signal", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_stop_both_or_neither")),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_stop_on_earth")
        ),
        sa.ForeignKeyConstraint(["code_id"], ["code.id"], name=op.f("fk_stop_code_id_code"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_stop_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stop_place_id_place"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["readers_of_id"], ["branch.id"], name=op.f("fk_stop_readers_of_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["rotation_site.id"], name=op.f("fk_stop_site_id_rotation_site"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
        sa.UniqueConstraint("code_id", name=op.f("uq_stop_code_id")),
        sa.UniqueConstraint("library_id", "name", name=op.f("uq_stop_library_id_name")),
        sa.UniqueConstraint("place_id", name=op.f("uq_stop_place_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_stop_uid")),
    )
    op.create_index(op.f("ix_stop_readers_of_id"), "stop", ["readers_of_id"], unique=False)
    op.create_table(
        "mobile_suspension",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("stop_id", NUMBER, nullable=True),
        sa.Column("route_id", NUMBER, nullable=True),
        sa.Column("vehicle_id", NUMBER, nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN stop_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN route_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN vehicle_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_mobile_suspension_of_one_thing"),
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_mobile_suspension_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_mobile_suspension_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_mobile_suspension_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["route_id"], ["route.id"], name=op.f("fk_mobile_suspension_route_id_route"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["stop.id"], name=op.f("fk_mobile_suspension_stop_id_stop"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name=op.f("fk_mobile_suspension_vehicle_id_vehicle"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_suspension")),
        sa.UniqueConstraint("uid", name=op.f("uq_mobile_suspension_uid")),
    )
    op.create_index(
        op.f("ix_mobile_suspension_library_id_last_on"), "mobile_suspension", ["library_id", "last_on"], unique=False
    )
    op.create_table(
        "route_version",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("route_id", NUMBER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("calendar", sa.JSON(), nullable=False),
        sa.Column("leaves_at", sa.Time(), nullable=False),
        sa.Column("back_at", sa.Time(), nullable=False),
        sa.Column("km", sa.Double(), nullable=True),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_route_version_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["route_id"], ["route.id"], name=op.f("fk_route_version_route_id_route"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_version")),
        sa.UniqueConstraint("route_id", "from_on", name=op.f("uq_route_version_route_id_from_on")),
    )
    op.create_table(
        "route_stop",
        sa.Column("version_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stop_id", NUMBER, nullable=False),
        sa.Column("from_at", sa.Time(), nullable=False),
        sa.Column("to_at", sa.Time(), nullable=False),
        sa.CheckConstraint("to_at > from_at", name=op.f("ck_route_stop_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["stop_id"], ["stop.id"], name=op.f("fk_route_stop_stop_id_stop"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["route_version.id"],
            name=op.f("fk_route_stop_version_id_route_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("version_id", "number", name=op.f("pk_route_stop")),
    )
    op.create_index(op.f("ix_route_stop_stop_id"), "route_stop", ["stop_id"], unique=False)


def _trips() -> None:
    op.create_table(
        "trip",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("vehicle_id", NUMBER, nullable=False),
        sa.Column("version_id", NUMBER, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("leaves_at", sa.Time(), nullable=False),
        sa.Column("back_at", sa.Time(), nullable=False),
        sa.Column("km_planned", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("out_at", MOMENT, nullable=True),
        sa.Column("in_at", MOMENT, nullable=True),
        sa.Column("odometer_out", sa.Integer(), nullable=True),
        sa.Column("odometer_in", sa.Integer(), nullable=True),
        sa.Column("fuel_litres", sa.Double(), nullable=True),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("crew_why", sa.Text(), nullable=True),
        sa.Column("incidents", sa.Text(), nullable=True),
        sa.Column("cancelled_why", sa.Text(), nullable=True),
        sa.Column("taken_over_from", NUMBER, nullable=True),
        sa.Column("taken_over_by", NUMBER, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'cancelled' OR cancelled_why IS NOT NULL", name=op.f("ck_trip_cancelled_has_reason")
        ),
        sa.CheckConstraint("in_at IS NULL OR in_at >= out_at", name=op.f("ck_trip_back_after_it_left")),
        sa.CheckConstraint(
            "odometer_in IS NULL OR odometer_in >= odometer_out", name=op.f("ck_trip_odometers_count_up")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_trip_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_trip_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["taken_over_from"], ["vehicle.id"], name=op.f("fk_trip_taken_over_from_vehicle"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["taken_over_by"], ["act.id"], name=op.f("fk_trip_taken_over_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name=op.f("fk_trip_vehicle_id_vehicle"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["route_version.id"], name=op.f("fk_trip_version_id_route_version"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
        sa.UniqueConstraint("uid", name=op.f("uq_trip_uid")),
    )
    op.create_index(op.f("ix_trip_library_id_day"), "trip", ["library_id", "day"], unique=False)
    op.create_index(op.f("ix_trip_vehicle_id_day"), "trip", ["vehicle_id", "day"], unique=False)
    op.create_table(
        "visit_change",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("suspension_id", NUMBER, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_visit_change_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_visit_change_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["suspension_id"],
            ["mobile_suspension.id"],
            name=op.f("fk_visit_change_suspension_id_mobile_suspension"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_change")),
        sa.UniqueConstraint("act_id", name=op.f("uq_visit_change_act_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_change_uid")),
    )
    op.create_index(op.f("ix_visit_change_library_id_made_at"), "visit_change", ["library_id", "made_at"], unique=False)
    op.create_table(
        "kit_check",
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("kit_id", NUMBER, nullable=False),
        sa.Column("out_quantity", sa.Integer(), nullable=False),
        sa.Column("out_at", MOMENT, nullable=False),
        sa.Column("out_by", NUMBER, nullable=False),
        sa.Column("in_quantity", sa.Integer(), nullable=True),
        sa.Column("in_condition", sa.Text(), nullable=True),
        sa.Column("in_at", MOMENT, nullable=True),
        sa.Column("in_by", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("in_at IS NULL OR in_at >= out_at", name=op.f("ck_kit_check_in_after_out")),
        sa.ForeignKeyConstraint(["in_by"], ["act.id"], name=op.f("fk_kit_check_in_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["kit_item.id"], name=op.f("fk_kit_check_kit_id_kit_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["out_by"], ["act.id"], name=op.f("fk_kit_check_out_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_kit_check_trip_id_trip"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("trip_id", "kit_id", name=op.f("pk_kit_check")),
    )
    op.create_table(
        "stop_visit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stop_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_at", sa.Time(), nullable=False),
        sa.Column("to_at", sa.Time(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("opened_by", NUMBER, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("moved_to_id", NUMBER, nullable=True),
        sa.Column("changed_by", NUMBER, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=True),
        sa.Column("signed_title", sa.Text(), nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("typed_in", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'moved') = (moved_to_id IS NOT NULL)", name=op.f("ck_stop_visit_moved_somewhere")),
        sa.CheckConstraint(
            "(state IN ('skipped', 'moved')) = (why IS NOT NULL)", name=op.f("ck_stop_visit_left_out_for_a_reason")
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= opened_at", name=op.f("ck_stop_visit_closed_after_opened")
        ),
        sa.CheckConstraint("to_at > from_at", name=op.f("ck_stop_visit_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["act.id"], name=op.f("fk_stop_visit_changed_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["act.id"], name=op.f("fk_stop_visit_closed_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["moved_to_id"], ["stop_visit.id"], name=op.f("fk_stop_visit_moved_to_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["act.id"], name=op.f("fk_stop_visit_opened_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["stop_id"], ["stop.id"], name=op.f("fk_stop_visit_stop_id_stop"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_stop_visit_trip_id_trip"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_visit")),
        sa.UniqueConstraint("uid", name=op.f("uq_stop_visit_uid")),
    )
    op.create_index(op.f("ix_stop_visit_stop_id_day"), "stop_visit", ["stop_id", "day"], unique=False)
    op.create_index(op.f("ix_stop_visit_trip_id"), "stop_visit", ["trip_id"], unique=False)
    op.create_index(
        "uq_stop_visit_open",
        "stop_visit",
        ["stop_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_stop_visit_stands",
        "stop_visit",
        ["trip_id", "stop_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('skipped', 'moved')"),
        postgresql_where=sa.text("state NOT IN ('skipped', 'moved')"),
    )
    op.create_table(
        "trip_crew",
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("account_id", NUMBER, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_trip_crew_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_crew_trip_id_trip"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("trip_id", "number", name=op.f("pk_trip_crew")),
    )
    op.create_index(op.f("ix_trip_crew_account_id"), "trip_crew", ["account_id"], unique=False)
    op.create_index(
        "uq_trip_crew_account",
        "trip_crew",
        ["trip_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_table(
        "visit_change_shift",
        sa.Column("change_id", NUMBER, nullable=False),
        sa.Column("shift_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["visit_change.id"],
            name=op.f("fk_visit_change_shift_change_id_visit_change"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["due_shift.id"], name=op.f("fk_visit_change_shift_shift_id_due_shift"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("change_id", "shift_id", name=op.f("pk_visit_change_shift")),
    )


def _counted() -> None:
    op.create_table(
        "stop_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("visit_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reverses_id", NUMBER, nullable=True),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_stop_count_back_names_what")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stop_count_something_was_counted")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_stop_count_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stop_count.id"], name=op.f("fk_stop_count_reverses_id_stop_count"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["stop_visit.id"], name=op.f("fk_stop_count_visit_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_count")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_stop_count_reverses_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_stop_count_uid")),
    )
    op.create_index(op.f("ix_stop_count_act_id"), "stop_count", ["act_id"], unique=False)
    op.create_index(op.f("ix_stop_count_visit_id"), "stop_count", ["visit_id"], unique=False)
    op.create_table(
        "trip_file",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("visit_id", NUMBER, nullable=True),
        sa.Column("key", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_trip_file_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_file_trip_id_trip"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["stop_visit.id"], name=op.f("fk_trip_file_visit_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_trip_file_uid")),
    )
    op.create_index(op.f("ix_trip_file_trip_id"), "trip_file", ["trip_id"], unique=False)
    op.create_table(
        "trip_leg",
        sa.Column("leg_id", NUMBER, nullable=False),
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("visit_id", NUMBER, nullable=True),
        sa.Column("crates", sa.JSON(), nullable=False),
        sa.Column("crates_off", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leg_id"], ["rotation_leg.id"], name=op.f("fk_trip_leg_leg_id_rotation_leg"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_leg_trip_id_trip"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["stop_visit.id"], name=op.f("fk_trip_leg_visit_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("leg_id", name=op.f("pk_trip_leg")),
    )
    op.create_index(op.f("ix_trip_leg_trip_id"), "trip_leg", ["trip_id"], unique=False)
    op.create_table(
        "trip_load",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("trip_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("visit_id", NUMBER, nullable=True),
        sa.Column("loaded_at", MOMENT, nullable=False),
        sa.Column("loaded_by", NUMBER, nullable=False),
        sa.Column("unloaded_at", MOMENT, nullable=True),
        sa.Column("unloaded_by", NUMBER, nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_trip_load_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["loaded_by"], ["act.id"], name=op.f("fk_trip_load_loaded_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_load_trip_id_trip"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["unloaded_by"], ["act.id"], name=op.f("fk_trip_load_unloaded_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["stop_visit.id"], name=op.f("fk_trip_load_visit_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_load")),
    )
    op.create_index(op.f("ix_trip_load_item_id"), "trip_load", ["item_id"], unique=False)
    op.create_index(op.f("ix_trip_load_loaded_by"), "trip_load", ["loaded_by"], unique=False)
    op.create_index(op.f("ix_trip_load_trip_id"), "trip_load", ["trip_id"], unique=False)
    op.create_index(
        "uq_trip_load_aboard",
        "trip_load",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("unloaded_at IS NULL AND NOT voided"),
        postgresql_where=sa.text("unloaded_at IS NULL AND NOT voided"),
    )
    op.create_table(
        "visit_act",
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("visit_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_visit_act_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["stop_visit.id"], name=op.f("fk_visit_act_visit_id_stop_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_visit_act")),
    )
    op.create_index(op.f("ix_visit_act_visit_id"), "visit_act", ["visit_id"], unique=False)


def downgrade() -> None:
    for table in reversed(NEW):
        op.drop_table(table)
