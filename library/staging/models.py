"""A list that came in, and what became of each of its rows."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library import files
from library.core.db import Id, Model
from library.staging.verdicts import Verdict


class LoadState(StrEnum):
    READING = "reading"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    UNREADABLE = "unreadable"


class Load(Model):
    """One file somebody brought. Its bytes lie in `files`; it ages out with its rows."""

    __tablename__ = "load"
    __table_args__ = (Index(None, "library_id", "made_at"),)
    __scope__ = "library_id~library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(doc="Which importer: books, patrons.")
    library_id: Mapped[int] = mapped_column(doc="Whose; no foreign key: plumbing knows no library.")
    branch_id: Mapped[int]
    account: Mapped[UUID | None]
    file_key: Mapped[str] = mapped_column(info=files.KEY)
    file_name: Mapped[str]
    sheet: Mapped[str | None]
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Header row, mapping and what else was chosen.")
    state: Mapped[LoadState]
    trouble: Mapped[dict[str, Any] | None] = mapped_column(JSON, doc="Sentence and facts when it could not be read.")
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]


class LoadRow(Model):
    """One row of the file, its verdict, and what it became."""

    __tablename__ = "load_row"
    __table_args__ = (
        UniqueConstraint("load_id", "number", "sheet"),
        Index(None, "load_id", "verdict"),
        Index(None, "load_id", "applied_at"),
        Index(None, "fingerprint"),
    )
    __scope__ = "load_id>load.library_id~library"

    id: Mapped[Id]
    load_id: Mapped[int] = mapped_column(ForeignKey("load.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(doc="1-based, as a spreadsheet shows it.")
    sheet: Mapped[str]
    cells: Mapped[list[str]] = mapped_column(JSON)
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON, doc="What was read from the cells.")
    verdict: Mapped[Verdict]
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    subjects: Mapped[list[Any] | None] = mapped_column(JSON, doc="Ids of what it made or found, for the undoing.")
    applied_at: Mapped[datetime | None]
    fingerprint: Mapped[int | None] = mapped_column(
        BigInteger, doc="Of what it says: how a row without a number of its own is known when the list comes again."
    )
