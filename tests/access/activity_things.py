"""One event, training class, programme, lesson, slot and commendation of a library; every word of it may be a token."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.organisations.models import Branch, Organisation
from library.patrons.models import SchoolClass
from library.promotion import commendations, event_files, events, lessons, online, trainings
from library.promotion.commend_models import Commendation
from library.promotion.event_models import Event, PromotionFile
from library.promotion.lesson_models import Lesson
from library.promotion.lessons import Told
from library.promotion.online_models import OnlineProgramme
from library.promotion.training_models import Training

MODELS = {"activities": Event, "trainings": Training, "online": OnlineProgramme, "lessons": Lesson,
          "commendations": Commendation}  # fmt: skip


def add(library: Organisation, word: str = "Ba Bể") -> None:
    session, branch, today = db.session(), library.branches[0].id, clock.today().isoformat()
    texts = {"place": word, "partners": word, "note": word}
    said = {"type_code": "display", "title": word, "first_on": today, "people": {"pupils": 5}, "as_visits": False}
    (event,) = events.record(session, _doing(branch), branch, said | texts)
    for name in ("a.pdf", "b.pdf"):
        event_files.add(session, _doing(branch), "event", event, b"%PDF-" + word.encode(), event_files.PDF, name)
    sessions = [{"day": today, "from_at": None, "topic": word, "came": {"pupils": 5}}]
    trainings.record(session, _doing(branch), branch, _training(word) | texts, sessions)
    programme = {
        "title": word,
        "subject": "other",
        "platform": word,
        "organiser": word,
        "first_on": today,
        "note": word,
    }
    online.record(session, _doing(branch), branch, programme, {"pupils": 3})
    of = session.scalar(select(SchoolClass).where(SchoolClass.library_id == library.id))
    assert of
    slot = lessons.add_slot(session, branch, of, clock.today().weekday(), 1, clock.today())
    lessons.tell(session, _doing(branch), slot, clock.today(), Told(5, word))
    paper = {"day": today, "whom": "person", "name": word, "given_by": word, "decision": word, "reason": word, "signer": word,
             "note": word, "membership_id": None}  # fmt: skip
    commendations.record(session, _doing(branch), branch, paper)


def _doing(branch: int) -> Doing:
    return Doing.now(branch_id=branch)


def _training(word: str) -> dict[str, Any]:
    return {"title": word, "subjects": ["other"], "teacher": word, "people": {}, "as_visits": False}


def of(blueprint: str, library: Organisation) -> UUID:
    model: Any = MODELS[blueprint]
    query = select(model.uid).join(Branch, Branch.id == model.branch_id).where(Branch.organisation_id == library.id)
    return db.session.scalars(query.order_by(model.id)).first() or uuid4()


def file_of(library: Organisation) -> UUID:
    """One that is still shown."""
    query = select(PromotionFile.uid).join(Branch, Branch.id == PromotionFile.branch_id)
    mine = query.where(Branch.organisation_id == library.id, PromotionFile.removed_at.is_(None))
    return db.session.scalars(mine.order_by(PromotionFile.id)).first() or uuid4()
