"""The drawing of a certificate: brocade above and below, the name large, the books that were read on their shelf.

Millimetres on a landscape A4 page; serif letters stand on spines only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics

from library.catalogue.covers import pair_of
from library.core.fold import fold
from library.documents import faces
from library.labels import fonts, words
from library.labels.ink import MM, Box, Document, Mark, Outline, Page, Picture, Words
from library.loans.compensation_papers import on_day

W, H = 297.0, 210.0
INK, NAVY, RED, YELLOW = "#191E2E", "#1E3A6E", "#A63A2B", "#F5B916"
PAIRS = {
    "cham": ("#1E3A6E", "#F5B916", "#FFFFFF"), "la": ("#25634B", "#CFE3A9", "#FFFFFF"),
    "son": ("#A63A2B", "#F8D9A0", "#FFFFFF"), "hoe": ("#F2B62B", "#1E3A6E", "#191E2E"),
    "trau": ("#5B2B52", "#F0B9C3", "#FFFFFF"), "nuoc": ("#1F6F82", "#D5EEE6", "#FFFFFF"),
    "dat": ("#6E4524", "#F0CF9C", "#FFFFFF"), "diep": ("#EEE6D2", "#A63A2B", "#191E2E"),
}  # fmt: skip
"""Ground, lines and letters of a cover, as on the pages (static/css/base.css)."""

DIAMOND, TALL = 9.58, 7.2
SHELF, LEAST, MOST, MOST_BOOKS = 142.0, 59.0, 238.0, 18
GAP, BOOK = 0.7, 4.0
BOOK_LEAST = 2.9
RULE = 120.0
LEAD_ON = frozenset("và của ở với về dưới trên trong cho là những các từ đến - –".split())
"""Words no title is cut behind."""
TO_A_PUPIL = "Tặng em"
_FIGURES = re.compile(r"(\d+(?:[./-]\d+)*)")


@dataclass(frozen=True)
class Certificate:
    """All that stands on one. `left`, `right`: who signs, and the name below."""

    library: str
    name: str
    reason: str = ""
    figures: str = ""
    group: str = ""
    titles: tuple[str, ...] = ()
    place: str = ""
    day: date | None = None
    left: tuple[str, str] = ("", "")
    right: tuple[str, str] = ("", "")


def of(kind: str, values: Mapping[str, Any]) -> Certificate:
    """`kind` "class" puts "Lớp" before the name; a pupil's class stands below theirs."""
    said = {name: str(values.get(name) or "") for name in ("library", "name", "reason", "figures", "place")}
    if kind == "class" and not said["name"].lower().startswith("lớp"):
        said["name"] = f"Lớp {said['name']}"
    group = str(values.get("group") or "") if kind == "pupil" else ""
    if kind == "pupil":
        said |= {"reason": TO_A_PUPIL, "figures": ". ".join(filter(None, (said["reason"], said["figures"])))}
    left, right = values.get("left") or ("", ""), values.get("right") or ("", "")
    titles = tuple(str(one) for one in values.get("titles") or ())
    return Certificate(**said, group=group, titles=titles, day=values.get("day"), left=left, right=right)


def pdf(many: Sequence[Certificate]) -> bytes:
    document = Document(W, H, "Giấy chứng nhận")
    for one in many:
        document.page().draw(marks(one))
        document.turn()
    return document.pdf()


def marks(one: Certificate) -> list[Mark]:
    return [*brocade(), *_heading(one), *_books(_shown(one.titles)), *_signs(one)]


@dataclass(frozen=True)
class Upright:
    """A line that reads from bottom to top; (`x`, `y`) is the start of its baseline."""

    x: float
    y: float
    text: str
    size: float
    ink: str

    def on_page(self, page: Page) -> None:
        page.canvas.saveState()
        page.canvas.translate(*page.at(self.x, self.y))
        page.canvas.rotate(90)
        page.canvas.setFillColor(self.ink)
        page.canvas.setFont(_serif(), self.size * MM)
        page.canvas.drawString(0, 0, self.text)
        page.canvas.restoreState()

    def on_image(self, image: Picture) -> None:
        font = ImageFont.truetype(str(faces.path("literata", "Literata-Bold")), round(self.size * image.scale, 2))
        _, top, right, bottom = (round(edge) for edge in font.getbbox(self.text, anchor="ls"))
        flat = Image.new("L", (right, bottom - top))
        ImageDraw.Draw(flat).text((0, -top), self.text, 255, font, anchor="ls")
        corner = image.px(self.x) + top, image.px(self.y) - right
        image.image.paste(self.ink, corner, flat.rotate(90, expand=True))


def _serif() -> str:
    return faces.registered("literata", "Literata-Bold")


def _long(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, _serif(), size))


def brocade() -> list[Mark]:
    """A band of diamonds along the upper and the lower edge, each with its yellow line."""
    found: list[Mark] = []
    for middle, line in ((10.9, 17.1), (H - 10.9, H - 17.9)):
        for at in range(32):
            outer = (NAVY, RED)[at % 2]
            centre = at * DIAMOND + 0.1 * DIAMOND
            found += [_diamond(centre, middle, 1.0, outer), _diamond(centre, middle, 0.55, YELLOW),
                      _diamond(centre, middle, 0.28, outer)]  # fmt: skip
        found.append(Box(0, line, W, 0.8, YELLOW))
    return found


