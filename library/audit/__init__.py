"""Who did what to which thing. Append-only, without foreign keys and without names of people.

A row survives everything it speaks of, and tells nobody's name after that person was anonymised.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from library.core import clock
from library.core.db import Id, Model, db


class Trace(Model):
    """`actor` did `verb` to the `kind` named `subject`."""

    __tablename__ = "trace"
    __table_args__ = (Index(None, "kind", "subject"), Index(None, "at"), Index(None, "library_id", "at"))
    __scope__ = "library_id~library"

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[UUID | None] = mapped_column(doc="The account's uid; none for the machine itself.")
    verb: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(doc="The thing's uid, or its code where it has none.")
    library_id: Mapped[int | None] = mapped_column(doc="Where; no foreign key on purpose.")


def note(actor: UUID | None, verb: str, kind: str, subject: object, library_id: int | None = None) -> None:
    """Add a row, written when the caller commits."""
    db.session.add(
        Trace(at=clock.now(), actor=actor, verb=verb, kind=kind, subject=str(subject), library_id=library_id)
    )
