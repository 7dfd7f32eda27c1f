"""Any list somebody brings, opened as sheets of rows of text. `open_table` is the door.

xlsx and delimited text are read; everything else is refused with a sentence that says what to do. A file is not
trusted: sizes come from the zip directory before anything is unpacked, and expat walks every XML part once (no DOCTYPE,
no endless row, no row beyond Excel's last) before openpyxl builds anything of it. Rows are streamed: memory holds the
shared strings of a workbook, a few rows, and one small number for each formula nobody has calculated.
"""

import codecs
import csv
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Protocol, Self
from unicodedata import normalize
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook
from openpyxl.worksheet._reader import WorkSheetParser

from library.core.errors import N_, Reason, Refused
from library.core.fold import clean

MAX_FILE = 50 * 2**20  # bytes as brought
MAX_UNPACKED = 400 * 2**20  # bytes of all parts of a workbook, by the zip directory
MAX_RATIO = 250  # unpacked to packed, of parts above 1 MiB; real sheets stay below 60
MAX_PARTS = 4_000
MAX_ROWS = 100_000  # entries of one sheet
_AROUND = 100  # filled rows above and below them
MAX_COLUMNS = 256
_LAST_ROW = 1_048_576  # of Excel
_MAX_ELEMENTS = 300_000  # of one row, one shared string, or all that stands outside of them
_MAX_STRETCH = 16 * 2**20  # bytes of the same
_MAX_BREAKS = 20  # line breaks inside one quoted cell of a text file
_CHUNK = 2**16

# openpyxl warns of styles and extensions it does not carry over; we read values.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")


class UnreadableFile(Refused):
    """The file cannot be read, and why: `sentence` has %(name)s places that `facts` fill."""

    status = 422

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(Reason("unreadable-file", sentence, facts))
        self.sentence, self.facts = sentence, facts


@dataclass(frozen=True)
class Row:
    """`number` is the row a spreadsheet shows. Cells end with the last filled one; blank rows are never made.

    `unread` are places of cells that hold a formula without its result, or an error value: their text is ''.
    """

    number: int
    cells: tuple[str, ...]
    unread: tuple[int, ...] = ()


class Table(Protocol):
    """Sheets of rows. Reading may still raise UnreadableFile half-way: broken files show it only there."""

    @property
    def sheets(self) -> tuple[str, ...]: ...
    def rows(self, sheet: str) -> Iterator[Row]: ...
    def size(self, sheet: str) -> int:
        """Rows at most, for showing progress."""
        ...

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...


def open_table(source: Path | str | bytes, filename: str) -> Table:
    """Open what somebody brought under the name `filename`. Raises UnreadableFile."""
    brought = _Brought(source if isinstance(source, bytes) else Path(source))
    if brought.size > MAX_FILE:
        raise UnreadableFile(_TOO_HEAVY, most=MAX_FILE >> 20)
    kind = _kind(brought)
    if kind == "text":
        return _Delimited(brought, PurePath(filename).stem)
    if kind == "zip":
        _check_zip(brought)
        return _Workbook(brought)
    raise UnreadableFile(_ADVICE.get(kind, _ELSE), kind=kind)


@dataclass(frozen=True)
class _Brought:
    source: bytes | Path

    @property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def open(self) -> BinaryIO:
        return BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    def head(self, size: int) -> bytes:
        with self.open() as stream:
            return stream.read(size)

    def __contains__(self, mark: bytes) -> bool:
        with self.open() as stream:
            return mark in stream.read(MAX_FILE)


# What kind of file it is, told by its bytes and never by its name

