"""Messages and their first answers are kept for three months: long enough for a page that was away over the summer.

Acts stay. A message that came again after that would be refused by its act's uid, never done twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.inbox.models import Entry
from library.jobs.nightly import SOME, forgets

KEPT_FOR = timedelta(days=90)


@forgets("inbox")
def forget_entries(session: Session, now: datetime) -> bool:
    old = select(Entry.uid).where(Entry.received_at < now - KEPT_FOR).limit(SOME)
    return len(session.execute(delete(Entry).where(Entry.uid.in_(old)).returning(Entry.uid)).all()) == SOME
