"""A drawn cover for a title without a picture: the same title gets the same cover, everywhere, for ever.

The drawing is 100 wide and 140 high (ratio 5 : 7); lengths here are in those units. Colours and motifs have names;
`static/css/base.css` (.pair-…) and `static/img/drawings.svg` (#motif-…) know what they look like.
"""

from dataclasses import dataclass
from zlib import crc32

from library.core.fold import clean, fold

PAIRS = ("cham", "la", "son", "hoe", "trau", "nuoc", "dat", "diep")
SIZES = ((19, 2), (17, 2), (15.5, 3), (14, 3), (13, 4), (12, 5))  # a size, and how many lines may have it
LEFT, ROOM = 14, 81
_AUTHOR_SIZE, _AUTHOR_FLOOR, _SANS = 9.5, 80, 0.86  # the face of authors runs narrower than that of titles

# Advance widths of Literata Bold in hundredths of an em; letters with marks are as wide as without.
_WIDTHS = {" ": 20, "m": 100, "w": 90, "M": 99, "W": 111, "H": 84, "N": 84, "I": 42, "f": 43, "t": 44, "1": 41}
_WIDTHS |= dict.fromkeys("ijl", 36) | dict.fromkeys(".,:;!-'()", 34) | dict.fromkeys("bdhknpqgvuo", 67)

# Asked in this order: "truyện tranh" is a comic before it is a tale.
_MOTIFS = (
    ("page", ("giao khoa", "bai tap", "37")),
    ("brocade", ("lich su", "truyen tranh", "90", "93", "94", "95", "96", "97", "99", "741")),
    ("scales", ("truyen co", "co tich", "dan gian", "than thoai", "ngu ngon", "39")),
    ("grass", ("thieu nhi", "thien nhien", "dong vat", "thuc vat", "57", "58", "59")),
    ("orbits", ("khoa hoc", "ky thuat", "cong nghe", "toan", "5", "6", "00")),
    ("hills", ("van hoc", "truyen", "tieu thuyet", "tho", "8")),
)


@dataclass(frozen=True)
class CoverArt:
    """What to draw: `lines` and `author` are `(text, baseline)`; `author` is None when the title needs the room."""

    title: str
    pair: str
    motif: str
    size: float
    lines: tuple[tuple[str, float], ...]
    author: tuple[str, float] | None


def cover_art(title: str, author: str | None = "", kind: str | None = "") -> CoverArt:
    """Design the cover of a title; `kind` is a kind of book in words or a Dewey number."""
    size, words = _laid_out(clean(title))
    step = size * 1.24
    lines = tuple((text, round(9 + size + at * step, 1)) for at, text in enumerate(words))
    below = lines[-1][1] + _AUTHOR_SIZE * 1.55 if lines else 24
    shown = _clipped(clean(author or ""), _AUTHOR_SIZE * _SANS)
    placed = (shown, round(below, 1)) if shown and below <= _AUTHOR_FLOOR else None
    return CoverArt(title, pair_of(title), motif_of(kind or ""), size, lines, placed)


def pair_of(title: str) -> str:
    """One of PAIRS: the colours of a title, on its cover and on its thin spine."""
    return PAIRS[crc32(fold(title).encode()) % len(PAIRS)]


def motif_of(kind: str) -> str:
    """The motif of a kind of book ("truyện cổ tích") or of a Dewey number ("398.2"); "spines" for any other."""
    asked = fold(kind)
    for motif, signs in _MOTIFS:
        if any(asked.startswith(sign) if sign.isdigit() else sign in asked for sign in signs):
            return motif
    return "spines"


def width(text: str, size: float) -> float:
    """About how wide a line of the title is."""
    return sum(_WIDTHS.get(char) or _WIDTHS.get(fold(char)) or _other(char) for char in text) * size / 100


def _other(char: str) -> int:
    return 76 if char.isupper() else 59


def _laid_out(title: str) -> tuple[float, list[str]]:
    """The largest size at which the whole title fits; one too long even for the smallest is cut."""
    for size, most in SIZES:
        lines = _wrapped(title, size)
        if len(lines) <= most and all(width(line, size) <= ROOM for line in lines):
            return size, lines
    cut = [_clipped(line, size) for line in lines]
    return size, cut if len(cut) <= most else [*cut[: most - 1], _clipped(" ".join(cut[most - 1 :]), size)]


def _wrapped(title: str, size: float) -> list[str]:
    lines: list[str] = []
    for word in title.replace(" –", "\u00a0–").split(" "):  # a dash never begins a line
        if lines and width(f"{lines[-1]} {word}", size) <= ROOM:
            lines[-1] += f" {word}"
        elif word:
            lines.append(word)
    return lines


def _clipped(text: str, size: float) -> str:
    if width(text, size) <= ROOM:
        return text
    while text and width(text + "…", size) > ROOM:
        text = text[:-1]
    return text.rstrip() + "…"
