"""Plots of the learning society: each share beside what is asked for, and how the shares went. Names are told whole: what
all lines of a plot have in common is its title's, and a name too long for one line beside its bars takes two."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from flask_babel import gettext as _

from library.core import plot_bars, plot_lines
from library.core.plot import MOST, Plot, Series, Word, cut
from library.reports.society import Line, Result

HALF_LINE = 7.5
"""Of two lines of a name, each so far from where the one would stand."""


def against(year: int, results: Sequence[Result]) -> Plot | None:
    """Each share of that year beside its targets."""
    shown = [one for one in results if one.share is not None]
    if not shown:
        return None
    years = sorted({aim for one in shown for aim in one.line.targets})
    series = [Series(_("kết quả %(year)s", year=year), [one.share for one in shown])]
    for aim in years[: MOST - 1]:
        values = [one.line.targets[aim] / 10 if aim in one.line.targets else None for one in shown]
        series.append(Series(_("mục tiêu %(year)s", year=aim), values))
    names = [one.line.label for one in shown]
    return _whole(plot_bars.lying(names, series, places=1), names)


def _whole(plot: Plot, names: Sequence[str]) -> Plot:
    """With every name that was cut on two lines."""
    told, pictures = iter(names), []
    for picture in plot.pictures:
        words: list[Word] = []
        for word in picture.words:
            words += _lines(word, next(told)) if word.kind == "label" else [word]
        pictures.append(replace(picture, words=words))
    return replace(plot, pictures=pictures)


def _lines(word: Word, name: str) -> list[Word]:
    parts = name.split()
    if word.text == name or len(parts) < 2:
        return [word]
    ways = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
    both = min(ways, key=lambda way: max(map(len, way)))
    room = plot_bars.NAME - 10
    return [
        replace(word, y=round(word.y + move, 1), text=cut(text, room))
        for text, move in zip(both, (-HALF_LINE, HALF_LINE), strict=True)
    ]


def over_years(told: Mapping[int, Sequence[Result]]) -> tuple[Plot | None, str]:
    """How shares went since somebody told of them, at most as many as can be told apart, those with a target first; and
    the words all their names end in, which stand in no name then."""
    shares = {year: {one.line.code: one.share for one in results} for year, results in told.items()}
    every = [one.line for one in told[max(told)] if one.line.whole is not None]
    known = [line for line in sorted(every, key=lambda line: not line.targets) if _any(shares, line)][:MOST]
    years = [year for year in sorted(told) if any(shares[year].get(line.code) is not None for line in known)]
    if len(years) < 2:
        return None, ""
    years = list(range(years[0], max(told) + 1))
    end = common_end([line.label for line in known])
    series = [
        Series(line.label.removesuffix(end).strip(), [shares.get(year, {}).get(line.code) for year in years])
        for line in known
    ]
    return plot_lines.lines([str(year) for year in years], series, places=1), end


def _any(shares: Mapping[int, Mapping[str, float | None]], line: Line) -> bool:
    return any(year.get(line.code) is not None for year in shares.values())


def common_end(names: Sequence[str]) -> str:
    """The words with which all of several names end, each having others before them: "học tập"."""
    if len(names) < 2:
        return ""
    backwards = zip(*(reversed(name.split()[1:]) for name in names), strict=False)
    same = takewhile(lambda words: len(set(words)) == 1, backwards)
    return " ".join(reversed([words[0] for words in same]))