_ELSE = N_("Máy chưa đọc được tệp %(kind)s. Mở tệp bằng Excel, chọn Lưu thành .xlsx rồi nạp lại.")
_TOO_HEAVY = N_("Tệp nặng hơn %(most)s MB. Chia thành nhiều tệp rồi nạp lần lượt.")
_NOT_A_SHEET = N_("Tệp %(kind)s không phải bảng tính. Chép bảng sang Excel, lưu thành .xlsx rồi nạp lại.")
_ADVICE = {
    "": N_("Tệp trống, chưa có dòng nào."),
    ".pdf": _NOT_A_SHEET,
    ".doc": _NOT_A_SHEET,
    ".docx": _NOT_A_SHEET,
    ".rtf": _NOT_A_SHEET,
    ".pptx": _NOT_A_SHEET,
    "ảnh": N_("Đây là ảnh chụp, máy chưa đọc được bảng trong ảnh. Gõ bảng vào Excel, lưu thành .xlsx rồi nạp."),
    "nén": N_("Tệp nén không mang bảng tính nào máy đọc được. Giải nén rồi nạp từng tệp .xlsx hoặc .csv."),
    "mật khẩu": N_("Tệp đang khóa bằng mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi nạp."),
}
_HEADS = (
    (b"%PDF", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG", "ảnh"),
    (b"\xff\xd8\xff", "ảnh"),
    (b"GIF8", "ảnh"),
    (b"PK\x05\x06", "nén"),
    (b"Rar!", "nén"),
    (b"7z\xbc\xaf", "nén"),
    (b"\x1f\x8b", "nén"),
    (b"PK\x03\x04", "zip"),
)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_STREAMS = (("EncryptedPackage", "mật khẩu"), ("WordDocument", ".doc"))
_ZIP_PARTS = (
    ("xl/workbook.xml", "zip"),
    ("xl/workbook.bin", ".xlsb"),
    ("word/document.xml", ".docx"),
    ("ppt/presentation.xml", ".pptx"),
    ("Index/Document.iwa", ".numbers"),
    ("content.xml", ".ods"),
)


def _kind(brought: _Brought) -> str:
    head = brought.head(512)
    if head.startswith(_OLE):
        return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in brought), ".xls")
    if re.match(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|table|meta|style)", head, re.IGNORECASE):
        return ".xls"  # a web page or an XML of 2003 that a school's software calls .xls
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0\t\r\n "):
        return "" if brought.size <= len(head) else "text"
    return next((kind for mark, kind in _HEADS if head.startswith(mark)), "text")


# Workbooks: the zip directory

_CUT_SHORT = N_("Tệp bị hỏng hoặc chép chưa hết. Chép lại từ máy gốc, hoặc mở bằng Excel rồi lưu lại.")
_ODD = N_("Tệp này được đóng gói khác thường, máy không mở để giữ an toàn. Chép bảng sang một tệp mới rồi nạp lại.")


def _check_zip(brought: _Brought) -> None:
    """Refuse a workbook by its directory alone: other formats, passwords, bombs."""
    try:
        with brought.open() as stream, ZipFile(stream) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(_CUT_SHORT) from error
    names = {part.filename for part in parts}
    kind = next((kind for name, kind in _ZIP_PARTS if name in names), "nén")
    if kind != "zip":
        raise UnreadableFile(_ADVICE.get(kind, _ELSE), kind=kind)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or any(map(_is_bomb, parts)):
        raise UnreadableFile(_ODD)


def _is_bomb(part: ZipInfo) -> bool:
    """Or packed in a way no spreadsheet program uses (neither stored nor deflated, or with a password)."""
    swollen = part.file_size > 2**20 and part.file_size > MAX_RATIO * max(1, part.compress_size)
    return swollen or part.compress_type not in (0, 8) or bool(part.flag_bits & 1)


# Workbooks: one walk through each XML part

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_ROW, _CELL, _FORMULA, _VALUE, _STRING = (f"{_MAIN} {tag}" for tag in ("row", "c", "f", "v", "si"))
_OVERRIDE = "http://schemas.openxmlformats.org/package/2006/content-types Override"
_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_STRINGS = "xl/sharedstrings.xml"
_PADDED = re.compile(r'(?:"([^"]*)")?(0{2,})')  # "TK."00000: a number shown as TK.00011


