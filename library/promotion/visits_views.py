"""The day's visits: what was counted, a form for what people count, corrections."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.core import clock, versions
from library.core.db import bump, db
from library.core.errors import Invalid, Refused
from library.core.forms import Reader
from library.core.paging import page_number
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Branch, Organisation
from library.policies.rulebook import RULES
from library.promotion import gates, kiosks, visits, visits_classes, visits_day, visits_words
from library.promotion.visits_day import Line
from library.promotion.visits_forms import SEXES, EntryForm, Group, day_of
from library.promotion.visits_scopes import act_here, branch_here, branches
from library.uses import settings
from library.uses.desk_visits import WHOLE
from library.uses.models import VisitKind
from library.uses.settings import Counts

bp = Blueprint("visits", __name__)
LISTED = {"": (*visits.KINDS, gates.KIND), "kiosk": (kiosks.KIND,)}
"""What the day's list shows: lines that people typed, or readers one by one as the kiosk counted them."""
LONGEST_WINDOW = 24 * 60


@bp.app_template_global("has_address")
def has_address(endpoint: str) -> bool:
    """Whether there is such a page, and one may open it."""
    mark = access.mark_of(current_app, endpoint)
    return endpoint in current_app.view_functions and (not isinstance(mark, Permission) or bool(access.scope(mark)))


@bp.get("/visits", endpoint="show")
@needs(Permission.VISITS)
def show() -> Any:
    """`on`: the day; `at`: the branch; `list=kiosk`: readers one by one; `class`: chosen beforehand."""
    return _page(_branch(), told=request.args)


def _branch() -> Branch:
    return branch_here(db.session(), uuid_or_none(request.values.get("at")), current_user.branch_id)


def _page(branch: Branch, told: Any, complaints: Any = None, act: Act | None = None, refused: Any = ()) -> str:
    session, on = db.session(), day_of(told.get("on"))
    listed = told.get("list") if told.get("list") in LISTED else ""
    open_gates, groups = gates.gates(session, branch.id), visits_classes.groups(session, branch.organisation_id)
    return render_template(
        "promotion/visits.html", branch=branch, on=on, day=visits_day.day(session, branch.id, on),
        lines=visits_day.lines(session, branch.id, on, LISTED[listed], page_number(request.args.get("page"))), listed=listed,
        week=visits_day.week(session, branch.id, on), groups=groups, options=[_option(one) for one in groups],
        gates=open_gates, readings=gates.last(session, [one.id for one in open_gates]), words=visits_words, told=told,
        complaints=complaints or {}, refused=refused, act=act, first=clock.today() - visits.BACK, last=clock.today(),
        branches=branches(session, here()), own=branch.id == current_user.branch_id, form_uid=clock.uuid7(),
        typed=visits.TYPED, known=current_app.view_functions, lib=None,
        may_set=access.scope(Permission.RULES).holds_library(branch.organisation_id),
    )  # fmt: skip


def _option(group: Group) -> tuple[str, str]:
    return str(group.uid), _("%(name)s (%(count)s em)", name=group.name, count=group.size)


def where(branch: Branch, **more: Any) -> str:
    """The day's page of this branch."""
    at = None if branch.id == current_user.branch_id else branch.uid
    return url_for("visits.show", at=at, **more)


@bp.post("/visits", endpoint="record")
@needs(Permission.VISITS)
def record() -> Any:
    """A line: {kind, class, heads, boys, girls, …, books, on}."""
    branch = _branch()
    form = _read(branch, None)
    if not isinstance(form, EntryForm):
        return form

    def work() -> dict[str, Any]:
        told = visits.record(db.session(), _doing(form.posted, branch), branch.id, form.entry)
        audit.note(current_user.uid, "count-visits", "branch", branch.uid, branch.organisation_id)
        return _told(form.posted, told)

    return _answer(branch, form, work)


def _doing(posted: Posted, branch: Branch) -> Any:
    return posting.doing_at(posted, branch.id)


def _read(branch: Branch, act: Act | None) -> Any:
    """The form; or the page with its complaints, for those who filled it by hand."""
    told, groups = posting.source(), visits_classes.groups(db.session(), branch.organisation_id)
    try:
        return EntryForm.read(told, groups, act.uid if act else None)
    except Invalid as wrong:
        if request.is_json:
            raise
        return _page(branch, told, wrong.fields, act), 422


def _answer(branch: Branch, form: EntryForm, work: Any) -> Any:
    """The day's page again; where it was refused, with the form as it was filled."""
    try:
        return posting.answer_aloud(
            form.posted, form.content, work, lambda done: where(branch, on=form.entry.on.isoformat())
        )
    except Refused as wrong:
        if request.is_json or isinstance(wrong, Invalid):
            raise
        db.session.rollback()
        return _page(branch, request.form, refused=wrong.reasons), wrong.status


def _told(posted: Posted, told: visits.Told) -> dict[str, Any]:
    said = _("Đã ghi %(count)s lượt.", count=told.visits)
    if told.known:
        more = _("%(known)s em đã được ghi từng người nên máy không đếm lại.", known=told.known)
        said = f"{said} {more}"
    return {"act": str(posted.uid), "visits": told.visits, "known": told.known, "do": said, "outcome": "success"}


