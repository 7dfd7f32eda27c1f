"""Vietnamese text: cleaned when it enters, folded to be found, keyed to be sorted, un-mangled when it was scanned.

Search. A column holds `search_text(title)`. A question asks twice: first each of `fold_words(typed)`, and when that
finds too little each word of `loose(typed)`, which writes i for a lone y (kỹ = kĩ, Mỹ = Mĩ, quy = qui). The column
carries both spellings of such words, the second ones at its end: a phrase is asked in the first way only, and so is a
word still being typed, for "ly" may become "lyric".

Sorting. A sort key is plain ASCII whose binary order (SQLite BINARY, PostgreSQL COLLATE "C") is ICU's order for `vi`:
letters a ă â b c d đ …, then tones ngang huyền hỏi ngã sắc nặng, then small before capital; blanks and signs count.

Codes. A stored code is `fold_code(code)`; a scan tries `code_keys(scanned)` in order. A key that the keyboard program
swallowed is gone (Telex ASS → AS, VNI A12 → À): codes of our own have no vowel, W or double letter before their digits.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, groupby, islice, product
from operator import add
from unicodedata import normalize

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền hỏi ngã sắc nặng
_CIRCUMFLEX, _BREVE, _HORN, _BAR = "\u0302", "\u0306", "\u031b", "\u0335"
_ETH = str.maketrans("ðÐ", "đĐ")
_RESPELL = _ETH | str.maketrans({"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ı": "i", "ʼ": "’"})


class _Table(dict[int, str]):
    """For str.translate: what each character becomes, worked out the first time it is met."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        self.spell = spell

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, self.spell(chr(code)))


def _parts(char: str) -> str:
    return normalize("NFKD", char).translate(_RESPELL)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _unbarred(char: str) -> str:
    """ø → o, ł → l, đ → d: Latin letters Unicode does not take apart, told by their names. Others stay as they are."""
    head, bar, _ = unicodedata.name(char, "").partition(" WITH ")
    letter = head.rpartition(" ")[2]
    return letter.lower() if bar and head.startswith("LATIN ") and len(letter) == 1 else char


# Text that enters