@dataclass
class _Part:
    """What a walk through one XML part finds. Raises UnreadableFile at whatever would hurt.

    openpyxl forgets each row of a sheet and each shared string as it ends, and keeps all else: so only these begin the
    counting afresh, and only in the parts that are read that way.
    """

    name: str
    last_row: int = 0
    unread: dict[int, list[int]] = field(default_factory=dict)
    _depth: int = 0
    _elements: int = 0
    _began: int = 0
    _place: int = 0
    _waiting: bool = False

    def walk(self, stream: Any) -> Self:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser
        with suppress(expat.ExpatError):  # openpyxl meets the same and says so when the part matters
            for chunk in iter(partial(stream.read, _CHUNK), b""):
                parser.Parse(chunk)
                if parser.CurrentByteIndex - self._began > _MAX_STRETCH:
                    raise UnreadableFile(_ODD)
            self._settle()
        return self

    def _doctype(self, *_: object) -> None:
        raise UnreadableFile(_ODD)

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if tag == _VALUE:
            self._expect_value()
        elif tag == _CELL:
            self._settle()
            self._place += 1
            self._cell, self._type = attributes.get("r", ""), attributes.get("t", "")
        elif tag == _FORMULA:
            self._waiting = True
        elif tag == _ROW:
            self._row(attributes.get("r"))
        elif tag == _STRING and self._depth == 2 and self.name == _STRINGS:
            self._afresh()
        elif tag in (_OVERRIDE, _RELATION):
            self._check_role(attributes)
        elif tag.startswith(_STRICT):
            raise UnreadableFile(_ELSE, kind="Strict Open XML")
        if self._elements > _MAX_ELEMENTS:
            raise UnreadableFile(_ODD)

    def _expect_value(self) -> None:
        """Some programs write an empty value after a formula; only of text can nothing be the result."""
        if self._type == "str":
            self._waiting = False
        if self._waiting:
            self._parser.CharacterDataHandler = self._value

    def _value(self, _: str) -> None:
        self._waiting = False
        self._parser.CharacterDataHandler = None

    def _afresh(self) -> None:
        self._elements, self._began = 0, self._parser.CurrentByteIndex

    def _check_role(self, attributes: dict[str, str]) -> None:
        """Shared strings and sheets stand where every program puts them, and nothing else stands there."""
        name, kind = attributes.get("PartName", "").lstrip("/").lower(), attributes.get("ContentType", "")
        as_sheet = attributes.get("Type", "").endswith("/worksheet") and attributes.get("Target", "").lower()
        wrong_strings = (name == _STRINGS) != kind.endswith("sharedStrings+xml")
        wrong_sheet = _is_sheet(name) and not kind.endswith("worksheet+xml")
        if wrong_strings or wrong_sheet or (as_sheet and as_sheet.endswith("sharedstrings.xml")):
            raise UnreadableFile(_ODD)

    def _row(self, number: str | None) -> None:
        self._settle()
        if self._depth == 3 and _is_sheet(self.name):
            self._afresh()
        row = int(number) if number and number.isdigit() and len(number) < 9 else 0 if number else self.last_row + 1
        if not self.last_row < row <= _LAST_ROW:
            raise UnreadableFile(_CUT_SHORT)
        self.last_row, self._place = row, 0

    def _settle(self) -> None:
        """The cell is over: a formula in it has met no value."""
        if self._waiting:
            self.unread.setdefault(self.last_row, []).append(_column(self._cell) or self._place)
        self._waiting = False
        self._parser.CharacterDataHandler = None


def _is_sheet(name: str) -> bool:
    return "worksheets/" in name and name.endswith(".xml")


def _column(coordinate: str) -> int:
    """1 for 'A5', 27 for 'AA5', 0 for none."""
    number = 0
    for letter in coordinate.rstrip("0123456789").upper()[:3]:
        number = number * 26 + ord(letter) - 64
    return number


