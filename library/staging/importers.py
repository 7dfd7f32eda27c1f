"""What can be loaded from a list, and who knows how: each package that brings an `importing.py` adds an Importer here.

Staging finds the header, keeps the rows, works in chunks and shows the pages. What a row means, what it becomes and
how that is taken back is the importer's; it never commits and is called again for rows that were rolled back.
"""

import importlib
import importlib.util
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from sqlalchemy.orm import Session

import library
from library.access import Permission
from library.core.errors import Facts
from library.staging.headers import Header
from library.staging.marc import Broken, MarcEntry
from library.staging.models import Load
from library.staging.tables import Row
from library.staging.verdicts import Note, Reading, Verdict

Subjects = list[Any]
"""Ids of what a row made or found, as plain JSON: kept with the row, read by the importer's own `undo` alone."""


@dataclass(frozen=True)
class Task:
    """One list on its way: whose, and what was chosen. A plain value: it outlives the session it was read in."""

    load_id: int
    uid: UUID
    kind: str
    library_id: int
    branch_id: int
    account: UUID | None
    act_id: int | None
    choices: Mapping[str, Any]
    file_key: str = ""

    @classmethod
    def of(cls, load: Load) -> "Task":
        return cls(
            load.id, load.uid, load.kind, load.library_id, load.branch_id, load.account, load.act_id,
            dict(load.choices), load.file_key or "",
        )  # fmt: skip

    @cached_property
    def answers(self) -> Mapping[str, str]:
        return dict(self.choices.get("answers") or {})

    @cached_property
    def ticked(self) -> frozenset[str]:
        """Keys of the rows that a person has ticked."""
        return frozenset(self.choices.get("ticked") or ())


@dataclass(frozen=True)
class Question:
    """What the list does not say and a person may: where it goes, under which letters. `options` are (value, text)."""

    name: str
    label: str
    value: str = ""
    type: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Staged:
    """A row that could be read. `values` are plain JSON without its empty parts."""

    number: int
    sheet: str
    values: Mapping[str, Any]
    subjects: Subjects = field(default_factory=list)


REST = "*"
"""The sheet of rows that stand in no sheet; a spreadsheet's own cannot be called so."""


def row_key(number: int, sheet: str) -> str:
    return f"{number}@{sheet}"


