"""A file grows: all of it at once for somebody who waits, or a chunk for each step of a job."""

import os
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db
from library.exports.forms import FORMS, MARC, Writer
from library.exports.kinds import KINDS
from library.exports.models import Export
from library.exports.things import Kind, Where
from library.jobs import queue
from library.jobs.queue import Progress, Turn
from library.organisations.models import Organisation

WRITE = "exports.write"


def where(session: Session, libraries: tuple[int, ...], branch_id: int | None) -> Where:
    query = select(Organisation.network_id).where(Organisation.id.in_(libraries)).distinct()
    return Where(libraries, tuple(filter(None, session.scalars(query))), branch_id)


def whole(session: Session, kind: Kind, form: str, there: Where, out: BinaryIO) -> tuple[int, int]:
    """Write everything; (things, how many of them the form cannot hold)."""
    writer = FORMS[form].writer(kind, {})
    out.write(writer.begin())
    things = after = 0
    while (some := kind.some(session, there, after, form in MARC)).things:
        out.write(writer.more(some.things))
        things, after = things + len(some.things), some.after
    out.write(writer.end())
    return things, writer.left_out


# Long ones


def ask(export: Export) -> None:
    """The row and its job, written when the caller commits."""
    db.session.add(export)
    db.session.flush()
    export.job = queue.ask(WRITE, {"export": export.id}, export.library_id, export.account).uid


def path_of(uid: UUID) -> Path:
    return Path(current_app.config["DATA"]).absolute() / "exports" / uid.hex


def think(turn: Turn) -> "_Step | None":
    """A chunk more goes into the file, while others write into the database."""
    export = db.session.get(Export, turn.facts["export"])
    if export is None or export.finished_at:
        return None
    step = _Step(export)
    step.write(db.session())
    return step


def note(turn: Turn, step: "_Step | None") -> Progress:
    """How far the file is."""
    export = db.session.get(Export, turn.facts["export"], with_for_update=True, populate_existing=True)
    if step is None or export is None:
        return Progress(turn.done, finished=True)
    step.note(export)
    return Progress(export.things, step.total, step.finished)


queue.steps_of(WRITE, think, note)


class _Step:
    """Remembers what it needs of the row: that is read in one transaction and noted in another."""

    def __init__(self, export: Export) -> None:
        self.kind, self.form, self.uid = KINDS[export.kind], FORMS[export.form], export.uid
        self.libraries, self.branch_id = tuple(export.libraries), export.branch_id
        self.after = export.after
        self.size, self.state, self.things = export.size, dict(export.written), export.things
        self.left_out, self.finished = export.left_out, False
        self.total: int | None = None
        if _size(path_of(export.uid)) < self.size:  # the disk lost the end of it: from the beginning
            self.after = self.size = self.things = self.left_out = 0
            self.state = {}

    def write(self, session: Session) -> None:
        there = where(session, self.libraries, self.branch_id)
        if not self.after:
            self.total = self.kind.count(session, there)
        some = self.kind.some(session, there, self.after, self.form.name in MARC)
        writer = self.form.writer(self.kind, self.state)
        made = writer.begin() if not self.size else b""
        made += writer.more(some.things) if some.things else writer.end()
        _put(path_of(self.uid), self.size, made)
        self._remember(writer, len(made), len(some.things))
        self.after, self.finished = some.after, not some.things

    def _remember(self, writer: Writer, size: int, things: int) -> None:
        self.size, self.state = self.size + size, writer.state
        self.things, self.left_out = self.things + things, self.left_out + writer.left_out

    def note(self, export: Export) -> None:
        export.after, export.size, export.written = self.after, self.size, self.state
        export.things, export.left_out = self.things, self.left_out
        export.finished_at = clock.now() if self.finished else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _put(path: Path, at: int, data: bytes) -> None:
    """Behind the first `at` bytes; what a killed step had put there goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "r+b") as file:
        file.truncate(at)
        file.seek(at)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
