"""The label on the spine: library, class mark, title code, ĐKCB, and a band for the reading level. Millimetres."""

from dataclasses import dataclass

from library.labels import fonts, words
from library.labels.ink import Mark, Rule, Words
from library.labels.levels import Level, band

TALL = 40.0  # from here on the band lies at the foot, as on a 30 × 50 label; on lower ones it stands at the left
BAND, SIDE_BAND = 10.0, 8.5
EDGE = 1.5
LIBRARY, MARK, NUMBER = 2.2, 5.0, 4.05  # ems; the ĐKCB's figures are then 3 mm high
TOP = 2.4
MOST_LOOSE = 2.0  # a high label spreads its lines, but they stay one block


@dataclass(frozen=True)
class Row:
    """One line of the stack: `above` is the clear space over it."""

    text: str
    size: float
    font: str
    above: float = 0.0


def spine(library: str, marks: tuple[str, str], accession: str, level: Level | None, w: float, h: float) -> list[Mark]:
    """`marks`: class mark and title code; either may be empty."""
    if level is None:
        return _stack(library, marks, accession, 0.0, w, h)
    if h >= TALL:
        foot = [*band(level, 0, h - BAND, w, BAND), Rule(0, h - BAND, w, h - BAND)]
        return [*foot, *_stack(library, marks, accession, 0.0, w, h - BAND)]
    side = [*band(Level(level.number, "", level.colour), 0, 0, SIDE_BAND, h), Rule(SIDE_BAND, 0, SIDE_BAND, h)]
    return [*side, *_stack(library, marks, accession, SIDE_BAND, w - SIDE_BAND, h)]


def _stack(library: str, marks: tuple[str, str], accession: str, x: float, w: float, h: float) -> list[Mark]:
    room, middle = w - 2 * EDGE, x + w / 2
    head = _library(library, room, 2 if h >= TALL - BAND else 1)
    rows = [*head, *_numbers(marks, accession, room)]
    shrink = min(1.0, (h - 2 * EDGE) / (_ink(rows) + _gaps(rows)))
    loose = shrink * max(1.0, min(MOST_LOOSE, (h - 2 * TOP - _ink(rows)) / _gaps(rows)))
    top = max(EDGE, min(TOP, (h - shrink * _ink(rows) - loose * _gaps(rows)) / 2))
    drawn: list[Mark] = []
    for place, row in enumerate(rows):
        if 0 < place == len(head):
            line = top + row.above * loose * 0.4
            drawn.append(Rule(middle - room * 0.36, line, middle + room * 0.36, line))
        top += row.above * loose + row.size * fonts.CAP * shrink
        drawn.append(Words(middle, top, row.text, row.size * shrink, row.font, align="middle"))
    return drawn


def _library(name: str, room: float, most: int) -> list[Row]:
    """In one or two lines; two are of even length."""
    whole = words.short_library(name, fonts.BOLD, LIBRARY, room * most)
    even = words.halves(whole, fonts.BOLD) if fonts.width(whole, fonts.BOLD, LIBRARY) > room else (whole, "")
    lines = [words.cut(line, fonts.BOLD, LIBRARY, room) for line in even if line]
    return [Row(line, LIBRARY, fonts.BOLD, 0.7 if place else 0.4) for place, line in enumerate(lines)]


def _numbers(marks: tuple[str, str], accession: str, room: float) -> list[Row]:
    big = [fonts.printable(mark) for mark in marks if mark.strip()]
    em = min((words.size_for(mark, fonts.BOLD, MARK, room) for mark in big), default=MARK)
    small = words.size_for(accession, fonts.REGULAR, NUMBER, room)
    above = (2.6, 1.6)
    stack = [Row(mark, em, fonts.BOLD, above[place]) for place, mark in enumerate(big)]
    return [*stack, Row(accession, small, fonts.REGULAR, 2.0 if big else 2.6)]


def _ink(rows: list[Row]) -> float:
    return sum(row.size * fonts.CAP for row in rows)


def _gaps(rows: list[Row]) -> float:
    return sum(row.above for row in rows)
