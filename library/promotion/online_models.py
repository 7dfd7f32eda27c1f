"""Programmes of learning at a distance, and how often they were followed."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model
from library.promotion.event_models import Recorded


class OnlineProgramme(Recorded):
    """Counts once, on its first day."""

    __tablename__ = "online_programme"
    __table_args__ = (
        Index(None, "branch_id", "first_on"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    title: Mapped[str]
    subject: Mapped[str] = mapped_column(doc="A code of `training_subjects`.")
    platform: Mapped[str | None] = mapped_column(doc="Where it is held: a meeting programme, television, a page.")
    address: Mapped[str | None]
    organiser: Mapped[str | None]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    note: Mapped[str | None]


class OnlineCount(Model):
    """So many turns on a day."""

    __tablename__ = "online_count"
    __table_args__ = (Index(None, "programme_id"), CheckConstraint("turns > 0", name="somebody_came"))
    __scope__ = "programme_id>online_programme.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("online_programme.id", ondelete="RESTRICT"))
    day: Mapped[date]
    audience: Mapped[str]
    turns: Mapped[int]
