"""Plots: what is drawn where. Pure geometry; `templates/plots.html` draws it and writes the table of the same numbers.

A plot has `names` (months, classes, sites, …) and at most MOST series of values, one for each name. Everything stands on
zero. Bars are in `plot_bars`, lines in `plot_lines`; both return a `Plot`. Series are told apart without colour: solid,
outlined, hatched, ruled, barred, or for lines by dashes and the shape of their points. Values stand beside what they
measure; where they find no room the plot has an axis with round steps. Lengths are in units of the picture, about one CSS
pixel on a phone; y goes down.

How a page uses it. The view (numbers are told as they are; a value that nobody knows is None, not 0):

    from library.core import plot_bars, plot_lines
    from library.core.plot import Series

    months = ["T9", "T10", "T11"]
    lent = plot_bars.standing(months, [Series("mượn về", [120, 340, 298]), Series("đọc tại chỗ", [80, 95, None])])
    plot_bars.standing(months, several, stacked=True)            # one upon the other, the sum above
    plot_bars.lying(["Trường Tiểu học Xuất Hóa", …], [Series("lượt sách", [210, …])])        # long names
    plot_bars.lying([""], [Series("bậc 1", [40]), Series("bậc 2", [120])], shares=True)      # parts of a whole
    plot_lines.lines(months, several)                            # up to five lines, named at their ends

The template:

    {% from "plots.html" import plot with context %}
    {% block head %}{{ super() }}<link rel="stylesheet" href="{{ url_for('static', filename='css/plots.css') }}">{% endblock %}
    <div class="plots">{{ plot(lent, _("Lượt sách theo tháng"), first=_("Tháng"), names=long_names, note=_("…")) }}</div>

`first` heads the column of names; `names` are longer names for the table ("09/2026"), `hrefs` addresses for them;
`table=false` only where the page's own table of these numbers stands right below; `note` says the finding. `.plots` puts
two plots side by side on a desk. A page need not ask whether there is anything: `lent.empty` says so (all none or 0).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from library.core.numbers import percent, written

MOST = 5
"""Series in one plot: more cannot be told apart."""
ACROSS, LETTER = 0.62, 0.54
"""Of the height of the type: how wide a figure is, and a letter, about."""


@dataclass(frozen=True)
class Series:
    """One value for each name of the plot, in their order."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Box:
    """A bar of series `at` (from 0)."""

    x: float
    y: float
    wide: float
    high: float
    at: int


@dataclass(frozen=True)
class Stroke:
    """An SVG path; `kind` is the end of its CSS class."""

    d: str
    kind: str
    at: int = 0


@dataclass(frozen=True)
class Word:
    """Text on its baseline; `anchor` as SVG says it; `kind`: name, label, value, in (a value inside its bar), step, end."""

    x: float
    y: float
    text: str
    kind: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Picture:
    """One drawing. `said`: its numbers in one sentence, for who does not see it; empty if they are many."""

    wide: float
    high: float
    boxes: list[Box] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    said: str = ""


@dataclass(frozen=True)
class Plot:
    """What was asked, and the drawings of it: several where the names find no room in one."""

    names: Sequence[str]
    series: Sequence[Series]
    pictures: Sequence[Picture]
    kind: str
    places: int = 0
    shares: bool = False

    @property
    def empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)

    def cell(self, at: int, of: int) -> str:
        """What the table says of name `at` and series `of`; with its share, if shares are drawn."""
        value = self.series[of].values[at]
        told = written(value, self.places)
        whole = sum(one.values[at] or 0 for one in self.series)
        return f"{told} ({percent(value, whole)})" if self.shares and value is not None and whole else told


def checked(names: Sequence[str], series: Sequence[Series]) -> None:
    """Raises ValueError for more than MOST series, or a series with more or fewer values than names."""
    if len(series) > MOST:
        raise ValueError(f"{len(series)} series, at most {MOST} can be told apart")
    for one in series:
        if len(one.values) != len(names):
            raise ValueError(f"{len(one.values)} values of {one.name} for {len(names)} names")


def steps(most: float, about: int = 4) -> list[float]:
    """Round numbers from 0 to the first one not below `most`, some `about` of them: by 1, 2 or 5 and their tens."""
    if most <= 0:
        return [0]
    rough = most / about
    ten = 10.0 ** math.floor(math.log10(rough))
    step = next(times * ten for times in (1, 2, 5, 10) if times * ten >= rough * 0.999)
    step = max(step, 1) if most >= 1 and float(most).is_integer() else step
    return [round(number * step, 9) for number in range(math.ceil(most / step - 1e-9) + 1)]


def width(text: str, size: float = 13) -> float:
    """Of a number, in units of the picture."""
    return len(text) * size * ACROSS


def cut(text: str, room: float, size: float = 13) -> str:
    """As much of it as finds room, with … if that is not all."""
    letters = max(int(room / (size * LETTER)), 2)
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def said(names: Sequence[str], series: Sequence[Series], places: int, most: int = 24) -> str:
    """ "4A 12, 4B 30", or with more series "T9: mượn 12, đọc 5; T10: …"; empty beyond `most` numbers."""
    if len(names) * len(series) > most:
        return ""
    if len(series) == 1:
        return ", ".join(
            f"{name} {written(value, places)}" for name, value in zip(names, series[0].values, strict=True)
        )
    told = [", ".join(f"{one.name} {written(one.values[at], places)}" for one in series) for at in range(len(names))]
    return "; ".join(f"{name}: {text}" if name else text for name, text in zip(names, told, strict=True))


def filling(box: Box) -> Stroke | None:
    """What tells series 3 to 5 apart: hatching, rules, bars; none for the solid first and the outlined second."""
    drawn = {2: _hatched, 3: _ruled, 4: _barred}.get(box.at)
    d = drawn(box) if drawn else ""
    return Stroke(d, "fill") if d else None


APART = 5
"""Between two lines of a filling."""


def _hatched(box: Box) -> str:
    """Lines that rise to the right, cut at the edges of the box."""
    texts = []
    for along in range(APART, int(box.wide + box.high), APART):
        left, right = max(along - box.high, 0), min(along, box.wide)
        texts.append(f"M{box.x + left:.1f} {box.y + along - left:.1f}L{box.x + right:.1f} {box.y + along - right:.1f}")
    return "".join(texts)


def _ruled(box: Box) -> str:
    return "".join([f"M{box.x:.1f} {box.y + down:.1f}h{box.wide:.1f}" for down in range(APART, int(box.high), APART)])


def _barred(box: Box) -> str:
    return "".join([f"M{box.x + along:.1f} {box.y:.1f}v{box.high:.1f}" for along in range(APART, int(box.wide), APART)])
