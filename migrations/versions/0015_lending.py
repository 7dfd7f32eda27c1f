"""Lending in full: a table of rules, item classes, marks on loans, suspensions, compensation, richer holds.

Safe beside the previous release: new tables, and new columns that may be empty or have a default.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0015", "0014"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

PLAIN = (
    ("hold", "priority", sa.Integer(), "0"),
    ("hold", "not_before", sa.Date(), None),
    ("hold", "suspended_until", sa.Date(), None),
    ("hold", "expires_on", sa.Date(), None),
    ("hold", "expires_visits", sa.Integer(), None),
    ("hold", "ready_at", MOMENT, None),
    ("item", "parts", sa.Text(), None),
    ("loan", "channel", sa.Text(), "desk"),
    ("loan", "on_site", sa.Boolean(), sa.false()),
    ("loan", "unseen_renewals", sa.Integer(), "0"),
    ("loan", "penalty", sa.JSON(), None),
    ("transfer", "cancelled_why", sa.Text(), None),
)
ALONE = (
    ("membership", "blocked_why", sa.Text(), None),
    ("record", "least_age", sa.Integer(), None),
    ("renewal", "unseen", sa.Boolean(), sa.false()),
)
"""In tables that need no rebuilding."""
TABLES = ("hold", "item", "loan", "transfer")
KEYS = (
    ("hold", "item_wanted_id", "item"),
    ("hold", "place_id", "place"),
    ("hold", "agreed_item_id", "item"),
    ("item", "item_class_id", "item_class"),
    ("loan", "item_class_id", "item_class"),
    ("loan", "amnesty_by", "act"),
    ("transfer", "from_id", "place"),
)
"""Columns that name another row: table, column, the table it names."""
NEW = ("suspension", "loan_mark", "condition_report", "compensation", "policy_line", "policy_setting", "item_class")


def _column(name: str, sort: sa.types.TypeEngine[object], default: object) -> "sa.Column[object]":
    """A new one each time: a column belongs to one table. What has no default may be empty."""
    return sa.Column(name, sort, server_default=default, nullable=default is None)


def upgrade() -> None:
    _add_tables()
    for table in TABLES:
        with op.rebuild(table) as batch:
            for _, *column in (one for one in PLAIN if one[0] == table):
                batch.add_column(_column(*column))
            for _, name, other in (one for one in KEYS if one[0] == table):
                batch.add_column(sa.Column(name, NUMBER, nullable=True))
                batch.create_foreign_key(f"fk_{table}_{name}_{other}", other, [name], ["id"], ondelete="RESTRICT")
    op.create_index(op.f("ix_hold_item_wanted_id"), "hold", ["item_wanted_id"], unique=False)
    for table, *column in ALONE:
        op.add_column(table, _column(*column))


def downgrade() -> None:
    for table, *column in ALONE:
        op.drop_column(table, column[0])
    op.drop_index(op.f("ix_hold_item_wanted_id"), table_name="hold")
    for table in TABLES:
        with op.rebuild(table) as batch:
            for _, name, other in (one for one in KEYS if one[0] == table):
                batch.drop_constraint(f"fk_{table}_{name}_{other}", type_="foreignkey")
                batch.drop_column(name)
            for _, *column in (one for one in PLAIN if one[0] == table):
                batch.drop_column(column[0])
    for table in NEW:
        op.drop_table(table)


def _add_tables() -> None:
    op.create_table(
        "item_class",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("network_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limit_group", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organisation.id"], name=op.f("fk_item_class_network_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_class")),
        sa.UniqueConstraint("network_id", "code", name=op.f("uq_item_class_network_id_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_item_class_uid")),
    )
    op.create_table(
        "policy_setting",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column(
            "rules_of", sa.Enum("desk", "copy", "reader", name="rulesof", native_enum=False, length=40), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_policy_setting_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_policy_setting")),
    )
    op.create_table(
        "policy_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("owner_id", NUMBER, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("category_id", NUMBER, nullable=True),
        sa.Column("item_class_id", NUMBER, nullable=True),
        sa.Column(
            "channel",
            sa.Enum("desk", "class", "van", "self", "offline", name="channel", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "lending", sa.Enum("home", "on-site", "no", name="lending", native_enum=False, length=40), nullable=True
        ),
        sa.Column(
            "length_kind",
            sa.Enum("days", "date", "term-end", "next-opening", name="lengthkind", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("length_days", sa.Integer(), nullable=True),
        sa.Column("length_on", sa.Date(), nullable=True),
        sa.Column(
            "hard_when",
            sa.Enum("before", "after", "exactly", name="hardwhen", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("hard_on", sa.Date(), nullable=True),
        sa.Column("due_within_card", sa.Boolean(), nullable=True),
        sa.Column(
            "closed_days",
            sa.Enum("push", "back", "keep", name="closeddays", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("demand_holds", sa.Integer(), nullable=True),
        sa.Column("demand_days", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("most_of_class", sa.Integer(), nullable=True),
        sa.Column("most_of_group", sa.Integer(), nullable=True),
        sa.Column("most_on_site", sa.Integer(), nullable=True),
        sa.Column(
            "over_limit", sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40), nullable=True
        ),
        sa.Column("renewals", sa.Integer(), nullable=True),
        sa.Column("unseen_renewals", sa.Integer(), nullable=True),
        sa.Column(
            "renewal_kind",
            sa.Enum("days", "date", "term-end", "next-opening", name="lengthkind", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("renewal_days", sa.Integer(), nullable=True),
        sa.Column("renewal_on", sa.Date(), nullable=True),
        sa.Column(
            "renewal_from", sa.Enum("today", "due", name="renewfrom", native_enum=False, length=40), nullable=True
        ),
        sa.Column("renew_past_holds", sa.Boolean(), nullable=True),
        sa.Column("holds", sa.Integer(), nullable=True),
        sa.Column("hold_keep_days", sa.Integer(), nullable=True),
        sa.Column(
            "hold_reach", sa.Enum("network", "library", name="holdreach", native_enum=False, length=40), nullable=True
        ),
        sa.Column("grace_days", sa.Integer(), nullable=True),
        sa.Column("grace_counts", sa.Boolean(), nullable=True),
        sa.Column("suspension_days", sa.Integer(), nullable=True),
        sa.Column("suspension_most", sa.Integer(), nullable=True),
        sa.Column(
            "overdue", sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40), nullable=True
        ),
        sa.Column("debt_most", sa.Integer(), nullable=True),
        sa.Column(
            "debt", sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40), nullable=True
        ),
        sa.Column(
            "age", sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40), nullable=True
        ),
        sa.Column(
            "lost_copy", sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40), nullable=True
        ),
        sa.Column(
            "not_for_loan",
            sa.Enum("refuse", "ask", "ignore", name="stance", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column(
            "returns_go",
            sa.Enum("home", "stay", "sender", name="returnsgo", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("lost_after_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "length_kind IS NULL AND length_days IS NULL AND length_on IS NULL"
            " OR length_kind = 'days' AND length_days IS NOT NULL AND length_on IS NULL"
            " OR length_kind = 'date' AND length_on IS NOT NULL AND length_days IS NULL"
            " OR length_kind IN ('term-end', 'next-opening') AND length_days IS NULL AND length_on IS NULL",
            name=op.f("ck_policy_line_length_whole"),
        ),
        sa.CheckConstraint(
            "renewal_kind IS NULL AND renewal_days IS NULL AND renewal_on IS NULL"
            " OR renewal_kind = 'days' AND renewal_days IS NOT NULL AND renewal_on IS NULL"
            " OR renewal_kind = 'date' AND renewal_on IS NOT NULL AND renewal_days IS NULL"
            " OR renewal_kind IN ('term-end', 'next-opening') AND renewal_days IS NULL AND renewal_on IS NULL",
            name=op.f("ck_policy_line_renewal_whole"),
        ),
        sa.CheckConstraint("(demand_holds IS NULL) = (demand_days IS NULL)", name=op.f("ck_policy_line_demand_whole")),
        sa.CheckConstraint("(hard_when IS NULL) = (hard_on IS NULL)", name=op.f("ck_policy_line_hard_whole")),
        sa.CheckConstraint(
            "(length_days IS NULL OR length_days >= 0) AND (renewal_days IS NULL OR renewal_days >= 0)"
            " AND (demand_holds IS NULL OR demand_holds >= 0) AND (demand_days IS NULL OR demand_days >= 0)"
            " AND (hold_keep_days IS NULL OR hold_keep_days >= 0) AND (grace_days IS NULL OR grace_days >= 0)"
            " AND (suspension_days IS NULL OR suspension_days >= 0)",
            name=op.f("ck_policy_line_not_negative"),
        ),
        sa.CheckConstraint(
            "(most IS NULL OR most >= -1) AND (most_of_class IS NULL OR most_of_class >= -1)"
            " AND (most_of_group IS NULL OR most_of_group >= -1) AND (most_on_site IS NULL OR most_on_site >= -1)"
            " AND (renewals IS NULL OR renewals >= -1) AND (unseen_renewals IS NULL OR unseen_renewals >= -1)"
            " AND (holds IS NULL OR holds >= -1) AND (debt_most IS NULL OR debt_most >= -1)"
            " AND (suspension_most IS NULL OR suspension_most >= -1)"
            " AND (lost_after_days IS NULL OR lost_after_days >= -1)",
            name=op.f("ck_policy_line_count_or_no_limit"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_policy_line_category_id_category"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_class_id"],
            ["item_class.id"],
            name=op.f("fk_policy_line_item_class_id_item_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisation.id"], name=op.f("fk_policy_line_owner_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_line")),
        sa.UniqueConstraint("owner_id", "place", name=op.f("uq_policy_line_owner_id_place")),
        sa.UniqueConstraint("uid", name=op.f("uq_policy_line_uid")),
    )
    op.create_table(
        "compensation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("loan_id", NUMBER, nullable=True),
        sa.Column("membership_id", NUMBER, nullable=True),
        sa.Column("harm", sa.Enum("lost", "damaged", name="harm", native_enum=False, length=40), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("minutes_no", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", NUMBER, nullable=True),
        sa.Column(
            "settled_how",
            sa.Enum("replaced", "paid", "waived", "found", name="settled", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("paid", sa.Integer(), nullable=True),
        sa.Column("refunded", sa.Integer(), nullable=True),
        sa.Column("replacement_id", NUMBER, nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "settled_how <> 'paid' OR paid IS NOT NULL", name=op.f("ck_compensation_paid_names_the_sum")
        ),
        sa.CheckConstraint(
            "settled_how <> 'replaced' OR replacement_id IS NOT NULL",
            name=op.f("ck_compensation_replaced_names_the_copy"),
        ),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_how IS NULL)", name=op.f("ck_compensation_end_has_a_way")),
        sa.CheckConstraint("amount >= 0 AND (paid IS NULL OR paid >= 0)", name=op.f("ck_compensation_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_compensation_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_compensation_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_compensation_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_compensation_loan_id_loan"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_compensation_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["item.id"], name=op.f("fk_compensation_replacement_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["act.id"], name=op.f("fk_compensation_settled_by_act"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation")),
        sa.UniqueConstraint("library_id", "minutes_no", name=op.f("uq_compensation_library_id_minutes_no")),
        sa.UniqueConstraint("uid", name=op.f("uq_compensation_uid")),
    )
    op.create_index(op.f("ix_compensation_loan_id"), "compensation", ["loan_id"], unique=False)
    op.create_index(
        "ix_compensation_reader",
        "compensation",
        ["membership_id"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL AND NOT voided"),
        postgresql_where=sa.text("settled_at IS NULL AND NOT voided"),
    )
    op.create_index(
        "uq_compensation_open",
        "compensation",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL AND NOT voided"),
        postgresql_where=sa.text("settled_at IS NULL AND NOT voided"),
    )
    op.create_table(
        "condition_report",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        sa.Column("loan_id", NUMBER, nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column(
            "before", sa.Enum("good", "worn", "damaged", name="condition", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "after", sa.Enum("good", "worn", "damaged", name="condition", native_enum=False, length=40), nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("photo_key", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_condition_report_act_id_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_condition_report_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loan.id"], name=op.f("fk_condition_report_loan_id_loan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_report")),
        sa.UniqueConstraint("uid", name=op.f("uq_condition_report_uid")),
    )
    op.create_index(op.f("ix_condition_report_act_id"), "condition_report", ["act_id"], unique=False)
    op.create_index(
        op.f("ix_condition_report_item_id_occurred_at"), "condition_report", ["item_id", "occurred_at"], unique=False
    )
    op.create_table(
        "loan_mark",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("loan_id", NUMBER, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("lost", "long-overdue", "claimed", "cleared", name="markkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_loan_mark_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_loan_mark_loan_id_loan"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_mark")),
        sa.UniqueConstraint("act_id", "loan_id", name=op.f("uq_loan_mark_act_id_loan_id")),
    )
    op.create_index(op.f("ix_loan_mark_loan_id"), "loan_mark", ["loan_id"], unique=False)
    op.create_table(
        "suspension",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("loan_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", NUMBER, nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_suspension_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_suspension_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["act.id"], name=op.f("fk_suspension_lifted_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_suspension_loan_id_loan"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_suspension_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(
        "ix_suspension_reader",
        "suspension",
        ["membership_id", "until_on"],
        unique=False,
        sqlite_where=sa.text("NOT voided AND lifted_at IS NULL"),
        postgresql_where=sa.text("NOT voided AND lifted_at IS NULL"),
    )
    op.create_index(
        "uq_suspension_stands",
        "suspension",
        ["loan_id"],
        unique=True,
        sqlite_where=sa.text("NOT voided"),
        postgresql_where=sa.text("NOT voided"),
    )
