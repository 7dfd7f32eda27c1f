"""Commendations: of a collective or of a person, by whom, by which decision."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.promotion.event_models import Recorded


class Whom(StrEnum):
    COLLECTIVE = "collective"
    PERSON = "person"


class Commendation(Recorded):
    """A reader is named by their membership only; others (a teacher, somebody of the village) by `name`, for as long as
    such papers are kept: see `commend_ageing`."""

    __tablename__ = "commendation"
    __table_args__ = (
        Index(None, "branch_id", "day"),
        Index(None, "membership_id"),
        CheckConstraint("membership_id IS NULL OR name IS NULL", name="reader_is_named_once"),
    )
    __scope__ = "branch_id:branch"

    day: Mapped[date]
    whom: Mapped[Whom]
    name: Mapped[str | None]
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    given_by: Mapped[str]
    decision: Mapped[str | None] = mapped_column(doc="Number of the decision: 12/QĐ-THXH.")
    reason: Mapped[str]
    signer: Mapped[str | None] = mapped_column(doc="Who signs, as on the paper: Hiệu trưởng.")
    note: Mapped[str | None]
