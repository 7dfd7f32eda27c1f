"""Counters at doors and what was read off them; kiosks that stand open."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import BigId, Id, Model, unique_where


class Gate(Model):
    """A counter at a door. `both_ways`: it counts going in and going out, so two are one visit."""

    __tablename__ = "gate"
    __table_args__ = (
        Index(None, "branch_id"),
        CheckConstraint("digits IS NULL OR digits BETWEEN 3 AND 12", name="shows_figures"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    name: Mapped[str]
    both_ways: Mapped[bool]
    covers: Mapped[bool] = mapped_column(
        doc="Everybody comes by it: who was counted otherwise is taken off its figure."
    )
    digits: Mapped[int | None] = mapped_column(
        doc="Figures it shows; after 99999 comes 0. None: it does not come round."
    )
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Turn(StrEnum):
    """Why a counter shows less than before."""

    RESET = "reset"
    """Somebody set it to nothing."""
    ROUND = "round"
    """It came round: after 99999 comes 0."""


class GateReading(Model):
    """What the counter showed at a moment. `visit_id`: what came of it by the reading before, none where it came to
    nothing; worked out anew when a reading comes between."""

    __tablename__ = "gate_reading"
    __table_args__ = (
        Index(None, "gate_id", "read_at"),
        unique_where("uq_gate_reading_moment", "gate_id", "read_at", where="NOT voided"),
        CheckConstraint("counter >= 0", name="shows_a_number"),
    )
    __scope__ = "gate_id>gate.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id", ondelete="RESTRICT"))
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), index=True)
    counter: Mapped[int] = mapped_column(BigId)
    read_at: Mapped[datetime]
    turn: Mapped[Turn | None]
    voided: Mapped[bool] = mapped_column(default=False)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="RESTRICT"))

    gate: Mapped[Gate] = relationship()


class Kiosk(Model):
    """A browser that stands at the door for readers, opened by somebody of the library. Nobody is signed in there."""

    __tablename__ = "kiosk"
    __scope__ = "branch_id:branch"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), doc="Who opened it.")
    device: Mapped[UUID] = mapped_column(doc="Its acts are told apart by this.")
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
