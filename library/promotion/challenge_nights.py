"""What the night does with challenges: milestones reached become figures, what is over is settled, ticks are forgotten."""

import logging
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs.nightly import SOME, forgets
from library.jobs.nights import nightly
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.privacy.forgetting import USUAL, remembered_since
from library.privacy.models import Memory
from library.promotion import challenge_counting, challenge_facts, challenges
from library.promotion.challenge_models import Challenge, ChallengeEntry
from library.promotion.club_models import ClubMember
from library.uses import happenings

LOG = logging.getLogger(__name__)
LEFT = timedelta(days=365)
"""After so long nobody asks any more who was in a club."""


@nightly("challenges", N_("Tính các mốc thử thách đọc, chốt thử thách đã hết hạn"))
def look(session: Session, day: date) -> tuple[int, bool]:
    """One of those that run, or are over and not settled."""
    query = select(Challenge).where(
        Challenge.settled_at.is_(None), Challenge.cancelled.is_(False), Challenge.first_on <= day,
        or_(Challenge.followed_on.is_(None), Challenge.followed_on < day),
    )  # fmt: skip
    found = session.scalars(query.order_by(Challenge.id).limit(1)).first()
    if found is None:
        return 0, False
    found.followed_on = day
    session.flush()
    try:
        with session.begin_nested():
            _look(session, day, found)
    except (SQLAlchemyError, Refused):  # the others are looked at all the same, this one the next night again
        LOG.exception("challenge %s could not be reckoned", found.uid)
    return 1, True


def _look(session: Session, day: date, found: Challenge) -> None:
    if found.last_on + challenges.LATE < day:
        challenges.settle(session, Doing.now(branch_id=found.branch_id), found)
    else:
        _follow(session, found)


def _follow(session: Session, challenge: Challenge) -> None:
    """An act only where there is something new to say."""
    facts = challenge_facts.due(session, challenge, challenge_counting.board(session, challenge))
    if facts is not None:
        doing = Doing.now(branch_id=challenge.branch_id)
        act_id = acts.write(session, doing, challenges.SET, clock.now())
        happenings.settle(session, (act_id, doing.uid), challenge_facts.KIND, challenge.uid, facts)


@forgets("challenge-ticks")
def forget_ticks(session: Session, now: datetime) -> bool:
    """Of challenges whose results stand, when the library forgets loans of these days."""
    own = {one.library_id: one.loans_months for one in session.scalars(select(Memory))}
    limits = [(Branch.organisation_id == library, _back(now, months)) for library, months in own.items()]
    more = False
    for whose, limit in (*limits, (Branch.organisation_id.not_in(list(own)), _back(now, USUAL.loans))):
        more |= _forget(session, whose, limit)
    return more


def _forget(session: Session, whose: ColumnElement[bool], limit: date) -> bool:
    old = (
        select(ChallengeEntry.id)
        .join(Challenge, Challenge.id == ChallengeEntry.challenge_id)
        .join(Branch, Branch.id == Challenge.branch_id)
        .where(whose, ChallengeEntry.read_on < limit, or_(Challenge.settled_at.is_not(None), Challenge.cancelled))
        .limit(SOME)
    )
    found = session.scalars(old).all()
    session.execute(delete(ChallengeEntry).where(ChallengeEntry.id.in_(found)))
    return len(found) == SOME


def _back(now: datetime, months: int) -> date:
    return clock.day_of(remembered_since(now, months))


@forgets("club-members")
def forget_members(session: Session, now: datetime) -> bool:
    """Who left a club, or the library, a year ago: its meetings keep their numbers."""
    day = clock.day_of(now - LEFT)
    left = select(ClubMember.id).join(Membership, Membership.id == ClubMember.membership_id)
    found = session.scalars(left.where(or_(ClubMember.to_on < day, Membership.to_on < day)).limit(SOME)).all()
    session.execute(delete(ClubMember).where(ClubMember.id.in_(found)))
    return len(found) == SOME
