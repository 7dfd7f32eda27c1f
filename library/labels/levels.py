"""Reading levels on a spine: a colour, and a numbered shape in a white disc that survives a black-and-white printer."""

from dataclasses import dataclass
from math import cos, pi, sin

from library.labels import fonts, words
from library.labels.ink import BLACK, WHITE, Box, Disc, Mark, Outline, Words

EDGE = 0.2
GAP = 1.5


@dataclass(frozen=True)
class Level:
    """`number` from 1 chooses the shape, in the order of the library's list; `colour` as "#RRGGBB"; `letter` is what
    the published scale calls it."""

    number: int
    name: str
    colour: str
    letter: str = ""


def band(level: Level, x: float, y: float, w: float, h: float) -> list[Mark]:
    """A strip of the level's colour with its badge, and its letter and name where they find room. Millimetres."""
    ground: list[Mark] = [Box(x, y, w, h, level.colour)]
    return [*ground, *(_upright(level, x, y, w, h) if h > w else _level(level, x, y, w, h))]


def _upright(level: Level, x: float, y: float, w: float, h: float) -> list[Mark]:
    """The badge, the letter below it."""
    r, em = w * 0.4, w * 0.5
    high = 2 * r + (GAP + em * fonts.CAP if level.letter else 0)
    top = y + (h - high) / 2
    letter = Words(x + w / 2, top + high, level.letter, em, fonts.BOLD, ink_on(level.colour), "middle")
    return [*badge(level, x + w / 2, top + r, r), *([letter] if level.letter else [])]


def _level(level: Level, x: float, y: float, w: float, h: float) -> list[Mark]:
    """The badge, then letter and name beside it; the letter alone where both are too long."""
    r = h * 0.4
    room = w - 2.4 - 2 * r - GAP
    both = " · ".join(part for part in (level.letter, level.name) if part)
    size = words.size_for(both, fonts.BOLD, 3.0, room)
    said = both if size >= 2.2 else level.letter
    size = size if size >= 2.2 else 3.6
    wide = GAP + fonts.width(said, fonts.BOLD, size) if said else 0.0
    left = x + (w - 2 * r - wide) / 2
    baseline = y + h / 2 + size * fonts.CAP / 2
    name = Words(left + 2 * r + GAP, baseline, said, size, fonts.BOLD, ink_on(level.colour))
    return [*badge(level, left + r, y + h / 2, r), *([name] if said else [])]


def badge(level: Level, x: float, y: float, r: float) -> list[Mark]:
    """The numbered shape in a white disc of radius `r` around (`x`, `y`)."""
    shape, number, lower = _shape(level, x, y, r * 0.78)
    baseline = y + lower * r + number * r * fonts.CAP / 2
    figure = Words(x, baseline, str(level.number), number * r, fonts.BOLD, ink_on(level.colour), "middle")
    return [Disc(x, y, r, WHITE), shape, figure]


def ink_on(colour: str) -> str:
    """Black or white, whichever is read more easily on `colour`."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return BLACK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.25 else WHITE


def _shape(level: Level, x: float, y: float, r: float) -> tuple[Mark, float, float]:
    """The shape, the em of its figure and how far it hangs below the middle, both as shares of the disc's radius."""
    name = ("disc", "triangle", "square", "ring", "diamond", "star")[(level.number - 1) % 6]
    if name in ("disc", "ring"):
        return Disc(x, y, r, level.colour, EDGE), 1.0, 0.0
    if name == "star":
        return Outline(_corners(x, y, (r * 1.08, r * 0.55), 10, -pi / 2), level.colour, EDGE), 0.72, 0.02
    if name == "triangle":
        return Outline(_corners(x, y + r * 0.12, (r * 1.1,), 3, -pi / 2), level.colour, EDGE), 0.75, 0.18
    turn = -pi / 4 if name == "square" else 0.0
    return Outline(_corners(x, y, (r * 1.08,), 4, turn), level.colour, EDGE), 0.9, 0.0


def _corners(x: float, y: float, radii: tuple[float, ...], count: int, turn: float) -> list[tuple[float, float]]:
    ways = ((turn + 2 * pi * at / count, radii[at % len(radii)]) for at in range(count))
    return [(x + r * cos(way), y + r * sin(way)) for way, r in ways]
