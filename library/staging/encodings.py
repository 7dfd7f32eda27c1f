"""Vietnamese text as it was written before Unicode, or read wrongly since: found by its syllables, and mended.

Two steps, because a list may mix them: bytes are opened with a codec, and then the text of each column may need a
mending. `detect` looks at a file and tells both; `detect_text` looks at the cells of one column, whatever they came
from: a cell of a workbook may hold TCVN3 that somebody saved as Unicode. Text is mended before `core.fold.clean` sees
it: cleaning drops the soft hyphen, which is ư in TCVN3.

The old character sets are tables in data/legacy_letters.tsv, by the characters a Western computer shows for them.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from unicodedata import normalize

from library.core.fold import TONES
from library.staging.encodings_words import is_syllable

AS_IT_IS = ""
"""The name of text that needs nothing."""

_CELLS, _BYTES = 1_500, 2**19  # looked at
_ENOUGH = 0.8  # of the words with a mark must be syllables after mending
_GAIN = 0.3  # and so many more than before


@dataclass(frozen=True)
class Guess:
    """`codec` opens the bytes, '' where there are none; `encoding` is what `repair` is to be called with.

    `before` and `after` show a few words both ways; `confidence` is 0 to 1.
    """

    encoding: str
    confidence: float
    before: str = ""
    after: str = ""
    codec: str = ""


# The tables


@cache
def _letters(encoding: str) -> Mapping[str, str]:
    """{what is seen: letter} of an old character set, its capitals added where they are capitals of what is seen."""
    table = files("library.staging").joinpath("data", "legacy_letters.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    small = {_seen(seen): letter for name, seen, letter in rows if name == encoding}
    return small | {key.upper(): small[key].upper() for key in small} if encoding == "vni" else small


def _seen(codes: str) -> str:
    return "".join(chr(int(code[2:], 16)) for code in codes.split())


SIGNS = {code: bytes([code]).decode("cp1252", "replace").replace("\ufffd", "") for code in range(0x80, 0xA0)}
"""Quotes, dashes and the like between the control characters of Latin-1, where Windows has them."""
_BYTE_OF = {ord(sign): chr(code) for code, sign in SIGNS.items() if sign}
_ETH = str.maketrans("ÐðƉ", "ĐđĐ")
VIETNAMESE_ONLY = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")  # no Western computer shows these by mistake


def plain(text: str) -> str:
    """Composed letters, and đ where the letter eth stood for it."""
    return normalize("NFC", text).translate(_ETH)


# TCVN3, which lost its ư to the soft hyphen, and its capitals to a second font

_LETTERS = re.compile(r"[^\W\d_]+(?:-(?!\d)[^\W\d_]*)*|(?<![\w-])-[^\W\d_]+")
_DROPPED = re.compile(r"([ơờớởỡợ])(?=ng|c|u)", re.IGNORECASE)


@cache
def _tcvn3_table() -> dict[int, str]:
    return {**SIGNS, **{ord(seen): letter for seen, letter in _letters("tcvn3").items()}}


def _from_tcvn3(text: str) -> str:
    return _with_capitals(_LETTERS.sub(_mend_horn, text.translate(_tcvn3_table())))


def _mend_horn(found: re.Match[str]) -> str:
    """'th-' and 'h-ớng' had an ư where the hyphen is; 'đợc' had one that was dropped; 'Bắc-Nam' has a hyphen."""
    word = found[0]
    if "-" in word:
        filled = word.replace("-", "ư")
        return filled if is_syllable(filled) else word
    return word if is_syllable(word) else _if_syllable(_DROPPED.sub(r"ư\1", word), word)


def _if_syllable(word: str, other: str) -> str:
    return word if is_syllable(word) else other


_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = frozenset("ĂÂÊÔƠƯĐ")  # that TCVN3 has


def _with_capitals(text: str) -> str:
    """The letters of the second font: in words of capitals and beside them, at the beginning, and in names.

    ICU and TS. are capitals for themselves: beside them nothing is known.
    """
    words = list(_WORD.finditer(text))
    if all(word[0].isascii() for word in words):
        return text
    all_shouted = _all_shouted([word[0] for word in words])
    shouted = [all_shouted or (_is_shouted(word[0]) and not word[0].isascii()) for word in words]
    named = _is_name([word[0] for word in words])
    parts, at = [], 0
    for place, word in enumerate(words):
        beside = any(shouted[max(0, place - 1) : place + 2])
        parts += [text[at : word.start()], _cased(word[0], beside, named or _begins(text, word.start()))]
        at = word.end()
    return "".join([*parts, text[at:]])


def _sure(word: str) -> list[str]:
    """The letters whose case the bytes tell."""
    return [char for char in word if char.isascii() or char in _CAPITALS]


@lru_cache(maxsize=20_000)
def _is_shouted(word: str) -> bool:
    letters = _sure(word)
    return len(letters) > 1 and all(map(str.isupper, letters))


def _all_shouted(words: Sequence[str]) -> bool:
    return any(map(_is_shouted, words)) and all(char.isupper() for word in words for char in _sure(word))


@lru_cache(maxsize=20_000)
def _cased(word: str, beside_shouted: bool, begins: bool) -> str:
    letters = _sure(word)
    if _is_shouted(word) or (beside_shouted and all(map(str.isupper, letters))):
        return word.upper()
    tells = word[0].isascii() or word[0].upper() in _CAPITALS
    return word[0].upper() + word[1:] if begins and not tells else word


def _is_name(words: Sequence[str]) -> bool:
    """Nearly all that show how they begin begin with a capital: Nguyễn Nhật ánh."""
    shown = [word[0].isupper() for word in words if _sure(word[0])]
    return len(shown) > 1 and sum(shown) >= 0.85 * len(shown)


def _begins(text: str, at: int) -> bool:
    """Looks back no further than quotes and a dash may reach."""
    near = text[max(0, at - 8) : at]
    before = near.rstrip(" \"'“”‘’(«-–")
    return (before != near and before[-1:] in (".", "!", "?", ":")) or (not before and at == len(near))


# VNI: a letter and the mark that follows it


@cache
def _vni_pairs() -> re.Pattern[str]:
    marks = {seen[1] for seen in _letters("vni") if len(seen) > 1}
    bases = {seen[0] for seen in _letters("vni") if len(seen) > 1}
    return re.compile(f"[{''.join(sorted(bases))}][{''.join(sorted(marks))}]|[^\\x00-\\x7f]")


def _from_vni(text: str) -> str:
    return _vni_pairs().sub(_vni_letter, text.translate(SIGNS))


def _vni_letter(found: re.Match[str]) -> str:
    """A capital may carry a small mark: Aù."""
    seen, letters = found[0], _letters("vni")
    letter = letters.get(seen) or letters.get(seen.lower(), "")
    if not letter:
        return "".join(letters.get(char, char) for char in seen)
    return letter.upper() if seen[0].isupper() else letter


# VISCII and VPS: one byte for each letter, capitals too; those VPS keeps among the control codes are left as they are


def _from_bytes(encoding: str) -> Callable[[str], str]:
    return lambda text: text.translate(_BYTE_OF).translate(_table(encoding))


@cache
def _table(encoding: str) -> dict[int, str]:
    return {ord(seen): letter for seen, letter in _letters(encoding).items()}


# VIQR: marks typed after the letter, as RFC 1456 has them

_VIQR_MARKS = {"^": "\u0302", "(": "\u0306", "+": "\u031b", "`": "\u0300", "?": "\u0309", "~": "\u0303", "'": "\u0301",
               ".": "\u0323"}  # fmt: skip
_VIQR_WORD = re.compile(r"[A-Za-z\\][A-Za-z\\^(+`?~'.]*")
_VIQR_LETTER = re.compile(r"\\(.)|(dd|DD|Dd)|([AOao]\^|[Ee]\^|[Aa]\(|[OUou]\+|[AEIOUYaeiouy])([`?~'.]?)")
_VIQR_MARKED = re.compile(r"[\\^(+`?~'.]")
VIQR_SHAPE = re.compile(r"[AaEeOo]\^|[Aa]\(|[OUou]\+|\b[Dd][Dd][a-z]")


def _from_viqr(text: str) -> str:
    return _VIQR_WORD.sub(_viqr_word, text)


def _viqr_word(found: re.Match[str]) -> str:
    """A last . or ? that spells no syllable ends the sentence."""
    whole = _viqr_letters(found[0])
    if not _VIQR_MARKED.search(found[0]) and not is_syllable(whole):
        return found[0]  # Todd
    short = found[0].rstrip(".?'")
    if is_syllable(whole.rstrip(".?'")) or short == found[0]:
        return whole
    rest = found[0][len(short) :]
    tries = (_viqr_letters(short + rest[:length]) + rest[length:] for length in range(min(3, len(rest)), -1, -1))
    return next((word for word in tries if is_syllable(word.rstrip(".?'"))), found[0] if short.isalpha() else whole)


def _viqr_letters(word: str) -> str:
    return normalize("NFC", _VIQR_LETTER.sub(_viqr_letter, word))


def _viqr_letter(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    if found[2]:
        return "đ" if found[2] == "dd" else "Đ"
    return found[3][0] + "".join(_VIQR_MARKS[mark] for mark in found[3][1:] + (found[4] or ""))


# Unicode that was read as something else


def _bytes_seen(text: str) -> bytes:
    """The bytes a Western computer showed as this text. Raises UnicodeEncodeError."""
    return text.translate(_BYTE_OF).encode("latin-1")


def _from_misread(text: str) -> str:
    """'Tiáº¿ng Viá»‡t' is UTF-8 read as Windows-1252."""
    try:
        return _bytes_seen(text).decode("utf-8")
    except UnicodeError:
        return text


def _from_cp1258(text: str) -> str:
    """Windows-1258 read as a Western character set: its tones are letters here."""
    try:
        return _bytes_seen(text).decode("cp1258", "replace")
    except UnicodeError:
        return text


def _through_cp1258(mend: Callable[[str], str]) -> Callable[[str], str]:
    """The same old text, read by a Vietnamese Windows instead of a Western one, and perhaps composed since."""
    return lambda text: mend(_as_western(text))


def _as_western(text: str) -> str:
    return "".join(map(_western, text))


@cache
def _western(char: str) -> str:
    for form in (char, *(("".join(_split_tone(char))),)):
        try:
            return form.encode("cp1258").decode("latin-1")
        except UnicodeEncodeError:
            continue
    return char


def _split_tone(char: str) -> tuple[str, str]:
    parts = normalize("NFD", char)
    tone = "".join(part for part in parts if part in TONES)
    return normalize("NFC", "".join(part for part in parts if part not in TONES)), tone


# The door


@dataclass(frozen=True)
class _Kind:
    """How one encoding is mended, and the codec that opens a file of it."""

    mend: Callable[[str], str]
    codec: str = "latin-1"
    seen_in: re.Pattern[str] = re.compile("[\u0080-\u00ff\u0152-\u02dc\u2013-\u2122]")
    never: re.Pattern[str] = re.compile("(?!)")  # what no text in this encoding has
    always: bool = False  # no text reads well that looks like this
    guessed: bool = True
    enough: float = _ENOUGH


_KINDS: Mapping[str, _Kind] = {
    "tcvn3": _Kind(_from_tcvn3, never=re.compile("[À-ÅÍÙÚÛàðÿ]")),
    "vni": _Kind(_from_vni, never=re.compile("(?<![aeouyôö])[à-åèéêëïõøùúûü]", re.IGNORECASE)),
    "utf-8-misread": _Kind(_from_misread, "latin-1"),
    "cp1258-misread": _Kind(_from_cp1258, "cp1258"),
    "tcvn3-through-1258": _Kind(_through_cp1258(_from_tcvn3), "cp1258", re.compile("[^\x00-\x7f]"), always=True),
    "vni-through-1258": _Kind(_through_cp1258(_from_vni), "cp1258", re.compile("[^\x00-\x7f]"), always=True),
    "viscii": _Kind(_from_bytes("viscii"), enough=0.9),
    "vps": _Kind(_from_bytes("vps"), enough=0.9),
    "viqr": _Kind(_from_viqr, "ascii", VIQR_SHAPE, always=True, enough=0.9),
    "tcvn3-capitals": _Kind(lambda text: _from_tcvn3(text).upper(), guessed=False),
}
ENCODINGS: tuple[str, ...] = (AS_IT_IS, *_KINDS)
"""What a person may choose from. Of `tcvn3-capitals`, a column typed in a font such as .VnTimeH, nothing tells it
from `tcvn3`: it is never guessed."""


def repair(text: str, encoding: str) -> str:
    """The text as it was meant, composed. A cell that reads well already is left alone: lists are mixed."""
    return _repaired(text, encoding) if len(text) > _SHORT else _remembered(text, encoding)


_SHORT = 300  # characters: publishers, places and names come again and again


@lru_cache(maxsize=5_000)
def _remembered(text: str, encoding: str) -> str:
    return _repaired(text, encoding)


def _repaired(text: str, encoding: str) -> str:
    kind = _KINDS.get(encoding)
    if kind is None:
        return plain(text)
    mended = kind.mend(text)
    kept = mended == text or (not kind.always and _reads_well(text, mended, kind))
    return plain(text.translate(SIGNS) if kept else mended)


def _reads_well(text: str, mended: str, kind: _Kind) -> bool:
    if VIETNAMESE_ONLY.search(text):
        return True
    before, after = _marked(text), _marked(mended)
    if not before:
        return _is_signs_only(text)
    fits = after and all(map(is_syllable, after)) and not kind.never.search(text)
    return all(map(is_syllable, before)) and not fits


def _is_signs_only(text: str) -> bool:
    """'© 2020' has nothing that could be a letter but a sign standing alone."""
    strange = [char for char in text if ord(char) > 0x7F and char != "\xad"]
    return bool(strange) and not any(map(str.isalpha, strange)) and not re.search(r"[^\W\d_][^\x00-\x7f]", text)


def detect_text(strings: Iterable[str]) -> Guess:
    """What the cells of one column need. `encoding` is AS_IT_IS for plain, foreign, or well-read text."""
    cells = _distinct(strings)
    asked = [(name, _weigh(cells, kind)) for name, kind in _KINDS.items() if kind.guessed]
    name, best = max(asked, key=lambda one: one[1].worth)
    if best.worth <= 0:
        return _as_it_is(cells)
    shown = sorted(best.changed, key=lambda cell: (len(cell) > 60, -len(cell)))[:3]
    after = " · ".join(repair(cell, name) for cell in shown)
    return Guess(name, round(best.confidence, 2), " · ".join(shown), after)


def _as_it_is(cells: Sequence[str]) -> Guess:
    changed = [cell for cell in cells if plain(cell) != cell][:3]
    words = [word for cell in cells for word in _marked(plain(cell))]
    good = sum(map(is_syllable, words)) / len(words) if words else 1.0
    return Guess(AS_IT_IS, round(max(0.5, good), 2), " · ".join(changed), " · ".join(map(plain, changed)))


def _distinct(strings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text[:2_000] for text in islice(filter(None, strings), _CELLS) if not text.isdigit()))


_BREAKS = re.compile(r"[\s\x00-\x2c\x2e-\x40\x5b-\x60\x7b-\x7f\u2013-\u2122]+")


def _marked(text: str) -> list[str]:
    """Words of two letters or more that are not plain ASCII."""
    words = (word.strip("-\u00ad") for word in _BREAKS.split(normalize("NFC", text)))
    return [word for word in words if len(word) > 1 and not word.isascii() and not _signs(word)]


def _signs(word: str) -> bool:
    return not any(map(str.isalpha, word))


@dataclass(frozen=True)
class _Weighed:
    confidence: float = 0.0
    worth: float = 0.0
    changed: tuple[str, ...] = ()


def _weigh(cells: Sequence[str], kind: _Kind) -> _Weighed:
    """Words that become syllables, against those that are syllables as they stand."""
    touched = [cell for cell in cells if kind.seen_in.search(cell)]
    mended = {cell: kind.mend(cell) for cell in touched}
    touched = [cell for cell in touched if kind.always or not _reads_well(cell, mended[cell], kind)]
    changed = tuple(cell for cell in touched if mended[cell] != cell)
    if not changed:
        return _Weighed()
    before, after = _tally(touched), _tally(mended[cell] for cell in touched)
    known, total = sum(count for word, count in after.items() if is_syllable(word)), sum(after.values())
    was = sum(count for word, count in before.items() if is_syllable(word)) / max(1, total, sum(before.values()))
    share = known / total if total else 0.0
    if share < kind.enough or share - was < _GAIN or not _tells_enough(changed, mended, after, share):
        return _Weighed()
    confidence = share * (1 - 0.5 ** (1 + len(after)))
    return _Weighed(confidence, known * (share - was), changed)


def _tally(texts: Iterable[str]) -> Counter[str]:
    """Each word once: a column of one publisher's name says no more than one cell of it."""
    return Counter(dict.fromkeys((word.lower() for text in texts for word in _marked(text)), 1))


