"""Sites, what they agreed to and wish for, batches with their lines, crates and legs, and what was signed for.

A batch goes from site to site by legs. A leg has lines of its own, one for each copy that set out: *asserted* when a list or
a sealed crate said so, *proved* once the copy was scanned. Who signed last for a copy answers for it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library import files
from library.core.db import Id, Key, Model, unique_where
from library.holdings.models import Condition, Item, Place
from library.organisations.models import Branch, Code, Organisation


class SiteKind(StrEnum):
    """What kind of place books are sent to (domain.md §3.1). Words of `site_words.KINDS`."""

    COMMUNE = "commune"
    VILLAGE = "village"
    POST_POINT = "post-point"
    LEARNING_CENTRE = "learning-centre"
    SCHOOL = "school"
    SCHOOL_SITE = "school-site"
    BORDER_POST = "border-post"
    PRISON = "prison"
    UNIT = "unit"
    LEGAL_SHELF = "legal-shelf"
    OTHER = "other"


class Site(Model):
    """Điểm luân chuyển: where batches stay. A library of the network, or a point without one, which is then a branch of
    whoever runs it. Copies that stay there stand in its place; loans there are its branch's."""

    __tablename__ = "rotation_site"
    __table_args__ = (
        UniqueConstraint("library_id", "name"),
        Index(None, "branch_id"),
        CheckConstraint("closed_on IS NULL OR closed_on >= from_on", name="ends_after_it_begins"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="both_or_neither"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="on_earth"),
    )
    __scope__ = "library_id:library or branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Who sends books there: the provincial library."
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), doc="Whose readers borrow.")
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), unique=True)
    kind: Mapped[SiteKind]
    name: Mapped[str]
    area: Mapped[str | None] = mapped_column(doc="Heading under which boards list it: Khu vực Ba Bể.")
    keeper_name: Mapped[str | None] = mapped_column(doc="Who is in charge there, as it stands under minutes.")
    keeper_title: Mapped[str | None]
    keeper_phone: Mapped[str | None]
    readers: Mapped[int | None] = mapped_column(doc="Pupils, or people served: quotas are worked out from it.")
    grades: Mapped[list[int]] = mapped_column(JSON, doc="Grades taught there; empty: none or all.")
    languages: Mapped[list[str]] = mapped_column(JSON, doc="Beside Vietnamese, as titles say theirs: hmn, tyz.")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    note: Mapped[str | None]
    from_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_why: Mapped[str | None]

    library: Mapped[Organisation] = relationship()
    branch: Mapped[Branch] = relationship()
    place: Mapped[Place] = relationship()


