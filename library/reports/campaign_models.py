"""Campaigns: what is asked of which units, until when; and the lists of lines that libraries keep for the next time."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.organisations.models import Organisation


class LineKind(StrEnum):
    """What stands in the column of results."""

    NUMBER = "number"
    TEXT = "text"
    UNITS = "units"
    """1 from a unit that did it: together they are told as 22/22, of all units asked."""


class Campaign(Model):
    """Units below `library` are asked for figures of the days `first_on` to `last_on`, by `due_on`.

    Before `launched_at` it is a draft that nobody else sees; from then on its lines and units stay as they are. From
    `locked_at` on nothing of it changes but by corrections.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("last_on >= first_on AND due_on >= first_on", name="ends_after_it_begins"),
        CheckConstraint("locked_at IS NULL OR launched_at IS NOT NULL", name="launched_before_locked"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True, doc="Who asks, receives and adds up."
    )
    name: Mapped[str]
    theme: Mapped[str | None]
    first_on: Mapped[date]
    last_on: Mapped[date]
    due_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(doc="What the units are told above their sheet.")
    launched_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    same: Mapped[list[str]] = mapped_column(JSON, doc="Lines found alike that whoever adds up said are right.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="It was made by.")

    library: Mapped[Organisation] = relationship()
    lines: Mapped[list["CampaignIndicator"]] = relationship(
        back_populates="campaign", order_by="CampaignIndicator.position"
    )


class CampaignIndicator(Model):
    """One line of the appendix. `number` is that of its row; lines with the same number stand under each other, and only
    the first one shows it."""

    __tablename__ = "campaign_indicator"
    __table_args__ = (UniqueConstraint("campaign_id", "code"), CheckConstraint("number > 0", name="rows_from_one"))
    __scope__ = "campaign_id>campaign.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    position: Mapped[int]
    number: Mapped[int]
    code: Mapped[str]
    label: Mapped[str]
    unit: Mapped[str]
    kind: Mapped[LineKind]
    formula: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), doc="As `indicators.Formula` reads it; None: people count."
    )
    evidence: Mapped[bool] = mapped_column(doc="A file must stand beside a result that is more than nothing.")

    campaign: Mapped[Campaign] = relationship(back_populates="lines")


class CampaignTemplate(Model):
    """Lines a library keeps under a name. `lines` as `indicators.as_plain` writes them."""

    __tablename__ = "campaign_template"
    __table_args__ = (UniqueConstraint("library_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime]
