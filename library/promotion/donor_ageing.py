"""Children who gave are forgotten when their gifts are old; grown people when they ask (`donors.forget`): the books of
a fund keep who paid in."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.promotion import donors
from library.promotion.gift_models import Donor, DonorKind, Gift

KEPT = timedelta(days=730)
"""After their last gift."""


@forgets("pupils-who-gave")
def forget_pupils(session: Session, now: datetime) -> bool:
    lately = exists().where(Gift.donor_id == Donor.id, Gift.given_on >= clock.day_of(now - KEPT))
    old = select(Donor.id).where(Donor.kind == DonorKind.PUPIL, Donor.name.is_not(None), ~lately)
    found = session.scalars(old.order_by(Donor.id).limit(SOME)).all()
    donors.forget(session, found)
    return len(found) == SOME
