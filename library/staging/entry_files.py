"""A file of MARC entries on its way through the same machinery as a list: one sheet, called as the file is."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from library.core.errors import N_, Refused
from library.staging.delimited import Brought
from library.staging.marc import Broken, MarcEntry, opening, writing
from library.staging.tables import Row, UnreadableFile

MAX_FILE = 512 * 2**20  # bytes; they are walked through, never held
MAX_ENTRIES = 400_000
CHUNK = 2**20
_TOO_MANY = N_("Tệp có hơn %(most)s biểu ghi. Chia thành nhiều tệp rồi nạp lần lượt.")

KINDS = {
    "iso2709": "ISO 2709",
    "isis": "CDS/ISIS (WinISIS)",
    "marcxml": "MARCXML",
    "mrk": "MarcEdit (.mrk)",
    "json": "MARC-in-JSON",
}
_COUNTED = {
    "iso2709": rb"\x1d",
    "isis": rb"\x1d",
    "marcxml": rb"<(?:\w+:)?record[\s>]",
    "mrk": rb"(?:^|\n)=LDR",
    "json": rb'"leader"',
}
_LONGEST_MARK = 24


@dataclass
class EntryFile:
    """`charset` is one of `charsets.CHARSETS`, '' to look."""

    brought: Brought
    name: str
    file: opening.MarcFile
    charset: str = ""

    @property
    def kind(self) -> str:
        return self.file.kind

    @property
    def sheets(self) -> tuple[str, ...]:
        return (self.name,)

    def size(self, sheet: str) -> int:
        """How many entries there seem to be."""
        mark = re.compile(rb"##\r?\n" if self.file.hashes else _COUNTED[self.kind])
        found, rest = 0, b""
        with self.brought.open() as stream:
            for chunk in iter(partial(stream.read, CHUNK), b""):
                whole = rest + chunk
                ends = [one.end() for one in mark.finditer(whole)]
                found += len(ends)
                rest = whole[max(len(whole) - _LONGEST_MARK, ends[-1] if ends else 0) :]
        return found

    def entries(self) -> Iterator[MarcEntry | Broken]:
        """Raises UnreadableFile when nothing more can be read, or there are too many."""
        for one in opening.read(self.brought.source, self.charset):
            if one.number > MAX_ENTRIES:
                raise UnreadableFile(_TOO_MANY, most=f"{MAX_ENTRIES:,}".replace(",", "."))
            yield one

    def rows(self, sheet: str) -> Iterator[Row]:
        """Entries are no rows."""
        return iter(())

    def close(self) -> None:
        """Nothing stays open between readings."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def kept(entry: MarcEntry) -> Mapping[str, Any]:
    """Where the entry lies in its file, or its bytes where it has none of its own: plain JSON, small."""
    if entry.size:
        return {"at": [entry.place, entry.size]}
    return {"bytes": base64.b64encode(_written(entry)).decode()}


def _written(entry: MarcEntry) -> bytes:
    """As ISO 2709; MARCXML for what is too long for it; nothing for what neither form can hold."""
    fitted = entry
    for write in (writing.iso2709, lambda one: writing.one_marcxml(one).encode()):
        try:
            return write(fitted)
        except Refused:
            fitted, _ = writing.fitted(entry)
    return b""


def whole(path: Path, told: Mapping[str, Any]) -> bytes | None:
    """The bytes that `kept` told of."""
    if "bytes" in told:
        return base64.b64decode(told["bytes"]) or None
    place, size = told["at"]
    with path.open("rb") as stream:
        stream.seek(place)
        return stream.read(size)


_XML_OF_MARC = re.compile(rb"<([\w.\-]+:)?(record|collection|searchRetrieveResponse|OAI-PMH)[\s>]")


_BINARY = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
"""Workbooks, new and old."""


def sniff(brought: Brought) -> opening.MarcFile:
    """What kind of MARC it is by its first 64 KiB; kind '' for lists."""
    head = brought.head(2**16)
    if head.startswith(_BINARY):  # their bytes hold the signs of ISO 2709 by chance
        return opening.MarcFile("")
    found = opening.sniff(head)
    if found.kind == "marcxml" and not _XML_OF_MARC.search(head.replace(b"\0", b"")):
        return opening.MarcFile("")
    return found
