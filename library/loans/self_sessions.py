"""A reader at a computer that others use too: in for minutes, out by themselves, by a button or by leaving it alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.loans.models import ReaderSignIn
from library.patrons.models import Category, Membership, Person, SchoolClass

ALONE = timedelta(minutes=5)
"""Nobody touched the page: the next one who sits down finds it closed."""
LONGEST = timedelta(minutes=30)


@dataclass(frozen=True)
class Oneself:
    """The reader of this request."""

    membership_id: int
    uid: UUID
    full_name: str
    group: str
    library_id: int
    branch_id: int | None
    """Where their class is."""


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin(session: Session, membership_id: int) -> str:
    """The token for the cookie."""
    token = secrets.token_urlsafe(24)
    session.add(
        ReaderSignIn(token_hash=hash_of(token), membership_id=membership_id, began_at=clock.now(), ended_at=None)
    )
    session.flush()
    return token


def end(session: Session, token: str) -> None:
    mine = update(ReaderSignIn).where(ReaderSignIn.token_hash == hash_of(token), ReaderSignIn.ended_at.is_(None))
    session.execute(mine.values(ended_at=clock.now()))


def is_fresh(touched: float, now: datetime) -> bool:
    """Whether the page was touched lately, by the signed moment in the cookie."""
    return timedelta(seconds=-5) <= now - datetime.fromtimestamp(touched, now.tzinfo) <= ALONE


def who(session: Session, token: str, library_id: int) -> Oneself | None:
    """Whose session it is at this library, while it lasts (one statement)."""
    now = clock.now()
    query = (
        select(
            Membership.id,
            Membership.uid,
            Person.full_name,
            Category.group,
            Membership.library_id,
            SchoolClass.branch_id,
        )
        .join(ReaderSignIn, ReaderSignIn.membership_id == Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(ReaderSignIn.token_hash == hash_of(token), ReaderSignIn.ended_at.is_(None))
        .where(ReaderSignIn.began_at > now - LONGEST, Membership.library_id == library_id)
        .where(Membership.to_on.is_(None))
    )
    row = session.execute(query).one_or_none()
    return Oneself(*row) if row else None
