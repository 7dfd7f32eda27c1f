"""Persons, memberships, cards, classes."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Key, Model
from library.organisations.models import Code, Organisation


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class PatronGroup(StrEnum):
    """How categories are counted upwards."""

    PUPIL = "pupil"
    TEACHER = "teacher"
    CITIZEN = "citizen"
    GROUP = "group"


class Person(Model):
    """A human being, as little of them as a library needs. No photo, telephone or address here."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "name_folded"),
        Index("uq_person_student_code", "network_id", "student_code", unique=True,
              sqlite_where=text("student_code IS NOT NULL"), postgresql_where=text("student_code IS NOT NULL")),
    )  # fmt: skip
    __scope__ = "network_id:network"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    full_name: Mapped[str]
    name_sort: Mapped[str] = mapped_column(Key, doc="tên, họ, đệm.")
    name_folded: Mapped[str] = mapped_column(Key)
    sex: Mapped[Sex | None]
    born_on: Mapped[date | None] = mapped_column(doc="1 January where only the year is known: see born_year_only.")
    born_year_only: Mapped[bool] = mapped_column(default=False)
    student_code: Mapped[str | None] = mapped_column(doc="Of the ministry; never printed on a card.")


class Category(Model):
    """Kind of reader in a network: pupil, teacher, citizen, a class as a group."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("network_id", "code"),)
    __scope__ = "network_id:network"

    id: Mapped[Id]
    network_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    code: Mapped[str]
    name: Mapped[str]
    group: Mapped[PatronGroup]


class SchoolClass(Model):
    """ "5A" of one school year."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("school_year_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id", ondelete="RESTRICT"))
    name: Mapped[str]
    name_sort: Mapped[str] = mapped_column(Key)
    grade: Mapped[int | None] = mapped_column(doc="1 to 12; none for a mixed class.")


class Membership(Model):
    """A person reads at a library, as something, from one day to another."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_open", "person_id", "library_id", unique=True,
              sqlite_where=text("to_on IS NULL"), postgresql_where=text("to_on IS NULL")),
        Index(None, "library_id", "class_id"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )  # fmt: skip
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    to_on: Mapped[date | None] = mapped_column(doc="The day it ended; the row stays.")
    expires_on: Mapped[date | None] = mapped_column(doc="The card is good through this day.")
    blocked_until: Mapped[date | None] = mapped_column(doc="May not borrow through this day.")
    note: Mapped[str | None]

    person: Mapped[Person] = relationship()
    library: Mapped[Organisation] = relationship()
    category: Mapped[Category] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship()


class Card(Model):
    """A code stands for a membership. A lost card is ended, and its code with it."""

    __tablename__ = "card"
    __table_args__ = (
        Index("uq_card_in_use", "membership_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip
    __scope__ = "membership_id>membership.library_id:library"

    code_id: Mapped[int] = mapped_column(ForeignKey("code.id", ondelete="RESTRICT"), primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"), index=True)
    ended_at: Mapped[datetime | None]
    lost: Mapped[bool] = mapped_column(default=False)

    code: Mapped[Code] = relationship()
    membership: Mapped[Membership] = relationship()
