"""Loans and what belongs to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, and_, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library import files
from library.core.db import Id, Model
from library.holdings.models import Condition, Item
from library.patrons.models import Membership


class EndWhy(StrEnum):
    RETURNED = "returned"
    LENT_ON = "lent-on"
    SETTLED = "settled"


OPEN = "ended_at IS NULL AND NOT voided"
LOST = "lost_at IS NOT NULL AND NOT voided"
AT_PLACE = "place_id IS NOT NULL AND ended_at IS NULL AND NOT voided"


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
        Index("ix_loan_lost", "item_id", sqlite_where=text(LOST), postgresql_where=text(LOST)),
        Index("ix_loan_place", "place_id", "due_on", sqlite_where=text(AT_PLACE), postgresql_where=text(AT_PLACE)),
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
    lost_at: Mapped[datetime | None] = mapped_column(doc="As the marks that stand say; see LoanMark.")
    claimed_at: Mapped[datetime | None] = mapped_column(doc="The reader says it was returned; as the marks say.")
    channel: Mapped[str] = mapped_column(default="desk", server_default="desk")
    item_class_id: Mapped[int | None] = mapped_column(
        ForeignKey("item_class.id", ondelete="RESTRICT"), doc="The copy's, that day."
    )
    on_site: Mapped[bool] = mapped_column(default=False, server_default=false(), doc="To be read in the house.")
    unseen_renewals: Mapped[int] = mapped_column(default=0, server_default="0", doc="Of `renewals`, without the book.")
    penalty: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="As lent: grace (days), counts (are they counted once over), per_day, most (-1: no cap). None: none."
    )
    amnesty_by: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"), doc="Late, and forgiven by that act."
    )
    doubts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, doc="Rules that would have said no, as codes.")
    override: Mapped[str | None] = mapped_column(doc="Why it was lent all the same.")
    voided: Mapped[bool] = mapped_column(default=False)
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"),
        doc="The stop or site where it was lent, whose openings say when it is due; None: the branch's desk.",
    )

    item: Mapped[Item] = relationship()
    membership: Mapped[Membership | None] = relationship()


def still_out(loan: Any = Loan) -> ColumnElement[bool]:
    """The reader has the book: neither ended nor undone; for reading in the house as well as at home.

    `loan`: Loan, an alias of it, or the columns of its table. The indexes of OPEN answer it.
    """
    return and_(loan.ended_at.is_(None), loan.voided.is_(False))


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
    unseen: Mapped[bool] = mapped_column(default=False, server_default=false(), doc="Nobody showed the book.")
    voided: Mapped[bool] = mapped_column(default=False)


class Hold(Model):
    """A reader waits for a title, or one copy of it, to be had at one place. `item_id` once a copy is kept for them.

    There is no stored position: whose turn it is, is worked out when a copy comes in, by priority and time.
    """

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
    ended_why: Mapped[str | None] = mapped_column(doc="fulfilled, cancelled, expired, undone, merged.")
    item_wanted_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="RESTRICT"), index=True, doc="This copy and no other; None: any of the title."
    )
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"), doc="Where it is fetched; None: the branch's hold shelf."
    )
    priority: Mapped[int] = mapped_column(default=0, server_default="0", doc="Higher is served earlier.")
    not_before: Mapped[date | None] = mapped_column(doc="Nothing is kept for them before this day.")
    suspended_until: Mapped[date | None] = mapped_column(doc="Passed over through this day, without losing their turn.")
    expires_on: Mapped[date | None] = mapped_column(doc="Not wanted after this day.")
    expires_visits: Mapped[int | None] = mapped_column(doc="Kept for so many openings of a stop, instead of days.")
    ready_at: Mapped[datetime | None] = mapped_column(doc="The copy stands at the pick-up place since then.")
    agreed_item_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="RESTRICT"), doc="A copy on a stay that its keeper lets go for this reader."
    )


class HoldChange(Model):
    """What an act changed of a hold, so that undoing it brings back what was. Added, never changed but to void."""

    __tablename__ = "hold_change"
    __table_args__ = (Index(None, "act_id"), Index(None, "hold_id"))
    __scope__ = "hold_id>hold.branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="RESTRICT"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Column: what it held, days and moments in ISO form.")
    why: Mapped[str | None] = mapped_column(doc="The reason given, where one was asked for.")
    voided: Mapped[bool] = mapped_column(default=False)


class HoldDecline(Model):
    """The keeper of a copy that deliberately stays somewhere does not let it go for this reader."""

    __tablename__ = "hold_decline"
    __table_args__ = (Index(None, "hold_id"), Index(None, "act_id"))
    __scope__ = "hold_id>hold.branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)


class MarkKind(StrEnum):
    """What was said of a loan beyond lending and returning."""

    LOST = "lost"
    LONG_OVERDUE = "long-overdue"
    CLAIMED = "claimed"
    CLEARED = "cleared"


class LoanMark(Model):
    """Somebody (or the night) said a thing of a loan. Added, never changed but to void; `Loan.lost_at` and `claimed_at`
    repeat what the last standing mark of a loan says."""

    __tablename__ = "loan_mark"
    __table_args__ = (UniqueConstraint("act_id", "loan_id"), Index(None, "loan_id"))
    __scope__ = "loan_id>loan.branch_id:branch"

    id: Mapped[Id]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"))
    kind: Mapped[MarkKind]
    occurred_at: Mapped[datetime]
    note: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)


class Suspension(Model):
    """A reader who brought a book back late borrows nothing for some days. Worked out from the loan's end and its
    `penalty`; worked out again after every late fact."""

    __tablename__ = "suspension"
    __table_args__ = (
        Index("uq_suspension_stands", "loan_id", unique=True,
              sqlite_where=text("NOT voided"), postgresql_where=text("NOT voided")),
        Index("ix_suspension_reader", "membership_id", "until_on",
              sqlite_where=text("NOT voided AND lifted_at IS NULL"),
              postgresql_where=text("NOT voided AND lifted_at IS NULL")),
        CheckConstraint("until_on >= from_on", name="ends_after_it_begins"),
    )  # fmt: skip
    __scope__ = "loan_id>loan.branch_id:branch"

    id: Mapped[Id]
    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="What ended the loan.")
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), doc="None once forgotten."
    )
    from_on: Mapped[date] = mapped_column(doc="The day of the return.")
    until_on: Mapped[date] = mapped_column(doc="The last day without borrowing.")
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    lifted_why: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)


class Harm(StrEnum):
    LOST = "lost"
    DAMAGED = "damaged"


class Settled(StrEnum):
    """How a compensation came to its end."""

    REPLACED = "replaced"
    PAID = "paid"
    WAIVED = "waived"
    FOUND = "found"


class Compensation(Model):
    """A reader owes the library a book: another copy, or its price in đồng. Never a fine. Rows are not deleted."""

    __tablename__ = "compensation"
    __table_args__ = (
        Index("uq_compensation_open", "item_id", unique=True,
              sqlite_where=text("settled_at IS NULL AND NOT voided"),
              postgresql_where=text("settled_at IS NULL AND NOT voided")),
        Index("ix_compensation_reader", "membership_id", sqlite_where=text("settled_at IS NULL AND NOT voided"),
              postgresql_where=text("settled_at IS NULL AND NOT voided")),
        UniqueConstraint("library_id", "minutes_no"),
        CheckConstraint("amount >= 0 AND (paid IS NULL OR paid >= 0)", name="not_negative"),
        CheckConstraint("(settled_at IS NULL) = (settled_how IS NULL)", name="end_has_a_way"),
        CheckConstraint("settled_how <> 'paid' OR paid IS NOT NULL", name="paid_names_the_sum"),
        CheckConstraint("settled_how <> 'replaced' OR replacement_id IS NOT NULL", name="replaced_names_the_copy"),
    )  # fmt: skip
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="What asked for it.")
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Whose book it was."
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"), index=True)
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), doc="None once forgotten."
    )
    harm: Mapped[Harm]
    asked_at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(doc="Đồng asked if no copy is brought.")
    minutes_no: Mapped[str | None] = mapped_column(doc="Number of the minutes (biên bản).")
    note: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    settled_how: Mapped[Settled | None]
    paid: Mapped[int | None] = mapped_column(doc="Đồng.")
    refunded: Mapped[int | None] = mapped_column(doc="Đồng given back when the book was found.")
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    settled_note: Mapped[str | None] = mapped_column(doc="Why it was waived; by which receipt it was paid.")
    written_off_by: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"), doc="The copy left the register by these minutes."
    )
    refunded_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)


class Settlement(Model):
    """One person proposes how a large compensation ends; another one agrees or not."""

    __tablename__ = "settlement"
    __table_args__ = (
        Index("uq_settlement_waits", "compensation_id", unique=True,
              sqlite_where=text("decided_by IS NULL AND NOT voided"),
              postgresql_where=text("decided_by IS NULL AND NOT voided")),
    )  # fmt: skip
    __scope__ = "compensation_id>compensation.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="Who proposed it is its actor.")
    compensation_id: Mapped[int] = mapped_column(ForeignKey("compensation.id", ondelete="RESTRICT"), index=True)
    how: Mapped[Settled]
    paid: Mapped[int | None] = mapped_column(doc="Đồng.")
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    write_off: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    agreed: Mapped[bool | None]
    voided: Mapped[bool] = mapped_column(default=False)


class LossSetting(Model):
    """What a library has decided of losses. Without a row: as `losses_settings.USUAL`."""

    __tablename__ = "loss_setting"
    __table_args__ = (CheckConstraint("approve_above >= 0", name="not_negative"),)
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    approve_above: Mapped[int | None] = mapped_column(
        doc="Đồng; above it a second person must agree. None: nobody need."
    )
    refunds: Mapped[bool] = mapped_column(default=True, doc="Money goes back when the book is found.")


class ConditionReport(Model):
    """How a copy looked when it came back. The photo's bytes are of `files`."""

    __tablename__ = "condition_report"
    __table_args__ = (Index(None, "item_id", "occurred_at"),)
    __scope__ = "item_id>item.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"))
    occurred_at: Mapped[datetime]
    before: Mapped[Condition]
    after: Mapped[Condition]
    note: Mapped[str | None]
    photo_key: Mapped[str | None] = mapped_column(info=files.KEY)
    voided: Mapped[bool] = mapped_column(default=False)


