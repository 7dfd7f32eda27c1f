"""Asking for long work, and doing it step by step.

A step is one short transaction: it does a little, says how far it is, and may be done again without harm. A worker
holds a lease while it works; one that died is replaced when the lease runs out.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import or_, select, update

from library.core import clock
from library.core.db import db, for_writing, others_write
from library.jobs.models import Job, JobState

LEASE = timedelta(seconds=60)
TRIES = 5


@dataclass(frozen=True)
class Progress:
    """What a step says when it has done its little: how many of how many (None: not known yet), and whether that was all."""

    done: int
    total: int | None = None
    finished: bool = False


Step = Callable[[dict[str, Any], UUID], Progress]
"""(facts, job uid) -> Progress. Works in `db.session`, does not commit: the worker does, with the progress."""

STEPS: dict[str, Step] = {}
"""Kinds of jobs, filled by the packages that bring them."""


def step_of(kind: str) -> Callable[[Step], Step]:
    """Register the step of a kind of job."""

    def register(step: Step) -> Step:
        STEPS[kind] = step
        return step

    return register


def ask(
    kind: str, facts: dict[str, Any], library_id: int | None, account: UUID | None, total: int | None = None
) -> Job:
    """A job, written when the caller commits."""
    now = clock.now()
    job = Job(
        uid=clock.uuid7(), kind=kind, library_id=library_id, account=account, facts=facts, state=JobState.WAITING,
        done=0, total=total, attempts=0, lease_until=now, made_at=now,
    )  # fmt: skip
    db.session.add(job)
    db.session.flush()
    return job


def _worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def take() -> int | None:
    """Lease the oldest job that waits, or whose worker is gone. Commits. None if there is nothing to do."""
    for_writing()
    free = or_(Job.state == JobState.WAITING, Job.state == JobState.RUNNING)
    query = select(Job.id).where(free, Job.lease_until <= clock.now()).order_by(Job.id).limit(1)
    job_id = db.session.scalar(query.with_for_update(skip_locked=True))
    if job_id is not None:
        taken = {"state": JobState.RUNNING, "lease_until": clock.now() + LEASE, "worker": _worker_name()}
        db.session.execute(update(Job).where(Job.id == job_id).values(taken))
    db.session.commit()
    return job_id


def do_step(job_id: int) -> bool:
    """One step of a leased job, in one transaction with its progress. Whether there is more to do."""
    for_writing()
    job = db.session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
    if job.state is not JobState.RUNNING:
        db.session.rollback()
        return False
    progress = STEPS[job.kind](dict(job.facts), job.uid)
    job.done, job.attempts, job.trouble = progress.done, 0, None
    job.total = progress.total if progress.total is not None else job.total
    job.lease_until = clock.now() + LEASE
    if progress.finished:
        job.state, job.ended_at = JobState.DONE, clock.now()
    db.session.commit()
    return not progress.finished


def _note_failure(job_id: int, error: Exception) -> None:
    """The step's work was rolled back; wait longer after each failure, give up after `TRIES`."""
    db.session.rollback()
    for_writing()
    job = db.session.get_one(Job, job_id, populate_existing=True)
    job.attempts += 1
    job.trouble = f"{type(error).__name__}: {error}"[:500]
    job.lease_until = clock.now() + timedelta(seconds=2**job.attempts)
    if job.attempts >= TRIES:
        job.state, job.ended_at = JobState.FAILED, clock.now()
    db.session.commit()


Stop = Callable[[], bool]
"""Whether the worker is asked to stop. Between two steps it asks; a step is never cut in two."""


def never() -> bool:
    return False


def work_off(app: Flask, pause: float = 0.0, stop: Stop = never) -> int:
    """Do what waits now; the number of steps done. `pause` seconds between steps leave room for the desks; while one of
    them writes, each step is followed by a pause as long as itself."""
    steps = 0
    with app.app_context():
        while not stop() and (job_id := take()) is not None:
            more = True
            while more and not stop():
                began = time.monotonic()
                try:
                    more = do_step(job_id)
                    steps += 1
                except Exception as error:
                    app.logger.exception("a step of job %s failed", job_id)
                    _note_failure(job_id, error)
                    more = False
                time.sleep(max(pause, time.monotonic() - began) if pause and others_write() else pause)
    return steps


MEANWHILE: list[Callable[[Flask], None]] = []
"""What the worker looks after when no job waits."""


def work(app: Flask, every: float = 1.0, stop: Stop = never) -> None:
    """The worker's loop. A database that is away for a while does not end it."""
    while not stop():
        try:
            work_off(app, pause=0.002, stop=stop)
            for each in MEANWHILE:
                each(app)
        except Exception:
            app.logger.exception("the worker could not reach its jobs")
        latest = time.monotonic() + every
        while not stop() and time.monotonic() < latest:
            time.sleep(0.1)
