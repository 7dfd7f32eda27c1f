"""The drawing of a commendation (giấy khen): the national title, who commends, whom, for what, by which decision.

Millimetres on a landscape A4 page, in the frame of our certificates. The emblem and the seal are not ours to draw: the paper
leaves room for them, and for the number in the golden book.
"""

from dataclasses import dataclass
from datetime import date

from library.core.fold import fold
from library.labels import fonts, words
from library.labels.ink import Box, Document, Mark, Words
from library.loans.compensation_papers import on_day
from library.shelves.certificate_sheet import INK, RED, H, W, brocade

NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
MIDDLE, ROOM = W / 2, 250.0
LEFT, RIGHT = 62.0, 228.0
LINE, RULE = 7.4, 120.0


@dataclass(frozen=True)
class Commended:
    """All that stands on one. `by`: who commends; `signer`: the office of who signs; `decision`: 18/QĐ-THXH."""

    name: str
    group: str
    reason: str
    by: str
    signer: str
    decision: str
    place: str
    day: date


def pdf(one: Commended) -> bytes:
    document = Document(W, H, "Giấy khen")
    document.page().draw(marks(one))
    document.turn()
    return document.pdf()


def marks(one: Commended) -> list[Mark]:
    return [*brocade(), *_nation(), *_heading(one), *_reason(one.reason), *_decision(one), *_sign(one)]


def office(one: Commended) -> str:
    """HIỆU TRƯỞNG TRƯỜNG TIỂU HỌC XUẤT HÓA; who commends alone, where nobody said who signs, or both are said in one."""
    both = one.signer and not fold(one.by).startswith(fold(one.signer))
    return (f"{one.signer} {one.by}" if both else one.by).upper()


def _centred(y: float, text: str, size: float, font: str = fonts.REGULAR, ink: str = INK, least: float = 0.0) -> Words:
    told = fonts.printable(text)
    return Words(MIDDLE, y, told, words.size_for(told, font, size, ROOM, least), font, ink, "middle")


def _nation() -> list[Mark]:
    wide = fonts.width(MOTTO, fonts.BOLD, 4.6)
    return [
        _centred(29.0, NATION, 4.8, fonts.BOLD),
        _centred(36.2, MOTTO, 4.6, fonts.BOLD),
        Box(MIDDLE - wide / 2, 38.2, wide, 0.4, INK),
    ]


def _heading(one: Commended) -> list[Mark]:
    below = [_centred(116.4, one.group, 5.2)] if one.group else []
    return [
        _centred(55.0, office(one), 5.8, fonts.BOLD),
        _centred(63.6, "TẶNG", 5.2),
        _centred(85.0, "GIẤY KHEN", 17.0, fonts.BOLD, RED),
        _named(one.name),
        *below,
    ]


def _named(name: str) -> Mark:
    """Large; a rule to write it on where none is to be printed."""
    if not name.strip("_"):
        return Box(MIDDLE - RULE / 2, 107.0, RULE, 0.4, INK)
    return _centred(107.0, name, 14.0, fonts.BOLD, least=7.0)


def _reason(text: str) -> list[Mark]:
    """Whole, however long: smaller in three lines where two are too few."""
    told = " ".join(fonts.printable(text).split())
    size, lines = words.largest(told, fonts.REGULAR, (5.6,), ROOM, 2)
    if " ".join(lines) != told:
        size, lines = words.largest(told, fonts.REGULAR, (4.8, 4.2), ROOM, 3)
    step = LINE * size / 5.6
    return [Words(MIDDLE, 129.0 + at * step, line, size, ink=INK, align="middle") for at, line in enumerate(lines)]


def _decision(one: Commended) -> list[Mark]:
    """At the left, small: by which decision, and the line for the golden book."""
    told = [f"Quyết định số: {one.decision}", on_day(one.day)] if one.decision else []
    return [
        Words(LEFT, 152.6 + at * 6.2, line, words.size_for(line, fonts.REGULAR, 4.1, 92), ink=INK, align="middle")
        for at, line in enumerate(map(fonts.printable, [*told, "Số sổ vàng: " + "." * 18]))
    ]


def _sign(one: Commended) -> list[Mark]:
    said = ", ".join(filter(None, (fonts.printable(one.place), on_day(one.day))))
    who = fonts.printable(one.signer).upper()
    return [
        Words(RIGHT, 152.6, said, words.size_for(said, fonts.REGULAR, 4.1, 110), ink=INK, align="middle"),
        Words(RIGHT, 159.6, who, words.size_for(who, fonts.BOLD, 4.6, 110), fonts.BOLD, INK, "middle"),
    ]
