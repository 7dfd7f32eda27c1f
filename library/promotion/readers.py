"""What promotion knows of a reader: told to them when they ask, gone when they are forgotten. Figures stay."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from library.organisations.models import Branch
from library.patrons.models import Membership, Person
from library.privacy.forgetting import forgets_memberships
from library.privacy.own_data import tells
from library.promotion.challenge_models import Challenge, ChallengeEntry
from library.promotion.club_models import Club, ClubMember
from library.promotion.commend_models import Commendation, Whom
from library.promotion.event_models import PromotionStep
from library.promotion.training_ageing import remembering
from library.promotion.training_models import Training, TrainingMark, TrainingSession
from library.promotion.trainings import MARKS


@forgets_memberships
def forget(session: Session, mine: Sequence[int]) -> None:
    """Ticks of a challenge stay with the class; everything else goes."""
    _forget_marks(session, set(mine))
    session.execute(delete(ClubMember).where(ClubMember.membership_id.in_(mine)))
    session.execute(update(ChallengeEntry).where(ChallengeEntry.membership_id.in_(mine)).values(membership_id=None))
    _forget_commendations(session, mine)


def _forget_marks(session: Session, mine: set[int]) -> None:
    """And those that were taken back, in what is remembered of each step."""
    session.execute(delete(TrainingMark).where(TrainingMark.membership_id.in_(mine)))
    libraries = select(Membership.library_id).where(Membership.id.in_(mine))
    for step in session.scalars(remembering(Branch.organisation_id.in_(libraries))).all():
        before = step.before or {}
        kept = {uid: [one for one in members if one not in mine] for uid, members in before[MARKS].items()}
        if kept != before[MARKS]:
            step.before = before | {MARKS: kept}
    session.flush()


def _forget_commendations(session: Session, mine: Sequence[int]) -> None:
    """Also those that named them in letters: in the library they read at, and a person."""
    named = (
        select(Commendation.id)
        .join(Branch, Branch.id == Commendation.branch_id)
        .join(Membership, Membership.library_id == Branch.organisation_id)
        .join(Person, and_(Person.id == Membership.person_id, Person.full_name == Commendation.name))
        .where(Membership.id.in_(mine), Commendation.whom == Whom.PERSON)
    )
    theirs = or_(Commendation.membership_id.in_(mine), Commendation.id.in_(named))
    found = session.execute(select(Commendation.id, Commendation.uid).where(theirs)).all()
    ids, uids = [row[0] for row in found], [row[1] for row in found]
    session.execute(update(Commendation).where(Commendation.id.in_(ids)).values(name=None, membership_id=None))
    session.execute(update(PromotionStep).where(PromotionStep.source.in_(uids)).values(before=None))


@tells("clubs")
def clubs(session: Session, reader: Membership) -> list[dict[str, Any]]:
    query = select(Club.name, ClubMember.from_on, ClubMember.to_on).join(ClubMember, ClubMember.club_id == Club.id)
    rows = session.execute(query.where(ClubMember.membership_id == reader.id).order_by(ClubMember.id))
    return [
        {"name": name, "from_on": since.isoformat(), "to_on": until.isoformat() if until else None}
        for name, since, until in rows
    ]


@tells("trainings")
def trainings(session: Session, reader: Membership) -> list[dict[str, Any]]:
    """Sessions at which they were ticked."""
    query = select(Training.title, TrainingSession.day).join(
        TrainingSession, TrainingSession.training_id == Training.id
    )
    query = query.join(TrainingMark, TrainingMark.session_id == TrainingSession.id)
    rows = session.execute(query.where(TrainingMark.membership_id == reader.id).order_by(TrainingSession.day))
    return [{"title": title, "on": day.isoformat()} for title, day in rows]


@tells("challenges")
def challenges(session: Session, reader: Membership) -> list[dict[str, Any]]:
    """What teachers ticked for them."""
    query = select(Challenge.name, Challenge.unit, ChallengeEntry.read_on, ChallengeEntry.quantity)
    query = query.join(ChallengeEntry, ChallengeEntry.challenge_id == Challenge.id)
    mine = ChallengeEntry.membership_id == reader.id, ChallengeEntry.voided.is_(False)
    rows = session.execute(query.where(*mine).order_by(ChallengeEntry.id))
    return [{"name": name, "unit": unit, "on": on.isoformat(), "quantity": many} for name, unit, on, many in rows]


@tells("commendations")
def commendations(session: Session, reader: Membership) -> list[dict[str, Any]]:
    mine = Commendation.membership_id == reader.id, Commendation.gone.is_(False)
    return [
        {"on": one.day.isoformat(), "given_by": one.given_by, "decision": one.decision, "reason": one.reason}
        for one in session.scalars(select(Commendation).where(*mine).order_by(Commendation.id))
    ]
