"""Sums of the ledgers made ahead of time, people counted before their names go, what was told in public. All but the last
two can be made anew."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import BigId, Id, Model

NO_GRADE = -1
"""Stands for no grade: a key holds no NULL."""


class Rolled(Model):
    """Quantities of a ledger by branch and day or month. `face` says which ledger and what is kept apart (`faces.FACES`);
    what a face does not tell is -1 or ''."""

    __tablename__ = "rolled"
    __table_args__ = ({"sqlite_with_rowid": False},)
    __scope__ = "branch_id:branch"

    face: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    branch_id: Mapped[int] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    since: Mapped[date] = mapped_column(primary_key=True, doc="The day, or the first of the month.")
    kind: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True, doc="Book class, reading level, sex or need, as the face says.")
    quantity: Mapped[int] = mapped_column(BigId)


class RolledTitle(Model):
    """How often a title was used at a branch in a month."""

    __tablename__ = "rolled_title"
    __table_args__ = ({"sqlite_with_rowid": False},)
    __scope__ = "branch_id:branch"

    branch_id: Mapped[int] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    since: Mapped[date] = mapped_column(primary_key=True, doc="The first of the month.")
    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False,
        doc="As it was when it was rolled up; a title merged since is told as the one that was kept.",
    )  # fmt: skip
    quantity: Mapped[int] = mapped_column(BigId)


class CopyUsed(Model):
    """When a copy was last used, and how often. No row: never."""

    __tablename__ = "copy_used"
    __scope__ = "item_id>item.library_id:library"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    last_on: Mapped[date | None] = mapped_column(doc="None: every use of it was taken back.")
    uses: Mapped[int]


class RollMark(Model):
    """Rows of a ledger up to this id are in its sums; what came since is added up anew by whoever asks."""

    __tablename__ = "roll_mark"
    __scope__ = "none: numbers without content"

    ledger: Mapped[str] = mapped_column(primary_key=True, doc="use, visit.")
    last_id: Mapped[int] = mapped_column(BigId, default=0)
    ready: Mapped[bool] = mapped_column(default=True, doc="False while all of it is made anew: nobody reads the sums.")
    rolled_at: Mapped[datetime | None]


class PeopleCounted(Model):
    """How many different people read at a unit and below it in a period, counted when it had closed: names go, this stays."""

    __tablename__ = "people_counted"
    __table_args__ = (
        UniqueConstraint("unit_id", "first_on", "last_on"),
        CheckConstraint("last_on >= first_on AND people >= 0", name="a_period"),
    )
    __scope__ = "unit_id:library"

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    people: Mapped[int | None] = mapped_column(
        doc="None: names had gone before they were counted; nobody can say any more."
    )
    counted_at: Mapped[datetime]


class PublicMonth(Model):
    """What everybody may read of a library's month, as it was told first: never changed by what is recorded later."""

    __tablename__ = "public_month"
    __table_args__ = (UniqueConstraint("library_id", "month"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    month: Mapped[date] = mapped_column(doc="Its first day.")
    kept_at: Mapped[datetime]
    told: Mapped[dict[str, Any]] = mapped_column(JSON, doc="By measure, as `public_kept.Month` writes it.")
