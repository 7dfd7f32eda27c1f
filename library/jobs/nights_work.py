"""Going through a night: once a day whichever worker comes first, a transaction at a time, told row by row.

A worker holds a lease on the night while it works. One that is killed leaves what it committed; when the lease has run
out another goes on with the step it was in. A step that fails is told, and those after it are taken all the same.
"""

import math
import time
import traceback
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import DBAPIError

from library.core import clock
from library.core.db import db, for_writing, inserting, is_passing, read_only
from library.jobs import nights, queue
from library.jobs.courtesy import Effort, rest
from library.jobs.models import Night, NightStep

LEASE = timedelta(seconds=60)
PAUSE, AT_ONCE = 0.002, 40
"""Of the worker: seconds between two transactions, and how many until it looks for jobs again."""
TRIES = 5
"""How often a step is begun anew after a failure that passes: a deadlock, a database that restarts."""
MOST_ROUNDS = 50_000
"""Of one step in one night. One that always says there is more has gone wrong."""


class Endless(Exception):
    """A step that never says it is done."""


def begin(day: date, asked_by: UUID | None = None) -> None:
    """The machine's own night of that day, if it is not there yet; else, if somebody asks, another one, unless one is
    under way. Commits."""
    for_writing()
    if not _add(day, None) and asked_by is not None and not _under_way():
        _add(day, asked_by)
    db.session.commit()


def _add(day: date, asked_by: UUID | None) -> bool:
    """Whether it is new."""
    now = clock.now()
    row = {"day": day, "asked_by": asked_by, "asked_at": now, "lease_until": now}
    once = inserting(db.session())(Night).values(row)
    once = once.on_conflict_do_nothing(index_elements=["day"], index_where=Night.asked_by.is_(None))
    return db.session.scalar(once.returning(Night.id)) is not None


def _under_way() -> bool:
    return bool(db.session.scalar(select(exists().where(Night.ended_at.is_(None)))))


def is_due(day: date) -> bool:
    """Whether there is anything to do for a night of that day or an open one. Reads only."""
    read_only()
    begun = exists().where(Night.day == day, Night.asked_by.is_(None))
    free = exists().where(Night.ended_at.is_(None), Night.lease_until <= clock.now())
    due = bool(db.session.scalar(select(or_(~begun, free))))
    db.session.rollback()
    return due


def take() -> int | None:
    """Lease the oldest night that is not over and that nobody works at. Commits. Its id."""
    for_writing()
    free = select(Night.id).where(Night.ended_at.is_(None), Night.lease_until <= clock.now())
    night = db.session.scalar(free.order_by(Night.id).limit(1).with_for_update(skip_locked=True))
    if night is not None:
        _lease(night)
    db.session.commit()
    return night


def _lease(night: int, until: datetime | None = None) -> None:
    values = {"lease_until": until or clock.now() + LEASE, "worker": queue._worker_name()}
    db.session.execute(update(Night).where(Night.id == night).values(values))


def go_on(most: float = math.inf, pause: float = 0.0, stop: queue.Stop = queue.never) -> int:
    """Nights that wait, until they are over or `most` transactions are done; what is left may be taken at once by the
    next who comes. How many transactions."""
    count = 0
    while count < most and not stop() and (night := take()) is not None:
        try:
            while count < most and not stop() and _round(night, pause):
                count += 1
        finally:
            _give_back(night)
    return count


def _give_back(night: int) -> None:
    """Not ended, or not ours any more: the statement knows."""
    db.session.rollback()
    for_writing()
    mine = update(Night).where(Night.id == night, Night.worker == queue._worker_name(), Night.ended_at.is_(None))
    db.session.execute(mine.values(lease_until=clock.now()))
    db.session.commit()


def _round(night: int, pause: float) -> bool:
    """One transaction of the next step; whether the night goes on. A failure that passes is tried again a few times."""
    effort = Effort()
    for tried in range(TRIES):
        try:
            with effort.timed("writing"):
                going = _do(night)
            rest(effort, pause)
            return going
        except Exception as error:
            db.session.rollback()
            if not (isinstance(error, DBAPIError) and is_passing(error) and tried < TRIES - 1):
                return _note_trouble(night, error)
            time.sleep(0.1 * 2**tried)
    return False


def _do(night: int) -> bool:
    for_writing()
    one = _ours(night)
    if one is None:
        db.session.rollback()
        return False
    step = _current(one)
    if step is None:
        one.ended_at = clock.now()
    else:
        count, more = nights.STEPS[step.name][1](db.session(), one.day)
        step.count, step.rounds = step.count + count, step.rounds + 1
        if not more:
            step.ended_at = clock.now()
        elif step.rounds >= MOST_ROUNDS:
            raise Endless
    _lease(night)
    db.session.commit()
    return step is not None


def _ours(night: int) -> Night | None:
    mine = (Night.worker == queue._worker_name(), Night.ended_at.is_(None))
    query = select(Night).where(Night.id == night, *mine).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _current(night: Night) -> NightStep | None:
    """The step that is under way or the next one, begun here; None: all are over."""
    over = {step.name for step in night.steps if step.ended_at is not None}
    name = nights.next_after(over)
    if name is None:
        return None
    found = next((step for step in night.steps if step.name == name), None)
    if found is None:
        found = NightStep(night_id=night.id, name=name, count=0, rounds=0, started_at=clock.now())
        night.steps.append(found)
    return found


def _note_trouble(night: int, error: Exception) -> bool:
    """The step's work was rolled back, what it committed before stays. Whether the night goes on, with the next step."""
    current_app.logger.error("a step of night %s failed", night, exc_info=error)
    for_writing()
    one = _ours(night)
    step = _current(one) if one else None
    if step is not None:
        step.trouble, step.ended_at = where(error), clock.now()
        _lease(night)
    db.session.commit()
    return step is not None


def where(error: Exception) -> str:
    """What sort of error and in which line of ours. Its message may hold somebody's name, and stays in the log."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{place}"


def tonight(app: Flask) -> None:
    """The worker, when no job waits: today's night, or one that somebody asked for."""
    with app.app_context():
        if is_due(clock.today()):
            begin(clock.today())
            go_on(AT_ONCE, PAUSE)


queue.MEANWHILE.append(tonight)
