"""Labels in the language of label printers (ZPL II): bars as the printer draws them itself, all else as one picture.

The picture holds words in our own typeface, so that no printer lacks a Vietnamese letter. A format (^XA … ^XZ) is one
row of the roll. Lengths become whole dots; what the dots round away is checked against the label again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.labels import barcodes, squares
from library.labels.barcodes import START_B, TO_B, TO_C, Symbology, UnprintableBarcode
from library.labels.cells import cells_of
from library.labels.face import LabelText
from library.labels.ink import Bars, Mark, Picture, Square
from library.labels.paper import Cell, Offset, Paper
from library.labels.templates import Template

DOTS = {203: 8.0, 300: 11.811}
"""Dots a millimetre, as the makers count them: 203 stands for eight."""
RUNS = [(20 * many, chr(ord("f") + many)) for many in range(20, 0, -1)] + [
    (many, chr(ord("F") + many)) for many in range(19, 0, -1)
]
"""How often the next hexadecimal digit stands there: z is 400 … g is 20, Y is 19 … G is 1."""


@dataclass(frozen=True)
class Row:
    """One row of the roll in dots."""

    paper: Paper
    dots: float
    offset: Offset

    def at(self, length: float) -> int:
        return round(length * self.dots)

    def format(self, fields: Iterable[str]) -> str:
        """^LS moves to the left and ^LT down; both lie outside the label's own coordinates."""
        size = f"^PW{self.at(self.paper.page_w)}^LL{self.at(self.paper.page_h)}"
        moved = f"^LS{-self.at(self.offset.x_mm)}^LT{self.at(self.offset.y_mm)}"
        return "\n".join(("^XA^CI28^LH0,0", size + moved, *fields, "^XZ"))


def zpl(
    labels: Sequence[LabelText],
    paper: Paper,
    template: Template,
    dpi: int = 203,
    offset: Offset | None = None,
    skip: int = 0,
) -> str:
    """The job as text, a format for each row. `dpi` is 203 or 300.

    Raises UnprintableBarcode, ValueError for a paper that is no roll or a wrong `skip`.
    """
    if not paper.roll:
        raise ValueError("only rolls are printed so")
    row = Row(paper, DOTS[dpi], offset or Offset())
    rest = [marks for label in labels for marks in cells_of(label, template, paper.label_w, paper.label_h)]
    cells, formats = paper.cells(skip), []
    while rest:
        fields = [field for marks, cell in zip(rest, cells, strict=False) for field in _cell(marks, cell, row)]
        formats.append(row.format(fields))
        rest, cells = rest[len(cells) :], paper.cells()
    return "\n".join(formats) + "\n"


def _cell(marks: Sequence[Mark], cell: Cell, row: Row) -> list[str]:
    """Field by field, the picture first: bars are printed over it."""
    left, top = row.at(cell.x), row.at(cell.y)
    picture = Picture(row.paper.label_w, row.paper.label_h, 0, scale=row.dots)
    fields = []
    for mark in marks:
        if isinstance(mark, Bars):
            fields.append(_bars(mark, left, top, row))
        elif isinstance(mark, Square):
            fields.append(_square(mark, left, top, row))
        else:
            mark.on_image(picture)
    return [f"^FO{left},{top}{graphic(picture)}", *fields]


def _bars(mark: Bars, left: int, top: int, row: Row) -> str:
    module, wide = max(1, round(mark.module * row.dots)), len(barcodes.modules(mark.payload, mark.symbology))
    middle = mark.x + wide * mark.module / 2
    start = round(middle * row.dots - wide * module / 2)
    _check_quiet(mark, start, wide * module, module, row)
    return f"^FO{left + start},{top + row.at(mark.y)}^BY{module},3,{row.at(mark.h)}{_command(mark, row.at(mark.h))}^FS"


