"""Consents, looks, and how long a library remembers."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from library.core.db import Id, Model


class Purpose(StrEnum):
    """What somebody agrees to beyond what lending needs. Lending itself asks for no consent."""

    HISTORY = "history"
    NAME = "name"
    PHOTO = "photo"


class Relation(StrEnum):
    """Who says so for the reader."""

    SELF = "self"
    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"


HOLDS = "withdrawn_on IS NULL"


class Consent(Model):
    """Somebody agreed that the library does something with what it knows of a reader. Silence is no consent, so there is
    no row without a day, a person who said it and what shows it. A withdrawn one stays; when the reader is forgotten,
    the name of who gave it goes and the row tells of nobody."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("uq_consent_holds", "person_id", "library_id", "purpose", unique=True,
              sqlite_where=text(HOLDS), postgresql_where=text(HOLDS)),
        Index(None, "library_id"),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= given_on", name="ends_after_it_begins"),
    )  # fmt: skip
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), doc="None once forgotten."
    )
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    purpose: Mapped[Purpose]
    relation: Mapped[Relation]
    given_by: Mapped[str] = mapped_column(doc="Name of who signed; '' where the reader did, and once forgotten.")
    child_agrees: Mapped[bool] = mapped_column(doc="From seven years on the child is asked too.")
    evidence: Mapped[str] = mapped_column(doc="Where the paper lies.")
    given_on: Mapped[date]
    account: Mapped[UUID | None] = mapped_column(doc="Who wrote it down.")
    withdrawn_on: Mapped[date | None]


class Look(Model):
    """An account opened the page of a reader. No key to the person: it says which rows of `person` had that uid."""

    __tablename__ = "look"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "library_id", "at"), Index(None, "at"))
    __scope__ = "library_id~library"

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[UUID] = mapped_column(doc="The account's uid.")
    subject: Mapped[UUID] = mapped_column(doc="The membership's uid.")
    page: Mapped[str] = mapped_column(doc="The page's name in the program.")
    library_id: Mapped[int] = mapped_column(doc="The account's; no foreign key on purpose.")


class Memory(Model):
    """How long a library remembers. Without a row: `forgetting.USUAL`."""

    __tablename__ = "memory"
    __table_args__ = (
        CheckConstraint("loans_months BETWEEN 0 AND 120 AND leavers_months BETWEEN 1 AND 120", name="months"),
    )
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    loans_months: Mapped[int] = mapped_column(doc="After a return: who had the book is forgotten; 0: the night after.")
    leavers_months: Mapped[int] = mapped_column(doc="After the last membership: who they were is forgotten.")
