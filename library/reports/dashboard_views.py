"""Dashboards of a school, a commune, a province: one page, one A4; every number opens what it was added up from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission as P
from library.access import Scope, here, needs, or_not_found
from library.catalogue.models import Record
from library.core import clock, plot_bars
from library.core.db import db
from library.core.numbers import change, percent, written
from library.core.plot import MOST, Picture, Plot, Series
from library.exports.answers import book
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation, OrganisationKind
from library.reports import addresses, standing_norms, standing_standard, standing_stock
from library.reports.dashboard import DAY, USES, VISITS, Below, Board, Course, Grade, Span
from library.reports.standing_norms import PerPupil
from library.reports.standing_periods import Period, Sort, month_after
from library.reports.standing_question import Question
from library.reports.words import LIBRARY_KINDS

bp = Blueprint("dashboard", __name__)
YEARS = range(1990, 2201)
WIDE, SMALL, LOW = 290.0, 228.0, 100.0
"""Of a picture of half a year; of small ones, and how high they are."""
COVERS, MULTIPLES, A_FEW = 5, 12, 7
"""Covers of what nobody read; units drawn beside each other: the table has them all; names that find room in a small one."""


def unit_here(scope: Scope) -> Organisation:
    """The unit of the address, one's own where it says none. Raises NotFound."""
    uid, session = uuid_or_none(request.args.get("unit")), db.session()
    query = select(Organisation).where(scope.of_libraries(Organisation.id))
    if uid is not None:
        return or_not_found(session.scalar(query.where(Organisation.uid == uid)))
    return session.get_one(Organisation, scope.library(current_user.library_id))


def _board() -> Board:
    try:
        span = Span(request.args.get("period") or Span.YEAR)
    except ValueError:
        span = Span.YEAR
    return Board(db.session(), unit_here(here()), span, _day(), here())


def _day() -> date:
    """The day on which the dashboard is looked at: today, or an earlier one that the address names."""
    try:
        day = date.fromisoformat(request.args.get("at") or "")
    except ValueError:
        return clock.today()
    return min(day, clock.today()) if day.year in YEARS else clock.today()


@bp.get("/reports/dashboard", endpoint="show")
@needs(P.STATISTICS)
def show() -> Any:
    board, session = _board(), db.session()
    visits, uses = board.course(VISITS), board.course(USES)
    whole = board.has_below
    told: dict[str, Any] = _of_units(board) if whole else _of_one(session, board)
    return render_template(
        "reports/dashboard.html", board=board, unit=board.unit, window=board.window, visits=visits, uses=uses, whole=whole,
        plots={VISITS: _course(visits), USES: _course(uses)}, months=_month_links(board), names=_long(board.window.months),
        link=lambda measure, *days, **only: addresses.of(board.ask(measure, *days, **only)), spans=_spans(board), there=there,
        years=_years(board), live=board.today == clock.today(), only=board.names(),
        written=written, change=change, percent=percent, here_zone=clock.HERE, now=clock.now(), title=_title(board), **told,
    )  # fmt: skip


def there(endpoint: str, **values: Any) -> str:
    """Its address, '' where nobody has made that page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _title(board: Board) -> str:
    year, month = board.window.year.words(), board.window.months[0]
    if board.window.span is Span.YEAR:
        return year
    if board.window.span is Span.MONTH:
        return str(_("tháng %(month)s", month=f"{month:%m/%Y}"))
    first = board.window.span is Span.FIRST
    if board.window.school:
        return str(_("học kỳ I, %(year)s", year=year) if first else _("học kỳ II, %(year)s", year=year))
    half = _("6 tháng đầu năm %(year)s", year=month.year) if first else _("6 tháng cuối năm %(year)s", year=month.year)
    return str(half)


def _spans(board: Board) -> list[tuple[str, str, bool]]:
    """(words, address, is it asked)."""
    school, today = board.window.school, board.today
    words = {
        Span.YEAR: _("Năm học") if school else _("Cả năm"), Span.FIRST: _("Học kỳ I") if school else _("6 tháng đầu"),
        Span.SECOND: _("Học kỳ II") if school else _("6 tháng cuối"), Span.MONTH: _("Tháng %(month)s", month=today.month),
    }  # fmt: skip
    return [(text, _at(board, span, board.today), span is board.window.span) for span, text in words.items()]


def _at(board: Board, span: Span, day: date) -> str:
    """The same unit's dashboard of that day."""
    past = day.isoformat() if day < clock.today() else None
    return url_for("dashboard.show", unit=board.unit.uid, period=span.value, at=past)


