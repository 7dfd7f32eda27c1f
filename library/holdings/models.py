"""Places, copies, and the ledger of movements."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.catalogue.models import Record
from library.core.db import Id, Key, Model
from library.organisations.models import Branch, Code


class PlaceKind(StrEnum):
    STACKS = "stacks"
    CLASS_SHELF = "class-shelf"
    VEHICLE_SHELF = "vehicle-shelf"
    STOP = "stop"
    """Where a vehicle stands on listed days; what waits there for readers is aboard it."""
    DEPOT = "depot"
    HOLD_SHELF = "hold-shelf"
    REPAIR = "repair"
    PROCESSING = "processing"
    IN_TRANSIT = "in-transit"
    WITH_PATRONS = "with-patrons"
    UNKNOWN = "unknown"


ONE_A_BRANCH = (PlaceKind.IN_TRANSIT, PlaceKind.WITH_PATRONS, PlaceKind.UNKNOWN)


class Register(StrEnum):
    """Whether a copy stands in the accession register."""

    LISTED = "listed"
    OUTSIDE = "outside"
    WRITTEN_OFF = "written-off"
    STRUCK_OUT = "struck-out"
    GONE = "gone"
    """Never was in the register, and is with us no longer: given back, passed on."""


class Ownership(StrEnum):
    LIBRARY = "library"
    CLASS = "class"
    PARENTS = "parents"
    PUPIL = "pupil"
    DONOR = "donor"
    EXTERNAL = "external"


class Condition(StrEnum):
    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"


class LineState(StrEnum):
    USED = "used"
    RESERVED = "reserved"
    STRUCK_OUT = "struck-out"


class Why(StrEnum):
    """What was going on when a copy came to a place."""

    ACCESSION = "accession"
    LEND = "lend"
    RENEW = "renew"
    DESK = "desk"
    SHELVE = "shelve"
    STOCKTAKE = "stocktake"
    REVIEW = "review"
    SEND = "send"
    RECEIVE = "receive"
    MISSING = "missing"
    SETTLE = "settle"


class Basis(StrEnum):
    """How we know. Only a scan is seeing; the others count while no scan is newer than what they rest on."""

    SCAN = "scan"
    COUNT = "count"
    ASSERTION = "assertion"
    INFERENCE = "inference"


class Place(Model):
    """Somewhere a copy can physically be. Every copy is in exactly one, always."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("branch_id", "name"),
        Index("uq_place_one_a_branch", "branch_id", "kind", unique=True,
              sqlite_where=text("kind IN ('in-transit', 'with-patrons', 'unknown')"),
              postgresql_where=text("kind IN ('in-transit', 'with-patrons', 'unknown')")),
    )  # fmt: skip
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    kind: Mapped[PlaceKind]
    name: Mapped[str]
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    closed_on: Mapped[date | None]

    branch: Mapped[Branch] = relationship()


class Receipt(Model):
    """How copies came: bought, given, from the province. A line of the general register."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("library_id", "general_no"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    source: Mapped[str]
    voucher: Mapped[str | None]
    general_no: Mapped[str | None] = mapped_column(doc="Running number in the general register; may come later.")
    received_on: Mapped[date]
    note: Mapped[str | None]
    retrospective: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"),
        doc="Nhập hồi cố: the copies were here before the machine; they are no accessions of any period it counts.",
    )  # fmt: skip


class ItemClass(Model):
    """A sort of copies with rules of its own: textbooks, reference, audio. Of a network.

    `code` may be a kind of titles (STN, SGK) or a format (audio): copies of such titles are of it without being told.
    """

    __tablename__ = "item_class"
    __table_args__ = (UniqueConstraint("network_id", "code"),)
    __scope__ = "network_id:network"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    code: Mapped[str]
    name: Mapped[str]
    limit_group: Mapped[str | None] = mapped_column(doc="Classes with the same word here share one limit.")


class Item(Model):
    """A copy. `place`, `seen_at` and `seen_uid` repeat the movement that counts last: only the ledger writes them."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("(register_status IN ('outside', 'gone')) = (accession IS NULL)", name="listed_has_accession"),
        Index("uq_item_accession", "library_id", "accession_folded", unique=True,
              sqlite_where=text("accession_folded IS NOT NULL"), postgresql_where=text("accession_folded IS NOT NULL")),
        Index(None, "accession_folded"),
        Index(None, "record_id", "library_id"),
        Index(None, "place_id"),
        Index(None, "label_printed_at", "library_id"),
        Index("ix_item_held", "branch_id", "accessioned_on", "register_status", "record_id", "receipt_id"),
    )  # fmt: skip
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Who answers for it."
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), doc="Its owner branch.")
    register_status: Mapped[Register]
    accession: Mapped[str | None] = mapped_column(doc="Số đăng ký cá biệt: TN.00627.")
    accession_folded: Mapped[str | None] = mapped_column(Key)
    accessioned_on: Mapped[date]
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id", ondelete="RESTRICT"), index=True)
    price: Mapped[int | None] = mapped_column(doc="Đồng.")
    ownership: Mapped[Ownership] = mapped_column(default=Ownership.LIBRARY)
    owner_patron_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    owner_class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    home_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    seen_at: Mapped[datetime]
    seen_uid: Mapped[UUID]
    condition: Mapped[Condition] = mapped_column(default=Condition.GOOD)
    not_for_loan: Mapped[bool] = mapped_column(default=False)
    label_printed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(doc="Shown in passing when the copy is scanned.")
    item_class_id: Mapped[int | None] = mapped_column(
        ForeignKey("item_class.id", ondelete="RESTRICT"), doc="None: as its title's kind or format says."
    )
    parts: Mapped[str | None] = mapped_column(doc="What belongs to it and must come back: 1 bản đồ, 2 đĩa.")

    record: Mapped[Record] = relationship()
    home: Mapped[Place] = relationship(foreign_keys=[home_id])
    place: Mapped[Place] = relationship(foreign_keys=[place_id])
    branch: Mapped[Branch] = relationship()


