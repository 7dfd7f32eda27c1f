"""Sessions of readers go after a day, numbers with the membership they belong to."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.jobs.nightly import SOME, forgets
from library.loans import self_pins
from library.loans.models import ReaderPin, ReaderSignIn
from library.patrons.models import Membership

KEPT = timedelta(days=1)


@forgets("reader-sign-ins")
def forget_sessions(session: Session, now: datetime) -> bool:
    old = select(ReaderSignIn.token_hash).where(ReaderSignIn.began_at < now - KEPT).limit(SOME)
    gone = session.execute(
        delete(ReaderSignIn).where(ReaderSignIn.token_hash.in_(old)).returning(ReaderSignIn.token_hash)
    )
    return len(gone.all()) == SOME


@forgets("reader-pins")
def forget_pins(session: Session, now: datetime) -> bool:
    """Of those who read there no more."""
    query = select(ReaderPin.membership_id).join(Membership, Membership.id == ReaderPin.membership_id)
    gone = session.scalars(query.where(Membership.to_on.is_not(None)).limit(SOME)).all()
    self_pins.drop(session, gone)
    return len(gone) == SOME
