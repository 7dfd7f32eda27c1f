"""What kind of MARC file it is, told by its first bytes and never by its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from library.core.errors import N_
from library.staging.marc import isis, iso2709, json_form, marcxml, mrk
from library.staging.marc.entries import Broken, MarcEntry
from library.staging.tables import UnreadableFile

_HEAD = 2**16
_XML = re.compile(
    rb"(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE|([\w.\-]+:)?(record|collection|searchRetrieveResponse|OAI-PMH)\b)"
)
_UTF16_XML = (b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0?\0", b"\0<\0?")
_ISO = re.compile(rb"[\xef\xbb\xbf\r\n\0 ]*[0-9 ]{5}[\x20-\x7e]{5}[0-9 ]{2}[0-9]{5}")
_NOT_MARC = N_("Tệp không phải MARC, MARCXML hay tệp xuất của WinISIS.")


@dataclass(frozen=True)
class MarcFile:
    """`kind` is iso2709, isis, marcxml, mrk or json; '' for none of them."""

    kind: str
    hashes: bool = False


def sniff(head: bytes) -> MarcFile:
    """By the first 64 KiB."""
    if _XML.match(head) or head.startswith(_UTF16_XML):
        return MarcFile("marcxml")
    if isis.uses_hashes(head):
        return MarcFile("isis", hashes=True)
    if _ISO.match(head) and b"\x1e" in head:
        return MarcFile("isis" if _first_leader(head)[10:12] == b"00" else "iso2709")
    if re.match(rb"(\xef\xbb\xbf)?\s*=(LDR|\d{3})  ", head):
        return MarcFile("mrk")
    if re.match(rb"(\xef\xbb\xbf)?\s*[\[{]", head) and b'"leader"' in head and b'"fields"' in head:
        return MarcFile("json")
    return MarcFile("iso2709" if b"\x1d" in head and b"\x1e" in head else "")


def _first_leader(head: bytes) -> bytes:
    return head.lstrip(b"\xef\xbb\xbf\r\n\0 ")[:24]


def read(source: Path | bytes, charset: str = "") -> Iterator[MarcEntry | Broken]:
    """Every entry of a file, read or Broken, in its order. `charset` is one of `charsets.CHARSETS`, '' to look.

    Raises UnreadableFile, at once or while reading, when nothing more of the file can be read.
    """
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        kind = sniff(stream.read(_HEAD))
        stream.seek(0)
        yield from _reader(kind, stream, charset)


def _reader(file: MarcFile, stream: BinaryIO, charset: str) -> Iterator[MarcEntry | Broken]:
    match file.kind:
        case "marcxml":
            return marcxml.read(stream)
        case "isis":
            return isis.read(stream, charset, file.hashes)
        case "iso2709":
            return iso2709.read(stream, charset)
        case "mrk":
            return mrk.read(stream)
        case "json":
            return json_form.read(stream)
    raise UnreadableFile(_NOT_MARC)
