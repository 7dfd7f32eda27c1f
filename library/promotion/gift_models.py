"""Donors, what they gave, what became of it, and the funds that money goes to."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import BigId, Id, Key, Model, unique_where


class DonorKind(StrEnum):
    COLLECTIVE = "collective"
    """A class, a youth union, a group of parents."""
    ORGANISATION = "organisation"
    PERSON = "person"
    PUPIL = "pupil"


class GiftSort(StrEnum):
    BOOK = "book"
    TEXTBOOK = "textbook"
    MAGAZINE = "magazine"
    OTHER = "other"


class Worn(StrEnum):
    """How books are when they are given."""

    GOOD = "good"
    WORN = "worn"
    TORN = "torn"


class Fate(StrEnum):
    """What became of books that did not come into the register."""

    PASSED_ON = "passed-on"
    EXCHANGED = "exchanged"
    PULPED = "pulped"
    CLASS_SHELF = "class-shelf"
    """Put on a class shelf as the class's own."""


class Donor(Model):
    """Who gave. `name` is empty from the day they asked to be forgotten."""

    __tablename__ = "donor"
    __table_args__ = (
        unique_where("uq_donor_alike", "library_id", "kind", "folded", "about", where="folded IS NOT NULL"),
        CheckConstraint("(name IS NULL) = (folded IS NULL)", name="folded_with_name"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    kind: Mapped[DonorKind]
    name: Mapped[str | None]
    folded: Mapped[str | None] = mapped_column(Key)
    about: Mapped[str] = mapped_column(default="", doc="A pupil's class, a village: sets namesakes apart.")
    shown: Mapped[bool] = mapped_column(default=False, doc="A person or a pupil's parents agreed to be named.")


class Fund(Model):
    """Money given for reading: what came in less what was spent."""

    __tablename__ = "fund"
    __table_args__ = (unique_where("uq_fund_open", "library_id", "name", where="closed_on IS NULL"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    closed_on: Mapped[date | None]


class FundSpending(Model):
    """A line of what a fund paid for."""

    __tablename__ = "fund_spending"
    __table_args__ = (Index(None, "fund_id"), CheckConstraint("amount > 0", name="something_spent"))
    __scope__ = "fund_id>fund.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    spent_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigId, doc="Đồng.")
    what: Mapped[str]
    voucher: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)


class Gift(Model):
    """Copies or money given once by somebody: counted now, catalogued when there is time. `donor` None: not named."""

    __tablename__ = "gift"
    __table_args__ = (
        Index(None, "branch_id", "given_on"),
        Index(None, "drive_id"),
        Index(None, "donor_id"),
        Index(None, "fund_id"),
        CheckConstraint("money >= 0", name="money_comes_in"),
        CheckConstraint("(money > 0) = (fund_id IS NOT NULL)", name="money_has_fund"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    drive_id: Mapped[int | None] = mapped_column(ForeignKey("drive.id", ondelete="RESTRICT"))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(doc="12/2026, of the library and year.")
    given_on: Mapped[date]
    money: Mapped[int] = mapped_column(BigId, default=0, doc="Đồng.")
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    receipt_no: Mapped[str | None] = mapped_column(doc="Of the money; once given it stays with the gift.")
    letter_no: Mapped[str | None] = mapped_column(doc="Of the letter of thanks.")
    letter_on: Mapped[date | None]
    note: Mapped[str | None]
    cancelled: Mapped[bool] = mapped_column(default=False)

    donor: Mapped[Donor | None] = relationship()
    fund: Mapped[Fund | None] = relationship()
    lines: Mapped[list["GiftLine"]] = relationship(
        cascade="all, delete-orphan", order_by="GiftLine.sort, GiftLine.worn", lazy="selectin"
    )


class GiftLine(Model):
    """So many copies of one sort in one state."""

    __tablename__ = "gift_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="something_given"),)
    __scope__ = "gift_id>gift.branch_id:branch"

    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id", ondelete="RESTRICT"), primary_key=True)
    sort: Mapped[GiftSort] = mapped_column(primary_key=True)
    worn: Mapped[Worn] = mapped_column(primary_key=True)
    quantity: Mapped[int]


class GiftFate(Model):
    """What became of some copies of a gift that were not entered into the register."""

    __tablename__ = "gift_fate"
    __table_args__ = (Index(None, "gift_id"), CheckConstraint("quantity > 0", name="something_became"))
    __scope__ = "gift_id>gift.branch_id:branch"

    id: Mapped[Id]
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    fate: Mapped[Fate]
    quantity: Mapped[int]
    became_on: Mapped[date]
    where_to: Mapped[str | None] = mapped_column(doc="To whom, or which shelf.")
    voided: Mapped[bool] = mapped_column(default=False)


class GiftCopy(Model):
    """A copy of the register that came with a gift. One struck out of the register waits again."""

    __tablename__ = "gift_copy"
    __table_args__ = (Index(None, "gift_id"),)
    __scope__ = "gift_id>gift.branch_id:branch"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)


class GivingChange(Model):
    """An act that made or changed a drive or a gift, with what stood there before; nothing: it was made."""

    __tablename__ = "giving_change"
    __table_args__ = (
        Index(None, "drive_id"),
        Index(None, "gift_id"),
        CheckConstraint("(drive_id IS NULL) <> (gift_id IS NULL)", name="of_one_thing"),
    )
    __scope__ = "drive_id>drive.branch_id:branch or gift_id>gift.branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    drive_id: Mapped[int | None] = mapped_column(ForeignKey("drive.id", ondelete="RESTRICT"))
    gift_id: Mapped[int | None] = mapped_column(ForeignKey("gift.id", ondelete="RESTRICT"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    voided: Mapped[bool] = mapped_column(default=False)
