"""Accounts, what opens them, grants, sign-ins."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.core.db import Id, Model
from library.organisations.models import Branch, Organisation


class RoleName(StrEnum):
    ADMINISTRATOR = "administrator"
    SCHEDULER = "scheduler"
    LIBRARIAN = "librarian"
    HELPER = "helper"
    CLASS_HELPER = "class-helper"
    """A pupil at the class's shelf, in a session a teacher opened: never granted, only lent."""
    TEACHER = "teacher"
    VAN_CREW = "van-crew"
    READER = "reader"
    OFFICER = "officer"


class CodeFor(StrEnum):
    """What a one-time code opens."""

    INVITE = "invite"
    """The first coming in: one's own sign-in name and password are set."""
    RECOVER = "recover"
    """A new password, by the head of the library."""
    PRINTED = "printed"
    """A new password, by a paper one made for oneself beforehand."""
    SECOND = "second"
    """Instead of the telephone, once."""


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
    """A role, somewhere, for a time. `library_id` with everything below it; a branch or a class narrows it."""

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
    branch_id: Mapped[int | None] = mapped_column(
        ForeignKey("branch.id", ondelete="RESTRICT"),
        doc="Only here: the desk, the copies and the opening days of one branch.",
    )
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
    uid: Mapped[UUID | None] = mapped_column(index=True, doc="In addresses of pages; the hash is nobody's business.")
    device: Mapped[str | None] = mapped_column(doc="Browser and system in two words, as it said itself.")
    address: Mapped[str | None]
    seen_at: Mapped[datetime | None] = mapped_column(doc="To within ten minutes: not every scan is worth a write.")
    locked_at: Mapped[datetime | None] = mapped_column(doc="Nothing is answered until somebody unlocks.")
    owes_second: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), doc="Must set up the second factor before anything else."
    )
    helps_class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="RESTRICT"),
        doc="The account's holder handed the machine to a pupil helper of this class: nothing else of theirs holds.",
    )


class AccountKey(Model):
    """What opens an account beside its password."""

    __tablename__ = "account_key"
    __scope__ = "account_id>account.library_id:library"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), primary_key=True)
    card_code_id: Mapped[int | None] = mapped_column(
        ForeignKey("code.id", ondelete="RESTRICT"),
        unique=True,
        doc="One's reader card: with the PIN it unlocks the desk.",
    )
    pin_hash: Mapped[str | None]
    second_nonce: Mapped[str | None] = mapped_column(
        doc="Half of the second factor's secret; the server's key is the other."
    )
    second_at: Mapped[datetime | None] = mapped_column(doc="Since when it is asked for; none while it is being set up.")
    second_step: Mapped[int | None] = mapped_column(
        BigInteger, doc="The last half minute whose number was taken; none is twice."
    )


class OneTimeCode(Model):
    """A number on a slip of paper that opens one door once. Only its keyed hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "account_id", "kind"),)
    __scope__ = "account_id>account.library_id:library"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    kind: Mapped[CodeFor]
    code_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None] = mapped_column(doc="Used, or replaced by a newer one.")


class AccountRule(Model):
    """How careful a library is: when its desks lock by themselves, and who needs a second factor."""

    __tablename__ = "account_rule"
    __table_args__ = (CheckConstraint("lock_minutes >= 0", name="not_negative"),)
    __scope__ = "library_id:library"

    library_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), primary_key=True)
    lock_minutes: Mapped[int | None] = mapped_column(doc="0 is never; none is what everybody has.")
    second_for: Mapped[list[str]] = mapped_column(JSON, doc="Roles, here and everywhere below.")


class Attempt(Model):
    """A failed sign-in, kept for as long as it counts against the next one."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "login_hash", "at"), Index(None, "address", "at"))
    __scope__ = "none: hashes and addresses of the last hour"

    id: Mapped[Id]
    login_hash: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
