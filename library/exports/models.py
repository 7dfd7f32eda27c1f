"""A long export: what it is of, and how far its file has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import BigId, Id, Model


class Export(Model):
    """The file lies in the folder of exports under `uid`; its first `size` bytes count, all else is of a step that was
    killed. Row and file go together after some days."""

    __tablename__ = "export"
    __table_args__ = (Index(None, "made_at"), Index(None, "library_id"))
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), doc="Who asked for it.")
    account: Mapped[UUID | None]
    job: Mapped[UUID | None] = mapped_column(doc="The job that writes it.")
    kind: Mapped[str] = mapped_column(doc="Of `kinds.KINDS`: books, titles, copies, readers, loans.")
    form: Mapped[str] = mapped_column(doc="Of `forms.FORMS`: xlsx, csv, mrc, xml, jsonl.")
    libraries: Mapped[list[int]] = mapped_column(JSON, doc="Whose things are in it.")
    branch_id: Mapped[int | None] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"), doc="None: all of them."
    )
    after: Mapped[int] = mapped_column(BigId, default=0, doc="The last thing that is in the file.")
    size: Mapped[int] = mapped_column(BigId, default=0, doc="Bytes of the file that count.")
    written: Mapped[dict[str, Any]] = mapped_column(JSON, doc="What the form has to remember between two chunks.")
    things: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0, doc="Things the form cannot hold.")
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
