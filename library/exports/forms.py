"""The forms an export can have. Each turns things into bytes, a chunk at a time.

Text in a .csv that begins like a formula gets an apostrophe in front of it, as spreadsheets write it themselves: a .csv
cannot say that a cell is text. Our own importer takes it away again. A workbook needs no such thing.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any, Protocol

from library.core.errors import N_
from library.core.mime import CSV, XLSX
from library.exports.things import Cell, Kind, Row
from library.exports.workbook import GrowingWorkbook
from library.staging.marc import MarcEntry, TooLong, writing
from library.staging.marc.writing import NotMarc21

BOM = b"\xef\xbb\xbf"
FORMULA_SIGNS = "=+-@\t\r＝＋－＠"


class Writer(Protocol):
    """`state` is what the next chunk needs to know, in plain values; `left_out` counts things that do not fit."""

    state: dict[str, Any]
    left_out: int

    def begin(self) -> bytes: ...
    def more(self, things: Iterable[Any]) -> bytes: ...
    def end(self) -> bytes: ...


class _Plain:
    """For forms that remember nothing."""

    def __init__(self, kind: Kind, state: dict[str, Any]) -> None:
        self.kind, self.state, self.left_out = kind, state, 0

    def begin(self) -> bytes:
        return b""

    def end(self) -> bytes:
        return b""


class Xlsx(_Plain):
    def __init__(self, kind: Kind, state: dict[str, Any]) -> None:
        super().__init__(kind, state)
        self.book = GrowingWorkbook(kind.head, kind.title, state)

    def more(self, things: Iterable[Any]) -> bytes:
        return self.book.more(row for one in things for row in self.kind.rows(one))

    def end(self) -> bytes:
        return self.book.end()


class Csv(_Plain):
    def begin(self) -> bytes:
        return BOM + comma_lines([self.kind.head])

    def more(self, things: Iterable[Any]) -> bytes:
        return comma_lines(row for one in things for row in self.kind.rows(one))


def comma_lines(rows: Iterable[Row]) -> bytes:
    """Rows as spreadsheets read them, without the mark of UTF-8 (`BOM`); no text in them becomes a formula."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _plain(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, int):
        return str(cell)
    text = cell or ""
    return f"'{text}" if text.startswith(tuple(FORMULA_SIGNS)) else text


class JsonLines(_Plain):
    def more(self, things: Iterable[Any]) -> bytes:
        lines = (json.dumps(self.kind.told(one), ensure_ascii=False, default=str) for one in things)
        return "".join(f"{line}\n" for line in lines).encode()


class Marc(_Plain):
    def more(self, things: Iterable[Any]) -> bytes:
        return b"".join(self._one(entry) for one in things for entry in self._entries(one))

    def _entries(self, thing: Any) -> Sequence[MarcEntry]:
        return self.kind.entries(thing) if self.kind.entries else ()

    def _one(self, entry: MarcEntry) -> bytes:
        """An entry that is too long is written as several, each with some of the copies; the same title is known again."""
        try:
            return _record(entry)
        except TooLong:
            return self._halves(entry)

    def _halves(self, entry: MarcEntry) -> bytes:
        copies = [one for one in entry.fields if one.tag == "952"]
        if len(copies) < 2:
            self.left_out += 1
            return b""
        described = tuple(one for one in entry.fields if one.tag != "952")
        half = len(copies) // 2
        parts = (copies[:half], copies[half:])
        return b"".join(self._one(MarcEntry(entry.leader, (*described, *part))) for part in parts)


def _record(entry: MarcEntry) -> bytes:
    """Fields no MARC21 has (of CDS/ISIS) are left out."""
    try:
        return writing.iso2709(entry)
    except NotMarc21:
        return writing.iso2709(writing.fitted(entry)[0])


class MarcXml(Marc):
    def begin(self) -> bytes:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{writing.SLIM}">\n'.encode()

    def _one(self, entry: MarcEntry) -> bytes:
        return writing.one_marcxml(writing.fitted(entry)[0]).encode()

    def end(self) -> bytes:
        return b"</collection>\n"


@dataclass(frozen=True)
class Form:
    name: str
    label: str
    suffix: str
    mime: str
    writer: Callable[[Kind, dict[str, Any]], Writer]


_ALL = (
    Form("xlsx", N_("Excel (.xlsx)"), ".xlsx", XLSX, Xlsx),
    Form("csv", N_("CSV, chữ Unicode (.csv)"), ".csv", CSV, Csv),
    Form("mrc", N_("MARC21, khổ ISO 2709 (.mrc)"), ".mrc", "application/marc", Marc),
    Form("xml", N_("MARCXML (.xml)"), ".xml", "application/marcxml+xml", MarcXml),
    Form("jsonl", N_("JSON Lines (.jsonl), cho người viết phần mềm"), ".jsonl", "application/x-ndjson", JsonLines),
)
FORMS: Mapping[str, Form] = {one.name: one for one in _ALL}
MARC = ("mrc", "xml")
