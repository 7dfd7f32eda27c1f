"""Shelves, who keeps them, what was asked for, counted, handed over; swaps between classes; what pupils read."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model, unique_where
from library.holdings.models import Place
from library.organisations.models import Branch, Organisation
from library.patrons.models import SchoolClass


class ShelfKind(StrEnum):
    """Whose shelf it is: one class's, a room's, a grade's."""

    CLASS = "class"
    ROOM = "room"
    GRADE = "grade"


class ShelfMode(StrEnum):
    SCAN = "scan"
    """Every borrowing is scanned."""
    HONOUR = "honour"
    """The smallest take a book by themselves: uses are counted by colour, nobody's name and no movement is written."""


class GoesWith(StrEnum):
    """What the shelf does when the class is promoted."""

    CLASS = "class"
    ROOM = "room"


class Shelf(Model):
    """A classroom's shelf. Its code is the sign of its place (labels); its class and keeper are its open tenure."""

    __tablename__ = "shelf"
    __table_args__ = (
        CheckConstraint("kind <> 'grade' OR grade IS NOT NULL", name="grade_is_said"),
        CheckConstraint("closed_on IS NULL OR closed_on >= built_on", name="ends_after_it_begins"),
        Index(None, "library_id", "built_on"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), unique=True)
    kind: Mapped[ShelfKind]
    grade: Mapped[int | None] = mapped_column(doc="Of a grade's shelf: 1 to 12.")
    mode: Mapped[ShelfMode]
    goes_with: Mapped[GoesWith]
    levels: Mapped[list[int]] = mapped_column(JSON, doc="Colour levels it is meant for, easiest first; empty: any.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), doc="It was built by this.")
    built_on: Mapped[date]
    closed_on: Mapped[date | None]
    closed_why: Mapped[str | None] = mapped_column(doc="not-used, merged, mistake, left.")
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    library: Mapped[Organisation] = relationship()
    branch: Mapped[Branch] = relationship()
    place: Mapped[Place] = relationship()


class ShelfTenure(Model):
    """A class and its teacher keep the shelf, from one day to another. What is missing stays with who signed last."""

    __tablename__ = "shelf_tenure"
    __table_args__ = (
        unique_where("uq_shelf_tenure_open", "shelf_id", where="to_on IS NULL AND NOT voided"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        Index(None, "shelf_id", "from_on"),
        Index(None, "class_id"),
        Index(None, "keeper_id"),
    )
    __scope__ = "shelf_id>shelf.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="RESTRICT"), doc="None for a room's or a grade's shelf."
    )
    keeper_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), doc="None: the keeper has no account."
    )
    keeper_name: Mapped[str] = mapped_column(doc="As it stands under minutes; '' while nobody keeps it.")
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)

    shelf: Mapped[Shelf] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship()


class ShelfHelper(Model):
    """A pupil's week as the class's librarian (thủ thư lớp). Both days included."""

    __tablename__ = "shelf_helper"
    __table_args__ = (
        UniqueConstraint("shelf_id", "membership_id", "from_on"),
        CheckConstraint("to_on >= from_on", name="ends_after_it_begins"),
        Index(None, "membership_id"),
    )
    __scope__ = "shelf_id>shelf.library_id:library"

    id: Mapped[Id]
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    to_on: Mapped[date]


