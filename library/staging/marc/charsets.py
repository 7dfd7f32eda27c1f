"""Bytes of an entry to text. The leader says UTF-8 or MARC-8; it often lies, and then what it says is told."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from pymarc.marc8 import MARC8ToUnicode

from library.staging.encodings import ENCODINGS, detect_text, repair
from library.staging.encodings_words import is_syllable
from library.staging.marc.entries import MENDED, NOT_TEXT, UNSURE, BadEntry
from library.staging.verdicts import Note

CHARSETS = ("", "utf-8", "marc-8", "cp1258", "latin-1", *ENCODINGS[1:])
"""What a person may choose for a file; '' lets the machine look."""

_SEAM = b"\x1f"  # which no part has in it
_HIGH = re.compile(rb"[\x80-\xff\x1b]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MISREAD = re.compile(
    "[A-Za-z][\u00a1-\u00bf]|[\u00a1-\u00bf][a-z]|[aeouyöô][à-åè-ëïõøùûü]|Ã[\u0080-\u00bf]|á[º»]|[a-z][\u00ad\u00d7]",
    re.IGNORECASE,
)
"""Signs among letters, or a letter and a mark of VNI: worth a closer look."""
_UNICODE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_CLEAR = 3  # different words that must show an encoding before it is believed
_DECLARED = {"a": "UTF-8", "0": "không rõ"}
"""What the ninth character says; CDS/ISIS writes a nought there, everything else is MARC-8."""
_USUAL = 10  # entries after which a file is taken to go on as it began


@dataclass
class Decoder:
    """For one file: entries too short to show their encoding are read as those before them were."""

    charset: str = ""
    habit: Counter[str] = field(default_factory=Counter)

    def decode(self, said: str, parts: Sequence[bytes]) -> tuple[list[str], tuple[Note, ...]]:
        """`said` is the leader's ninth character: 'a' for UTF-8. Raises BadEntry."""
        whole = _SEAM.join(parts)
        if not _HIGH.search(whole):
            return whole.decode("ascii").split(_SEAM.decode()), ()
        if self.charset:
            return _decoded(parts, self.charset), ()
        if said == "a" and (texts := _tried(parts, "utf-8")):
            return texts, ()
        found, sure = self._find(said, parts)
        texts = _decoded(parts, found)
        declared = _DECLARED.get(said, "MARC-8")
        if found == declared.lower():
            return texts, ()
        facts = {"said": declared, "found": found.upper()}
        return texts, (Note(MENDED if sure else UNSURE, facts),)

    def _find(self, said: str, parts: Sequence[bytes]) -> tuple[str, bool]:
        """(charset, whether it shows). MARC-8 puts marks before letters: it hardly ever is UTF-8 by chance."""
        escapes = any(b"\x1b" in part for part in parts)
        if (said == "a" or not escapes) and _is(parts, "utf-8"):
            return "utf-8", True
        if escapes and _is(parts, "marc-8"):
            return "marc-8", True
        if (usual := self._usual(parts)) is not None:
            return usual, True
        found, words = _best(parts, said not in _DECLARED)
        if words >= _CLEAR:
            self.habit[found] += 1
            return found, True
        if self.habit and _is(parts, usually := self.habit.most_common(1)[0][0]):
            return usually, False
        if said not in _DECLARED and _is(parts, "marc-8"):
            return "marc-8", True
        return (found, True) if words > 0 else ("latin-1", False)

    def _usual(self, parts: Sequence[bytes]) -> str | None:
        """What the entries before were, if this one reads well as it too."""
        (name, times), *others = self.habit.most_common(2) or [("", 0)]
        texts = _tried(parts, name) if times >= _USUAL and not others else None
        if texts is None:
            return None
        words = [word for text in texts for word in _WORD.findall(text) if not word.isascii()]
        return name if sum(map(is_syllable, words)) >= 0.8 * len(words) else None


def _tried(parts: Sequence[bytes], charset: str) -> list[str] | None:
    try:
        return _decoded(parts, charset)
    except BadEntry:
        return None


def _is(parts: Sequence[bytes], charset: str) -> bool:
    return _tried(parts, charset) is not None


def _best(parts: Sequence[bytes], may_be_marc8: bool) -> tuple[str, int]:
    """The Vietnamese character set that reads best, and how many different words it makes that others do not."""
    seen = [part.decode("latin-1") for part in parts if _HIGH.search(part)]
    if not any(map(_MISREAD.search, seen)) and not _cp1258(seen):
        return "latin-1", 0
    guess = detect_text(seen)
    name = {"cp1258-misread": "cp1258"}.get(guess.encoding, guess.encoding)
    if not name or name == "viqr":
        return "latin-1", 0
    others = ["latin-1", *(["marc-8"] if may_be_marc8 and _is(parts, "marc-8") else [])]
    return name, len(_syllables(_decoded(parts, name))) - sum(len(_syllables(_decoded(parts, one))) for one in others)


def _cp1258(seen: Sequence[str]) -> bool:
    """Whether a tone of Windows-1258 stands behind a letter that takes one."""
    return any(re.search("[aeiouyâêôõýã][ÌìÒÞò]", text, re.IGNORECASE) for text in seen)


def _syllables(texts: Sequence[str]) -> set[str]:
    words = (word for text in texts for word in _WORD.findall(text) if not word.isascii())
    return {word for word in words if is_syllable(word)}


def _decoded(parts: Sequence[bytes], charset: str) -> list[str]:
    if charset == "utf-8":
        return _text(_SEAM.join(parts), charset).split(_SEAM.decode())  # all at once: it is most of the work
    return [_text(part, charset) for part in parts]


def _text(part: bytes, charset: str) -> str:
    if part.isascii() and b"\x1b" not in part:
        return part.decode("ascii")
    try:
        if charset == "marc-8":
            return _from_marc8(part)
        if charset in ("utf-8", "cp1258", "latin-1"):
            return normalize("NFC", part.decode(charset))
    except (UnicodeDecodeError, IndexError, TypeError, KeyError) as error:
        raise BadEntry("marc-charset", NOT_TEXT) from error
    return repair(part.decode("latin-1"), charset)


def _from_marc8(part: bytes) -> str:
    """Bytes MARC-8 does not have raise, instead of becoming blanks."""
    if b"\x1b" not in part and part.translate(None, _MARC8_BYTES):
        raise UnicodeDecodeError("marc-8", part, 0, len(part), "no such character")
    text: str = MARC8ToUnicode(quiet=True).translate(part)  # type: ignore[no-untyped-call]
    return normalize("NFC", text)


_MARC8_BYTES = bytes([*range(0x80), 0x88, 0x89, 0x8D, 0x8E, *range(0xA1, 0xAF), *range(0xB0, 0xBF), *range(0xC0, 0xC9),
                      0xCD, 0xCE, 0xCF, *range(0xE0, 0xFC), 0xFE])  # fmt: skip


def mended(texts: Sequence[str]) -> str:
    """The encoding that text in Unicode was misread in before it was saved; '' for what reads well."""
    suspects = [text for text in texts if not text.isascii() and _MISREAD.search(text)]
    if not suspects or any(map(_UNICODE.search, texts)):
        return ""
    guess = detect_text(suspects)
    words = {word for word in _WORD.findall(guess.after) if not word.isascii()}
    return guess.encoding if guess.confidence >= 0.8 and len(words) >= _CLEAR and guess.encoding != "viqr" else ""
