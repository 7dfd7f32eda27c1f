"""What was scanned and is not in the register yet, and what was settled of spines a moment ago."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class ScanLine(Model):
    """A code that somebody scanned, how often, and what they typed for it. Kept until it is saved or thrown away."""

    __tablename__ = "scan_line"
    __table_args__ = (UniqueConstraint("library_id", "account", "code"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    account: Mapped[UUID] = mapped_column(doc="Whose list it is.")
    code: Mapped[str] = mapped_column(doc="Thirteen digits, or as it was printed.")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(default=1)
    told: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Fields typed for a title nobody has yet.")
    made_at: Mapped[datetime] = mapped_column(index=True)


class SpineSettlement(Model):
    """What was settled of spines, with what stood there before: to be taken back for a week."""

    __tablename__ = "spine_settlement"
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    deed: Mapped[str] = mapped_column(doc="rule, sticker, unmarked; rhyme: a number of the table.")
    told: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="Before and after, title by title; labels that were printed."
    )
    made_at: Mapped[datetime]