class HelperSession(Model):
    """The shared hand-held: a teacher's card or PIN opened it for one class and one shelf, for some minutes.

    The session itself is a sign-in of the teacher's account that stands for a pupil (`SignIn.helps_class_id`).
    """

    __tablename__ = "helper_session"
    __table_args__ = (CheckConstraint("ends_at > began_at", name="ends_after_it_begins"), Index(None, "shelf_id"))
    __scope__ = "shelf_id>shelf.library_id:library"

    sign_in_uid: Mapped[UUID] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), doc="Who opened it.")
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="RESTRICT"), doc="The helper whose turn it is, if one was named."
    )
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class ShelfPull(Model):
    """A list of copies to bring to a shelf: "40 books for grade 2, none this class had this year"."""

    __tablename__ = "shelf_pull"
    __table_args__ = (Index(None, "shelf_id", "made_at"),)
    __scope__ = "shelf_id>shelf.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    account: Mapped[UUID | None]
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, doc="What was asked for: {most, levels, grade, subjects…}.")
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ShelfPullLine(Model):
    """A copy of the list: still to fetch, put on the shelf by an act, or passed over with a reason."""

    __tablename__ = "shelf_pull_line"
    __table_args__ = (
        CheckConstraint("picked_by IS NULL OR passed_why IS NULL", name="one_outcome"),
        Index(None, "item_id"),
    )
    __scope__ = "pull_id>shelf_pull.shelf_id>shelf.library_id:library"

    pull_id: Mapped[int] = mapped_column(ForeignKey("shelf_pull.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(doc="In the order of the stacks.")
    picked_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    passed_why: Mapped[str | None] = mapped_column(doc="not-found, on-loan, held, elsewhere, by-hand.")


class ShelfCount(Model):
    """A mini stocktake of one shelf, open until it is ended. One at a time."""

    __tablename__ = "shelf_count"
    __table_args__ = (
        unique_where("uq_shelf_count_open", "shelf_id", where="ended_at IS NULL"),
        CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ends_after_it_begins"),
        Index(None, "shelf_id", "began_at"),
    )
    __scope__ = "shelf_id>shelf.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    account: Mapped[UUID | None]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class CountOutcome(StrEnum):
    FOUND = "found"
    EXTRA = "extra"
    """Seen here, and not of this shelf."""
    WITH_READER = "with-reader"
    MISSING = "missing"
    ASIDE = "aside"
    """Of this shelf, and known to stand in another place: repair, the hold shelf, on its way. Of minutes alone."""


class ShelfCountLine(Model):
    """What the count says of one copy. Found and extra are written as they are scanned, the others at the end."""

    __tablename__ = "shelf_count_line"
    __table_args__ = (Index(None, "item_id"),)
    __scope__ = "count_id>shelf_count.shelf_id>shelf.library_id:library"

    count_id: Mapped[int] = mapped_column(ForeignKey("shelf_count.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    outcome: Mapped[CountOutcome]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    at: Mapped[datetime]


class HandoverKind(StrEnum):
    FILL = "fill"
    """The library gives the shelf its books."""
    TEACHER = "teacher"
    """One teacher to the next."""
    YEAR_END = "year-end"
    """A teacher gives the shelf back to the library when the school year ends."""


class Handover(Model):
    """Minutes with two signatures: who gives never signs as who takes. The taking one answers from then on."""

    __tablename__ = "handover"
    __table_args__ = (
        unique_where("uq_handover_open", "shelf_id", "kind", where="taken_at IS NULL AND cancelled_at IS NULL"),
        CheckConstraint("taken_by IS NULL OR taken_by <> given_by", name="two_people"),
        CheckConstraint("taken_at IS NULL OR cancelled_at IS NULL", name="one_end"),
        UniqueConstraint("library_id", "number"),
        Index(None, "shelf_id", "given_at"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    kind: Mapped[HandoverKind]
    number: Mapped[str | None] = mapped_column(
        doc="Of the minutes, “12/2026”, counted with all minutes of the library; given when they are signed."
    )
    count_id: Mapped[int | None] = mapped_column(ForeignKey("shelf_count.id", ondelete="RESTRICT"))
    given_by: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    given_name: Mapped[str]
    given_at: Mapped[datetime]
    give_act: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    to_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), doc="Who is to sign; None: anybody who may keep the shelf."
    )
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    taken_name: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    take_act: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled_at: Mapped[datetime | None]
    note: Mapped[str | None]


class HandoverLine(Model):
    """A copy as it was when the minutes were given: frozen, whatever became of it later."""

    __tablename__ = "handover_line"
    __table_args__ = (Index(None, "item_id"),)
    __scope__ = "handover_id>handover.library_id:library"

    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    outcome: Mapped[CountOutcome]


class LightEnd(Model):
    """A copy of a light list (the class's, parents', a pupil's) is with us no longer: given back, passed on, registered."""

    __tablename__ = "light_end"
    __table_args__ = (unique_where("uq_light_end_stands", "item_id", where="NOT voided"), Index(None, "act_id"))
    __scope__ = "item_id>item.library_id:library"

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    how: Mapped[str] = mapped_column(doc="given-back, passed-on, registered, lost, mistake.")
    ended_on: Mapped[date]
    before: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="Of the copy, to put back when this is undone: {ownership…}."
    )
    voided: Mapped[bool] = mapped_column(default=False)


class SwapEvery(StrEnum):
    WEEK = "week"
    TWO_WEEKS = "two-weeks"
    MONTH = "month"


class SwapPlan(Model):
    """Boxes of books go round the classes of a grade. One open plan a shelf: see `SwapBox`."""

    __tablename__ = "swap_plan"
    __table_args__ = (
        CheckConstraint("rounds > 0", name="goes_somewhere"),
        Index(None, "library_id", "from_on"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    every: Mapped[SwapEvery]
    from_on: Mapped[date] = mapped_column(doc="Of the first swap.")
    rounds: Mapped[int]
    wishes: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="{per_pupil: books each pupil should find, classes_own: bool}."
    )
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None]


class SwapBox(Model):
    """The books that travel together, named by the class they set out from."""

    __tablename__ = "swap_box"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("plan_id", "home_id"),
        unique_where("uq_swap_box_shelf_in_use", "home_id", where="ended_at IS NULL"),
    )
    __scope__ = "plan_id>swap_plan.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("swap_plan.id", ondelete="RESTRICT"))
    number: Mapped[int]
    home_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None]


class SwapBoxItem(Model):
    """A copy is in a box, until it is taken out."""

    __tablename__ = "swap_box_item"
    __table_args__ = (
        unique_where("uq_swap_box_item_in_use", "item_id", where="left_at IS NULL"),
        Index(None, "box_id"),
    )
    __scope__ = "box_id>swap_box.plan_id>swap_plan.library_id:library"

    id: Mapped[Id]
    box_id: Mapped[int] = mapped_column(ForeignKey("swap_box.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_why: Mapped[str | None] = mapped_column(doc="missing, taken-out, written-off, ended.")


class SwapMove(Model):
    """In one round one box goes from a shelf to another. Both teachers say so; then the stays of its copies move."""

    __tablename__ = "swap_move"
    __table_args__ = (
        UniqueConstraint("plan_id", "round", "box_id"),
        UniqueConstraint("plan_id", "round", "to_id"),
        CheckConstraint("taken_by IS NULL OR given_by IS NULL OR taken_by <> given_by", name="two_people"),
        Index(None, "box_id"),
        Index(None, "to_id", "due_on"),
        Index(None, "from_id", "due_on"),
    )
    __scope__ = "plan_id>swap_plan.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("swap_plan.id", ondelete="RESTRICT"))
    round: Mapped[int] = mapped_column(doc="1 is the first swap.")
    due_on: Mapped[date]
    box_id: Mapped[int] = mapped_column(ForeignKey("swap_box.id", ondelete="RESTRICT"))
    from_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    to_id: Mapped[int] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    locked: Mapped[bool] = mapped_column(default=False, doc="Somebody said so: planning anew leaves it.")
    violations: Mapped[list[str]] = mapped_column(JSON, doc="What is not as wished: had-before, level, size.")
    given_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    given_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    taken_at: Mapped[datetime | None]
    give_act: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    take_act: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    act_id: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"), doc="The later of the two: the stays moved by this."
    )


class SwapMissing(Model):
    """A copy that was not in the box when it was handed over: it stays with the class that last signed for it."""

    __tablename__ = "swap_missing"
    __table_args__ = (
        unique_where("uq_swap_missing_stands", "move_id", "item_id", where="NOT voided"),
        Index(None, "item_id"),
        Index(None, "act_id"),
    )
    __scope__ = "move_id>swap_move.plan_id>swap_plan.library_id:library"

    id: Mapped[Id]
    move_id: Mapped[int] = mapped_column(ForeignKey("swap_move.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    said_by: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)


class ReadingEntry(Model):
    """A pupil read something that no loan tells of: ticked by the teacher, or from a diary sheet."""

    __tablename__ = "reading_entry"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="something_read"),
        Index(None, "membership_id", "read_on"),
        Index(None, "class_id", "read_on"),
        Index(None, "act_id"),
    )
    __scope__ = "class_id>school_class.library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelf.id", ondelete="RESTRICT"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    read_on: Mapped[date]
    quantity: Mapped[int] = mapped_column(default=1)
    source: Mapped[str] = mapped_column(doc="grid, diary.")
    voided: Mapped[bool] = mapped_column(default=False)


class ReadingMilestone(Model):
    """So many books earn a certificate: a pupil, or a class together. Of a library; nobody's own are the usual ones."""

    __tablename__ = "reading_milestone"
    __table_args__ = (
        UniqueConstraint("library_id", "of_class", "books"),
        CheckConstraint("books > 0", name="something_read"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    of_class: Mapped[bool] = mapped_column(doc="A class together, else one pupil.")
    books: Mapped[int]
    name: Mapped[str]