def _check_quiet(mark: Bars, start: int, wide: int, module: int, row: Row) -> None:
    """Rounding to dots makes modules wider: at 300 dots an inch 0.25 mm become 0.254."""
    quiet = barcodes.quiet(mark.symbology) * module
    missing = max(quiet - start, start + wide + quiet - row.at(row.paper.label_w))
    if missing > module:
        sentence = N_("Mã %(code)s in bằng máy in tem này thiếu %(missing)s mm hai bên.")
        facts = {"code": mark.payload, "missing": barcodes.in_words(missing / row.dots)}
        raise UnprintableBarcode(Reason("barcode-too-wide", sentence, facts), missing / row.dots)


def _command(mark: Bars, high: int) -> str:
    if mark.symbology == Symbology.CODE39:
        return f"^B3N,N,{high},N,N^FD{mark.payload}"
    if mark.symbology == Symbology.EAN13:
        return f"^BEN,{high},N,N^FD{barcodes.thirteen(mark.payload)[:12]}"
    return f"^BCN,{high},N,N,N,N^FD{switched(mark.payload)}"


def switched(payload: str) -> str:
    """Code 128 data with our own switching written out: the printer's automatic one spends more symbols."""
    start, *values = barcodes.symbols(payload)
    in_b, said = start == START_B, ">:" if start == START_B else ">;"
    for value in values:
        if in_b and value == TO_C:
            in_b, said = False, said + ">5"
        elif not in_b and value == TO_B:
            in_b, said = True, said + ">6"
        else:
            said += _character(chr(value + 32)) if in_b else f"{value:02}"
    return said


def _character(char: str) -> str:
    """Characters that mean something to the printer; the rest stand for themselves."""
    return {">": ">0", "^": "><", "~": ">="}.get(char, char)


def _square(mark: Square, left: int, top: int, row: Row) -> str:
    """As a picture: not every printer draws a given QR code alike."""
    module = max(1, round(mark.module * row.dots))
    side = len(squares.matrix(mark.payload)) * module
    picture = Picture(side, side, 0, scale=1.0)
    for line, start, wide in mark.runs:
        corners = (start * module, line * module, (start + wide) * module - 1, (line + 1) * module - 1)
        picture.pen.rectangle(corners, "#000000")
    middle = mark.x + len(squares.matrix(mark.payload)) * mark.module / 2
    down = mark.y + len(squares.matrix(mark.payload)) * mark.module / 2
    corner = (left + round(middle * row.dots - side / 2), top + round(down * row.dots - side / 2))
    return f"^FO{corner[0]},{corner[1]}{graphic(picture)}"


def graphic(picture: Picture) -> str:
    """^GFA, rows packed: runs of a digit counted, the rest of a row as `,` (light) or `!` (dark), the same row again `:`.

    Colours become black or white: a yellow band is white, a red one black, as its words are drawn.
    """
    grey = picture.image.convert("L").point(lambda value: 255 if value < 128 else 0).convert("1")
    wide = (grey.width + 7) // 8
    total = wide * grey.height
    packed = _packed(grey.tobytes(), wide)
    return f"^GFA,{total},{total},{wide},{packed}^FS"


def _packed(dots: bytes, wide: int) -> str:
    lines, before = [], ""
    for start in range(0, len(dots), wide):
        line = _row(dots[start : start + wide].hex().upper())
        lines.append(":" if line == before else line)
        before = line
    return "".join(lines)


def _row(digits: str) -> str:
    kept, end = digits, ""
    for filler, sign in (("0", ","), ("F", "!")):
        if len(digits) - len(short := digits.rstrip(filler)) > 1:
            kept, end = short, sign
            break
    said, at = "", 0
    while at < len(kept):
        many = len(kept) - at - len(kept[at:].lstrip(kept[at]))
        said += _count(many) + kept[at]
        at += many
    return said + end


def _count(many: int) -> str:
    if many == 1:
        return ""
    said = ""
    for worth, sign in RUNS:
        while many >= worth:
            said, many = said + sign, many - worth
    return said