def _walk(brought: _Brought) -> dict[str, _Part]:
    """Every part that begins as XML does, whatever its name: a workbook may call any part a sheet."""
    with brought.open() as stream, ZipFile(stream) as archive:
        parts = {}
        for name in archive.namelist():
            with archive.open(name) as begun:
                is_xml = begun.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
            if is_xml:
                with archive.open(name) as part:
                    parts[name] = _Part(name.lower()).walk(part)
        return parts


class _Workbook:
    """An xlsx file. Hidden sheets are left out: they hold the lists behind drop-down cells."""

    def __init__(self, brought: _Brought) -> None:
        try:
            self._parts = _walk(brought)
            self._stream = brought.open()
            self._book = load_workbook(self._stream, read_only=True, data_only=True, keep_links=False)
        except UnreadableFile:
            raise
        except Exception as error:  # openpyxl raises whatever its parts raise
            raise UnreadableFile(_CUT_SHORT) from error
        shown = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        self._sheets = {sheet.title: sheet for sheet in shown or self._book.worksheets}
        self._paddings = _paddings(self._book)

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._sheets)

    def size(self, sheet: str) -> int:
        return self._part(sheet).last_row

    def rows(self, sheet: str) -> Iterator[Row]:
        part = self._part(sheet)
        return _capped(self._numbered(sheet, part), sheet)

    def _numbered(self, sheet: str, part: _Part) -> Iterator[Row]:
        number = 0
        try:
            for number, values in self._values(sheet):
                wrong = [place for place, value in values.items() if value in _ERRORS]
                unread = sorted({*wrong, *(column - 1 for column in part.unread.get(number, ()))})
                texts = {place: as_text(value) for place, value in values.items() if value not in _ERRORS}
                yield _row(number, [texts.get(place, "") for place in range(max(texts, default=-1) + 1)], unread)
        except UnreadableFile:
            raise
        except Exception as error:
            sentence = N_("Trang “%(sheet)s” hỏng sau dòng %(row)s. Mở tệp bằng Excel, lưu lại rồi nạp.")
            raise UnreadableFile(sentence, sheet=sheet, row=number) from error

    def _values(self, sheet: str) -> Iterator[tuple[int, dict[int, Any]]]:
        """(row number, {place: value}) from openpyxl's own parser: its read-only sheets believe the size a sheet claims
        and keep the height of every row, which for 100,000 rows of LibreOffice is 80 MB."""
        ours, book = self._sheets[sheet], self._book
        with book._archive.open(ours._worksheet_path) as stream:
            formats = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
            parser = WorkSheetParser(stream, ours._shared_strings, data_only=True, epoch=book.epoch, **formats)
            for number, cells in parser.parse():
                parser.row_dimensions.clear()
                yield number, {cell["column"] - 1: self._shown(cell) for cell in cells if cell["value"] is not None}

    def _shown(self, cell: dict[str, Any]) -> Any:
        """The value, or what a format such as 00000 or "TK."00000 makes of a whole number: codes keep their noughts."""
        value, padding = cell["value"], self._paddings.get(cell["style_id"])
        return f"{padding[0]}{value:0{padding[1]}d}" if padding and type(value) is int else value

    def _part(self, sheet: str) -> _Part:
        path = self._sheets[sheet]._worksheet_path
        return self._parts.get(path.lstrip("/")) or _Part("")

    def close(self) -> None:
        self._book.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"))


def _paddings(book: Any) -> dict[int, tuple[str, int]]:
    """{style: (letters, digits)} of the number formats that show noughts before a number."""
    custom = {164 + at: _PADDED.fullmatch(code) for at, code in enumerate(book._number_formats)}
    padded = {at: (found[1] or "", len(found[2])) for at, found in custom.items() if found}
    styles = enumerate(book._cell_styles)
    return {at: padded[style.numFmtId] for at, style in styles if style.numFmtId in padded}


