"""Accounts, grants, sign-ins."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.organisations.models import Branch, Organisation


class RoleName(StrEnum):
    ADMINISTRATOR = "administrator"
    SCHEDULER = "scheduler"
    LIBRARIAN = "librarian"
    HELPER = "helper"
    TEACHER = "teacher"
    VAN_CREW = "van-crew"
    READER = "reader"
    OFFICER = "officer"


class Account(Model):
    """Somebody who signs in. Never deleted: acts and traces carry its uid."""

    __tablename__ = "account"
    __scope__ = "library_id:library"

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    login: Mapped[str] = mapped_column(unique=True, doc="Folded, without blanks.")
    name: Mapped[str]
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(default="vi")
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="RESTRICT"), doc="Where the desk stands.")
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    library: Mapped[Organisation] = relationship()
    branch: Mapped[Branch] = relationship()
    grants: Mapped[list["Grant"]] = relationship(back_populates="account")


class Grant(Model):
    """A role, somewhere, for a time. `library_id` with everything below it; a class narrows it."""

    __tablename__ = "grant"
    __table_args__ = (
        Index(None, "account_id"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
    )
    __scope__ = "library_id:library"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    role: Mapped[RoleName]
    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    to_on: Mapped[date | None] = mapped_column(doc="Good before this day.")

    account: Mapped[Account] = relationship(back_populates="grants")


class SignIn(Model):
    """A session. The cookie holds a random token, this row its SHA-256: a stolen database signs nobody in."""

    __tablename__ = "sign_in"
    __scope__ = "account_id>account.library_id:library"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Attempt(Model):
    """A failed sign-in, kept for as long as it counts against the next one."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "login_hash", "at"), Index(None, "address", "at"))
    __scope__ = "none: hashes and addresses of the last hour"

    id: Mapped[Id]
    login_hash: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