def _tells_enough(changed: Sequence[str], mended: Mapping[str, str], after: Mapping[str, int], share: float) -> bool:
    """Two different words, or one in which a sign stands among letters, which no language writes."""
    if len(after) > 2:
        return True
    odd = any(re.search(r"[A-Za-z][\u00a1-\u00bf\u00d7]|[\u00a1-\u00bf\u00d7][a-z]", cell) for cell in changed)
    return share == 1.0 and (odd or (len(after) == 2 and not any(map(_is_western_word, changed))))


def _is_western_word(cell: str) -> bool:
    if re.search("[aeouyôö][à-åè-ëïõøù-ü]", cell, re.IGNORECASE):
        return False  # a letter and its mark, in VNI
    return bool(re.fullmatch(r"[\sA-Za-z.,'\-éèêëàâçîïôùûüöäßñÉÈÀÇ]+", cell))


# Files

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect(data: bytes) -> Guess:
    """How to open a file of text, and what all of it needs then. Look at columns one by one with `detect_text`.

    Give the whole file, or its first half megabyte. `codec` is a name Python knows; 'latin-1' for what is only seen
    rightly after mending, 'cp1252' for Western text.
    """
    data = data[:_BYTES]
    codec = next((name for mark, name in _BOMS if data.startswith(mark)), "") or _utf16(data) or _utf8(data)
    if codec:
        return _opened(data, codec)
    seen = data.decode("latin-1")
    cells = [cell for line in seen.splitlines() for cell in re.split(r"[,;\t|\x1e\x1f]", line)]
    guess = detect_text(cells)
    if guess.encoding == "cp1258-misread":
        return Guess(AS_IT_IS, guess.confidence, guess.before, guess.after, "cp1258")
    if guess.encoding in ("", "viqr"):
        return Guess(AS_IT_IS, 0.5, codec="cp1252")
    return Guess(guess.encoding, guess.confidence, guess.before, guess.after, "latin-1")


