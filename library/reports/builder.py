"""A report somebody puts together without a word of SQL: one figure, at most two ways to part it, one period.

A wish is plain values, so that it stands in an address and in a row alike.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from library.core import plot_bars, plot_lines
from library.core.numbers import written
from library.core.plot import MOST, Plot, Series
from library.privacy.suppression import suppressed
from library.reports import words
from library.reports.asking import Ask, Row, order
from library.reports.ledgers import Key
from library.reports.measures import MEASURES, TIME, Ledger, Measured
from library.reports.standing_periods import Sort, month_after
from library.reports.standing_question import Question
from library.reports.standing_sheet import Figure, Line, Report, Table, of_people
from library.reports.standing_use import class_words

DIMS = (
    "month", "week", "day", "school-year", "year", "below", "unit", "branch", "library-kind", "group", "grade",
    "category", "class", "mode", "kind", "book-class", "level", "sex", "access-need", "sort", "audience", "channel",
)  # fmt: skip
"""Ways to part a figure, the usual first."""
NARROW = ("group", "mode", "library-kind", "sex", "access-need", "channel")
"""By what a figure may be cut to one value."""
PEOPLE = frozenset({"readers", "readers-active"})
ACROSS = 24
"""Columns at most: what has more is told line by line."""
MOST_LINES = 2_000


@dataclass(frozen=True)
class Wish:
    """`only`: (dimension, value) pairs. `sort`: of which period it is made, when it is made by itself."""

    measure: str
    dims: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort.MONTH
    renewals: bool = True

    @property
    def measured(self) -> Measured:
        return MEASURES[self.measure]


def read(source: MultiDict[str, str], sort: Sort) -> Wish:
    """What cannot be asked of the figure is left out; an unknown figure is the usual one."""
    measure = source.get("measure", "uses")
    measure = measure if measure in MEASURES else "uses"
    wanted = dict.fromkeys(one for name in ("by1", "by2") if (one := source.get(name)))
    may = dims_of(MEASURES[measure])
    dims = tuple(one for one in wanted if one in may)[:2]
    only = tuple((name, told) for name in NARROW if name in may and (told := source.get(f"only-{name}")))
    return Wish(
        measure, dims, tuple(one for one in only if one[1] in choices(one[0])), sort, source.get("renewals") != "0"
    )


def dims_of(measured: Measured) -> list[str]:
    return [one for one in DIMS if one in measured.dims]


def choices(dim: str) -> Mapping[str, str]:
    """The values one may cut to."""
    known = words.WORDS_OF[dim]
    return {key: told for key, told in known.items() if dim != "library-kind" or key in ("public", "school", "centre")}


def values(wish: Wish) -> dict[str, str]:
    """What the address says."""
    found = {"measure": wish.measure, **{f"by{at}": dim for at, dim in enumerate(wish.dims, 1)}}
    found |= {f"only-{name}": value for name, value in wish.only}
    return found if wish.renewals else found | {"renewals": "0"}


def as_plain(wish: Wish, units: Sequence[int], branches: Iterable[int] | None = None) -> dict[str, Any]:
    """To be kept; `units`: of whom, cut again to what may be seen whenever it is made. `branches`: the only ones that whoever
    keeps it may see."""
    only = {} if branches is None else {"branches": sorted(branches)}
    return {**values(wish), "sort": wish.sort.value, "units": list(units), **only}


def of_plain(told: Mapping[str, Any]) -> Wish:
    return read(MultiDict({name: value for name, value in told.items() if isinstance(value, str)}), Sort(told["sort"]))


def sentence(wish: Wish, who: str, when: str) -> str:
    """What is asked, as one says it."""
    what = str(_(wish.measured.words))
    dims = [str(_(words.DIM_WORDS[one])) for one in wish.dims]
    parted = str(_(", chia theo %(dims)s", dims=str(_(" và ")).join(dims))) if dims else ""
    cut = ", ".join(str(_(choices(name)[value])).lower() for name, value in wish.only)
    only = str(_(", chỉ tính %(what)s", what=cut)) if cut else ""
    return str(
        _("%(what)s của %(who)s, %(when)s%(parted)s%(only)s.", what=what, who=who, when=when, parted=parted, only=only)
    )


# The answer


def report(session: Session, wish: Wish, question: Question) -> Report:
    ask = replace(question.ask(wish.measure, wish.renewals), only=dict(wish.only))
    rows = question.by(session, ask, *wish.dims)
    told = [_names(session, dim, {row.keys[at] for row in rows}) for at, dim in enumerate(wish.dims)]
    about = (question.name, sentence(wish, question.name, question.period.words()))
    return Report(str(_(wish.measured.words)), about, (_table(wish, question, ask, rows, told),), _notes(wish))


def _notes(wish: Wish) -> tuple[str, ...]:
    if wish.measured.renewed:
        said = str(_("Gia hạn được tính là một lượt mượn về.")) if wish.renewals else str(_("Không tính gia hạn."))
        return (said,)
    return (str(_("Có ở ngày cuối kỳ.")),) if wish.measured.ledger is Ledger.HOLDING and wish.measure in LATEST else ()


LATEST = frozenset({"copies", "titles", "readers", "loans-overdue"})
"""What is there at the end of a period, however long it is."""


def _names(session: Session, dim: str, keys: set[Key]) -> dict[Key, str]:
    return {key: class_words(key) for key in keys} if dim == "book-class" else words.names(session, dim, keys)


Names = Sequence[Mapping[Key, str]]


def _table(wish: Wish, question: Question, ask: Ask, rows: Sequence[Row], names: Names) -> Table:
    if not wish.dims:
        count = sum(row.quantity for row in rows)
        line = Line((question.period.words(), _figure(wish, question, count, ask)))
        return Table((str(_("Thời gian")), _unit(wish)), (line,))
    if len(wish.dims) == 1:
        return _one(wish, question, ask, rows, names[0])
    columns = sorted({row.keys[1] for row in rows}, key=order)
    if 0 < len(columns) <= ACROSS:
        return _crossed(wish, question, ask, rows, names, columns)
    return _listed(wish, question, ask, rows, names)


def _unit(wish: Wish) -> str:
    return str(_(wish.measured.unit)).capitalize()


def _head(dim: str) -> str:
    return str(_(words.DIM_WORDS[dim])).capitalize()


def _figure(wish: Wish, question: Question, count: int, ask: Ask | None = None) -> Figure:
    return of_people(count, ask, question.whole) if wish.measure in PEOPLE else Figure(count, ask)


def narrowed(ask: Ask, dims: Sequence[str], keys: Sequence[Key]) -> Ask | None:
    """The question for one cell alone; None where parts do not add up."""
    for dim, key in zip(dims, keys, strict=True):
        if dim in SPANS and isinstance(key, date):
            last = SPANS[dim](key)
            ask = replace(ask, first=max(key, ask.first), last=min(last, ask.last))
        elif dim in ("unit", "below") and isinstance(key, int):
            ask = replace(ask, only={**ask.only, {"unit": "owner"}.get(dim, dim): [key]})
        else:
            ask = replace(ask, only={**ask.only, dim: [key]})
    return ask if ask.measured.adds_up else None


SPANS: Mapping[str, Callable[[date], date]] = {
    "day": lambda day: day, "week": lambda day: day + timedelta(days=6),
    "month": lambda day: month_after(day, 1) - timedelta(days=1),
    "school-year": lambda day: month_after(day, 12) - timedelta(days=1),
    "year": lambda day: month_after(day, 12) - timedelta(days=1),
}  # fmt: skip
"""The last day of what begins on a day."""


def _counts(wish: Wish, question: Question, rows: Sequence[Row]) -> Mapping[Any, int | None]:
    """{(row, column or None): count}; None: so few people that it is not told, or it would tell of them."""
    table = {(row.keys[0], row.keys[1] if len(row.keys) > 1 else None): row.quantity for row in rows}
    if wish.measure in PEOPLE and not question.whole:
        return suppressed(table)
    return table


def _cell(wish: Wish, ask: Ask, counts: Mapping[Any, int | None], keys: Sequence[Key]) -> Figure:
    """`keys`: of the one dimension, or of both."""
    count = counts.get((keys[0], keys[1] if len(keys) > 1 else None), 0)
    return Figure(count, narrowed(ask, wish.dims, keys), hidden=count is None)


def _one(wish: Wish, question: Question, ask: Ask, rows: Sequence[Row], names: Mapping[Key, str]) -> Table:
    counts = _counts(wish, question, rows)
    lines = [Line((names[row.keys[0]], _cell(wish, ask, counts, row.keys))) for row in rows[:MOST_LINES]]
    foot = []
    if wish.measured.adds_up:
        foot = [Line((str(_("Cộng")), Figure(sum(row.quantity for row in rows), ask)), "sum")]
    plot = _plot(wish, [names[row.keys[0]] for row in rows], [Series(_unit(wish).lower(), [
        _cell(wish, ask, counts, row.keys).value for row in rows])])  # fmt: skip
    return Table((_head(wish.dims[0]), _unit(wish)), (*lines, *(foot if rows else [])), note=_cut(len(rows)), plot=plot)


def _crossed(
    wish: Wish, question: Question, ask: Ask, rows: Sequence[Row], names: Names, columns: Sequence[Key]
) -> Table:
    counts = _counts(wish, question, rows)
    downs = sorted({row.keys[0] for row in rows}, key=order)
    sums = wish.measured.adds_up
    each = {down: [_cell(wish, ask, counts, (down, column)) for column in columns] for down in downs}
    lines = [
        Line((names[0][down], *each[down], *([_sum(rows, 0, down)] if sums else []))) for down in downs[:MOST_LINES]
    ]
    foot = []
    if sums:
        whole = Figure(sum(row.quantity for row in rows))
        foot = [Line((str(_("Cộng")), *(_sum(rows, 1, column) for column in columns), whole), "sum")]
    heads = (_head(wish.dims[0]), *(names[1][column] for column in columns), *([str(_("Cộng"))] if sums else []))
    series = [Series(names[1][column], [each[down][at].value for down in downs]) for at, column in enumerate(columns)]
    plot = _plot(wish, [names[0][down] for down in downs], series)
    return Table(heads, (*lines, *foot), note=_cut(len(downs)), plot=plot)


def _sum(rows: Sequence[Row], at: int, key: Key) -> Figure:
    return Figure(sum(row.quantity for row in rows if row.keys[at] == key))


def _listed(wish: Wish, question: Question, ask: Ask, rows: Sequence[Row], names: Names) -> Table:
    counts = _counts(wish, question, rows)
    lines = [
        Line((names[0][row.keys[0]], names[1][row.keys[1]], _cell(wish, ask, counts, row.keys)))
        for row in rows[:MOST_LINES]
    ]  # fmt: skip
    return Table((*map(_head, wish.dims), _unit(wish)), tuple(lines), note=_cut(len(rows)), names=2)


def _cut(lines: int) -> str:
    """What a table that is too long says: its sums are of all lines."""
    if lines <= MOST_LINES:
        return ""
    told = {"lines": written(lines), "most": written(MOST_LINES)}
    return str(
        _(
            "Có %(lines)s dòng, bảng kể %(most)s dòng đầu; dòng cộng gồm đủ. Chia ít hơn, hay chọn thời gian ngắn hơn.",
            **told,
        )
    )


MOST_NAMES = 40


def _plot(wish: Wish, names: Sequence[str], series: Sequence[Series]) -> Plot | None:
    """Time goes along, everything else lies; more series than can be told apart are not drawn."""
    if len(names) < 2 or len(names) > MOST_NAMES or len(series) > MOST:
        return None
    if wish.dims[0] in TIME:
        return plot_lines.lines(names, series) if len(names) > 8 else plot_bars.standing(names, series)
    return plot_bars.lying(names, series)
