"""Paper, printers, templates, what was printed, and codes on shelves, crates, classes and stops.

Safe beside the previous release: nothing here is looked at by it; what it prints is marked on the copies as before and
missing in the new log only.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012", "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ONE_THING = " OR ".join(
    "(" + " AND ".join(f"{name} IS {'NOT ' if name == one else ''}NULL" for name in row) + ")"
    for row in [("place_id", "class_id", "account_id", "name")]
    for one in row
)


def upgrade() -> None:
    _template()
    _paper()
    _printer()
    _run()
    _sign()
    _log_what_was_printed()


def _template() -> None:
    op.create_table(
        "label_template",
        *_own("label_template"),
        *_texts("name", "logo", "symbology", "payload"),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("library_id", "name", name="uq_label_template_library_id_name"),
    )


def _paper() -> None:
    op.create_table(
        "label_paper",
        *_own("label_paper"),
        *_texts("name"),
        *_lengths("page_w", "page_h", "label_w", "label_h"),
        sa.Column("cols", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        *_lengths("margin_left", "margin_top", "pitch_x", "pitch_y"),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.CheckConstraint("cols > 0 AND rows > 0", name=op.f("ck_label_paper_has_cells")),
        sa.UniqueConstraint("library_id", "name", name="uq_label_paper_library_id_name"),
    )


def _printer() -> None:
    op.create_table(
        "label_printer",
        *_own("label_printer"),
        *_texts("name"),
        *_lengths("x_mm", "y_mm", "ruler_mm"),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("starts", sa.JSON(), nullable=False),
        sa.UniqueConstraint("library_id", "name", name="uq_label_printer_library_id_name"),
    )


def _run() -> None:
    op.create_table(
        "label_run",
        *_own("label_run"),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("printed_at", MOMENT, nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        *_texts("paper", "template"),
        sa.Column("labels", sa.Integer(), nullable=False),
    )
    op.create_index("ix_label_run_library_id_printed_at", "label_run", ["library_id", "printed_at"])
    op.create_table(
        "label_run_item",
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("item_id", NUMBER, nullable=False),
        _key("label_run_item", "run_id", "label_run"),
        _key("label_run_item", "item_id", "item"),
        sa.PrimaryKeyConstraint("run_id", "item_id", name="pk_label_run_item"),
    )
    op.create_index("ix_label_run_item_item_id", "label_run_item", ["item_id"])


def _sign() -> None:
    op.create_table(
        "sign",
        sa.Column("code_id", NUMBER, nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        sa.Column("place_id", NUMBER, nullable=True),
        sa.Column("class_id", NUMBER, nullable=True),
        sa.Column("account_id", NUMBER, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        _key("sign", "code_id", "code"),
        _key("sign", "library_id", "organisation"),
        _key("sign", "place_id", "place"),
        _key("sign", "class_id", "school_class"),
        _key("sign", "account_id", "account"),
        sa.CheckConstraint(ONE_THING, name=op.f("ck_sign_of_one_thing")),
        sa.PrimaryKeyConstraint("code_id", name="pk_sign"),
    )
    op.create_index("ix_sign_library_id", "sign", ["library_id"])
    for column in ("place_id", "class_id", "account_id"):
        op.create_index(f"ix_sign_{column}", "sign", [column], unique=True)


def _log_what_was_printed() -> None:
    """Copies marked in the same moment came out of the printer together."""
    database = op.get_bind()
    item = sa.table("item", sa.column("id"), sa.column("library_id"), sa.column("label_printed_at", MOMENT))
    run = sa.table(
        "label_run", sa.column("id"), sa.column("uid", sa.Uuid()), sa.column("library_id"),
        sa.column("printed_at", MOMENT), *map(sa.column, ("why", "paper", "template", "labels")),
    )  # fmt: skip
    inside = sa.table("label_run_item", sa.column("run_id"), sa.column("item_id"))
    together = sa.select(item.c.library_id, item.c.label_printed_at, sa.func.count()).group_by(*list(item.c)[1:])
    for number, (library, moment, count) in enumerate(
        database.execute(together.where(item.c.label_printed_at.is_not(None)).order_by(item.c.label_printed_at)).all(),
        1,
    ):
        database.execute(
            run.insert().values(
                id=number, uid=uuid4(), library_id=library, printed_at=moment, why="new", paper="", template="",
                labels=count,
            )
        )  # fmt: skip
        mine = sa.select(sa.literal(number, NUMBER), item.c.id).where(
            item.c.library_id == library, item.c.label_printed_at == moment
        )
        database.execute(inside.insert().from_select(["run_id", "item_id"], mine))
    if database.dialect.name == "postgresql":
        database.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('label_run', 'id'), (SELECT max(id) FROM label_run))")
        )


def _own(table: str) -> list[sa.schema.SchemaItem]:
    """What every table of a library's own things begins with."""
    return [
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("library_id", NUMBER, nullable=False),
        _key(table, "library_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("uid", name=f"uq_{table}_uid"),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _lengths(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="RESTRICT"
    )


def downgrade() -> None:
    for table in ("sign", "label_run_item", "label_run", "label_printer", "label_paper", "label_template"):
        op.drop_table(table)
