"""Reports that people put together and keep, and what came of those that are made by themselves."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.organisations.models import Organisation


class Every(StrEnum):
    """When a report is made by itself: in the night after such a period is over, of that period."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    SCHOOL_YEAR = "school-year"
    YEAR = "year"


class SavedReport(Model):
    """What `builder.Wish` asks, under a name. `dropped_at`: nobody sees it any more; its results stay with it."""

    __tablename__ = "saved_report"
    __table_args__ = (Index(None, "library_id"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    account: Mapped[UUID] = mapped_column(doc="Who made it: sees it, and may drop it.")
    name: Mapped[str]
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, doc="As `builder.as_plain` writes it.")
    every: Mapped[Every | None]
    shared: Mapped[bool] = mapped_column(doc="Everybody who sees figures of the library sees it.")
    made_at: Mapped[datetime]
    dropped_at: Mapped[datetime | None]

    library: Mapped[Organisation] = relationship()


class SavedResult(Model):
    """The table of one period as it was when the machine made it. It is kept though facts may come late."""

    __tablename__ = "saved_result"
    __table_args__ = (
        UniqueConstraint("report_id", "first_on", "last_on"),
        CheckConstraint("last_on >= first_on", name="a_period"),
    )
    __scope__ = "report_id>saved_report.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("saved_report.id", ondelete="RESTRICT"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    made_at: Mapped[datetime]
    told: Mapped[dict[str, Any]] = mapped_column(JSON, doc="As `standing_sheet.as_plain` writes it.")

    report: Mapped[SavedReport] = relationship()
