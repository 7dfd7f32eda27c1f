"""Working papers of trips as PDF: tables that run over pages, in the letters of our labels. Millimetres outside, points inside.

Official papers are not made here: those come from templates that people edit (`papers`).
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.fonts import addMapping
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer

from library.labels import fonts, squares
from library.labels.ink import MM

HAIR, SHELF, FAINT = 0.4, 1.6, "#8A8A8A"
ALIGNS = {"left": "LEFT", "middle": "CENTER", "right": "RIGHT"}
SIDES = {"left": TA_LEFT, "middle": TA_CENTER, "right": TA_RIGHT}
MARGIN = 14.0


def sheet(title: str, story: Sequence[Flowable], across: bool = False) -> bytes:
    """A4; `across`: lying. The title and the page's number stand below every page."""
    out = io.BytesIO()
    size = landscape(A4) if across else A4
    _faces()

    def foot(canvas: Any, _frame: Any) -> None:
        canvas.setFont(fonts.REGULAR, 8)
        canvas.drawString(MARGIN * MM, 8 * MM, fonts.printable(title))
        canvas.drawRightString(size[0] - MARGIN * MM, 8 * MM, str(canvas.getPageNumber()))

    page = SimpleDocTemplate(
        out, pagesize=size, leftMargin=MARGIN * MM - 6, rightMargin=MARGIN * MM - 6, topMargin=12 * MM - 6,
        bottomMargin=14 * MM, title=title, creator="Tủ Sách", lang="vi", initialFontName=fonts.REGULAR,
    )  # fmt: skip
    page.build(list(story) or [Spacer(1, 1)], onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _faces() -> None:
    for bold, name in ((0, fonts.REGULAR), (1, fonts.BOLD)):
        fonts.face(name)
        addMapping(fonts.REGULAR, bold, 0, name)


def words(text: str, size: float = 10, bold: bool = False, side: str = "left", after: float = 0) -> Paragraph:
    """A paragraph of plain text; "\\n" breaks the line."""
    return marked(_lines(text), size, bold, side, after)


def marked(markup: str, size: float = 10, bold: bool = False, side: str = "left", after: float = 0) -> Paragraph:
    """The same with <b> in it; texts in it went through `plain`."""
    return Paragraph(markup or "&nbsp;", _style(size, bold, side, after))


@cache
def _style(size: float, bold: bool, side: str, after: float, before: float = 0) -> ParagraphStyle:
    _faces()
    return ParagraphStyle(
        "working", fontName=fonts.BOLD if bold else fonts.REGULAR, fontSize=size, leading=size * 1.38,
        alignment=SIDES[side], spaceAfter=after * MM, spaceBefore=before * MM, keepWithNext=1 if before else 0,
    )  # fmt: skip


def plain(text: str) -> str:
    return escape(fonts.printable(text))


def _lines(text: str) -> str:
    return "<br/>".join(plain(line) for line in text.split("\n"))


def head(text: str) -> Paragraph:
    """Of a section."""
    return Paragraph(_lines(text), _style(11.5, True, "left", 0, 4))


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float], sides: str = "", high: float = 0
) -> LongTable:
    """Heads on a shelf line, hairlines between the rows. `sides`: a letter l, m, r for every column; `high`: at least so high
    a row; texts become paragraphs."""
    _faces()
    sides = sides or "l" * len(widths)
    named = {"l": "left", "m": "middle", "r": "right"}
    cells = (
        [[words(text, 8.5, bold=True, side=named[at]) for text, at in zip(heads, sides, strict=True)]] if heads else []
    )
    cells += [[_cell(one, named[at]) for one, at in zip(row, sides, strict=True)] for row in rows]
    lows = [None] * (1 if heads else 0) + [high * MM or None] * len(rows)
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if high else "TOP"), ("LINEBELOW", (0, 0), (-1, -1), HAIR, FAINT),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("FONT", (0, 0), (-1, -1), fonts.REGULAR, 9.5, 9.5 * 1.38),
        *((("ALIGN", (at, 0), (at, -1), ALIGNS[named[side]])) for at, side in enumerate(sides)),
        *([("LINEBELOW", (0, 0), (-1, 0), SHELF, "black")] if heads else []),
    ]  # fmt: skip
    return LongTable(
        cells or [[""] * len(widths)], [width * MM for width in widths], _heights(lows, high), style=style,
        repeatRows=1 if heads else 0, hAlign="LEFT", spaceAfter=2 * MM,
    )  # fmt: skip


def _heights(lows: Sequence[float | None], high: float) -> Sequence[float | None] | None:
    return lows if high else None


def _cell(one: Any, side: str) -> Any:
    """Short numbers need no paragraph: lists of thousands are drawn in half the time."""
    if isinstance(one, str) and (not one or (len(one) < 6 and one.isdecimal())):
        return one
    return words(str(one), 9.5, side=side) if isinstance(one, str | int) else one


def square(payload: str, wide: float = 24.0) -> Drawing:
    """A QR code with its quiet zone, so many millimetres wide."""
    rows = squares.matrix(payload)
    module = wide * MM / (len(rows) + 2 * squares.QUIET_MODULES)
    made = Drawing(wide * MM, wide * MM)
    for down, row in enumerate(rows):
        y = wide * MM - (down + 1 + squares.QUIET_MODULES) * module
        for right, dark in enumerate(row):
            if dark == "1":
                x = (right + squares.QUIET_MODULES) * module
                made.add(Rect(x, y, module, module * 1.02, fillColor="black", strokeColor=None, strokeWidth=0))
    return made


def beside(left: Sequence[Flowable], right: Flowable, wide: float, room: float) -> LongTable:
    """Words at the left, a square at the right; `wide` of it, `room` of both."""
    made = LongTable([[list(left), right]], [(room - wide) * MM, wide * MM], hAlign="LEFT")
    made.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 2),
                   ("RIGHTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 0)])  # fmt: skip
    return made


def ruled(label: str, room: float) -> LongTable:
    """A label and an empty line to write on."""
    made = LongTable([[words(label, 9.5), ""]], [40 * MM, (room - 40) * MM], [8 * MM], hAlign="LEFT")
    made.setStyle([("LINEBELOW", (1, 0), (1, 0), HAIR, "black"), ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                   ("LEFTPADDING", (0, 0), (-1, -1), 2)])  # fmt: skip
    return made
