"""Documents used, visits made and what else is reported, with the facts of their day frozen in them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import BigId, Id, Model


class UseKind(StrEnum):
    HOME = "home"
    RENEWAL = "renewal"
    IN_HOUSE = "in-house"
    HONOUR = "honour"
    """Counted by colour at a shelf of the smallest: no copy is known."""
    CLASS_READ = "class-read"
    """Read in class or told by a diary: no copy is known."""
    TALLY = "tally"
    """Counted by box or colour where many read at once, at a stop or a rotation site: no copy is known."""
    DIGITAL = "digital"
    """A link of the catalogue was opened: the title is known, no copy."""


WITHOUT_COPY = (UseKind.HONOUR, UseKind.CLASS_READ, UseKind.TALLY, UseKind.DIGITAL)


class DocumentUse(Model):
    """`quantity` is 1 for a copy, any number where no copy is known, less than 0 for a row that takes an earlier one back.
    No reader's id stands here."""

    __tablename__ = "document_use"
    __table_args__ = (
        Index(None, "branch_id", "used_on"),
        Index(None, "act_id"),
        Index(None, "item_id", "occurred_at"),
        Index(None, "place_id", "used_on"),
        CheckConstraint("quantity <> 0 AND (item_id IS NULL OR quantity IN (1, -1))", name="one_or_back"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="back_names_what"),
        CheckConstraint(
            "item_id IS NOT NULL OR kind IN ('honour', 'class-read', 'tally', 'digital')", name="copy_is_known"
        ),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    kind: Mapped[UseKind]
    quantity: Mapped[int] = mapped_column(default=1)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("document_use.id", ondelete="RESTRICT"), unique=True)
    used_on: Mapped[date]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    class_name: Mapped[str | None]
    grade: Mapped[int | None]
    category: Mapped[str | None]
    reading_level: Mapped[int | None]
    class_mark: Mapped[str | None]
    channel: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"), doc="The shelf or stop where it was used; None: the branch's desk."
    )
    record_id: Mapped[int | None] = mapped_column(
        ForeignKey("record.id", ondelete="RESTRICT"), doc="The title, where it is known and the copy is not."
    )


class VisitKind(StrEnum):
    """How we know that somebody came."""

    CLASS = "class"
    """A class by its head-count."""
    SITE = "site"
    """Counted at a rotation site by whoever keeps it."""
    STOP = "stop"
    """Counted at a stop of a vehicle."""
    KIOSK = "kiosk"
    """Told by readers themselves at the door."""
    DESK = "desk"
    """A loan at the desk: one visit of this reader and day, however many books."""
    GUEST = "guest"
    """Somebody without a membership, counted by hand."""
    GATE = "gate"
    """The difference between two readings of a counter at the door."""
    SESSION = "session"
    """Came to a meeting, a lesson or a class held by the library or the learning centre."""


class Visitor(Model):
    """Whose visit it was, as long as that may be known: goes with the reader's name, the visit stays."""

    __tablename__ = "visitor"
    __table_args__ = (Index(None, "membership_id", "branch_id", "visited_on"),)
    __scope__ = "branch_id:branch"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="RESTRICT"), primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    visited_on: Mapped[date]


class UseSetting(Model):
    """What a library counts as a visit and as a use. No row: the defaults."""

    __tablename__ = "use_setting"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    loan_is_visit: Mapped[bool] = mapped_column(default=True)
    renewal_is_use: Mapped[bool] = mapped_column(default=True, doc="Reports count renewals among the uses.")
    repeat_minutes: Mapped[int] = mapped_column(
        default=60, doc="At the kiosk: the same reader within this is one visit."
    )
    kiosk_voice: Mapped[bool] = mapped_column(default=True)


class Happening(Model):
    """A figure of promotion as a fact: a meeting held, people who came, copies or đồng given. Written by
    `happenings.settle` from what people recorded, never by hand; rows are added, never changed.

    `measure` says what is counted (`happenings.Measure`), `sort` which kind of it, `audience` of whom.
    """

    __tablename__ = "happening"
    __table_args__ = (
        Index(None, "branch_id", "happened_on"),
        Index(None, "source"),
        Index(None, "act_id"),
        CheckConstraint("quantity <> 0", name="something_happened"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="back_names_what"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    measure: Mapped[str]
    quantity: Mapped[int] = mapped_column(BigId, doc="Đồng for money.")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("happening.id", ondelete="RESTRICT"), unique=True)
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(doc="event, drive, gift…: whose page a drill-down opens.")
    source: Mapped[UUID] = mapped_column(doc="The uid of what was recorded.")
    sort: Mapped[str | None]
    audience: Mapped[str | None]


class Visit(Model):
    """Readers who came (lượt bạn đọc): `quantity` of them, less than 0 for a row that takes an earlier one back."""

    __tablename__ = "visit"
    __table_args__ = (
        Index(None, "branch_id", "visited_on"),
        Index(None, "place_id", "visited_on"),
        Index(None, "act_id"),
        CheckConstraint("quantity <> 0", name="somebody_came"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="back_names_what"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    kind: Mapped[VisitKind]
    quantity: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="RESTRICT"), unique=True)
    visited_on: Mapped[date]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    class_name: Mapped[str | None]
    grade: Mapped[int | None]
    category: Mapped[str | None] = mapped_column(doc="pupil, teacher, citizen… where no class says it.")
    sex: Mapped[str | None] = mapped_column(doc="m, f; None: not told.")
    access_need: Mapped[str | None] = mapped_column(doc="disabled, blind; None: not told.")
