"""A job and how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

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
