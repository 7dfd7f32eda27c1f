"""From a file to rows with a verdict each. Opening and judging happen before anything is written, and outside of writing."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library import files
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import table_of
from library.core.errors import N_
from library.staging import entry_files
from library.staging.entry_files import EntryFile
from library.staging.headers import kept
from library.staging.importers import REST, Importer, Judged, Rest, Staged, Task, importer_for, importers, stored_note
from library.staging.marc import Broken, MarcEntry
from library.staging.models import Load, LoadRow, LoadState
from library.staging.sheets import Plan
from library.staging.sources import Mended, Row, open_any
from library.staging.verdicts import SPOILT, Note, Skip, Verdict, entries, plain, skipped

AT_ONCE = 300
"""Rows that are read while the person waits. More are read by a job."""

WRITTEN = (Verdict.NEW, Verdict.CHANGED)
"""Rows that will be written; all others change nothing."""

PLACE = N_("Biểu ghi thứ %(number)s, từ byte %(place)s của tệp.")
UNDO_FOR = timedelta(days=7)
_BATCH = 500
_EMPTY: tuple[Any, ...] = ("", None, ())


def open_load(key: str, file_name: str) -> Mended | EntryFile:
    """The file of a load. Raises UnreadableFile."""
    return open_any(Path(files.path_of(key)), file_name)


def settle(table: Mended | EntryFile, choices: Mapping[str, Any]) -> None:
    """The file is to be read as was chosen: with these encodings."""
    if isinstance(table, EntryFile):
        table.charset = choices.get("entries", {}).get("charset", "")
        return
    table.recode(choices.get("codec", ""))
    table.encodings = {plan.name: plan.encodings for plan in plans_of(choices)}


def whole_entry(task: Task, told: Mapping[str, Any]) -> bytes | None:
    """The bytes of one entry of a load, as it came."""
    return entry_files.whole(files.path_of(task.file_key), told)


def plans_of(choices: Mapping[str, Any]) -> list[Plan]:
    return [Plan.from_json(told) for told in choices.get("sheets", ())]


def compact(values: Any) -> dict[str, Any]:
    """A line as plain JSON without what is empty."""
    told = ((name, value) for name, value in vars(values).items() if value not in _EMPTY)
    return {name: value if type(value) in (str, int) else plain(value) for name, value in told}


def compact_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in _EMPTY}


class Reading:
    """A list being read: rows come in the order of the file, the same on every reading. `position` counts them."""

    def __init__(self, task: Task, table: Mended | EntryFile) -> None:
        self.task, self.table = task, table
        settle(table, task.choices)
        self.importer: Importer = importers()[task.kind]
        self.position = 0
        self.tally: dict[str, int] = {}
        self._seen: dict[str, Any] = {}
        self._rows: Generator[dict[str, Any], None, None] = self._read()
        self._asked = self._ended = False

    def take(self, session: Session, how_many: int = _BATCH) -> list[dict[str, Any]]:
        """The next rows, judged, as they will be inserted (`load_id` is still to come); fewer at the end of the list."""
        self._ask(session)
        batch = list(islice(self._rows, how_many))
        if not batch and not self._ended:
            self._ended, self._rows = True, self._rest(session)
            batch = list(islice(self._rows, how_many))
        self.position += len(batch)
        staged = [Staged(each["number"], each["sheet"], each["values"]) for each in batch if each["verdict"] is None]
        judged = iter(self.importer.judge(session, self.task, staged, self._seen) if staged else ())
        for each in batch:
            if each["verdict"] is None:
                self._fill(each, next(judged))
        return batch

    def _ask(self, session: Session) -> None:
        """How this library wants its lists read; nothing is read before."""
        if not self._asked:
            self.importer, self._asked = importer_for(session, self.task.kind, self.task.library_id), True

    def skip(self, session: Session, how_many: int) -> None:
        """Go on behind rows that were stored before a kill: judged again, for what they say of later rows."""
        while self.position < how_many and self.take(session, min(_BATCH, how_many - self.position)):
            pass

    @property
    def found(self) -> Mapping[str, Any]:
        return dict(self.importer.found(self._seen))

    def close(self) -> None:
        self._rows.close()
        self.table.close()

    def _rest(self, session: Session) -> Generator[dict[str, Any], None, None]:
        """What the list says by not having it."""
        yield from map(self._left, self.importer.rest(session, self.task, self._seen))

    def _left(self, one: Rest) -> dict[str, Any]:
        cells = [one.cells.get(key, "") for key in self.importer.shown]
        made = {"number": one.number, "sheet": REST, "cells": cells, "values": compact_values(one.values), "notes": []}
        self._fill(made, one.judged)
        return made

    def _fill(self, row: dict[str, Any], judged: Judged) -> None:
        row["verdict"], row["fingerprint"] = judged.verdict, judged.fingerprint
        row["notes"] = [*row["notes"], *map(stored_note, judged.notes)]
        if judged.verdict in WRITTEN:
            for name, count in judged.tally.items():
                self.tally[name] = self.tally.get(name, 0) + count

    def _read(self) -> Generator[dict[str, Any], None, None]:
        for plan in plans_of(self.task.choices):
            if isinstance(self.table, EntryFile):
                yield from (self._entry(plan, one) for one in self.table.entries())
            elif plan.read and plan.header:
                for row, skip in entries(self.table.rows(plan.name), plan.header):
                    if skip is not Skip.BLANK:
                        yield self._row(plan, row, skip)

    def _entry(self, plan: Plan, one: MarcEntry | Broken) -> dict[str, Any]:
        """One that cannot be read is refused by its place; the others are kept."""
        made = {"number": one.number, "sheet": plan.name, "cells": [], "values": None, "fingerprint": None}
        place = Note(PLACE, {"number": one.number, "place": one.place})
        if isinstance(one, Broken):
            reason = Note(one.reason.sentence, one.reason.facts)
            return {**made, "verdict": Verdict.REFUSED, "notes": _notes((place, reason))}
        assert self.importer.entries
        read = self.importer.entries.read(one, self.task.choices["entries"]["profile"])
        if read.line is None:
            return {**made, "verdict": Verdict.REFUSED, "notes": _notes((place, *read.notes))}
        values = dict(read.line)
        cells = [values["cells"].get(key, "") for key in self.importer.entries.cells]
        del values["cells"]
        values["entry"] = entry_files.kept(one)
        return {**made, "cells": cells, "values": values, "verdict": None, "notes": _notes(read.notes)}

    def _row(self, plan: Plan, row: Row, skip: Skip | None) -> dict[str, Any]:
        assert plan.header
        stored = self.importer.stored
        cells = list(row.cells) if stored is None else kept(row.cells, plan.header, stored)
        made = {"number": row.number, "sheet": plan.name, "cells": cells, "values": None, "fingerprint": None}
        if row.spoilt:
            return {**made, "verdict": Verdict.REFUSED, "notes": _notes((Note(SPOILT),))}
        if skip:
            return {**made, "verdict": Verdict.SKIPPED, "notes": _notes(skipped(row.number, skip).notes)}
        # what may not be stored is not read either
        read = self.importer.read(row if stored is None else replace(row, cells=tuple(cells)), plan.header, plan.hint)
        values = compact(read.line) if read.line is not None else None
        return {
            **made, "values": values, "verdict": None if values is not None else Verdict.REFUSED,
            "notes": _notes(read.notes),
        }  # fmt: skip


def _notes(notes: Sequence[Note]) -> list[dict[str, Any]]:
    return [stored_note(note) for note in notes]


def store(session: Session, load_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many rows were stored: all of them."""
    add_rows(session, table_of(LoadRow), [{**row, "load_id": load_id} for row in rows])
    return len(rows)


