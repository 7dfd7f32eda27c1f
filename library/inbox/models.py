"""Entries and acts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class Entry(Model):
    """A message and the first answer it got. Ages out after `days_kept`; acts stay."""

    __tablename__ = "entry"
    __table_args__ = (Index(None, "received_at"),)
    __scope__ = "none: read back only by the account that sent it"

    uid: Mapped[UUID] = mapped_column(primary_key=True, doc="Made where the message was made.")
    account: Mapped[UUID | None] = mapped_column(doc="Only this account may send it again.")
    fingerprint: Mapped[str] = mapped_column(doc="SHA-256 of the content in canonical JSON.")
    arrivals: Mapped[int] = mapped_column(
        default=1, doc="How often it came: a repeat writes, so that it waits like the first."
    )
    received_at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Act(Model):
    """One thing that was done. Undoing it writes another act and names it in `voided_by`; nothing is deleted."""

    __tablename__ = "act"
    __table_args__ = (
        UniqueConstraint("device", "number"),
        CheckConstraint("occurred_at <= recorded_at", name="not_from_the_future"),
        CheckConstraint("voided_by IS NULL OR voided_by <> id", name="not_its_own_undoing"),
        Index(None, "branch_id", "occurred_at"),
    )
    __scope__ = "branch_id~branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str]
    actor: Mapped[UUID | None] = mapped_column(doc="The account's uid; none for a job of the machine.")
    branch_id: Mapped[int | None] = mapped_column(doc="Where it was done.")
    device: Mapped[UUID | None] = mapped_column(doc="The page or telephone that made it.")
    number: Mapped[int | None] = mapped_column(doc="Within the device: the order in which things happened there.")
    raw_at: Mapped[datetime | None] = mapped_column(doc="What the device's clock said.")
    occurred_at: Mapped[datetime] = mapped_column(doc="When it happened, as corrected by `timing`.")
    recorded_at: Mapped[datetime] = mapped_column(doc="When the server heard of it.")
    voids_id: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"), unique=True)
    voided_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
