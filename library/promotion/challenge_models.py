"""Reading challenges: whose, what is counted, which numbers are milestones, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.organisations.models import Branch


class Reach(StrEnum):
    """Who takes part."""

    CLASS = "class"
    """Chosen classes."""
    GRADE = "grade"
    """All classes of chosen grades."""
    SCHOOL = "school"
    """Every class of the school."""
    LIBRARY = "library"
    """Every reader of the library, with or without a class."""
    BELOW = "below"
    """The schools and libraries below: a board of schools, from what they counted."""


class Unit(StrEnum):
    BOOKS = "books"
    PAGES = "pages"
    MINUTES = "minutes"
    DAYS = "days"


class MarkOf(StrEnum):
    """Who reaches a milestone."""

    READER = "reader"
    CLASS = "class"
    ALL = "all"
    """Everybody together."""


class Challenge(Model):
    """So much is to be read from one day to another. Open: reckoned anew whenever it is looked at. `settled_at`: its
    results stand as they were then."""

    __tablename__ = "challenge"
    __table_args__ = (
        Index(None, "branch_id", "first_on"),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    name: Mapped[str]
    note: Mapped[str | None]
    reach: Mapped[Reach]
    unit: Mapped[Unit]
    first_on: Mapped[date]
    last_on: Mapped[date]
    settled_at: Mapped[datetime | None]
    followed_on: Mapped[date | None] = mapped_column(
        doc="The night that looked last what was reached; reopened: until when none looks."
    )
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled: Mapped[bool] = mapped_column(default=False)

    branch: Mapped[Branch] = relationship()
    groups: Mapped[list["ChallengeGroup"]] = relationship(cascade="all, delete-orphan", order_by="ChallengeGroup.id")
    marks: Mapped[list["ChallengeMark"]] = relationship(cascade="all, delete-orphan", order_by="ChallengeMark.amount")


class ChallengeGroup(Model):
    """A class or a grade that takes part."""

    __tablename__ = "challenge_group"
    __table_args__ = (
        UniqueConstraint("challenge_id", "class_id", "grade"),
        CheckConstraint("(class_id IS NULL) <> (grade IS NULL)", name="class_or_grade"),
    )
    __scope__ = "challenge_id>challenge.branch_id:branch"

    id: Mapped[Id]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    grade: Mapped[int | None]


class ChallengeMark(Model):
    """So much earns a certificate."""

    __tablename__ = "challenge_mark"
    __table_args__ = (
        UniqueConstraint("challenge_id", "of", "amount"),
        CheckConstraint("amount > 0", name="something_read"),
    )
    __scope__ = "challenge_id>challenge.branch_id:branch"

    id: Mapped[Id]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="RESTRICT"))
    of: Mapped[MarkOf]
    amount: Mapped[int]
    name: Mapped[str]


class ChallengeEntry(Model):
    """Read, and no loan nor reading log tells of it: ticked by a teacher. Without a membership: the class together.

    Goes when the library forgets loans; what came of it stands in the results.
    """

    __tablename__ = "challenge_entry"
    __table_args__ = (
        Index(None, "challenge_id", "class_id"),
        Index(None, "membership_id"),
        Index(None, "act_id"),
        CheckConstraint("quantity > 0", name="something_read"),
    )
    __scope__ = "challenge_id>challenge.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    read_on: Mapped[date]
    quantity: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)


class ChallengeResult(Model):
    """What a class, a school or all together came to when the challenge was settled: numbers only."""

    __tablename__ = "challenge_result"
    __table_args__ = (UniqueConstraint("challenge_id", "name"),)
    __scope__ = "challenge_id>challenge.branch_id:branch"

    id: Mapped[Id]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(doc="Of the class or the school, as it was called then; '': together.")
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    size: Mapped[int] = mapped_column(doc="How many belonged to it.")
    readers: Mapped[int] = mapped_column(doc="How many of them read anything.")
    amount: Mapped[int]
    reached: Mapped[dict[str, int]] = mapped_column(
        JSON, doc="Per milestone of readers (its amount) how many stand exactly at it."
    )
