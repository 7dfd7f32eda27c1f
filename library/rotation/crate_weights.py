"""What a book weighs, guessed from its pages and its height. Pure. Scales know better: a crate may say what they showed."""

import re
from collections.abc import Iterable

from library.catalogue.models import Format

USUAL_PAGES, USUAL_CM = 160, 21
SHEET_GRAMS = 80
"""Of a square metre: the paper of most Vietnamese books, with what holds it together."""
COVER_GRAMS = 250
SHAPE = 0.7
"""Width to height of a page."""
OTHERS = 120
"""A disc, a box of cards: anything without pages."""
PAGED = {Format.PRINT: 1, Format.LARGE_PRINT: 1, Format.BRAILLE: 3}
"""How heavy a page is: raised letters stand on thick paper."""
_PAGES = re.compile(r"(\d+)\s*(?:tr|trang|p|s)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)(?:[.,](\d+))?")


def grams(extent: str | None, dimensions: str | None, format_: Format = Format.PRINT) -> int:
    """Of one copy. `extent`: 300 $a ("163 tr."); `dimensions`: 300 $c ("21 cm."); what is not said is as usual."""
    if format_ not in PAGED:
        return OTHERS
    height = _height(dimensions)
    page = height * height * SHAPE / 10_000
    return round(page * SHEET_GRAMS * PAGED[format_] * _pages(extent) / 2 + 2 * page * COVER_GRAMS)


def _pages(extent: str | None) -> int:
    """The pages it counts, the numbers of several sequences together; never a number that can be no book's."""
    told = sum(int(one) for one in _PAGES.findall(extent or ""))
    return told if 8 <= told <= 3000 else USUAL_PAGES


def _height(dimensions: str | None) -> float:
    """Centimetres. "14 x 20 cm": the larger."""
    found = [float(f"{whole}.{part or 0}") for whole, part in _NUMBER.findall(dimensions or "")]
    told = max(found, default=0.0)
    if "mm" in (dimensions or ""):
        told /= 10
    return told if 8 <= told <= 60 else USUAL_CM


def of_all(books: Iterable[tuple[str | None, str | None, Format]]) -> int:
    return sum(grams(*book) for book in books)
