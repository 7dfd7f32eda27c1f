"""Figures of rotation: how much went round beside how much was read, by site, batch or month; plots, a table, a workbook."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _

from library.access import Permission, here, needs
from library.core import clock, plot_bars
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import or_blank
from library.core.plot import Plot, Series
from library.exports.answers import book
from library.rotation import figures
from library.rotation.board_scale import month_after
from library.rotation.figures import Asked, By, Line
from library.rotation.scopes import of_batches, of_sites
from library.rotation.views import page

bp = Blueprint("rotation_figures", __name__)
LONGEST = timedelta(days=366 * 5)


@dataclass(frozen=True)
class Question:
    """What the page was asked, as typed values; whatever cannot be read is the usual."""

    asked: Asked
    by: By

    @property
    def heads(self) -> tuple[str, ...]:
        first = {By.SITE: _("Điểm"), By.BATCH: _("Đợt"), By.MONTH: _("Tháng")}[self.by]
        return (
            first, _("Chuyến luân chuyển"), _("Bản luân chuyển"), _("Lượt người"), _("Lượt sách đọc, mượn"),
            _("Lượt mỗi bản"), _("Thiếu, mất"), _("Thiếu, mất, phần trăm"), _("Tiền sách mỗi lượt (đ)"),
        )  # fmt: skip


def _question() -> Question:
    since, until = _days()
    try:
        by = By(request.args.get("by") or By.SITE)
    except ValueError:
        by = By.SITE
    return Question(Asked(of_sites(here()), of_batches(here()), since, until), by)


def _days() -> tuple[date, date]:
    """As asked, in order; this year so far otherwise."""
    today, reader = clock.today(), Reader(request.args)
    since, until = reader.near_day("since"), reader.near_day("until")
    last = until or max(today, since or today)
    first = since or last.replace(month=1, day=1)
    first, last = min(first, last), max(first, last)
    return max(first, last - LONGEST), last


@bp.get("/rotation/figures")
@needs(Permission.ROTATION_SEE)
def show() -> Any:
    question, session = _question(), db.session()
    months = figures.of(session, question.asked, By.MONTH)
    lines = months if question.by is By.MONTH else figures.of(session, question.asked, question.by)
    return page(
        "rotation/figures.html", question=question, lines=lines, total=figures.total(months), months=months[-12:],
        plots=_plots(months[-12:]), spans=_spans(question.asked), by=By, or_blank=or_blank,
        month_names=[_named(line, By.MONTH) for line in months[-12:]],
        most=max((line.uses for line in lines), default=0), sum_of=figures.total(lines),
    )  # fmt: skip


def _plots(months: list[Line]) -> list[tuple[str, Plot]]:
    """Each by a measure of its own: what went round is not what was read."""
    names = [_brief(line.name) for line in months]
    copies, uses = Series(_("bản"), [line.copies for line in months]), Series(_("lượt"), [line.uses for line in months])
    return [
        (_("Bản luân chuyển, theo tháng giao đi"), plot_bars.standing(names, [copies])),
        (_("Lượt sách đọc, mượn tại điểm, theo tháng"), plot_bars.standing(names, [uses])),
    ]


def _brief(month: str) -> str:
    """T9, and the year with January."""
    number = int(month[5:])
    return f"1/{month[:4]}" if number == 1 else f"T{number}"


def _spans(asked: Asked) -> list[tuple[str, date, date, bool]]:
    """(words, first, last, is it asked) of the spans one asks for most."""
    today = clock.today()
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    spans = [
        (_("Tháng này"), today.replace(day=1), today),
        (_("Quý này"), quarter, today),
        (_("Năm nay"), date(today.year, 1, 1), today),
        (_("12 tháng"), month_after(today, -11), today),
    ]
    return [(words, first, last, (first, last) == (asked.since, asked.until)) for words, first, last in spans]


@bp.get("/rotation/figures.xlsx")
@needs(Permission.ROTATION_SEE)
def workbook() -> Any:
    """The table as it is on the page, with its sum."""
    question = _question()
    lines = figures.of(db.session(), question.asked, question.by)
    rows = [_cells(_named(line, question.by), line) for line in lines]
    rows.append(_cells(_("Cộng"), figures.total(lines)))
    name = f"luan-chuyen-{question.asked.since:%Y%m%d}-{question.asked.until:%Y%m%d}"
    return book(question.heads, rows, _("Số liệu luân chuyển"), name)


def _named(line: Line, by: By) -> str:
    return f"{line.name[5:]}/{line.name[:4]}" if by is By.MONTH else line.name


def _cells(name: str, line: Line) -> list[str | int | date | None]:
    return [
        name, line.trips, line.copies, line.visits, line.uses, or_blank(line.turns, 1), line.lost,
        or_blank(None if line.loss is None else line.loss * 100, 1), None if line.cost is None else round(line.cost),
    ]  # fmt: skip
