"""The standard of school libraries: what a school answers each year, and its list of lines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.reports import standing_pages, standing_periods, standing_standard
from library.reports.measures import MEASURES
from library.reports.standing_norms import PER_PUPIL, STAGES
from library.reports.standing_periods import Sort
from library.reports.standing_standard import COUNTED, Norm, Said

bp = Blueprint("standards", __name__)
MET: Mapping[str, bool | None] = {"": None, "1": True, "0": False}
LEVELS = {"1": 1, "2": 2}
EMPTY = 3
"""Lines to fill in below the list."""


@bp.get("/reports/standard")
@needs(Permission.SHEET)
def show() -> Any:
    """The lines of one school year, to answer."""
    session, own = db.session(), here().library(current_user.library_id)
    question = standing_pages.question(session, Sort.SCHOOL_YEAR)
    question = question.of(standing_periods.of(Sort.SCHOOL_YEAR, question.period.first))
    asked = replace(question, units=frozenset({own}))
    return standing_pages.page(
        "reports/standard.html", found=standing_standard.judged(session, asked, own), asked=asked, stages=STAGES,
        before=url_for(".show", at=asked.period.moved(-1).first), after=url_for(".show", at=asked.period.moved(1).first),
    )  # fmt: skip


@bp.post("/reports/standard")
@needs(Permission.SHEET)
def say() -> Any:
    """Answers of every line that stands on the page. Raises Invalid."""
    session, own, form = db.session(), here().library(current_user.library_id), Reader(request.form)
    year = form.day("year")
    told = {one.code: _said(form, one) for one in standing_standard.lines(session, own)
            if f"note-{one.code}" in request.form}  # fmt: skip
    form.done()
    assert year is not None
    year = standing_periods.of(Sort.SCHOOL_YEAR, year).first
    standing_standard.say(session, own, year, told, current_user.uid)
    audit.note(current_user.uid, "answer-standard", "standard", year, own)
    session.commit()
    flash(_("Đã lưu."), "success")
    return redirect(url_for("standards.show", at=year), 303)


def _said(form: Reader, norm: Norm) -> Said:
    met = form.choice(f"met-{norm.code}", MET, required=False)
    told = form.number(f"told-{norm.code}", required=False) if norm.measure is None else None
    return Said(met, told, form.text(f"note-{norm.code}", required=False, longest=300))


# The list


@bp.get("/reports/standard/lines", endpoint="lines")
@needs(Permission.RULES)
def show_lines() -> Any:
    session, own = db.session(), here().library(current_user.library_id)
    return _lines_page(standing_standard.lines(session, own), standing_standard.is_own(session, own))


def _lines_page(norms: Any, own: bool) -> str:
    counted = [(code, _("Bản sách mỗi học sinh") if code == PER_PUPIL else _(MEASURES[code].words)) for code in COUNTED]
    empty = [Norm("", "", "", "") for _at in range(EMPTY)]
    return standing_pages.page(
        "reports/standard_lines.html",
        norms=[*norms, *empty],
        own=own,
        counted=counted,
        stages_words=[(code, _(told)) for code, told in STAGES.items()],
    )


@bp.post("/reports/standard/lines", endpoint="keep_lines")
@needs(Permission.RULES)
def keep_lines() -> Any:
    """The whole list anew; a line without words goes. `shipped`: back to the list that came along. Raises Invalid."""
    session, own = db.session(), here().library(current_user.library_id)
    norms = () if "shipped" in request.form else _norms(Reader(request.form))
    standing_standard.keep(session, own, norms)
    audit.note(current_user.uid, "change-standard", "standard", own, own)
    session.commit()
    flash(_("Đã lưu danh mục tiêu chí."), "success")
    return redirect(url_for("standards.lines"), 303)


def _norms(form: Reader) -> list[Norm]:
    found = [_norm(form, at) for at in range(200) if request.form.get(f"label-{at}", "").strip()]
    codes = [one.code for one in found]
    for at, code in enumerate(codes):
        if code in codes[:at]:
            form.complain(f"code-{at}", "twice", N_("Số %(number)s đã dùng ở dòng trên."), number=code)
    form.done()
    return found


def _norm(form: Reader, at: int) -> Norm:
    return Norm(
        form.text(f"code-{at}", longest=20), form.text(f"part-{at}", longest=100), form.text(f"label-{at}", longest=300),
        form.text(f"unit-{at}", False, 30), form.choice(f"level-{at}", LEVELS) or 1,
        form.choice(f"stage-{at}", {one: one for one in STAGES}, required=False),
        form.number(f"least-{at}", required=False), form.choice(f"measure-{at}", {one: one for one in COUNTED}, required=False),
    )  # fmt: skip
