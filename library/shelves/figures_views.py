"""Figures of reading, with a plot, a table and a workbook. Boards of classes; pupils only to who keeps their shelf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library.access import Permission, here, needs
from library.catalogue.levels import LEVELS
from library.core import clock, plot_bars
from library.core.db import db
from library.core.forms import Reader
from library.core.numbers import or_blank, written
from library.core.plot import Plot, Series
from library.exports.answers import book
from library.organisations.models import Organisation
from library.patrons import queries as patrons
from library.shelves import figures, reading_told
from library.shelves.figures import Asked, By, Line
from library.shelves.models import Shelf, ShelfTenure
from library.shelves.scopes import mine, shelf_here, standing

bp = Blueprint("shelf_figures", __name__)
GRADES = range(1, 13)


@dataclass(frozen=True)
class Question:
    """What the page was asked, as typed values; whatever cannot be read is the usual."""

    library: Organisation
    asked: Asked
    by: By
    shelf: Shelf | None

    @property
    def heads(self) -> tuple[str, ...]:
        first = {By.CLASS: _("Lớp"), By.LEVEL: _("Bậc màu"), By.MONTH: _("Tháng"), By.PUPIL: _("Họ và tên")}[self.by]
        if self.by is By.PUPIL:
            return first, _("Đã đọc"), _("Trong đó mượn và trả")
        return (first, _("Lượt"), _("Cuốn khác nhau"), *((_("Số em"), _("Lượt mỗi em")) if self.by is By.CLASS else ()))

    def lines(self) -> list[Line]:
        if self.by is By.PUPIL and self.shelf:
            return figures.pupils(db.session(), self.shelf, self.asked)
        return figures.of(db.session(), self.asked, self.by)


def _question() -> Question:
    """From the address. NotFound for a library or a shelf out of reach."""
    session, args = db.session(), request.args
    library = patrons.chosen(patrons.libraries(session, here()), args.get("library"), current_user.library_id)
    shelf = _shelf(args.get("shelf"))
    wanted = _by(args.get("by"), shelf is not None)
    since, until = _days(library.id)
    grade = args.get("grade", type=int)
    asked = Asked(library.id, since, until, args.get("where") != "all", grade if grade in GRADES else None)
    return Question(library, asked, wanted, shelf)


def _shelf(text: str | None) -> Shelf | None:
    """Of the address, else the only one in reach: a teacher's own."""
    if text:
        try:
            return shelf_here(db.session(), UUID(text))
        except ValueError:
            return None
    own = db.session.scalars(select(Shelf).where(mine(), Shelf.closed_on.is_(None)).limit(2)).all()
    return own[0] if len(own) == 1 else None


def _by(text: str | None, one_shelf: bool) -> By:
    try:
        found = By(text or By.CLASS)
    except ValueError:
        found = By.CLASS
    return By.CLASS if found is By.PUPIL and not one_shelf else found


def _days(library_id: int) -> tuple[date, date]:
    """As asked, in order; the school year so far otherwise."""
    today, reader = clock.today(), Reader(request.args)
    since, until = reader.near_day("since"), reader.near_day("until")
    first = since or reading_told.year_of(db.session(), library_id, today)[0]
    last = until or max(today, first)
    return min(first, last), max(first, last)


@bp.get("/shelves/figures")
@needs(Permission.CLASS_KEEP)
def show() -> Any:
    question = _question()
    lines = question.lines()
    bars = None if question.by is By.PUPIL else _plot(lines, question.by)
    return render_template(
        "shelves/figures.html", question=question, lines=lines, names=[_name(line, question.by) for line in lines],
        bars=bars, total=figures.total(db.session(), question.asked), quiet=figures.quiet(lines), spans=_spans(question),
        shelves=_shelves(), by=By, grades=GRADES, today=clock.today(), or_blank=or_blank, written=written,
        colours=figures.colours(db.session(), question.asked) if question.by is By.CLASS else {},
    )  # fmt: skip


def _plot(lines: Sequence[Line], by: By) -> Plot:
    return plot_bars.standing([_brief(line, by) for line in lines], [Series(_("lượt"), [line.uses for line in lines])])


@bp.get("/shelves/figures.xlsx")
@needs(Permission.CLASS_KEEP)
def workbook() -> Any:
    """The table as it is on the page."""
    question = _question()
    rows = [_cells(line, question.by) for line in question.lines()]
    name = f"so-lieu-doc-{question.asked.since:%Y%m%d}-{question.asked.until:%Y%m%d}"
    return book(question.heads, rows, _("Số liệu đọc"), name)


def _cells(line: Line, by: By) -> list[str | int | date | None]:
    first: list[str | int | date | None] = [_name(line, by), line.uses, line.copies]
    return [*first, line.readers, or_blank(line.each, 1)] if by is By.CLASS else first


def _name(line: Line, by: By) -> str:
    """As the table says it."""
    if by is By.LEVEL:
        known = LEVELS.get(int(line.key)) if line.key else None
        return str(_(known[0])) if known else line.key or _("Chưa xếp bậc")
    if by is By.MONTH:
        return f"{line.key[4:]}/{line.key[:4]}"
    return line.key or _("Không rõ lớp")


def _brief(line: Line, by: By) -> str:
    """As it stands under a bar."""
    if not line.key:
        return "–"
    if by is By.LEVEL:
        return line.key  # the names find no room; the table has them
    return f"{line.key[4:]}/{line.key[2:4]}" if by is By.MONTH else line.key


def _spans(question: Question) -> list[tuple[str, date, date, bool]]:
    """(words, first, last, is it asked) of the spans one asks for most."""
    today = clock.today()
    year = reading_told.year_of(db.session(), question.library.id, today)[0]
    spans = [
        (_("7 ngày qua"), today - timedelta(days=6), today),
        (_("Tháng này"), today.replace(day=1), today),
        (_("Năm học này"), year, max(today, year)),
    ]
    asked = question.asked
    return [(words, first, last, (first, last) == (asked.since, asked.until)) for words, first, last in spans]


def _shelves() -> Sequence[tuple[UUID, str]]:
    """Shelves of classes in reach: whose pupils may be looked at."""
    query = (
        select(Shelf)
        .join(ShelfTenure, ShelfTenure.shelf_id == Shelf.id)
        .where(mine(), standing(), ShelfTenure.class_id.is_not(None), Shelf.closed_on.is_(None))
        .order_by(Shelf.id)
        .limit(200)
    )
    return [(one.uid, one.place.name) for one in db.session.scalars(query)]