def _years(board: Board) -> list[tuple[str, str]]:
    """(words, address) of the whole year before, and of the one after if it has come."""
    year = board.window.year
    before, after = year.moved(-1), year.moved(1)
    found = [(before.words(), _at(board, Span.YEAR, before.last))]
    if after.first <= clock.today():
        found.append((after.words(), _at(board, Span.YEAR, after.last)))
    return found


# By month


def _course(course: Course) -> Plot:
    names = _brief(course.months)
    series = [Series(_("năm nay"), course.now), Series(_("năm trước"), course.ago)]
    return plot_bars.standing(names, series, a_row=6, wide=WIDE)


def _brief(months: Sequence[date]) -> list[str]:
    return [f"T{month.month}" for month in months]


def _briefest(months: Sequence[date]) -> list[str]:
    """Where there is no room for a letter."""
    return [str(month.month) for month in months]


def _long(months: Sequence[date]) -> list[str]:
    return [f"{month:%m/%Y}" for month in months]


def _month_links(board: Board) -> dict[str, list[str]]:
    """Of each measure the addresses of its months; empty for those to come."""
    return {measure: [_of_month(board, measure, month) for month in board.window.months] for measure in (VISITS, USES)}


def _of_month(board: Board, measure: str, month: date) -> str:
    if month > board.window.last:
        return ""
    return addresses.of(board.ask(measure, month, min(month_after(month, 1) - DAY, board.window.last)))


# One unit


def _of_one(session: Session, board: Board) -> dict[str, Any]:
    grades = board.grades()
    part = board.narrowed is not None  # copies and readers are the whole unit's
    return {
        "grades": grades, "grade_plots": _grade_plots(board, grades), "fewer": [one for one in grades if one.fewer(board.closed())],
        "closed": board.closed(), "below": [],
        "norm": None if part else _norm(session, board), "never": None if part else _never(session, _question(board)),
        "swaps": there("shelf_swaps.list") if board.unit.kind is OrganisationKind.SCHOOL else "",
    }  # fmt: skip


def _grade_plots(board: Board, grades: Sequence[Grade]) -> list[tuple[Grade, Plot]]:
    """One small picture a grade, all by one scale: they are the parts of one plot."""
    if not grades:
        return []
    count = len(board.window.months)
    now = [one for grade in grades for one in grade.now]
    ago = [one for grade in grades for one in grade.ago]
    return list(zip(grades, _cut(_briefest(board.window.months), len(grades), count, now, ago), strict=True))


def _cut(
    names: Sequence[str], parts: int, count: int, now: Sequence[float | None], ago: Sequence[float | None], places: int = 1
) -> list[Plot]:  # fmt: skip
    series = [Series(_("năm nay"), now), *([Series(_("năm trước"), ago)] if ago else [])]
    whole = plot_bars.standing([*names] * parts, series, a_row=count, wide=SMALL, high=LOW, places=places)
    drawn = []
    for at, picture in enumerate(whole.pictures):
        part = slice(at * count, (at + 1) * count)
        mine = [Series(one.name, one.values[part]) for one in series]
        drawn.append(Plot(names, mine, [_thinned(picture)], "standing", places))
    return drawn


def _thinned(picture: Picture) -> Picture:
    """Every second name only, where there are many: two figures beside each other would touch."""
    named = [word for word in picture.words if word.kind == "name"]
    left_out = named[1::2] if len(named) > A_FEW else []
    return replace(picture, words=[word for word in picture.words if word not in left_out])


def _question(board: Board) -> Question:
    period = Period(Sort.ANY, board.window.first, board.window.last)
    return Question(board.units, board.unit.name, period, board.known, board.unit.id, here())


