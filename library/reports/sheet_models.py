"""Sheets of units: what each answers, sends, gets back; every state it was in."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library import files
from library.core.db import BigId, Id, Model, unique_where
from library.organisations.models import Organisation, OrganisationKind
from library.reports.campaign_models import Campaign, CampaignIndicator


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    LOCKED = "locked"


class Sheet(Model):
    """One unit in one campaign. Which units there are, what they are called, their kind and under whom they stand is as of the launch:
    a unit that is merged later keeps its sheet, which its successor fills (`keeper`)."""

    __tablename__ = "sheet"
    __table_args__ = (UniqueConstraint("campaign_id", "organisation_id"),)
    __scope__ = "keeper_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    keeper_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[OrganisationKind]
    state: Mapped[SheetState]

    campaign: Mapped[Campaign] = relationship()
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    keeper: Mapped[Organisation] = relationship(foreign_keys=[keeper_id])


class Submission(Model):
    """What a unit says. Not sent yet while `known_at` is empty; from then on it stays as it is, and so do the figures: they
    are those known at that moment."""

    __tablename__ = "submission"
    __table_args__ = (
        unique_where("uq_submission_open", "sheet_id", where="known_at IS NULL"),
        UniqueConstraint("sheet_id", "number"),
        CheckConstraint("(number IS NULL) = (known_at IS NULL)", name="numbered_when_sent"),
    )
    __scope__ = "sheet_id>sheet.keeper_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="RESTRICT"))
    number: Mapped[int | None]
    known_at: Mapped[datetime | None]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="It was sent by.")
    account: Mapped[UUID] = mapped_column(doc="Who wrote it last; no name.")
    saved_at: Mapped[datetime]
    same: Mapped[list[str]] = mapped_column(JSON, doc="Lines found alike that the unit said are right.")

    sheet: Mapped[Sheet] = relationship()
    values: Mapped[list["SheetValue"]] = relationship(back_populates="submission")


class SheetValue(Model):
    """One line of what a unit says. `stated` is empty where it says what the machine counted."""

    __tablename__ = "sheet_value"
    __table_args__ = (
        UniqueConstraint("submission_id", "indicator_id"),
        CheckConstraint("(evidence IS NULL) = (evidence_name IS NULL)", name="files_have_names"),
    )
    __scope__ = "submission_id>submission.sheet_id>sheet.keeper_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="RESTRICT"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("campaign_indicator.id", ondelete="RESTRICT"), index=True)
    computed: Mapped[int | None] = mapped_column(BigId, doc="What the machine counted, as known when it was sent.")
    stated: Mapped[int | None] = mapped_column(BigId)
    words: Mapped[str | None] = mapped_column(doc="Of a line of text.")
    reason: Mapped[str | None] = mapped_column(doc="Why `stated` is another number than `computed`.")
    note: Mapped[str | None]
    evidence: Mapped[str | None] = mapped_column(info=files.KEY)
    evidence_name: Mapped[str | None]

    submission: Mapped[Submission] = relationship(back_populates="values")
    indicator: Mapped[CampaignIndicator] = relationship()

    @property
    def value(self) -> int | None:
        return self.computed if self.stated is None else self.stated


class SheetStep(Model):
    """A sheet went from one state to another. Rows are added; one that was taken back is marked."""

    __tablename__ = "sheet_step"
    __table_args__ = (Index(None, "sheet_id", "id"), Index(None, "act_id"))
    __scope__ = "sheet_id>sheet.keeper_id:library"

    id: Mapped[Id]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    deed: Mapped[str]
    before: Mapped[SheetState | None]
    after: Mapped[SheetState]
    at: Mapped[datetime]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="RESTRICT"))
    note: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)


class SheetReminder(Model):
    """A unit that had not sent its sheet was reminded: by a person, or by the machine some days before the last one."""

    __tablename__ = "sheet_reminder"
    __table_args__ = (UniqueConstraint("sheet_id", "day"),)
    __scope__ = "sheet_id>sheet.keeper_id:library"

    id: Mapped[Id]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="RESTRICT"))
    day: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="None: by the machine.")
