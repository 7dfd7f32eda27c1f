"""The table of rules."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model
from library.policies.values import (
    Channel,
    ClosedDays,
    HardWhen,
    HoldReach,
    Lending,
    LengthKind,
    RenewFrom,
    ReturnsGo,
    Stance,
)


class RulesOf(StrEnum):
    """Whose rules and calendar hold when the three differ."""

    DESK = "desk"
    COPY = "copy"
    READER = "reader"


_COUNTS = (
    "most", "most_of_class", "most_of_group", "most_on_site", "renewals", "unseen_renewals", "holds", "debt_most",
    "suspension_most", "lost_after_days",
)  # fmt: skip
_PLAIN = (
    "length_days", "renewal_days", "demand_holds", "demand_days", "hold_keep_days", "grace_days", "suspension_days",
)  # fmt: skip


class PolicyLine(Model):
    """What somebody decided for a part of the tree. An empty cell says nothing; 0 is a number; -1 is "no limit"."""

    __tablename__ = "policy_line"
    __table_args__ = (
        UniqueConstraint("owner_id", "place"),
        CheckConstraint(" AND ".join(f"({one} IS NULL OR {one} >= -1)" for one in _COUNTS), name="count_or_no_limit"),
        CheckConstraint(" AND ".join(f"({one} IS NULL OR {one} >= 0)" for one in _PLAIN), name="not_negative"),
        CheckConstraint(
            "length_kind IS NULL AND length_days IS NULL AND length_on IS NULL"
            " OR length_kind = 'days' AND length_days IS NOT NULL AND length_on IS NULL"
            " OR length_kind = 'date' AND length_on IS NOT NULL AND length_days IS NULL"
            " OR length_kind IN ('term-end', 'next-opening') AND length_days IS NULL AND length_on IS NULL",
            name="length_whole",
        ),
        CheckConstraint(
            "renewal_kind IS NULL AND renewal_days IS NULL AND renewal_on IS NULL"
            " OR renewal_kind = 'days' AND renewal_days IS NOT NULL AND renewal_on IS NULL"
            " OR renewal_kind = 'date' AND renewal_on IS NOT NULL AND renewal_days IS NULL"
            " OR renewal_kind IN ('term-end', 'next-opening') AND renewal_days IS NULL AND renewal_on IS NULL",
            name="renewal_whole",
        ),
        CheckConstraint("(hard_when IS NULL) = (hard_on IS NULL)", name="hard_whole"),
        CheckConstraint("(demand_holds IS NULL) = (demand_days IS NULL)", name="demand_whole"),
    )
    __scope__ = "owner_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    owner_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Holds for it and for all below it."
    )
    place: Mapped[str] = mapped_column(doc="The three keys below as one text, 3/-/desk: at most one line for each.")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"), doc="None: all.")
    item_class_id: Mapped[int | None] = mapped_column(
        ForeignKey("item_class.id", ondelete="RESTRICT"), doc="None: all."
    )
    channel: Mapped[Channel | None] = mapped_column(doc="None: all.")
    note: Mapped[str | None] = mapped_column(doc="Why it is so, for whoever comes after.")

    lending: Mapped[Lending | None]
    length_kind: Mapped[LengthKind | None]
    length_days: Mapped[int | None] = mapped_column(doc="0 is due the same day.")
    length_on: Mapped[date | None]
    hard_when: Mapped[HardWhen | None]
    hard_on: Mapped[date | None]
    due_within_card: Mapped[bool | None]
    closed_days: Mapped[ClosedDays | None]
    demand_holds: Mapped[int | None] = mapped_column(
        doc="From so many waiting readers on, loans are `demand_days` long."
    )
    demand_days: Mapped[int | None]
    most: Mapped[int | None] = mapped_column(doc="Books held at once, of all classes.")
    most_of_class: Mapped[int | None] = mapped_column(doc="Held at once among the classes this line speaks for.")
    most_of_group: Mapped[int | None] = mapped_column(doc="Held at once among classes with the same limit group.")
    most_on_site: Mapped[int | None] = mapped_column(doc="Read in the house at once.")
    over_limit: Mapped[Stance | None]
    renewals: Mapped[int | None]
    unseen_renewals: Mapped[int | None] = mapped_column(doc="Of these, without showing the book. None: as many.")
    renewal_kind: Mapped[LengthKind | None] = mapped_column(doc="None: as long as a loan.")
    renewal_days: Mapped[int | None]
    renewal_on: Mapped[date | None]
    renewal_from: Mapped[RenewFrom | None]
    renew_past_holds: Mapped[bool | None] = mapped_column(doc="Readers wait, but another copy is free: renew.")
    holds: Mapped[int | None] = mapped_column(doc="Titles waited for at once.")
    hold_keep_days: Mapped[int | None] = mapped_column(doc="A ready copy waits so long on the hold shelf.")
    hold_reach: Mapped[HoldReach | None]
    grace_days: Mapped[int | None]
    grace_counts: Mapped[bool | None] = mapped_column(doc="Once over grace, are its days counted too?")
    suspension_days: Mapped[int | None] = mapped_column(doc="Without borrowing, for each day late.")
    suspension_most: Mapped[int | None]
    overdue: Mapped[Stance | None]
    debt_most: Mapped[int | None] = mapped_column(doc="Đồng owed in compensation above which lending stops.")
    debt: Mapped[Stance | None]
    age: Mapped[Stance | None]
    lost_copy: Mapped[Stance | None]
    not_for_loan: Mapped[Stance | None]
    returns_go: Mapped[ReturnsGo | None]
    lost_after_days: Mapped[int | None] = mapped_column(doc="So many days late, a book is thought lost; -1: never.")


class PolicySetting(Model):
    """Which of the three libraries' rules a library lends by, and what it counts. Without a row: the desk's; no renewal."""

    __tablename__ = "policy_setting"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    rules_of: Mapped[RulesOf] = mapped_column(default=RulesOf.DESK)
    renewals_are_uses: Mapped[bool] = mapped_column(
        default=False, server_default=false(), doc="A renewal at its desks counts as one use of the book."
    )
