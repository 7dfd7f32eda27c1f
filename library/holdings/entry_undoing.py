"""Taking entries back: titles that were changed are put back, titles that came without copies go, unless they lived on."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.catalogue import plain_titles, source_updates
from library.catalogue.models import LocalRecord, Record
from library.catalogue.source_updates import Update
from library.catalogue.writing import NewRecord
from library.core.errors import N_
from library.holdings import list_entries
from library.staging.importers import Staged, Task, note_of
from library.staging.undoing import named_elsewhere
from library.staging.verdicts import Note

CHANGED_SINCE = N_("Giữ nguyên nhan đề: đã có người sửa sau khi nạp.")
TITLE_LIVES = N_("Giữ lại nhan đề: đã có bản sách hay điều khác gắn vào.")
_PARTS = ("contributor", "record_number", LocalRecord.__tablename__)


def told_of(update: Update) -> list[dict[str, Any]]:
    """For the subjects of a row: the title before and after."""
    return [{"before": _kept(update.before), "after": _kept(update.after)}]


def _kept(new: NewRecord) -> dict[str, Any]:
    marc = base64.b64encode(new.marc).decode() if new.marc is not None else None
    return {"title": plain_titles.to_json(new), "marc": marc}


def _read(told: Mapping[str, Any]) -> NewRecord:
    marc = base64.b64decode(told["marc"]) if told["marc"] is not None else None
    return plain_titles.from_json(told["title"], marc)


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    copies = [replace(row, subjects=[one for one in row.subjects if not isinstance(one, dict)]) for row in rows]
    told = list_entries.undo(session, task, copies)
    changed = _put_back(session, rows)
    kept = _take_titles(session, task, [row for row in copies if _is_title_alone(row)])
    notes = ({id_: note_of(CHANGED_SINCE) for id_ in changed}, {id_: note_of(TITLE_LIVES) for id_ in kept})
    return [
        (*told[at], *(each[row.subjects[0]] for each in notes if row.subjects and row.subjects[0] in each))
        for at, row in enumerate(rows)
    ]


def _put_back(session: Session, rows: Sequence[Staged]) -> set[int]:
    """Titles that stay changed."""
    before: dict[int, tuple[NewRecord, NewRecord]] = {}
    for row in rows:
        for told in row.subjects:
            if isinstance(told, dict):  # the last row comes first: it knows how the title was left
                id_, after = row.subjects[0], _read(told["after"])
                before[id_] = (_read(told["before"]), before[id_][1] if id_ in before else after)
    return source_updates.take_back(session, before)


def _is_title_alone(row: Staged) -> bool:
    return "full" in row.values and len(row.subjects) == 2 and bool(row.subjects[1])


def _take_titles(session: Session, task: Task, rows: Sequence[Staged]) -> set[int]:
    """Titles this list made without a copy go; those that something rests on, or somebody changed, stay."""
    ids = {row.subjects[0] for row in rows}
    if not ids:
        return set()
    others = select(LocalRecord.record_id).where(
        LocalRecord.record_id.in_(ids), LocalRecord.library_id != task.library_id
    )
    changed = select(Record.id).where(Record.id.in_(ids), Record.changed_at > Record.made_at)
    lives = {
        *named_elsewhere(session, Record, ids, besides=_PARTS),
        *session.scalars(others),
        *session.scalars(changed),
    }
    gone = ids - lives
    mine = delete(LocalRecord).where(LocalRecord.record_id.in_(gone), LocalRecord.library_id == task.library_id)
    for query in (mine, delete(Record).where(Record.id.in_(gone))):
        session.execute(query, execution_options={"synchronize_session": False})
    return lives
