"""Which volume of a title: “Kính vạn hoa (Tập 2)” is Kính vạn hoa, Tập 2. Pure text; where two readings are likely the
title stays as it was written (“Vở bài tập 2” is no second volume)."""

import re
from dataclasses import dataclass

from library.core.fold import clean, fold, sort_key

_WORDS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
_SPOKEN = {word: at for at, word in enumerate(_WORDS, 1)} | {"tư": 4, "nhất": 1, "nhì": 2}
_ROMAN = {"I": 1, "V": 5, "X": 10}
_NUMBER = rf"(?:\d{{1,3}}|[IVX]{{1,5}}|(?i:{'|'.join(_SPOKEN)}))"
_TAIL = r"(?:\s*[:.\-–—]\s*(?P<part>[^\d\s].*)|\s*(?P<more>[(\[].*))?"
_LONG, _SHORT = r"(?i:tập|quyển|volume)", r"(?:[TtQ]\.?|(?i:vol)\.?)"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<head>.*\S)\s*[(\[]\s*(?P<word>{_LONG}|{_SHORT})\s*(?P<number>{_NUMBER})\s*[)\]]{_TAIL}",
        rf"(?P<head>.*\S)\s*\((?P<word>{_LONG})\s*(?P<number>{_NUMBER}):\s*(?P<part>[^\d\s][^()]*)\)(?P<more>)",
        rf"(?P<head>.*\S)\s*[\-–—,.:;]\s*(?P<word>{_LONG}|{_SHORT})\s*(?P<number>{_NUMBER})\b{_TAIL}",
        rf"(?P<head>.*\S)(?P<blank>\s)\s*(?P<word>{_LONG}|[TQ]\.)\s*(?P<number>{_NUMBER})\b{_TAIL}",
    )
)
_COMPOUNDS = frozenset("bai be bien em hoc kien luyen on phuc suu thuc toan tu tuyen vo".split())
"""Before “tập” these make another word: bài tập, tuyển tập, học tập."""


@dataclass(frozen=True)
class Volume:
    """A title without its volume; `number` is “Tập 2” or empty, `name` what the volume itself is called."""

    title: str
    number: str = ""
    name: str = ""


def parted(title: str) -> Volume:
    """The title and the volume written in it."""
    title = clean(title)
    for pattern in _PATTERNS:
        found = pattern.fullmatch(title)
        if found and _is_volume(found):
            head = found["head"].rstrip(" -–—,.:;(")
            return Volume(" ".join(filter(None, (head, found["more"]))), _told(found), found["part"] or "")
    return Volume(title)


def settled(title: str, part_number: str = "") -> Volume:
    """The same, where the volume may also have been told in a field of its own; that one is believed."""
    found = parted(title)
    if part_number and part_key(part_number) != part_key(found.number):
        return Volume(clean(title), clean(part_number))
    return found


def _is_volume(found: re.Match[str]) -> bool:
    compound = fold(found["head"].split()[-1]) in _COMPOUNDS and fold(found["word"]) == "tap"
    several = found["head"][-1] in "+&"
    return bool(fold(found["head"])) and not several and not (compound and "blank" in found.groupdict())


def _told(found: re.Match[str]) -> str:
    word = "Quyển" if found["word"][:1] in "Qq" else "Tập"
    return f"{word} {_number(found['number'])}"


def _number(text: str) -> int | None:
    """2 of '2', 'II' and 'hai'; None for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    if text.lower() in _SPOKEN:
        return _SPOKEN[text.lower()]
    values = [_ROMAN.get(letter, 0) for letter in text]
    steps = [-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=False)]
    return sum(steps) if values and all(values) else None


def part_key(part_number: str) -> str:
    """What two ways to write one volume have in common: '2' of 'Tập 2', 'T.2', 'tập II', '02'."""
    bare = re.sub(rf"^(?:{_LONG}|{_SHORT})\s*(?=\S)", "", clean(part_number))
    number = _number(bare.rstrip(" ."))
    return str(number) if number is not None else fold(part_number)


def match_key(title: str, part_number: str = "") -> str:
    """Folded title and volume: 'kinh van hoa tap 2'."""
    key = part_key(part_number)
    return " ".join(filter(None, (fold(title), f"tap {key}" if key.isdigit() else key)))


def title_sort(title: str, part_number: str = "", part_name: str = "") -> str:
    """The sort key of a title; volume 2 comes before volume 10."""
    key = part_key(part_number)
    part = f"Tập {int(key):03}" if key.isdigit() else part_number
    return sort_key(" ".join(filter(None, (title, part, part_name))))
