"""Any list somebody brings, opened as sheets of rows of text. `open_table` is the door.

xlsx and delimited text are read; everything else is refused with a sentence that says what to do. A file is not
trusted: sizes come from the zip directory before anything is unpacked, and what is unpacked goes through a guard
(`workbooks`). Rows are streamed: memory holds the shared strings of a workbook and a few rows.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path, PurePath
from typing import BinaryIO, Self
from unicodedata import normalize
from zipfile import BadZipFile, ZipFile, ZipInfo

from library.core.errors import N_
from library.core.fold import clean
from library.staging.tables import CUT_SHORT, ODD, UNKNOWN_KIND, Row, Table, UnreadableFile, capped, row_of
from library.staging.workbooks import Workbook

__all__ = ["Row", "Table", "UnreadableFile", "open_table"]

MAX_FILE = 50 * 2**20  # bytes as brought
MAX_UNPACKED = 400 * 2**20  # bytes of all parts of a workbook, by the zip directory
MAX_RATIO = 250  # unpacked to packed, of parts above 1 MiB; real sheets stay below 60
MAX_PARTS = 4_000
_MAX_BREAKS = 20  # line breaks inside one quoted cell of a text file
_CHUNK = 2**16


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
        return Workbook(brought.open())
    raise UnreadableFile(_ADVICE.get(kind, UNKNOWN_KIND), kind=kind)


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


def _check_zip(brought: _Brought) -> None:
    """Refuse a workbook by its directory alone: other formats, passwords, bombs."""
    try:
        with brought.open() as stream, ZipFile(stream) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(CUT_SHORT) from error
    names = {part.filename for part in parts}
    kind = next((kind for name, kind in _ZIP_PARTS if name in names), "nén")
    if kind != "zip":
        raise UnreadableFile(_ADVICE.get(kind, UNKNOWN_KIND), kind=kind)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or any(map(_is_bomb, parts)):
        raise UnreadableFile(ODD)


def _is_bomb(part: ZipInfo) -> bool:
    """Or packed in a way no spreadsheet program uses (neither stored nor deflated, or with a password)."""
    swollen = part.file_size > 2**20 and part.file_size > MAX_RATIO * max(1, part.compress_size)
    return swollen or part.compress_type not in (0, 8) or bool(part.flag_bits & 1)


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
        return capped(self._numbered(), sheet)

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
                        yield row_of(number, [clean(value) for value in values])
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
