"""Bars, standing or lying: the spines of design §5. How pages use them: `plot`. Less than nothing is drawn as nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.core.numbers import percent, written
from library.core.plot import Box, Picture, Plot, Series, Stroke, Word, checked, cut, filling, said, steps, width

WIDE, HIGH = 360.0, 180.0
"""Of one standing picture: the bars with their values; the names are below."""
A_ROW = 8
"""Groups of bars beside each other: the others stand in the next picture, by the same scale."""
ABOVE, BELOW, GAP, INSIDE, WIDEST = 20.0, 26.0, 6.0, 30.0, 52.0
AXIS = 44.0
"""Room for the numbers of an axis at the left."""


@dataclass(frozen=True)
class _Scale:
    """How all pictures of a plot are measured: `top` is as high as there is room; `marks`, the steps if there is an axis."""

    top: float
    slot: float
    left: float
    high: float
    marks: Sequence[float]

    def up(self, value: float | None) -> float:
        """How high a value is drawn."""
        return round((self.high - ABOVE) * max(value or 0, 0) / self.top, 1) if self.top > 0 else 0.0


def standing(
    names: Sequence[str], series: Sequence[Series], stacked: bool = False, places: int = 0,
    a_row: int = A_ROW, wide: float = WIDE, high: float = HIGH,
) -> Plot:  # fmt: skip
    """Bars on their foot; series beside each other, or `stacked` upon each other.

    `a_row` groups at most to a picture, evenly: 12 months are 6 and 6. ValueError as `plot.checked` says.
    """
    checked(names, series)
    count = -(-len(names) // a_row) or 1
    each = -(-len(names) // count) or 1
    scale = _scale(series, stacked, places, wide, high, each)
    drawn = [_standing(names, series, stacked, places, scale, wide, range(at, min(at + each, len(names))))
             for at in range(0, len(names), each)]  # fmt: skip
    return Plot(names, series, drawn, "standing", places)


def _scale(series: Sequence[Series], stacked: bool, places: int, wide: float, high: float, each: int) -> _Scale:
    values = _sums(series) if stacked else [value or 0 for one in series for value in one.values]
    most = max(values, default=0)
    bars = 1 if stacked else max(len(series), 1)
    longest = max((width(written(value, places), 12) for value in values), default=0)
    if longest <= wide / each / bars + GAP / 2 or most <= 0:
        return _Scale(most, wide / each, 0, high, ())
    marks = steps(most)
    return _Scale(marks[-1], (wide - AXIS) / each, AXIS, high, marks)


def _sums(series: Sequence[Series]) -> list[float]:
    return [sum(max(value or 0, 0) for value in values) for values in zip(*(one.values for one in series), strict=True)]


def _standing(
    names: Sequence[str], series: Sequence[Series], stacked: bool, places: int, scale: _Scale, wide: float, some: range,
) -> Picture:  # fmt: skip
    part = [Series(one.name, [one.values[at] for at in some]) for one in series]
    picture = Picture(wide, scale.high + BELOW, said=said([names[at] for at in some], part, places))
    _axis(picture, scale, places)
    for at, name in enumerate(names[some.start : some.stop]):
        foot = scale.left + at * scale.slot
        picture.words.append(Word(round(foot + scale.slot / 2, 1), scale.high + 20, cut(name, scale.slot, 11), "name"))
        if stacked:
            _pile(picture, scale, foot, [one.values[at] for one in part], places)
        else:
            _beside(picture, scale, foot, [one.values[at] for one in part], places)
    picture.strokes.append(
        Stroke(f"M{scale.left - 4 if scale.left else -4:.1f} {scale.high + 2:.1f}H{wide + 4:.1f}", "ground")
    )
    return picture


def _axis(picture: Picture, scale: _Scale, places: int) -> None:
    for mark in scale.marks:
        y = round(scale.high - scale.up(mark), 1)
        picture.words.append(Word(scale.left - 8, y + 4, written(mark, _places(mark, places)), "step", "end"))
        if mark:
            picture.strokes.append(Stroke(f"M{scale.left - 4:.1f} {y:.1f}H{picture.wide:.1f}", "step"))


def _places(mark: float, places: int) -> int:
    return 0 if float(mark).is_integer() else max(places, 1)


def _beside(picture: Picture, scale: _Scale, foot: float, values: Sequence[float | None], places: int) -> None:
    gap = min(GAP, scale.slot / 4)
    wide = min((scale.slot - gap) / max(len(values), 1), WIDEST)
    left = foot + (scale.slot - wide * len(values)) / 2
    for at, value in enumerate(values):
        box = _box(scale, left + at * wide, scale.high, wide, scale.up(value), at)
        _draw(picture, box, bound=len(values) == 1)
        if value is not None and not scale.marks:
            _value(picture, box, written(value, places))


def _pile(picture: Picture, scale: _Scale, foot: float, values: Sequence[float | None], places: int) -> None:
    wide = min(scale.slot - min(GAP, scale.slot / 4), WIDEST)
    left, y = foot + (scale.slot - wide) / 2, scale.high
    for at, value in enumerate(values):
        box = _box(scale, left, y, wide, scale.up(value), at)
        _draw(picture, box, bound=False)
        y = box.y
    if not scale.marks:
        total = written(sum(max(value or 0, 0) for value in values), places)
        picture.words.append(Word(round(left + wide / 2, 1), round(y - 5, 1), total, "value"))


def _box(scale: _Scale, x: float, foot: float, wide: float, high: float, at: int) -> Box:
    return Box(round(x, 1), round(foot - high, 1), round(wide, 1), high, at)


def _draw(picture: Picture, box: Box, bound: bool) -> None:
    """The bar, what it is filled with; the two binding lines of a spine, if it is `bound`."""
    if box.high <= 0 or box.wide <= 0:
        return
    picture.boxes.append(box)
    inside = filling(box)
    picture.strokes.extend([inside] if inside else [])
    if bound and box.high > 16:
        picture.strokes.append(Stroke(f"M{box.x} {box.y + 6:.1f}h{box.wide}", "bind"))
        picture.strokes.append(Stroke(f"M{box.x} {box.y + 9:.1f}h{box.wide}", "bind-thin"))


def _value(picture: Picture, box: Box, text: str) -> None:
    """At the foot of a solid bar that has room for it, else above."""
    inside = box.at == 0 and box.high >= INSIDE and width(text, 12) <= box.wide + 2
    y = box.y + box.high - 7 if inside else box.y - 5
    picture.words.append(Word(round(box.x + box.wide / 2, 1), round(y, 1), text, "in" if inside else "value"))


# lying: for names that find no room under a bar ---------------------------------------------------------------------

LONG, NAME, ROW, AFTER = 400.0, 152.0, 28.0, 52.0
"""The picture, the room of a name at its left, the height of one row, the room for a value behind the longest bar."""


def lying(
    names: Sequence[str], series: Sequence[Series], stacked: bool = False, shares: bool = False, places: int = 0
) -> Plot:
    """Bars from the left, one row to a name and series; `stacked` in one row; `shares`, each row is its own whole.

    Names that are all empty take no room. ValueError as `plot.checked` says.
    """
    checked(names, series)
    left = NAME if any(names) else 0.0
    one_row = stacked or shares
    rows = 1 if one_row else max(len(series), 1)
    thick = ROW if rows == 1 else 20.0
    group = thick * rows + (0 if rows == 1 else 8)
    picture = Picture(LONG, round(len(names) * group + 6, 1), said=said(names, series, places))
    sums = _sums(series) if series else []
    most = max(sums if one_row else [value or 0 for one in series for value in one.values], default=0)
    for at, name in enumerate(names):
        values, y = [one.values[at] for one in series], at * group
        picture.words.append(Word(left - 10, round(y + group / 2 + 4, 1), cut(name, left - 10), "label", "end"))
        room = LONG - left - (0 if shares else AFTER)
        row = _Row(left, y, thick, room / ((sums[at] if shares else most) or 1), places)
        (_parts if one_row else _rows)(picture, row, values, shares)
    picture.strokes.append(Stroke(f"M{left - 2:.1f} 0V{picture.high - 2:.1f}", "ground"))
    return Plot(names, series, [picture], "lying", places, shares)


@dataclass(frozen=True)
class _Row:
    """Where a row lies, and how long one unit of its values is drawn."""

    left: float
    y: float
    thick: float
    unit: float
    places: int

    def box(self, x: float, y: float, value: float | None, at: int) -> Box:
        long = round(max(value or 0, 0) * self.unit, 1)
        return Box(round(x, 1), round(y + 3, 1), long, round(self.thick - 6, 1), at)


def _rows(picture: Picture, row: _Row, values: Sequence[float | None], shares: bool) -> None:
    for at, value in enumerate(values):
        box = row.box(row.left, row.y + at * row.thick, value, at)
        _draw_lying(picture, box, bound=len(values) == 1)
        if value is not None:
            _value_lying(picture, box, written(value, row.places))


def _parts(picture: Picture, row: _Row, values: Sequence[float | None], shares: bool) -> None:
    x, whole = row.left, sum(max(value or 0, 0) for value in values)
    for at, value in enumerate(values):
        box = row.box(x, row.y, value, at)
        _draw_lying(picture, box, bound=False)
        text = percent(max(value or 0, 0), whole) if shares else ""
        if text and at < 2 and width(text, 12) + 8 <= box.wide:
            kind = "in" if at == 0 else "value"
            picture.words.append(Word(round(x + box.wide / 2, 1), round(box.y + box.high / 2 + 5, 1), text, kind))
        x += box.wide
    if not shares:
        text = written(whole, row.places)
        picture.words.append(Word(round(x + 6, 1), round(row.y + row.thick / 2 + 5, 1), text, "value", "start"))


def _draw_lying(picture: Picture, box: Box, bound: bool) -> None:
    if box.wide <= 0:
        return
    _draw(picture, box, bound=False)
    if bound and box.wide > 20:
        end = box.x + box.wide
        picture.strokes.append(Stroke(f"M{end - 7:.1f} {box.y}v{box.high}", "bind"))
        picture.strokes.append(Stroke(f"M{end - 11:.1f} {box.y}v{box.high}", "bind-thin"))


def _value_lying(picture: Picture, box: Box, text: str) -> None:
    inside = box.at == 0 and width(text, 12) + 22 <= box.wide
    x = box.x + 8 if inside else box.x + box.wide + 6
    word = Word(round(x, 1), round(box.y + box.high / 2 + 5, 1), text, "in" if inside else "value", "start")
    picture.words.append(word)
