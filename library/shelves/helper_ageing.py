"""Who held the class's machine, and when: kept as long as somebody may ask about it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.jobs.nightly import SOME, forgets
from library.shelves.models import HelperSession

KEPT = timedelta(days=30)


@forgets("helper-sessions")
def forget_sessions(session: Session, now: datetime) -> bool:
    """Some sessions that are long over. Whether there were any."""
    old = select(HelperSession.sign_in_uid).where(HelperSession.ends_at < now - KEPT).limit(SOME)
    found = session.scalars(old).all()
    session.execute(delete(HelperSession).where(HelperSession.sign_in_uid.in_(found)))
    return bool(found)
