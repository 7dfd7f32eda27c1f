"""Calendars up the tree: whoever stands above, a branch or a place says when it opens. Nights are told, due dates moved.

Safe beside the previous release: it reads and writes rows of a branch as before, and knows nothing of the others. What
organisations and places say is lost on the way down.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0016", "0015"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LEVELS = {"organisation_id": "organisation", "branch_id": "branch", "place_id": "place"}
NEW = ("due_move", "due_shift", "night_step", "night", "term", "place_opening", "holiday_choice", "extra_opening")
ONE_SPEAKS = (
    "(CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN branch_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN place_id IS NULL THEN 0 ELSE 1 END) = 1"
)
OPEN_DAYS = sa.table("open_day", sa.column("branch_id", NUMBER), sa.column("weekday", sa.Integer()))


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def _said(table: str, *once: str) -> list[sa.schema.SchemaItem]:
    """Who speaks: the columns, their keys, that it is one of them, and that each says a thing once."""
    columns = [sa.Column(name, NUMBER, nullable=True) for name in LEVELS]
    keys = [_key(table, name, other) for name, other in LEVELS.items()]
    uniques = [
        sa.UniqueConstraint(name, *once, name=op.f("_".join(("uq", table, name, *once)))) for name in LEVELS if once
    ]
    return [*columns, *keys, *uniques, sa.CheckConstraint(ONE_SPEAKS, name=op.f(f"ck_{table}_one_speaks"))]


def _id(table: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column("id", NUMBER, nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _open_days() -> list[dict[str, int]]:
    query = sa.select(OPEN_DAYS.c.branch_id, OPEN_DAYS.c.weekday).where(OPEN_DAYS.c.branch_id.is_not(None))
    return [dict(row) for row in op.get_bind().execute(query).mappings()]


def _put_back(rows: list[dict[str, int]]) -> None:
    if rows:
        op.bulk_insert(OPEN_DAYS, rows)


def upgrade() -> None:
    days = _open_days()
    op.drop_table("open_day")
    op.create_table(
        "open_day",
        *_id("open_day"),
        *_said("open_day", "weekday"),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_open_day_weekday")),
    )
    _put_back(days)
    with op.rebuild("closure") as batch:
        batch.alter_column("branch_id", existing_type=NUMBER, nullable=True)
        for name in ("organisation_id", "place_id"):
            batch.add_column(sa.Column(name, NUMBER, nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_closure_{name}_{LEVELS[name]}"), LEVELS[name], [name], ["id"], ondelete="RESTRICT"
            )
        batch.create_check_constraint(op.f("ck_closure_one_speaks"), ONE_SPEAKS)
    op.create_index(op.f("ix_closure_organisation_id_last_on"), "closure", ["organisation_id", "last_on"], unique=False)
    op.create_index(op.f("ix_closure_place_id"), "closure", ["place_id"], unique=False)
    _add_calendars()
    _add_nights()
    _add_shifts()


def downgrade() -> None:
    for table in NEW:
        op.drop_table(table)
    for index in ("ix_closure_organisation_id_last_on", "ix_closure_place_id"):
        op.drop_index(op.f(index), table_name="closure")
    op.execute("DELETE FROM closure WHERE branch_id IS NULL")
    with op.rebuild("closure") as batch:
        batch.drop_constraint(op.f("ck_closure_one_speaks"), type_="check")
        for name in ("organisation_id", "place_id"):
            batch.drop_constraint(op.f(f"fk_closure_{name}_{LEVELS[name]}"), type_="foreignkey")
            batch.drop_column(name)
        batch.alter_column("branch_id", existing_type=NUMBER, nullable=False)
    days = _open_days()
    op.drop_table("open_day")
    op.create_table(
        "open_day",
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_open_day_weekday")),
        _key("open_day", "branch_id", "branch"),
        sa.PrimaryKeyConstraint("branch_id", "weekday", name=op.f("pk_open_day")),
    )
    _put_back(days)


def _add_calendars() -> None:
    op.create_table(
        "extra_opening",
        *_id("extra_opening"),
        *_said("extra_opening", "day"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
    )
    op.create_table(
        "holiday_choice",
        *_id("holiday_choice"),
        *_said("holiday_choice", "kind"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "place_opening",
        sa.Column("place_id", NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _key("place_opening", "place_id", "place"),
        sa.PrimaryKeyConstraint("place_id", "day", name=op.f("pk_place_opening")),
    )
    op.create_index(op.f("ix_place_opening_day"), "place_opening", ["day"], unique=False)
    op.create_table(
        "term",
        *_id("term"),
        sa.Column("school_year_id", NUMBER, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("first", "second", "summer", name="termkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_term_ends_after_it_begins")),
        _key("term", "school_year_id", "school_year"),
        sa.UniqueConstraint("school_year_id", "kind", name=op.f("uq_term_school_year_id_kind")),
    )


def _add_nights() -> None:
    op.create_table(
        "night",
        *_id("night"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
    )
    once = sa.text("asked_by IS NULL")
    op.create_index("uq_night_once_a_day", "night", ["day"], unique=True, sqlite_where=once, postgresql_where=once)
    waits = sa.text("ended_at IS NULL")
    op.create_index("ix_night_open", "night", ["lease_until"], sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "night_step",
        sa.Column("night_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.CheckConstraint("count >= 0 AND rounds >= 0", name=op.f("ck_night_step_not_negative")),
        _key("night_step", "night_id", "night"),
        sa.PrimaryKeyConstraint("night_id", "name", name=op.f("pk_night_step")),
    )


def _add_shifts() -> None:
    op.create_table(
        "due_shift",
        *_id("due_shift"),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_due_shift_ends_after_it_begins")),
        _key("due_shift", "act_id", "act"),
        _key("due_shift", "branch_id", "branch"),
        _key("due_shift", "library_id", "organisation"),
        sa.UniqueConstraint("act_id", name=op.f("uq_due_shift_act_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_due_shift_uid")),
    )
    op.create_index(op.f("ix_due_shift_library_id_made_at"), "due_shift", ["library_id", "made_at"], unique=False)
    op.create_table(
        "due_move",
        *_id("due_move"),
        sa.Column("shift_id", NUMBER, nullable=False),
        sa.Column("loan_id", NUMBER, nullable=True),
        sa.Column("hold_id", NUMBER, nullable=True),
        sa.Column("before_on", sa.Date(), nullable=False),
        sa.Column("after_on", sa.Date(), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(loan_id IS NULL) <> (hold_id IS NULL)", name=op.f("ck_due_move_of_one_thing")),
        sa.CheckConstraint("after_on > before_on", name=op.f("ck_due_move_only_later")),
        _key("due_move", "shift_id", "due_shift"),
        _key("due_move", "loan_id", "loan"),
        _key("due_move", "hold_id", "hold"),
    )
    for column in ("shift_id", "loan_id", "hold_id"):
        op.create_index(op.f(f"ix_due_move_{column}"), "due_move", [column], unique=False)
