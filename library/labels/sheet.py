"""Labels of copies on sheets and rolls as PDF, or one on the screen.

Nothing here knows a database: callers bring the words and the template. A label is drawn when its page is, so that ten
thousand of them need no more memory than a sheet and the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from library.core.errors import N_
from library.labels.cells import cells_of
from library.labels.face import LabelText as LabelText
from library.labels.ink import Box, Document, Mark, Picture
from library.labels.levels import Level as Level
from library.labels.paper import Cell, Offset, Paper
from library.labels.templates import SHIPPED, Template

HAIR, FAINT = 0.15, "#8A8A8A"


def label_sheets(
    labels: Sequence[LabelText],
    paper: Paper,
    skip: int = 0,
    template: Template = SHIPPED["barcode"],
    offset: Offset | None = None,
) -> bytes:
    """A PDF of as many pages as needed, the first beginning behind `skip` used labels.

    A template of two cells takes two neighbouring ones for each copy.
    Raises UnprintableBarcode, naming the first payload the paper is too small for, and ValueError for a wrong `skip`.
    """
    document = Document(paper.page_w, paper.page_h, N_("Nhãn sách"), offset or Offset())
    drawn = (marks for label in labels for marks in cells_of(label, template, paper.label_w, paper.label_h))
    for some in _by_page(drawn, paper, skip):
        page = document.page()
        for marks, cell in some:
            page.draw([*marks, *_cut_lines(paper)], cell.x, cell.y)
        document.turn()
    return document.pdf()


def png(
    label: LabelText, size: Paper | tuple[float, float], dpi: int = 300, template: Template = SHIPPED["barcode"]
) -> bytes:
    """One label as an image. `size`: a paper, or (width, height) in millimetres; two cells are drawn side by side."""
    w, h = (size.label_w, size.label_h) if isinstance(size, Paper) else size
    parts = cells_of(label, template, w, h)
    strip = Picture(w * len(parts), h, dpi)
    for place, marks in enumerate(parts):
        picture = Picture(w, h, dpi)
        for mark in marks:
            mark.on_image(picture)
        strip.image.paste(picture.image, (strip.px(w * place), 0))
    return strip.png()


def _by_page(drawn: Iterable[list[Mark]], paper: Paper, skip: int) -> Iterator[list[tuple[list[Mark], Cell]]]:
    cells, rest = paper.cells(skip), iter(drawn)
    while some := list(islice(rest, len(cells))):
        yield list(zip(some, cells, strict=False))
        cells = paper.cells()


def _cut_lines(paper: Paper) -> list[Mark]:
    return [Box(0, 0, paper.label_w, paper.label_h, line=HAIR, edge=FAINT)] if paper.cut else []