def _diamond(x: float, y: float, share: float, ink: str) -> Outline:
    wide, tall = DIAMOND / 2 * share, TALL / 2 * share
    return Outline([(x - wide, y), (x, y - tall), (x + wide, y), (x, y + tall)], ink)


def _heading(one: Certificate) -> list[Mark]:
    """The name large; a rule to write it on where none is to be printed."""
    name, middle = fonts.printable(one.name), W / 2
    group = [Words(middle, 82.4, fonts.printable(one.group), 5.0, ink=INK, align="middle")] if one.group else []
    return [*_above(one), _named(name, one.group), *group, *_counted(fonts.printable(one.figures))]


def _above(one: Certificate) -> list[Mark]:
    middle = W / 2
    library = words.named(fonts.printable(one.library).upper(), fonts.BOLD, 4.0, 220)
    reason = words.cut(fonts.printable(one.reason), fonts.REGULAR, 5.0, 250)
    return [
        Words(middle, 26.4, library, 4.0, fonts.BOLD, INK, "middle"),
        Words(middle, 45.4, "GIẤY CHỨNG NHẬN", 12.0, fonts.BOLD, NAVY, "middle"),
        Words(middle, 56.9, reason, 5.0, ink=INK, align="middle"),
    ]


def _named(name: str, group: str) -> Mark:
    if not name.strip("_"):
        return Box(W / 2 - RULE / 2, 75.0, RULE, 0.4, INK)
    large = words.size_for(name, fonts.BOLD, 13.0 if group else 19.0, 220, 9.0)
    return Words(W / 2, 78.6 if large > 14 else 73.6, name, large, fonts.BOLD, INK, "middle")


def _counted(text: str, y: float = 90.6) -> list[Mark]:
    """A centred sentence with its figures in bold."""
    size = words.size_for(text, fonts.BOLD, 5.3, 250)
    parts = [(part, fonts.BOLD if _FIGURES.fullmatch(part) else fonts.REGULAR) for part in _FIGURES.split(text) if part]
    x = (W - sum(fonts.width(part, font, size) for part, font in parts)) / 2
    found: list[Mark] = []
    for part, font in parts:
        found.append(Words(x, y, part, size, font, INK))
        x += fonts.width(part, font, size)
    return found


# Books


def _shown(titles: Sequence[str]) -> list[str]:
    """Each title once, as many as the shelf holds."""
    return list(dict.fromkeys(" ".join(title.split()) for title in titles if title.strip()))[:MOST_BOOKS]


def _books(titles: Sequence[str]) -> list[Mark]:
    wide = [_wide(title) for title in titles]
    whole = sum(wide) + GAP * max(0, len(wide) - 1)
    left, right = min(LEAST, (W - whole) / 2), max(MOST, (W + whole) / 2)
    x, found = (W - whole) / 2, []
    for title, width in zip(titles, wide, strict=True):
        found += _book(title, x, width)
        x += width + GAP
    return [*found, Box(left, SHELF, right - left, 1.6, INK)]


def _wide(title: str) -> float:
    return 8.0 + crc32(fold(title).encode()) % 4


def _tall(title: str) -> float:
    return 36.0 + crc32(fold(title).encode()) // 7 % 9


def _book(title: str, x: float, width: float) -> list[Mark]:
    """A spine with its binding lines above and below, the title reading upwards."""
    ground, line, ink = PAIRS[pair_of(title)]
    tall = _tall(title)
    top = SHELF - tall
    lines = [Box(x, at, width, 0.45, line) for at in (top + 2.2, top + 3.3, SHELF - 3.2)]
    text, size = _fitting(title, tall - 10.5)
    upright = Upright(x + width / 2 + size * 0.34, SHELF - 5.0, text, size, ink)
    return [Box(x, top, width, tall, ground), *lines, upright]


def _fitting(title: str, room: float) -> tuple[str, float]:
    """The title and its size: a little smaller where it then fits whole, else as many words as stand on the spine."""
    kept = "".join(char for char in title if ord(char) in _letters()).split(" – ")[0].split()
    size = min(BOOK, room / max(_long(" ".join(kept), 1.0), 0.1))
    while len(kept) > 1 and _long(" ".join(kept), max(size, BOOK_LEAST)) > room + 0.01:
        kept.pop()
        while len(kept) > 1 and kept[-1].lower() in LEAD_ON:
            kept.pop()
    return " ".join(kept), max(size, BOOK_LEAST)


def _letters() -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(_serif()).face.charToGlyph)


# Below


def _signs(one: Certificate) -> list[Mark]:
    found: list[Mark] = []
    if one.day:
        said = ", ".join(filter(None, (fonts.printable(one.place), on_day(one.day))))
        found.append(Words(232, 152.6, said, 4.1, ink=INK, align="middle"))
    for x, (who, name) in ((49.0, one.left), (232.0, one.right)):
        found.append(Words(x, 158.7, fonts.printable(who), 4.1, fonts.BOLD, INK, "middle"))
        found.append(
            Words(x, 179.6, words.cut(fonts.printable(name), fonts.REGULAR, 4.1, 90), 4.1, ink=INK, align="middle")
        )
    return found
