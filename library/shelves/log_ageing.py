"""What pupils read is forgotten when their loans are: the figures of the class stay in the uses."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.patrons.models import Membership
from library.privacy.forgetting import USUAL, remembered_since
from library.privacy.models import Consent, Memory, Purpose
from library.shelves.models import ReadingEntry


@forgets("reading-log")
def forget_entries(session: Session, now: datetime) -> bool:
    """Lines older than the library remembers loans, but for readers who asked us to keep what they read."""
    more = False
    for whose, limit in _limits(session, now):
        old = (
            select(ReadingEntry.id)
            .join(Membership, Membership.id == ReadingEntry.membership_id)
            .where(whose, ReadingEntry.read_on < limit, ~_agreed())
            .limit(SOME)
        )
        found = session.scalars(old).all()
        session.execute(delete(ReadingEntry).where(ReadingEntry.id.in_(found)))
        more |= len(found) == SOME
    return more


def _limits(session: Session, now: datetime) -> list[tuple[ColumnElement[bool], date]]:
    """(whose, the first day still remembered): libraries with a time of their own, then all others."""
    own = {one.library_id: one.loans_months for one in session.scalars(select(Memory))}
    told = [(Membership.library_id == library, _back(now, months)) for library, months in own.items()]
    return [*told, (Membership.library_id.not_in(list(own)), _back(now, USUAL.loans))]


def _back(now: datetime, months: int) -> date:
    return clock.day_of(remembered_since(now, months))


def _agreed() -> ColumnElement[bool]:
    return exists().where(
        Consent.person_id == Membership.person_id, Consent.library_id == Membership.library_id,
        Consent.purpose == Purpose.HISTORY, Consent.withdrawn_on.is_(None),
    )  # fmt: skip
