"""Links to where a title can be read, heard or seen on the net."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.catalogue.models import Record
from library.core.db import Id, Model
from library.organisations.models import Branch


class LinkKind(StrEnum):
    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"
    PICTURES = "pictures"
    LESSON = "lesson"
    DATABASE = "database"


class DigitalLink(Model):
    """An address of a title besides the one its description has (`Record.url`). `shared`: the libraries of the network
    show it too."""

    __tablename__ = "digital_link"
    __table_args__ = (Index(None, "record_id"), Index(None, "branch_id"))
    __scope__ = "branch_id:branch"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="RESTRICT"))
    branch_id: Mapped[int] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), doc="Whose librarian put it there."
    )
    label: Mapped[str]
    address: Mapped[str]
    kind: Mapped[LinkKind]
    licence: Mapped[str | None] = mapped_column(doc="As the source says it: CC BY 4.0, Miễn phí cho trường học.")
    shared: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))

    record: Mapped[Record] = relationship()
    branch: Mapped[Branch] = relationship()
