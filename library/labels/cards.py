"""Cards, ten on an A4 page or one on a plastic card, and the sheet of a class's barcodes that lies at the desk for
forgotten cards.

A card carries no birth date, address or identity number: it gets lost in school yards. All lengths in millimetres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from library.core.errors import N_
from library.labels import barcodes, fonts, words
from library.labels.ink import Bars, Box, Document, Mark, Picture, Rule, Words
from library.labels.paper import Paper

READER = N_("Thẻ bạn đọc")
INK, SOFT, NAVY, YELLOW = "#191E2E", "#474D5F", "#142A52", "#F5B916"
HAIR, FAINT = 0.15, "#9A968A"

W, H = 85.6, 54.0
CARDS = Paper("the-10", N_("10 thẻ · 85,6 × 54 mm · A4"), 210, 297, W, H, 2, 5, 19.4, 13.5, W, H, cut=True)
PLASTIC = Paper("cr80", N_("Từng thẻ nhựa · 85,6 × 54 mm · CR80"), W, H, W, H, 1, 1, 0, 0, W, H)
SPINE = 22.0  # the dark back of the card
LEFT = 28.0  # where words and bars begin
NAME, LEAST_ONE_LINE, TWO_LINES = 5.6, 4.6, 4.8
MODULE, BARS_TOP, BARS = 0.5, 33.4, 10.6


@dataclass(frozen=True)
class CardText:
    """`payload` is both in the bars and printed below. `group` is "Lớp 4A" or "Giáo viên", `period` the school year."""

    payload: str
    name: str
    library: str
    group: str = ""
    period: str = ""
    kind: str = READER


def card_sheets(cards: Sequence[CardText], skip: int = 0, paper: Paper = CARDS) -> bytes:
    """A PDF: on paper to be cut pages of ten with cut marks, else a page a card.

    Raises UnprintableBarcode for a payload too long for a card.
    """
    document = Document(paper.page_w, paper.page_h, N_("Thẻ bạn đọc"))
    cells, rest = paper.cells(skip), [card_marks(card) for card in cards]
    outline: list[Mark] = [Box(0, 0, W, H, line=HAIR, edge=FAINT)] if paper.cut else []
    while rest:
        page = document.page()
        for marks, cell in zip(rest, cells, strict=False):
            page.draw([*marks, *outline], cell.x, cell.y)
        page.draw(_cut_marks() if paper.cut else [])
        document.turn()
        rest, cells = rest[len(cells) :], paper.cells()
    return document.pdf()


def card_png(card: CardText, dpi: int = 300) -> bytes:
    """One card as an image."""
    picture = Picture(W, H, dpi)
    for mark in card_marks(card):
        mark.on_image(picture)
    return picture.png()


def card_marks(card: CardText) -> list[Mark]:
    """The layout of one card. Raises UnprintableBarcode."""
    room = W - LEFT - 3.5
    head = Words(LEFT, 8.2, words.cut(fonts.printable(card.kind), fonts.BOLD, 3.0, room), 3.0, fonts.BOLD, INK)
    library = words.named(fonts.printable(card.library), fonts.REGULAR, 2.7, room)
    return [*_back(), head, Words(LEFT, 12.0, library, 2.7, ink=SOFT), *_person(card, room), *_code(card)]


def _back() -> list[Mark]:
    """The dark band with its two binding lines, the name and a shelf of books."""
    shelf = 40.2
    lines = [Box(0, 2.6, SPINE, 0.9, YELLOW), Box(0, 4.4, SPINE, 0.35, YELLOW)]
    name = Words(SPINE / 2, 11.6, "Tủ Sách", 4.2, fonts.BOLD, "#FFFFFF", "middle")
    return [Box(0, 0, SPINE, H, NAVY), *lines, name, *_books(shelf), Box(0, shelf, SPINE, 0.9, YELLOW)]


def _books(shelf: float) -> list[Mark]:
    """(left, width, height, colour) of each book; the last one fills what is left of the shelf."""
    books = (
        (1.3, 2.6, 10.0, YELLOW), (4.3, 2.2, 12.2, "#FFFFFF"), (6.9, 2.9, 8.8, "#9DBBF2"), (10.2, 2.3, 11.0, "#A63A2B"),
        (12.9, 2.9, 12.8, YELLOW), (16.2, 1.7, 9.4, "#D5EEE6"), (18.2, 2.5, 11.6, "#9DBBF2"),
    )  # fmt: skip
    marks: list[Mark] = []
    for left, wide, tall, ink in books:
        ribs = [Box(left, shelf - tall * share, wide, 0.3, NAVY) for share in (0.86, 0.16)]
        marks += [Box(left, shelf - tall, wide, tall, ink), *ribs]
    return marks


def _person(card: CardText, room: float) -> list[Mark]:
    name, y = fonts.printable(card.name), 21.6
    size = words.size_for(name, fonts.BOLD, NAME, room)
    lines = [name] if size >= LEAST_ONE_LINE else list(words.halves(name, fonts.BOLD))
    if len(lines) > 1:
        size, y = min(words.size_for(line, fonts.BOLD, TWO_LINES, room) for line in lines), 19.2
    marks: list[Mark] = [
        Words(LEFT, y + size * 1.2 * place, line, size, fonts.BOLD, INK) for place, line in enumerate(lines) if line
    ]
    below = y + size * 1.2 * (len(lines) - 1) + 4.9
    about = " · ".join(part for part in (fonts.printable(card.group), fonts.printable(card.period)) if part)
    return [*marks, Words(LEFT, below, words.cut(about, fonts.REGULAR, 3.1, room), 3.1, ink=INK)] if about else marks


def _code(card: CardText) -> list[Mark]:
    """Bars at half a millimetre a module, their quiet zone ending at the dark back; figures below in groups of four."""
    start = SPINE + barcodes.QUIET_MODULES * MODULE + 1.0
    if misfit := barcodes.fits(card.payload, W - SPINE, MODULE):
        raise misfit.error()
    start = min(start, W - barcodes.QUIET_MODULES * MODULE - len(barcodes.modules(card.payload)) * MODULE)
    figures = words.in_fours(card.payload)
    return [
        Bars(start, BARS_TOP, BARS, card.payload, MODULE),
        Words(start, BARS_TOP + BARS + 4.6, figures, 3.8, ink=INK),
    ]


def _cut_marks() -> list[Mark]:
    """Short lines in the margins, in line with every edge."""
    right, foot = CARDS.margin_left + 2 * W, CARDS.margin_top + 5 * H
    across = [CARDS.margin_left + W * at for at in range(3)]
    down = [CARDS.margin_top + H * at for at in range(6)]
    upright = [Rule(x, y, x, y + 5, 0.2) for x in across for y in (CARDS.margin_top - 7, foot + 2)]
    level = [Rule(x, y, x + 5, y, 0.2) for y in down for x in (CARDS.margin_left - 7, right + 2)]
    return [*upright, *level]


# The class sheet.
MARGIN, COLUMN, GUTTER, ROW, HEAD, DEEP = 15.0, 84.0, 12.0, 20.6, 24.0, 12
SHEET_MODULE, SHEET_BARS = 0.375, 11.0


def class_sheet(title: str, cards: Sequence[CardText]) -> bytes:
    """A PDF for the desk: name and barcode of each reader in the order given, 24 a page, read down the columns.

    `title` is the class ("Lớp 4A"); the first card's period stands at the right.
    """
    document = Document(210, 297, title)
    pages = [cards[start : start + 2 * DEEP] for start in range(0, max(1, len(cards)), 2 * DEEP)]
    for number, some in enumerate(pages, 1):
        page = document.page()
        period = cards[0].period if cards else ""
        page.draw(_heading(fonts.printable(title), len(cards), period, (number, len(pages))))
        for place, card in enumerate(some):
            column, row = divmod(place, DEEP)
            page.draw(_reader(card, title), MARGIN + column * (COLUMN + GUTTER), HEAD + 6.0 + row * ROW)
        document.turn()
    return document.pdf()


def _heading(title: str, count: int, period: str, turn: tuple[int, int]) -> list[Mark]:
    right, size = 210 - MARGIN, 6.4
    title = words.cut(title, fonts.BOLD, size, 100)
    beside = MARGIN + fonts.width(title, fonts.BOLD, size) + 3
    pages = f" · trang {turn[0]}/{turn[1]}" if turn[1] > 1 else ""
    return [
        Words(MARGIN, HEAD - 3.4, title, size, fonts.BOLD, INK),
        Words(beside, HEAD - 3.4, f"{count} bạn đọc · xếp theo tên{pages}", 3.9, ink=SOFT),
        Words(right, HEAD - 3.4, fonts.printable(period), 3.9, ink=SOFT, align="right"),
        Box(MARGIN, HEAD, right - MARGIN, 0.7, INK),
    ]


def _reader(card: CardText, title: str) -> list[Mark]:
    """Họ and đệm small, tên large, the card's figures, bars at the right. The class, unless the sheet is called so."""
    wide = len(barcodes.modules(card.payload)) * SHEET_MODULE
    quiet = barcodes.QUIET_MODULES * SHEET_MODULE
    room = COLUMN - wide - quiet - 1
    if room < 20:
        raise barcodes.Misfit(card.payload, wide + 2 * quiet, COLUMN - 20).error()
    before, last = words.given_name(fonts.printable(card.name))
    group = "" if card.group in ("", title) else f"{fonts.printable(card.group)} · "
    about = group + words.in_fours(card.payload)
    small = words.size_for(before, fonts.REGULAR, 3.1, room, 2.3)
    return [
        Words(0, 4.4, words.cut(before, fonts.REGULAR, small, room), small, ink=SOFT),
        Words(0, 10.1, words.cut(last, fonts.BOLD, 5.2, room), 5.2, fonts.BOLD, INK),
        Words(0, 14.2, words.cut(about, fonts.REGULAR, 2.5, room), 2.5, ink=SOFT),
        Bars(COLUMN - wide, 3.0, SHEET_BARS, card.payload, SHEET_MODULE),
        Rule(0, ROW - 3.0, COLUMN, ROW - 3.0, 0.15, FAINT),
    ]
