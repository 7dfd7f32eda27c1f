"""Reading, applying and undoing a list, in steps that hold the database for no longer than a desk can wait."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from library.core.db import db, for_writing, others_write, read_only
from library.jobs import queue
from library.jobs.models import Job
from library.jobs.queue import Progress, step_of
from library.staging import applying, loading, undoing
from library.staging.importers import Task
from library.staging.loading import Reading
from library.staging.models import Load, LoadRow, LoadState
from library.staging.sources import UnreadableFile

READ, APPLY, UNDO = "staging.read", "staging.apply", "staging.undo"
AIM, AIM_BESIDE_OTHERS = 0.024, 0.008
"""Seconds of writing in one step; with what the worker adds and the commit a write transaction stays below 0.05. While
somebody else writes too, a scan shall hardly feel it."""

_SMALLEST, _LARGEST = 20, 1_000


class _Pace:
    """How many rows make a step of the right length on this machine. Starts small and follows what it sees."""

    def __init__(self, rows: int = 50) -> None:
        self.rows = rows

    def timed(self, work: Callable[[int], int]) -> int:
        began = time.perf_counter()
        done = work(self.rows)
        took = time.perf_counter() - began
        if done:
            aim = AIM_BESIDE_OTHERS if others_write() else AIM
            wanted = int(self.rows * min(1.5, max(0.4, aim / max(took, 0.001))))
            self.rows = max(_SMALLEST, min(_LARGEST, wanted))
        return done


_paces = {kind: _Pace() for kind in (READ, APPLY, UNDO)}
_open: dict[UUID, Reading] = {}
"""The list this process is reading just now, by job. Only a comfort: another process begins it anew."""


def ask(load: Load, kind: str, total: int | None = None) -> Job:
    """The job that goes on with this load; its uid is kept with the choices, for showing how far it is."""
    job = queue.ask(kind, {"load": load.id}, load.library_id, load.account, total)
    load.choices = {**load.choices, "job": job.uid.hex}
    return job


def job_of(session: Session, load: Load) -> Job | None:
    uid = load.choices.get("job")
    return session.scalar(select(Job).where(Job.uid == UUID(uid))) if uid else None


def _load(session: Session, facts: dict[str, Any], state: LoadState) -> Load | None:
    """The load, locked, if it is still to be worked on."""
    load = session.get(Load, facts["load"], with_for_update=True, populate_existing=True)
    return load if load and load.state is state else None


def _done_so_far(session: Session, uid: UUID) -> int:
    return session.scalar(select(Job.done).where(Job.uid == uid)) or 0


@step_of(READ)
def read_step(facts: dict[str, Any], uid: UUID) -> Progress:
    """A few rows more. The file is parsed and judged outside of writing: opening a large one takes seconds."""
    load = _load(db.session(), facts, LoadState.READING)
    if load is None:
        return Progress(0, finished=True)
    if load.choices.get("clearing"):
        return _clear(load)
    done, task, source = _done_so_far(db.session(), uid), Task.of(load), (load.file_key, load.file_name)
    read_only()
    try:
        reading = _reading(uid, task, source, done)
        rows = reading.take(db.session(), _paces[READ].rows)
    except UnreadableFile as error:
        for_writing()
        return _unreadable(facts, error)
    for_writing()
    db.session.connection()  # our turn to write is not part of how long writing takes
    _paces[READ].timed(lambda _: loading.store(db.session(), task.load_id, rows))
    if not rows:
        loading.checked(db.session.get_one(Load, task.load_id), reading)
        _forget(uid)
    return Progress(reading.position, finished=not rows)


def _clear(load: Load) -> Progress:
    """Rows of an earlier reading go first."""

    def some(how_many: int) -> int:
        mine = select(LoadRow.id).where(LoadRow.load_id == load.id).limit(how_many).scalar_subquery()
        return len(db.session.scalars(delete(LoadRow).where(LoadRow.id.in_(mine)).returning(LoadRow.id)).all())

    if not _paces[UNDO].timed(some):
        load.choices = {**load.choices, "clearing": False}
    return Progress(0)


def _reading(uid: UUID, task: Task, source: tuple[str, str], done: int) -> Reading:
    """The reading in hand, if it stands where the rows end; else a new one, led there."""
    if uid not in _open or _open[uid].position != done:
        _forget(*list(_open))
        _open[uid] = Reading(task, loading.open_load(*source))
        _open[uid].skip(db.session(), done)
    return _open[uid]


def _forget(*uids: UUID) -> None:
    for uid in uids:
        if reading := _open.pop(uid, None):
            reading.close()


def _unreadable(facts: dict[str, Any], error: UnreadableFile) -> Progress:
    _forget(*list(_open))
    load = db.session.get_one(Load, facts["load"])
    load.state, load.trouble = LoadState.UNREADABLE, {"sentence": error.sentence, "facts": error.facts}
    return Progress(0, finished=True)


@step_of(APPLY)
def apply_step(facts: dict[str, Any], uid: UUID) -> Progress:
    """A few rows more. What they will become is worked out outside of writing."""
    load = _load(db.session(), facts, LoadState.APPLYING)
    if load is None:
        return Progress(0, finished=True)
    if load.act_id is None:
        applying.begin(db.session(), load)
        return Progress(0)
    task = Task.of(load)
    read_only()
    chunk = applying.prepare(db.session(), task, _paces[APPLY].rows)
    for_writing()
    load = _load(db.session(), facts, LoadState.APPLYING)
    if load is None:
        return Progress(0, finished=True)
    done = _paces[APPLY].timed(lambda _: applying.apply(db.session(), load, chunk))
    return Progress(_done_so_far(db.session(), uid) + done, finished=not done)


@step_of(UNDO)
def undo_step(facts: dict[str, Any], uid: UUID) -> Progress:
    load = _load(db.session(), facts, LoadState.UNDOING)
    if load is None:
        return Progress(0, finished=True)
    done = _paces[UNDO].timed(lambda rows: undoing.undo_some(db.session(), load, rows))
    return Progress(_done_so_far(db.session(), uid) + done, finished=not done)


def written_since(session: Session, library_id: int, moment: datetime) -> bool:
    """Whether a list of this library was written or taken back after `moment`."""
    mine = select(Job.id).where(Job.library_id == library_id, Job.kind.in_((APPLY, UNDO)), Job.ended_at > moment)
    return session.scalar(mine.limit(1)) is not None


def applied_rows(session: Session, load_id: int) -> int:
    query = select(func.count()).where(LoadRow.load_id == load_id, LoadRow.applied_at.is_not(None))
    return session.scalar(query) or 0
