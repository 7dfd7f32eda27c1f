"""A cell without a code, as it sticks to a spine: library, class mark, title code, ĐKCB from top to bottom. Millimetres."""

from dataclasses import dataclass

from library.labels import fonts, words
from library.labels.face import LabelText, said
from library.labels.ink import Mark, Rule, Words
from library.labels.templates import Line, Part

TALL = 30.0  # from here on the library's name may take two lines
EDGE = 1.5
LIBRARY, MARK, NUMBER, SMALL = 2.2, 5.0, 4.05, 2.4  # ems; the ĐKCB's figures are then 3 mm high
TOP = 2.4
MOST_LOOSE = 2.0  # a high label spreads its lines, but they stay one block

USUAL = {Part.LIBRARY: LIBRARY, Part.ACCESSION: NUMBER, Part.CLASS_MARK: MARK, Part.TITLE_CODE: MARK, Part.MARKS: MARK}
BIG = (Part.CLASS_MARK, Part.TITLE_CODE, Part.MARKS)


@dataclass(frozen=True)
class Row:
    """One line of the stack: `above` is the clear space over it; `head` belongs to the library's name."""

    text: str
    size: float
    font: str
    above: float = 0.0
    head: bool = False


def spine(label: LabelText, lines: tuple[Line, ...], w: float, h: float, x: float = 0.0) -> list[Mark]:
    """The cell from `x` on, `w` wide. Lines without words take no room."""
    room, middle = w - 2 * EDGE, x + w / 2
    rows = _rows(label, lines, room, h)
    if not rows:
        return []
    shrink = min(1.0, (h - 2 * EDGE) / (_ink(rows) + _gaps(rows)))
    loose = shrink * max(1.0, min(MOST_LOOSE, (h - 2 * TOP - _ink(rows)) / _gaps(rows)))
    top = max(EDGE, min(TOP, (h - shrink * _ink(rows) - loose * _gaps(rows)) / 2))
    drawn: list[Mark] = []
    for row, before in zip(rows, (None, *rows), strict=False):
        if before and before.head and not row.head:
            line = top + row.above * loose * 0.4
            drawn.append(Rule(middle - room * 0.36, line, middle + room * 0.36, line))
        top += row.above * loose + row.size * fonts.CAP * shrink
        drawn.append(Words(middle, top, row.text, row.size * shrink, row.font, align="middle"))
    return drawn


def _rows(label: LabelText, lines: tuple[Line, ...], room: float, h: float) -> list[Row]:
    told = [(line, text) for line in lines if line.part != Part.BARS and (text := said(label, line.part))]
    big = [text for line, text in told if line.part in BIG]
    rows: list[Row] = []
    for line, text in told:
        size = line.size or USUAL.get(line.part, SMALL)
        first = not rows or rows[-1].head
        if line.part == Part.LIBRARY:
            rows += _library(text, size, room, 2 if h >= TALL else 1)
        elif line.part in BIG:
            alike = min(words.size_for(one, fonts.BOLD, size, room) for one in big)  # a mark and its code look one size
            rows.append(Row(text, alike, fonts.BOLD, 2.6 if first else 1.6))
        elif line.part == Part.ACCESSION:
            small = words.size_for(text, fonts.REGULAR, size, room)
            rows.append(Row(text, small, fonts.REGULAR, 2.6 if first else 2.0))
        else:
            most = 2 if line.part == Part.TITLE else 1
            written = words.balanced(text, fonts.REGULAR, size, room, most)
            rows += [Row(one, size, fonts.REGULAR, size * 0.46 if at else 1.8) for at, one in enumerate(written)]
    return rows


def _library(name: str, size: float, room: float, most: int) -> list[Row]:
    """In one or two lines; two are of even length."""
    whole = words.short_library(name, fonts.BOLD, size, room * most)
    even = words.halves(whole, fonts.BOLD) if fonts.width(whole, fonts.BOLD, size) > room else (whole, "")
    lines = [words.cut(line, fonts.BOLD, size, room) for line in even if line]
    return [Row(line, size, fonts.BOLD, 0.7 if place else 0.4, head=True) for place, line in enumerate(lines)]


def _ink(rows: list[Row]) -> float:
    return sum(row.size * fonts.CAP for row in rows)


def _gaps(rows: list[Row]) -> float:
    return sum(row.above for row in rows)
