"""Persons, memberships, cards, classes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    blocked_until: Mapped[date | None] = mapped_column(
        doc="May not borrow through this day; the last day of all days: until somebody says so."
    )
    blocked_why: Mapped[str | None] = mapped_column(doc="In a few words, for the desk.")
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


class ReaderWord(Model):
    """A word of a reader's folded name, or '=' and the first letters of all its words, in the order of names.

    Written by the database itself, from `person` and `membership`, whoever changes them: see migration 0010.
    """

    __tablename__ = "reader_word"
    __table_args__ = (
        Index("ix_reader_word_anywhere", "word", "name_sort", "membership_id", "library_id"),
        Index("ix_reader_word_membership_id", "membership_id", "word"),
        {"sqlite_with_rowid": False},
    )
    __scope__ = "membership_id>membership.library_id:library"

    library_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="The membership's.")
    word: Mapped[str] = mapped_column(Key, primary_key=True)
    name_sort: Mapped[str] = mapped_column(Key, primary_key=True, doc="The person's.")
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"), primary_key=True)


class GroupReader(Model):
    """A class set, a teacher's set, another institution: it borrows in its own name, and a person answers for it."""

    __tablename__ = "group_reader"
    __table_args__ = (Index(None, "responsible_id"), CheckConstraint("most > 0", name="may_hold_something"))
    __scope__ = "membership_id>membership.library_id:library"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    responsible_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), doc="A reader of the same library."
    )
    most: Mapped[int | None] = mapped_column(doc="Books held at once; None: as its category.")

    membership: Mapped[Membership] = relationship(foreign_keys=[membership_id])
    responsible: Mapped[Membership | None] = relationship(foreign_keys=[responsible_id])


STANDS = "undone_by IS NULL"


class PersonMerge(Model):
    """`gone` is the same human being as `kept`. The row stays when they are taken apart again; `undone_by` is that act."""

    __tablename__ = "person_merge"
    __table_args__ = (
        Index(None, "kept_id"),
        Index(None, "gone_id"),
        Index("uq_person_merge_stands", "gone_id", unique=True,
              sqlite_where=text(STANDS), postgresql_where=text(STANDS)),
        CheckConstraint("kept_id <> gone_id", name="two_people"),
    )  # fmt: skip
    __scope__ = "kept_id>person.network_id:network"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    moved: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="Ids of what moved and names of what was filled in; no values."
    )
    made_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    kept: Mapped[Person] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Person] = relationship(foreign_keys=[gone_id])


class PersonApart(Model):
    """Somebody looked at both and said that they are two people: the pair is not shown again."""

    __tablename__ = "person_apart"
    __table_args__ = (
        Index(None, "other_id"),
        CheckConstraint("one_id < other_id", name="in_order"),
    )
    __scope__ = "one_id>person.network_id:network"

    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    account: Mapped[UUID | None]
    made_at: Mapped[datetime]


class PupilDetailRule(Model):
    """This library keeps parents' names and ethnicity of its pupils, and says why. Without a row it does not."""

    __tablename__ = "pupil_detail_rule"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    why: Mapped[str]
    account: Mapped[UUID | None]
    since: Mapped[datetime]


class PupilDetail(Model):
    """What a library that asked for it knows of a pupil's family. Its own, not the network's: it goes when the library
    stops asking, and with the reader."""

    __tablename__ = "pupil_detail"
    __table_args__ = (Index(None, "library_id"),)
    __scope__ = "library_id:library"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    parents: Mapped[str] = mapped_column(doc="Names alone, parted by '; '; '' where the list has none.")
    ethnicity: Mapped[str]


class Rollover(Model):
    """The pupils of a school went into the next school year, in one act."""

    __tablename__ = "rollover"
    __table_args__ = (Index(None, "library_id", "made_at"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    year: Mapped[str] = mapped_column(doc="The label of the year they went into.")
    figures: Mapped[list[Any]] = mapped_column(JSON, doc="[class, next class, up, repeating, leaving] of each class.")
    moved: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="What was changed, as `rolling` keeps it for taking back. None once forgotten."
    )
    made_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
