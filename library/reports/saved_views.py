"""Reports that were kept: keep one, open it, share it, let it be made by itself, drop it; the tables it came to."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from library import audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.loans.forms import uuid_or_none
from library.reports import addresses, asking, builder, saved, standing_pages, standing_sheet
from library.reports.builder_views import every
from library.reports.saved_models import Every, SavedReport, SavedResult
from library.reports.standing_periods import SORTS, Sort

bp = Blueprint("saved_reports", __name__)
EVERY = {one.value: one for one in Every}


def _mine(uid: UUID, lock: bool = False) -> SavedReport:
    return saved.by_uid(db.session(), uid, here().library(current_user.library_id), current_user.uid, lock)


def _sort(text: str | None) -> Sort:
    return Sort(text) if text in list(Sort) else Sort.SCHOOL_YEAR


@bp.post("/reports/saved")
@needs(Permission.STATISTICS)
def keep() -> Any:
    """What the builder shows, under a name. Raises Invalid, NotFound for units that may not be seen."""
    session, form, own = db.session(), Reader(request.form), here().library(current_user.library_id)
    name, when = form.text("name", longest=120), form.choice("every", EVERY, required=False)
    form.done()
    told = [int(one) for one in request.form.getlist("unit") if one.isascii() and one.isdigit() and len(one) < 19]
    units = addresses.seen(session, here(), told or [own])
    wish = builder.read(MultiDict(request.form), _sort(when.value if when else request.form.get("period")))
    uid = uuid_or_none(request.form.get("uid")) or clock.uuid7()
    only = addresses.within(asking.tree_of(session), here(), units)
    made = saved.keep(session, uid, own, current_user.uid, name, wish, units, when, form.ticked("shared"), only)
    audit.note(current_user.uid, "save-report", "report", made.uid, own)
    session.commit()
    flash(_("Đã lưu báo cáo “%(name)s”.", name=made.name), "success")
    return redirect(url_for("saved_reports.show", uid=made.uid), 303)


@bp.get("/reports/saved/<uuid:uid>")
@needs(Permission.STATISTICS)
def show(uid: UUID) -> Any:
    session, report = db.session(), _mine(uid)
    wish = builder.of_plain(report.wish)
    values = {**builder.values(wish), "unit": report.wish["units"], "period": wish.sort.value}
    return standing_pages.page(
        "reports/saved.html", kept=report, results=saved.results(session, report.id), wish=wish, every=every(),
        open=url_for("report_builder.show", **values), mine=report.account == current_user.uid, local=clock.HERE,
        sentence=builder.sentence(wish, *_who(report)),
    )  # fmt: skip


def _who(report: SavedReport) -> tuple[str, str]:
    wish = builder.of_plain(report.wish)
    period = SORTS[wish.sort]
    units = saved.names(db.session(), report.wish["units"])
    return units, str(_("theo %(period)s", period=_(period).lower()))


@bp.post("/reports/saved/<uuid:uid>")
@needs(Permission.STATISTICS)
def change(uid: UUID) -> Any:
    """Name, sharing and schedule, or away with it: by whoever made it."""
    session, report = db.session(), _mine(uid, lock=True)
    if report.account != current_user.uid:
        flash(_("Chỉ người lập báo cáo mới sửa, bỏ được."), "warning")
        return redirect(url_for("saved_reports.show", uid=uid), 303)
    if "drop" in request.form:
        return _drop(report)
    form = Reader(request.form)
    name, when = form.text("name", longest=120), form.choice("every", EVERY, required=False)
    form.done()
    report.name, report.every, report.shared = name, when, form.ticked("shared")
    report.wish = {**report.wish, "sort": _sort(when.value if when else report.wish["sort"]).value}
    audit.note(current_user.uid, "change-report", "report", report.uid, report.library_id)
    session.commit()
    flash(_("Đã lưu."), "success")
    return redirect(url_for("saved_reports.show", uid=uid), 303)


def _drop(report: SavedReport) -> Any:
    report.dropped_at = clock.now()
    audit.note(current_user.uid, "drop-report", "report", report.uid, report.library_id)
    db.session.commit()
    flash(_("Đã bỏ báo cáo “%(name)s”. Số liệu trong sổ vẫn nguyên.", name=report.name), "success")
    return redirect(url_for("reports.home"), 303)


def _result(uid: UUID, result: UUID) -> SavedResult:
    return saved.result(db.session(), _mine(uid).id, result)


@bp.get("/reports/saved/<uuid:uid>/results/<uuid:result>", endpoint="result")
@needs(Permission.STATISTICS)
def show_result(uid: UUID, result: UUID) -> Any:
    found = _result(uid, result)
    return standing_pages.page(
        "reports/saved_result.html", result=found, kept=found.report, report=standing_sheet.of_plain(found.told),
        local=clock.HERE, take=lambda form: url_for("saved_reports.take", uid=uid, result=result, form=form),
    )  # fmt: skip


@bp.get("/reports/saved/<uuid:uid>/results/<uuid:result>/file", endpoint="take")
@needs(Permission.STATISTICS)
def take_result(uid: UUID, result: UUID) -> Any:
    found = _result(uid, result)
    name = f"{found.report.wish['measure']}-{found.first_on:%Y%m%d}-{found.last_on:%Y%m%d}"
    return standing_pages.taken(standing_sheet.of_plain(found.told), name)
