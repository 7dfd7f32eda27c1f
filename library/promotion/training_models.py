"""Training classes: their sessions, who came."""

from datetime import date, time
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import BigId, Id, Model
from library.promotion.event_models import Recorded, State


class Training(Recorded):
    """A class of training. It counts once, on the day of its first session held; its people once each."""

    __tablename__ = "training"
    __table_args__ = (
        Index(None, "branch_id", "first_on"),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost"),
    )
    __scope__ = "branch_id:branch"

    title: Mapped[str]
    subjects: Mapped[list[str]] = mapped_column(
        JSON, doc="Codes of `training_subjects`: one class may stand on two lines."
    )
    teacher: Mapped[str | None] = mapped_column(doc="Who teaches: a person or an office, as the paper says.")
    place: Mapped[str | None]
    partners: Mapped[str | None]
    cost: Mapped[int | None] = mapped_column(BigId, doc="Đồng.")
    note: Mapped[str | None]
    state: Mapped[State]
    first_on: Mapped[date]
    people: Mapped[dict[str, int]] = mapped_column(JSON, doc="Enrolled, by audience; empty: as many as came most.")
    ticked: Mapped[int] = mapped_column(
        default=0, doc="Different people ticked over all sessions; stays when names go."
    )
    as_visits: Mapped[bool] = mapped_column(default=False)


class TrainingSession(Model):
    """One meeting of the class. `came`: by audience; empty while it is to come."""

    __tablename__ = "training_session"
    __table_args__ = (Index(None, "training_id"),)
    __scope__ = "training_id>training.branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="RESTRICT"))
    day: Mapped[date]
    from_at: Mapped[time | None]
    topic: Mapped[str | None]
    came: Mapped[dict[str, int]] = mapped_column(JSON)


class TrainingMark(Model):
    """A reader was ticked at a session. Goes with the reader's name; the figures stay in `came` and `ticked`."""

    __tablename__ = "training_mark"
    __table_args__ = (Index(None, "membership_id"),)
    __scope__ = "session_id>training_session.training_id>training.branch_id:branch"

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id", ondelete="RESTRICT"), primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"), primary_key=True)
