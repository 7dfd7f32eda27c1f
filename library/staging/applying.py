"""Rows become what they say, a chunk at a time. A row is marked in the transaction that writes it: a kill loses nothing
and doubles nothing. What can be thought before is thought before, while the desks write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import table_of
from library.core.errors import N_
from library.staging.importers import Done, Staged, Stale, Task, importers, light, note_of, stored_note
from library.staging.loading import WRITTEN
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Verdict

UNEXPECTED = N_("Dòng này máy chưa ghi được vì chạm phải một điều đã có trong sổ. Sửa dòng rồi nạp lại.")
_ROWS = table_of(LoadRow)
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


def waiting(session: Session, load_id: int) -> int:
    """Rows that are still to be written."""
    query = select(func.count()).where(LoadRow.load_id == load_id, LoadRow.applied_at.is_(None))
    return session.scalar(query.where(LoadRow.verdict.in_(WRITTEN))) or 0


def begin(session: Session, load: Load) -> None:
    """The act under which everything will be written."""
    load.applied_at = clock.now()
    load.act_id = importers()[load.kind].begin(session, Task.of(load), load.applied_at)


def prepare(session: Session, task: Task, how_many: int) -> Chunk:
    """The next rows, and what is to become of them. Nothing is written."""
    importer = importers()[task.kind]
    rows = light(importer, _next(session, task.load_id, how_many), lambda row: row.values, how_many)
    staged = [Staged(row.number, row.sheet, row.values or {}) for row in rows]
    return Chunk(rows, staged, importer.prepare(session, task, staged) if staged else None)


def _next(session: Session, load_id: int, how_many: int) -> Iterator[Any]:
    query = select(LoadRow.id, LoadRow.number, LoadRow.sheet, LoadRow.values, LoadRow.verdict, LoadRow.notes)
    mine = query.where(LoadRow.load_id == load_id, LoadRow.applied_at.is_(None), LoadRow.verdict.in_(WRITTEN))
    with session.execute(mine.order_by(LoadRow.id).limit(how_many)).yield_per(50) as rows:
        yield from rows


def apply(session: Session, load: Load, chunk: Chunk) -> int:
    """Write the chunk; how many rows were dealt with. 0: all are, and the load is applied."""
    if not chunk.rows:
        load.state = LoadState.APPLIED
        return 0
    at = load.applied_at or clock.now()
    done = carefully(session, Task.of(load), chunk.staged, chunk.prepared, at)
    session.connection().execute(_MARK, [_mark(row, one, at) for row, one in zip(chunk.rows, done, strict=True)])
    load.choices = {**load.choices, "written": _sum(load.choices.get("written", {}), done)}
    return len(chunk.rows)


def carefully(session: Session, task: Task, rows: Sequence[Staged], prepared: Any, at: datetime) -> list[Done]:
    """Write what was prepared; where it holds no longer, prepare anew; where the database refuses the chunk, write its
    halves, so that one impossible row does not keep the others out."""
    importer = importers()[task.kind]
    try:
        with session.begin_nested():
            return importer.apply(session, task, prepared, at)
    except Stale:
        return carefully(session, task, rows, importer.prepare(session, task, rows), at)
    except (IntegrityError, DataError):
        if len(rows) == 1:
            return [Done(None, Verdict.REFUSED, (note_of(UNEXPECTED),))]
    middle = len(rows) // 2
    halves = (rows[:middle], rows[middle:])
    return [
        done for half in halves for done in carefully(session, task, half, importer.prepare(session, task, half), at)
    ]


def _sum(before: Mapping[str, int], done: Sequence[Done]) -> dict[str, int]:
    total = dict(before)
    for one in done:
        for name, count in one.tally.items():
            total[name] = total.get(name, 0) + count
    return total


def _mark(row: Any, done: Done, at: datetime) -> Mapping[str, Any]:
    """Rows of which nothing was written carry their new verdict instead of a moment."""
    verdict = done.verdict or row.verdict
    return {
        "row_id": row.id,
        "applied_at": at if verdict in WRITTEN else None,
        "subjects": done.subjects,
        "verdict": verdict,
        "notes": [*row.notes, *map(stored_note, done.notes)],
    }
