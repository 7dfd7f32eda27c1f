"""Accounts of a library's people, for those who may give them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs, reads_first
from library.accounts import managing, passwords, staff
from library.accounts.managing import LoginTaken
from library.accounts.models import Account, RoleName
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Forbidden, Invalid, NotFound, Reason
from library.core.forms import Reader
from library.core.paging import page_number, page_of
from library.organisations.models import Branch, Organisation
from library.patrons import queries
from library.patrons.models import SchoolClass

bp = Blueprint("staff", __name__)
A_PAGE = 50
ONCE = "first-password"


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
        held={one.id: staff.held_now(one) for one in page},
        page_address=lambda number: url_for("staff.accounts", lib=lib, page=number),
    )  # fmt: skip


# Inviting


@bp.get("/staff/new", endpoint="new")
@needs(Permission.ACCOUNTS)
def show_new() -> Any:
    return _new_page(_library()[1], {}, {})


def _branches(library: Organisation) -> Sequence[Branch]:
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.closed_on.is_(None))
    return db.session.scalars(query.order_by(Branch.id)).all()


def _classes(library: Organisation) -> Sequence[SchoolClass]:
    return [one for one, _count in queries.classes(db.session(), library.id, clock.today(), here())]


def _new_page(library: Organisation, told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    return render_template(
        "accounts/staff_new.html", library=library, lib=None if _own(library.id) else library.slug, told=told,
        complaints=complaints, roles=staff.givable(db.session(), library.id, access.scope), tells=staff.TELLS,
        branches=[(one.uid, one.name) for one in _branches(library)],
        classes=[(one.uid, one.name) for one in _classes(library)],
    )  # fmt: skip


@bp.post("/staff", endpoint="invite")
@needs(Permission.ACCOUNTS)
@reads_first
def invite() -> Any:
    """The first password is made, hashed outside of the transaction, and shown once."""
    _libraries, library = _library()
    try:
        login, name, role, branch, class_id = _read(library)
    except Invalid as told:
        return _new_page(library, request.form, told.fields), 422
    password, actor = staff.first_password(), current_user.uid
    hashed, branch_id = passwords.hashed(password), branch.id
    for_writing()
    try:
        account = staff.invite(db.session(), db.session.get_one(Branch, branch_id), login, name, hashed)
    except LoginTaken as taken:
        return _new_page(_library()[1], request.form, {"login": taken.reasons[0]}), 422
    staff.give(db.session(), account, role, class_id)
    audit.note(actor, "invite", "account", account.uid, account.library_id)
    uid = account.uid
    db.session.commit()
    session[ONCE] = [str(uid), password]
    return redirect(url_for("staff.account", uid=uid), 303)


def _read(library: Organisation) -> tuple[str, str, RoleName, Branch, int | None]:
    """Raises Invalid; Forbidden for a role that is not one's own to give here."""
    reader = Reader(request.form)
    login, name = reader.text("login", longest=60), reader.text("name", longest=100)
    if login and not managing.login_of(login).strip(".-_@"):
        reader.complain("login", "login", N_("Tên vào viết bằng chữ hoặc số, như ha hay ha.th."))
    role = reader.choice("role", {one.value: one for one in staff.TELLS})
    branches = {str(one.uid): one for one in _branches(library)}
    branch = reader.choice("branch", branches, required=False) or next(iter(branches.values()))
    classes = {str(one.uid): one.id for one in _classes(library)}
    class_id = reader.choice("class", classes, required=False)
    reader.done()
    assert role
    _check_givable(role, library.id)
    return login, name, role, branch, class_id if role is RoleName.TEACHER else None


def _check_givable(role: RoleName, library_id: int) -> None:
    where = staff.reach(db.session(), role, library_id, clock.today())
    if not staff.may_give(role, where, access.scope):
        raise Forbidden(Permission.ACCOUNTS)


# One account


def _account(uid: UUID, lock: bool = False, touch: bool = False) -> Account:
    """An account of one's libraries. To `touch` it, it must be another's and hold nothing above one's own rights."""
    found = staff.by_uid(db.session(), uid, here(), lock)
    if found is None:
        raise NotFound
    if touch and found.id == current_user.id:
        raise staff.NotYours
    if touch and staff.is_above(db.session(), found, access.scope):
        raise Forbidden(Permission.ACCOUNTS)
    return found


@bp.get("/staff/<uuid:uid>", endpoint="account")
@needs(Permission.ACCOUNTS)
def show_account(uid: UUID) -> Any:
    account = _account(uid)
    mine = account.id == current_user.id
    may_touch = not mine and not staff.is_above(db.session(), account, access.scope)
    kept = session.get(ONCE) or ["", ""]
    password = session.pop(ONCE)[1] if kept[0] == str(uid) else ""
    roles = staff.givable(db.session(), account.library_id, access.scope) if may_touch else []
    return render_template(
        "accounts/staff_account.html", account=account, held=staff.held_now(account), tells=staff.TELLS, mine=mine,
        may_touch=may_touch, password=password, roles=roles, lib=None if _own(account.library_id) else account.library.slug,
    )  # fmt: skip


def _done(account_uid: UUID, words: str) -> Any:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("staff.account", uid=account_uid), 303)


@bp.post("/staff/<uuid:uid>/role", endpoint="give")
@needs(Permission.ACCOUNTS)
def give_role(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    reader = Reader(request.form)
    role = reader.choice("role", {one.value: one for one in staff.TELLS})
    reader.done()
    assert role
    _check_givable(role, account.library_id)
    staff.give(db.session(), account, role)
    audit.note(current_user.uid, f"give-{role}", "account", uid, account.library_id)
    return _done(uid, _("Đã giao việc mới. Có hiệu lực ngay."))


@bp.post("/staff/<uuid:uid>/password", endpoint="new_password")
@needs(Permission.ACCOUNTS)
@reads_first
def new_password(uid: UUID) -> Any:
    _account(uid, touch=True)
    password = staff.first_password()
    hashed = passwords.hashed(password)
    for_writing()
    account = _account(uid, lock=True, touch=True)
    staff.new_password(db.session(), account, hashed)
    audit.note(current_user.uid, "new-password", "account", uid, account.library_id)
    db.session.commit()
    session[ONCE] = [str(uid), password]
    return redirect(url_for("staff.account", uid=uid), 303)


@bp.post("/staff/<uuid:uid>/disable", endpoint="disable")
@needs(Permission.ACCOUNTS)
def disable(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    staff.disable(db.session(), account)
    audit.note(current_user.uid, "disable", "account", uid, account.library_id)
    return _done(uid, _("Đã khóa tài khoản. Máy nào đang mở tài khoản này cũng ra ngay."))


@bp.post("/staff/<uuid:uid>/enable", endpoint="enable")
@needs(Permission.ACCOUNTS)
def enable(uid: UUID) -> Any:
    account = _account(uid, lock=True, touch=True)
    staff.enable(db.session(), account)
    audit.note(current_user.uid, "enable", "account", uid, account.library_id)
    return _done(uid, _("Đã mở lại tài khoản, mật khẩu cũ dùng tiếp."))
