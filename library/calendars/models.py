"""Opening days, closures and school years."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class OpenDay(Model):
    """A weekday on which a branch opens: 0 is Monday (thứ Hai). No rows at all: open every day."""

    __tablename__ = "open_day"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)
    __scope__ = "branch_id:branch"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)


class Closure(Model):
    """Days on which a branch is closed, both included: Tết, summer, a flood."""

    __tablename__ = "closure"
    __table_args__ = (
        Index(None, "branch_id", "last_on"),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    why: Mapped[str]


class SchoolYear(Model):
    """ "2026-2027" of one school."""

    __tablename__ = "school_year"
    __table_args__ = (
        UniqueConstraint("organisation_id", "label"),
        CheckConstraint("to_on > from_on", name="ends_after_it_begins"),
    )
    __scope__ = "organisation_id:library"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    label: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
