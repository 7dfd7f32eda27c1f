"""What promotion reports, as facts; readers of visits; titles used without a copy; what a library counts.

Safe beside the previous release: new tables, and a column that may be empty. Digital uses are written by the new release
only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0026", "0025"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NEW = ("happening", "use_setting", "visitor")
STAYS = ("happening_stays_as_it_is", "UPDATE"), ("happening_is_kept", "DELETE")
KNOWN = "item_id IS NOT NULL OR kind IN ('honour', 'class-read', 'tally'"


def upgrade() -> None:
    with op.rebuild("document_use") as batch:
        batch.add_column(sa.Column("record_id", NUMBER, nullable=True))
        batch.create_foreign_key(
            "fk_document_use_record_id_record", "record", ["record_id"], ["id"], ondelete="RESTRICT"
        )
        batch.drop_constraint(op.f("ck_document_use_copy_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_document_use_copy_is_known"), KNOWN + ", 'digital')")
    _happenings()
    _visits()
    _happenings_stay()


def _happenings() -> None:
    op.create_table(
        "happening",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("reverses_id", NUMBER, nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_happening_back_names_what")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_happening_something_happened")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_happening_act_id_act"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_happening_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["happening.id"], name=op.f("fk_happening_reverses_id_happening"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_happening")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_happening_reverses_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_happening_uid")),
    )
    op.create_index(op.f("ix_happening_act_id"), "happening", ["act_id"], unique=False)
    op.create_index(op.f("ix_happening_branch_id_happened_on"), "happening", ["branch_id", "happened_on"], unique=False)
    op.create_index(op.f("ix_happening_source"), "happening", ["source"], unique=False)


def _visits() -> None:
    op.create_table(
        "use_setting",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("loan_is_visit", sa.Boolean(), nullable=False),
        sa.Column("renewal_is_use", sa.Boolean(), nullable=False),
        sa.Column("repeat_minutes", sa.Integer(), nullable=False),
        sa.Column("kiosk_voice", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["organisation.id"],
            name=op.f("fk_use_setting_library_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_use_setting")),
    )
    op.create_table(
        "visitor",
        sa.Column("visit_id", NUMBER, nullable=False),
        sa.Column("membership_id", NUMBER, nullable=False),
        sa.Column("branch_id", NUMBER, nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_visitor_branch_id_branch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_visitor_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visitor_visit_id_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visitor")),
    )
    op.create_index(
        op.f("ix_visitor_membership_id_branch_id_visited_on"),
        "visitor",
        ["membership_id", "branch_id", "visited_on"],
        unique=False,
    )


def _happenings_stay() -> None:
    for name, event in STAYS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON happening FOR EACH ROW WHEN (true) "
                "EXECUTE FUNCTION rows_stay()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON happening WHEN 1 "
                "BEGIN SELECT RAISE(ABORT, 'happening rows stay as they are'); END"
            )


def downgrade() -> None:
    """Titles used through a link cannot be told by the previous release: these uses go."""
    for table in reversed(NEW):
        op.drop_table(table)
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER document_use_is_kept" + (" ON document_use" if postgresql else ""))
    op.execute("DELETE FROM document_use WHERE kind = 'digital' AND reverses_id IS NOT NULL")
    op.execute("DELETE FROM document_use WHERE kind = 'digital'")
    with op.rebuild("document_use") as batch:
        batch.drop_constraint(op.f("ck_document_use_copy_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_document_use_copy_is_known"), KNOWN + ")")
        batch.drop_constraint("fk_document_use_record_id_record", type_="foreignkey")
        batch.drop_column("record_id")
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
