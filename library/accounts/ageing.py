"""Sessions that are over and failed sign-ins are kept for a month, for whoever asks what happened."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.accounts.models import Attempt, SignIn
from library.jobs.nightly import SOME, forgets

KEPT_FOR = timedelta(days=30)


@forgets("sign-ins")
def forget_sessions(session: Session, now: datetime) -> bool:
    old = select(SignIn.token_hash).where(SignIn.expires_at < now - KEPT_FOR).limit(SOME)
    gone = session.execute(delete(SignIn).where(SignIn.token_hash.in_(old)).returning(SignIn.token_hash)).all()
    session.execute(delete(Attempt).where(Attempt.at < now - KEPT_FOR))
    return len(gone) == SOME
