"""Handing a phone to a pupil helper, opening a shared machine for one, and giving it back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as browser
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, for_everyone, needs, reads_first
from library.accounts import devices, entering, identity, managing, passwords, sessions
from library.accounts.models import Account
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, NotFound, Reason
from library.core.forms import Reader
from library.loans.forms import uuid_of
from library.shelves import helper_sessions, tenures, turns
from library.shelves.frame import shelf_frame
from library.shelves.models import Shelf
from library.shelves.scopes import shelf_here

bp = Blueprint("shelf_helpers", __name__)
WRONG = Reason("wrong-key", N_("Chưa đúng. Thẻ đi với PIN, tên vào đi với mật khẩu."))


def _device() -> str:
    return devices.told(request.headers.get("User-Agent", ""))


# On the teacher's own phone


@bp.get("/shelves/<uuid:uid>/hand-over-phone", endpoint="ask")
@needs(Permission.CLASS_KEEP)
def ask(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    tenure = tenures.current(session, shelf.id)
    helpers = [one.membership_id for one in turns.on(session, shelf.id, clock.today())]
    pupils = [one for one in turns.pupils(session, tenure.class_id) if one.membership_id in helpers] if tenure else []
    return render_template(
        "shelves/hand_over_phone.html", pupils=pupils, minutes=helper_sessions.MINUTES,
        has_class=tenure is not None and tenure.class_id is not None, **shelf_frame(session, shelf, ""),
    )  # fmt: skip


@bp.post("/shelves/<uuid:uid>/hand-over-phone", endpoint="hand_over")
@needs(Permission.CLASS_KEEP)
def hand_over(uid: UUID) -> Any:
    """No password: the phone is in the teacher's hand. Their own session waits behind a locked screen."""
    session = db.session()
    shelf = shelf_here(session, uid)
    account = session.get_one(Account, current_user.id)
    lent = helper_sessions.lend(session, account, shelf, _helper(session, shelf), _device(), request.remote_addr)
    sessions.lock(session, current_user.token)
    audit.note(account.uid, "lend-session", "account", account.uid, shelf.library_id)
    session.commit()
    entering.lend_out(lent.token, current_user.token)
    return redirect(url_for("shelf_board.show", uid=shelf.uid), 303)


def _helper(session: Session, shelf: Shelf) -> int | None:
    """The helper who was tapped: one whose turn it is."""
    reader = Reader(request.form.to_dict())
    wanted = uuid_of(reader, "helper")
    reader.done()
    tenure = tenures.current(session, shelf.id)
    pupils = turns.pupils(session, tenure.class_id) if tenure and wanted else []
    return next((one.membership_id for one in pupils if one.uid == wanted), None)


@bp.post("/shelves/give-back", endpoint="end")
@for_everyone
def end() -> Any:
    """The helper is done: whoever lent the phone unlocks it, a shared machine waits for the next. For everyone: a helper's
    session gives back even where it opens nothing any more."""
    if not current_user.is_authenticated or current_user.helps_class_id is None:
        return redirect(url_for("welcome.home"), 303)
    identity.end_session(db.session(), current_user.token)
    audit.note(current_user.uid, "end-lent-session", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    return _back()


def _back() -> Any:
    if entering.take_back():
        return redirect(url_for("lock.locked"), 303)
    return redirect(url_for("shelf_helpers.door", done=1), 303)


# At a machine several classes use


@bp.get("/tu-sach", endpoint="door")
@for_everyone
def door() -> Any:
    """Also where a helper's time has run out."""
    if (
        current_user.is_authenticated
        and current_user.helps_class_id is not None
        and access.scope(Permission.CLASS_DESK)
    ):
        return redirect(url_for("shelf_board.show", uid=_lent_shelf()), 303)
    return _door(None)


def _lent_shelf() -> UUID:
    found = helper_sessions.shelf_of(db.session(), current_user.session_uid)
    if found is None:
        raise NotFound
    return found


def _door(wrong: Reason | None) -> str:
    return render_template(
        "shelves/door.html", wrong=wrong, who=request.form.get("who", ""), group=request.values.get("lop", ""),
        ended="ended" in request.args, done="done" in request.args, comes_back=entering.LENT_BY in browser,
        minutes=helper_sessions.MINUTES,
    )  # fmt: skip


@bp.post("/tu-sach", endpoint="open")
@for_everyone
@reads_first
def open_() -> Any:
    """`who`: a card, `secret`: its PIN; or a sign-in name and its password. `lop`: the class, where one keeps several.
    Failures count as at sign-in, with those of sign-in."""
    who, secret = request.form.get("who", "").strip()[:80], request.form.get("secret", "")[:256]
    at = db.session()
    found = (helper_sessions.by_card(at, who) or helper_sessions.by_login(at, who)) if who else None
    tried, address = found[0].login if found else managing.login_of(who), request.remote_addr or ""
    passwords.check_patience(at, tried, address)
    fits, account_id = passwords.matches(found[1] if found else None, secret), found[0].id if found else None
    for_writing()
    if not fits or account_id is None:
        passwords.note_failure(db.session(), tried, address)
        db.session.commit()
        return _door(WRONG), 401
    return _opened(account_id)


def _opened(account_id: int) -> Any:
    session = db.session()
    account = session.get_one(Account, account_id)
    helper_sessions.check_nothing_owed(session, account)
    lent = helper_sessions.open_for(session, account, request.form.get("lop", "")[:60], _device(), request.remote_addr)
    audit.note(account.uid, "lend-session", "account", account.uid, account.library_id)
    session.commit()
    entering.lend_out(lent.token, None)
    return redirect(url_for("shelf_board.show", uid=lent.shelf_uid), 303)


@bp.post("/tu-sach/ve", endpoint="back")
@for_everyone
def back() -> Any:
    """Time is up: the one who lent the phone comes back, behind the locked screen."""
    return _back()
