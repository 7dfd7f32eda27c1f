"""An xlsx workbook read straight from its XML: sheets of rows of text.

A file is not trusted. Every part is walked by expat under one guard (no DOCTYPE, no endless row, no row beyond Excel's
last), and only what the guard has let through is kept: of a sheet the row in hand, of the rest the shared strings and
the styles. What a part is, is told by the workbook and never by its name.
"""

import posixpath
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time
from functools import cached_property, lru_cache, partial
from typing import Any, BinaryIO, Self
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from library.core.errors import N_
from library.core.fold import clean
from library.staging.tables import CUT_SHORT, ODD, UNKNOWN_KIND, Row, UnreadableFile, capped, row_of

_LAST_ROW = 1_048_576  # of Excel
_MAX_ELEMENTS = 300_000  # of one row, one shared string, or all that stands outside of them
_MAX_STRETCH = 16 * 2**20  # bytes of the same
_MAX_STRINGS = 4_000_000
_CHUNK = 2**16

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_ROW, _CELL, _FORMULA, _VALUE, _STRING, _TEXT, _READING = (
    f"{_MAIN} {tag}" for tag in ("row", "c", "f", "v", "si", "t", "rPh")
)
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK, _BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PADDED = re.compile(r'(?:"([^"]*)")?(0{2,})')  # "TK."00000: a number shown as TK.00011
_ROW_NUMBER = re.compile(rb'<row (?:[^<>]* )?r="(\d{1,7})"')
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"))


class _Guard:
    """One XML part on its way through expat. Raises UnreadableFile at whatever would hurt."""

    def __init__(self) -> None:
        self._depth = self._elements = self._began = 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartNamespaceDeclHandler = self._namespace

    def walk(self, part: Any) -> Iterator[None]:
        """A piece of the part further each time. Raises ExpatError where it is no XML."""
        for piece in iter(partial(part.read, _CHUNK), b""):
            self._parser.Parse(piece)
            if self._parser.CurrentByteIndex - self._began > _MAX_STRETCH:
                raise UnreadableFile(ODD)
            yield
        self._parser.Parse(b"", True)
        yield

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile(ODD)

    def _namespace(self, _: str | None, name: str | None) -> None:
        if name == _STRICT:
            raise UnreadableFile(UNKNOWN_KIND, kind="Strict Open XML")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise UnreadableFile(ODD)

    def _end(self, tag: str) -> None:
        self._depth -= 1

    def _afresh(self) -> None:
        """What came before is forgotten, so the counting begins anew; deeper inside nothing is."""
        self._elements, self._began = 0, self._parser.CurrentByteIndex


class _Rows(_Guard):
    """The rows of a sheet, counted."""

    last = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        super()._start(tag, attributes)
        if tag == _ROW:
            self._row(attributes.get("r"))

    def _row(self, number: str | None) -> None:
        if self._depth == 3:
            self._afresh()
        row = int(number) if number and number.isdigit() and len(number) < 9 else 0 if number else self.last + 1
        if not self.last < row <= _LAST_ROW:
            raise UnreadableFile(CUT_SHORT)
        self.last = row


