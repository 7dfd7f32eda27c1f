"""Files as schools bring them, made on the spot: workbooks, text in old encodings, and workbooks bent out of shape."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from unicodedata import normalize
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from library.staging.sources import Row, open_table

SHEET_XML = "xl/worksheets/sheet1.xml"


def xlsx(
    sheets: Mapping[str, Iterable[Sequence[Any]]], merged: Sequence[str] = (), formats: Mapping[str, str] | None = None
) -> bytes:
    """A workbook of these sheets; `merged` ranges and number `formats` ({cell: format}) are of the first."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    first = book.worksheets[0]
    for cell, form in (formats or {}).items():
        first[cell].number_format = form
    for area in merged:
        first.merge_cells(area)
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def remade(
    workbook: bytes, changes: Mapping[str, Callable[[bytes], bytes]], extra: Mapping[str, bytes] | None = None
) -> bytes:
    """The workbook with some of its parts changed, and others added."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return stream.getvalue()


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return stream.getvalue()


def delimited(rows: Iterable[Sequence[Any]], mark: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    return text.getvalue()


def windows_1258(text: str) -> bytes:
    """As Windows wrote it: â ă ê ô ơ ư in one byte, the tone in the next."""
    return b"".join(_two_bytes(char) for char in normalize("NFC", text))


def _two_bytes(char: str) -> bytes:
    try:
        return char.encode("cp1258")
    except UnicodeEncodeError:
        letter = normalize("NFD", char)
        tone = next(mark for mark in letter if mark in "\u0300\u0301\u0303\u0309\u0323")
        return (normalize("NFC", letter.replace(tone, "")) + tone).encode("cp1258")


def rows_of(source: bytes, filename: str = "danh-sach.xlsx", sheet: str | None = None) -> list[Row]:
    with open_table(source, filename) as table:
        return list(table.rows(sheet or table.sheets[0]))


def cells_of(source: bytes, filename: str = "danh-sach.xlsx", sheet: str | None = None) -> list[tuple[str, ...]]:
    return [row.cells for row in rows_of(source, filename, sheet)]


def as_rows(lines: Iterable[Sequence[str]]) -> list[Row]:
    """Rows numbered from 1, blank ones left out as a table leaves them out."""
    return [Row(number, tuple(line)) for number, line in enumerate(lines, 1) if any(line)]
