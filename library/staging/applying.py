"""Rows become what they say, a few at a time. A row is marked in the transaction that writes it: a kill loses nothing
and doubles nothing. What can be thought before is thought before, for several steps at once, while the desks write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import change_rows
from library.core.db import straight, table_of
from library.core.errors import N_
from library.staging.importers import (
    Divisible,
    Done,
    Staged,
    Stale,
    Task,
    importers,
    light,
    note_of,
    stored_note,
)
from library.staging.loading import WRITTEN
from library.staging.models import Load, LoadRow
from library.staging.verdicts import Verdict

UNEXPECTED = N_("Dòng này máy chưa ghi được vì chạm phải một điều đã có trong sổ. Sửa dòng rồi nạp lại.")
AHEAD = 8
"""Steps that are thought out together: nine questions to the database for all of them."""

_ROWS = table_of(LoadRow)
_NEXT = (
    select(_ROWS.c.id, _ROWS.c.number, _ROWS.c.sheet, _ROWS.c["values"], _ROWS.c.verdict)
    .where(_ROWS.c.load_id == bindparam("load"), _ROWS.c.applied_at.is_(None), _ROWS.c.verdict.in_(WRITTEN))
    .where(_ROWS.c.id > bindparam("after"))
    .order_by(_ROWS.c.id)
    .limit(bindparam("most"))
)
_NOTES = select(_ROWS.c.id, _ROWS.c.notes).where(_ROWS.c.id.in_(bindparam("rows", expanding=True)))
_MARK = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("applied_at", "subjects", "verdict", "notes")})
)


@dataclass(frozen=True)
class Chunk:
    """Rows to be written together, and what the importer made of them beforehand."""

    rows: Sequence[Any]
    staged: Sequence[Staged]
    prepared: Any


class Writing:
    """A list being written: `position` counts the rows dealt with, `after` is the last of them. Rows are fetched and
    thought out some steps ahead, where the importer can write them a few at a time."""

    def __init__(self, task: Task, at: datetime, position: int, after: int) -> None:
        self.task, self.at, self.position, self.after = task, at, position, after
        self.importer = importers()[task.kind]
        self._ahead = 1
        self.forget()

    def forget(self) -> None:
        """What was thought ahead rests on something that holds no longer."""
        self._rows: Sequence[Any] = ()
        self._staged: Sequence[Staged] = ()
        self._prepared: Any = None
        self._used = 0

    def next(self, session: Session, how_many: int) -> Chunk:
        """The next rows, and what is to become of them. Nothing is written. No rows: all are dealt with."""
        if self._used == len(self._rows):
            self._think(session, how_many * self._ahead)
        start = self._used
        chosen = light(self.importer, self._rows[start : start + how_many], lambda row: row[3], how_many)
        self._used = stop = start + len(chosen)
        self.after = chosen[-1].id if chosen else self.after
        prepared = self._prepared.part(start, stop) if isinstance(self._prepared, Divisible) else self._prepared
        return Chunk(chosen, self._staged[start:stop], prepared)

    def _think(self, session: Session, how_many: int) -> None:
        rows = light(self.importer, self._fetched(session, how_many), lambda row: row[3], how_many)
        self._staged = [Staged(row[1], row[2], row[3] or {}) for row in rows]
        self._prepared = self.importer.prepare(session, self.task, self._staged) if rows else None
        self._rows, self._used = rows, 0
        self._ahead = AHEAD if isinstance(self._prepared, Divisible) else 1

    def _fetched(self, session: Session, how_many: int) -> Iterator[Any]:
        asked = {"load": self.task.load_id, "after": self.after, "most": how_many}
        with straight(session).execute(_NEXT, asked).yield_per(50) as rows:
            yield from rows


def writing_of(load: Load, position: int, after: int) -> Writing:
    return Writing(Task.of(load), load.applied_at or clock.now(), position, after)


def waiting(session: Session, load_id: int) -> int:
    """Rows that are still to be written."""
    query = select(func.count()).where(LoadRow.load_id == load_id, LoadRow.applied_at.is_(None))
    return session.scalar(query.where(LoadRow.verdict.in_(WRITTEN))) or 0


def begin(session: Session, load: Load) -> None:
    """The act under which everything will be written."""
    load.applied_at = clock.now()
    load.act_id = importers()[load.kind].begin(session, Task.of(load), load.applied_at)


def apply(session: Session, writing: Writing, chunk: Chunk) -> list[Done]:
    """Write the chunk, and mark its rows."""
    try:
        with session.begin_nested():
            done = writing.importer.apply(session, writing.task, chunk.prepared, writing.at)
    except (Stale, IntegrityError, DataError):
        writing.forget()
        done = carefully(session, writing.task, chunk.staged, writing.at)
    _mark(session, chunk.rows, done, writing.at)
    writing.position += len(done)
    return done


def carefully(session: Session, task: Task, rows: Sequence[Staged], at: datetime) -> list[Done]:
    """Prepare anew and write; where the database refuses the chunk, write its halves, so that one impossible row does
    not keep the others out."""
    importer = importers()[task.kind]
    try:
        with session.begin_nested():
            return importer.apply(session, task, importer.prepare(session, task, rows), at)
    except Stale:
        return carefully(session, task, rows, at)
    except (IntegrityError, DataError):
        if len(rows) == 1:
            return [Done(None, Verdict.REFUSED, (note_of(UNEXPECTED),))]
    middle = len(rows) // 2
    return [done for half in (rows[:middle], rows[middle:]) for done in carefully(session, task, half, at)]


def sum_of(before: Mapping[str, int], done: Sequence[Done]) -> dict[str, int]:
    total = dict(before)
    for one in done:
        for name, count in one.tally.items():
            total[name] = total.get(name, 0) + count
    return total


def _mark(session: Session, rows: Sequence[Any], done: Sequence[Done], at: datetime) -> None:
    """Nearly all rows become what was foretold: these by one statement."""
    told = list(zip(rows, done, strict=True))
    usual = [(row, one) for row, one in told if _is_as_foretold(row, one)]
    change_rows(session, _ROWS, [{"id": row.id, "subjects": one.subjects} for row, one in usual], {"applied_at": at})
    others = [(row, one) for row, one in told if not _is_as_foretold(row, one)]
    if others:
        notes = dict(straight(session).execute(_NOTES, {"rows": [row.id for row, _ in others]}).all())
        straight(session).execute(_MARK, [_other(row, one, at, notes[row.id]) for row, one in others])


def _is_as_foretold(row: Any, done: Done) -> bool:
    return done.verdict in (None, row.verdict) and not done.notes and done.subjects is not None


def _other(row: Any, done: Done, at: datetime, notes: Sequence[Any]) -> Mapping[str, Any]:
    """Rows of which nothing was written carry their new verdict instead of a moment."""
    verdict = done.verdict or row.verdict
    return {
        "row_id": row.id,
        "applied_at": at if verdict in WRITTEN else None,
        "subjects": done.subjects,
        "verdict": verdict,
        "notes": [*notes, *map(stored_note, done.notes)],
    }