def as_text(value: object) -> str:
    """A cell's value as a person would have typed it: 3.0 is '3', a day is dd/mm/yyyy, true is 'TRUE'."""
    match value:
        case None:
            return ""
        case str():
            return clean(value.replace("_x000D_", " "))
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
        case datetime():
            return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time() | timedelta():
            return str(value)[:5] if isinstance(value, time) else str(value)
        case _:
            return clean(str(value))


def _row(number: int, texts: list[str], unread: Sequence[int] = ()) -> Row:
    while texts and not texts[-1]:
        texts.pop()
    return Row(number, tuple(texts), tuple(unread))


def _capped(rows: Iterable[Row], sheet: str) -> Iterator[Row]:
    """The filled rows, as long as they are not too many or too wide."""
    count = 0
    for row in rows:
        if not row.cells and not row.unread:
            continue
        count += 1
        if count > MAX_ROWS + _AROUND:
            sentence = N_("Trang “%(sheet)s” có hơn %(most)s dòng. Chia thành nhiều tệp rồi nạp lần lượt.")
            raise UnreadableFile(sentence, sheet=sheet, most=f"{MAX_ROWS:,}".replace(",", "."))
        if len(row.cells) > MAX_COLUMNS:
            sentence = N_("Dòng %(row)s của trang “%(sheet)s” có hơn %(most)s cột. Bỏ bớt cột thừa rồi nạp lại.")
            raise UnreadableFile(sentence, sheet=sheet, row=row.number, most=MAX_COLUMNS)
        yield row


# Delimited text

_DELIMITERS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAVE_AS = N_(
    "Máy chưa đọc được chữ ở dòng %(row)s: tệp không theo bảng mã Unicode hay Windows-1258."
    " Mở tệp bằng Excel, chọn Lưu thành .xlsx rồi nạp lại."
)
_NUL = N_("Dòng %(row)s có ký tự rỗng, tệp có thể chép chưa hết. Chép lại tệp, hoặc lưu thành .xlsx rồi nạp.")
_OPEN_QUOTE = N_("Dòng %(row)s mở ngoặc kép mà không đóng, máy không biết ô ấy hết ở đâu. Sửa dòng ấy rồi nạp lại.")


class _Delimited:
    """Comma, semicolon, tab or bar between cells; one sheet, called as the file is."""

    def __init__(self, brought: _Brought, name: str) -> None:
        self._brought, self._name = brought, name
        self._encoding, self._lines = _encoding(brought)
        with self._text() as text:
            sample = [line for _, line in zip(range(60), text, strict=False)]
        self._delimiter = _delimiter(sample)

    @property
    def sheets(self) -> tuple[str, ...]:
        return (self._name,)

    def size(self, sheet: str) -> int:
        return self._lines

    def rows(self, sheet: str) -> Iterator[Row]:
        return _capped(self._numbered(), sheet)

    def _numbered(self) -> Iterator[Row]:
        with self._text() as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self._delimiter)
            began = quotes = 0
            try:
                for number, values in enumerate(reader, 1):
                    if lines.read - began > 1:
                        _check_quotes(values, began + 1, closed=not lines.over or (lines.quotes - quotes) % 2 == 0)
                    began, quotes = lines.read, lines.quotes
                    if number > 1 or not _names_delimiter(values):
                        yield _row(number, [clean(value) for value in values])
            except csv.Error as error:
                raise UnreadableFile(_OPEN_QUOTE, row=began + 1) from error

    def _text(self) -> TextIOWrapper:
        return TextIOWrapper(self._brought.open(), encoding=self._encoding, newline="")

    def close(self) -> None:
        """Nothing stays open between readings."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Lines:
    """The lines of a text, counted as the csv reader takes them."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self.read = self.quotes = 0
        self.over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._text, None)
        if line is None:
            self.over = True
            raise StopIteration
        self.read += 1
        self.quotes += line.count('"')
        return line