def _norm(session: Session, board: Board) -> tuple[PerPupil, float, Plot] | None:
    """(the school's copies and pupils, what the standard asks for each pupil, both drawn); None: no school, no pupils."""
    found = [one for one in standing_norms.per_pupil(session, board.standing) if one.unit == board.unit.id]
    norms = standing_standard.per_pupil_norms(standing_standard.lines(session, board.unit.id))
    needed = found[0].needed(norms) if found else None
    if not found or needed is None or found[0].each is None:
        return None
    least = needed / found[0].all_pupils
    drawn = plot_bars.lying(
        [_("thư viện có"), _("chuẩn tối thiểu")], [Series(_("bản"), [found[0].each, least])], places=1
    )
    return found[0], least, drawn


def _never(session: Session, question: Question) -> tuple[str, list[tuple[Record, str]]]:
    """(how many copies nobody read in two years, some of them: title and number)."""
    (table,) = standing_stock.dead(session, question).tables
    numbers: dict[UUID, str] = {}
    for text, line in zip(table.links, table.lines, strict=True):
        numbers.setdefault(UUID(text), str(line.cells[1]))
        if len(numbers) == COVERS:
            break
    records = {one.uid: one for one in session.scalars(select(Record).where(Record.uid.in_(numbers)))}
    shown = [(records[uid], code) for uid, code in numbers.items() if uid in records]
    many = len(table.lines)
    more = many >= standing_stock.MOST_COPIES
    return (_("hơn %(count)s", count=written(many)) if more else written(many)), shown


# Units below


def _of_units(board: Board) -> dict[str, Any]:
    below = board.below()
    return {
        "below": below, "silent": [one for one in below if not one.uses and not one.visits and one.unit.to_on is None],
        "kinds": _kinds(board),
        "multiples": _multiples(board, below), "grades": [], "norm": None, "never": None,
        "society": there("society.show", unit=board.unit.uid), "campaigns": there("campaigns.list"),
        "below_href": lambda one: _below_href(board, one),
    }  # fmt: skip


def _below_href(board: Board, one: Below) -> str:
    """A unit's own dashboard; of the branches of the unit itself, the rows behind its number."""
    if one.unit.id == board.unit.id:
        own = [branch for branch, stand in board.standing.stands.items() if stand.owner == one.unit.id]
        return addresses.of(board.ask(USES, branch=own))
    span = board.window.span.value
    return url_for("dashboard.show", unit=one.unit.uid, period=span, at=request.args.get("at"))


def _kinds(board: Board) -> Plot | None:
    """Of months that have begun: a sum of nothing is no bar."""
    told, months = board.kinds(), [month for month in board.window.months if month <= board.window.last]
    if len(told) < 2:
        return None
    series = [Series(str(_(LIBRARY_KINDS[kind])), values[: len(months)]) for kind, values in list(told.items())[:MOST]]
    return plot_bars.standing(_brief(months), series, stacked=True, a_row=6, wide=WIDE)


def _multiples(board: Board, below: Sequence[Below]) -> list[tuple[Below, Plot]]:
    shown = [one for one in below if one.uses][:MULTIPLES]
    if not shown:
        return []
    values = [count for one in shown for count in one.months]
    names = _briefest(board.window.months)
    return list(zip(shown, _cut(names, len(shown), len(names), values, [], 0), strict=True))


# The workbook


@bp.get("/reports/dashboard.xlsx", endpoint="workbook")
@needs(P.STATISTICS)
def workbook() -> Any:
    """Month by month; then unit by unit, where there are any below."""
    board = _board()
    courses = [board.course(VISITS), board.course(USES)]
    head = (_("Nội dung"), _("Lượt bạn đọc"), _("Cùng kỳ năm trước"), _("Lượt tài liệu"), _("Cùng kỳ năm trước"))
    rows: list[list[Any]] = [
        [name, *(cell for one in courses for cell in (one.now[at], one.ago[at]))]
        for at, name in enumerate(_long(board.window.months))
    ]
    rows.append([_("Cộng đến ngày %(day)s", day=f"{board.window.last:%d/%m/%Y}"),
                 *(cell for one in courses for cell in (one.total, one.before))])  # fmt: skip
    if board.has_below:
        rows += [[one.unit.name, one.visits, None, one.uses, one.before] for one in board.below()]
    return book(head, rows, _("Bảng số liệu"), f"bang-so-lieu-{board.unit.slug}-{board.window.last:%Y%m%d}")
