"""MARCXML, and answers of SRU and OAI that wrap it. Walked by expat: nothing outside the file is ever fetched.

A DOCTYPE refuses the file: no library program writes one, and entities of its own are how XML bombs are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO
from unicodedata import normalize
from xml.parsers import expat

from library.core.errors import N_, Reason
from library.staging.encodings import repair
from library.staging.marc import entries
from library.staging.marc.charsets import mended
from library.staging.marc.entries import MOST, Broken, Field, MarcEntry
from library.staging.tables import UnreadableFile
from library.staging.verdicts import Note

_CHUNK = 2**16
_DEEPEST = 40
_SLIM = "http://www.loc.gov/MARC21/slim"
_PARTS = ("leader", "controlfield", "datafield", "subfield")

_DOCTYPE = N_("Tệp XML có DOCTYPE, máy không mở để giữ an toàn.")
_TOO_DEEP = N_("Tệp XML lồng quá %(most)s tầng, máy không mở để giữ an toàn.")
_STOPPED = N_("Tệp XML hỏng từ dòng %(line)s, phần sau không đọc được.")
_NO_TAG = N_("Biểu ghi có trường không mang nhãn ba ký tự.")
_NO_LEADER = N_("Biểu ghi không có đầu biểu.")


@dataclass
class _Open:
    """The entry being walked through."""

    place: int
    leader: str = ""
    fields: list[Field] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    bad: Reason | None = None
    is_marc: bool = False


@dataclass
class _Walk:
    ready: list[MarcEntry | Broken] = field(default_factory=list)
    number: int = 0
    _open: list[_Open] = field(default_factory=list)
    _depth: int = 0
    _said: str = ""
    _tag: str = ""
    _indicators: str = ""
    _code: str | None = None
    _pairs: list[tuple[str, str]] = field(default_factory=list)
    _text: list[str] | None = None
    _began: int = 0

    def __post_init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.buffer_text = True
        self.parser = parser

    def feed(self, chunk: bytes, last: bool) -> list[MarcEntry | Broken]:
        """What was finished. Raises ExpatError, UnreadableFile."""
        self.ready = []
        self.parser.Parse(chunk, last)
        if self.parser.CurrentByteIndex - self._began > MOST:
            raise UnreadableFile(entries.TOO_BIG, most=MOST >> 20)
        return self.ready

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile(_DOCTYPE)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableFile(_TOO_DEEP, most=_DEEPEST)
        part = _local(name)
        if part == "record":
            self._began = self.parser.CurrentByteIndex
            self._open.append(_Open(self._began))
        elif part in _PARTS and self._open:
            self._open[-1].is_marc = True
            self._text = []
            self._begin(part, attributes)
        elif not self._open:
            self._began = self.parser.CurrentByteIndex

    def _begin(self, part: str, attributes: dict[str, str]) -> None:
        if part == "subfield":
            self._code = attributes.get("code", "")
            if len(self._code) != 1 or not self._code.isprintable() or self._code == " ":
                self._spoil("marc-bad-code", entries.BAD_CODE, tag=self._tag)
            return
        self._tag = attributes.get("tag", "")
        self._indicators = _one(attributes.get("ind1")) + _one(attributes.get("ind2"))
        self._pairs = []
        if part != "leader" and len(self._tag) != 3:
            self._spoil("marc-bad-tag", _NO_TAG)

    def _spoil(self, code: str, sentence: str, **facts: object) -> None:
        one = self._open[-1]
        one.bad = one.bad or Reason(code, sentence, facts)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        part = _local(name)
        if part == "record" and self._open:
            self._close(self._open.pop())
        elif part in _PARTS and self._open:
            self._finish(part, self._open[-1], normalize("NFC", "".join(self._text or ())))
            self._text = [] if part == "subfield" else None

    def _finish(self, part: str, one: _Open, text: str) -> None:
        if part == "leader":
            one.leader = text
        elif part == "controlfield":
            one.fields.append(Field(self._tag, text))
        elif part == "subfield":
            self._pairs.append((self._code or "", text))
        elif self._pairs:
            one.fields.append(Field(self._tag, "", self._indicators, tuple(self._pairs)))
        else:
            one.notes.append(Note(entries.EMPTY_PARTS, {"tag": self._tag}))

    def _close(self, one: _Open) -> None:
        """The envelopes of SRU are called record too: they hold no field of their own."""
        self._began = self.parser.CurrentByteIndex
        if not one.is_marc:
            return
        self.number += 1
        if not one.fields and not one.bad:
            one.bad = Reason("marc-no-fields", entries.NO_FIELDS)
        if one.bad:
            self.ready.append(Broken(self.number, one.place, one.bad))
            return
        notes = one.notes if one.leader else [*one.notes, Note(_NO_LEADER)]
        leader = (one.leader or entries.LEADER)[:24].ljust(24)
        self.ready.append(_mended(MarcEntry(leader, tuple(one.fields), self.number, one.place, tuple(notes))))

    def broken_off(self, error: expat.ExpatError) -> Broken:
        place = self._open[0].place if self._open else max(0, self.parser.ErrorByteIndex)
        return Broken(self.number + 1, place, Reason("marc-xml-stopped", _STOPPED, {"line": error.lineno}))


_SPACES = ("", _SLIM, "info:lc/xmlns/marcxchange-v1", "info:lc/xmlns/marcxchange-v2")


def _local(name: str) -> str:
    """'' for what stands in a namespace that is not MARC's; `record` is taken from any, to see where one begins."""
    space, _, local = name.rpartition(" ")
    return local if space in _SPACES or local == "record" else ""


def _one(indicator: str | None) -> str:
    return indicator if indicator and len(indicator) == 1 else " "


def _mended(entry: MarcEntry) -> MarcEntry:
    texts = [text for one in entry.fields for _, text in one.subfields]
    found = mended(texts)
    if not found:
        return entry
    note = Note(entries.MENDED, {"said": "Unicode", "found": found.upper()})
    changed = entry.mapped(partial(repair, encoding=found))
    return MarcEntry(changed.leader, changed.fields, entry.number, entry.place, (*entry.notes, note))


def read(stream: BinaryIO) -> Iterator[MarcEntry | Broken]:
    """Entries as they end. XML that breaks off gives one last Broken. Raises UnreadableFile for what would hurt."""
    walk = _Walk()
    try:
        for chunk in iter(partial(stream.read, _CHUNK), b""):
            yield from walk.feed(chunk, False)
        yield from walk.feed(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        yield from walk.ready
        if isinstance(error, expat.ExpatError):
            yield walk.broken_off(error)
        else:
            raise UnreadableFile(entries.NOT_TEXT) from error
