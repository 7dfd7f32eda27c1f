"""MARC-in-JSON: one object, a list of them, or one on each line."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from library.core.errors import N_, Reason
from library.staging.encodings import plain
from library.staging.marc import entries
from library.staging.marc.entries import LEADER, Broken, Field, MarcEntry
from library.staging.tables import UnreadableFile

_MOST = 20 * 2**20  # bytes: a list of objects is read whole
_TOO_HEAVY = N_("Tệp JSON nặng hơn %(most)s MB. Xuất lại thành MARC hoặc MARCXML.")
_NOT_JSON = N_("Tệp JSON hỏng hoặc chép chưa hết.")


def read(stream: BinaryIO) -> Iterator[MarcEntry | Broken]:
    """Raises UnreadableFile for a file above 20 MB, or one that is no JSON."""
    data = stream.read(_MOST + 1)
    if len(data) > _MOST:
        raise UnreadableFile(_TOO_HEAVY, most=_MOST >> 20)
    for number, (place, value) in enumerate(_objects(data), 1):
        try:
            yield MarcEntry(*_parts(value), number, place)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield Broken(number, place, Reason("marc-junk", entries.JUNK))


def _objects(data: bytes) -> Iterator[tuple[int, Any]]:
    try:
        whole = json.loads(data)
        return ((0, one) for one in (whole if isinstance(whole, list) else [whole]))
    except (ValueError, RecursionError):
        if b"\n" not in data.strip():
            raise UnreadableFile(_NOT_JSON) from None
        return _lines(data)


def _lines(data: bytes) -> Iterator[tuple[int, Any]]:
    place = 0
    for line in data.split(b"\n"):
        if line.strip():
            yield place, _loaded(line)
        place += len(line) + 1


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _parts(value: Any) -> tuple[str, tuple[Field, ...]]:
    fields = tuple(_field(tag, said) for each in value["fields"] for tag, said in each.items())
    if not fields:
        raise ValueError
    return str(value.get("leader") or LEADER)[:24].ljust(24), fields


def _field(tag: str, said: Any) -> Field:
    if isinstance(said, str):
        return Field(_of(3, tag), plain(said))
    pairs = tuple((_of(1, code), plain(str(text))) for each in said["subfields"] for code, text in each.items())
    if not pairs:
        raise ValueError
    return Field(_of(3, tag), "", _of(1, said.get("ind1", " ")) + _of(1, said.get("ind2", " ")), pairs)


def _of(length: int, text: str) -> str:
    if len(text) != length:
        raise ValueError
    return text
