"""Events, the types they have, the dates of the year they belong to, their files, and every step that changed anything."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library import files
from library.core.db import BigId, Id, Model, unique_where


class State(StrEnum):
    """Of what is planned and then done."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Recorded(Model):
    """What every thing that promotion records has. `gone`: its making was undone."""

    __abstract__ = True

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    gone: Mapped[bool] = mapped_column(default=False)
    visits_act_id: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"), doc="The act that last counted its people as visits."
    )


class EventType(Model):
    """A type of events or a subject of training (`of`): a library's own, or another name for a shipped one (same
    `code`); `hidden`: not offered any more."""

    __tablename__ = "event_type"
    __table_args__ = (UniqueConstraint("library_id", "of", "code"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    of: Mapped[str] = mapped_column(doc="event, training.")
    code: Mapped[str]
    name: Mapped[str]
    hidden: Mapped[bool] = mapped_column(default=False)


class YearlyDate(Model):
    """A date to prepare for: of a library's own, or instead of a shipped one (same `code`). `year`: of that year only.
    It may end in the next year: Tháng khuyến học, Tết."""

    __tablename__ = "yearly_date"
    __table_args__ = (
        unique_where("uq_yearly_date_every_year", "library_id", "code", where="year IS NULL"),
        unique_where("uq_yearly_date_that_year", "library_id", "code", "year", where="year IS NOT NULL"),
        CheckConstraint("first_month BETWEEN 1 AND 12 AND last_month BETWEEN 1 AND 12", name="months"),
        CheckConstraint("first_day BETWEEN 1 AND 31 AND last_day BETWEEN 1 AND 31", name="days"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    code: Mapped[str]
    name: Mapped[str]
    year: Mapped[int | None]
    first_month: Mapped[int]
    first_day: Mapped[int]
    last_month: Mapped[int]
    last_day: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)


class Event(Recorded):
    """A meeting, a display, a competition…, held or to come. Figures are of those held."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "branch_id", "first_on"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="ends_after_it_begins"),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost"),
    )
    __scope__ = "branch_id:branch"

    type_code: Mapped[str] = mapped_column(doc="Of a shipped type, or of `event_type`.")
    title: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    from_at: Mapped[time | None]
    place: Mapped[str | None]
    partners: Mapped[str | None]
    cost: Mapped[int | None] = mapped_column(BigId, doc="Đồng.")
    note: Mapped[str | None]
    state: Mapped[State]
    people: Mapped[dict[str, int]] = mapped_column(JSON, doc="By audience: pupils, teachers…")
    as_visits: Mapped[bool] = mapped_column(default=False, doc="Those who came count as visits of the library too.")
    series: Mapped[UUID | None] = mapped_column(doc="The same for all that were planned as a weekly one.")


class PromotionFile(Model):
    """A photo or a paper about something recorded; made small, or kept as it came after a look at its kind."""

    __tablename__ = "promotion_file"
    __table_args__ = (Index(None, "source"),)
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(doc="A key of `kinds.KINDS`.")
    source: Mapped[UUID] = mapped_column(doc="The uid of what it is about.")
    key: Mapped[str] = mapped_column(info=files.KEY)
    name: Mapped[str]
    media: Mapped[str] = mapped_column(doc="image/jpeg, application/pdf…")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    removed_at: Mapped[datetime | None]


class PromotionStep(Model):
    """One act on one thing, with what the thing said before: the latest standing one can be taken back."""

    __tablename__ = "promotion_step"
    __table_args__ = (Index(None, "source", "id"), UniqueConstraint("act_id", "source"))
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    source: Mapped[UUID]
    deed: Mapped[str] = mapped_column(doc="add, change, hold, cancel…: what a sentence of its history says.")
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), doc="None: it was made by this act, or names were forgotten."
    )
    voided: Mapped[bool] = mapped_column(default=False)
