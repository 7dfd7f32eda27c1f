"""An .xls workbook of Excel 97–2003, and the web page with a table that school software calls .xls.

The old format is read by xlrd, sheet by sheet. It cannot hold more than 65,536 rows, and a file is refused by its weight
before it is opened, and where its sectors form a ring, so memory stays bounded. Nothing in it is run: formulas come with
the results they were saved with.
"""

import codecs
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from typing import Any, Self

import xlrd
from openpyxl.styles.numbers import is_date_format
from xlrd.compdoc import SIGNATURE, CompDoc, CompDocError

from library.core.errors import N_
from library.core.fold import clean
from library.staging.delimited import Brought
from library.staging.encodings import detect
from library.staging.tables import CUT_SHORT, ODD, Row, UnreadableFile, capped, row_of
from library.staging.workbooks import PADDED, as_text

MAX_OLD = 20 * 2**20
"""Bytes of an old workbook. A full sheet of 65,536 pupils weighs about 12 MB."""
_TOO_HEAVY = N_("Tệp .xls nặng hơn %(most)s MB. Mở bằng Excel, lưu thành .xlsx rồi nạp.")
_LOCKED = N_("Tệp đang khóa bằng mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi nạp.")
_SHOWN = 0


class OldWorkbook:
    """A BIFF file. Hidden sheets are left out, as in an xlsx."""

    def __init__(self, brought: Brought) -> None:
        if brought.size > MAX_OLD:
            raise UnreadableFile(_TOO_HEAVY, most=MAX_OLD >> 20)
        with brought.open() as stream:
            content = stream.read()
        try:
            self._book = xlrd.open_workbook(
                file_contents=_stream(content), on_demand=True, formatting_info=True, ragged_rows=True, logfile=_Deaf()
            )
            names = self._book.sheet_names()
        except Exception as error:  # xlrd trusts offsets, so a broken file may raise anything
            raise UnreadableFile(_LOCKED if "encrypted" in str(error).lower() else CUT_SHORT) from error
        if not names:
            raise UnreadableFile(CUT_SHORT)
        shown = [name for place, name in enumerate(names) if self._visible(place)]
        self.sheets = tuple(shown or names)

    def _visible(self, place: int) -> bool:
        return bool(self._book._sheet_visibility[place] == _SHOWN)

    def size(self, sheet: str) -> int:
        return int(self._sheet(sheet).nrows)

    def rows(self, sheet: str) -> Iterator[Row]:
        return capped(self._rows(sheet), sheet)

    def _rows(self, name: str) -> Iterator[Row]:
        sheet = self._sheet(name)
        for number in range(sheet.nrows):
            yield self._read(number + 1, sheet, name)
        self._book.unload_sheet(name)

    def _read(self, number: int, sheet: Any, name: str) -> Row:
        try:
            return self._row(number, sheet.row(number - 1))
        except Exception as error:  # a style or a text that is not there
            sentence = N_("Trang “%(sheet)s” hỏng sau dòng %(row)s. Mở tệp bằng Excel, lưu lại rồi nạp.")
            raise UnreadableFile(sentence, sheet=name, row=number - 1) from error

    def _sheet(self, name: str) -> Any:
        try:
            return self._book.sheet_by_name(name)
        except Exception as error:
            raise UnreadableFile(CUT_SHORT) from error

    def _row(self, number: int, cells: Any) -> Row:
        texts = [self._text(cell) for cell in cells]
        unread = [place for place, text in enumerate(texts) if text is None]
        return row_of(number, [text or "" for text in texts], unread)

    def _text(self, cell: Any) -> str | None:
        """None for an error value."""
        match cell.ctype:
            case xlrd.XL_CELL_ERROR:
                return None
            case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
                return ""
            case xlrd.XL_CELL_BOOLEAN:
                return "TRUE" if cell.value else "FALSE"
            case xlrd.XL_CELL_TEXT:
                return cell.value if "\xad" in cell.value else clean(cell.value)
            case _:
                return self._number(cell)

    def _number(self, cell: Any) -> str | None:
        code = self._format(cell)
        if is_date_format(code):
            try:
                return as_text(xlrd.xldate_as_datetime(cell.value, self._book.datemode))
            except (xlrd.XLDateError, OverflowError, ValueError):
                return None
        padded = PADDED.fullmatch(code)
        whole = float(cell.value).is_integer()
        if padded and whole:
            return f"{padded[1] or ''}{int(cell.value):0{len(padded[2])}d}"
        return as_text(cell.value)

    def _format(self, cell: Any) -> str:
        style = self._book.xf_list[cell.xf_index] if cell.xf_index is not None else None
        found = self._book.format_map.get(style.format_key) if style else None
        return found.format_str if found else "General"

    def close(self) -> None:
        self._book.release_resources()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Parts(CompDoc):  # type: ignore[misc]  # xlrd has no types
    """The file inside the file. A chain of sectors that bites its own tail is refused: xlrd would follow it for ever."""

    def _get_stream(
        self, mem: Any, base: int, sat: Any, sec_size: int, start_sid: int, *more: Any, **named: Any
    ) -> Any:
        sector = start_sid
        for _ in range(len(sat) + 1):
            if sector < 0:
                return super()._get_stream(mem, base, sat, sec_size, start_sid, *more, **named)
            sector = sat[sector]
        raise CompDocError("a ring of sectors")


