"""The kiosk: full screen at the door. Opened by somebody of the library, then locked to itself: nobody is signed in, and
no other page opens from it. A card, or a name and a class; guests by what they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from library import audit
from library.access import Permission, for_everyone, here, needs, or_not_found, reads_first
from library.accounts import entering, identity, keys, managing, passwords
from library.accounts.models import Account
from library.core import clock, versions
from library.core.db import db, for_writing
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader
from library.inbox import timing
from library.inbox.acts import Doing
from library.loans.forms import Posted, plain_posted, scanned_text, uuid_of, uuid_or_none
from library.loans.posting import answered_once
from library.loans.queries import classes
from library.policies.rulebook import RULES
from library.promotion import kiosk_names, kiosks, visits_words
from library.promotion.kiosks import Came, Stand
from library.promotion.visits_forms import CATEGORIES
from library.promotion.visits_scopes import branch_here, branches
from library.uses import settings
from library.uses.settings import Counts

bp = Blueprint("kiosk", __name__)
KEPT = "kiosk"
WRONG = Reason("wrong-key", N_("Chưa đúng. Thẻ đi với PIN, tên vào đi với mật khẩu."))


class NotOpen(Refused):
    """401: nobody opened a kiosk in this browser, or its day is over."""

    status = 401

    def __init__(self) -> None:
        super().__init__(Reason("kiosk-closed", N_("Máy ở cửa đã đóng. Nhờ thủ thư mở lại.")))


@bp.after_request
def keep_nowhere(answer: Response) -> Response:
    """Names of readers stay in no browser."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


# Opening


@bp.get("/kiosk/start", endpoint="ask")
@needs(Permission.VISITS)
def ask() -> Any:
    at = db.session()
    branch = branch_here(at, uuid_or_none(request.args.get("at")), current_user.branch_id)
    return render_template(
        "promotion/kiosk_start.html",
        branch=branch,
        branches=branches(at, here()),
        hours=int(kiosks.LONGEST.seconds / 3600),
        standing=kiosks.standing(at, here()),
        moment=visits_words.moment,
    )


@bp.post("/kiosk/start", endpoint="open_")
@needs(Permission.VISITS)
def open_() -> Any:
    """From here on nobody is signed in at this browser: whoever opened it has gone out. `close`: another one, that stands
    open somewhere, is closed instead."""
    if request.form.get("close"):
        return _shut(uuid_or_none(request.form.get("close")))
    at = db.session()
    branch = branch_here(at, uuid_or_none(request.form.get("at")), current_user.branch_id)
    account = at.get_one(Account, current_user.id)
    token = kiosks.open_(at, account, branch.id)
    identity.end_session(at, current_user.token)
    audit.note(account.uid, "open-kiosk", "branch", branch.uid, branch.organisation_id)
    at.commit()
    logout_user()
    entering.forget_who_was_here()
    session[KEPT] = token
    return redirect(url_for("kiosk.show"), 303)


def _shut(device: UUID | None) -> Any:
    """One of a branch in reach. Raises NotFound, for one that was closed meanwhile too."""
    at = db.session()
    one = or_not_found(next((one for one in kiosks.standing(at, here()) if one.device == device), None))
    kiosks.shut(at, one)
    audit.note(current_user.uid, "close-kiosk", "branch", one.branch.uid, one.branch.organisation_id)
    at.commit()
    flash(_("Máy ở cửa đã đóng. Mọi lượt đã ghi đều được giữ."), "success")
    return redirect(url_for("kiosk.ask"), 303)


# At the door


def _stand() -> Stand:
    """Raises NotOpen."""
    token = session.get(KEPT)
    found = kiosks.found(db.session(), token) if token else None
    if found is None:
        raise NotOpen
    return found


@bp.get("/kiosk", endpoint="show")
@for_everyone
def show() -> Any:
    """`q`, `class`: names looked for, where no script does it."""
    try:
        stand = _stand()
    except NotOpen:
        return redirect(url_for("kiosk.ask"), 303)
    return _page(stand)


def _page(stand: Stand, told: dict[str, Any] | None = None, wrong: Refused | None = None) -> str:
    at = db.session()
    text, group = request.args.get("q", ""), uuid_or_none(request.args.get("class"))
    searched = bool(text.strip() or group)
    return render_template(
        "promotion/kiosk.html", stand=stand, today=kiosks.today(at, stand), counts=_counts(stand), told=told, wrong=wrong,
        classes=classes(at, stand.library_id, clock.today()), categories=visits_words.CATEGORIES, q=text, group=group,
        names=kiosk_names.named(at, stand.library_id, text, group) if searched else None, form_uid=clock.uuid7(),
    )  # fmt: skip


def _counts(stand: Stand) -> Counts:
    at = db.session()
    return settings.of(at, stand.library_id, versions.of(at, RULES))


@bp.get("/kiosk/names", endpoint="names")
@for_everyone
def names() -> Any:
    """First names and classes, of this library only."""
    stand = _stand()
    group = uuid_or_none(request.args.get("class"))
    found = kiosk_names.named(db.session(), stand.library_id, request.args.get("q", ""), group)
    return jsonify(names=[{"uid": str(one.uid), "name": one.name, "group": one.group} for one in found])


@dataclass(frozen=True)
class Coming:
    """One of: a card's code, a reader tapped, a guest."""

    posted: Posted
    code: str
    reader: UUID | None
    guest: str | None

    @property
    def content(self) -> dict[str, str]:
        return {"kiosk": self.code, "reader": str(self.reader or ""), "guest": self.guest or ""}


