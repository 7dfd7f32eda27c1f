"""What stands on a spine: the title code of the National Library's table, and a library's own rule for the whole mark.

Pure: facts of a title and a table in, text out. The table (`data/rhymes.tsv`) gives each rhyme a number, tones ignored;
a library may change any number. Title code: first consonants of the first word, number of its rhyme, first consonants of
the second word: Truyện Kiều → TR527K. Titles that begin with a figure or a foreign word have none: a person writes it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from unicodedata import normalize

from library.catalogue import volumes
from library.catalogue.isbd import short_part
from library.core.errors import N_
from library.core.fold import TONES, clean, fold_words, given_name

Table = Mapping[str, int]
ONSETS = (
    "ngh", "ng", "nh", "gh", "kh", "ph", "th", "tr", "ch", "qu", "gi", "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n",
    "p", "r", "s", "t", "v", "x",
)  # fmt: skip
VOWELS = frozenset("aăâeêioôơuưy")
LEAST, MOST = 100, 999
_TONES = dict.fromkeys(map(ord, TONES))
_CODE = re.compile(r"([^\W\d]+)(\d{3})([^\W\d]*)")


class Part(StrEnum):
    """What a rule may put on a spine."""

    CLASS = "class"
    DDC = "ddc"
    SCHOOL = "school"
    KIND = "kind"
    TITLE_CODE = "title-code"
    AUTHOR_CODE = "author-code"
    GIVEN_CODE = "given-code"
    TITLE_LETTERS = "title-letters"
    AUTHOR_LETTERS = "author-letters"
    VOLUME = "volume"
    YEAR = "year"
    ACCESSION = "accession"


PARTS: Mapping[Part, str] = {
    Part.CLASS: N_("DDC, chưa có thì môn loại 19 lớp"),
    Part.DDC: N_("DDC"),
    Part.SCHOOL: N_("Môn loại 19 lớp"),
    Part.KIND: N_("Loại sách (STN, STK…)"),
    Part.TITLE_CODE: N_("Mã hóa tên sách"),
    Part.AUTHOR_CODE: N_("Mã hóa họ tác giả"),
    Part.GIVEN_CODE: N_("Mã hóa tên tác giả"),
    Part.TITLE_LETTERS: N_("Ba chữ đầu tên sách"),
    Part.AUTHOR_LETTERS: N_("Ba chữ đầu họ tác giả"),
    Part.VOLUME: N_("Tập (T.2)"),
    Part.YEAR: N_("Năm xuất bản"),
    Part.ACCESSION: N_("Số đăng ký cá biệt"),
}
USUAL = (Part.CLASS, Part.TITLE_CODE, Part.VOLUME)
MAY_LACK = frozenset({Part.VOLUME, Part.ACCESSION, Part.AUTHOR_CODE, Part.GIVEN_CODE, Part.AUTHOR_LETTERS, Part.YEAR})
"""Parts a mark is whole without: a title in one volume has no number, a gift may have no year."""


@dataclass(frozen=True)
class Facts:
    """What is known of a title. `title_code` is one somebody wrote: it stands where the table has no answer."""

    title: str
    part_number: str = ""
    author: str = ""
    ddc: str = ""
    class_mark: str = ""
    kind: str = ""
    year: int | None = None
    title_code: str = ""
    accession: str = ""


@dataclass(frozen=True)
class Mark:
    """A whole mark, part by part; `missing` names what the rule asks for and nobody told."""

    words: tuple[str, ...]
    missing: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """As it is kept: with a blank between the parts."""
        return " ".join(self.words)


# The table


@cache
def shipped() -> Mapping[str, tuple[int, str]]:
    """Rhyme → (number, how sure we are of it: A known samples, B remembered, C by its neighbours, D a guess)."""
    lines = (Path(__file__).parent / "data" / "rhymes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {normalize("NFC", rhyme): (int(number), sure) for rhyme, number, sure in rows}


def table_of(changed: Mapping[str, int]) -> dict[str, int]:
    """The shipped table with the numbers a library has changed."""
    return {rhyme: number for rhyme, (number, _) in shipped().items()} | dict(changed)


# Codes


def syllable(word: str) -> tuple[str, str] | None:
    """(onset, rhyme) without tone: 'Truyện' → ('tr', 'uyên'), 'giếng' → ('gi', 'iêng'). None for what is no syllable."""
    plain = normalize("NFC", normalize("NFD", word.lower()).translate(_TONES))
    onset = next((one for one in ONSETS if plain.startswith(one)), "")
    rest = plain[len(onset) :]
    if onset == "gi" and (not rest or rest[0] not in VOWELS or rest[0] == "ê"):
        rest = f"i{rest}"
    return (onset, rest) if rest and rest[0] in VOWELS and rest.isalpha() else None


def title_code(title: str, table: Table) -> str | None:
    """'Truyện Kiều' → TR527K. None where a person must write it; a volume in the title does not count."""
    return _code(volumes.parted(title).title, table)


def _code(text: str, table: Table) -> str | None:
    words = [word for word in re.split(r"[^\w]+", clean(text)) if word]
    first = syllable(words[0]) if words else None
    if not first or first[1] not in table:
        return None
    onset, rhyme = first
    tail = _initial(words[1]) if len(words) > 1 else ""
    return f"{onset or rhyme[0]}{table[rhyme]}{tail}".upper()


def _initial(word: str) -> str:
    """The first consonants of the second word, or its first vowel; nothing for a figure."""
    found = syllable(word)
    if found:
        return found[0] or found[1][0]
    return word[0] if word[0].isalpha() else ""


def letters(text: str, many: int = 3) -> str:
    """The first letters without marks: 'Dế Mèn' → DEM."""
    return "".join(fold_words(text))[:many].upper()


# The rule


def read_rule(text: str | None) -> tuple[Part, ...]:
    """The parts of a stored rule; words of another release are left out."""
    known = {part.value: part for part in Part}
    return tuple(known[word] for word in (text or "").split() if word in known) or USUAL


def compose(rule: Sequence[Part], facts: Facts, table: Table) -> Mark:
    """The mark a rule gives for a title."""
    told = {part: _part(part, facts, table) for part in rule}
    missing = tuple(part for part, text in told.items() if not text and part not in MAY_LACK)
    return Mark(tuple(text for text in told.values() if text), missing)


def _part(part: Part, facts: Facts, table: Table) -> str:
    match part:
        case Part.CLASS:
            return facts.ddc or facts.class_mark
        case Part.DDC:
            return facts.ddc
        case Part.SCHOOL:
            return facts.class_mark
        case Part.KIND:
            return facts.kind
        case Part.TITLE_CODE:
            return title_code(facts.title, table) or facts.title_code
        case Part.AUTHOR_CODE:
            return _code(facts.author, table) or ""
        case Part.GIVEN_CODE:
            return _code(given_name(facts.author), table) or ""
        case Part.TITLE_LETTERS:
            return letters(volumes.parted(facts.title).title)
        case Part.AUTHOR_LETTERS:
            return letters(facts.author)
        case Part.VOLUME:
            return short_part(facts.part_number or volumes.parted(facts.title).number)
        case Part.YEAR:
            return str(facts.year or "")
        case Part.ACCESSION:
            return facts.accession


# Stickers beside the rule


def same_mark(one: str, other: str) -> bool:
    """Whether two marks read the same, whatever their blanks, case and stops; letters with hats are letters of their own."""
    return _bare(one) == _bare(other)


def _bare(mark: str) -> str:
    return re.sub(r"(?<!\d)\.|\.(?!\d)|[\s/\-]", "", normalize("NFC", mark)).upper()


def other_number(sticker: str, title: str, table: Table) -> tuple[str, int] | None:
    """(rhyme, number) where a sticker's title code differs from the table's in the number alone: the table may be wrong."""
    ours = title_code(title, table)
    found = _CODE.fullmatch(ours or "")
    first = syllable(re.split(r"[^\w]+", volumes.parted(title).title)[0]) if found else None
    for theirs in filter(None, map(_CODE.fullmatch, normalize("NFC", sticker).upper().split())):
        if found and first and (theirs[1], theirs[3]) == (found[1], found[3]) and theirs[2] != found[2]:
            return first[1], int(theirs[2])
    return None