@bp.get("/visits/<uuid:uid>", endpoint="edit")
@needs(Permission.VISITS)
def edit(uid: UUID) -> Any:
    """The line in the form, to be corrected."""
    session = db.session()
    act = act_here(session, uid, visits.KINDS)
    branch = session.get_one(Branch, act.branch_id)
    line = visits_day.one(session, act)
    usual = VisitKind.CLASS if line.class_name else VisitKind.GUEST
    told: dict[str, Any] = {
        "kind": line.visit_kind or usual, "heads": str(line.visits), "boys": line.sexes.get("m", ""),
        "girls": line.sexes.get("f", ""), "category": line.what or "", "books": line.books or "",
        "class_books": line.class_books or "", "on": clock.day_of(act.occurred_at).isoformat(),
        "less": "1" if act.kind == WHOLE else "", **_needs(line),
    }  # fmt: skip
    groups = visits_classes.groups(session, branch.organisation_id)
    told["class"] = next((str(one.uid) for one in groups if one.name == line.class_name), "")
    return _page(branch, told, act=act)


def _needs(line: Line) -> dict[str, int]:
    """As the form asks: all with a need, and the boys and girls among them."""
    found = {f"{need}-heads": count for need, count in line.needs.items()}
    sexes = {letter: name for name, letter in SEXES}
    return found | {f"{need}-{sexes[sex]}": count for (need, sex), count in line.apart.items()}


@bp.post("/visits/<uuid:uid>", endpoint="correct")
@needs(Permission.VISITS)
def correct(uid: UUID) -> Any:
    """The line was wrong: rows of the opposite, and a new line."""
    session = db.session()
    act = act_here(session, uid, visits.KINDS)
    branch = session.get_one(Branch, act.branch_id)
    form = _read(branch, act)
    if not isinstance(form, EntryForm):
        return form

    def work() -> dict[str, Any]:
        at, wrong = db.session(), act_here(db.session(), uid, visits.KINDS)
        told = visits.correct(at, _doing(form.posted, branch), wrong, form.entry)
        audit.note(current_user.uid, "correct-visits", "branch", branch.uid, branch.organisation_id)
        return _told(form.posted, told)

    return _answer(branch, form, work)


@bp.post("/visits/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.VISITS)
def undo(uid: UUID) -> Any:
    """A line, a reading or a reader at the kiosk does not count."""
    session, told = db.session(), posting.source()
    act = act_here(session, uid, (*visits.KINDS, gates.KIND, kiosks.KIND))
    branch, on = session.get_one(Branch, act.branch_id), clock.day_of(act.occurred_at)
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted is not None

    def work() -> dict[str, Any]:
        _take_back(_doing(posted, branch), act_here(db.session(), uid, (act.kind,)), branch)
        audit.note(current_user.uid, "undo-visits", "branch", branch.uid, branch.organisation_id)
        return {"undid": str(uid), "do": _("Đã bỏ. Dòng này không tính nữa."), "outcome": "success"}

    listed = "kiosk" if act.kind == kiosks.KIND else None
    back = lambda done: where(branch, on=on.isoformat(), list=listed)  # noqa: E731
    return posting.answer_aloud(posted, {"undo": str(uid)}, work, back)


def _take_back(doing: Any, act: Act, branch: Branch) -> None:
    session = db.session()
    if act.kind == gates.KIND:
        gates.undo(session, doing, act)
    elif act.kind == kiosks.KIND:
        kiosks.undo(session, doing, act, settings.read(session, branch.organisation_id))
    else:
        visits.undo(session, doing, act)


# What a library counts


@bp.get("/visits/settings", endpoint="settings")
@needs(Permission.RULES)
def show_settings() -> Any:
    library = _library()
    counts = settings.of(db.session(), library.id, versions.of(db.session(), RULES))
    return render_template("promotion/visits_settings.html", library=library, counts=counts, complaints={}, told=None)


def _library() -> Organisation:
    return db.session.get_one(Organisation, here().library(current_user.library_id))


@bp.post("/visits/settings", endpoint="save_settings")
@needs(Permission.RULES)
def save_settings() -> Any:
    session, library, reader = db.session(), _library(), Reader(request.form)
    minutes = reader.number("repeat_minutes", 0, LONGEST_WINDOW)
    if reader.complaints:
        counts = settings.read(session, library.id)
        return render_template(
            "promotion/visits_settings.html",
            library=library,
            counts=counts,
            complaints=reader.complaints,
            told=request.form,
        ), 422
    bump(session, RULES)  # the lock of whoever changes what is counted, taken before anything is read
    ticked = (reader.ticked(name) for name in ("loan_is_visit", "renewal_is_use", "kiosk_voice"))
    loan, renewal, voice = ticked
    if settings.save(session, library.id, Counts(loan, renewal, minutes or 0, voice)):
        audit.note(current_user.uid, "change-counting", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã lưu. Từ nay máy đếm theo cách mới, số đã ghi giữ nguyên."), "success")
    return redirect(url_for("visits.settings"), 303)
