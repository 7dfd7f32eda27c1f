"""Organisations, branches, the tree, codes and running numbers."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Key, Model


class OrganisationKind(StrEnum):
    PROVINCE = "province"
    COMMUNE = "commune"
    SCHOOL = "school"
    LEARNING_CENTRE = "learning-centre"
    OTHER = "other"


class BranchKind(StrEnum):
    MAIN = "main"
    SITE = "site"


class CodeKind(StrEnum):
    """What a code stands for; the first digit of the codes we make ourselves."""

    CARD = "card"
    ITEM = "item"
    SHELF = "shelf"
    CLASS = "class"
    CRATE = "crate"
    STOP = "stop"
    STAFF = "staff"


class Organisation(Model):
    """A library in the legal sense: it owns books, issues codes and employs people."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),)
    __scope__ = "id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind]
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(doc="For labels and narrow screens.")
    slug: Mapped[str] = mapped_column(unique=True, doc="In addresses: tieu-hoc-xuat-hoa.")
    number: Mapped[int] = mapped_column(unique=True, doc="Four digits inside every code it prints.")
    legacy_code: Mapped[str | None]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    network_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"),
        index=True,
        doc="The root whose titles it shares; itself for a root.",
    )
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))

    branches: Mapped[list["Branch"]] = relationship(back_populates="organisation", order_by="Branch.id")


class Parentage(Model):
    """Who stood above whom, and when. One parent on any day."""

    __tablename__ = "parentage"
    __table_args__ = (
        UniqueConstraint("child_id", "from_on"),
        Index(
            "uq_parentage_child_now",
            "child_id",
            unique=True,
            sqlite_where=text("to_on IS NULL"),
            postgresql_where=text("to_on IS NULL"),
        ),
        CheckConstraint("child_id <> parent_id", name="not_its_own_parent"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )
    __scope__ = "child_id:library"

    id: Mapped[Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Branch(Model):
    """A place of work with a door: the main library of a school, a satellite site (điểm trường)."""

    __tablename__ = "branch"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    __scope__ = "id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[BranchKind]
    name: Mapped[str]
    commune_code: Mapped[str | None] = mapped_column(doc="Five digits, as the state numbers communes.")
    closed_on: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship(back_populates="branches")


class Code(Model):
    """What a scanner reads. Belongs to one issuer; a link row of the thing itself (card, copy) points here.

    Resolved as of the moment of the scan: a code taken out of use keeps its meaning for its time.
    """

    __tablename__ = "code"
    __table_args__ = (
        Index(
            "uq_code_in_use",
            "issuer_id",
            "folded",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index(None, "folded"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
    )
    __scope__ = "issuer_id:library"

    id: Mapped[Id]
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    kind: Mapped[CodeKind]
    folded: Mapped[str] = mapped_column(Key, doc="As `fold_code` makes it: capitals and digits.")
    printed: Mapped[str] = mapped_column(doc="As it stands on paper.")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Counter(Model):
    """The last number given in a series of one library. Locked before anything else (lock order)."""

    __tablename__ = "counter"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True, doc="item, card, receipt, or an accession prefix.")
    last: Mapped[int] = mapped_column(default=0)
