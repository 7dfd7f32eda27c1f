"""When a library opens: weekdays, closed days, holidays, terms; and what becomes of due dates on closed days."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, needs
from library.calendars import opening_days
from library.calendars.models import Closure, ExtraOpening
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden, Invalid, Reason
from library.inbox.acts import Doing
from library.loans import closing, closing_jobs, opening_forms
from library.loans.closing import Reach
from library.loans.models import DueShift
from library.loans.opening_forms import ClosureForm, ExtraForm
from library.loans.opening_page import FAR, holidays, page
from library.loans.opening_where import Where, said_there, where
from library.patrons import school_years

bp = Blueprint("opening", __name__)


@bp.get("/settings/opening", endpoint="show")
@needs(Permission.RULES)
def show_opening() -> Any:
    return page(where())


def _back(at: Where, anchor: str) -> Any:
    return redirect(url_for("opening.show", lib=at.lib, branch=at.asked, _anchor=anchor), 303)


def _note(at: Where, verb: str) -> None:
    audit.note(current_user.uid, verb, "branch" if at.branch else "library", at.uid, at.library.id)


@bp.post("/settings/opening", endpoint="open_on")
@needs(Permission.RULES)
def save_weekdays() -> Any:
    at = where()
    inherit = request.form.get("do") == "inherit"
    days = frozenset() if inherit else opening_forms.read_weekdays(request.form.getlist("weekday"))
    if not days and not inherit:
        sentence = N_("Chọn ít nhất một ngày mở cửa.")
        return page(at, "opening", request.form, {"weekday": Reason("no-weekday", sentence)}), 422
    if opening_days.set_weekdays(db.session(), at.whose, days):
        _note(at, "change-opening")
    db.session.commit()
    flash(_("Đã lưu ngày mở cửa. Hạn trả mới không rơi vào ngày nghỉ."), "success")
    return _back(at, "opening")


@bp.post("/settings/closures", endpoint="close")
@needs(Permission.RULES)
def add_closure() -> Any:
    """Looked at first, or written, or written with the due dates moved: three buttons of one form."""
    session, at = db.session(), where()
    try:
        form = ClosureForm.read(request.form, clock.today())
    except Invalid as told:
        return page(at, "closure", request.form, told.fields), 422
    opening_days.close(session, at.whose, form.first, form.last, form.why)
    reach = at.reach(form.first, form.last)
    if request.form.get("do") == "look":
        looked = closing.falling(session, reach)
        session.rollback()
        return page(where(), "closure", request.form, looked=looked)
    _note(at, "add-closure")
    if request.form.get("do") == "move":
        return _move(at, reach, form.why, _("Đã thêm ngày nghỉ “%(why)s”.", why=form.why))
    left = sum(one.loans for one in closing.falling(session, reach))
    session.commit()
    flash(_("Đã thêm ngày nghỉ “%(why)s”. %(falling)s", why=form.why, falling=_falling(left)), "success")
    return _back(at, "closures")


def _falling(count: int) -> str:
    if not count:
        return str(_("Không cuốn nào đang mượn có hạn trả trong những ngày này."))
    return str(_("%(count)s cuốn đang mượn có hạn trả trong những ngày này, hạn giữ nguyên.", count=count))


def _move(at: Where, reach: Reach, why: str, words: str) -> Any:
    """The closure, the act and the first of the moving in one transaction; then what was being lent meanwhile."""
    session = db.session()
    doing = Doing.now(current_user.uid, at.branch.id if at.branch else current_user.branch_id)
    shift = closing.begin(session, doing, reach, why)
    count = closing_jobs.go_on(shift, current_user.uid)
    more, shift_id = count >= closing.SOME, shift.id
    session.commit()
    if not more:
        count += closing_jobs.move_late(shift_id)
    flash(f"{words} {_moved(count, more)}", "success")
    return _back(at, "moved")


def _moved(count: int, more: bool) -> str:
    if more:
        return str(_("Máy đang dời hạn trả, nhiều nên làm dần; xem số ở dưới."))
    return str(_("Đã dời %(count)s hạn trả sang ngày mở cửa kế tiếp.", count=count))


@bp.post("/settings/closures/<int:closure_id>/delete", endpoint="open_again")
@needs(Permission.RULES)
def delete_closure(closure_id: int) -> Any:
    closure = db.session.get(Closure, closure_id)
    at = said_there(closure)
    assert closure
    why = closure.why
    opening_days.take_away(db.session(), closure)
    _note(at, "delete-closure")
    db.session.commit()
    flash(_("Đã bỏ ngày nghỉ “%(why)s”. Hạn trả đã dời thì giữ nguyên.", why=why), "success")
    return _back(at, "closures")


@bp.post("/settings/openings", endpoint="open_anyway")
@needs(Permission.RULES)
def add_opening() -> Any:
    at = where()
    try:
        form = ExtraForm.read(request.form, clock.today())
    except Invalid as told:
        return page(at, "extra", request.form, told.fields), 422
    opening_days.open_anyway(db.session(), at.whose, form.day, form.why)
    _note(at, "add-opening")
    db.session.commit()
    flash(_("Ngày %(day)s mở cửa: %(why)s.", day=f"{form.day:%d/%m/%Y}", why=form.why), "success")
    return _back(at, "extra")


@bp.post("/settings/openings/<int:opening_id>/delete", endpoint="not_anyway")
@needs(Permission.RULES)
def delete_opening(opening_id: int) -> Any:
    opening = db.session.get(ExtraOpening, opening_id)
    at = said_there(opening)
    assert opening
    day = opening.day
    opening_days.take_away(db.session(), opening)
    _note(at, "delete-opening")
    db.session.commit()
    flash(_("Ngày %(day)s theo lịch thường.", day=f"{day:%d/%m/%Y}"), "success")
    return _back(at, "extra")


@bp.post("/settings/holidays", endpoint="choose_holidays")
@needs(Permission.RULES)
def save_holidays() -> Any:
    at = where()
    wanted = {} if request.form.get("do") == "inherit" else opening_forms.read_holidays(request.form)
    shown = {kind for kind, *_rest in holidays((), clock.today())}
    kept = {kind: closed for kind, closed in wanted.items() if kind in shown}
    if opening_days.set_holidays(db.session(), at.whose, kept):
        _note(at, "change-holidays")
    db.session.commit()
    flash(_("Đã lưu ngày lễ."), "success")
    return _back(at, "holidays")


@bp.post("/settings/school-terms", endpoint="set_terms")
@needs(Permission.RULES)
def save_terms() -> Any:
    session, at = db.session(), where()
    if not at.whole:
        raise Forbidden(Permission.RULES)
    label = school_years.label_of(clock.today())
    try:
        wanted = opening_forms.read_terms(request.form, school_years.days_of(label))
    except Invalid as told:
        return page(at, "terms", request.form, told.fields), 422
    year = school_years.begun(session, at.library.id, label)
    if opening_days.set_terms(session, year, wanted):
        audit.note(current_user.uid, "change-school-terms", "library", at.library.uid, at.library.id)
    session.commit()
    flash(_("Đã lưu học kỳ của năm học %(label)s.", label=label), "success")
    return _back(at, "terms")


@bp.post("/settings/due-moves", endpoint="move_due")
@needs(Permission.RULES)
def move_due() -> Any:
    """Whatever falls on a closed day from today on: after a change of weekdays, or a closure that moved nothing."""
    at, today = where(), clock.today()
    _note(at, "move-due")
    return _move(at, at.reach(today, today + FAR), _("Hạn trả rơi vào ngày nghỉ"), "")


@bp.post("/settings/due-moves/<uuid:uid>/undo", endpoint="put_back")
@needs(Permission.RULES)
def put_back(uid: UUID) -> Any:
    session = db.session()
    shift = session.scalar(select(DueShift).where(DueShift.uid == uid, DueShift.place_id.is_(None)))
    at = said_there(shift)
    assert shift
    closing.put_back(session, Doing.now(current_user.uid, shift.branch_id or current_user.branch_id), shift)
    count = closing_jobs.go_on(shift, current_user.uid, back=True)
    _note(at, "undo-move-due")
    session.commit()
    flash(
        _(
            "Đã đưa %(count)s hạn trả về ngày cũ. Cuốn đã trả, đã gia hạn hoặc ngày cũ đã qua thì giữ nguyên.",
            count=count,
        ),
        "success",
    )
    return _back(at, "moved")
