"""Library lessons: a class comes in the same period every week; what was held is told apart from the plan."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model, unique_where
from library.promotion.event_models import Recorded, State


class LessonSlot(Model):
    """A class has its library lesson on this weekday (0 is Monday), in this period, from one day to another."""

    __tablename__ = "lesson_slot"
    __table_args__ = (
        Index(None, "branch_id"),
        CheckConstraint("weekday BETWEEN 0 AND 6 AND period BETWEEN 1 AND 12", name="on_the_timetable"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"))
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    weekday: Mapped[int]
    period: Mapped[int] = mapped_column(doc="Tiết 1 to 12, the afternoon's after the morning's.")
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Lesson(Recorded):
    """A lesson that was held, or one of the timetable that fell out (`CANCELLED`)."""

    __tablename__ = "lesson"
    __table_args__ = (
        Index(None, "branch_id", "day"),
        unique_where("uq_lesson_of_slot", "slot_id", "day", where="gone IS FALSE AND slot_id IS NOT NULL"),
        CheckConstraint("people >= 0", name="people"),
    )
    __scope__ = "branch_id:branch"

    slot_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_slot.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    class_name: Mapped[str] = mapped_column(doc="As it was called that day.")
    grade: Mapped[int | None]
    day: Mapped[date]
    period: Mapped[int | None]
    people: Mapped[int]
    topic: Mapped[str | None]
    state: Mapped[State]
    as_visits: Mapped[bool] = mapped_column(default=True)
