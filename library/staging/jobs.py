"""Reading, applying and undoing a list, in steps that hold the database for no longer than a desk can wait."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from library.core.db import db
from library.jobs import queue
from library.jobs.courtesy import presence
from library.jobs.models import Job
from library.jobs.queue import Progress, Turn
from library.staging import applying, loading, undoing
from library.staging.applying import Chunk, Writing
from library.staging.importers import Done, Task
from library.staging.loading import Reading
from library.staging.models import Load, LoadRow, LoadState
from library.staging.sources import UnreadableFile

READ, APPLY, UNDO = "staging.read", "staging.apply", "staging.undo"
BESIDE_PEOPLE, ALONE = 0.010, 0.020
"""Seconds of writing in one step. With what the worker adds and the commit, a scan that comes in between has hardly to
wait: the desk is not asked to share the machine, it goes in between two steps. While nobody scans, steps are longer: less
is spent on beginning and ending them."""

_SMALLEST, _LARGEST = 30, 1_000
"""Copies in a step. Smaller ones cost more than they give: on a busy machine the clock runs on while others compute."""


class _Pace:
    """How many rows make a step of the right length on this machine. Starts small and follows what it sees."""

    def __init__(self, rows: int = 20) -> None:
        self.rows = rows

    def timed(self, work: Callable[[int], int]) -> int:
        began = time.perf_counter()
        done = work(self.rows)
        took = time.perf_counter() - began
        if done:
            aim = BESIDE_PEOPLE if presence.seen else ALONE
            wanted = round(self.rows * min(1.3, max(0.3, aim / max(took, 0.001))))
            self.rows = max(_SMALLEST, min(_LARGEST, wanted))
        return done


_paces = {kind: _Pace() for kind in (READ, APPLY, UNDO)}
_open: dict[UUID, Reading] = {}
"""The list this process is reading just now, by job. Only a comfort: another process begins it anew."""

_written: dict[UUID, Writing] = {}
"""The list this process is writing just now, by job, with the rows that are thought out already. Taken out while a step
is under way, so that a step that failed leaves nothing half true behind."""


def ask(load: Load, kind: str, total: int | None = None) -> Job:
    """The job that goes on with this load; its uid is kept with the choices, for showing how far it is."""
    before = job_of(db.session(), load)
    facts = {**before.facts} if before and before.kind == kind else {}
    job = queue.ask(kind, {**facts, "load": load.id}, load.library_id, load.account, total)
    load.choices = {**load.choices, "job": job.uid.hex}
    return job


def job_of(session: Session, load: Load) -> Job | None:
    uid = load.choices.get("job")
    return session.scalar(select(Job).where(Job.uid == UUID(uid))) if uid else None


def _load(turn: Turn, state: LoadState, lock: bool = True) -> Load | None:
    """The load, if it is still to be worked on."""
    load = db.session.get(Load, turn.facts["load"], with_for_update=lock or None, populate_existing=True)
    return load if load and load.state is state else None


OVER = Progress(0, finished=True)
"""There is nothing to be done any more."""


# Reading


def _think_of_reading(turn: Turn) -> list[dict[str, Any]] | UnreadableFile | None:
    """The next rows, judged; None where something else is to be done first. Opening a large file takes seconds."""
    try:
        reading = _reading(turn)
        return reading.take(db.session(), _paces[READ].rows) if reading else None
    except UnreadableFile as error:
        return error


def _reading(turn: Turn) -> Reading | None:
    """The reading in hand, if it stands where the rows end; else a new one, led there."""
    if turn.uid in _open and _open[turn.uid].position == turn.done:
        return _open[turn.uid]
    _forget(*list(_open))
    load = _load(turn, LoadState.READING, lock=False)
    if load is None or load.choices.get("clearing"):
        return None
    _open[turn.uid] = Reading(Task.of(load), loading.open_load(load.file_key, load.file_name))
    _open[turn.uid].skip(db.session(), turn.done)
    return _open[turn.uid]


def _write_what_was_read(turn: Turn, rows: list[dict[str, Any]] | UnreadableFile | None) -> Progress:
    if isinstance(rows, list) and rows:
        _paces[READ].timed(lambda _: loading.store(db.session(), turn.facts["load"], rows))
        return Progress(_open[turn.uid].position)
    load = _load(turn, LoadState.READING)
    if load is None:
        return OVER
    if rows is None:
        return _clear(load)
    return _unreadable(load, rows) if isinstance(rows, UnreadableFile) else _all_read(turn, load)


def _all_read(turn: Turn, load: Load) -> Progress:
    loading.checked(load, _open[turn.uid])
    _forget(turn.uid)
    return Progress(turn.done, finished=True)


def _clear(load: Load) -> Progress:
    """Rows of an earlier reading go first."""

    def some(how_many: int) -> int:
        mine = select(LoadRow.id).where(LoadRow.load_id == load.id).limit(how_many).scalar_subquery()
        return len(db.session.scalars(delete(LoadRow).where(LoadRow.id.in_(mine)).returning(LoadRow.id)).all())

    if not _paces[UNDO].timed(some):
        load.choices = {**load.choices, "clearing": False}
    return Progress(0)


def _forget(*uids: UUID) -> None:
    for uid in uids:
        if reading := _open.pop(uid, None):
            reading.close()


def _unreadable(load: Load, error: UnreadableFile) -> Progress:
    _forget(*list(_open))
    load.state, load.trouble = LoadState.UNREADABLE, {"sentence": error.sentence, "facts": error.facts}
    return OVER


# Writing


def _think_of_writing(turn: Turn) -> tuple[Writing, Chunk] | None:
    """The next rows and what is to become of them; None where something else is to be done first."""
    writing = _written.pop(turn.uid, None)
    if writing is None or writing.position != turn.done:
        _written.clear()
        load = _load(turn, LoadState.APPLYING, lock=False)
        if load is None or load.act_id is None:
            return None
        writing = applying.writing_of(load, turn.done, turn.facts.get("after", 0))
    return writing, writing.next(db.session(), _paces[APPLY].rows)


def _write_chunk(turn: Turn, thought: tuple[Writing, Chunk] | None) -> Progress:
    if thought is None:
        return _begin(turn)
    writing, chunk = thought
    if not chunk.rows:
        return _all_written(turn)
    done: list[Done] = []

    def write(_: int) -> int:
        done.extend(applying.apply(db.session(), writing, chunk))
        return len(done)

    _paces[APPLY].timed(write)
    _written[turn.uid] = writing
    written = applying.sum_of(turn.facts.get("written", {}), done)
    return Progress(writing.position, facts={**turn.facts, "after": writing.after, "written": written})


def _begin(turn: Turn) -> Progress:
    load = _load(turn, LoadState.APPLYING)
    if load is None:
        return OVER
    if load.act_id is None:
        applying.begin(db.session(), load)
    return Progress(turn.done)


def _all_written(turn: Turn) -> Progress:
    load = _load(turn, LoadState.APPLYING)
    if load:
        load.state = LoadState.APPLIED
        load.choices = {**load.choices, "written": turn.facts.get("written", {})}
    return Progress(turn.done, finished=True)


# Taking back


def _take_back(turn: Turn, thought: None) -> Progress:
    load = _load(turn, LoadState.UNDOING)
    if load is None:
        return OVER
    done = _paces[UNDO].timed(lambda rows: undoing.undo_some(db.session(), load, rows))
    return Progress(turn.done + done, finished=not done)


queue.steps_of(READ, _think_of_reading, _write_what_was_read)
queue.steps_of(APPLY, _think_of_writing, _write_chunk)
queue.steps_of(UNDO, lambda turn: None, _take_back)


def written_since(session: Session, library_id: int, moment: datetime) -> bool:
    """Whether a list of this library was written or taken back after `moment`."""
    mine = select(Job.id).where(Job.library_id == library_id, Job.kind.in_((APPLY, UNDO)), Job.ended_at > moment)
    return session.scalar(mine.limit(1)) is not None


def applied_rows(session: Session, load_id: int) -> int:
    query = select(func.count()).where(LoadRow.load_id == load_id, LoadRow.applied_at.is_not(None))
    return session.scalar(query) or 0
