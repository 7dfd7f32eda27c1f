"""Lines over a row of names (months, weeks), each named at its end. How pages use them: `plot`."""

from collections.abc import Iterator, Sequence

from library.core.numbers import written
from library.core.plot import LETTER, Picture, Plot, Series, Stroke, Word, checked, cut, said, steps, width

WIDE, HIGH = 460.0, 180.0
LEFT, RIGHT, ABOVE, BELOW = 46.0, 132.0, 10.0, 26.0
"""Room for the numbers of the axis, for the names of the lines; above the highest, for the names below."""
POINTS = 24
"""Beyond so many names only the last point of a line has its shape."""
LINE = 15.0
"""Between two names at the ends of lines."""


def lines(
    names: Sequence[str], series: Sequence[Series], places: int = 0, wide: float = WIDE, high: float = HIGH
) -> Plot:
    """A line for each series, broken where a value is None; from zero. ValueError as `plot.checked` says."""
    checked(names, series)
    picture = Picture(wide, high + BELOW, said=said(names, series, places))
    marks = steps(max((value or 0 for one in series for value in one.values), default=0))
    frame = _Frame(len(names), marks[-1], wide, high)
    _axis(picture, frame, marks, places)
    _under(picture, frame, names)
    for at, one in enumerate(series):
        _line(picture, frame, one.values, at)
    _ends(picture, frame, series, places)
    return Plot(names, series, [picture], "lines", places)


class _Frame:
    """Where a value of a name is drawn."""

    def __init__(self, count: int, top: float, wide: float, high: float) -> None:
        self.count, self.top, self.wide, self.high = count, top, wide, high
        self.step = (wide - LEFT - RIGHT) / max(count - 1, 1)

    def x(self, at: int) -> float:
        return round(LEFT + at * self.step, 1)

    def y(self, value: float) -> float:
        return round(self.high - (self.high - ABOVE) * max(value, 0) / self.top if self.top else self.high, 1)


def _axis(picture: Picture, frame: _Frame, marks: Sequence[float], places: int) -> None:
    end = frame.wide - RIGHT + 4
    for mark in marks:
        told = written(mark, 0 if float(mark).is_integer() else max(places, 1))
        picture.words.append(Word(LEFT - 10, frame.y(mark) + 4, told, "step", "end"))
        if mark:
            picture.strokes.append(Stroke(f"M{LEFT - 6:.1f} {frame.y(mark)}H{end:.1f}", "step"))
    picture.strokes.append(Stroke(f"M{LEFT - 6:.1f} {frame.high + 2:.1f}H{end:.1f}", "ground"))


def _under(picture: Picture, frame: _Frame, names: Sequence[str]) -> None:
    """As many names as find room, the last one always."""
    longest = max((len(name) for name in names), default=0) * 12 * LETTER + 6
    every = max(1, -(-int(longest) // max(int(frame.step), 1)))
    for at, name in enumerate(names):
        if (len(names) - 1 - at) % every == 0:
            picture.words.append(Word(frame.x(at), frame.high + 20, name, "name"))


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """(place, value) in stretches without a gap."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate([*values, None]):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []


def _line(picture: Picture, frame: _Frame, values: Sequence[float | None], at: int) -> None:
    runs = list(_runs(values))
    for run in runs:
        points = [f"{frame.x(where)} {frame.y(value)}" for where, value in run]
        picture.strokes.append(Stroke(f"M{'L'.join(points)}", "line", at))
    shown = [point for run in runs for point in run]
    for where, value in shown if frame.count <= POINTS else shown[-1:]:
        picture.strokes.append(Stroke(shape(at, frame.x(where), frame.y(value)), "point", at))


def shape(at: int, x: float, y: float) -> str:
    """Of the points of series `at`: disc, square, triangle, diamond, cross; a path around (x, y)."""
    return (
        f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z",
        f"M{x:.1f} {y - 5:.1f}l5 9h-10z",
        f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z",
        f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8",
    )[at]


def _ends(picture: Picture, frame: _Frame, series: Sequence[Series], places: int) -> None:
    """Name and last value of each line at its end, moved apart where they would lie upon each other."""
    last = [(one.name, *next(((where, value) for where, value in reversed(list(enumerate(one.values)))
            if value is not None), (None, None))) for one in series]  # fmt: skip
    told = sorted((frame.y(value), name, value) for name, where, value in last if value is not None)
    for y, (_own, name, value) in zip(apart([y for y, _n, _v in told], frame.high), told, strict=True):
        number = written(value, places)
        text = f"{cut(name, RIGHT - 16 - width(number, 12), 12)} {number}"
        picture.words.append(Word(frame.wide - RIGHT + 12, round(y + 4, 1), text, "end", "start"))


def apart(heights: Sequence[float], lowest: float, line: float = LINE) -> list[float]:
    """`heights` in order from the top, each at least `line` below the one before and none below `lowest`."""
    found: list[float] = []
    for y in heights:
        found.append(max(y, found[-1] + line) if found else y)
    for at in range(len(found) - 1, -1, -1):
        found[at] = min(found[at], lowest - (len(found) - 1 - at) * line)
    return found
