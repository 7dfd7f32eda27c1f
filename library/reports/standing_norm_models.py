"""The standard a school's library is measured by, as lines that people edit, and what they say of each line in a year."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class StandardLine(Model):
    """A line of a library's own list. A library without any has the shipped list (`data/thong-tu-16.json`)."""

    __tablename__ = "standard_line"
    __table_args__ = (
        UniqueConstraint("library_id", "code"),
        CheckConstraint("level IN (1, 2)", name="of_level_1_or_2"),
        CheckConstraint("least IS NULL OR least >= 0", name="least_is_no_debt"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    code: Mapped[str]
    position: Mapped[int]
    part: Mapped[str] = mapped_column(doc="The group of criteria it stands under.")
    label: Mapped[str]
    unit: Mapped[str]
    level: Mapped[int] = mapped_column(doc="Mức độ 1 or 2.")
    stage: Mapped[str | None] = mapped_column(doc="preschool, primary, lower, upper; None: every school.")
    least: Mapped[int | None] = mapped_column(doc="What must be reached; None: whoever looks judges.")
    measure: Mapped[str | None] = mapped_column(doc="The figure that is counted for it; None: people tell.")


class StandardAnswer(Model):
    """What a library says of a line in a school year. No row: nothing was said."""

    __tablename__ = "standard_answer"
    __table_args__ = (UniqueConstraint("library_id", "code", "year_on"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    code: Mapped[str]
    year_on: Mapped[date] = mapped_column(doc="The first day of the school year.")
    met: Mapped[bool | None]
    told: Mapped[int | None] = mapped_column(doc="A number people count themselves, in the line's unit.")
    note: Mapped[str | None]
    account: Mapped[UUID | None]
    said_at: Mapped[datetime]
