"""The text form MarcEdit and MarcBreaker write: =245  10$aTitle, an empty line after each entry."""

import re
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from typing import BinaryIO

from library.core.errors import Reason
from library.staging.encodings import detect, plain, repair
from library.staging.marc import entries
from library.staging.marc.entries import LEADER, MOST, Broken, Field, MarcEntry
from library.staging.tables import UnreadableFile

_LINE = re.compile(r"=(LDR|\w{3})  ?(.*)", re.DOTALL)
_NAMED = {"dollar": "$", "lcub": "{", "rcub": "}", "bsol": "\\", "esc": "\x1b"}
_MNEMONIC = re.compile(r"\{(dollar|lcub|rcub|bsol|esc)\}")


def read(stream: BinaryIO) -> Iterator[MarcEntry | Broken]:
    """Raises UnreadableFile for an entry above 4 MB."""
    guess = detect(stream.read(2**19))
    stream.seek(0)
    lines, place, number = list[str](), 0, 0
    began = size = 0
    text = TextIOWrapper(stream, encoding=guess.codec, errors="replace", newline="\n")
    for line in iter(partial(text.readline, MOST + 1), ""):
        length = len(line.encode(guess.codec.replace("-sig", ""), "replace"))
        if lines and (not line.strip("\r\n \ufeff") or line.startswith("=LDR")):
            number += 1
            yield _entry(number, began, lines, guess.encoding)
            lines, size = [], 0
        if line.strip("\r\n \ufeff"):
            began = began if lines else place
            lines.append(line.strip("\r\n\ufeff"))
        place, size = place + length, size + length
        if size > MOST:
            raise UnreadableFile(entries.TOO_BIG, most=MOST >> 20)
    if lines:
        yield _entry(number + 1, began, lines, guess.encoding)
    text.detach()


def _entry(number: int, place: int, lines: list[str], encoding: str) -> MarcEntry | Broken:
    leader, fields = LEADER, list[Field]()
    for line in _joined(lines):
        found = _LINE.fullmatch(line)
        if not found:
            return Broken(number, place, Reason("marc-junk", entries.JUNK))
        tag, data = found[1], repair(found[2], encoding) if encoding else plain(found[2])
        if tag == "LDR":
            leader = data.replace("\\", " ")[:24].ljust(24)
        elif tag.startswith("00"):
            fields.append(Field(tag, _named(data.replace("\\", " "))))
        elif one := _field(tag, data):
            fields.append(one)
        else:
            return Broken(number, place, Reason("marc-bad-code", entries.BAD_CODE, {"tag": tag}))
    if not fields:
        return Broken(number, place, Reason("marc-no-fields", entries.NO_FIELDS))
    return MarcEntry(leader, tuple(fields), number, place)


def _joined(lines: list[str]) -> list[str]:
    """A line that does not begin with = goes on from the one before."""
    whole: list[list[str]] = []
    for line in lines:
        if whole and not line.startswith("="):
            whole[-1].append(line.strip())
        else:
            whole.append([line])
    return [" ".join(parts) for parts in whole]


def _field(tag: str, data: str) -> Field | None:
    head, *pairs = data.split("$")
    if not pairs or not all(pairs):
        return None
    indicators = head.replace("\\", " ")[:2].ljust(2)
    return Field(tag, "", indicators, tuple((pair[0], _named(pair[1:])) for pair in pairs))


def _named(text: str) -> str:
    return _MNEMONIC.sub(lambda found: _NAMED[found[1]], text)
