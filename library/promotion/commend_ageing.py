"""Names of people commended who are no readers: kept as long as such papers may be asked for, then only the number stays.

A reader is named by their membership alone, whose name goes when they are forgotten.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.promotion.commend_models import Commendation, Whom
from library.promotion.event_models import PromotionStep

NAMES_KEPT = timedelta(days=5 * 365)
"""A collective's name is nobody's."""


@forgets("commended-names")
def forget_names(session: Session, now: datetime) -> bool:
    """And what their earlier wordings said. Whether there may be more."""
    limit = clock.day_of(now - NAMES_KEPT)
    old = select(Commendation.id, Commendation.uid).where(
        Commendation.whom == Whom.PERSON, Commendation.name.is_not(None), Commendation.day < limit
    )
    found = session.execute(old.limit(SOME)).all()
    ids, uids = [row[0] for row in found], [row[1] for row in found]
    session.execute(update(Commendation).where(Commendation.id.in_(ids)).values(name=None))
    session.execute(update(PromotionStep).where(PromotionStep.source.in_(uids)).values(before=None))
    return len(found) == SOME
