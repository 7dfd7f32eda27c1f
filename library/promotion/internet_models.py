"""Places to use the Internet at a branch, their hours, and how often they were used."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model, unique_where
from library.organisations.models import Branch


class InternetPlace(Model):
    """From one day on a branch has so many places. A change ends this row and begins another."""

    __tablename__ = "internet_place"
    __table_args__ = (
        unique_where("uq_internet_place_now", "branch_id", where="to_on IS NULL AND NOT voided"),
        Index(None, "branch_id"),
        CheckConstraint("places >= 0", name="no_less_than_none"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    places: Mapped[int] = mapped_column(doc="Computers, tablets, seats with a network; 0: none any more.")
    days: Mapped[str] = mapped_column(doc="Days of the week it is open: 12345, Monday is 1.")
    opens_at: Mapped[int | None] = mapped_column(doc="Minutes after midnight.")
    closes_at: Mapped[int | None]
    note: Mapped[str | None]
    from_on: Mapped[date]
    to_on: Mapped[date | None] = mapped_column(doc="The first day on which it was otherwise.")
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    voided: Mapped[bool] = mapped_column(default=False)

    branch: Mapped[Branch] = relationship()


class InternetCount(Model):
    """So many turns on one day: one tap, or the day's paper list. `minutes`: how long the room was open."""

    __tablename__ = "internet_count"
    __table_args__ = (
        Index(None, "branch_id", "counted_on"),
        CheckConstraint("turns > 0 OR minutes > 0", name="something_counted"),
        CheckConstraint("turns >= 0 AND minutes >= 0", name="nothing_less_than_none"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    counted_on: Mapped[date]
    turns: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=0)
    audience: Mapped[str | None]
    voided: Mapped[bool] = mapped_column(default=False)

    branch: Mapped[Branch] = relationship()
