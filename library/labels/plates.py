"""Plates for shelves, classes, crates and stops: a QR code a phone reads from an arm's length, and a name people read
from the door. Eight on an A4 page, to be cut. Millimetres."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.core.errors import N_
from library.labels import fonts, squares, words
from library.labels.ink import Box, Document, Mark, Square, Words
from library.labels.paper import Paper

W, H = 95.0, 66.0
PLATES = Paper("ma-8", N_("8 mã · 95 × 66 mm · A4"), 210, 297, W, H, 2, 4, 10, 16.5, W, H, cut=True)
INK, SOFT = "#191E2E", "#474D5F"
ROOM = 44.0  # of the code with its quiet zone
SIDE = 4.0
NAME, LEAST_NAME, LINES = 8.0, 3.6, 5
LINE = 1.22


@dataclass(frozen=True)
class PlateText:
    """`kind` is "Kệ sách", "Lớp", "Thùng", "Điểm dừng"; `payload` is in the code and printed below it."""

    payload: str
    kind: str
    name: str
    library: str


def plate_sheets(plates: Sequence[PlateText], skip: int = 0) -> bytes:
    """A PDF of pages of eight. Raises UnprintableBarcode."""
    document = Document(PLATES.page_w, PLATES.page_h, N_("Mã QR"))
    rest, cells = [plate_marks(one) for one in plates], PLATES.cells(skip)
    while rest:
        page = document.page()
        for marks, cell in zip(rest, cells, strict=False):
            page.draw([*marks, Box(0, 0, W, H, line=0.15, edge="#8A8A8A")], cell.x, cell.y)
        document.turn()
        rest, cells = rest[len(cells) :], PLATES.cells()
    return document.pdf()


def plate_marks(plate: PlateText) -> list[Mark]:
    """The code at the left, its digits below; kind, name and library at the right."""
    module = squares.module_for(plate.payload, ROOM)
    side = len(squares.matrix(plate.payload)) * module
    left, top = SIDE + squares.QUIET_MODULES * module - 2.0, (H - side) / 2 - 3.0
    digits = Words(left + side / 2, top + side + 6.4, words.in_fours(plate.payload), 3.6, align="middle", ink=INK)
    return [Square(left, top, plate.payload, module), digits, *_words(plate, left + side + 6.0)]


def _words(plate: PlateText, x: float) -> list[Mark]:
    room, name = W - x - SIDE, fonts.printable(plate.name)
    size = next((em for em in _sizes() if _fits(name, em, room)), LEAST_NAME)
    lines = words.wrap(name, fonts.BOLD, size, room, LINES)
    high = len(lines) * size * LINE
    top = H / 2 - high / 2
    library = words.short_library(plate.library, fonts.REGULAR, 2.6, room)
    named: list[Mark] = [
        Words(x, top + size * (0.95 + LINE * place), line, size, fonts.BOLD, INK) for place, line in enumerate(lines)
    ]
    kind = Words(x, top - 2.6, words.cut(plate.kind, fonts.REGULAR, 3.8, room), 3.8, ink=SOFT)
    return [kind, *named, Words(x, top + high + 4.6, library, 2.6, ink=SOFT)]


def _sizes() -> list[float]:
    return [NAME - 0.4 * step for step in range(int((NAME - LEAST_NAME) / 0.4) + 1)]


def _fits(name: str, size: float, room: float) -> bool:
    """All its words stand in the lines there are."""
    lines = words.wrap(name, fonts.BOLD, size, room, LINES)
    return not any(line.endswith(words.ELLIPSIS) for line in lines)
