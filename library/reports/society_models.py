"""The learning society in numbers: what a commune tells of a year, the branches of its association, and what is asked for.

What was told is only ever added: of one number the last that stands counts, so that taking it back brings the former back.
"""

from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model


class SocietyLine(Model):
    """A line of a network's own list. A network without any has the shipped list (`data/hoc-tap-suot-doi.json`)."""

    __tablename__ = "society_line"
    __table_args__ = (UniqueConstraint("library_id", "code"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="The root of the network."
    )
    code: Mapped[str]
    position: Mapped[int]
    label: Mapped[str]
    unit: Mapped[str]
    whole: Mapped[str | None] = mapped_column(doc="The line it is a share of; None: a plain number.")
    targets: Mapped[dict[str, int]] = mapped_column(JSON, doc="By year, in tenths of a per cent: {'2030': 850}.")


class SocietyCount(Model):
    """A unit's number of a line in a year. None: it said there is none to tell after all."""

    __tablename__ = "society_count"
    __table_args__ = (
        Index(None, "organisation_id", "year"),
        Index(None, "act_id"),
        CheckConstraint("value IS NULL OR value >= 0", name="no_less_than_none"),
        CheckConstraint("year BETWEEN 1990 AND 2200", name="year"),
    )
    __scope__ = "organisation_id:library"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    year: Mapped[int]
    code: Mapped[str]
    value: Mapped[int | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class SocietyBranch(Model):
    """A branch of the association for the promotion of learning: of a hamlet, a clan, a school."""

    __tablename__ = "society_branch"
    __table_args__ = (Index(None, "organisation_id"),)
    __scope__ = "organisation_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class SocietyMembers(Model):
    """How many members a branch had in a year, as its unit of that year told. None: there is no such branch any more."""

    __tablename__ = "society_members"
    __table_args__ = (
        Index(None, "organisation_id", "year"),
        Index(None, "branch_id"),
        Index(None, "act_id"),
        CheckConstraint("members IS NULL OR members >= 0", name="no_less_than_none"),
        CheckConstraint("year BETWEEN 1990 AND 2200", name="year"),
    )
    __scope__ = "organisation_id:library"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("society_branch.id", ondelete="RESTRICT"))
    year: Mapped[int]
    members: Mapped[int | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    branch: Mapped[SocietyBranch] = relationship()
