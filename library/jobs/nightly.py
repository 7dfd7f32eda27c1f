"""What is kept for a time only. Packages register a step that forgets a little; each night takes them all."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_
from library.jobs import nights
from library.jobs.models import Job, Night, NightStep

Step = Callable[[Session, datetime], bool]
"""(session, now) -> whether there may be more. Forgets some hundred rows, does not commit."""

STEPS: dict[str, Step] = {}
PREFIX = "forgetting:"
WORDS = N_("Quên những gì máy chỉ giữ một thời gian")
SOME = 500

JOBS_KEPT = timedelta(days=90)


def forgets(name: str) -> Callable[[Step], Step]:
    """Register a step under a name. To the night each is a step of its own, after all others: one that fails does not
    keep the next from forgetting."""

    def register(step: Step) -> Step:
        STEPS[name] = step
        nights.nightly(PREFIX + name, WORDS)(lambda session, day: (0, step(session, clock.now())))
        nights.LAST.append(PREFIX + name)
        nights.UNCOUNTED.add(PREFIX + name)
        return step

    return register


@forgets("jobs")
def forget_jobs(session: Session, now: datetime) -> bool:
    old = select(Job.id).where(Job.ended_at < now - JOBS_KEPT).limit(SOME)
    return len(session.execute(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all()) == SOME


@forgets("nights")
def forget_nights(session: Session, now: datetime) -> bool:
    old = session.scalars(select(Night.id).where(Night.ended_at < now - JOBS_KEPT).limit(SOME)).all()
    session.execute(delete(NightStep).where(NightStep.night_id.in_(old)))
    session.execute(delete(Night).where(Night.id.in_(old)))
    return len(old) == SOME


def forget(now: datetime) -> int:
    """All of it at once, one short transaction at a time; how many."""
    return sum(_forget(step, now) for step in STEPS.values())


def _forget(step: Step, now: datetime) -> int:
    count, more = 0, True
    while more:
        for_writing()
        more = step(db.session(), now)
        db.session.commit()
        count += 1
    return count
