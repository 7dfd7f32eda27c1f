"""A cell with a code in it: lines above and below the bars, all centred. Millimetres from the cell's own corner.

What a low label has no room for is left out in a fixed order: the title's second line, the place, the level, the author,
the title, the library. The code, the numbers and the marks never.
"""

from dataclasses import dataclass
from functools import lru_cache

from library.core.errors import N_, Reason
from library.labels import barcodes, fonts, squares, words
from library.labels.barcodes import Symbology
from library.labels.ink import Bars, Mark, Square, Words
from library.labels.levels import Level
from library.labels.templates import BARCODE, Line, Part, Stack

PAD = 1.0  # clear above and below: sheets are cut and fed that inexactly
SIDE = 1.5
FIGURES = 3.0  # height of the accession number's figures
LEAST_BARS = 4.5  # lower ones are missed by a hand that is not level
MOST_BARS = 13.0
MOST_SQUARE = 32.0
EASY = 30.0  # labels that large give a QR code room before they give it to words
LINE = 1.2  # from baseline to baseline, in ems: two marks over a letter still clear the line above
ASCENT = 0.92  # of a line of mixed letters
CAPITALS = 1.05  # height of a line of capitals with marks over them

NUMBERS = (Part.ACCESSION, Part.CLASS_MARK, Part.TITLE_CODE, Part.MARKS)
EXPENDABLE = (Part.PLACE, Part.LEVEL, Part.AUTHOR, Part.TITLE, Part.LIBRARY)


@dataclass(frozen=True)
class LabelText:
    """What one copy's labels say. `payload` is in the bars, `accession` (ĐKCB) is what people read."""

    payload: str
    accession: str
    title: str
    library: str
    class_mark: str = ""
    title_code: str = ""
    level: Level | None = None
    author: str = ""
    place: str = ""


@dataclass(frozen=True)
class Slot:
    """The room of one line: `top` and `high` in millimetres, `em` of its letters, `lines` of text at most; above the code
    fewer of them `sinks` to the foot of the room."""

    part: Part
    em: float
    lines: int
    top: float = 0.0
    high: float = 0.0
    sinks: bool = False


@dataclass(frozen=True)
class Plan:
    """What cells of this height carry, the same on every label of a sheet whether the words fill it or not: a calm page,
    and an easy one to scan in rows. `gap` is between neighbours."""

    slots: tuple[Slot, ...]
    gap: float
    room: float

    @property
    def used(self) -> float:
        """Height of everything but the code."""
        return sum(map(_height, self.slots)) + self.gap * (len(self.slots) - 1)

    @property
    def code(self) -> float:
        return self.room - self.used


def face(label: LabelText, stack: Stack, symbology: Symbology, w: float, h: float, x: float = 0.0) -> list[Mark]:
    """The cell from `x` on, `w` wide. Raises UnprintableBarcode, with the millimetres missing, when it is too small."""
    if symbology == Symbology.QR:
        wide = len(squares.matrix(label.payload)) + 2 * squares.QUIET_MODULES
        least = wide * (squares.EASY_MODULE if min(w, h) >= EASY else squares.LEAST_MODULE)
        plan = _plan(stack.lines, h, least, MOST_SQUARE, label.payload if h < 2 * least else "")
    else:
        plan = _plan(stack.lines, h, LEAST_BARS, MOST_BARS, label.payload if h < 20 else "")
    marks: list[Mark] = []
    for slot in plan.slots:
        if slot.part == Part.BARS:
            marks.append(_code(label.payload, symbology, slot, w, x))
        else:
            marks += _words(label, slot, w, x)
    return marks


def barcode_label(label: LabelText, w: float, h: float) -> list[Mark]:
    """The one that comes with the program."""
    return face(label, BARCODE, Symbology.CODE128, w, h)


def _code(payload: str, symbology: Symbology, slot: Slot, w: float, x: float) -> Mark:
    if symbology == Symbology.QR:
        module = squares.module_for(payload, min(slot.high, w))
        side = len(squares.matrix(payload)) * module
        return Square(x + (w - side) / 2, slot.top + (slot.high - side) / 2, payload, module)
    module = barcodes.module_for(payload, w, symbology=symbology)
    left = (w - len(barcodes.modules(payload, symbology)) * module) / 2
    return Bars(x + left, slot.top, slot.high, payload, module, symbology)


