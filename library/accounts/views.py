"""Signing in and out, and one's own account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from library import access, audit
from library.access import for_everyone, for_signed_in, reads_first
from library.accounts import codes, entering, gate, identity, keys, managing, passwords, sessions, staff
from library.accounts.models import Account, CodeFor
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, NotFound, Reason
from library.core.forms import Reader

bp = Blueprint("accounts", __name__)
WRONG = Reason("wrong-password", N_("Tên vào hoặc mật khẩu chưa đúng."))
OLD_WRONG = Reason("wrong-password", N_("Mật khẩu hiện nay chưa đúng."))
ONCE = "own-code"


@bp.record
def keep_the_gate(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    access.register_gate(state.app, gate.gate)


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
    return entering.after_password(db.session.get_one(Account, account_id), request.form.get("next"))


@bp.post("/sign-out")
@for_signed_in
def sign_out() -> Any:
    identity.end_session(db.session(), current_user.token)
    audit.note(current_user.uid, "sign-out", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    logout_user()
    entering.forget_who_was_here()
    return redirect(url_for("accounts.sign_in"), 303)


# One's own account


@bp.get("/me")
@for_signed_in
def me() -> Any:
    return _my_page({})


def _my_page(complaints: Mapping[str, Reason]) -> str:
    at, mine = db.session(), current_user.id
    return render_template(
        "accounts/me.html", complaints=complaints, tells=staff.TELLS, key=keys.told(at, mine),
        waiting=codes.waiting(at, mine)[CodeFor.PRINTED], open_now=len(sessions.going_on(at, mine)),
    )  # fmt: skip


def is_my_password(password: str) -> bool:
    """Asked once more before a lock is changed: whoever finds an open desk may not make it theirs. Slows down a guesser.

    Call while reading; it goes on to writing only to note a wrong one, and then commits.
    """
    address = request.remote_addr or ""
    passwords.check_patience(db.session(), current_user.login, address)
    account = db.session.get_one(Account, current_user.id)
    if passwords.matches(account.password_hash, password[:256]):
        return True
    for_writing()
    passwords.note_failure(db.session(), current_user.login, address)
    db.session.commit()
    return False


@bp.post("/me/password")
@for_signed_in
@reads_first
def change_password() -> Any:
    """The old one once more, then the new one; other sessions of this account end."""
    reader = Reader(request.form)
    new = request.form.get("new", "")[:256]
    if not is_my_password(request.form.get("old", "")):
        reader.complaints["old"] = OLD_WRONG
    passwords.judge(reader, "new", new, current_user.login)
    if reader.complaints:
        return _my_page(reader.complaints), 422
    hashed = passwords.hashed(new)
    for_writing()
    managing.change_password(db.session(), current_user.id, hashed, keep=identity.hash_of(current_user.token))
    _note("change-password")
    db.session.commit()
    flash(_("Đã đổi mật khẩu. Các máy khác đang mở tài khoản này phải vào lại."), "success")
    return redirect(url_for("accounts.me"), 303)


def _note(verb: str) -> None:
    audit.note(current_user.uid, verb, "account", current_user.uid, current_user.library_id)


@bp.post("/me/paper")
@for_signed_in
@reads_first
def make_paper() -> Any:
    """A code to print and lock away, for the day the password is forgotten. The one before opens nothing any more."""
    if not is_my_password(request.form.get("paper-password", "")):
        return _my_page({"paper-password": OLD_WRONG}), 422
    for_writing()
    code = codes.make(db.session(), current_user.id, CodeFor.PRINTED)
    _note("print-recovery-code")
    db.session.commit()
    session[ONCE] = code
    return redirect(url_for("accounts.paper"), 303)


@bp.get("/me/paper")
@for_signed_in
def paper() -> Any:
    code = session.pop(ONCE, None)
    if code is None:
        return redirect(url_for("accounts.me"), 303)
    return render_template("accounts/paper.html", code=codes.shown(code), made_on=clock.today())


@bp.post("/me/card", endpoint="set_card")
@for_signed_in
@reads_first
def set_card() -> Any:
    """One's own reader card and a PIN: together they unlock the desk."""
    reader = Reader(request.form)
    card, pin = reader.text("card", longest=60), keys.read_pin(reader, "pin")
    code_id = keys.card_of(db.session(), card, current_user.library_id) if card else None
    if card and code_id is None:
        reader.complain("card", "unknown", N_("Không có thẻ đang dùng mang số này ở thư viện mình."))
    if not reader.complaints and not is_my_password(request.form.get("card-password", "")):
        reader.complaints["card-password"] = OLD_WRONG
    if reader.complaints:
        return _my_page(reader.complaints), 422
    hashed = passwords.hashed(pin)
    for_writing()
    assert code_id
    if not keys.set_card(db.session(), current_user.id, code_id, hashed):
        taken = Reason("taken", N_("Thẻ này đang gắn với tài khoản khác."))
        return _my_page({"card": taken}), 422
    _note("set-card")
    db.session.commit()
    flash(_("Từ nay mở khóa màn hình bằng thẻ và PIN cũng được."), "success")
    return redirect(url_for("accounts.me"), 303)


@bp.post("/me/card/remove", endpoint="remove_card")
@for_signed_in
def remove_card() -> Any:
    keys.remove_card(db.session(), current_user.id)
    _note("remove-card")
    db.session.commit()
    flash(_("Thẻ không còn mở khóa được nữa. Mật khẩu vẫn mở được."), "success")
    return redirect(url_for("accounts.me"), 303)


# Where one is signed in


@bp.get("/me/sessions", endpoint="sessions")
@for_signed_in
def list_sessions() -> Any:
    found = sessions.going_on(db.session(), current_user.id)
    here = identity.hash_of(current_user.token)
    return render_template("accounts/sessions.html", sessions=found, here=here, local=clock.HERE)


@bp.post("/me/sessions/<uuid:uid>/end", endpoint="end_session")
@for_signed_in
def end_session(uid: UUID) -> Any:
    if not sessions.end(db.session(), current_user.id, uid):
        raise NotFound
    _note("end-session")
    db.session.commit()
    flash(_("Máy đó đã ra. Ai đang ngồi ở đó phải vào lại."), "success")
    return redirect(url_for("accounts.sessions"), 303)


@bp.post("/me/sessions/end", endpoint="end_others")
@for_signed_in
def end_others() -> Any:
    count = sessions.end_all(db.session(), current_user.id, keep=current_user.token)
    _note("end-session")
    db.session.commit()
    flash(_("%(count)s máy khác đã ra.", count=count), "success")
    return redirect(url_for("accounts.sessions"), 303)


@bp.post("/me/seen")
@for_signed_in
def seen() -> Any:
    """Somebody is here and only reads. Written by the gate, and seldom."""
    db.session.commit()
    return "", 204
