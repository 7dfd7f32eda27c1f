"""Figures of trips, stops and vehicles: a plot, a table, a workbook."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library.access import Permission, here, needs
from library.core import clock, plot_bars
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import or_blank, written
from library.core.plot import Plot, Series
from library.exports.answers import book
from library.mobile import figures
from library.mobile.figures import Asked, By, Line
from library.mobile.models import Vehicle

bp = Blueprint("mobile_figures", __name__)
MOST_BARS = 24
LONG = (By.STOP, By.VEHICLE)
"""Lines with names too long to stand under a bar."""


@dataclass(frozen=True)
class Question:
    """What the page was asked; whatever cannot be read is the usual: the last 90 days, by stop."""

    asked: Asked
    by: By
    vehicle: UUID | None


def _question() -> Question:
    library_id = here().library(current_user.library_id)
    since, until = _days()
    vehicle = _vehicle(library_id, request.args.get("vehicle"))
    asked = Asked(library_id, since, until, vehicle.id if vehicle else None)
    return Question(asked, _by(request.args.get("by")), vehicle.uid if vehicle else None)


def _by(text: str | None) -> By:
    try:
        return By(text or By.STOP)
    except ValueError:
        return By.STOP


def _vehicle(library_id: int, text: str | None) -> Vehicle | None:
    try:
        uid = UUID(text or "")
    except ValueError:
        return None
    return db.session.scalar(select(Vehicle).where(Vehicle.uid == uid, Vehicle.library_id == library_id))


def _days() -> tuple[date, date]:
    today, reader = clock.today(), Reader(request.args)
    since, until = reader.near_day("since"), reader.near_day("until")
    last = until or today
    first = since or last - timedelta(days=89)
    return min(first, last), max(first, last)


@bp.get("/van/figures")
@needs(Permission.VAN_SEE)
def show() -> Any:
    question = _question()
    seen = figures.seen(db.session(), question.asked)
    lines = figures.lines(seen, question.by)
    return render_template(
        "mobile/figures.html", question=question, lines=lines, total=figures.total(seen), by=By, spans=_spans(question),
        vehicles=_vehicles(question.asked.library_id), address=_page_of, heads=_heads(question.by), cells=_shown,
        plots=_plots(lines, question.by), written=written, or_blank=or_blank,
    )  # fmt: skip


def _plots(lines: list[Line], by: By) -> list[tuple[str, Plot]]:
    """(title, plot): one measure each, for uses and visits do not add up."""
    shown = lines if by in LONG else lines[-MOST_BARS:]
    names = [one.name if by in LONG else _brief(one, by) for one in shown]
    draw = plot_bars.lying if by in LONG else plot_bars.standing
    uses, visits = [one.uses for one in shown], [one.visits for one in shown]
    return [
        (title, draw(names, [Series(title, values)]))
        for title, values in ((_("Lượt sách"), uses), (_("Lượt bạn đọc"), visits))
    ]


def _vehicles(library_id: int) -> list[Vehicle]:
    return list(db.session.scalars(select(Vehicle).where(Vehicle.library_id == library_id).order_by(Vehicle.name)))


@bp.get("/van/figures.xlsx")
@needs(Permission.VAN_SEE)
def workbook() -> Any:
    """The table as it is on the page."""
    question = _question()
    lines = figures.of(db.session(), question.asked, question.by)
    name = f"so-lieu-luu-dong-{question.asked.since:%Y%m%d}-{question.asked.until:%Y%m%d}"
    return book(_heads(question.by), [_cells(one, question.by) for one in lines], _("Số liệu lưu động"), name)


def _heads(by: By) -> tuple[str, ...]:
    first = {By.TRIP: _("Chuyến"), By.STOP: _("Điểm dừng"), By.VEHICLE: _("Xe"), By.MONTH: _("Tháng")}[by]
    carried = [_("Bản mang theo"), _("Lượt mỗi bản"), _("Chưa về kho"), _("Tỉ lệ chưa về (%)")][
        : 2 if by is By.STOP else 4
    ]
    return (first, _("Chuyến đã đi"), _("Lần dừng"), _("Bỏ, dời"), _("Giờ phục vụ"), _("Km"), _("Lượt bạn đọc"), _("Lượt sách"),
            _("Mượn về"), _("Sách mỗi bạn đọc"), *carried, _("Chi phí (đ)"), _("Đồng mỗi lượt sách"))  # fmt: skip


Cell = str | int | date | None


def _cells(one: Line, by: By) -> list[Cell]:
    """Whole numbers stay numbers."""
    carried: list[Cell] = [
        one.carried, or_blank(one.turns, 1), one.missing, or_blank(one.loss, 1),
    ]  # fmt: skip
    return [
        one.name, one.trips, one.calls, one.left_out, or_blank(one.minutes / 60, 1), round(one.km), one.visits,
        one.uses, one.lent, or_blank(one.each, 1), *carried[: 2 if by is By.STOP else 4], one.cost, one.cost_a_use,
    ]  # fmt: skip


def _shown(one: Line, by: By) -> list[str]:
    """The cells behind the name, as the page writes them."""
    return [written(cell) if isinstance(cell, int) else str(cell or "") for cell in _cells(one, by)[1:]]


def _brief(one: Line, by: By) -> str:
    """As it stands under a bar."""
    if by is By.TRIP:
        return one.name[:5]
    return f"{one.name[:3]}{one.name[-2:]}"


def _page_of(one: Line, by: By) -> str:
    """Where the numbers of a line come from."""
    if by is By.TRIP:
        return url_for("mobile_outputs.trip_report", uid=one.uid)
    if by is By.STOP:
        return url_for("mobile_calendar.stop", uid=one.uid)
    return url_for("mobile_calendar.vehicle", uid=one.uid) if by is By.VEHICLE else ""


def _spans(question: Question) -> list[tuple[str, date, date, bool]]:
    """(words, first, last, is it asked)."""
    today = clock.today()
    spans = [
        (_("30 ngày qua"), today - timedelta(days=29), today),
        (_("90 ngày qua"), today - timedelta(days=89), today),
        (_("Năm nay"), today.replace(month=1, day=1), today),
    ]
    asked = question.asked
    return [(words, first, last, (first, last) == (asked.since, asked.until)) for words, first, last in spans]
