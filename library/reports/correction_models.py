"""What is said of a figure after it was locked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import BigId, Id, Model
from library.reports.campaign_models import CampaignIndicator


class Correction(Model):
    """From `at` on the figure of this line counts `value` instead of `was`. What was sent stays as it is."""

    __tablename__ = "correction"
    __table_args__ = (Index(None, "sheet_id", "indicator_id"),)
    __scope__ = "sheet_id>sheet.keeper_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="RESTRICT"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("campaign_indicator.id", ondelete="RESTRICT"))
    was: Mapped[int] = mapped_column(BigId)
    value: Mapped[int] = mapped_column(BigId)
    counted: Mapped[int | None] = mapped_column(BigId, doc="What the machine counted at that moment.")
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(doc="What was known then is in it.")
    account: Mapped[UUID]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    voided: Mapped[bool] = mapped_column(default=False)

    indicator: Mapped[CampaignIndicator] = relationship()
