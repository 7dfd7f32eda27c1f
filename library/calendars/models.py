"""Opening days, closures, holidays, school years and their terms: each said for a part of the tree, or a place in it."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model

LEVELS = ("organisation_id", "branch_id", "place_id")
"""Who may say something of days, the farthest first: an organisation speaks for all below it."""

WHOSE = "organisation_id:library or branch_id:branch or place_id>place.branch_id:branch"


def _one_speaks() -> CheckConstraint:
    counted = " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in LEVELS)
    return CheckConstraint(f"{counted} = 1", name="one_speaks")


def _once(*what: str) -> list[Any]:
    """The same thing is said once by the same."""
    return [UniqueConstraint(name, *what) for name in LEVELS]


class Said:
    """Who said it: exactly one of the three."""

    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="For it and all below it."
    )
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))


class OpenDay(Said, Model):
    """A weekday on which one opens: 0 is Monday (thứ Hai). The nearest that names any decides; nobody: every day."""

    __tablename__ = "open_day"
    __table_args__ = (*_once("weekday"), _one_speaks(), CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"))
    __scope__ = WHOSE

    id: Mapped[Id]
    weekday: Mapped[int]


class Closure(Said, Model):
    """Days on which one is closed, both included: Tết, summer, a flood. Those of all levels add up."""

    __tablename__ = "closure"
    __table_args__ = (
        Index(None, "branch_id", "last_on"),
        Index(None, "organisation_id", "last_on"),
        Index(None, "place_id"),
        _one_speaks(),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = WHOSE

    id: Mapped[Id]
    first_on: Mapped[date]
    last_on: Mapped[date]
    why: Mapped[str]


class ExtraOpening(Said, Model):
    """Open that day all the same: against weekdays, holidays, and closures that are not said nearer."""

    __tablename__ = "extra_opening"
    __table_args__ = (*_once("day"), _one_speaks())
    __scope__ = WHOSE

    id: Mapped[Id]
    day: Mapped[date]
    why: Mapped[str]


class HolidayChoice(Said, Model):
    """Whether one closes on a public holiday. The nearest that speaks of it decides; nobody: closed."""

    __tablename__ = "holiday_choice"
    __table_args__ = (*_once("kind"), _one_speaks())
    __scope__ = WHOSE

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(doc="A key of `holidays.KINDS`: tet, hung-kings.")
    kept: Mapped[bool] = mapped_column(doc="Closed on it.")


class PlaceOpening(Model):
    """A place that opens on listed days only: a stop of the van. One row is enough for the weekdays to say nothing."""

    __tablename__ = "place_opening"
    __table_args__ = (Index(None, "day"),)
    __scope__ = "place_id>place.branch_id:branch"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


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


class TermKind(StrEnum):
    FIRST = "first"
    SECOND = "second"
    SUMMER = "summer"


class Term(Model):
    """A part of a school year: học kỳ I, học kỳ II, hè. Holds for whoever stands below and says nothing of that year."""

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("school_year_id", "kind"),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "school_year_id>school_year.organisation_id:library"

    id: Mapped[Id]
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id", ondelete="RESTRICT"))
    kind: Mapped[TermKind]
    first_on: Mapped[date]
    last_on: Mapped[date]
