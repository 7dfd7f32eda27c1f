"""Taking a whole list back, within seven days. What has lived on since stays, and is listed."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import table_of
from library.core.errors import N_, Reason, Refused
from library.staging.importers import Staged, Task, importers, light, stored_note
from library.staging.loading import undo_until
from library.staging.models import Load, LoadRow, LoadState

_ROWS = table_of(LoadRow)
_UNMARK = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row_id"))
    .values(applied_at=None, subjects=bindparam("subjects"), notes=bindparam("notes"))
)


class TooLate(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("too-late-to-undo", N_("Danh sách nạp đã quá 7 ngày nên không hoàn tác được nữa.")))


class NotNow(Refused):
    """The load is not in the state the request thinks."""

    def __init__(self) -> None:
        super().__init__(Reason("not-now", N_("Danh sách này đang được xử lý. Xem lại trang rồi làm tiếp.")))


def check(load: Load) -> None:
    """Raises NotNow, TooLate."""
    until = undo_until(load)
    if load.state is not LoadState.APPLIED or until is None:
        raise NotNow
    if clock.now() > until:
        raise TooLate


def undo_some(session: Session, load: Load, how_many: int) -> int:
    """Take the next rows back; how many were dealt with. 0: all are.

    The last rows go first, so that what a row added to an earlier one is gone before it.
    """
    query = select(LoadRow.id, LoadRow.number, LoadRow.sheet, LoadRow.values, LoadRow.subjects, LoadRow.notes)
    mine = query.where(LoadRow.load_id == load.id, LoadRow.applied_at.is_not(None))
    found = session.execute(mine.order_by(LoadRow.id.desc()).limit(how_many)).all()
    rows = light(importers()[load.kind], found, lambda row: row.values, how_many)
    if not rows:
        load.state = LoadState.UNDONE
        return 0
    staged = [Staged(row.number, row.sheet, row.values or {}, row.subjects or []) for row in rows]
    told = importers()[load.kind].undo(session, Task.of(load), staged)
    marks = [
        {
            "row_id": row.id,
            "subjects": row.subjects if kept else None,
            "notes": [*row.notes, *map(stored_note, kept)],
        }
        for row, kept in zip(rows, told, strict=True)
    ]
    session.connection().execute(_UNMARK, marks)
    return len(rows)


def named_elsewhere(session: Session, model: type[Any], ids: Collection[int], besides: Iterable[str] = ()) -> set[int]:
    """Which of these rows are referred to by a foreign key of any table but `besides`: they have a life of their own.

    Asked of the tables themselves, so that a package built later counts without being known here.
    """
    left = set(besides)
    column = model.__table__.c.id
    tables = (table for table in model.metadata.tables.values() if table.name not in left)
    keys = (key.parent for table in tables for key in table.foreign_keys if key.column is column)
    return {one for key in keys for one in session.scalars(select(key).where(key.in_(ids)))}