class DueShift(Model):
    """Due dates on closed days were moved to the next open one: one act, by a library for all below it or one branch."""

    __tablename__ = "due_shift"
    __table_args__ = (
        Index(None, "library_id", "made_at"),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    branch_id: Mapped[int | None] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), doc="This branch only; None: the library and all below it."
    )
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"), doc="Loans and kept copies of this place only: a stop."
    )
    first_on: Mapped[date] = mapped_column(doc="Due dates from this day on were looked at.")
    last_on: Mapped[date]
    why: Mapped[str]
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class DueMove(Model):
    """One loan's due date, or one kept copy's last day, that a shift moved. Only later, never earlier."""

    __tablename__ = "due_move"
    __table_args__ = (
        Index(None, "shift_id"),
        Index(None, "loan_id"),
        Index(None, "hold_id"),
        CheckConstraint("(loan_id IS NULL) <> (hold_id IS NULL)", name="of_one_thing"),
        CheckConstraint("after_on > before_on", name="only_later"),
    )
    __scope__ = "shift_id>due_shift.library_id:library"

    id: Mapped[Id]
    shift_id: Mapped[int] = mapped_column(ForeignKey("due_shift.id", ondelete="RESTRICT"))
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id", ondelete="RESTRICT"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="RESTRICT"))
    before_on: Mapped[date]
    after_on: Mapped[date]
    moved_at: Mapped[datetime]
    undone: Mapped[bool] = mapped_column(default=False)


class ReaderPin(Model):
    """A number the library gave a reader: with the card it opens "Sách của em", and nothing else. Only its hash is kept."""

    __tablename__ = "reader_pin"
    __scope__ = "membership_id>membership.library_id:library"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    pin_hash: Mapped[str]
    given_at: Mapped[datetime]


class ReaderSignIn(Model):
    """A reader looks at their own books. The cookie holds a random token, this row its SHA-256; gone after a day."""

    __tablename__ = "reader_sign_in"
    __table_args__ = (Index(None, "membership_id"),)
    __scope__ = "membership_id>membership.library_id:library"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
