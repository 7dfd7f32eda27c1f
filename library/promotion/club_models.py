"""Reading clubs: who belongs to one, and when it met."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model, unique_where
from library.organisations.models import Branch


class Club(Model):
    """A circle of readers at a branch. `keeper` is somebody of the staff, by name, as shelves have it."""

    __tablename__ = "club"
    __table_args__ = (
        unique_where("uq_club_name", "branch_id", "name", where="closed_on IS NULL AND NOT cancelled"),
        CheckConstraint("closed_on IS NULL OR closed_on >= founded_on", name="closes_after_it_opens"),
        CheckConstraint("heads IS NULL OR heads > 0", name="somebody_belongs"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str]
    topic: Mapped[str | None] = mapped_column(doc="What it reads: khoa học vui, truyện cổ…")
    keeper: Mapped[str | None] = mapped_column(doc="Who of the staff looks after it.")
    heads: Mapped[int | None] = mapped_column(doc="How many belong to it, where no list of readers is kept.")
    founded_on: Mapped[date]
    closed_on: Mapped[date | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled: Mapped[bool] = mapped_column(default=False, doc="Founded by mistake: it never was.")

    branch: Mapped[Branch] = relationship()


class ClubMember(Model):
    """A reader belongs to a club. The row goes some time after they left it, the numbers of its meetings stay."""

    __tablename__ = "club_member"
    __table_args__ = (
        unique_where("uq_club_member_now", "club_id", "membership_id", where="to_on IS NULL"),
        Index(None, "membership_id"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )
    __scope__ = "club_id>club.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id", ondelete="RESTRICT"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))


class ClubMeeting(Model):
    """The club met: so many came. Who came is not kept."""

    __tablename__ = "club_meeting"
    __table_args__ = (Index(None, "club_id", "met_on"), CheckConstraint("heads > 0", name="somebody_came"))
    __scope__ = "club_id>club.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id", ondelete="RESTRICT"))
    met_on: Mapped[date]
    heads: Mapped[int]
    topic: Mapped[str | None] = mapped_column(doc="What was read or spoken of.")
    as_visits: Mapped[bool] = mapped_column(default=False, doc="Who came counts as visits of the branch.")
    visits_act_id: Mapped[int | None] = mapped_column(
        ForeignKey("act.id", ondelete="RESTRICT"), doc="The act that wrote the visits that stand."
    )
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    cancelled: Mapped[bool] = mapped_column(default=False)

    club: Mapped[Club] = relationship()
