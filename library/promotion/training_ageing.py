"""Who was ticked at a session is forgotten when loans are; how many came stays."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, delete, exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.jobs.nightly import SOME, forgets
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.privacy.forgetting import USUAL, remembered_since
from library.privacy.models import Memory
from library.promotion.event_models import PromotionStep
from library.promotion.training_models import Training, TrainingMark, TrainingSession
from library.promotion.trainings import KIND, MARKS


@forgets("training-marks")
def forget_marks(session: Session, now: datetime) -> bool:
    """Ticks of sessions older than the library remembers loans. Whether there may be more."""
    own = {one.library_id: one.loans_months for one in session.scalars(select(Memory))}
    among = [(Membership.library_id == library, months) for library, months in own.items()]
    more = False
    for whose, months in (*among, (Membership.library_id.not_in(list(own)), USUAL.loans)):
        old = (
            select(TrainingMark.session_id, TrainingMark.membership_id)
            .join(TrainingSession, TrainingSession.id == TrainingMark.session_id)
            .join(Membership, Membership.id == TrainingMark.membership_id)
            .where(whose, TrainingSession.day < clock.day_of(remembered_since(now, months)))
        )
        found = session.execute(old.limit(SOME)).all()
        for session_id, member in found:
            mark = (TrainingMark.session_id == session_id, TrainingMark.membership_id == member)
            session.execute(delete(TrainingMark).where(*mark))
        more |= len(found) == SOME
    return more


@forgets("training-steps")
def forget_steps(session: Session, now: datetime) -> bool:
    """Who was ticked, in what is remembered for taking steps back. Whether there may be more."""
    own = {one.library_id: one.loans_months for one in session.scalars(select(Memory))}
    among = [(Branch.organisation_id == library, months) for library, months in own.items()]
    more = False
    for whose, months in (*among, (Branch.organisation_id.not_in(list(own)), USUAL.loans)):
        younger = exists().where(
            TrainingSession.training_id == Training.id,
            TrainingSession.day >= clock.day_of(remembered_since(now, months)),
        )
        found = session.scalars(remembering(whose, ~younger).limit(SOME)).all()
        for step in found:
            step.before = {name: value for name, value in (step.before or {}).items() if name != MARKS}
        session.flush()
        more |= len(found) == SOME
    return more


def remembering(*which: ColumnElement[bool]) -> Select[PromotionStep]:
    """Steps of training classes that remember who was ticked."""
    query = select(PromotionStep).join(Training, Training.uid == PromotionStep.source)
    told = cast(PromotionStep.before, String).contains(f'"{MARKS}"', autoescape=True)
    query = query.join(Branch, Branch.id == PromotionStep.branch_id).where(PromotionStep.kind == KIND, told)
    return query.where(*which).order_by(PromotionStep.id)
