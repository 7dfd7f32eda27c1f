"""Accounts of a library's people, for those who may give them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.accounts import codes, keys, managing, second, sessions, staff, staff_forms
from library.accounts.models import Account, CodeFor, Grant
from library.accounts.roles import WITH_THE_YEAR, WITHOUT_BRANCH
from library.core import clock
from library.core.db import db
from library.core.errors import Forbidden, Invalid, NotFound, Reason
from library.core.paging import page_number, page_of
from library.organisations.models import Branch, Organisation
from library.patrons import queries
from library.patrons.models import SchoolClass

bp = Blueprint("staff", __name__)
A_PAGE = 50
ONCE = "slip-code"


def _library() -> tuple[Sequence[Organisation], Organisation]:
    """Those in scope, and the one asked for."""
    found = queries.libraries(db.session(), here())
    return found, queries.chosen(found, request.values.get("lib"), current_user.library_id)


def _own(library_id: int) -> bool:
    return bool(library_id == current_user.library_id)


@bp.get("/staff", endpoint="accounts")
@needs(Permission.ACCOUNTS)
def list_accounts() -> Any:
    libraries, library = _library()
    lib = None if _own(library.id) else library.slug
    page = page_of(db.session(), staff.of_library(library.id), page_number(request.args.get("page")), A_PAGE)
    return render_template(
        "accounts/staff.html", libraries=libraries, library=library, page=page, lib=lib, tells=staff.TELLS,
        held={one.id: staff.held_now(one) for one in page}, is_expected=managing.is_expected,
        page_address=lambda number: url_for("staff.accounts", lib=lib, page=number),
    )  # fmt: skip


# Inviting


@bp.get("/staff/new", endpoint="new")
@needs(Permission.ACCOUNTS)
def show_new() -> Any:
    return _new_page(_library()[1], {}, {})


def _offers(library_id: int) -> dict[str, Any]:
    """What may be chosen when a role is given."""
    return {
        "roles": staff.givable(db.session(), library_id, access.scope),
        "tells": staff.TELLS,
        "branches": [(one.uid, one.name) for one in staff_forms.branches_of(library_id)],
        "classes": [(one.uid, one.name) for one in staff_forms.classes_of(library_id)],
        "year_end": staff_forms.last_day(staff.year_end(db.session(), library_id, clock.today())),
        "with_the_year": WITH_THE_YEAR,
        "without_branch": WITHOUT_BRANCH,
    }


def _new_page(library: Organisation, told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    lib = None if _own(library.id) else library.slug
    offers = _offers(library.id)
    return render_template(
        "accounts/staff_new.html", library=library, lib=lib, told=told, complaints=complaints, days=codes.DAYS_INVITED,
        most_days=codes.MOST_DAYS, **offers,
    )  # fmt: skip


@bp.post("/staff", endpoint="invite")
@needs(Permission.ACCOUNTS)
def invite() -> Any:
    """An account that waits, and a code for its person, shown once and printed on a slip."""
    _libraries, library = _library()
    try:
        new = staff_forms.read_newcomer(library.id)
    except Invalid as told:
        return _new_page(library, request.form, told.fields), 422
    account = managing.expected(db.session(), new.name, new.branch)
    staff.give(db.session(), account, new.giving)
    return _with_code(account, CodeFor.INVITE, new.days, "invite")


def _with_code(account: Account, kind: CodeFor, days: int, verb: str) -> Any:
    code, uid = codes.make(db.session(), account.id, kind, days), account.uid
    audit.note(current_user.uid, verb, "account", uid, account.library_id)
    db.session.commit()
    session[ONCE] = [str(uid), code]
    return redirect(url_for("staff.account", uid=uid), 303)


# One account


def _account(uid: UUID, lock: bool = False, touch: bool = False) -> Account:
    """An account of one's libraries. To `touch` it, it must be another's and hold nothing above one's own rights."""
    found = staff.by_uid(db.session(), uid, here(), lock)
    if found is None:
        raise NotFound
    if touch and found.id == current_user.id:
        raise staff.NotYours
    if touch and staff.is_above(db.session(), found, access.scope, current_user.grants):
        raise Forbidden(Permission.ACCOUNTS)
    return found


@bp.get("/staff/<uuid:uid>", endpoint="account")
@needs(Permission.ACCOUNTS)
def show_account(uid: UUID) -> Any:
    return _account_page(_account(uid), {}, {})


