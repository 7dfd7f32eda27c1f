"""Taking a whole list back, within seven days. What has lived on since stays, and is listed."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, bindparam, null, select, union, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.staging.importers import Staged, Task, importers, light, stored_note
from library.staging.loading import undo_until
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Note

_ROWS = table_of(LoadRow)
_LAST = (
    select(_ROWS.c.id, _ROWS.c.number, _ROWS.c.sheet, _ROWS.c["values"], _ROWS.c.subjects, _ROWS.c.notes)
    .where(_ROWS.c.load_id == bindparam("load"), _ROWS.c.applied_at.is_not(None))
    .order_by(_ROWS.c.id.desc())
    .limit(bindparam("most"))
)
_UNMARK = (
    update(_ROWS).where(_ROWS.c.id.in_(bindparam("rows", expanding=True))).values(applied_at=None, subjects=null())
)
_KEEP = update(_ROWS).where(_ROWS.c.id == bindparam("row_id")).values(applied_at=None, notes=bindparam("notes"))


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
    found = straight(session).execute(_LAST, {"load": load.id, "most": how_many}).all()
    rows = light(importers()[load.kind], found, lambda row: row[3], how_many)
    if not rows:
        load.state = LoadState.UNDONE
        return 0
    staged = [Staged(row[1], row[2], row[3] or {}, row.subjects or []) for row in rows]
    told = importers()[load.kind].undo(session, Task.of(load), staged)
    _unmark(session, rows, told)
    return len(rows)


def _unmark(session: Session, rows: Sequence[Any], told: Sequence[tuple[Note, ...]]) -> None:
    """Of what stays the row still knows what it became."""
    gone = [row.id for row, kept in zip(rows, told, strict=True) if not kept]
    stays = [
        {"row_id": row.id, "notes": [*row.notes, *map(stored_note, kept)]}
        for row, kept in zip(rows, told, strict=True)
        if kept
    ]
    if gone:
        straight(session).execute(_UNMARK, {"rows": gone})
    if stays:
        straight(session).execute(_KEEP, stays)


def named_elsewhere(session: Session, model: type[Any], ids: Collection[int], besides: Iterable[str] = ()) -> set[int]:
    """Which of these rows are referred to by a foreign key of any table but `besides`: they have a life of their own.

    Asked of the tables themselves, so that a package built later counts without being known here.
    """
    if not ids:
        return set()
    session.flush()
    return set(straight(session).execute(_naming(table_of(model), frozenset(besides)), {"ids": list(ids)}).scalars())


@cache
def _naming(table: Table, besides: frozenset[str]) -> Executable:
    """One question for all tables."""
    column = table.c.id
    others = (other for other in table.metadata.tables.values() if other.name not in besides)
    keys = [key.parent for other in others for key in other.foreign_keys if key.column is column]
    asked = select(column).where(column.in_(bindparam("ids", expanding=True))).cte("asked")
    return union(*(select(key).where(key.in_(select(asked.c.id))) for key in keys))
