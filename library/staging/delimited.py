"""Delimited text: comma, semicolon, tab or bar between cells, in Unicode or in a character set older than it.

Text of old character sets is opened byte by byte, as a Western computer shows it; what its columns need then is told by
`mending`. In a file of Unicode single lines may be something else: these rows are `spoilt`, the others are kept.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Self

from library.core.errors import N_
from library.staging.encodings import SIGNS, detect
from library.staging.tables import Row, UnreadableFile, capped, row_of

CODECS = ("", "utf-8", "utf-16", "cp1258", "latin-1")
"""What a person may choose for a text file; '' lets the machine look."""

_DELIMITERS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MAX_BREAKS = 20  # line breaks inside one quoted cell
_SAMPLE = 2**19  # bytes of lines that are no Unicode
_LINE = 2**20  # bytes: no line of a list is longer
_NUL = N_("Dòng %(row)s có ký tự rỗng, tệp có thể chép chưa hết. Chép lại tệp, hoặc lưu thành .xlsx rồi nạp.")
_NO_LINES = N_("Tệp không phải bảng: dòng %(row)s dài hơn 1 MB.")
_OPEN_QUOTE = N_("Dòng %(row)s mở ngoặc kép mà không đóng, máy không biết ô ấy hết ở đâu. Sửa dòng ấy rồi nạp lại.")


@dataclass(frozen=True)
class Brought:
    """A file somebody brought: its bytes, or where they lie."""

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
            return mark in stream.read(2**26)


class Delimited:
    """One sheet, called as the file is. Cells come as they were seen: whoever reads them mends and cleans them."""

    def __init__(self, brought: Brought, name: str) -> None:
        self._brought, self._name = brought, name
        self._looked = _looked(brought)
        self.recode("")

    def recode(self, codec: str) -> None:
        """Open with this codec from here on; '' for what was found."""
        self.codec = codec or self._looked.codec
        self._spoilt = re.compile("[\0\udc80-\udcff]" if self.codec != "utf-16" else "[\0\ufffd]")
        with self._text() as text:
            sample = [line for _, line in zip(range(60), text, strict=False)]
        self._delimiter = _delimiter(sample)

    @property
    def sheets(self) -> tuple[str, ...]:
        return (self._name,)

    def size(self, sheet: str) -> int:
        return self._looked.lines

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
                        yield self._row(number, values)
            except csv.Error as error:
                raise UnreadableFile(_OPEN_QUOTE, row=began + 1) from error

    def _row(self, number: int, values: Sequence[str]) -> Row:
        """Cells that hold nothing but blanks are empty; strange bytes become marks that can be shown."""
        spoilt = [at for at, value in enumerate(values) if self._spoilt.search(value)]
        seen = [value.translate(SIGNS) for value in values] if self.codec == "latin-1" else values
        texts = [_bare(value) if value.strip() else "" for value in seen]
        for at in spoilt:
            texts[at] = self._spoilt.sub("\ufffd", texts[at])
        return row_of(number, texts, (), spoilt)

    def _text(self) -> TextIOWrapper:
        errors = "replace" if self.codec.startswith("utf-16") else "surrogateescape"
        return TextIOWrapper(self._brought.open(), encoding=self.codec, errors=errors, newline="")

    def close(self) -> None:
        """Nothing stays open between readings."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _bare(value: str) -> str:
    """'=1 as programs write a text that begins like a formula, ours too, is =1."""
    return value[1:] if value[0] == "'" and value[1:2] and value[1] in "=+-@\t\r＝＋－＠" else value


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


# Which character set


@dataclass
class _Looked:
    """The whole file seen once. Lines that are no UTF-8 are `odd`, others with more than ASCII are `good`."""

    codec: str = ""
    lines: int = 0
    good: int = 0
    odd: int = 0
    noughts: int = 0
    first_nought: int = 0
    sample: bytearray = field(default_factory=bytearray)
    cut: bool = False

    def take(self, line: bytes) -> None:
        self.lines += 1
        if b"\0" in line:
            self.noughts += 1
            self.first_nought = self.first_nought or self.lines
        if not line.isascii():
            self._weigh(line)

    def _weigh(self, line: bytes) -> None:
        try:
            line.decode()
            self.good += 1
        except UnicodeDecodeError as error:
            self.odd += 1
            self.cut = error.reason == "unexpected end of data" and error.end == len(line)
            if len(self.sample) < _SAMPLE:
                self.sample += line

    @property
    def is_unicode(self) -> bool:
        """A file that ends inside a letter was cut short; its other lines are what they seem."""
        return not self.odd or self.good > self.odd or (self.odd == 1 and self.cut)


def _looked(brought: Brought) -> _Looked:
    """Raises UnreadableFile for what is no text."""
    head = brought.head(4096)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), "") or _unmarked_utf16(head)
    if marked.startswith("utf-16"):
        return _utf16(brought, marked)
    looked = _lines(brought)
    if looked.noughts > max(1, looked.lines // 50):
        raise UnreadableFile(_NUL, row=looked.first_nought)
    looked.codec = (marked or "utf-8") if looked.is_unicode else _old(bytes(looked.sample))
    return looked


def _lines(brought: Brought) -> _Looked:
    looked = _Looked()
    with brought.open() as stream:
        while line := stream.readline(_LINE + 1):
            if len(line) > _LINE and b"\r" not in line:
                raise UnreadableFile(_NUL if b"\0" in line else _NO_LINES, row=looked.lines + 1)
            looked.take(line)
    return looked


def _old(sample: bytes) -> str:
    """Windows-1258 is a codec of its own; all others are mended column by column."""
    return "cp1258" if detect(sample).codec == "cp1258" else "latin-1"


def _utf16(brought: Brought, codec: str) -> _Looked:
    with TextIOWrapper(brought.open(), encoding=codec, errors="replace", newline="") as text:
        return _Looked(codec, sum(1 for _ in text))


def _unmarked_utf16(head: bytes) -> str:
    """Mostly Latin text in UTF-16 has noughts in every other place."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if len(half) > 1 and half.count(0) > len(half) // 2 and head[1 - start :: 2].count(0) == 0:
            return name
    return ""
