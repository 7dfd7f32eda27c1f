"""A stream of bytes cut into entries at their ends (1D), whatever lengths they claim. Memory holds one entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from library.core.errors import N_
from library.staging.marc.entries import MOST
from library.staging.tables import UnreadableFile

END, FIELD_END, PART = b"\x1d", b"\x1e", b"\x1f"
CHUNK = 2**16
_LEADER = re.compile(rb"[0-9 ]{5}[\x20-\x7e]{5}(?:[0-9 ]{2})[0-9]{5}[\x20-\x7e]{3}[\x20-\x7e]{4}[0-9A-Za-z]{3}[0-9]{4}")
_NEXT = re.compile(
    rb"(?<=\x1e)[\r\n\0 ]*(?=[0-9]{5}[\x20-\x7e]{5}[0-9]{7}[\x20-\x7e]{3}[0-9]{4}[0-9A-Za-z]{3}[0-9]{9})"
)
_BLANK = b"\r\n\0\x1a \t\xef\xbb\xbf"

_NO_ENDS = N_("Tệp không có dấu kết thúc biểu ghi nào trong %(most)s MB đầu, không phải tệp MARC.")


class Piece(NamedTuple):
    """Bytes of one entry without its end mark. `flaw` is '', 'open' without an end, 'cut' at the file's, 'big'; `size` is
    how many bytes the file has of it."""

    place: int
    body: bytes
    flaw: str = ""
    skipped: int = 0
    size: int = 0


@dataclass
class _Cutter:
    stream: BinaryIO
    end: bytes
    buffer: bytearray = field(default_factory=bytearray)
    place: int = 0  # of the buffer in the file
    looked: int = 0  # bytes of the buffer in which there is no end
    found: bool = False

    def pieces(self) -> Iterator[Piece]:
        while more := self.stream.read(CHUNK):
            self.buffer += more
            yield from self._whole()
            if len(self.buffer) > MOST:
                yield self._too_big()
                yield from self._whole()
        yield from self._rest()

    def _whole(self) -> Iterator[Piece]:
        """Each entry that has its end in the buffer; the buffer is shortened once."""
        start = 0
        while (at := self.buffer.find(self.end, max(start, self.looked))) >= 0:
            self.found = True
            yield from _parted(self.place + start, bytes(self.buffer[start:at]), len(self.end))
            start = at + len(self.end)
        self.place += start
        del self.buffer[:start]
        self.looked = max(0, len(self.buffer) - len(self.end) + 1)

    def _too_big(self) -> Piece:
        """Everything up to the next end is passed over unread."""
        if not self.found:
            raise UnreadableFile(_NO_ENDS, most=MOST >> 20)
        piece = Piece(self.place, b"", "big")
        while (at := self.buffer.find(self.end)) < 0:
            kept = len(self.end) - 1
            self.place += len(self.buffer) - kept
            self.buffer = self.buffer[len(self.buffer) - kept :]
            more = self.stream.read(CHUNK)
            if not more:
                at = len(self.buffer)
                break
            self.buffer += more
        self.place += at + len(self.end)
        del self.buffer[: at + len(self.end)]
        self.looked = 0
        return piece

    def _rest(self) -> Iterator[Piece]:
        body = bytes(self.buffer)
        if body.strip(_BLANK):
            *whole, last = _parted(self.place, body, 0)
            yield from whole
            yield last._replace(flaw="cut")


def cut(stream: BinaryIO, end: bytes = END) -> Iterator[Piece]:
    """Every entry of the stream. Raises UnreadableFile when its first 4 MB have no end of an entry."""
    return _Cutter(stream, end).pieces()


def _parted(place: int, body: bytes, end: int) -> Iterator[Piece]:
    """Usually one: several when ends are missing. What stands before the leader is skipped and counted. `end` bytes of a
    mark follow the last."""
    starts = [found.end() for found in _NEXT.finditer(body) if _is_leader(body, found.end())]
    edges = [0, *starts, len(body)]
    for begin, stop in pairwise(edges):
        piece = _without_junk(place + begin, body[begin:stop])
        if piece.body:
            last = stop == len(body)
            yield piece._replace(flaw="" if last else "open", size=len(piece.body) + (end if last else 0))


def _is_leader(body: bytes, at: int) -> bool:
    """Its directory ends where it says: a number inside a note is no leader."""
    said = body[at + 12 : at + 17]
    base = int(said) if said.isdigit() else 0
    return base > 24 and (base - 25) % 12 == 0 and body[at + base - 1 : at + base] == FIELD_END


def _without_junk(place: int, body: bytes) -> Piece:
    blank = len(body) - len(body.lstrip(_BLANK))
    start = blank
    if not _LEADER.match(body, blank) and not _is_leader(body, blank):
        whole = (found.start() for found in _LEADER.finditer(body, blank) if _is_leader(body, found.start()))
        start = next(whole, blank)
    return Piece(place + start, body[start:], skipped=start - blank)