@dataclass(frozen=True)
class Judged:
    """What is to become of a row. `tally` counts what it would write ({"copies": 3}); rows with the same `fingerprint`
    say the same."""

    verdict: Verdict
    notes: tuple[Note, ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    fingerprint: int | None = None


@dataclass(frozen=True)
class Rest:
    """Something we have that a list does not: `number` names it for good, `cells` are texts by column."""

    number: int
    values: Mapping[str, Any]
    cells: Mapping[str, str]
    judged: Judged


@dataclass(frozen=True)
class Done:
    """What became of a row. A verdict other than the one foretold says why in `notes`, and nothing was written."""

    subjects: Subjects | None
    verdict: Verdict | None = None
    notes: tuple[Note, ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Divisible(Protocol):
    """What was prepared for many rows and may be written a few rows at a time, in order."""

    def part(self, start: int, stop: int) -> Any:
        """For `apply`: of the rows from `start` up to `stop`."""


class Stale(Exception):
    """Something was written since the rows were prepared. They are prepared once more, in the writing transaction."""


@dataclass(frozen=True)
class Entries:
    """How files of MARC entries are read. `profiles` are (value, text) to choose from; `guess` looks at the first entries.

    `read(entry, profile)` gives plain JSON; `cells` are the columns of the preview, as `read` fills them under "cells".
    """

    profiles: Sequence[tuple[str, str]]
    cells: Sequence[str]
    guess: Callable[[Iterable[MarcEntry | Broken]], str]
    read: Callable[[MarcEntry, str], Reading[Mapping[str, Any]]]


@dataclass(frozen=True)
class Importer:
    """`words` name the columns ({key: 'Tên sách | Nhan đề'}), the first name is shown; `shown` are columns of the
    preview; without one of the `essential` a sheet is left out, and these name a row; `stored` are the only columns
    whose cells are kept (None: all), `private` those that are recognised in order to be left out. `deed` and the
    `tallies` are sentences with %(count)s; `kept` says what an undoing leaves.

    `read(row, header, hint)`; `hint(sheet, rows above the header)` is plain JSON, what a whole sheet says of its rows.
    `programs` are (value, text) of programs whose lists are known, `as_program(first rows, value)` is the header of such a
    list; `entries` where files of MARC are taken too. `lasting` names questions whose answer holds for a whole source.
    `judge(session, task, rows, seen)`: `seen` is one dict for the whole list, for telling doubles within it.
    `found(seen)` is what the whole list came to, as plain JSON: kept as `task.choices["found"]` for `begin` and `apply`.
    `weight(values)` tells how much a row is to write, so that a chunk of heavy rows is a short one.
    `begin(session, task, at)` gives the act's id. `prepare(session, task, rows)` reads and thinks, outside of writing;
    `apply(session, task, prepared, at)` writes what it came to, or raises Stale where that holds no longer. What was
    prepared counts for some steps where it is Divisible, else for one.
    `undo(session, task, rows)` gives for each row what it could not take back, as sentences.
    `rest(session, task, seen)` is asked once behind the last row: what the list would have named, had it still been there.
    `tick` is the deed for rows that are LEFT. `for_library(session, importer, library_id)` is this importer as one library
    has chosen it to be.
    """

    kind: str
    title: str
    about: str
    icon: str
    deed: str
    permission: Permission
    words: Mapping[str, str]
    essential: Sequence[str]
    shown: Sequence[str]
    tallies: Mapping[str, str]
    kept: str
    find_header: Callable[[Iterable[Row]], Header | None]
    read: Callable[[Row, Header, Any], Reading[Any]]
    questions: Callable[[Session, Task], list[Question]]
    check: Callable[[Session, Task, Mapping[str, str]], dict[str, str]]
    judge: Callable[[Session, Task, Sequence[Staged], dict[str, Any]], list[Judged]]
    begin: Callable[[Session, Task, datetime], int]
    prepare: Callable[[Session, Task, Sequence[Staged]], Any]
    apply: Callable[[Session, Task, Any, datetime], list[Done]]
    undo: Callable[[Session, Task, Sequence[Staged]], list[tuple[Note, ...]]]
    hint: Callable[[str, Sequence[Row]], Any] = lambda sheet, above: None
    found: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda seen: {}
    weight: Callable[[Mapping[str, Any]], int] = lambda values: 1
    stored: Collection[str] | None = None
    private: Collection[str] = ()
    serif: bool = False
    programs: Sequence[tuple[str, str]] = ()
    as_program: Callable[[Sequence[Row], str], Header | None] | None = None
    entries: Entries | None = None
    lasting: Collection[str] = ()
    rest: Callable[[Session, Task, Mapping[str, Any]], list[Rest]] = lambda session, task, seen: []
    tick: str = ""
    for_library: Callable[[Session, "Importer", int], "Importer"] = lambda session, importer, library_id: importer

    def label(self, key: str) -> str:
        """What a column is called on our pages."""
        return self.words[key].partition("|")[0].strip()


_IMPORTERS: dict[str, Importer] = {}


def register(importer: Importer) -> Importer:
    _IMPORTERS[importer.kind] = importer
    return importer


def importers() -> Mapping[str, Importer]:
    """All of them by kind."""
    _ask_packages()
    return _IMPORTERS


def importer_for(session: Session, kind: str, library_id: int) -> Importer:
    """The importer of that kind as this library has chosen it to be."""
    importer = importers()[kind]
    return importer.for_library(session, importer, library_id)


@cache
def _ask_packages() -> None:
    """Once, in the order of the layers: whoever has an `importing.py` registers when it is imported."""
    for package in (name for row in library.layers() for name in row):
        module = f"library.{package}.importing"
        if importlib.util.find_spec(module):
            importlib.import_module(module)


Weighed = TypeVar("Weighed")


def light(importer: Importer, rows: Iterable[Weighed], values: Callable[[Weighed], Any], most: int) -> list[Weighed]:
    """The first rows that together weigh no more than `most`, one at least. The others are not even fetched."""
    chosen: list[Weighed] = []
    weight = 0
    for row in rows:
        weight += importer.weight(values(row) or {})
        if weight > most and chosen:
            break
        chosen.append(row)
    return chosen


def note_of(sentence: str, column: str = "", **facts: Any) -> Note:
    return Note(sentence, facts, column)


def stored_note(note: Note) -> dict[str, Any]:
    """As it lies in the row: the sentence untranslated, its facts as text or numbers."""
    facts: Facts = {name: fact if isinstance(fact, int | str) else str(fact) for name, fact in note.facts.items()}
    return {"sentence": note.sentence, "facts": facts, "column": note.column}
