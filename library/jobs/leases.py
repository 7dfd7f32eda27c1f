"""Giving leases back: a worker that stops on purpose lets the next one go on at once."""

from sqlalchemy import update

from library.core import clock
from library.core.db import db, for_writing
from library.jobs import queue
from library.jobs.models import Job, JobState


def give_back() -> int:
    """What this process had in hand may be taken by anybody. Commits; how many."""
    for_writing()
    mine = update(Job).where(Job.worker == queue._worker_name(), Job.state == JobState.RUNNING)
    count = len(db.session.execute(mine.values(lease_until=clock.now()).returning(Job.id)).all())
    db.session.commit()
    return count
