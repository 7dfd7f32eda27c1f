"""Making words fit a small piece of paper without breaking a Vietnamese letter. Widths and sizes in millimetres."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from library.labels import fonts

ELLIPSIS = "…"

# Longest first: a shorter one is a part of a longer one.
SHORT_FORMS = (
    ("tiểu học và trung học cơ sở", "TH&THCS"),
    ("trung học cơ sở và trung học phổ thông", "THCS&THPT"),
    ("phổ thông dân tộc bán trú", "PTDTBT"),
    ("phổ thông dân tộc nội trú", "PTDTNT"),
    ("trung tâm học tập cộng đồng", "TTHTCĐ"),
    ("trung học phổ thông", "THPT"),
    ("trung học cơ sở", "THCS"),
    ("tiểu học", "TH"),
    ("mầm non", "MN"),
    ("mẫu giáo", "MG"),
    ("thư viện", "TV"),
)


def letters(text: str) -> list[str]:
    """Each with its marks, whether composed or not."""
    found: list[str] = []
    for char in text:
        if found and unicodedata.category(char).startswith("M"):
            found[-1] += char
        else:
            found.append(char)
    return found


def cut(text: str, font: str, size: float, room: float) -> str:
    """The text, or as many whole words of it as fit with an ellipsis behind; of a first word too long its whole
    letters."""
    if fonts.width(text, font, size) <= room:
        return text
    kept_words = text.split()[:-1]
    while kept_words and fonts.width(_end(" ".join(kept_words)), font, size) > room:
        kept_words.pop()
    if kept_words:
        return _end(" ".join(kept_words))
    kept = letters(text)
    while kept and fonts.width(_end(kept), font, size) > room:
        kept.pop()
    return _end(kept) if kept else ""


def wrap(text: str, font: str, size: float, room: float, most: int) -> list[str]:
    """At most `most` lines, broken between words; what is left over is cut off. No lines for an empty text."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most - 1:
        count = _how_many(words, font, size, room)
        lines.append(cut(" ".join(words[:count]), font, size, room))
        words = words[count:]
    return [*lines, cut(" ".join(words), font, size, room)] if words and most > 0 else lines


def balanced(text: str, font: str, size: float, room: float, most: int) -> list[str]:
    """As `wrap`, but two lines that hold the whole text are made of even length."""
    lines = wrap(text, font, size, room, most)
    if len(lines) != 2:
        return lines
    even = halves(text, font)
    return list(even) if max(fonts.width(line, font, size) for line in even) <= room else lines


def largest(text: str, font: str, sizes: Sequence[float], room: float, most: int) -> tuple[float, list[str]]:
    """The first of these sizes at which the whole text finds room in `most` lines, and the lines; else the last, cut."""
    ways = ((size, balanced(text, font, size, room, most)) for size in sizes)
    return next(
        (way for way in ways if " ".join(way[1]) == text), (sizes[-1], balanced(text, font, sizes[-1], room, most))
    )


def size_for(text: str, font: str, size: float, room: float, least: float = 0.0) -> float:
    """`size`, or smaller so that the text fits in one line; never below `least`."""
    natural = fonts.width(text, font, 1.0)
    return max(least, min(size, room / natural)) if natural else size


def halves(text: str, font: str) -> tuple[str, str]:
    """Two lines as equal as the words allow; the second is empty for a single word."""
    words = text.split()
    if len(words) < 2:
        return text, ""
    ways = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return min(ways, key=lambda way: max(fonts.width(line, font, 1.0) for line in way))


@lru_cache(maxsize=1024)
def short_library(name: str, font: str, size: float, room: float) -> str:
    """In capitals, abbreviated as on school stamps; what still does not fit loses its first words, then its end."""
    words = _abbreviate(fonts.printable(name)).upper().split()
    while len(words) > 3 and words[0] in ("TV", "TRƯỜNG") and fonts.width(" ".join(words), font, size) > room:
        words.pop(0)
    return cut(" ".join(words), font, size, room)


def named(name: str, font: str, size: float, room: float) -> str:
    """The library's name as it is, abbreviated when it finds no room, cut when even that does not."""
    return name if fonts.width(name, font, size) <= room else cut(_abbreviate(name), font, size, room)


def given_name(name: str) -> tuple[str, str]:
    """(họ and đệm, tên): a class list is read by the last word."""
    *before, last = name.split() or [""]
    return " ".join(before), last


def in_fours(number: str) -> str:
    """Card figures as people read them aloud: "1200 1000 1234"."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _end(kept: Sequence[str]) -> str:
    return "".join(kept).rstrip(" ,.;:–-") + ELLIPSIS


def _how_many(words: list[str], font: str, size: float, room: float) -> int:
    """How many words fit in a line; one at least, however long."""
    starts = range(1, len(words) + 1)
    fitting = [count for count in starts if fonts.width(" ".join(words[:count]), font, size) <= room]
    return max(fitting, default=1)


def _abbreviate(name: str) -> str:
    for long, short in SHORT_FORMS:
        while (at := name.lower().find(long)) >= 0:
            name = name[:at] + short + name[at + len(long) :]
    return name
