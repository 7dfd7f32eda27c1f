"""The locked screen: covered while nobody is there, opened by who was here, or by somebody else as themselves."""

from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from library import audit
from library.access import for_signed_in, local_address, reads_first
from library.accounts import entering, identity, keys, managing, passwords, sessions
from library.accounts.models import Account
from library.core.db import db, for_writing
from library.core.errors import N_, Reason, Refused

bp = Blueprint("lock", __name__)
WRONG = Reason("wrong-key", N_("Chưa đúng. Gõ lại mật khẩu, hoặc quét thẻ rồi gõ PIN."))


class WrongKey(Refused):
    """422, not 401: the session goes on, and the page stays as it is."""

    status = 422

    def __init__(self) -> None:
        super().__init__(WRONG)


def _for_script() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


@bp.post("/lock")
@for_signed_in
def lock() -> Any:
    sessions.lock(db.session(), current_user.token)
    db.session.commit()
    return (
        jsonify(locked=True) if _for_script() else redirect(url_for("lock.locked", next=request.form.get("next")), 303)
    )


@bp.get("/locked")
@for_signed_in
def locked() -> Any:
    if current_user.locked_at is None:
        return redirect(local_address(request.args.get("next"), url_for("welcome.home")), 303)
    return _page(None)


def _page(wrong: Reason | None) -> str:
    return render_template(
        "accounts/locked.html", wrong=wrong, typed_who=request.form.get("who", ""), next=request.values.get("next", "")
    )


@bp.post("/unlock")
@for_signed_in
@reads_first
def unlock() -> Any:
    """`who`: a card or a sign-in name, empty for who was here; `secret`: the PIN of that card, or a password.

    Somebody else becomes the session: the old one ends, what it had not sent waits on the computer for its own account.
    """
    who, secret = request.form.get("who", "").strip()[:80], request.form.get("secret", "")[:256]
    login, account_id, fits = _tried(who, secret)
    for_writing()
    if not fits or account_id is None:
        return _refuse(login)
    account = db.session.get_one(Account, account_id)
    if account.id != current_user.id:
        return _change_hands(account)
    sessions.unlock(db.session(), current_user.token)
    db.session.commit()
    return jsonify(same=True) if _for_script() else _on()


def _tried(who: str, secret: str) -> tuple[str, int | None, bool]:
    """(what is guessed at, whose it is, whether it fits). One hash, whoever it is and whatever was typed."""
    at, mine = db.session(), current_user
    carded = keys.by_card(at, who, mine.library_id) if who else None
    account = carded[0] if carded else managing.by_login(at, who) if who else at.get_one(Account, mine.id)
    login = account.login if account else managing.login_of(who)
    passwords.check_patience(at, login, request.remote_addr or "")
    is_pin = carded is not None and secret.isdigit() and len(secret) <= keys.LONGEST_PIN
    known = (carded[1] if carded and is_pin else account.password_hash) if account else None
    return login, account.id if account else None, passwords.matches(known, secret)


def _refuse(login: str) -> Any:
    passwords.note_failure(db.session(), login, request.remote_addr or "")
    db.session.commit()
    if _for_script():
        raise WrongKey
    return _page(WRONG), 422


def _change_hands(account: Account) -> Any:
    """Once in, the new person is where the old one was; with a second factor of theirs, by that page first."""
    identity.end_session(db.session(), current_user.token)
    audit.note(current_user.uid, "hand-over", "account", account.uid, current_user.library_id)
    answer = entering.after_password(account, request.form.get("next"))
    return jsonify(go=answer.location) if _for_script() else answer


def _on() -> Any:
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)


@bp.app_context_processor
def lock_for_page() -> dict[str, Any]:
    """What the cover needs (templates/accounts/_lock.html); no minutes, no cover."""
    minutes = getattr(current_user, "lock_minutes", 0)
    known = "lock.lock" in current_app.view_functions and getattr(current_user, "locked_at", None) is None
    return {"lock_minutes": minutes if known else 0, "may_lock": current_user.is_authenticated and known}