def checked(load: Load, reading: Reading) -> None:
    """Every row has its verdict: a person may look."""
    told = {"tally": reading.tally, "found": reading.found, "checked_at": clock.now().isoformat()}
    load.choices = {**load.choices, **told, "clearing": False}
    load.state = LoadState.CHECKED


def counts(session: Session, load_id: int) -> dict[Verdict, int]:
    query = select(LoadRow.verdict, func.count()).where(LoadRow.load_id == load_id).group_by(LoadRow.verdict)
    found = dict(session.execute(query).all())
    return {verdict: found[verdict] for verdict in Verdict if verdict in found}


def times_loaded(session: Session, library_id: int, kind: str, fingerprints: Sequence[int]) -> dict[int, int]:
    """How often this library has loaded rows that say the same, in lists that were not taken back."""
    query = (
        select(LoadRow.fingerprint, func.count())
        .join(Load, Load.id == LoadRow.load_id)
        .where(LoadRow.fingerprint.in_(list(fingerprints)), LoadRow.applied_at.is_not(None))
        .where(Load.library_id == library_id, Load.kind == kind, Load.state == LoadState.APPLIED)
    )
    return {print_: count for print_, count in session.execute(query.group_by(LoadRow.fingerprint)) if print_}


def undo_until(load: Load) -> datetime | None:
    """The last moment it may be taken back; None before it was applied."""
    return load.applied_at + UNDO_FOR if load.applied_at else None
