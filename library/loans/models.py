"""Loans, renewals, terms."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.holdings.models import Item
from library.patrons.models import Membership


class EndWhy(StrEnum):
    RETURNED = "returned"
    LENT_ON = "lent-on"


OPEN = "ended_at IS NULL AND NOT voided"


class Loan(Model):
    """A reader has a book. At most one open loan a copy: the database holds to it."""

    __tablename__ = "loan"
    __table_args__ = (
        Index("uq_loan_open", "item_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_loan_held", "membership_id", "due_on", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index(None, "membership_id", "lent_at"),
        Index(None, "item_id", "lent_at"),
        Index(None, "branch_id", "lent_at"),
        Index("ix_loan_due", "branch_id", "due_on", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        CheckConstraint("ended_at IS NULL OR ended_at >= lent_at", name="ends_after_it_begins"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="end_has_a_reason"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), doc="None once forgotten."
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), doc="Where it was lent.")
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="RESTRICT"), doc="The reader's, that day."
    )
    lent_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(doc="The last day, renewals included.")
    renewals: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    ended_why: Mapped[EndWhy | None]
    ended_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    lost_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    doubts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, doc="Rules that would have said no, as codes.")
    override: Mapped[str | None] = mapped_column(doc="Why it was lent all the same.")
    voided: Mapped[bool] = mapped_column(default=False)

    item: Mapped[Item] = relationship()
    membership: Mapped[Membership | None] = relationship()


class Renewal(Model):
    """The reader keeps the book for longer."""

    __tablename__ = "renewal"
    __table_args__ = (Index(None, "loan_id"),)
    __scope__ = "loan_id>loan.branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"))
    occurred_at: Mapped[datetime]
    due_before: Mapped[date]
    due_on: Mapped[date]
    voided: Mapped[bool] = mapped_column(default=False)


class Terms(Model):
    """What a category of readers may do at a library. The most particular row holds; without any, nothing is lent."""

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("library_id", "category_id"),
        CheckConstraint("days >= 0 AND most >= 0 AND renewals >= 0", name="not_negative"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("category.id", ondelete="RESTRICT"), doc="None: every category."
    )
    days: Mapped[int] = mapped_column(doc="Length of a loan; 0 is due the same day.")
    most: Mapped[int] = mapped_column(doc="Books held at once.")
    renewals: Mapped[int] = mapped_column(default=1)
    overdue_blocks: Mapped[bool] = mapped_column(default=True, doc="Nothing more while something is late.")
    due_within_card: Mapped[bool] = mapped_column(default=True, doc="Never due after the card expires.")


class Hold(Model):
    """A reader waits for a title, to be had at one branch. `item_id` once a copy stands on the hold shelf for them."""

    __tablename__ = "hold"
    __table_args__ = (
        Index("uq_hold_waiting", "record_id", "membership_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("uq_hold_captured", "item_id", unique=True,
              sqlite_where=text("ended_at IS NULL AND item_id IS NOT NULL"),
              postgresql_where=text("ended_at IS NULL AND item_id IS NOT NULL")),
        Index(None, "branch_id", "placed_at"),
        CheckConstraint("(item_id IS NULL) = (captured_by IS NULL)", name="captured_by_an_act"),
    )  # fmt: skip
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    placed_at: Mapped[datetime]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    captured_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    keep_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    ended_why: Mapped[str | None]
