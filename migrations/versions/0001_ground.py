"""The ground: every table that the opening story needs.

The first migration: there is no previous release to live beside.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("device", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("raw_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voids_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("occurred_at <= recorded_at", name=op.f("ck_act_not_from_the_future")),
        sa.CheckConstraint("voided_by IS NULL OR voided_by <> id", name=op.f("ck_act_not_its_own_undoing")),
        sa.ForeignKeyConstraint(["voided_by"], ["act.id"], name=op.f("fk_act_voided_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["voids_id"], ["act.id"], name=op.f("fk_act_voids_id_act"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sa.UniqueConstraint("device", "number", name=op.f("uq_act_device_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_act_uid")),
        sa.UniqueConstraint("voids_id", name=op.f("uq_act_voids_id")),
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_act_branch_id_occurred_at"), ["branch_id", "occurred_at"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_address_at"), ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_login_hash_at"), ["login_hash", "at"], unique=False)

    op.create_table(
        "entry",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_entry")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_received_at"), ["received_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done >= 0 AND attempts >= 0", name=op.f("ck_job_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("uid", name=op.f("uq_job_uid")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_state_lease_until"), ["state", "lease_until"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("legacy_code", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("network_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("successor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_organisation_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["network_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_network_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_successor_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("number", name=op.f("uq_organisation_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_organisation_uid")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_network_id"), ["network_id"], unique=False)

    op.create_table(
        "stamp",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamp")),
    )
    op.create_table(
        "trace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace")),
    )
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trace_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_trace_kind_subject"), ["kind", "subject"], unique=False)

    op.create_table(
        "branch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_branch_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_branch_organisation_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_branch_uid")),
    )
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_branch_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("network_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organisation.id"], name=op.f("fk_category_network_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("network_id", "code", name=op.f("uq_category_network_id_code")),
    )
    op.create_table(
        "code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("folded", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("printed", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_code_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_code_issuer_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
    )
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_folded"), ["folded"], unique=False)
        batch_op.create_index(
            "uq_code_in_use",
            ["issuer_id", "folded"],
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )

    op.create_table(
        "counter",
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_counter_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("library_id", "series", name=op.f("pk_counter")),
    )
    op.create_table(
        "load",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_load_act_id_act"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load")),
        sa.UniqueConstraint("uid", name=op.f("uq_load_uid")),
    )
    with op.batch_alter_table("load", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_load_library_id_made_at"), ["library_id", "made_at"], unique=False)

    op.create_table(
        "parentage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("child_id <> parent_id", name=op.f("ck_parentage_not_its_own_parent")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_parentage_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["organisation.id"], name=op.f("fk_parentage_child_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_parentage_parent_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parentage")),
        sa.UniqueConstraint("child_id", "from_on", name=op.f("uq_parentage_child_id_from_on")),
    )
    with op.batch_alter_table("parentage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parentage_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "uq_parentage_child_now",
            ["child_id"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name_folded", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("sex", sa.String(length=40), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("born_year_only", sa.Boolean(), nullable=False),
        sa.Column("student_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organisation.id"], name=op.f("fk_person_network_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("uid", name=op.f("uq_person_uid")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_name_folded"), ["name_folded"], unique=False)
        batch_op.create_index(
            "uq_person_student_code",
            ["network_id", "student_code"],
            unique=True,
            sqlite_where=sa.text("student_code IS NOT NULL"),
            postgresql_where=sa.text("student_code IS NOT NULL"),
        )

    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("voucher", sa.Text(), nullable=True),
        sa.Column("general_no", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_receipt_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_receipt_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("library_id", "general_no", name=op.f("uq_receipt_library_id_general_no")),
        sa.UniqueConstraint("uid", name=op.f("uq_receipt_uid")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_library_id"), ["library_id"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subtitle", sa.Text(), nullable=True),
        sa.Column("part_number", sa.Text(), nullable=True),
        sa.Column("part_title", sa.Text(), nullable=True),
        sa.Column("responsibility", sa.Text(), nullable=True),
        sa.Column("edition", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("extent", sa.Text(), nullable=True),
        sa.Column("illustration", sa.Text(), nullable=True),
        sa.Column("dimensions", sa.Text(), nullable=True),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("ddc", sa.Text(), nullable=True),
        sa.Column("class_mark", sa.Text(), nullable=True),
        sa.Column("title_code", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("subjects", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("cover_key", sa.Text(), nullable=True),
        sa.Column("marc", sa.LargeBinary(), nullable=True),
        sa.Column("title_sort", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("match_key", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("search_text", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organisation.id"], name=op.f("fk_record_network_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("uid", name=op.f("uq_record_uid")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_network_id_match_key"), ["network_id", "match_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_network_id_title_sort"), ["network_id", "title_sort"], unique=False)

    op.create_table(
        "school_year",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.CheckConstraint("to_on > from_on", name=op.f("ck_school_year_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_school_year_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("organisation_id", "label", name=op.f("uq_school_year_organisation_id_label")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_account_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_account_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("uid", name=op.f("uq_account_uid")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_library_id"), ["library_id"], unique=False)

    op.create_table(
        "closure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_closure_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_closure_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closure_branch_id_last_on"), ["branch_id", "last_on"], unique=False)

    op.create_table(
        "contributor",
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_contributor_record_id_record"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", "position", name=op.f("pk_contributor")),
    )
    op.create_table(
        "load_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("load_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["load_id"], ["load.id"], name=op.f("fk_load_row_load_id_load"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_row")),
        sa.UniqueConstraint("load_id", "number", "sheet", name=op.f("uq_load_row_load_id_number_sheet")),
    )
    with op.batch_alter_table("load_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_load_row_load_id_applied_at"), ["load_id", "applied_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_load_row_load_id_verdict"), ["load_id", "verdict"], unique=False)

    op.create_table(
        "local_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_number", sa.Text(), nullable=True),
        sa.Column("reading_level", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_local_record_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_local_record_record_id_record"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_record")),
        sa.UniqueConstraint("library_id", "record_id", name=op.f("uq_local_record_library_id_record_id")),
    )
    with op.batch_alter_table("local_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_record_record_id"), ["record_id"], unique=False)

    op.create_table(
        "open_day",
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_open_day_weekday")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_open_day_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("branch_id", "weekday", name=op.f("pk_open_day")),
    )
    op.create_table(
        "record_number",
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_number_record_id_record"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", "number", name=op.f("pk_record_number")),
    )
    with op.batch_alter_table("record_number", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_number_number"), ["number"], unique=False)

    op.create_table(
        "school_class",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_year_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_school_class_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_school_class_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
            name=op.f("fk_school_class_school_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("school_year_id", "name", name=op.f("uq_school_class_school_year_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_school_class_uid")),
    )
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_class_library_id"), ["library_id"], unique=False)

    op.create_table(
        "terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("overdue_blocks", sa.Boolean(), nullable=False),
        sa.Column("due_within_card", sa.Boolean(), nullable=False),
        sa.CheckConstraint("days >= 0 AND most >= 0 AND renewals >= 0", name=op.f("ck_terms_not_negative")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_terms_category_id_category"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_terms_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("library_id", "category_id", name=op.f("uq_terms_library_id_category_id")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_grant_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_grant_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_grant_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_grant_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_account_id"), ["account_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("blocked_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_membership_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_membership_category_id_category"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_membership_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_membership_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("uid", name=op.f("uq_membership_uid")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_library_id_class_id"), ["library_id", "class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_membership_open",
            ["person_id", "library_id"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_place_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_place_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("branch_id", "name", name=op.f("uq_place_branch_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_place_uid")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(
            "uq_place_one_a_branch",
            ["branch_id", "kind"],
            unique=True,
            sqlite_where=sa.text("kind IN ('in-transit', 'with-patrons', 'unknown')"),
            postgresql_where=sa.text("kind IN ('in-transit', 'with-patrons', 'unknown')"),
        )

    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account_id"), ["account_id"], unique=False)

    op.create_table(
        "card",
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["code.id"], name=op.f("fk_card_code_id_code"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_card_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_card")),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(
            "uq_card_in_use",
            ["membership_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("register_status", sa.String(length=40), nullable=False),
        sa.Column("accession", sa.Text(), nullable=True),
        sa.Column("accession_folded", sa.String(collation="C").with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("accessioned_on", sa.Date(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("ownership", sa.String(length=40), nullable=False),
        sa.Column("owner_patron_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("home_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_uid", sa.Uuid(), nullable=False),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("not_for_loan", sa.Boolean(), nullable=False),
        sa.Column("label_printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(register_status = 'outside') = (accession IS NULL)", name=op.f("ck_item_listed_has_accession")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_item_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_item_home_id_place"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_item_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_class_id"],
            ["school_class.id"],
            name=op.f("fk_item_owner_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_patron_id"], ["membership.id"], name=op.f("fk_item_owner_patron_id_membership"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_item_place_id_place"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_item_receipt_id_receipt"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_item_record_id_record"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("uid", name=op.f("uq_item_uid")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_accession_folded"), ["accession_folded"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_home_id"), ["home_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_item_label_printed_at_library_id"), ["label_printed_at", "library_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_item_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_receipt_id"), ["receipt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_record_id_library_id"), ["record_id", "library_id"], unique=False)
        batch_op.create_index(
            "uq_item_accession",
            ["library_id", "accession_folded"],
            unique=True,
            sqlite_where=sa.text("accession_folded IS NOT NULL"),
            postgresql_where=sa.text("accession_folded IS NOT NULL"),
        )

    op.create_table(
        "document_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("reading_level", sa.Integer(), nullable=True),
        sa.Column("class_mark", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.CheckConstraint("(quantity = -1) = (reverses_id IS NOT NULL)", name=op.f("ck_document_use_back_names_what")),
        sa.CheckConstraint("quantity IN (1, -1)", name=op.f("ck_document_use_one_or_back")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_document_use_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_document_use_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_document_use_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["document_use.id"],
            name=op.f("fk_document_use_reverses_id_document_use"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_use")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_document_use_reverses_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_document_use_uid")),
    )
    with op.batch_alter_table("document_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_use_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_use_branch_id_used_on"), ["branch_id", "used_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_document_use_item_id_occurred_at"), ["item_id", "occurred_at"], unique=False
        )

    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("captured_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(item_id IS NULL) = (captured_by IS NULL)", name=op.f("ck_hold_captured_by_an_act")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_hold_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_hold_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["captured_by"], ["act.id"], name=op.f("fk_hold_captured_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["ended_by"], ["act.id"], name=op.f("fk_hold_ended_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_hold_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_hold_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_hold_record_id_record"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("uid", name=op.f("uq_hold_uid")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_branch_id_placed_at"), ["branch_id", "placed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_captured_by"), ["captured_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_ended_by"), ["ended_by"], unique=False)
        batch_op.create_index(
            "uq_hold_captured",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND item_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND item_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_hold_waiting",
            ["record_id", "membership_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "item_code",
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["code.id"], name=op.f("fk_item_code_code_id_code"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_code_item_id_item"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_item_code")),
    )
    with op.batch_alter_table("item_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_code_item_id"), ["item_id"], unique=False)

    op.create_table(
        "loan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_why", sa.String(length=40), nullable=True),
        sa.Column("ended_branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=True),
        sa.Column("override", sa.Text(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_loan_end_has_a_reason")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= lent_at", name=op.f("ck_loan_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_loan_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_loan_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_loan_class_id_school_class"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ended_branch_id"], ["branch.id"], name=op.f("fk_loan_ended_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["act.id"], name=op.f("fk_loan_ended_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_loan_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_loan_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        sa.UniqueConstraint("act_id", name=op.f("uq_loan_act_id")),
    )
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loan_branch_id_lent_at"), ["branch_id", "lent_at"], unique=False)
        batch_op.create_index(
            "ix_loan_due",
            ["branch_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )
        batch_op.create_index(
            "ix_loan_held",
            ["membership_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )
        batch_op.create_index(batch_op.f("ix_loan_item_id_lent_at"), ["item_id", "lent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loan_membership_id_lent_at"), ["membership_id", "lent_at"], unique=False)
        batch_op.create_index(
            "uq_loan_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )

    op.create_table(
        "movement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rests_on", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(basis = 'scan') = (rests_on IS NULL)", name=op.f("ck_movement_seeing_rests_on_nothing")),
        sa.CheckConstraint("occurred_at <= recorded_at", name=op.f("ck_movement_not_from_the_future")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_movement_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_movement_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_movement_place_id_place"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("uid", name=op.f("uq_movement_uid")),
    )
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_movement_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_movement_item_id_occurred_at"), ["item_id", "occurred_at"], unique=False)

    op.create_table(
        "register_line",
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'used') = (item_id IS NOT NULL) OR state = 'struck-out'",
            name=op.f("ck_register_line_used_has_item"),
        ),
        sa.CheckConstraint(
            "state <> 'struck-out' OR reason IS NOT NULL", name=op.f("ck_register_line_struck_out_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_register_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_register_line_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", "series", "number", name=op.f("pk_register_line")),
        sa.UniqueConstraint("item_id", name=op.f("uq_register_line_item_id")),
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= occurred_at", name=op.f("ck_stay_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_stay_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["ended_by"], ["act.id"], name=op.f("fk_stay_ended_by_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stay_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stay_place_id_place"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("uid", name=op.f("uq_stay_uid")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_item_id_occurred_at"), ["item_id", "occurred_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_place_id"), ["place_id"], unique=False)
        batch_op.create_index(
            "uq_stay_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided"),
        )

    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("arrived_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_transfer_one_end")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_transfer_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["arrived_by"], ["act.id"], name=op.f("fk_transfer_arrived_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["act.id"], name=op.f("fk_transfer_cancelled_by_act"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_transfer_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["to_id"], ["place.id"], name=op.f("fk_transfer_to_id_place"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("uid", name=op.f("uq_transfer_uid")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_to_id"), ["to_id"], unique=False)
        batch_op.create_index(
            "uq_transfer_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("arrived_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("arrived_at IS NULL AND cancelled_at IS NULL"),
        )

    op.create_table(
        "renewal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("loan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_renewal_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_renewal_loan_id_loan"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("act_id", name=op.f("uq_renewal_act_id")),
    )
    with op.batch_alter_table("renewal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renewal_loan_id"), ["loan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("renewal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_renewal_loan_id"))

    op.drop_table("renewal")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_transfer_open",
            sqlite_where=sa.text("arrived_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("arrived_at IS NULL AND cancelled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_transfer_to_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stay_open",
            sqlite_where=sa.text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided"),
        )
        batch_op.drop_index(batch_op.f("ix_stay_place_id"))
        batch_op.drop_index(batch_op.f("ix_stay_item_id_occurred_at"))
        batch_op.drop_index(batch_op.f("ix_stay_act_id"))

    op.drop_table("stay")
    op.drop_table("register_line")
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_movement_item_id_occurred_at"))
        batch_op.drop_index(batch_op.f("ix_movement_act_id"))

    op.drop_table("movement")
    with op.batch_alter_table("loan", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_loan_open",
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )
        batch_op.drop_index(batch_op.f("ix_loan_membership_id_lent_at"))
        batch_op.drop_index(batch_op.f("ix_loan_item_id_lent_at"))
        batch_op.drop_index(
            "ix_loan_held",
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )
        batch_op.drop_index(
            "ix_loan_due",
            sqlite_where=sa.text("ended_at IS NULL AND NOT voided"),
            postgresql_where=sa.text("ended_at IS NULL AND NOT voided"),
        )
        batch_op.drop_index(batch_op.f("ix_loan_branch_id_lent_at"))

    op.drop_table("loan")
    with op.batch_alter_table("item_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_code_item_id"))

    op.drop_table("item_code")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hold_waiting", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(
            "uq_hold_captured",
            sqlite_where=sa.text("ended_at IS NULL AND item_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND item_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_hold_ended_by"))
        batch_op.drop_index(batch_op.f("ix_hold_captured_by"))
        batch_op.drop_index(batch_op.f("ix_hold_branch_id_placed_at"))

    op.drop_table("hold")
    with op.batch_alter_table("document_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_use_item_id_occurred_at"))
        batch_op.drop_index(batch_op.f("ix_document_use_branch_id_used_on"))
        batch_op.drop_index(batch_op.f("ix_document_use_act_id"))

    op.drop_table("document_use")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_item_accession",
            sqlite_where=sa.text("accession_folded IS NOT NULL"),
            postgresql_where=sa.text("accession_folded IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_item_record_id_library_id"))
        batch_op.drop_index(batch_op.f("ix_item_receipt_id"))
        batch_op.drop_index(batch_op.f("ix_item_place_id"))
        batch_op.drop_index(batch_op.f("ix_item_label_printed_at_library_id"))
        batch_op.drop_index(batch_op.f("ix_item_home_id"))
        batch_op.drop_index(batch_op.f("ix_item_branch_id"))
        batch_op.drop_index(batch_op.f("ix_item_accession_folded"))

    op.drop_table("item")
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_card_in_use", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_card_membership_id"))

    op.drop_table("card")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_account_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_place_one_a_branch",
            sqlite_where=sa.text("kind IN ('in-transit', 'with-patrons', 'unknown')"),
            postgresql_where=sa.text("kind IN ('in-transit', 'with-patrons', 'unknown')"),
        )

    op.drop_table("place")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_open", sqlite_where=sa.text("to_on IS NULL"), postgresql_where=sa.text("to_on IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_membership_person_id"))
        batch_op.drop_index(batch_op.f("ix_membership_library_id_class_id"))

    op.drop_table("membership")
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grant_account_id"))

    op.drop_table("grant")
    op.drop_table("terms")
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_class_library_id"))

    op.drop_table("school_class")
    with op.batch_alter_table("record_number", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_number_number"))

    op.drop_table("record_number")
    op.drop_table("open_day")
    with op.batch_alter_table("local_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_record_record_id"))

    op.drop_table("local_record")
    with op.batch_alter_table("load_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_load_row_load_id_verdict"))
        batch_op.drop_index(batch_op.f("ix_load_row_load_id_applied_at"))

    op.drop_table("load_row")
    op.drop_table("contributor")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closure_branch_id_last_on"))

    op.drop_table("closure")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_library_id"))

    op.drop_table("account")
    op.drop_table("school_year")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_network_id_title_sort"))
        batch_op.drop_index(batch_op.f("ix_record_network_id_match_key"))

    op.drop_table("record")
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_library_id"))

    op.drop_table("receipt")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_student_code",
            sqlite_where=sa.text("student_code IS NOT NULL"),
            postgresql_where=sa.text("student_code IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_name_folded"))

    op.drop_table("person")
    with op.batch_alter_table("parentage", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_parentage_child_now", sqlite_where=sa.text("to_on IS NULL"), postgresql_where=sa.text("to_on IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_parentage_parent_id"))

    op.drop_table("parentage")
    with op.batch_alter_table("load", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_load_library_id_made_at"))

    op.drop_table("load")
    op.drop_table("counter")
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_code_in_use", sqlite_where=sa.text("valid_to IS NULL"), postgresql_where=sa.text("valid_to IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_code_folded"))

    op.drop_table("code")
    op.drop_table("category")
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_branch_organisation_id"))

    op.drop_table("branch")
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trace_kind_subject"))
        batch_op.drop_index(batch_op.f("ix_trace_at"))

    op.drop_table("trace")
    op.drop_table("stamp")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_network_id"))

    op.drop_table("organisation")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_state_lease_until"))

    op.drop_table("job")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_received_at"))

    op.drop_table("entry")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_login_hash_at"))
        batch_op.drop_index(batch_op.f("ix_attempt_address_at"))

    op.drop_table("attempt")
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_branch_id_occurred_at"))

    op.drop_table("act")
