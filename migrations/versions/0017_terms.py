"""Terms become lines of the table of rules; a line that is there already holds.

Not beside the previous release, which still writes terms: stop it first. Going back brings the terms again, of every
line that says in days and numbers what terms could say; the lines stay.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from library.core import clock

revision, down_revision = "0017", "0016"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TERMS = sa.table(
    "terms",
    *(sa.column(name, sa.Integer()) for name in ("library_id", "category_id", "days", "most", "renewals")),
    *(sa.column(name, sa.Boolean()) for name in ("overdue_blocks", "due_within_card")),
)
LINE = sa.table(
    "policy_line",
    sa.column("uid", sa.Uuid()),
    *(
        sa.column(name, sa.Integer())
        for name in ("owner_id", "category_id", "length_days", "most", "renewals", "holds")
    ),
    *(sa.column(name, sa.Text()) for name in ("place", "length_kind", "overdue")),
    sa.column("due_within_card", sa.Boolean()),
)
HOLDS = 3
"""Nobody said how many titles may be waited for; so many from now on."""


def upgrade() -> None:
    session = op.get_bind()
    query = sa.select(LINE.c.owner_id, LINE.c.place)
    there = {(owner, place) for owner, place in session.execute(query)}
    rows = [row for row in _lines(session) if (row["owner_id"], row["place"]) not in there]
    if rows:
        session.execute(sa.insert(LINE), rows)
    op.drop_table("terms")


def _lines(session: sa.Connection) -> Iterator[dict[str, Any]]:
    for row in session.execute(sa.select(TERMS)):
        yield {
            "uid": clock.uuid7(), "owner_id": row.library_id, "category_id": row.category_id,
            "place": f"{row.category_id or '-'}/-/-", "length_kind": "days", "length_days": row.days, "most": row.most,
            "renewals": row.renewals, "holds": HOLDS, "overdue": "refuse" if row.overdue_blocks else "ignore",
            "due_within_card": row.due_within_card,
        }  # fmt: skip


def downgrade() -> None:
    _create()
    session = op.get_bind()
    simple = sa.select(LINE).where(LINE.c.place.like("%/-/-"), LINE.c.length_kind == "days", LINE.c.most >= 0)
    rows = [_terms(row) for row in session.execute(simple)]
    if rows:
        session.execute(sa.insert(TERMS), rows)


def _terms(row: Any) -> dict[str, Any]:
    """What the line leaves unsaid is what holds without it."""
    return {
        "library_id": row.owner_id, "category_id": row.category_id, "days": row.length_days, "most": row.most,
        "renewals": max(row.renewals or 0, 0), "overdue_blocks": row.overdue in (None, "refuse"),
        "due_within_card": row.due_within_card is not False,
    }  # fmt: skip


def _create() -> None:
    op.create_table(
        "terms",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("category_id", NUMBER, nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("days", "most", "renewals")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("overdue_blocks", "due_within_card")),
        sa.CheckConstraint("days >= 0 AND most >= 0 AND renewals >= 0", name=op.f("ck_terms_not_negative")),
        *(
            sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_terms_{key}_{table}"), ondelete="RESTRICT")
            for key, table in (("category_id", "category"), ("library_id", "organisation"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("library_id", "category_id", name=op.f("uq_terms_library_id_category_id")),
    )