def _check_quotes(values: Sequence[str], line: int, closed: bool) -> None:
    """A stray quote swallows the lines after it: better told than loaded as one long title."""
    if not closed or any(value.count("\n") > _MAX_BREAKS for value in values):
        raise UnreadableFile(_OPEN_QUOTE, row=line)


def _names_delimiter(values: Sequence[str]) -> bool:
    """Excel's first line `sep=;`."""
    return values[:1] == ["sep="] or (len(values) == 1 and values[0].lower().startswith("sep="))


def _delimiter(sample: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of cells, the more cells the better."""
    if sample and (named := re.match(r"sep=([,;\t|])", sample[0], re.IGNORECASE)):
        return named[1]
    return max(_DELIMITERS, key=lambda mark: _evenness(sample, mark))


def _evenness(sample: Sequence[str], mark: str) -> float:
    with suppress(csv.Error):
        widths = [len(values) for values in csv.reader(sample, delimiter=mark) if any(values)]
        usual = max(set(widths), key=lambda width: (width > 1) * widths.count(width), default=1)
        return usual * widths.count(usual) / len(widths) if usual > 1 else 0.0
    return 0.0


def _encoding(brought: _Brought) -> tuple[str, int]:
    """(encoding, lines). Raises UnreadableFile naming the line where every encoding we know fails."""
    head = brought.head(4096)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), None) or _unmarked_utf16(head)
    for encoding in (marked,) if marked else ("utf-8", "cp1258"):
        trial = _Trial(encoding).read(brought)
        if trial.nul_at:
            raise UnreadableFile(_NUL, row=trial.nul_at)
        if not trial.failed_at and (encoding != "cp1258" or trial.looks_vietnamese()):
            return encoding, trial.lines
    raise UnreadableFile(_SAVE_AS, row=_Trial(marked or "utf-8").read(brought).failed_at or 1)


def _unmarked_utf16(head: bytes) -> str | None:
    """Mostly Latin text in UTF-16 has noughts in every other place."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if len(half) > 1 and half.count(0) > len(half) // 2 and head[1 - start :: 2].count(0) == 0:
            return name
    return None


_VIETNAMESE = frozenset("àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ")
_PUNCTUATION = frozenset("“”‘’„‚–—…•·°«»×±²³½¼€₫©®™\xa0§→")


class _Trial:
    """Strict decoding of the whole file in one encoding. `failed_at` and `nul_at` are lines, 0 for none."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.lines = self.failed_at = self.nul_at = 0
        self.ours = self.foreign = 0

    def read(self, brought: _Brought) -> Self:
        decode = codecs.getincrementaldecoder(self.encoding)().decode
        with brought.open() as stream:
            for chunk in (*iter(partial(stream.read, _CHUNK), b""), b""):
                if not self._take(decode, chunk):
                    break
        return self

    def _take(self, decode: Callable[[bytes, bool], str], chunk: bytes) -> bool:
        try:
            text = decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            self.failed_at = self.lines + error.object[: error.start].count(b"\n") + 1
            return False
        if "\0" in text:
            self.nul_at = self.lines + text[: text.index("\0")].count("\n") + 1
        self.lines += text.count("\n")
        if self.encoding == "cp1258":
            self._weigh(text)
        return not self.nul_at

    def _weigh(self, text: str) -> None:
        letters = re.sub(r"[\0-\x7f]+", "", normalize("NFC", text)).lower()
        known = sum(letter in _VIETNAMESE for letter in letters)
        self.ours += known
        self.foreign += len(letters) - known - sum(letter in _PUNCTUATION for letter in letters)

    def looks_vietnamese(self) -> bool:
        """Any byte is some letter of Windows-1258: text in TCVN3 or VNI shows by letters Vietnamese does not have."""
        return self.ours >= 20 * self.foreign
