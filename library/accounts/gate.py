"""Who is signed in and may not go on yet: a locked screen, somebody else's password, a second factor still owed.

The lock is held here, by the server: a cover drawn over a page would leave every other page open.
"""

from typing import Any

from flask import current_app, redirect, request, url_for
from flask_login import current_user

from library import access
from library.accounts import sessions
from library.accounts.identity import Identity
from library.core.db import db
from library.core.errors import N_, Forbidden, Reason, Refused

SAFE = ("GET", "HEAD", "OPTIONS")
WAY_OUT = frozenset({"accounts.sign_out"})
WHILE_LOCKED = WAY_OUT | {"lock.locked", "lock.lock", "lock.unlock"}
WITH_A_STRANGERS_PASSWORD = WHILE_LOCKED | {"accounts.me", "accounts.change_password"}
FOR_A_HELPER = WHILE_LOCKED | {"accounts.seen"}
"""What of an account's own pages a pupil reaches in a session lent to them: none of it."""
WITHOUT_SECOND = WITH_A_STRANGERS_PASSWORD | {"second.show", "second.begin", "second.turn_on"}


class Held(Refused):
    """To a script: the work is kept, and goes on once the person has done what is owed. 401, as after a session's end."""

    status = 401


LOCKED = Reason("locked", N_("Màn hình đang khóa. Mở khóa rồi gửi tiếp."))
MUST_CHANGE = Reason("must-change", N_("Đổi mật khẩu rồi làm tiếp."))
OWES_SECOND = Reason("owes-second", N_("Cài mã trên điện thoại rồi làm tiếp."))


def gate() -> Any:
    """None to go on, else the answer given instead."""
    who = current_user._get_current_object()
    if not isinstance(who, Identity):
        return None
    stopped = _stopped(who, request.endpoint or "")
    if stopped is None and request.method not in SAFE and not access.thinks_first(request.endpoint):
        sessions.note_seen(db.session(), who)
    return stopped


def _stopped(who: Identity, endpoint: str) -> Any:
    if who.locked_at is not None:
        return None if endpoint in WHILE_LOCKED else _instead(LOCKED, "lock.locked")
    if who.helps_class_id is not None:
        own = access.mark_of(current_app, endpoint) == "signed-in"
        if own and endpoint not in FOR_A_HELPER:
            raise Forbidden
        return None
    if who.must_change:
        return None if endpoint in WITH_A_STRANGERS_PASSWORD else _instead(MUST_CHANGE, "accounts.me")
    if who.owes_second:
        return None if endpoint in WITHOUT_SECOND else _instead(OWES_SECOND, "second.show")
    return None


def _instead(reason: Reason, endpoint: str) -> Any:
    page = request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"
    if request.is_json or not page:
        raise Held(reason)
    on = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(endpoint, next=on if endpoint == "lock.locked" else None), 303)
