"""Plates that are stuck into given books: “Tặng: Lớp 5A, 2026”, the library, the drive, the number in the register.

Twenty-four on an A4 page, to be cut or on labels of 64 × 34,5 mm. Millimetres. In Vietnamese, like every paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from library.holdings.models import Item, Register
from library.labels import fonts, words
from library.labels.ink import Box, Document, Mark, Words
from library.labels.paper import Paper
from library.promotion import donors, gift_fates, gift_sums
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Gift

W, H = 64.0, 34.5
SHEET = Paper("tang-24", "24 nhãn tặng · 64 × 34,5 mm · A4", 210, 297, W, H, 3, 8, 9, 10.5, W, H, cut=True)
INK, SOFT, FAINT, YELLOW = "#191E2E", "#474D5F", "#8A8A8A", "#F5B916"
ROOM, MIDDLE = 56.0, W / 2
SIZES, LINES, LINE = (4.4, 3.8, 3.2, 2.8), 3, 1.2
"""Of the donor's name, the largest that finds room; lines at most; their height in ems."""
MOST = 480
"""Plates of one file: twenty pages."""


@dataclass(frozen=True)
class Plate:
    """`number` is empty for a book that waits to be entered."""

    library: str
    donor: str
    drive: str
    number: str


def of_gift(session: Session, gift: Gift, library: str, part: int = 1) -> list[Plate]:
    """Of copies in the register, then one for each that waits; none for those written off, passed on or pulped. The
    first `MOST`, or the next ones."""
    drive = session.get(Drive, gift.drive_id or 0)
    numbers = [one.accession or "" for one in gift_fates.copies_of(session, gift) if wants_plate(one)]
    every = [*numbers, *[""] * gift_sums.of_gift(session, gift).waiting][(part - 1) * MOST : part * MOST]
    return [Plate(library, donor_line(gift), drive.name if drive else "", number) for number in every]


def wants_plate(item: Item) -> bool:
    return item.register_status in (Register.LISTED, Register.OUTSIDE)


def parts(plates: int) -> list[tuple[int, int]]:
    """First and last plate of each file."""
    return [(first + 1, min(first + MOST, plates)) for first in range(0, plates, MOST)]


def donor_line(gift: Gift) -> str:
    """As it may stand on a book that everybody opens."""
    return f"Tặng: {donors.open_name(gift.donor) or donors.unnamed(gift.donor)}, {gift.given_on.year}"


def sheets(plates: Sequence[Plate]) -> bytes:
    """A PDF of pages of twenty-four."""
    document, rest = Document(SHEET.page_w, SHEET.page_h, "Nhãn tặng"), list(plates)
    while rest:
        page = document.page()
        for plate, cell in zip(rest, SHEET.cells(), strict=False):
            page.draw([*marks(plate), Box(0, 0, W, H, line=0.15, edge=FAINT)], cell.x, cell.y)
        document.turn()
        rest = rest[SHEET.per_page :]
    return document.pdf()


def marks(plate: Plate) -> list[Mark]:
    """Library, a line, the donor large, the drive, the number."""
    library = words.short_library(plate.library, fonts.BOLD, 2.8, ROOM)
    drive = words.cut(fonts.printable(plate.drive), fonts.REGULAR, 2.5, ROOM)
    found: list[Mark] = [
        Words(MIDDLE, 7.0, library, 2.8, fonts.BOLD, INK, "middle"),
        Box(MIDDLE - 14, 8.8, 28, 0.6, YELLOW),
        *_donor(fonts.printable(plate.donor)),
    ]
    if drive:
        found.append(Words(MIDDLE, 26.4, drive, 2.5, ink=SOFT, align="middle"))
    if plate.number:
        found.append(Words(MIDDLE, 31.2, plate.number, 3.0, fonts.BOLD, INK, "middle"))
    return found


def _donor(text: str) -> list[Mark]:
    """In the middle, whole if any size finds room."""
    size, lines = words.largest(text, fonts.BOLD, SIZES, ROOM, LINES)
    first = 17.6 - (len(lines) - 1) * size * LINE / 2 + size * 0.36
    return [
        Words(MIDDLE, first + at * size * LINE, line, size, fonts.BOLD, INK, "middle") for at, line in enumerate(lines)
    ]
