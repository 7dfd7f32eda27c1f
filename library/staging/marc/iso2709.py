"""ISO 2709: MARC21, UNIMARC and CDS/ISIS exchange files. Each entry is read or told Broken; the others are kept.

An entry ends at its end mark; its length is only compared. The directory is believed where each of its lines points at a
whole field; where it lies, fields are taken in their order if there are as many as lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from library.core.errors import Reason
from library.staging.encodings import repair
from library.staging.marc import entries
from library.staging.marc.charsets import Decoder, mended
from library.staging.marc.cutting import END, FIELD_END, PART, Piece, cut
from library.staging.marc.entries import MOST, BadEntry, Broken, Field, MarcEntry
from library.staging.verdicts import Note

_BAD_CODE = re.compile(rb"[\0-\x20\x7f]|[\xc2-\xf4][\x80-\xbf]")
"""No code at all, or a letter of UTF-8 where one byte should stand; a lone å is a code of danMARC."""


def read(stream: BinaryIO, charset: str = "") -> Iterator[MarcEntry | Broken]:
    """Entries in the file's order. Raises UnreadableFile when the first 4 MB have no end of an entry."""
    return Reader(Decoder(charset)).read(cut(stream))


@dataclass
class Reader:
    decoder: Decoder
    ends: tuple[bytes, bytes] = (FIELD_END, END)

    def read(self, pieces: Iterator[Piece]) -> Iterator[MarcEntry | Broken]:
        for number, piece in enumerate(pieces, 1):
            try:
                yield self._entry(number, piece)
            except BadEntry as bad:
                reason = bad.reason
                if piece.flaw == "cut":
                    reason = Reason("marc-cut-off", entries.CUT_OFF)
                yield Broken(number, piece.place, reason)

    def _entry(self, number: int, piece: Piece) -> MarcEntry:
        if piece.flaw == "big":
            raise BadEntry("marc-too-big", entries.TOO_BIG, most=MOST >> 20)
        body = unwrapped(piece.body)
        body, notes = _without_noughts(body)
        raw = _taken_apart(body, self.ends[0])
        notes += raw.notes + _told(piece, body)
        texts, more = self.decoder.decode(raw.leader[9], raw.parts)
        texts, mending = _mended(texts)
        fields = raw.filled(texts)
        return MarcEntry(raw.leader, fields, number, piece.place, (*notes, *more, *mending), piece.size)


def unwrapped(body: bytes) -> bytes:
    """WinISIS breaks an entry into lines of 80 characters; a text may have line breaks of its own elsewhere."""
    breaks = [found.start() for found in re.finditer(rb"\r?\n", body[:400])]
    if not breaks or breaks[0] not in (79, 80, 81):
        return body
    lines = re.split(rb"\r?\n", body)
    if any(len(line) != len(lines[0]) for line in lines[:-1]):
        return body
    return b"".join(lines)


def _without_noughts(body: bytes) -> tuple[bytes, tuple[Note, ...]]:
    """Noughts inside a text are dropped. Offsets then lie, which is mended as any lie is."""
    if b"\0" not in body:
        return body, ()
    return body.replace(b"\0", b""), (Note(entries.NOUGHTS),)


def _told(piece: Piece, body: bytes) -> tuple[Note, ...]:
    notes = []
    if piece.skipped:
        notes.append(Note(entries.SKIPPED, {"count": piece.skipped}))
    if piece.flaw in ("open", "cut"):
        notes.append(Note(entries.NO_END))
    elif body[:5].strip() not in (b"%05d" % (len(body) + 1), b"99999", b"00000"):
        notes.append(Note(entries.LYING_LENGTH))
    return tuple(notes)


def _mended(texts: list[str]) -> tuple[list[str], tuple[Note, ...]]:
    """Text that says it is Unicode, and is, but was made so from TCVN3 or VNI without knowing."""
    found = mended(texts)
    if not found:
        return texts, ()
    return [repair(text, found) for text in texts], (Note(entries.MENDED, {"said": "Unicode", "found": found.upper()}),)


# One entry


class _Shape(NamedTuple):
    """A field whose texts are not decoded yet: `codes` is None for a control field."""

    tag: str
    indicators: str
    codes: tuple[str, ...] | None


@dataclass(frozen=True)
class _Raw:
    leader: str
    shapes: Sequence[_Shape]
    parts: Sequence[bytes]
    notes: tuple[Note, ...]

    def filled(self, texts: Sequence[str]) -> tuple[Field, ...]:
        fields, rest = [], iter(texts)
        for shape in self.shapes:
            if shape.codes is None:
                fields.append(Field(shape.tag, next(rest)))
            else:
                pairs = tuple([(code, next(rest)) for code in shape.codes])
                fields.append(Field(shape.tag, "", shape.indicators, pairs))
        return tuple(fields)


