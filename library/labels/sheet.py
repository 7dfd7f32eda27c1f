"""Labels of copies: a barcode for the back cover, a spine label for the spine; on sheets, or one on the screen.

Nothing here knows a database: callers bring the words. A label's layout is a list of marks inside its own
`w` × `h` millimetres; what a small label has no room for is left out in a fixed order, the barcode never.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

from library.core.errors import N_
from library.labels import fonts
from library.labels.face import LabelText as LabelText
from library.labels.face import barcode_label
from library.labels.ink import Box, Document, Mark, Picture
from library.labels.levels import Level as Level
from library.labels.paper import Cell, Offset, Paper
from library.labels.spine import spine

Kind = Literal["barcode", "spine", "both"]

HAIR, FAINT = 0.15, "#8A8A8A"


def label_sheets(
    labels: Sequence[LabelText], paper: Paper, skip: int = 0, kind: Kind = "barcode", offset: Offset | None = None
) -> bytes:
    """A PDF of as many pages as needed, the first beginning behind `skip` used labels.

    With `both`, each copy takes two neighbouring cells: its barcode, then its spine label.
    Raises UnprintableBarcode, naming the first payload the paper is too small for, and ValueError for a wrong `skip`.
    """
    document = Document(paper.page_w, paper.page_h, N_("Nhãn sách"), offset or Offset())
    drawn = [marks for label in labels for marks in _cells_of(label, paper.label_w, paper.label_h, kind)]
    for some in _by_page(drawn, paper, skip):
        page = document.page()
        for marks, cell in some:
            page.draw([*marks, *_cut_lines(paper)], cell.x, cell.y)
        document.turn()
    return document.pdf()


def png(label: LabelText, size: Paper | tuple[float, float], dpi: int = 300, kind: Kind = "barcode") -> bytes:
    """One label as an image. `size`: a paper, or (width, height) in millimetres; `both` is drawn side by side."""
    w, h = (size.label_w, size.label_h) if isinstance(size, Paper) else size
    parts = _cells_of(label, w, h, kind)
    strip = Picture(w * len(parts), h, dpi)
    for place, marks in enumerate(parts):
        picture = Picture(w, h, dpi)
        for mark in marks:
            mark.on_image(picture)
        strip.image.paste(picture.image, (strip.px(w * place), 0))
    return strip.png()


def _cells_of(label: LabelText, w: float, h: float, kind: Kind) -> list[list[Mark]]:
    """The layouts of one copy, a cell each."""
    cells = []
    if kind in ("barcode", "both"):
        cells.append(barcode_label(label, w, h))
    if kind in ("spine", "both"):
        marks = (label.class_mark, label.title_code)
        cells.append(spine(label.library, marks, fonts.printable(label.accession), label.level, w, h))
    return cells


def _by_page(drawn: Iterable[list[Mark]], paper: Paper, skip: int) -> Iterator[list[tuple[list[Mark], Cell]]]:
    cells, rest = paper.cells(skip), iter(drawn)
    while some := list(islice(rest, len(cells))):
        yield list(zip(some, cells, strict=False))
        cells = paper.cells()


def _cut_lines(paper: Paper) -> list[Mark]:
    return [Box(0, 0, paper.label_w, paper.label_h, line=HAIR, edge=FAINT)] if paper.cut else []
