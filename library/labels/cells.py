"""One cell of a sheet as a library's template wants it: the lines, beside or above the band of the reading level."""

from dataclasses import replace

from library.labels.barcodes import Symbology
from library.labels.face import LabelText, face
from library.labels.ink import Mark, Rule
from library.labels.levels import band
from library.labels.spine import spine
from library.labels.templates import Part, Stack, Template

TALL = 40.0  # from here on the band lies at the foot, as on a 30 × 50 label; on lower ones it stands at the left
BAND, SIDE_BAND = 10.0, 8.5


def cells_of(label: LabelText, template: Template, w: float, h: float) -> list[list[Mark]]:
    """The layouts of one copy, a cell each. Raises UnprintableBarcode."""
    if template.logo:
        label = replace(label, library=template.logo)
    return [_cell(label, stack, template.symbology, w, h) for stack in template.cells]


def _cell(label: LabelText, stack: Stack, symbology: Symbology, w: float, h: float) -> list[Mark]:
    level = label.level if stack.band else None
    if level is None:
        return _lines(label, stack, symbology, (0.0, w, h))
    if h >= TALL:
        foot = [*band(level, 0, h - BAND, w, BAND), Rule(0, h - BAND, w, h - BAND)]
        return [*foot, *_lines(label, stack, symbology, (0.0, w, h - BAND))]
    side = [*band(level, 0, 0, SIDE_BAND, h), Rule(SIDE_BAND, 0, SIDE_BAND, h)]
    return [*side, *_lines(label, stack, symbology, (SIDE_BAND, w - SIDE_BAND, h))]


def _lines(label: LabelText, stack: Stack, symbology: Symbology, room: tuple[float, float, float]) -> list[Mark]:
    """`room`: (left, width, height)."""
    x, w, h = room
    if any(line.part == Part.BARS for line in stack.lines):
        return face(label, stack, symbology, w, h, x)
    return spine(label, stack.lines, w, h, x)
