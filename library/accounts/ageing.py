"""Sessions that are over, failed sign-ins and codes that open nothing any more are kept for a month, for whoever asks."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Attempt, OneTimeCode, SignIn
from library.jobs.nightly import SOME, forgets

KEPT_FOR = timedelta(days=30)


@forgets("sign-ins")
def forget_sessions(session: Session, now: datetime) -> bool:
    old = select(SignIn.token_hash).where(SignIn.expires_at < now - KEPT_FOR).limit(SOME)
    gone = session.execute(delete(SignIn).where(SignIn.token_hash.in_(old)).returning(SignIn.token_hash)).all()
    session.execute(delete(Attempt).where(Attempt.at < now - KEPT_FOR))
    return len(gone) == SOME


@forgets("one-time-codes")
def forget_codes(session: Session, now: datetime) -> bool:
    over = or_(OneTimeCode.used_at < now - KEPT_FOR, OneTimeCode.expires_at < now - KEPT_FOR)
    old = select(OneTimeCode.id).where(over).limit(SOME)
    gone = session.execute(delete(OneTimeCode).where(OneTimeCode.id.in_(old)).returning(OneTimeCode.id)).all()
    return len(gone) == SOME
