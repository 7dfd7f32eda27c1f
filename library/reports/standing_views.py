"""Reports of one click: the page that offers them, each on the screen and as a file."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.organisations.models import Organisation
from library.reports import saved, standing, standing_pages, standing_periods
from library.reports.standing import STANDING, Standing
from library.reports.standing_periods import Period, Sort
from library.reports.standing_question import Question

bp = Blueprint("reports", __name__)


@bp.get("/reports")
@needs(Permission.STATISTICS)
def home() -> Any:
    session = db.session()
    own = here().library(current_user.library_id)
    kept, kind = saved.listed(session, own, current_user.uid), session.get_one(Organisation, own).kind
    return standing_pages.page(
        "reports/home.html", parts=standing.parts(kind), kept=kept, latest=saved.latest(session, kept)
    )


def _standing() -> Standing:
    """Raises NotFound for a report that there is not."""
    code = request.args.get("report", "month")
    if code not in STANDING:
        raise NotFound
    return STANDING[code]


def _question(one: Standing) -> Question:
    asked = standing_pages.question(db.session(), one.usual, one.day)
    return standing_pages.of_school(db.session(), asked) if one.one else asked


@bp.get("/reports/standing")
@needs(Permission.STATISTICS)
def show() -> Any:
    session, one = db.session(), _standing()
    asked = _question(one)
    report = standing.made(session, one, asked)
    kept: dict[str, Any] = {"report": one.code, "unit": sorted(asked.units), **_more()}
    values: dict[str, Any] = {**kept, **standing_periods.values(asked.period)}
    return standing_pages.page(
        "reports/standing.html", one=one, report=report, asked=asked, units=standing_pages.units(session, here(), one.one),
        periods=_periods(one, asked.period, kept), values=values, more=_more(), Sort=Sort,
        take=lambda form: url_for("reports.take", form=form, **values),
    )  # fmt: skip


def _more() -> dict[str, str]:
    """What stays in the address beside unit and period."""
    return {name: request.args[name] for name in ("years", "all") if request.args.get(name, "").isdigit()}


def _periods(one: Standing, now: Period, kept: dict[str, Any]) -> dict[str, Any]:
    """Addresses: of every sort of period, of the one before and the one after."""

    def at(period: Period) -> str:
        values: dict[str, Any] = {**kept, **standing_periods.values(period)}
        return url_for("reports.show", **values)

    anchor = min(now.last, clock.today()) if now.first <= clock.today() else now.first
    sorts = [(sort, at(standing_periods.of(sort, anchor))) for sort in standing_periods.SORTS if sort is not Sort.ANY]
    any_ = Period(Sort.ANY, now.first, now.last)
    return {"sorts": [*sorts, (Sort.ANY, at(any_))], "before": at(now.moved(-1)), "after": at(now.moved(1)),
            "before_words": now.moved(-1).words(), "after_words": now.moved(1).words()}  # fmt: skip


@bp.get("/reports/standing/file")
@needs(Permission.STATISTICS)
def take() -> Any:
    """`form`: pdf, xlsx, csv."""
    one = _standing()
    asked = _question(one)
    return standing_pages.taken(
        standing.made(db.session(), one, asked), standing_pages.file_name(one.code, asked.period)
    )