class Agreement(Model):
    """What a site and the library agreed to: how many copies at once, for how long, until when."""

    __tablename__ = "site_agreement"
    __table_args__ = (
        UniqueConstraint("site_id", "from_on"),
        CheckConstraint("to_on > from_on", name="ends_after_it_begins"),
        CheckConstraint("quota > 0 AND months > 0", name="says_something"),
    )
    __scope__ = "site_id>rotation_site.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("rotation_site.id", ondelete="RESTRICT"))
    number: Mapped[str | None] = mapped_column(doc="Of the paper.")
    quota: Mapped[int] = mapped_column(doc="Copies at once.")
    months: Mapped[int] = mapped_column(doc="A batch stays so long at most.")
    floats: Mapped[bool] = mapped_column(doc="Copies returned here stay here, as far as the cap lets them.")
    float_cap: Mapped[int | None] = mapped_column(
        doc="Copies that may stay by floating; more come into the next batch away."
    )
    from_on: Mapped[date]
    to_on: Mapped[date] = mapped_column(doc="The last day.")
    signed_name: Mapped[str | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    ended_on: Mapped[date | None] = mapped_column(doc="Ended before its time.")


class Survey(Model):
    """Khảo sát nhu cầu: sites are asked what they wish for the next round."""

    __tablename__ = "wish_survey"
    __table_args__ = (
        UniqueConstraint("library_id", "name"),
        CheckConstraint("closes_on >= opened_on", name="ends_after_it_begins"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    opened_on: Mapped[date]
    closes_on: Mapped[date]
    closed_on: Mapped[date | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class WishKind(StrEnum):
    TITLE = "title"
    SUBJECT = "subject"
    LEVEL = "level"
    LANGUAGE = "language"
    WORDS = "words"
    """What somebody asked for in their own words: Conan, truyện ma."""


class Wish(Model):
    """A site wishes for something: told in a survey, or asked for by readers and not there (nhu cầu chưa đáp ứng)."""

    __tablename__ = "site_wish"
    __table_args__ = (
        Index(None, "site_id", "wished_on"),
        Index(None, "survey_id"),
        CheckConstraint("quantity <> 0", name="somebody_wished"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="back_names_what"),
    )
    __scope__ = "site_id>rotation_site.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("rotation_site.id", ondelete="RESTRICT"))
    survey_id: Mapped[int | None] = mapped_column(
        ForeignKey("wish_survey.id", ondelete="RESTRICT"), doc="None: asked for between surveys, in the site's log."
    )
    kind: Mapped[WishKind]
    text: Mapped[str] = mapped_column(doc="A level's number, a subject, a language's code, or words.")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(doc="Copies wished, or times asked for.")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("site_wish.id", ondelete="RESTRICT"), unique=True)
    wished_on: Mapped[date]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)


class StockChange(Model):
    """A copy came into the rotation stock (its home is a depot since), or left it."""

    __tablename__ = "rotation_stock_change"
    __table_args__ = (Index(None, "item_id"), Index(None, "library_id", "changed_on"), Index(None, "act_id"))
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    joined: Mapped[bool] = mapped_column(doc="False: it left.")
    home_before: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    home_after: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    changed_on: Mapped[date]
    voided: Mapped[bool] = mapped_column(default=False)


class BatchKind(StrEnum):
    ROTATION = "rotation"
    """Luân chuyển: for a time, then on or home."""
    DEPOSIT = "deposit"
    """Gửi kho: until it is asked back, renewed one for one."""
    THEME = "theme"
    """Mượn theo chuyên đề: asked for by a site for one purpose."""
    EXCHANGE = "exchange"
    """Đổi sách: as many go home as come."""


class BatchState(StrEnum):
    """What is stored; "sắp hết hạn", "quá hạn" and "có chênh lệch" are worked out. Ways between them: `lifecycle.WAYS`."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PICKING = "picking"
    PACKED = "packed"
    IN_TRANSIT = "in-transit"
    SERVING = "serving"
    RETURNING = "returning"
    RECONCILED = "reconciled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Batch(Model):
    """Đợt luân chuyển: copies that travel together. Owner never changes; a copy is in at most one open batch."""

    __tablename__ = "rotation_batch"
    __table_args__ = (
        UniqueConstraint("library_id", "code"),
        Index(None, "library_id", "state"),
        CheckConstraint("planned_to > planned_from", name="ends_after_it_begins"),
        CheckConstraint("state <> 'cancelled' OR ended_why IS NOT NULL", name="cancelled_has_reason"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Whose books they are."
    )
    code: Mapped[str] = mapped_column(doc="LC26-014: of the library, counted by year.")
    kind: Mapped[BatchKind]
    theme: Mapped[str] = mapped_column(doc="Its name: Truyện thiếu nhi và khoa học vui.")
    decision: Mapped[str | None] = mapped_column(doc="Number of the decision by which it goes.")
    depot_id: Mapped[int] = mapped_column(
        ForeignKey("place.id", ondelete="RESTRICT"), doc="Where it is packed, and where it comes home to."
    )
    planned_from: Mapped[date]
    planned_to: Mapped[date] = mapped_column(doc="It should be home on this day.")
    wanted: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="What was asked of the proposal: {most, levels, grades, languages, subjects, years_apart…}."
    )
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("rotation_batch.id", ondelete="RESTRICT"), doc="The batch it takes the place of, one for one."
    )
    state: Mapped[BatchState]
    made_by: Mapped[UUID | None] = mapped_column(doc="The account: who plans does not approve.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    approved_name: Mapped[str | None]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None]
    note: Mapped[str | None]

    library: Mapped[Organisation] = relationship()
    depot: Mapped[Place] = relationship()
    legs: Mapped[list["Leg"]] = relationship(order_by="Leg.number", viewonly=True)


class BatchStep(Model):
    """The batch went from one state to another: its timeline."""

    __tablename__ = "rotation_step"
    __table_args__ = (Index(None, "batch_id", "at"), Index(None, "act_id"))
    __scope__ = "batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("rotation_batch.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    deed: Mapped[str] = mapped_column(doc="A word of `lifecycle.Deed`.")
    before: Mapped[BatchState | None]
    after: Mapped[BatchState]
    at: Mapped[datetime]
    note: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)


class Crate(Model):
    """Thùng sách: with its own code, a seal, and what was in it when it was sealed. Of one batch."""

    __tablename__ = "crate"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        CheckConstraint("(sealed_at IS NULL) = (sealed_by IS NULL)", name="sealed_by_somebody"),
        CheckConstraint("opened_at IS NULL OR sealed_at IS NOT NULL", name="opened_once_sealed"),
    )
    __scope__ = "batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("rotation_batch.id", ondelete="RESTRICT"))
    number: Mapped[int]
    code_id: Mapped[int] = mapped_column(ForeignKey("code.id", ondelete="RESTRICT"), unique=True)
    limit_grams: Mapped[int] = mapped_column(doc="It is full at this weight.")
    seal: Mapped[str | None] = mapped_column(doc="Number of the seal.")
    sealed_at: Mapped[datetime | None]
    sealed_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    weighed_grams: Mapped[int | None] = mapped_column(doc="On scales; None: as its books were estimated.")
    opened_at: Mapped[datetime | None] = mapped_column(doc="The seal was broken, on purpose or found so.")
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    code: Mapped[Code] = relationship()


class LineOutcome(StrEnum):
    """What became of a copy of the batch, in the end."""

    RETURNED = "returned"
    DAMAGED = "damaged"
    """Came home damaged."""
    LOST = "lost"
    KEPT = "kept"
    """Stays at the site, by agreement."""
    FORWARDED = "forwarded"
    """Went on in another batch."""
    WITH_READER = "with-reader"
    """A reader had it when the batch was closed; it goes home when it comes back: `settled_at`."""
    FOLLOWS = "follows"
    """It stood at a site when the batch was closed, without it: asked home, until it is there: `settled_at`."""
    LEFT_OUT = "left-out"
    """Never set out: not found, lent, held, taken out of the list."""


class BatchLine(Model):
    """A copy in a batch, from the proposal to its outcome."""

    __tablename__ = "rotation_line"
    __table_args__ = (
        unique_where("uq_rotation_line_open", "item_id", where="closed_at IS NULL"),
        UniqueConstraint("batch_id", "item_id"),
        Index(None, "item_id"),
        Index(None, "crate_id"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_an_outcome"),
        CheckConstraint("crate_id IS NULL OR picked_at IS NOT NULL", name="packed_once_picked"),
    )
    __scope__ = "batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("rotation_batch.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(doc="In the order of the shelves.")
    why: Mapped[str | None] = mapped_column(doc="Why it was proposed: wish, level, language, fill, hand, surplus.")
    override: Mapped[str | None] = mapped_column(doc="Why it goes although a rule says no (fewer than 3 copies, rare).")
    refused_why: Mapped[str | None] = mapped_column(doc="The site wanted it left out.")
    follows: Mapped[str | None] = mapped_column(doc="It follows later: on-loan, held, not-found, elsewhere.")
    picked_at: Mapped[datetime | None]
    picked_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    crate_id: Mapped[int | None] = mapped_column(ForeignKey("crate.id", ondelete="RESTRICT"))
    outcome: Mapped[LineOutcome | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    settled_at: Mapped[datetime | None] = mapped_column(
        doc="Lost, kept or with a reader when closed: dealt with since."
    )
    settled_how: Mapped[str | None] = mapped_column(doc="found, compensated, written-off, came-home.")
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    item: Mapped[Item] = relationship()


class CratePacking(Model):
    """What was in a crate when it was sealed: frozen, whatever became of it later. A new seal writes new rows."""

    __tablename__ = "crate_packing"
    __table_args__ = (Index(None, "item_id"),)
    __scope__ = "crate_id>crate.batch_id>rotation_batch.library_id:library"

    crate_id: Mapped[int] = mapped_column(ForeignKey("crate.id", ondelete="RESTRICT"), primary_key=True)
    sealed_by: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)


class Method(StrEnum):
    """How a leg was received: by decreasing labour."""

    SCAN_ALL = "scan-all"
    CRATES = "crates"
    """Seals unbroken: what is inside is asserted."""
    COUNT = "count"
    """Counted, and a sample drawn by the machine was looked at."""
    MANIFEST = "manifest"
    """The list was accepted; some days to contest it."""


class Leg(Model):
    """Chặng: a batch goes from one place to another. Who gives never signs as who takes."""

    __tablename__ = "rotation_leg"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index(None, "from_site_id"),
        Index(None, "to_site_id"),
        CheckConstraint(
            "from_site_id IS NULL OR to_site_id IS NULL OR from_site_id <> to_site_id", name="goes_somewhere"
        ),
        CheckConstraint("taken_by IS NULL OR taken_by <> given_by", name="two_people"),
        CheckConstraint("received_at IS NULL OR (sent_at IS NOT NULL AND received_at >= sent_at)", name="sent_first"),
        CheckConstraint("(received_at IS NULL) = (method IS NULL)", name="received_somehow"),
        CheckConstraint("cancelled_at IS NULL OR sent_at IS NULL", name="not_cancelled_once_sent"),
    )
    __scope__ = "batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("rotation_batch.id", ondelete="RESTRICT"))
    number: Mapped[int]
    from_site_id: Mapped[int | None] = mapped_column(
        ForeignKey("rotation_site.id", ondelete="RESTRICT"), doc="None: from the depot."
    )
    to_site_id: Mapped[int | None] = mapped_column(
        ForeignKey("rotation_site.id", ondelete="RESTRICT"), doc="None: home to the depot."
    )
    planned_on: Mapped[date]
    due_on: Mapped[date | None] = mapped_column(doc="It should leave there again by this day, extensions included.")
    longest_on: Mapped[date | None] = mapped_column(doc="No extension goes beyond; six months unless agreed otherwise.")
    carrier: Mapped[str | None] = mapped_column(doc="Xe 97A-001.23, anh Triệu Văn Tài.")
    minutes: Mapped[str | None] = mapped_column(doc="Number of the minutes, given when they are signed.")
    sent_at: Mapped[datetime | None]
    send_act: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    given_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    given_name: Mapped[str | None]
    given_title: Mapped[str | None]
    received_at: Mapped[datetime | None]
    receive_act: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    taken_name: Mapped[str | None]
    taken_title: Mapped[str | None]
    method: Mapped[Method | None]
    counted: Mapped[int | None] = mapped_column(doc="By hand, where it was counted.")
    contest_until: Mapped[date | None] = mapped_column(doc="What is missing may be told until then.")
    cancelled_at: Mapped[datetime | None]
    note: Mapped[str | None]

    batch: Mapped[Batch] = relationship(viewonly=True)
    from_site: Mapped[Site | None] = relationship(foreign_keys=[from_site_id])
    to_site: Mapped[Site | None] = relationship(foreign_keys=[to_site_id])


class LegOutcome(StrEnum):
    """What became of a copy on one leg. None: it is at the leg's end, as asserted or proved."""

    SHORT = "short"
    """Sent, and not there when it was received, or told so within the time to contest."""
    ARRIVED = "arrived"
    SENT_ON = "sent-on"
    """Left again by a later leg."""


MISSING = "outcome = 'short' AND found_at IS NULL"


class LegLine(Model):
    """A copy on a leg. Rows are written when it sets out."""

    __tablename__ = "rotation_leg_line"
    __table_args__ = (
        Index(None, "item_id"),
        Index("ix_rotation_leg_line_missing", "leg_id", sqlite_where=text(MISSING), postgresql_where=text(MISSING)),
        CheckConstraint("outcome <> 'short' OR proved_at IS NULL OR found_at IS NOT NULL", name="short_is_not_there"),
    )
    __scope__ = "leg_id>rotation_leg.batch_id>rotation_batch.library_id:library"

    leg_id: Mapped[int] = mapped_column(ForeignKey("rotation_leg.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    crate_id: Mapped[int | None] = mapped_column(ForeignKey("crate.id", ondelete="RESTRICT"))
    condition_sent: Mapped[Condition]
    condition_got: Mapped[Condition | None]
    asserted_at: Mapped[datetime | None] = mapped_column(doc="A list or a sealed crate says that it came.")
    proved_at: Mapped[datetime | None] = mapped_column(
        doc="It was scanned there. While the leg lasts any later scan proves as well: see `proof.proved`; frozen when it leaves."
    )
    sampled: Mapped[bool] = mapped_column(default=False, doc="Drawn by the machine to be looked at.")
    outcome: Mapped[LegOutcome | None]
    answers_name: Mapped[str | None] = mapped_column(doc="Short: who signed for it last, frozen.")
    answers_site_id: Mapped[int | None] = mapped_column(
        ForeignKey("rotation_site.id", ondelete="RESTRICT"), doc="Short: where; None with a name: the owner."
    )
    found_at: Mapped[datetime | None] = mapped_column(doc="Short, and turned up since.")
    note: Mapped[str | None]


class Extension(Model):
    """A site asks to keep a batch for longer, or is told that it may."""

    __tablename__ = "rotation_extension"
    __table_args__ = (
        unique_where("uq_rotation_extension_open", "leg_id", where="decided_at IS NULL"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided_somehow"),
    )
    __scope__ = "leg_id>rotation_leg.batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("rotation_leg.id", ondelete="RESTRICT"))
    until_on: Mapped[date]
    before_on: Mapped[date] = mapped_column(doc="The leg's day when it was asked.")
    why: Mapped[str | None]
    asked_at: Mapped[datetime]
    asked_name: Mapped[str]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    granted: Mapped[bool | None]
    voided: Mapped[bool] = mapped_column(default=False)


class BatchFile(Model):
    """A photo of the signed copy, or another paper of the batch."""

    __tablename__ = "rotation_file"
    __table_args__ = (Index(None, "batch_id"),)
    __scope__ = "batch_id>rotation_batch.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("rotation_batch.id", ondelete="RESTRICT"))
    leg_id: Mapped[int | None] = mapped_column(ForeignKey("rotation_leg.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(Key, info=files.KEY)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(doc="signed, photo, other.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    removed_at: Mapped[datetime | None]


class RotationSetting(Model):
    """A library's own numbers for rotation; no row: the usual ones of `settings.USUAL`."""

    __tablename__ = "rotation_setting"
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    least_copies: Mapped[int] = mapped_column(doc="A title of which fewer are owned stays.")
    longest_months: Mapped[int] = mapped_column(doc="At one site.")
    years_apart: Mapped[int] = mapped_column(doc="A site does not get a title again for so many years.")
    contest_days: Mapped[int]
    sample_percent: Mapped[int]
    crate_grams: Mapped[int]
    soon_days: Mapped[int] = mapped_column(doc="A batch is called due soon so many days before.")
