"""Drives for donations (đợt quyên góp), and the collectives that called for gifts."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import BigId, Id, Model
from library.promotion.gift_models import Donor


class Drive(Model):
    """Books and money are called for in a window of days."""

    __tablename__ = "drive"
    __table_args__ = (
        Index(None, "branch_id", "first_on"),
        CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    name: Mapped[str]
    organiser: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]
    goal_copies: Mapped[int | None]
    goal_money: Mapped[int | None] = mapped_column(BigId, doc="Đồng.")
    note: Mapped[str | None]
    cancelled: Mapped[bool] = mapped_column(default=False)

    collectives: Mapped[list[Donor]] = relationship(secondary="drive_collective", order_by=Donor.folded)


class DriveCollective(Model):
    """A collective called for gifts in a drive. None listed: the organiser did."""

    __tablename__ = "drive_collective"
    __scope__ = "drive_id>drive.branch_id:branch"

    drive_id: Mapped[int] = mapped_column(ForeignKey("drive.id", ondelete="RESTRICT"), primary_key=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"), primary_key=True)
