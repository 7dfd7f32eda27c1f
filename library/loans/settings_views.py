"""The library's settings: terms for each category of readers, opening days and closures."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs
from library.calendars import opening_days
from library.calendars.models import Closure
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.loans import terms
from library.loans.terms import ClosureForm
from library.organisations.models import Branch, Organisation
from library.patrons import queries

bp = Blueprint("terms", __name__)
WEEKDAYS = (
    N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm"), N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ nhật"),
)  # fmt: skip
Told = Mapping[str, Any]
Complaints = Mapping[str, Reason]


def _library() -> tuple[Sequence[Organisation], Organisation]:
    """Those in scope, and the one asked for."""
    found = queries.libraries(db.session(), here())
    return found, queries.chosen(found, request.values.get("lib"), current_user.library_id)


def _branch(library: Organisation) -> tuple[Sequence[Branch], Branch]:
    """Open branches of the library, and the one asked for: one's own if it is among them. NotFound for another's."""
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.closed_on.is_(None))
    found = db.session.scalars(query.where(here().of_branches(Branch.id)).order_by(Branch.id)).all()
    asked = request.values.get("branch")
    chosen = next((one for one in found if str(one.uid) == asked), None)
    if (asked and chosen is None) or not found:
        raise NotFound
    return found, chosen or next((one for one in found if one.id == current_user.branch_id), found[0])


@bp.get("/settings", endpoint="settings")
@needs(Permission.RULES)
def show_settings() -> Any:
    return _page({}, {})


def _page(told: Told, complaints: Complaints, section: str = "", falling: str = "") -> str:
    """`section` is the form that was sent and comes back: terms, opening or closure."""
    session, (libraries, library) = db.session(), _library()
    branches, branch = _branch(library)
    today = clock.today()
    return render_template(
        "loans/settings.html", libraries=libraries, library=library, branches=branches, branch=branch,
        lines=terms.lines(session, library), others=terms.for_others(session, library.id), weekdays=WEEKDAYS,
        open_on=opening_days.weekdays(session, branch.id), closures=opening_days.closures(session, branch.id, today),
        falling_on=terms.due_within(session, branch.id, today), told=told, complaints=complaints, section=section,
        falling=falling, own=library.id == current_user.library_id,
        may_see_accounts=access.scope(Permission.ACCOUNTS).holds_library(library.id),
    )  # fmt: skip


def _back(library: Organisation, branch: Branch | None = None, anchor: str = "") -> Any:
    lib = None if library.id == current_user.library_id else library.slug
    asked = branch.uid if branch and branch.id != current_user.branch_id else None
    return redirect(url_for("terms.settings", lib=lib, branch=asked, _anchor=anchor or None), 303)


@bp.post("/settings/terms", endpoint="save")
@needs(Permission.RULES)
def save_terms() -> Any:
    session, (_libraries, library) = db.session(), _library()
    ids = [line.category.id for line in terms.lines(session, library)]
    try:
        wanted = terms.read(request.form, ids)
    except Invalid as told:
        return _page(request.form, told.fields, "terms"), 422
    if terms.save(session, library, wanted):
        audit.note(current_user.uid, "change-terms", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã lưu chính sách mượn. Lượt mượn từ nay theo số mới, sách đang mượn giữ hạn cũ."), "success")
    return _back(library)


@bp.post("/settings/opening", endpoint="open_on")
@needs(Permission.RULES)
def save_weekdays() -> Any:
    session, (_libraries, library) = db.session(), _library()
    _branches, branch = _branch(library)
    days = {int(one) for one in request.form.getlist("weekday") if one in "0123456" and len(one) == 1}
    if not days:
        sentence = N_("Chọn ít nhất một ngày mở cửa.")
        return _page(request.form, {"weekday": Reason("no-weekday", sentence)}, "opening"), 422
    opening_days.set_weekdays(session, branch.id, days)
    audit.note(current_user.uid, "change-opening", "branch", branch.uid, library.id)
    session.commit()
    flash(_("Đã lưu ngày mở cửa. Hạn trả mới không rơi vào ngày nghỉ."), "success")
    return _back(library, branch, "opening")


@bp.post("/settings/closures", endpoint="close")
@needs(Permission.RULES)
def add_closure() -> Any:
    """Looked at first, or written: the two buttons of one form."""
    session, (_libraries, library) = db.session(), _library()
    _branches, branch = _branch(library)
    try:
        form = ClosureForm.read(request.form, clock.today())
    except Invalid as told:
        return _page(request.form, told.fields, "closure"), 422
    count = terms.due_between(session, branch.id, form.first, form.last)
    if request.form.get("do") == "look":
        return _page(request.form, {}, "closure", falling=_falling(count))
    opening_days.close(session, branch.id, form.first, form.last, form.why)
    audit.note(current_user.uid, "add-closure", "branch", branch.uid, library.id)
    session.commit()
    flash(_("Đã thêm ngày nghỉ “%(why)s”. %(falling)s", why=form.why, falling=_falling(count)), "success")
    return _back(library, branch, "opening")


def _falling(count: int) -> str:
    if not count:
        return str(_("Không cuốn nào đang mượn có hạn trả trong những ngày này."))
    return str(_("%(count)s cuốn đang mượn có hạn trả trong những ngày này, hạn giữ nguyên.", count=count))


@bp.post("/settings/closures/<int:closure_id>/delete", endpoint="open_again")
@needs(Permission.RULES)
def delete_closure(closure_id: int) -> Any:
    query = select(Closure, Branch).join(Branch, Branch.id == Closure.branch_id)
    found = db.session.execute(query.where(Closure.id == closure_id, here().of_branches(Closure.branch_id))).first()
    if found is None:
        raise NotFound
    closure, branch = found
    why = closure.why
    opening_days.open_again(db.session(), closure)
    audit.note(current_user.uid, "delete-closure", "branch", branch.uid, branch.organisation_id)
    db.session.commit()
    flash(_("Đã bỏ ngày nghỉ “%(why)s”.", why=why), "success")
    return _back(db.session.get_one(Organisation, branch.organisation_id), branch, "opening")