def _clean_char(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char.translate(_ETH)


_CLEAN = _Table(_clean_char)


def clean(text: str) -> str:
    """For every line of text that enters: NFC, eth made đ, any run of spaces one blank, unseen characters dropped."""
    return " ".join(normalize("NFC", text.translate(_CLEAN)).split())


# Search


def _fold_char(char: str) -> str:
    return "".join(map(_fold_part, normalize("NFKD", _parts(char).casefold())))


def _fold_part(char: str) -> str:
    if _is_mark(char) or unicodedata.category(char) == "Cf":
        return ""
    return _unbarred(char) if char.isalnum() and not "\u02b0" <= char <= "\u02ff" else " "


_FOLD = _Table(_fold_char)


def fold(text: str) -> str:
    """Small letters and digits of any script without marks, one blank between words: 'Đắk Lắk, hoà' → 'dak lak hoa'."""
    return " ".join(text.translate(_FOLD).split())


def fold_words(text: str) -> list[str]:
    return text.translate(_FOLD).split()


@lru_cache(maxsize=20_000)
def _loose_word(word: str) -> str:
    """Write i for y where y is the only vowel letter, qu's u aside: ky → ki, quynh → quinh; thuy, quay, yeu stay."""
    onset = "qu" if word.startswith("qu") else ""
    rest = word[len(onset) :]
    lone = [letter for letter in rest if letter in "aeiouy"] == ["y"]
    return onset + rest.replace("y", "i") if lone and word.isalpha() else word


def loose(text: str) -> str:
    """The fold on which i and y spellings agree: the second chance for a question."""
    return " ".join(map(_loose_word, fold_words(text)))


def search_text(text: str) -> str:
    """What a search column holds: the fold, then those loose words that differ from it."""
    words = fold_words(text)
    return " ".join([*words, *(other for word in words if (other := _loose_word(word)) != word)])


# Sorting: codes of one character, '"' to '~'; '!' stands between the three levels and a blank between parts of a name

_ORDER = " _-–—,;:!?.·'‘’\"“”«»()[]{}§@*/\\&#%•`^°+×<=>|~$₫€"  # as ICU; then other signs, digits, letters
_ORDER_CODES = {char: chr(34 + at) for at, char in enumerate(_ORDER + "\0" + "0123456789" + ALPHABET)}
_OTHER_SIGN, _OTHER_LETTER = _ORDER_CODES.pop("\0"), "~"
_FOREIGN_MARKS = "\u0306\u0302\u030c\u030a\u0308\u030b\u0307\u0338\u0327\u0328\u0304"
_MARK_CODES = {mark: chr(ord("A") + at) for at, mark in enumerate(TONES + _FOREIGN_MARKS)}
_COMMON, _CAPITAL = "&", "A"
_RUNS = ((_COMMON * 8, "#"), (_COMMON * 4, "$"), (_COMMON * 2, "%"))  # a longer run of common weights sorts first


def _spelled(char: str) -> str:
    """A character as letters of ALPHABET, each followed by its marks: ậ → â + nặng, Ñ → N + ngã, … → three stops."""
    parts = _parts(char)
    for mark in (_CIRCUMFLEX, _BREVE, _HORN):
        letter = normalize("NFC", parts[:1] + mark)
        if mark in parts and letter.lower() in ALPHABET:
            return letter + parts[1:].replace(mark, "", 1)
    base = parts if parts.lower() in ALPHABET else _unbarred(parts) if len(parts) == 1 else parts
    return base if base == parts else (base.upper() if parts.isupper() else base) + "\u0338"


def _primary(char: str) -> str:
    if _is_mark(char) or unicodedata.category(char) in ("Cc", "Cf", "Cs"):
        return ""
    small = char.lower() if len(char.lower()) == 1 else char
    other = _OTHER_LETTER if char.isalnum() else _OTHER_SIGN
    return _ORDER_CODES.get(small) or f"{other}{ord(small):06X}"


def _secondary(char: str) -> str:
    if _is_mark(char):
        return _MARK_CODES.get(char) or f"~{ord(char):06X}"
    return _COMMON if _primary(char) else ""


def _tertiary(char: str) -> str:
    return (_CAPITAL if char.isupper() else _COMMON) if _primary(char) else ""


def _level(weigh: Callable[[str], str]) -> _Table:
    return _Table(lambda char: "".join(weigh(part) for part in _spelled(" " if char.isspace() else char)))


_PRIMARY, _SECONDARY, _TERTIARY = map(_level, (_primary, _secondary, _tertiary))


def _shortened(weights: str) -> str:
    """Weights of one level in fewer characters and the same order: nothing stands for the common ones at the end."""
    weights = weights.rstrip(_COMMON)
    for run, code in _RUNS:
        weights = weights.replace(run, code)
    return weights


def sort_key(text: str) -> str:
    """ASCII '!' to '~' in ICU `vi` order; about one character a letter and three a tone or capital; '' for no text."""
    text = normalize("NFC", text)
    weaker = _shortened(text.translate(_SECONDARY)) + "!" + _shortened(text.translate(_TERTIARY))
    return (text.translate(_PRIMARY) + "!" + weaker).rstrip("!")


# Names and titles


def given_name(full_name: str) -> str:
    """Tên, the last word; '' for no name."""
    return clean(full_name).rpartition(" ")[2]


def name_key(full_name: str) -> str:
    """Sorts people by tên, then họ, then đệm."""
    words = clean(full_name).split()
    return " ".join(sort_key(" ".join(part)) for part in (words[-1:], words[:-1][:1], words[1:-1])).rstrip(" ")


_WITHOUT_TONES = dict.fromkeys(map(ord, TONES))


def _tones_last(word: str) -> str:
    return word.translate(_WITHOUT_TONES) + "".join(char for char in word if char in TONES)


def same_title(a: str, b: str) -> bool:
    """Whether two titles read the same, whatever their case, spacing and place of the tone (hoà, hòa; thuỷ, thủy)."""
    one, other = (" ".join(map(_tones_last, normalize("NFD", clean(text).casefold()).split())) for text in (a, b))
    return one == other


# Codes

_MOST_KEYS, _LONGEST_CODE = 64, 64  # keys of each keyboard; longer text is no code
_MARKS = TONES + _CIRCUMFLEX + _BREVE + _HORN + _BAR
_TELEX = dict(zip(_MARKS, "FRXSJ=WWD", strict=True))  # '=': the letter that wears the mark, once more
_VNI = dict(zip(_MARKS, "234156879", strict=True))
_DIGIT_ROW = dict(zip("đăâêô" + TONES, "0123456789", strict=True))  # Windows' own Vietnamese keyboard has no digits


def fold_code(text: str) -> str:
    """The plain key of a code: A-Z and 0-9 alone, so 'tk-００012' is 'TK00012'."""
    return "".join(char for char in fold(text) if char.isascii() and char != " ").upper()


def code_keys(scanned: str) -> list[str]:
    """The plain key, then what may have been typed through Telex, VNI or a Vietnamese digit row: 'Đ.1' → D1, DD1, D91.

    More than one may answer to something: take the first, or ask. Text without a mark has its plain key only.
    Give the text as the keyboard sent it: NFC swaps two tone marks, which are digits of the digit row.
    """
    text = normalize("NFD", normalize("NFKC", scanned).upper().translate(_ETH).replace("Đ", "D" + _BAR))
    if len(scanned) > _LONGEST_CODE or not any(map(_is_mark, text)):
        return [fold_code(scanned)]
    ways = (islice(_typed(text, keys), _MOST_KEYS) for keys in (_TELEX, _VNI))
    return list(dict.fromkeys(map(fold_code, [scanned, *chain(*ways), _digit_row(scanned)])))


def _typed(text: str, keys: dict[str, str]) -> Iterator[str]:
    """Ways to type the text, a run of letters at a time: a keyboard program starts afresh after a digit or sign."""
    runs = ("".join(run) for _, run in groupby(text, lambda char: char.isalpha() or _is_mark(char)))
    return map("".join, product(*(list(islice(_typed_run(run, keys), _MOST_KEYS)) for run in runs)))


def _typed_run(run: str, keys: dict[str, str]) -> Iterator[str]:
    """ƯƠ is typed with one horn key or two; in Telex a W alone makes Ư."""
    horned = "U" + _HORN
    before, *after = run.split(horned)
    for ways in product((horned, "U", "W") if keys is _TELEX else (horned, "U"), repeat=len(after)):
        yield from _typed_marks(before + "".join(map(add, ways, after)), keys)


def _typed_marks(run: str, keys: dict[str, str]) -> Iterator[str]:
    letters, waiting = "", list[tuple[int, str]]()
    for char in run:
        first = 1 if char in TONES else len(letters)  # programs move a tone along as more letters come
        if char in keys:
            waiting.append((first, keys[char].replace("=", letters[-1:])))
        else:
            letters += "" if _is_mark(char) else char
    return _inserted(letters, sorted(waiting, reverse=True))


def _inserted(letters: str, keys: list[tuple[int, str]]) -> Iterator[str]:
    """Each key put into the letters at its first place or later, in every way, nearest first."""
    if not keys:
        yield letters
    for at in range(keys[0][0], len(letters) + 1) if keys else ():
        yield from _inserted(letters[:at] + keys[0][1] + letters[at:], keys[1:])


def _digit_row(scanned: str) -> str:
    """What was typed if a text without one digit came from a keyboard whose digit row holds ă â ê ô, tones and đ."""
    if any(map(str.isdigit, scanned)):
        return scanned
    letters = "".join(map(_spelled, scanned.lower()))
    return "".join(_DIGIT_ROW.get(char, char) for char in letters)
