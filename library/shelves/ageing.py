"""What the shelves keep of people, and for how long."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.shelves import light
from library.shelves.models import ShelfHelper

OWNERS_KEPT, TURNS_KEPT = timedelta(days=60), timedelta(days=365)
"""Who took a book of theirs back: as long as somebody may ask for it. Who had a week as helper: a school year."""


@forgets("shelf-owners")
def forget_owners(session: Session, now: datetime) -> bool:
    return light.forget(session, clock.day_of(now - OWNERS_KEPT), SOME)


@forgets("shelf-turns")
def forget_turns(session: Session, now: datetime) -> bool:
    """Some weeks of helpers that are long over. Whether there were any."""
    old = select(ShelfHelper.id).where(ShelfHelper.to_on < clock.day_of(now - TURNS_KEPT)).limit(SOME)
    found = session.scalars(old).all()
    session.execute(delete(ShelfHelper).where(ShelfHelper.id.in_(found)))
    return bool(found)