class _Strings(_Guard):
    """The shared strings, clean; what tells how to read them aloud is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._texts: list[str] = []
        self._aloud = False

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        super()._start(tag, attributes)
        if tag == _STRING and self._depth == 2:
            self._texts.clear()
            self._afresh()
        elif tag == _TEXT and not self._aloud:
            self._parser.CharacterDataHandler = self._texts.append
        elif tag == _READING:
            self._aloud = True

    def _end(self, tag: str) -> None:
        super()._end(tag)
        if tag == _TEXT:
            self._parser.CharacterDataHandler = None
        elif tag == _STRING and self._depth == 1:
            self._keep(_plain("".join(self._texts)))
        elif tag == _READING:
            self._aloud = False

    def _keep(self, text: str) -> None:
        if len(self.found) >= _MAX_STRINGS:
            raise UnreadableFile(ODD)
        self.found.append(text)


class _Cells(_Rows):
    """The rows of a sheet as text. `met` holds those that nobody has fetched yet."""

    def __init__(self, said: "_Said") -> None:
        super().__init__()
        self.met: list[Row] = []
        self._said, self._pieces = said, list[str]()
        self._texts, self._unread = dict[int, str](), set[int]()
        self._place, self._type, self._style, self._value = -1, "", "", ""
        self._formula = self._result = self._aloud = False
        self._parser.CharacterDataHandler = self._pieces.append

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise UnreadableFile(ODD)
        if tag == _CELL:
            place = _column(attributes.get("r", ""))
            self._place = place - 1 if place else self._place + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._value, self._formula, self._result = "", False, False
        elif tag in (_VALUE, _TEXT):
            self._pieces.clear()
        elif tag == _FORMULA:
            self._formula = True
        elif tag == _READING:
            self._aloud = True
        elif tag == _ROW:
            self._texts, self._unread, self._place = {}, set(), -1
            self._row(attributes.get("r"))

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == _CELL:
            self._settle()
        elif tag == _VALUE and self._type != "inlineStr":
            self._value, self._result = "".join(self._pieces), True
        elif tag == _TEXT and self._type == "inlineStr" and not self._aloud:
            self._value += "".join(self._pieces)
        elif tag == _READING:
            self._aloud = False
        elif tag == _ROW:
            self.met.append(row_of(self.last, _in_order(self._texts), sorted(self._unread)))
            self._pieces.clear()

    def _settle(self) -> None:
        """The cell is over. Some programs write an empty value after a formula; only of text is nothing a result."""
        text = self._said.text(self._type, self._style, self._value) if self._value else ""
        if text:
            self._texts[self._place] = text
        elif text is None or (self._formula and not self._value and not (self._result and self._type == "str")):
            self._unread.add(self._place)


def _in_order(texts: dict[int, str]) -> list[str]:
    """The texts from the first column on, '' between them."""
    return [texts.get(place, "") for place in range(max(texts) + 1)] if texts else []


@lru_cache(4096)
def _column(coordinate: str) -> int:
    """1 for 'A5', 27 for 'AA5', 0 for none."""
    number = 0
    for letter in coordinate.rstrip("0123456789").upper()[:3]:
        number = number * 26 + ord(letter) - 64
    return number


class _Said:
    """What a workbook says once for all cells: its strings, and which styles show dates or noughts before a number."""

    def __init__(self, strings: Callable[[], list[str]], styles: ElementTree.Element | None, epoch: datetime) -> None:
        self._strings, self._epoch = strings, epoch
        formats = dict(enumerate(_formats(styles))) if styles is not None else {}
        self._days = {str(at): is_timedelta_format(code) for at, code in formats.items() if is_date_format(code)}
        padded = {str(at): PADDED.fullmatch(code or "") for at, code in formats.items()}
        self._paddings = {at: (found[1] or "", len(found[2])) for at, found in padded.items() if found}
        self._special = self._days.keys() | self._paddings.keys()

    def text(self, kind: str, style: str, value: str) -> str | None:
        """A cell's value as a person would have typed it; None for an error value and for a day no calendar has."""
        if kind == "n":
            return self._number(style, value)
        if kind == "b":
            return "TRUE" if int(value) else "FALSE"
        if kind == "d":
            return as_text(from_ISO8601(value))
        text = self._all_strings[int(value)] if kind == "s" else _plain(value)
        return None if text in _ERRORS else text

    def _number(self, style: str, value: str) -> str | None:
        if style not in self._special and value.isdigit() and value.isascii() and value[0] != "0":
            return value
        number = float(value) if "." in value or "e" in value or "E" in value else int(value)
        if style in self._days:
            try:
                return as_text(from_excel(number, self._epoch, timedelta=self._days[style]))
            except (OverflowError, ValueError):
                return None
        padding = self._paddings.get(style)
        return f"{padding[0]}{number:0{padding[1]}d}" if padding and type(number) is int else as_text(number)

    @cached_property
    def _all_strings(self) -> list[str]:
        return self._strings()


def _formats(styles: ElementTree.Element) -> Iterator[str | None]:
    """The number format of each style of a cell."""
    custom = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{{{_MAIN}}}numFmt")}
    for one in styles.iterfind(f"{{{_MAIN}}}cellXfs/{{{_MAIN}}}xf"):
        known = one.get("numFmtId", "0")
        yield custom.get(known) or BUILTIN_FORMATS.get(int(known))


