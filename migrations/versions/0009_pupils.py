"""Class lists as schools have them, and the change of the school year.

Safe beside the previous release: nothing here is looked at by it.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009", "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pupil_detail_rule",
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        _key("pupil_detail_rule", "library_id", "organisation"),
        sa.PrimaryKeyConstraint("library_id", name="pk_pupil_detail_rule"),
    )
    op.create_table(
        "pupil_detail",
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("parents", sa.Text(), nullable=False),
        sa.Column("ethnicity", sa.Text(), nullable=False),
        _key("pupil_detail", "person_id", "person"),
        _key("pupil_detail", "library_id", "organisation"),
        sa.PrimaryKeyConstraint("person_id", "library_id", name="pk_pupil_detail"),
    )
    op.create_index("ix_pupil_detail_library_id", "pupil_detail", ["library_id"])
    op.create_table(
        "rollover",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("act_id", NUMBER, nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("undone_by", NUMBER, nullable=True),
        _key("rollover", "library_id", "organisation"),
        _key("rollover", "act_id", "act"),
        _key("rollover", "undone_by", "act"),
        sa.PrimaryKeyConstraint("id", name="pk_rollover"),
        sa.UniqueConstraint("uid", name="uq_rollover_uid"),
        sa.UniqueConstraint("act_id", name="uq_rollover_act_id"),
    )
    op.create_index("ix_rollover_library_id_made_at", "rollover", ["library_id", "made_at"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="RESTRICT"
    )


def downgrade() -> None:
    for table in ("rollover", "pupil_detail", "pupil_detail_rule"):
        op.drop_table(table)
