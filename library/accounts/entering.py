"""From a right password to a session: the second factor where there is one, then a fresh token. One way in for every door."""

import hashlib
from typing import Any

from flask import current_app, redirect, request, session, url_for
from flask_login import login_user, logout_user

from library import audit
from library.access import local_address
from library.accounts import devices, identity, second
from library.accounts.models import Account
from library.core import clock
from library.core.db import db

HALF = "half"
HALF_SECONDS = 300
KEPT = ("locale", "theme")
"""What a browser keeps when somebody comes in or goes: how things look. All else belongs to whoever was there before."""


def after_password(account: Account, then: str | None) -> Any:
    """Call in a writing transaction; commits. `then` is where to go on, believed only if it is ours."""
    if second.is_on(db.session(), account.id):
        half = [str(account.uid), _mark_of(account), int(clock.now().timestamp()), then or ""]
        db.session.commit()
        forget_who_was_here()
        session[HALF] = half
        return redirect(url_for("second.ask"), 303)
    return let_in(account, then)


def _mark_of(account: Account) -> str:
    """Changes with the password: half an entry made with the old one is worth nothing."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


def half_way() -> tuple[str, str, str] | None:
    """(uid, mark, where to go on) of who has shown a password and nothing else yet; None after five minutes."""
    half = session.get(HALF)
    if not half or clock.now().timestamp() - half[2] > HALF_SECONDS:
        return None
    return half[0], half[1], half[3]


def fits_half(account: Account, mark: str) -> bool:
    return account.disabled_at is None and _mark_of(account) == mark


def let_in(account: Account, then: str | None) -> Any:
    """A new session, never one that was there before. Commits."""
    at = db.session()
    owes = second.is_owed(at, account.id) and not second.is_on(at, account.id)
    hours, agent = current_app.config["SESSION_HOURS"], request.headers.get("User-Agent", "")
    token = identity.open_session(at, account, hours, devices.told(agent), request.remote_addr, owes)
    audit.note(account.uid, "sign-in", "account", account.uid, account.library_id)
    must_change = account.must_change
    db.session.commit()
    forget_who_was_here()
    login_user(identity.load(token))
    if must_change:
        return redirect(url_for("accounts.me"), 303)
    if owes:
        return redirect(url_for("second.show"), 303)
    return redirect(local_address(then, url_for("welcome.home")), 303)


def forget_who_was_here() -> None:
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)


LENT_BY = "lent-by"


def lend_out(token: str, from_token: str | None) -> None:
    """The browser is a pupil helper's now. `from_token`: the locked session that comes back when they are done."""
    forget_who_was_here()
    if from_token is not None:
        session[LENT_BY] = from_token
    login_user(identity.load(token))


def take_back() -> bool:
    """Whoever lent the browser is here again, before a locked screen; False where nobody is to come back."""
    token = session.get(LENT_BY)
    was = identity.load(token) if token else None
    logout_user()
    forget_who_was_here()
    if was is not None and was.locked_at is not None:
        login_user(was)
        return True
    return False
