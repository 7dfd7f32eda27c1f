"""A job and how far it has come; a night and what it did."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job(Model):
    """Written in the transaction of whoever asks for it. `lease_until` in the past: any worker may go on with it."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "state", "lease_until"),
        CheckConstraint("done >= 0 AND attempts >= 0", name="not_negative"),
    )
    __scope__ = "library_id~library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str]
    library_id: Mapped[int | None] = mapped_column(doc="Whose work it is; no foreign key: plumbing knows no library.")
    account: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, doc="What to do; no names of people.")
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, doc="Steps that failed in a row.")
    trouble: Mapped[str | None]
    lease_until: Mapped[datetime]
    worker: Mapped[str | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Night(Model):
    """One going over all that is to be done daily. The machine's own is once a day; others somebody asked for.

    `lease_until` in the past and not ended: any worker may go on with it.
    """

    __tablename__ = "night"
    __table_args__ = (
        Index("uq_night_once_a_day", "day", unique=True,
              sqlite_where=text("asked_by IS NULL"), postgresql_where=text("asked_by IS NULL")),
        Index("ix_night_open", "lease_until", sqlite_where=text("ended_at IS NULL"),
              postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip
    __scope__ = "none: counts of the whole installation"

    id: Mapped[Id]
    day: Mapped[date]
    asked_by: Mapped[UUID | None] = mapped_column(doc="The account that pressed the button.")
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lease_until: Mapped[datetime]
    worker: Mapped[str | None]

    steps: Mapped[list["NightStep"]] = relationship(order_by="NightStep.started_at")


class NightStep(Model):
    """How far a night came with one step, written in the transaction that did it."""

    __tablename__ = "night_step"
    __table_args__ = (CheckConstraint("count >= 0 AND rounds >= 0", name="not_negative"),)
    __scope__ = "none: counts of the whole installation"

    night_id: Mapped[int] = mapped_column(ForeignKey("night.id", ondelete="RESTRICT"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0, doc="Transactions so far.")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(doc="What sort of error, and where; nobody's name.")