class ItemCode(Model):
    """A code stands for a copy."""

    __tablename__ = "item_code"
    __scope__ = "item_id>item.library_id:library"

    code_id: Mapped[int] = mapped_column(ForeignKey("code.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), index=True)

    code: Mapped[Code] = relationship()


class RegisterLine(Model):
    """A line of the accession register: every number up to the highest has one, never two."""

    __tablename__ = "register_line"
    __table_args__ = (
        CheckConstraint("(state = 'used') = (item_id IS NOT NULL) OR state = 'struck-out'", name="used_has_item"),
        CheckConstraint("state <> 'struck-out' OR reason IS NOT NULL", name="struck_out_has_reason"),
    )
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True, doc="The prefix: TN.")
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[LineState]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), unique=True)
    reason: Mapped[str | None]


class Movement(Model):
    """An item came to a place. Rows are added, never changed (a trigger sees to it)."""

    __tablename__ = "movement"
    __table_args__ = (
        Index(None, "item_id", "occurred_at"),
        Index(None, "act_id"),
        CheckConstraint("occurred_at <= recorded_at", name="not_from_the_future"),
        CheckConstraint("(basis = 'scan') = (rests_on IS NULL)", name="seeing_rests_on_nothing"),
    )
    __scope__ = "place_id>place.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, doc="uuid5(act, item).")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    why: Mapped[Why]
    basis: Mapped[Basis]
    occurred_at: Mapped[datetime] = mapped_column(doc="When it happened.")
    recorded_at: Mapped[datetime] = mapped_column(doc="When the server heard of it.")
    rests_on: Mapped[datetime | None] = mapped_column(doc="The moment of the evidence; none for a scan.")


class Stay(Model):
    """A copy deliberately stays somewhere that is not its home: a class shelf, a deposit, a display.

    Also a fact with its moment: a row without a place says "the stay ended here". `ended_at` is worked out from the
    sorted rows of that copy.
    """

    __tablename__ = "stay"
    __table_args__ = (
        Index("uq_stay_open", "item_id", unique=True,
              sqlite_where=text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided"),
              postgresql_where=text("ended_at IS NULL AND place_id IS NOT NULL AND NOT voided")),
        Index(None, "item_id", "occurred_at"),
        Index(None, "place_id"),
        Index(None, "act_id"),
        CheckConstraint("ended_at IS NULL OR ended_at >= occurred_at", name="ends_after_it_begins"),
    )  # fmt: skip
    __scope__ = "item_id>item.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    why: Mapped[str]
    until_on: Mapped[date | None]
    occurred_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)


class Transfer(Model):
    """Somebody asked a copy to go somewhere. One open at a time; a wrong arrival leaves it open."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("uq_transfer_open", "item_id", unique=True,
              sqlite_where=text("arrived_at IS NULL AND cancelled_at IS NULL"),
              postgresql_where=text("arrived_at IS NULL AND cancelled_at IS NULL")),
        Index(None, "to_id"),
        CheckConstraint("arrived_at IS NULL OR cancelled_at IS NULL", name="one_end"),
    )  # fmt: skip
    __scope__ = "item_id>item.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    to_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    arrived_at: Mapped[datetime | None]
    arrived_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled_why: Mapped[str | None] = mapped_column(doc="hold-gone, replaced, lost, not-found, by-hand, undone.")
    from_id: Mapped[int | None] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"),
        doc="Where the copy was when it was asked; None: asked before we kept it.",
    )