def _stream(content: bytes) -> bytes:
    """The workbook's own bytes, out of the compound document it comes in."""
    if not content.startswith(SIGNATURE):
        return content
    parts = _Parts(content, logfile=_Deaf())
    for name in ("Workbook", "Book"):
        found, start, size = parts.locate_named_stream(name)
        if found:
            return bytes(found[start : start + size])
    raise CompDocError("no workbook inside")


class _Deaf:
    """xlrd prints what it wonders about; nobody here reads it."""

    def write(self, text: str) -> None: ...
    def flush(self) -> None: ...


SHEET = "Bảng"
_MAX_CELLS = 3_000_000
_CHUNK = 2**16


class WebTable:
    """The tables of a web page, one under another, as one sheet."""

    sheets = (SHEET,)

    def __init__(self, brought: Brought) -> None:
        self._brought, self._codec = brought, detect(brought.head(_CHUNK)).codec
        if not any(True for _ in self.rows(SHEET)):
            raise UnreadableFile(
                N_("Tệp này là trang web không có bảng nào. Chép bảng sang Excel, lưu thành .xlsx rồi nạp.")
            )

    def size(self, sheet: str) -> int:
        return sum(1 for _ in self.rows(sheet))

    def rows(self, sheet: str) -> Iterator[Row]:
        return capped(self._rows(), sheet)

    def _rows(self) -> Iterator[Row]:
        parser, number = _Cells(), 0
        for piece in self._pieces():
            parser.feed(piece)
            for texts in parser.taken():
                number += 1
                yield row_of(number, texts)

    def _pieces(self) -> Iterator[str]:
        """The page's text; what closes an unfinished row comes last."""
        decoder = codecs.getincrementaldecoder(self._codec)("replace")
        with self._brought.open() as stream:
            yield from map(decoder.decode, iter(partial(stream.read, _CHUNK), b""))
        yield decoder.decode(b"", True) + "</table>"

    def close(self) -> None: ...
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...


class _Cells(HTMLParser):
    """Rows of text. A cell over several columns leaves the others empty; scripts and styles say nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span, self._deaf, self._count = 1, 0, 0

    def taken(self) -> list[list[str]]:
        found, self._done = self._done, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._deaf += 1
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._cell, self._span = [], _span(dict(attrs).get("colspan"))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._deaf = max(0, self._deaf - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._deaf:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        self._row = self._row if self._row is not None else []
        self._row += [clean(" ".join("".join(self._cell).split())), *[""] * (self._span - 1)]
        self._count += self._span
        if self._count > _MAX_CELLS:
            raise UnreadableFile(ODD)
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self._done.append(self._row)
        self._row = None


def _span(text: str | None) -> int:
    return min(int(text), 256) if text and text.isascii() and text.isdigit() and int(text) else 1
