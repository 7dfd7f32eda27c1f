"""Consent, who looked, how long a library remembers.

Safe beside the previous release: it knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0014", "0013"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "look",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    op.create_index(op.f("ix_look_at"), "look", ["at"], unique=False)
    op.create_index(op.f("ix_look_library_id_at"), "look", ["library_id", "at"], unique=False)
    op.create_index(op.f("ix_look_subject_at"), "look", ["subject", "at"], unique=False)
    op.create_table(
        "memory",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("loans_months", sa.Integer(), nullable=False),
        sa.Column("leavers_months", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "loans_months BETWEEN 1 AND 120 AND leavers_months BETWEEN 1 AND 120", name=op.f("ck_memory_months")
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_memory_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_memory")),
    )
    op.create_table(
        "consent",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column(
            "purpose", sa.Enum("history", "name", "photo", name="purpose", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "relation",
            sa.Enum("self", "mother", "father", "guardian", name="relation", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("child_agrees", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_on >= given_on", name=op.f("ck_consent_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["organisation.id"], name=op.f("fk_consent_library_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("uid", name=op.f("uq_consent_uid")),
    )
    op.create_index(op.f("ix_consent_library_id"), "consent", ["library_id"], unique=False)
    op.create_index(
        "uq_consent_holds",
        "consent",
        ["person_id", "library_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("withdrawn_on IS NULL"),
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )


def downgrade() -> None:
    for table in ("consent", "memory", "look"):
        op.drop_table(table)
