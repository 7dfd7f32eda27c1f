"""Which titles were merged and what moved, and which are known to be two."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.catalogue.models import Record
from library.core.db import Id, Model

STANDS = "undone_by IS NULL"


class TitleMerge(Model):
    """`gone` became one with `kept`. The row stays when they are taken apart again; `undone_by` is the act that did."""

    __tablename__ = "title_merge"
    __table_args__ = (
        Index(None, "kept_id"),
        Index(None, "gone_id"),
        Index("uq_title_merge_stands", "gone_id", unique=True,
              sqlite_where=text(STANDS), postgresql_where=text(STANDS)),
        CheckConstraint("kept_id <> gone_id", name="two_titles"),
    )  # fmt: skip
    __scope__ = "kept_id>record.network_id:network"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, doc="What moved and what was filled in, as `merging` keeps it.")
    made_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    kept: Mapped[Record] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Record] = relationship(foreign_keys=[gone_id])


class TitleApart(Model):
    """Somebody looked at both and said that they are two books: the pair is not shown again."""

    __tablename__ = "title_apart"
    __table_args__ = (
        Index(None, "other_id"),
        CheckConstraint("one_id < other_id", name="in_order"),
    )
    __scope__ = "one_id>record.network_id:network"

    one_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    account: Mapped[UUID | None]
    made_at: Mapped[datetime]
