"""The second factor: asked after the password, and set up on one's own page."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import for_everyone, for_signed_in, reads_first
from library.accounts import codes, entering, passwords, second, sessions
from library.accounts.models import Account, AccountKey, CodeFor
from library.accounts.views import OLD_WRONG, is_my_password
from library.core.db import db, for_writing
from library.core.errors import N_, Reason

bp = Blueprint("second", __name__)
WRONG = Reason("wrong-number", N_("Số này chưa đúng hoặc đã dùng rồi. Chờ số mới trên điện thoại rồi gõ lại."))
ONCE = "second-codes"


# After the password


@bp.get("/sign-in/second", endpoint="ask")
@for_everyone
def ask() -> Any:
    if entering.half_way() is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return render_template("accounts/second_ask.html", wrong=None)


@bp.post("/sign-in/second", endpoint="do_ask")
@for_everyone
def take() -> Any:
    """The number of the app, or a code of the paper. As many tries as a password has."""
    half, address = entering.half_way(), request.remote_addr or ""
    account = db.session.scalar(select(Account).where(Account.uid == UUID(half[0]))) if half else None
    if half is None or account is None or not entering.fits_half(account, half[1]):
        return redirect(url_for("accounts.sign_in"), 303)
    tried = f"second {account.login}"
    passwords.check_patience(db.session(), tried, address)
    if second.passes(db.session(), account, request.form.get("number", "")):
        return entering.let_in(account, half[2])
    passwords.note_failure(db.session(), tried, address)
    db.session.commit()
    return render_template("accounts/second_ask.html", wrong=WRONG), 401


# One's own page


@bp.get("/me/second", endpoint="show")
@for_signed_in
def show() -> Any:
    return _page({})


def _page(complaints: dict[str, Reason]) -> str:
    at = db.session()
    account, key = at.get_one(Account, current_user.id), at.get(AccountKey, current_user.id)
    begun = key is not None and key.second_nonce is not None and key.second_at is None
    secret = second.secret_of(account, key.second_nonce) if begun and key and key.second_nonce else ""
    side, path = second.picture(second.address_of(account, secret)) if secret else (0, "")
    return render_template(
        "accounts/second.html", complaints=complaints, since=key.second_at if key else None, secret=secret, side=side,
        path=path, left=len(codes.waiting(at, account.id)[CodeFor.SECOND]), codes=session.pop(ONCE, None),
        is_owed=second.is_owed(at, account.id),
    )  # fmt: skip


@bp.post("/me/second/begin", endpoint="begin")
@for_signed_in
@reads_first
def begin() -> Any:
    """A picture to photograph. What is in use stays in use: to change telephones, turn it off first."""
    if not is_my_password(request.form.get("password", "")):
        return _page({"password": OLD_WRONG}), 422
    for_writing()
    account = db.session.get_one(Account, current_user.id)
    if not second.is_on(db.session(), account.id):
        second.begin(db.session(), account)
    db.session.commit()
    return redirect(url_for("second.show"), 303)


@bp.post("/me/second/on", endpoint="turn_on")
@for_signed_in
def turn_on() -> Any:
    """Only with a number the telephone shows now: nobody locks themselves out with a photograph that did not work."""
    account = db.session.get_one(Account, current_user.id)
    if second.is_on(db.session(), account.id):
        return redirect(url_for("second.show"), 303)
    if not second.take_number(db.session(), account, request.form.get("number", "")):
        return _page({"number": WRONG}), 422
    made = second.turn_on(db.session(), account)
    sessions.second_is_set(db.session(), account.id)
    sessions.end_all(db.session(), account.id, keep=current_user.token)
    return _told(made, "second-on")


def _told(made: list[str], verb: str) -> Any:
    audit.note(current_user.uid, verb, "account", current_user.uid, current_user.library_id)
    db.session.commit()
    session[ONCE] = [codes.shown(one) for one in made]
    return redirect(url_for("second.show"), 303)


@bp.post("/me/second/codes", endpoint="new_codes")
@for_signed_in
@reads_first
def new_codes() -> Any:
    if not is_my_password(request.form.get("password", "")):
        return _page({"password": OLD_WRONG}), 422
    for_writing()
    if not second.is_on(db.session(), current_user.id):
        return redirect(url_for("second.show"), 303)
    return _told(second.new_codes(db.session(), current_user.id), "second-codes")


@bp.post("/me/second/off", endpoint="turn_off")
@for_signed_in
@reads_first
def turn_off() -> Any:
    """Where it is owed, the next sign-in asks to set it up anew."""
    if not is_my_password(request.form.get("off-password", "")):
        return _page({"off-password": OLD_WRONG}), 422
    for_writing()
    second.turn_off(db.session(), current_user.id)
    audit.note(current_user.uid, "second-off", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    flash(_("Đã tắt. Từ nay chỉ cần mật khẩu."), "success")
    return redirect(url_for("second.show"), 303)
