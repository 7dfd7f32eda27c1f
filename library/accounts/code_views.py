"""A number on a slip of paper: the first coming in, or a new password. Needs no e-mail and nobody's help."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from library import audit
from library.access import for_everyone, reads_first
from library.accounts import codes, entering, managing, passwords, suggesting
from library.accounts.models import Account, CodeFor
from library.core.db import db, for_writing
from library.core.errors import N_, Reason
from library.core.forms import Reader

bp = Blueprint("codes", __name__)
CODE = "slip"
UNKNOWN = Reason(
    "unknown-code", N_("Mã này không mở được gì: có thể gõ nhầm, đã dùng rồi, hoặc hết hạn. Gõ lại, hoặc xin mã mới.")
)


@bp.get("/code", endpoint="ask")
@for_everyone
def ask() -> Any:
    return render_template("accounts/code.html", wrong=None, code="")


@bp.post("/code", endpoint="take")
@for_everyone
@reads_first
def take() -> Any:
    """Nothing is used up yet: the code travels in the visitor's own cookie to the page that asks for a password."""
    typed, address = codes.plain(request.form.get("code", "")), request.remote_addr or ""
    passwords.check_patience(db.session(), "", address)
    if codes.find(db.session(), typed) is not None:
        session[CODE] = typed
        return redirect(url_for("codes.open"), 303)
    for_writing()
    passwords.note_failure(db.session(), "code", address)
    db.session.commit()
    return render_template("accounts/code.html", wrong=UNKNOWN, code=request.form.get("code", "")[:40]), 422


def _gone() -> Any:
    session.pop(CODE, None)
    return render_template("accounts/code.html", wrong=UNKNOWN, code=""), 422


@bp.get("/code/open", endpoint="open")
@for_everyone
def show() -> Any:
    if CODE not in session:
        return redirect(url_for("codes.ask"), 303)
    return _page({}, {}) or _gone()


def _page(told: dict[str, str], complaints: dict[str, Reason]) -> str | None:
    found = codes.find(db.session(), session.get(CODE, ""))
    if found is None:
        return None
    account, kind = found
    first = kind is CodeFor.INVITE
    login = told.get("login", suggesting.login_for(db.session(), account.name)) if first else account.login
    return render_template("accounts/code_open.html", account=account, first=first, login=login, complaints=complaints)


@bp.post("/code/open", endpoint="set")
@for_everyone
@reads_first
def set_password() -> Any:
    """One's own name and password, and in. The code is used up with the same commit, or not at all."""
    typed, found = session.get(CODE, ""), codes.find(db.session(), session.get(CODE, ""))
    if found is None:
        return _gone()
    account, kind = found
    login = managing.login_of(request.form.get("login", "")) if kind is CodeFor.INVITE else account.login
    reader = _read(login, account)
    if reader.complaints:
        return _page({"login": request.form.get("login", "")[:60]}, reader.complaints), 422
    account_id, hashed = account.id, passwords.hashed(request.form.get("password", "")[:256])
    for_writing()
    if not codes.use(db.session(), account_id, typed, kind):
        return _gone()
    return _come_in(db.session.get_one(Account, account_id), kind, login, hashed)


def _read(login: str, account: Account) -> Reader:
    reader = Reader(request.form)
    if len(login.strip(".-_@")) < 2 or len(login) > 60:
        reader.complain("login", "login", N_("Tên vào cần ít nhất 2 chữ, như ha hoặc ha.lt."))
    elif not managing.is_free(db.session(), login, account.id):
        reader.complain("login", "login-taken", N_("Đã có người dùng tên vào “%(login)s”."), login=login)
    password = request.form.get("password", "")[:256]
    passwords.judge(reader, "password", password, login)
    if password != request.form.get("again", "")[:256]:
        reader.complain("again", "differs", N_("Hai lần gõ mật khẩu chưa giống nhau."))
    return reader


def _come_in(account: Account, kind: CodeFor, login: str, hashed: str) -> Any:
    managing.take_place(db.session(), account, login, hashed)
    verb = {CodeFor.INVITE: "accept-invitation"}.get(kind, "recover")
    audit.note(account.uid, verb, "account", account.uid, account.library_id)
    answer = entering.after_password(account, None)
    flash(_("Mật khẩu đã đặt xong. Mã trên giấy không dùng được nữa."), "success")
    return answer