def _coming() -> Coming:
    """Raises Invalid."""
    told: Any = (request.get_json(silent=True) or {}) if request.is_json else request.form
    reader = Reader(told if isinstance(told, dict) or not request.is_json else {})
    posted = Posted.read(reader) if request.is_json else plain_posted(uuid_or_none(told.get("uid")))
    who, guest = uuid_of(reader, "reader"), reader.choice("guest", CATEGORIES, required=False)
    code = scanned_text(reader, "code", required=who is None and guest is None)
    reader.done()
    assert posted is not None
    return Coming(posted, code, who, guest)


@bp.post("/kiosk/visit", endpoint="come")
@for_everyone
def come() -> Any:
    """A reader, or a guest, comes in."""
    stand, coming = _stand(), _coming()
    counts = _counts(stand)

    def work() -> dict[str, Any]:
        at, doing = db.session(), _doing(stand, coming.posted)
        if coming.guest:
            came = kiosks.guest(at, stand, doing, coming.guest)
        else:
            known = coming.reader and kiosks.by_uid(at, stand, coming.reader)
            came = kiosks.reader(at, stand, doing, known or kiosks.by_card(at, stand, coming.code), counts)
        return _told(stand, came)

    return _answer(stand, coming, work)


def _doing(stand: Stand, posted: Posted) -> Doing:
    """The kiosk's own act, told by whoever opened it; late ones by the corrected clock."""
    at = None
    if not timing.is_live(posted.raw_at, posted.sent_at):
        (at,) = timing.corrected([posted.raw_at], posted.sent_at, clock.now(), None)
    return Doing(posted.uid, stand.account, stand.branch_id, stand.device, None, posted.raw_at, at)


def _told(stand: Stand, came: Came) -> dict[str, Any]:
    """Says nothing of who came: whoever stands behind reads it too."""
    today = kiosks.today(db.session(), stand)
    if not came.new:
        return {
            "outcome": "ghi",
            "head": _("Máy đã ghi rồi"),
            "do": _("Bạn cứ vào đọc sách nhé."),
            "act": None,
            "today": today,
        }
    head, do = _("Chào mừng đến thư viện"), _("Máy đã ghi một lượt. Chúc bạn đọc vui.")
    return {"outcome": "ok", "head": head, "do": do, "act": str(came.act), "today": today}


def _answer(stand: Stand, coming: Coming, work: Callable[[], dict[str, Any]]) -> Any:
    try:
        done = answered_once(coming.posted.uid, coming.content, work, stand.account)
    except Refused as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        return _page(_stand(), wrong=wrong), wrong.status
    return jsonify(done) if request.is_json else _page(_stand(), told=done)


@bp.post("/kiosk/back", endpoint="take_back")
@for_everyone
def take_back() -> Any:
    """ "Không phải tôi": the visit just told, `act`, does not count."""
    stand = _stand()
    told: Any = (request.get_json(silent=True) or {}) if request.is_json else request.form
    reader = Reader(told if isinstance(told, dict) or not request.is_json else {})
    posted = Posted.read(reader) if request.is_json else plain_posted(uuid_or_none(told.get("uid")))
    act = uuid_of(reader, "act", True)
    reader.done()
    assert posted is not None
    assert act is not None

    def work() -> dict[str, Any]:
        kiosks.take_back(db.session(), stand, _doing(stand, posted), act)
        said = {"head": _("Đã bỏ lượt vừa ghi"), "do": _("Mời bạn quét thẻ hoặc gõ tên lại."), "outcome": "luu"}
        return {**said, "act": None, "today": kiosks.today(db.session(), stand)}

    return _answer(stand, Coming(posted, f"back {act}", None, None), work)


# Closing


@bp.get("/kiosk/end", endpoint="ask_end")
@for_everyone
def ask_end() -> Any:
    return _end(_stand(), None)


def _end(stand: Stand, wrong: Reason | None) -> str:
    return render_template("promotion/kiosk_end.html", stand=stand, wrong=wrong, who=request.form.get("who", ""))


@bp.post("/kiosk/end", endpoint="end")
@for_everyone
@reads_first
def end() -> Any:
    """`who`: a card, `secret`: its PIN; or a sign-in name and its password, of somebody of this library. The kiosk closes;
    whoever closed it signs in like everybody."""
    stand, at = _stand(), db.session()
    who, secret = request.form.get("who", "").strip()[:80], request.form.get("secret", "")[:256]
    carded = keys.by_card(at, who, stand.library_id) if who else None
    account = carded[0] if carded else managing.by_login(at, who) if who else None
    tried, address = account.login if account else managing.login_of(who), request.remote_addr or ""
    passwords.check_patience(at, tried, address)
    known = carded[1] if carded else account.password_hash if account else None
    ours = account is not None and (account.library_id == stand.library_id or account.id == stand.account_id)
    fits, uid = passwords.matches(known, secret) and ours, account.uid if account else None
    for_writing()
    if not fits:
        passwords.note_failure(db.session(), tried, address)
        db.session.commit()
        return _end(stand, WRONG), 401
    kiosks.close(db.session(), stand)
    audit.note(uid, "close-kiosk", "account", uid, stand.library_id)
    db.session.commit()
    entering.forget_who_was_here()
    flash(_("Máy ở cửa đã đóng. Mọi lượt đã ghi đều được giữ."), "success")
    return redirect(url_for("accounts.sign_in"), 303)
