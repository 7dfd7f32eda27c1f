"""Templates a library made its own. Without a row the shipped template is used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from library import files
from library.core.db import Id, Model


class DocumentTemplate(Model):
    """A DOCX somebody edited, in the place of the shipped one with that name."""

    __tablename__ = "document_template"
    __table_args__ = (UniqueConstraint("library_id", "name"),)
    __scope__ = "library_id:library"

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    name: Mapped[str]
    file_key: Mapped[str] = mapped_column(info=files.KEY)
    account: Mapped[UUID | None]
    put_at: Mapped[datetime]