@lru_cache(maxsize=256)
def _plan(lines: tuple[Line, ...], h: float, least: float, most: float, payload: str) -> Plan:
    """The fullest one that leaves the code high enough, placed. `payload` is for the complaint only."""
    small = min(3.0, max(1.95, h * 0.09))
    plan = Plan(tuple(_slot(line, small) for line in lines), small * 0.95 - 1.05, h - 2 * PAD)
    for slots in _leaner(plan.slots):
        plan = Plan(slots, plan.gap, plan.room)
        if plan.code >= least:
            return _placed(plan, h, min(most, plan.code))
    missing = least - plan.code
    sentence = N_("Nhãn quá thấp cho mã %(code)s: thiếu %(missing)s mm.")
    facts = {"code": payload, "missing": barcodes.in_words(missing)}
    raise barcodes.UnprintableBarcode(Reason("label-too-low", sentence, facts), missing)


def _slot(line: Line, small: float) -> Slot:
    usual = FIGURES / fonts.CAP if line.part in NUMBERS else small
    return Slot(line.part, line.size or usual, 2 if line.part == Part.TITLE else 1)


def _leaner(slots: tuple[Slot, ...]) -> list[tuple[Slot, ...]]:
    """The slots, then with less and less."""
    ways = [slots, tuple(Slot(one.part, one.em, 1) for one in slots)]
    for part in EXPENDABLE:
        ways.append(tuple(one for one in ways[-1] if one.part != part))
    return ways


def _height(slot: Slot) -> float:
    if slot.part == Part.BARS:
        return 0.0
    if slot.part in NUMBERS:
        return slot.em * fonts.CAP
    return slot.em * (CAPITALS if slot.part == Part.LIBRARY else LINE * slot.lines)


def _placed(plan: Plan, h: float, code: float) -> Plan:
    top, placed, above = (h - plan.used - code) / 2, [], True
    for slot in plan.slots:
        above = above and slot.part != Part.BARS
        high = code if slot.part == Part.BARS else _height(slot)
        placed.append(Slot(slot.part, slot.em, slot.lines, top, high, sinks=above))
        top += high + plan.gap
    return Plan(tuple(placed), plan.gap, plan.room)


def said(label: LabelText, part: Part) -> str:
    """The words of a line, in letters the face has."""
    if part == Part.ACCESSION:
        return fonts.printable(label.accession) or label.payload
    if part == Part.LEVEL:
        return f"{label.level.letter} · {label.level.name}".strip(" ·") if label.level else ""
    if part == Part.MARKS:
        return fonts.printable(f"{label.class_mark} {label.title_code}")
    plain = {
        Part.LIBRARY: label.library, Part.TITLE: label.title, Part.AUTHOR: label.author, Part.PLACE: label.place,
        Part.CLASS_MARK: label.class_mark, Part.TITLE_CODE: label.title_code,
    }  # fmt: skip
    return fonts.printable(plain[part])


def _words(label: LabelText, slot: Slot, w: float, x: float) -> list[Mark]:
    text, room, middle = said(label, slot.part), w - 2 * SIDE, x + w / 2
    if not text:
        return []
    if slot.part == Part.LIBRARY:
        name = words.short_library(text, fonts.BOLD, slot.em, room)
        return [Words(middle, slot.top + slot.em * CAPITALS, name, slot.em, fonts.BOLD, align="middle")]
    if slot.part in NUMBERS:
        em = words.size_for(text, fonts.BOLD, slot.em, room)
        return [Words(middle, slot.top + slot.high, text, em, fonts.BOLD, align="middle")]
    lines = words.balanced(text, fonts.REGULAR, slot.em, room, slot.lines)
    first = slot.lines - len(lines) if slot.sinks else 0
    return [
        Words(middle, slot.top + slot.em * (ASCENT + LINE * place), line, slot.em, align="middle")
        for place, line in enumerate(lines, first)
    ]
