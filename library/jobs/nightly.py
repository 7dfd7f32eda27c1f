"""What is kept for a time only. Packages register a step that forgets a little; the worker takes them once a day."""

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import Stamp, bump, db, for_writing, read_only
from library.jobs import queue
from library.jobs.courtesy import Effort, rest
from library.jobs.models import Job

Step = Callable[[Session, datetime], bool]
"""(session, now) -> whether there may be more. Forgets some hundred rows, does not commit."""

STEPS: dict[str, Step] = {}
DONE = "forgotten"
SOME = 500
PAUSE, AT_ONCE = 0.002, 40
"""Of the worker: seconds between two transactions, and how many until it looks for jobs again."""

JOBS_KEPT = timedelta(days=90)


def forgets(name: str) -> Callable[[Step], Step]:
    """Register a step under a name."""

    def register(step: Step) -> Step:
        STEPS[name] = step
        return step

    return register


@forgets("jobs")
def forget_jobs(session: Session, now: datetime) -> bool:
    old = select(Job.id).where(Job.ended_at < now - JOBS_KEPT).limit(SOME)
    return len(session.execute(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all()) == SOME


def is_due(today: date) -> bool:
    """Whether nobody has forgotten today. Reads only."""
    read_only()
    done = db.session.scalar(select(Stamp.number).where(Stamp.name == DONE))
    db.session.rollback()
    return done is None or done < today.toordinal()


def forget(now: datetime, pause: float = 0.0, most: float = math.inf) -> int:
    """All steps until each has nothing left, one short transaction at a time. How many transactions; after `most` of
    them the rest is left for the next call. With a `pause` between them, a longer one while people are at work."""
    count = 0
    for step in STEPS.values():
        more = True
        while more:
            if count >= most:
                return count
            more = _forget_some(step, now, pause)
            count += 1
    for_writing()
    bump(db.session(), DONE)
    db.session.execute(update(Stamp).where(Stamp.name == DONE).values(number=clock.day_of(now).toordinal()))
    db.session.commit()
    return count


def _forget_some(step: Step, now: datetime, pause: float) -> bool:
    """Whether there may be more."""
    effort = Effort()
    for_writing()
    with effort.timed("writing"):
        more = step(db.session(), now)
        db.session.commit()
    rest(effort, pause)
    return more


def forget_if_due(app: Flask) -> None:
    """Once a day, whichever worker comes first; twice would do no harm."""
    with app.app_context():
        if is_due(clock.today()):
            forget(clock.now(), PAUSE, AT_ONCE)


queue.MEANWHILE.append(forget_if_due)
