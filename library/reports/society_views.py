"""The learning society on pages: results against targets, what communes told, a year's entry, the list of lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, Scope, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.numbers import percent, written
from library.exports.answers import book
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation
from library.reports import society, society_plots, tree
from library.reports.society import YEARS, Line, Result

bp = Blueprint("society", __name__)
BACK = 5
"""Years in the plot of how it went."""


@dataclass(frozen=True)
class Seen:
    """A unit's results of a year; what each commune below told (where there are any), and the years before."""

    unit: Organisation
    year: int
    lines: Sequence[Line]
    results: Sequence[Result]
    below: Sequence[tuple[Organisation, Sequence[Result]]]
    before: Mapping[int, Sequence[Result]]

    @property
    def shares(self) -> list[Result]:
        return [one for one in self.results if one.line.whole is not None]

    @property
    def plain(self) -> list[Result]:
        return [one for one in self.results if one.line.whole is None]


def read(session: Session, unit: Organisation, year: int) -> Seen:
    """Seven statements, whatever stands below."""
    listed, years = society.lines(session, unit.network_id), range(year - BACK + 1, year + 1)
    telling = society.told_by(session, unit.id, years, tree.load(session))
    every = {one for units in telling.values() for one in units}
    told = society.counts(session, every, years)
    done = {one: society.results(listed, told, telling[one], one) for one in years}
    named = {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(telling[year])))}
    units = [named[one] for one in telling[year] if one != unit.id]
    below = [(one, society.results(listed, told, [one.id], year)) for one in units]
    return Seen(unit, year, listed, done[year], below, done)


def unit_here(scope: Scope, text: str | None) -> Organisation:
    """The unit of an address, one's own where it says none. Raises NotFound."""
    uid, session = uuid_or_none(text), db.session()
    query = select(Organisation).where(here().of_libraries(Organisation.id))
    if uid is not None:
        return or_not_found(session.scalar(query.where(Organisation.uid == uid)))
    return or_not_found(session.scalar(query.where(Organisation.id == scope.library(current_user.library_id))))


def year_of(text: str | None) -> int:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) == 4 else 0
    return number if number in YEARS else clock.today().year


def _asked() -> Seen:
    return read(db.session(), unit_here(here(), request.args.get("unit")), year_of(request.args.get("year")))


@bp.get("/reports/society", endpoint="show")
@needs(Permission.STATISTICS)
def show() -> Any:
    seen = _asked()
    chosen = next((one for one in seen.shares if one.line.code == request.args.get("line")), None)
    shown = chosen or next((one for one in seen.shares if one.share is not None), None)
    against, (years, went) = society_plots.against(seen.year, seen.results), society_plots.over_years(seen.before)
    return render_template(
        "reports/society.html", seen=seen, against=against, years=years, went=went, chosen=shown,
        below=_below(seen, shown), written=written, percent=percent, points=points, this_year=clock.today().year,
        entry=lambda unit: url_for("society_entry.show", uid=unit.uid, year=seen.year),
    )  # fmt: skip


def points(result: Result) -> str:
    """What the result says of its target, in words."""
    if result.target is None or result.short is None:
        return ""
    year = result.target[0]
    if result.short <= 0:
        return str(_("đạt mục tiêu %(year)s", year=year))
    return str(_("còn thiếu %(points)s điểm so với %(year)s", points=written(result.short, 1), year=year))


def _below(seen: Seen, chosen: Result | None) -> list[tuple[Organisation, Result]]:
    """The communes by the chosen share, the highest first; those that did not tell last."""
    if chosen is None:
        return []
    rows = [(unit, one) for unit, told in seen.below for one in told if one.line.code == chosen.line.code]
    return sorted(rows, key=lambda row: (row[1].share is None, -(row[1].share or 0)))


@bp.get("/reports/society.xlsx", endpoint="workbook")
@needs(Permission.STATISTICS)
def workbook() -> Any:
    """The results, and each commune's numbers behind them."""
    seen = _asked()
    years = society.target_years(seen.lines)
    head = (_("Đơn vị"), _("Chỉ tiêu"), _("Đơn vị tính"), _("Số lượng"), _("Trên tổng số"), _("Tỉ lệ (%)"),
            *(_("Mục tiêu %(year)s (%%)", year=year) for year in years), _("Số xã đã báo"))  # fmt: skip
    rows = [_row(seen.unit, one, years) for one in seen.results]
    rows += [_row(unit, one, years) for unit, told in seen.below for one in told]
    return book(
        head, rows, _("Xã hội học tập %(year)s", year=seen.year), f"xa-hoi-hoc-tap-{seen.unit.slug}-{seen.year}"
    )


def _row(unit: Organisation, one: Result, years: Sequence[int]) -> list[Any]:
    tenths = [one.line.targets.get(year) for year in years]
    targets = [written(value / 10, 1) if value is not None else None for value in tenths]
    share = written(one.share, 1) if one.share is not None else None
    return [unit.name, one.line.label, one.line.unit, one.part, one.whole, share, *targets, f"{one.told}/{one.among}"]
