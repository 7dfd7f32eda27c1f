"""Signing in and out, and one's own account."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from library import audit
from library.access import for_everyone, for_signed_in, local_address, reads_first
from library.accounts import identity, managing, passwords
from library.accounts.models import Account
from library.core.db import db, for_writing
from library.core.errors import N_, Reason
from library.core.forms import Reader

bp = Blueprint("accounts", __name__)
WRONG = Reason("wrong-password", N_("Tên vào hoặc mật khẩu chưa đúng."))


@bp.get("/sign-in", endpoint="sign_in")
@for_everyone
def show_sign_in() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("welcome.home"), 303)
    return render_template("accounts/sign_in.html", next=request.args.get("next", ""), login="", wrong=None)


@bp.post("/sign-in", endpoint="do_sign_in")
@for_everyone
@reads_first
def do_sign_in() -> Any:
    """The password is checked before anything is written: hashing would hold up every desk."""
    login, password = managing.login_of(request.form.get("login", "")), request.form.get("password", "")
    address = request.remote_addr or ""
    passwords.check_patience(db.session(), login, address)
    account = managing.by_login(db.session(), login)
    fits = passwords.matches(account.password_hash if account else None, password[:256])
    account_id = account.id if account else None
    for_writing()
    if not fits or account_id is None:
        passwords.note_failure(db.session(), login, address)
        db.session.commit()
        page = {"next": request.form.get("next", ""), "login": request.form.get("login", ""), "wrong": WRONG}
        return render_template("accounts/sign_in.html", **page), 401
    return _let_in(db.session.get_one(Account, account_id))


def _let_in(account: Account) -> Any:
    token = identity.open_session(db.session(), account, current_app.config["SESSION_HOURS"])
    audit.note(account.uid, "sign-in", "account", account.uid, account.library_id)
    must_change = account.must_change
    db.session.commit()
    who = identity.load(token)
    login_user(who)
    if must_change:
        return redirect(url_for("accounts.me"), 303)
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)


@bp.post("/sign-out")
@for_signed_in
def sign_out() -> Any:
    identity.end_session(db.session(), current_user.token)
    audit.note(current_user.uid, "sign-out", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    logout_user()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/me")
@for_signed_in
def me() -> Any:
    return render_template("accounts/me.html", complaints={})


@bp.post("/me/password")
@for_signed_in
@reads_first
def change_password() -> Any:
    """The old one once more, then the new one; other sessions of this account end."""
    reader = Reader(request.form)
    old, new = request.form.get("old", "")[:256], request.form.get("new", "")[:256]
    account = db.session.get_one(Account, current_user.id)
    if not passwords.matches(account.password_hash, old):
        reader.complain("old", "wrong-password", N_("Mật khẩu hiện nay chưa đúng."))
    if len(new) < passwords.SHORTEST:
        reader.complain("new", "too-short", N_("Mật khẩu cần ít nhất %(least)s chữ."), least=passwords.SHORTEST)
    if reader.complaints:
        return render_template("accounts/me.html", complaints=reader.complaints), 422
    hashed = passwords.hashed(new)
    for_writing()
    managing.change_password(db.session(), current_user.id, hashed, keep=identity.hash_of(current_user.token))
    audit.note(current_user.uid, "change-password", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    flash(_("Đã đổi mật khẩu. Các máy khác đang mở tài khoản này phải vào lại."), "success")
    return redirect(url_for("accounts.me"), 303)
