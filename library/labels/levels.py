"""Reading levels on a spine: a colour, and a numbered shape in a white disc that survives a black-and-white printer."""

from dataclasses import dataclass
from math import cos, pi, sin

from library.labels import fonts, words
from library.labels.ink import BLACK, WHITE, Box, Disc, Mark, Outline, Words

EDGE = 0.2
GAP = 1.5


@dataclass(frozen=True)
class Level:
    """`number` from 1 chooses the shape, in the order of the library's list; `colour` as "#RRGGBB"."""

    number: int
    name: str
    colour: str


def band(level: Level, x: float, y: float, w: float, h: float) -> list[Mark]:
    """A strip of the level's colour with its badge, and its name where that finds room beside it. Millimetres."""
    r = min(w, h) * 0.4
    size = words.size_for(level.name, fonts.BOLD, 3.0, w - 2.4 - 2 * r - GAP)
    named = 2 * r + GAP + fonts.width(level.name, fonts.BOLD, size)
    fits = bool(level.name) and size >= 2.2
    left = x + (w - (named if fits else 2 * r)) / 2
    ground: list[Mark] = [Box(x, y, w, h, level.colour), *badge(level, left + r, y + h / 2, r)]
    if not fits:
        return ground
    baseline = y + h / 2 + size * fonts.CAP / 2
    return [*ground, Words(left + 2 * r + GAP, baseline, level.name, size, fonts.BOLD, ink_on(level.colour))]


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