def _taken_apart(body: bytes, field_end: bytes) -> _Raw:
    if len(body) < 25:
        raise BadEntry("marc-too-short", entries.TOO_SHORT)
    leader = body[:24].decode("latin-1")
    base = _base(body, field_end)
    directory, area = body[24 : base - 1], body[base:]
    if not area.strip(b"\x1e\r\n "):
        raise BadEntry("marc-no-fields", entries.NO_FIELDS)
    tagged, lied = _fields(directory, area, field_end)
    notes: dict[Note, None] = {}
    is_isis = leader[10] == "0" and PART not in area
    width = int(leader[10]) if leader[10] in "123456789" else 2
    shapes, parts = [], list[bytes]()
    for tag, data in tagged:
        shape, texts = _isis_shape(tag, data) if is_isis else _shape(tag, data, width, notes)
        shapes.append(shape)
        parts += texts
    told = [Note(entries.LYING_DIRECTORY)] if lied else []
    if area.count(field_end) > len(tagged) and not lied:
        told.append(Note(entries.UNLISTED))
    return _Raw(leader, shapes, parts, (*told, *notes))


def _base(body: bytes, field_end: bytes) -> int:
    """Where the fields begin: behind the directory, lines of twelve, which the first field mark ends."""
    said = body[12:17]
    base = int(said) if said.isdigit() else 0
    if body[base - 1 : base] == field_end and base >= 25 and (base - 25) % 12 == 0:
        return base
    at = body.find(field_end, 24)
    if at < 0 or (at - 24) % 12 or at == 24:
        raise BadEntry("marc-no-directory", entries.NO_DIRECTORY)
    return at + 1


def _fields(directory: bytes, area: bytes, field_end: bytes) -> tuple[list[tuple[str, bytes]], bool]:
    """((tag, data) in the directory's order, whether the directory lied)."""
    lines = [directory[at : at + 12] for at in range(0, len(directory), 12)]
    fits = sum(int(line[3:7]) for line in lines if line[3:7].isdigit()) <= len(area)  # or one field was told often
    believed = [_pointed(line, area, field_end) for line in lines] if fits else []
    tags = [line[:3].decode("latin-1") for line in lines]
    if fits and all(data is not None for data in believed):
        return [(tag, data) for tag, data in zip(tags, believed, strict=True) if data is not None], False
    pieces = area.rstrip(b"\r\n").removesuffix(field_end).split(field_end)
    if len(pieces) != len(lines):
        raise BadEntry("marc-out-of-bounds", entries.OUT_OF_BOUNDS)
    order = sorted(range(len(lines)), key=lambda at: int(lines[at][7:])) if _numbered(lines) else range(len(lines))
    by_line = dict(zip(order, pieces, strict=True))
    return [(tag, by_line[at]) for at, tag in enumerate(tags)], True


def _numbered(lines: Sequence[bytes]) -> bool:
    """Starts that tell an order: all different numbers."""
    starts = {line[7:] for line in lines}
    return len(starts) == len(lines) and all(map(bytes.isdigit, starts))


def _pointed(line: bytes, area: bytes, field_end: bytes) -> bytes | None:
    """The data a directory line points at, its end mark left out; None when that is no whole field."""
    if not line[3:].isdigit() or len(line) < 12:
        return None
    length, start = int(line[3:7]), int(line[7:])
    stop = start + length - 1
    whole = length and area[stop : stop + 1] == field_end and area.find(field_end, start, stop) < 0
    begins = not start or area[start - 1 : start] == field_end
    return area[start:stop] if whole and begins else None


def _shape(tag: str, data: bytes, width: int, notes: dict[Note, None]) -> tuple[_Shape, list[bytes]]:
    """`width` is how many indicators the leader announces; two are kept."""
    if tag.startswith("00") and PART not in data:
        return _Shape(tag, "", None), [data]
    head, *pairs = data.split(PART)
    filled = [pair for pair in pairs if pair]
    if len(filled) < len(pairs):
        notes[_note(entries.EMPTY_PARTS, tag)] = None
    if any(map(_BAD_CODE.match, filled)):
        raise BadEntry("marc-bad-code", entries.BAD_CODE, tag=tag)
    if len(head) > width:
        notes[_note(entries.NO_CODE, tag)] = None
        filled.insert(0, b"a" + head[width:])
    elif len(head) < width:
        notes[_note(entries.ODD_INDICATORS, tag)] = None
    codes = tuple([chr(pair[0]) for pair in filled])
    indicators = _INDICATORS.get(head) or _indicators(head)
    return _Shape(tag, indicators, codes), [pair[1:] for pair in filled]


def _note(sentence: str, tag: str) -> Note:
    return Note(sentence, _Facts(tag=tag))


class _Facts(dict[str, str]):
    """Facts that can be told once however often they happen."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


_INDICATORS = {bytes([a, b]): chr(a) + chr(b) for a in b" 0123456789" for b in b" 0123456789"}


def _indicators(head: bytes) -> str:
    return head.decode("latin-1")[:2].ljust(2).translate(_PRINTABLE)


_PRINTABLE = dict.fromkeys((*range(32), *range(127, 256)), " ")


def _isis_shape(tag: str, data: bytes) -> tuple[_Shape, list[bytes]]:
    """^aNhan đề^bPhụ đề; what stands before the first ^ has no code. A ^ before no letter or digit is itself."""
    head, *pairs = re.split(rb"\^(?=[0-9A-Za-z])", data)
    codes = ([""] if head or not pairs else []) + [chr(pair[0]).lower() for pair in pairs]
    texts = ([head] if head or not pairs else []) + [pair[1:] for pair in pairs]
    return _Shape(tag, "", tuple(codes)), texts