def _account_page(account: Account, told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    at, mine = db.session(), account.id == current_user.id
    may_touch = not mine and not staff.is_above(at, account, access.scope, current_user.grants)
    kept = session.get(ONCE) or ["", ""]
    code = codes.shown(session.pop(ONCE)[1]) if kept[0] == str(account.uid) else ""
    waiting = [*codes.waiting(at, account.id)[CodeFor.INVITE], *codes.waiting(at, account.id)[CodeFor.RECOVER]]
    return render_template(
        "accounts/staff_account.html", account=account, held=_told(staff.not_over(account)), mine=mine, may_touch=may_touch,
        lib=None if _own(account.library_id) else account.library.slug, code=code, waiting=waiting[-1] if waiting else None,
        is_expected=managing.is_expected(account), key=keys.told(at, account.id), told=told, complaints=complaints,
        open_now=sessions.going_on(at, account.id), address=url_for("codes.ask", _external=True), local=clock.HERE,
        **_offers(account.library_id),
    )  # fmt: skip


def _told(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """Each with the names of where it holds, and its last day."""
    at = db.session()
    return [
        {
            "id": one.id,
            "role": one.role,
            "library": at.get_one(Organisation, one.library_id),
            "branch": at.get_one(Branch, one.branch_id).name if one.branch_id else "",
            "class": at.get_one(SchoolClass, one.class_id).name if one.class_id else "",
            "last": staff_forms.last_day(one.to_on) if one.to_on else "",
        }
        for one in grants
    ]


def _done(account: Account, verb: str, words: str) -> Any:
    uid = account.uid
    audit.note(current_user.uid, verb, "account", uid, account.library_id)
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("staff.account", uid=uid), 303)


@bp.post("/staff/<uuid:uid>/role", endpoint="give")
@needs(Permission.ACCOUNTS)
def give_role(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    try:
        giving = staff_forms.read_giving(account.library_id)
    except Invalid as told:
        return _account_page(account, request.form, told.fields), 422
    staff.give(db.session(), account, giving, beside=bool(request.form.get("beside")))
    return _done(account, f"give-{giving.role}", _("Đã giao việc mới. Có hiệu lực ngay."))


@bp.post("/staff/<uuid:uid>/grants/<int:grant_id>/end", endpoint="end_grant")
@needs(Permission.ACCOUNTS)
def end_grant(uid: UUID, grant_id: int) -> Any:
    account = _account(uid, lock=True, touch=True)
    found = next((one for one in staff.not_over(account) if one.id == grant_id), None)
    if found is None:
        raise NotFound
    role = found.role
    staff.end_grant(db.session(), found)
    return _done(account, f"take-{role}", _("Đã thôi giao việc này. Có hiệu lực ngay."))


@bp.post("/staff/<uuid:uid>/code", endpoint="new_code")
@needs(Permission.ACCOUNTS)
def new_code(uid: UUID) -> Any:
    """For who forgot the password, or lost the slip of the invitation. The old password opens nothing from now on."""
    account = _account(uid, lock=True, touch=True)
    if managing.is_expected(account):
        return _with_code(account, CodeFor.INVITE, codes.DAYS_INVITED, "invite-again")
    staff.shut_out(db.session(), account)
    return _with_code(account, CodeFor.RECOVER, codes.DAYS_TO_RECOVER, "new-password")


@bp.post("/staff/<uuid:uid>/second/off", endpoint="drop_second")
@needs(Permission.ACCOUNTS)
def drop_second(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    second.turn_off(db.session(), account.id)
    return _done(account, "drop-second", _("Đã bỏ mã trên điện thoại. Lần sau vào chỉ cần mật khẩu."))


@bp.post("/staff/<uuid:uid>/sessions/end", endpoint="end_sessions")
@needs(Permission.ACCOUNTS)
def end_sessions(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    count = sessions.end_all(db.session(), account.id)
    return _done(account, "end-sessions", _("%(count)s máy đã ra.", count=count))


@bp.post("/staff/<uuid:uid>/disable", endpoint="disable")
@needs(Permission.ACCOUNTS)
def disable(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    staff.disable(db.session(), account)
    return _done(account, "disable", _("Đã khóa tài khoản. Máy nào đang mở tài khoản này cũng ra ngay."))


@bp.post("/staff/<uuid:uid>/enable", endpoint="enable")
@needs(Permission.ACCOUNTS)
def enable(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    staff.enable(db.session(), account)
    return _done(account, "enable", _("Đã mở lại tài khoản, mật khẩu cũ dùng tiếp."))
