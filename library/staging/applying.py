"""Rows become what they say, a chunk at a time. A row is marked in the transaction that writes it: a kill loses nothing
and doubles nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from library.core.db import table_of
from library.core import clock
from library.core.errors import N_
from library.staging.importers import Done, Importer, Staged, Task, importers, light, note_of, stored_note
from library.staging.loading import WRITTEN
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Verdict

UNEXPECTED = N_("Dòng này máy chưa ghi được vì chạm phải một điều đã có trong sổ. Sửa dòng rồi nạp lại.")
_ROWS = cast(Table, table_of(LoadRow))
_MARK = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("applied_at", "subjects", "verdict", "notes")})
)


def waiting(session: Session, load_id: int) -> int:
    """Rows that are still to be written."""
    query = select(func.count()).where(LoadRow.load_id == load_id, LoadRow.applied_at.is_(None))
    return session.scalar(query.where(LoadRow.verdict.in_(WRITTEN))) or 0


def begin(session: Session, load: Load) -> None:
    """The act under which everything will be written."""
    load.applied_at = load.applied_at or clock.now()
    load.act_id = load.act_id or importers()[load.kind].begin(session, Task.of(load), load.applied_at)
    session.flush()


def apply_some(session: Session, load: Load, how_many: int) -> int:
    """Write the next rows; how many were dealt with. 0: all are, and the load is applied."""
    if load.act_id is None:
        begin(session, load)
    rows = light(importers()[load.kind], _next(session, load.id, how_many), lambda row: row.values or {}, how_many)
    if not rows:
        load.state = LoadState.APPLIED
        return 0
    staged = [Staged(row.number, row.sheet, row.values or {}) for row in rows]
    at = load.applied_at or clock.now()
    done = carefully(session, lambda some: _apply(session, load, some, at), staged)
    session.connection().execute(_MARK, [_mark(row, one, at) for row, one in zip(rows, done, strict=True)])
    load.choices = {**load.choices, "written": _sum(load.choices.get("written", {}), done)}
    return len(rows)


def _sum(before: Mapping[str, int], done: Sequence[Done]) -> dict[str, int]:
    total = dict(before)
    for one in done:
        for name, count in one.tally.items():
            total[name] = total.get(name, 0) + count
    return total


def _next(session: Session, load_id: int, how_many: int) -> Sequence[Any]:
    query = select(LoadRow.id, LoadRow.number, LoadRow.sheet, LoadRow.values, LoadRow.verdict, LoadRow.notes)
    mine = query.where(LoadRow.load_id == load_id, LoadRow.applied_at.is_(None), LoadRow.verdict.in_(WRITTEN))
    return session.execute(mine.order_by(LoadRow.id).limit(how_many)).all()


def _apply(session: Session, load: Load, rows: Sequence[Staged], at: datetime) -> list[Done]:
    importer: Importer = importers()[load.kind]
    return importer.apply(session, Task.of(load), rows, at)


def carefully(session: Session, work: Callable[[Sequence[Staged]], list[Done]], rows: Sequence[Staged]) -> list[Done]:
    """`work`, or, where the database refuses the chunk, its halves: one impossible row does not keep the others out."""
    try:
        with session.begin_nested():
            return work(rows)
    except (IntegrityError, DataError):
        if len(rows) == 1:
            return [Done(None, Verdict.REFUSED, (note_of(UNEXPECTED),))]
    middle = len(rows) // 2
    return [*carefully(session, work, rows[:middle]), *carefully(session, work, rows[middle:])]


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
