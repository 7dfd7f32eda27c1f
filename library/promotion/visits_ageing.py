"""Whose visits they were is forgotten when loans are; that somebody came stays. Kiosks that are long closed go."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.patrons.models import Membership
from library.privacy.forgetting import USUAL, remembered_since
from library.privacy.models import Memory
from library.promotion.visit_models import Kiosk
from library.uses.models import Visitor

KIOSKS_KEPT = timedelta(days=30)


@forgets("visitors")
def forget_visitors(session: Session, now: datetime) -> bool:
    """Some visits older than the library remembers loans. Whether there may be more."""
    own = {one.library_id: one.loans_months for one in session.scalars(select(Memory))}
    told = [(Membership.library_id == library, months) for library, months in own.items()]
    told.append((Membership.library_id.not_in(list(own)), USUAL.loans))
    more = [_forget(session, whose, now, months) for whose, months in told]
    return any(more)


def _forget(session: Session, whose: ColumnElement[bool], now: datetime, months: int) -> bool:
    first = clock.day_of(remembered_since(now, months))
    old = select(Visitor.visit_id).join(Membership, Membership.id == Visitor.membership_id)
    ids = session.scalars(old.where(whose, Visitor.visited_on < first).limit(SOME)).all()
    session.execute(delete(Visitor).where(Visitor.visit_id.in_(ids)))
    return len(ids) == SOME


@forgets("kiosks")
def forget_kiosks(session: Session, now: datetime) -> bool:
    old = select(Kiosk.token_hash).where(Kiosk.ends_at < now - KIOSKS_KEPT).limit(SOME)
    ids = session.scalars(old).all()
    session.execute(delete(Kiosk).where(Kiosk.token_hash.in_(ids)))
    return len(ids) == SOME