def _opened(data: bytes, codec: str) -> Guess:
    """The whole file may still be old text that somebody saved as Unicode: only then it has a name here."""
    text = codecs.getincrementaldecoder(codec)("replace").decode(data, False)
    guess = detect_text(cell for line in text.splitlines() for cell in re.split(r"[,;\t|]", line))
    return Guess(guess.encoding, guess.confidence, guess.before, guess.after, codec)


def _utf8(data: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, len(data) < _BYTES)
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _utf16(data: bytes) -> str:
    """Without a mark: mostly Latin text has noughts, or 1 and 1E, in every other place."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = data[start:4096:2], data[1 - start : 4096 : 2]
        noughts = high.count(0)
        usual = noughts + high.count(1) + high.count(0x1E)
        if len(high) > 3 and noughts > len(high) // 2 and usual >= 0.9 * len(high) and low.count(0) == 0:
            return name
    return ""


# The other way: lists for programs that never learnt Unicode


def spell(text: str, encoding: str) -> str:
    """Text as a Western computer shows it in an old character set; `.encode('cp1252', …)` has its bytes.

    Letters the set does not have lose their capital (TCVN3) or stay as they are.
    """
    if encoding == "viqr":
        return "".join(map(_as_viqr, plain(text)))
    table = _written(encoding)
    return "".join(table.get(char) or table.get(char.lower(), char) for char in plain(text))


@cache
def _written(encoding: str) -> Mapping[str, str]:
    """{letter: what is seen}"""
    return {letter: seen for seen, letter in _letters(encoding).items()}


_VIQR_OF = {mark: typed for typed, mark in _VIQR_MARKS.items()}


def _as_viqr(char: str) -> str:
    if char in "đĐ":
        return "dd" if char == "đ" else "DD"
    if char in "^(+`?~'.\\":
        return "\\" + char
    return "".join(_VIQR_OF.get(part, part) for part in _viqr_order(char))


def _viqr_order(char: str) -> str:
    """The letter's own mark before its tone, whatever the order of Unicode."""
    return "".join(sorted(normalize("NFD", char), key=lambda part: (part in _VIQR_OF, part in TONES)))
