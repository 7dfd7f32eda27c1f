"""A poster for the school gate: when the library's vehicle comes, and a code that leads to the timetable as it is today.

Drawn on A4; A3 is the same, larger. It names no person.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from library.labels import fonts, squares, words
from library.labels.ink import Box, Disc, Document, Mark, Page, Rule, Square, Words
from library.mobile import sheet_words
from library.mobile.models import VehicleKind
from library.mobile.outings import Outing

W, H = 210.0, 297.0
SIZES = {"a4": 1.0, "a3": math.sqrt(2)}
INK, NAVY, YELLOW, SOFT = "#191E2E", "#1E3A6E", "#F5B916", "#474D5F"
LEFT, ROOM, MOST = 20.0, 170.0, 8
SPINES = ((9, 44, "#1E3A6E"), (12, 52, "#A63A2B"), (8, 40, "#25634B"), (11, 48, "#6E4524"), (10, 55, "#1F6F82"),
          (9, 46, "#5B2B52"), (13, 50, "#1E3A6E"), (8, 42, "#A63A2B"))  # fmt: skip
NAMES = {
    VehicleKind.CAR: "Xe thư viện", VehicleKind.BOAT: "Thuyền thư viện", VehicleKind.TROLLEY: "Xe đẩy thư viện",
    VehicleKind.MOTORBIKE: "Xe máy thư viện", VehicleKind.OTHER: "Thư viện lưu động",
}  # fmt: skip
BRING = (
    "Mang sách đã mượn để trả.",
    "Vào đọc tại chỗ, mượn về, không mất tiền.",
    "Có thẻ thì mang thẻ, chưa có vẫn vào đọc được.",
)


@dataclass(frozen=True)
class Poster:
    """`comes`: what comes; `days`: the next visits that stand; `address`: of the stop's timetable."""

    library: str
    stop: str
    comes: str
    days: Sequence[Outing]
    address: str


def pdf(one: Poster, size: str = "a4") -> bytes:
    """Raises UnprintableBarcode for an address too long for a code; KeyError for a size that is not in SIZES."""
    scale = SIZES[size]
    document = Document(W * scale, H * scale, f"Lịch xe thư viện – {one.stop}")
    page = document.page()
    page.canvas.scale(scale, scale)
    _on_a4(page).draw(marks(one))
    document.turn()
    return document.pdf()


def _on_a4(page: Page) -> Page:
    page.height = H
    return page


def marks(one: Poster) -> list[Mark]:
    return [*_band(), *_heading(one), *_days(one), *_below(one)]


def _band() -> list[Mark]:
    """Books on a shelf across the top."""
    found: list[Mark] = [Box(0, 0, W, 78, NAVY)]
    x, at = 12.0, 0
    while x < W - 18:
        wide, tall, ink = SPINES[at % len(SPINES)]
        light = "#F1EFE8" if ink == "#1E3A6E" else ink
        found += [Box(x, 66 - tall, wide, tall, light), Box(x, 66 - tall + 5, wide, 0.7, YELLOW),
                  Box(x, 66 - tall + 6.6, wide, 0.4, YELLOW)]  # fmt: skip
        x, at = x + wide + 1.4, at + 1
    return [*found, Box(0, 66, W, 3.0, YELLOW), Box(0, 71, W, 1.0, YELLOW)]


def _heading(one: Poster) -> list[Mark]:
    comes, stop = fonts.printable(f"{one.comes} đến"), fonts.printable(one.stop)
    size = words.size_for(stop, fonts.BOLD, 13.0, ROOM, 8.0)
    lines = words.wrap(stop, fonts.BOLD, size, ROOM, 2)
    found: list[Mark] = [Words(LEFT, 95, comes, 9.0, fonts.REGULAR, SOFT)]
    for at, line in enumerate(lines):
        found.append(Words(LEFT, 110 + at * size * 1.25, line, size, fonts.BOLD, INK))
    return found


def _days(one: Poster) -> list[Mark]:
    if not one.days:
        return [Words(LEFT, 148, "Chưa có ngày hẹn. Quét mã bên dưới để xem lịch mới.", 6.0, ink=INK)]
    found: list[Mark] = [Rule(LEFT, 131, LEFT + ROOM, 131, 0.8, INK)]
    shown = list(one.days[:MOST])
    step = min(20.0, 96.0 / len(shown))
    size = min(8.4, step * 0.5)
    for at, outing in enumerate(shown):
        y = 131 + step * (at + 0.68)
        found += [
            Disc(LEFT + 2.2, y - size * 0.36, 2.0, YELLOW, 0.5, INK),
            Words(LEFT + 8, y, sheet_words.capital(sheet_words.long_day(outing.day)), size, fonts.BOLD, INK),
            Words(LEFT + ROOM, y, outing.hours, size, fonts.REGULAR, INK, "right"),
            Rule(LEFT, 131 + step * (at + 1), LEFT + ROOM, 131 + step * (at + 1), 0.2, "#8A8A8A"),
        ]
    return found


def _below(one: Poster) -> list[Mark]:
    module = squares.module_for(one.address, 46, 1.5)
    side = len(squares.matrix(one.address)) * module
    top = 282 - side
    x = LEFT + side + 12
    said = [Words(x, top + 6, "Quét mã để xem lịch mới nhất", 5.6, fonts.BOLD, INK)]
    said += [Words(x, top + 14 + at * 6.6, text, 4.6, ink=INK) for at, text in enumerate(BRING)]
    library = words.cut(fonts.printable(one.library), fonts.BOLD, 4.6, W - x - LEFT)
    return [Square(LEFT, top, one.address, module), *said, Words(x, 282, library, 4.6, fonts.BOLD, NAVY)]
