"""One use of a copy, with the facts of its day frozen in it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class UseKind(StrEnum):
    HOME = "home"
    RENEWAL = "renewal"
    IN_HOUSE = "in-house"


class DocumentUse(Model):
    """`quantity` is 1, or -1 for a row that takes an earlier one back. No reader's id stands here."""

    __tablename__ = "document_use"
    __table_args__ = (
        Index(None, "branch_id", "used_on"),
        Index(None, "act_id"),
        Index(None, "item_id", "occurred_at"),
        CheckConstraint("quantity IN (1, -1)", name="one_or_back"),
        CheckConstraint("(quantity = -1) = (reverses_id IS NOT NULL)", name="back_names_what"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    kind: Mapped[UseKind]
    quantity: Mapped[int] = mapped_column(default=1)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("document_use.id", ondelete="RESTRICT"), unique=True)
    used_on: Mapped[date]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    class_name: Mapped[str | None]
    grade: Mapped[int | None]
    category: Mapped[str | None]
    reading_level: Mapped[int | None]
    class_mark: Mapped[str | None]
    channel: Mapped[str]
