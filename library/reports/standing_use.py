"""How much was read: month by month, by readers, by books, by how; and beside the year before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.catalogue.classes import DEWEY, SCHOOL
from library.core import clock, plot_bars
from library.core.numbers import percent
from library.core.plot import Plot, Series
from library.reports import words
from library.reports.asking import Row
from library.reports.ledgers import Key
from library.reports.measures import MEASURES, MODE_WORDS
from library.reports.standing_periods import month_after
from library.reports.standing_question import Question
from library.reports.standing_sheet import SUM, Figure, Line, Report, Table, summed

MODES = ("home", "in-house", "class")
YEAR = ("visits", "visits-pupils", "uses", "uses-home", "uses-in-house", "uses-class", "uses-digital", "event")
"""Figures of the year's table, a column each."""


def class_words(key: Key) -> str:
    """8: Văn học. A digit means about the same in both schemes, and Dewey's word is the wider one."""
    if key is None:
        return str(_("chưa phân loại"))
    known = DEWEY.get(f"{key}00") or SCHOOL.get(str(key))
    return f"{key} · {_(known)}" if known else str(key)


def month_words(day: Any) -> str:
    return f"{day:%m/%Y}"


def brief(day: date) -> str:
    """Under a bar: T9, and the year with January."""
    return f"1/{day.year}" if day.month == 1 else f"T{day.month}"


def months(question: Question) -> list[date]:
    """First days of the months of the period that have come."""
    first, found = question.period.first.replace(day=1), []
    last = max(min(question.period.last, clock.today()), first)
    while first <= last:
        found.append(first)
        first = month_after(first, 1)
    return found


# The sheet of a month: readers × books × how


def monthly(session: Session, question: Question) -> Report:
    """Of one month by readers and books; of more, by month too and all of it together in the last table."""
    rows = question.parted(session, question.ask("uses"), "month", "group", "book-class", "mode")
    groups = words.names(session, "group", {row.keys[1] for row in rows})
    whole = _folded(rows, (1, 2, 3))
    tables = [_readers(question, whole, groups)]
    if len(months(question)) > 1:
        tables = [
            _by_month(question, _folded(rows, (0, 3))),
            *tables,
            _all(question, _folded(rows, (0, 1, 2, 3)), groups),
        ]
    title = str(_("Lượt sách theo nhóm bạn đọc, loại sách, cách đọc"))
    return Report(title, question.about(), tuple(tables), (str(_("Gia hạn được tính là một lượt mượn về.")),))


Told = Mapping[tuple[Key, ...], int]


def _folded(rows: Iterable[Row], at: Sequence[int]) -> Told:
    told: dict[tuple[Key, ...], int] = {}
    for row in rows:
        keys = tuple(row.keys[one] for one in at)
        told[keys] = told.get(keys, 0) + row.quantity
    return told


def _heads(*names: str) -> tuple[str, ...]:
    return (*names, *(str(_(MODE_WORDS[mode])) for mode in MODES), str(_("Cộng")))


def _cells(question: Question, told: Told, keys: tuple[Key, ...], **only: Any) -> tuple[Figure, ...]:
    each = [told.get((*keys, mode), 0) for mode in MODES]
    asks = [question.ask("uses", mode=[mode], **only) for mode in MODES]
    return (*(Figure(count, ask) for count, ask in zip(each, asks, strict=True)),
            Figure(sum(each), question.ask("uses", **only)))  # fmt: skip


def _by_month(question: Question, told: Told) -> Table:
    lines = [
        Line((month_words(month), *_cells(_of_month(question, month), told, (month,)))) for month in months(question)
    ]
    names = [brief(month) for month in months(question)]
    series = [Series(str(_(MODE_WORDS[mode])), [told.get((month, mode), 0) for month in months(question)])
              for mode in MODES]  # fmt: skip
    plot = plot_bars.standing(names, series, stacked=True)
    return Table(_heads(str(_("Tháng"))), (*lines, summed([str(_("Cộng"))], lines)), str(_("Theo tháng")), plot=plot)


def _of_month(question: Question, month: date) -> Question:
    period = question.period
    last = min(month_after(month, 1) - timedelta(days=1), period.last)
    return question.of(type(period)(period.sort, max(month, period.first), last))


def _readers(question: Question, told: Told, groups: Mapping[Key, str]) -> Table:
    keys = list(dict.fromkeys(key[:2] for key in told))
    lines = [
        Line((groups[group], class_words(mark), *_cells(question, told, (group, mark), group=[group], book_class=[mark])))
        for group, mark in keys
    ]  # fmt: skip
    foot = [summed([str(_("Cộng")), ""], lines)] if lines else []
    heads = _heads(str(_("Nhóm bạn đọc")), str(_("Loại sách")))
    return Table(heads, (*lines, *foot), str(_("Theo nhóm bạn đọc và loại sách")), names=2)


def _all(question: Question, told: Told, groups: Mapping[Key, str]) -> Table:
    keys = list(dict.fromkeys(key[:3] for key in told))
    lines = [
        Line((month_words(month), groups[group], class_words(mark),
              *_cells(_of_month(question, month), told, (month, group, mark), group=[group], book_class=[mark])))
        for month, group, mark in keys if isinstance(month, date)
    ]  # fmt: skip
    heads = _heads(str(_("Tháng")), str(_("Nhóm bạn đọc")), str(_("Loại sách")))
    return Table(heads, tuple(lines), str(_("Từng tháng")), names=3, deep=True)


# The year


def yearly(session: Session, question: Question) -> Report:
    """Month by month, the sum, and that of the year before."""
    ago = question.of(question.period.ago(clock.today()))
    told, past_told = (one.by_code(session, YEAR, "month") for one in (question, ago))
    lines = [
        Line((month_words(month), *(Figure(told[code].get(month, 0), _of_month(question, month).ask(code)) for code in YEAR)))
        for month in months(question)
    ]  # fmt: skip
    sums = [sum(told[code].values()) for code in YEAR]
    before = [sum(past_told[code].values()) for code in YEAR]
    total = Line(
        (str(_("Cộng")), *(Figure(count, question.ask(code)) for count, code in zip(sums, YEAR, strict=True))), SUM
    )
    past = Line(
        (
            str(_("Cùng kỳ: %(period)s", period=ago.period.words())),
            *(Figure(count, ago.ask(code)) for count, code in zip(before, YEAR, strict=True)),
        ),
        SUM,
    )
    grown = Line(
        (str(_("So với năm trước")), *(_grown(now, then) for now, then in zip(sums, before, strict=True))), SUM
    )
    heads = (str(_("Tháng")), *(str(_(MEASURES[code].words)) for code in YEAR))
    table = Table(heads, (*lines, total, past, grown), plot=_plot(question, told))
    title = str(_("Tổng hợp bạn đọc và sách"))
    return Report(title, question.about(), (table,), (str(_("Gia hạn được tính là một lượt mượn về.")),))


def _grown(now: int, then: int) -> str:
    """Of nothing nothing can be said."""
    return percent(now, then) if then else "–"


def _plot(question: Question, told: Mapping[str, Mapping[Key, int]]) -> Plot:
    names = [brief(month) for month in months(question)]
    return plot_bars.standing(names, [
        Series(str(_(MEASURES[code].words)), [told[code].get(month, 0) for month in months(question)])
        for code in ("visits", "uses")
    ])  # fmt: skip
