"""CDS/ISIS and WinISIS exchange files: ISO 2709 with tags of one's own, ^a for subfields, lines of 80 characters.

DOS programs write # for both end marks. Then entries are cut at the ends of lines that end with ##, which no field does.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from library.staging.marc.charsets import Decoder
from library.staging.marc.cutting import END, FIELD_END, Piece, cut
from library.staging.marc.entries import Broken, MarcEntry
from library.staging.marc.iso2709 import Reader

_HASHED = re.compile(rb"\s*[0-9]{5}0{5}(?:00|  )[0-9]{5}")


def uses_hashes(head: bytes) -> bool:
    """Whether the first entry's directory ends with # where a field mark should be."""
    plain = re.sub(rb"\r?\n", b"", head.lstrip(b"\xef\xbb\xbf\r\n "))
    if not _HASHED.match(plain) or FIELD_END in plain or END in plain:
        return False
    base = int(plain[12:17])
    return plain[base - 1 : base] == b"#"


def read(stream: BinaryIO, charset: str = "", hashes: bool = False) -> Iterator[MarcEntry | Broken]:
    """Raises UnreadableFile when the first 4 MB have no end of an entry."""
    reader = Reader(Decoder(charset))
    return reader.read(map(_with_marks, cut(stream, b"##")) if hashes else cut(stream))


def _with_marks(piece: Piece) -> Piece:
    """The last field's # went with the end; those that the directory points at become field marks."""
    body = re.sub(rb"\r?\n", b"", piece.body) + b"#"
    base = int(body[12:17]) if body[12:17].isdigit() else 0
    if not 24 < base <= len(body):
        return piece
    ends = {base - 1}
    for at in range(24, base - 1, 12):
        line = body[at : at + 12]
        if line[3:].isdigit() and len(line) == 12:
            ends.add(base + int(line[3:7]) + int(line[7:]) - 1)
    marked = bytearray(body)
    for at in ends:
        if at < len(body) and body[at : at + 1] == b"#":
            marked[at : at + 1] = FIELD_END
    return piece._replace(body=bytes(marked))
