"""Asking for long work, and doing it step by step.

A step is one short transaction: it does a little, says how far it is, and may be done again without harm. What can be
thought before is thought before, and counts only while the job stands where it stood. A worker holds a lease while it
works; one that died is replaced when the lease runs out.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import bindparam, or_, select, update

from library.core import clock
from library.core.db import db, for_writing, read_only, straight, table_of
from library.jobs.courtesy import Effort, rest
from library.jobs.models import Job, JobState

LEASE = timedelta(seconds=60)
TRIES = 5


@dataclass(frozen=True)
class Progress:
    """What a step says when it has done its little: how many of how many (None: not known yet), whether that was all,
    and the facts of the steps to come where they are other ones now."""

    done: int
    total: int | None = None
    finished: bool = False
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Turn:
    """A job this worker has leased, and how far it was when it was last seen."""

    job_id: int
    uid: UUID
    kind: str
    facts: Mapping[str, Any]
    done: int
    total: int | None


Step = Callable[[dict[str, Any], UUID], Progress]
"""(facts, job uid) -> Progress. Works in `db.session`, does not commit: the worker does, with the progress."""

Think = Callable[[Turn], Any]
"""The part of a step that reads and thinks, while others write."""

Write = Callable[[Turn, Any], Progress]
"""(turn, what was thought) -> Progress. Called only if nobody else has gone on with the job since `turn`."""

STEPS: dict[str, tuple[Think, Write]] = {}
"""Kinds of jobs, filled by the packages that bring them."""


def step_of(kind: str) -> Callable[[Step], Step]:
    """Register the step of a kind of job that has little to think about."""

    def register(step: Step) -> Step:
        STEPS[kind] = (lambda turn: None, lambda turn, thought: step(dict(turn.facts), turn.uid))
        return step

    return register


def steps_of(kind: str, think: Think, write: Write) -> None:
    """Register a kind of job whose steps are thought out before anybody has to wait for them."""
    STEPS[kind] = (think, write)


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


def take() -> Turn | None:
    """Lease the oldest job that waits, or whose worker is gone. Commits. None if there is nothing to do."""
    for_writing()
    free = or_(Job.state == JobState.WAITING, Job.state == JobState.RUNNING)
    query = select(Job.id, Job.uid, Job.kind, Job.facts, Job.done, Job.total).where(
        free, Job.lease_until <= clock.now()
    )
    row = db.session.execute(query.order_by(Job.id).limit(1).with_for_update(skip_locked=True)).first()
    if row is not None:
        taken = {"state": JobState.RUNNING, "lease_until": clock.now() + LEASE, "worker": _worker_name()}
        db.session.execute(update(Job).where(Job.id == row.id).values(taken))
    db.session.commit()
    return Turn(*row) if row is not None else None


_JOB = table_of(Job)
_STILL_OURS = (
    select(_JOB.c.id)
    .where(_JOB.c.id == bindparam("job"), _JOB.c.done == bindparam("so_far"), _JOB.c.worker == bindparam("me"))
    .where(_JOB.c.state == JobState.RUNNING)
    .with_for_update()
)
_TOLD = ("done", "total", "facts", "lease_until", "state", "ended_at")
_SAYING = (
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"))
    .values({**{name: bindparam(name) for name in _TOLD}, "attempts": 0, "trouble": None})
)


def do_step(turn: Turn, effort: Effort | None = None) -> Turn | None:
    """One step of a leased job, written in one transaction with its progress. The next turn; None if that was all, or
    if the job is no longer ours. `effort` is told how long it took."""
    think, write = STEPS[turn.kind]
    effort = effort or Effort()
    with effort.timed("thinking"):
        read_only()
        thought = think(turn)
    for_writing()
    ours = _still_ours(turn)  # here the turn to write is waited for, which is no effort
    with effort.timed("writing"):
        progress = write(turn, thought) if ours else None
        following = _say(turn, progress) if progress else None
        db.session.commit()
    return None if progress is None or progress.finished else following


def _still_ours(turn: Turn) -> bool:
    mine = {"job": turn.job_id, "so_far": turn.done, "me": _worker_name()}
    return straight(db.session()).execute(_STILL_OURS, mine).first() is not None


def _say(turn: Turn, progress: Progress) -> Turn:
    """How far the job is now."""
    total = progress.total if progress.total is not None else turn.total
    facts, now = turn.facts if progress.facts is None else progress.facts, clock.now()
    state, ended_at = (JobState.DONE, now) if progress.finished else (JobState.RUNNING, None)
    told = dict(zip(_TOLD, (progress.done, total, facts, now + LEASE, state, ended_at), strict=True))
    straight(db.session()).execute(_SAYING, {"job": turn.job_id, **told})
    return replace(turn, done=progress.done, total=total, facts=facts)


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
    """Do what waits now; the number of steps done. `pause` seconds between steps leave room for the desks; while people
    are at work there, it rests longer (`courtesy`)."""
    steps = 0
    with app.app_context():
        while not stop() and (turn := take()) is not None:
            while turn is not None and not stop():
                effort, job_id = Effort(), turn.job_id
                try:
                    turn = do_step(turn, effort)
                    steps += 1
                except Exception as error:
                    app.logger.exception("a step of job %s failed", job_id)
                    _note_failure(job_id, error)
                    turn = None
                rest(effort, pause)
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