def as_text(value: object) -> str:
    """A value as a person would have typed it: 3.0 is '3', a day is dd/mm/yyyy."""
    match value:
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
        case datetime():
            return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time():
            return str(value)[:5]
        case _:
            return str(value)


def _plain(text: str) -> str:
    """Clean, but for text with a soft hyphen: that may be ư in TCVN3, and is told only by its column (`mending`)."""
    text = text.replace("_x000D_", " ")
    return text if "\xad" in text else clean(text)


class Workbook:
    """An xlsx file. Hidden sheets are left out: they hold the lists behind drop-down cells."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        try:
            self._archive = ZipFile(stream)
            self._paths, self._said = self._sheets(), self._what_is_said()
        except UnreadableFile:
            raise
        except Exception as error:  # a broken zip, broken XML, a part that is not there
            raise UnreadableFile(CUT_SHORT) from error

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._paths)

    def size(self, sheet: str) -> int:
        """The number of the last row, as the end of the sheet has it; where nothing is found there, rows are counted."""
        try:
            with self._archive.open(self._paths[sheet]) as part:
                end = b"".join(deque(iter(partial(part.read, _CHUNK), b""), maxlen=2))
        except (BadZipFile, OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(CUT_SHORT) from error
        numbers = _ROW_NUMBER.findall(end)
        return int(numbers[-1]) if numbers else self._counted(sheet)

    def _counted(self, sheet: str) -> int:
        rows = _Rows()
        with self._archive.open(self._paths[sheet]) as part, suppress(expat.ExpatError):
            deque(rows.walk(part), maxlen=0)  # whoever reads the rows is told where they break
        return rows.last

    def rows(self, sheet: str) -> Iterator[Row]:
        return capped(self._rows(sheet), sheet)

    def _rows(self, sheet: str) -> Iterator[Row]:
        cells = _Cells(self._said)
        try:
            with self._archive.open(self._paths[sheet]) as part:
                for _ in cells.walk(part):
                    yield from cells.met
                    cells.met.clear()
        except UnreadableFile:
            raise
        except Exception as error:  # of the zip, of expat, of a number that is none
            yield from cells.met
            sentence = N_("Trang “%(sheet)s” hỏng sau dòng %(row)s. Mở tệp bằng Excel, lưu lại rồi nạp.")
            raise UnreadableFile(sentence, sheet=sheet, row=cells.last) from error

    def _sheets(self) -> dict[str, str]:
        """{name: part} of the sheets that are shown, in their order; of all, where none is."""
        targets = self._related("/worksheet")
        book = self._tree(_BOOK)
        told = [(one, targets.get(one.get(_RELATION_ID, ""))) for one in book.iter(f"{{{_MAIN}}}sheet")]
        there = [(one, part) for one, part in told if part]
        shown = [(one, part) for one, part in there if one.get("state", "visible") == "visible"]
        return {one.get("name", ""): part for one, part in shown or there}

    def _related(self, kind: str) -> dict[str, str]:
        """{relation id: part} of what stands to the workbook in that relation, where the archive has it."""
        parts = set(self._archive.namelist())
        found = [
            (one.get("Id", ""), posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/"))
            for one in self._tree(_BOOK_RELATIONS)
            if one.get("Type", "").endswith(kind)
        ]
        return {relation: part for relation, part in found if part in parts}

    def _what_is_said(self) -> _Said:
        settings = self._tree(_BOOK).find(f"{{{_MAIN}}}workbookPr")
        since_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        styles = next(iter(self._related("/styles").values()), None)
        return _Said(self._strings, self._tree(styles) if styles else None, MAC_EPOCH if since_1904 else WINDOWS_EPOCH)

    def _strings(self) -> list[str]:
        strings = _Strings()
        for part in self._related("/sharedStrings").values():
            with self._archive.open(part) as stream:
                deque(strings.walk(stream), maxlen=0)
        return strings.found

    def _tree(self, part: str) -> ElementTree.Element:
        """A small part, guarded before anything is built of it."""
        with self._archive.open(part) as stream:
            deque(_Guard().walk(stream), maxlen=0)
        with self._archive.open(part) as stream:
            return ElementTree.parse(stream).getroot()  # noqa: S314 - no DOCTYPE has passed

    def close(self) -> None:
        self._archive.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
