"""Pages of a batch on its way: a leg is received on a phone, the books go on, a site keeps them for longer; and the one door
that takes back what was done."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs, or_not_found, reads_first
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden, Invalid, NotFound, Reason, Refused
from library.inbox import acts
from library.labels import photos
from library.loans import posting, wording
from library.rotation import (
    exchanging,
    extending,
    forwarding,
    legs,
    manifest,
    missing,
    receive_told,
    receiving,
    settings,
    sums,
    undoing,
)
from library.rotation.board_words import METHODS
from library.rotation.extending import Asked
from library.rotation.forwarding import Onward
from library.rotation.manifest import Manifest
from library.rotation.models import Batch, BatchState, Extension, Leg, Method, Site
from library.rotation.receive_forms import ExtendForm, OnwardForm, ReceiveForm, posted_alone, uids_of
from library.rotation.receiving import Got
from library.rotation.scopes import batch_here, exchange_here, leg_here, stands_at
from library.rotation.signing import Signer
from library.rotation.views import page

bp = Blueprint("rotation_legs", __name__)
OURS = ("send-leg", "receive-leg", "settle-line", "extend-leg", "close-batch", "seal-crate", "pack-crate", "pick-copy",
        "plan-batch", "approve-batch", "rotation-stock", "site-wish", "site-log", "site-agreement")  # fmt: skip
"""Kinds of acts this door takes back."""


class WrongPlace(Refused):
    def __init__(self, leg: Leg) -> None:
        to = leg.to_site.name if leg.to_site else leg.batch.depot.name
        sentence = N_("Chặng này gửi đến %(name)s, không phải nơi đang làm việc. Để riêng và báo bên giao.")
        super().__init__(Reason("wrong-place", sentence, {"name": to}))


class AnothersAct(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("anothers-act", N_("Việc này do người khác làm. Người ấy hoặc người lập đợt hoàn tác được."))
        )


def saying(stopped: Refused | None) -> dict[str, Any]:
    """What stopped a form, for its page: complaints beside their fields, the rest above all."""
    beside = stopped.fields if isinstance(stopped, Invalid) else {}
    above = [wording.say(one) for one in stopped.reasons] if stopped and not beside else []
    return {"complaints": beside, "stopped": above, "say": wording.say}


# Received


@bp.get("/rotation/legs/<uuid:uid>/receive")
@needs(Permission.ROTATION_HANDLE)
def receive(uid: UUID) -> Any:
    return _receiving(leg_here(db.session(), uid))


def _receiving(leg: Leg, told: Mapping[str, Any] = {}, stopped: Refused | None = None, status: int = 200) -> Any:
    """Before it is signed the four ways; then what was signed, and what may still be contested."""
    session = db.session()
    listed = manifest.of(session, leg)
    drawn = receiving.sample(session, leg, leg.batch, [one.item_id for one in listed.expected])
    shown = page(
        "rotation/receive.html", leg=leg, batch=leg.batch, listed=listed, drawn=drawn, told=told,
        may_take=stands_at(here(), leg)[1], method=_method(told, listed), methods=METHODS, ways=receive_told.WAYS,
        sums=sums.of(session, leg.batch_id), numbers=settings.of(session, leg.batch.library_id),
        **saying(stopped),
        signer=_signer_name(leg), ticked=_ticked(told), known=receive_told.for_script(listed), closed=_closed(leg),
        same=leg.given_by == current_user.id, counts=receive_told.counts(listed), undo=receive_told.act_of(session, leg.receive_act),
    )  # fmt: skip
    return shown, status


def _method(told: Mapping[str, Any], listed: Manifest) -> str:
    usual = Method.CRATES if any(not box.opened for box in listed.boxes) else Method.SCAN_ALL
    return str(told.get("method") or usual.value)


def _ticked(told: Mapping[str, Any]) -> dict[str, set[str]]:
    return {name: set(posting.many(told, name)) for name in ("crate", "broken", "missing", "damaged")}


def _signer_name(leg: Leg) -> tuple[str, str]:
    """Whoever is in charge at the end of the leg, as it stands under minutes."""
    site = leg.to_site
    if site is not None and site.keeper_name:
        return site.keeper_name, site.keeper_title or ""
    return current_user.name, ""


def _closed(leg: Leg) -> bool:
    """The site closed while the books were under way: they are there all the same."""
    return bool(leg.to_site and leg.to_site.closed_on and leg.to_site.closed_on <= clock.today())


@bp.post("/rotation/legs/<uuid:uid>/receive")
@needs(Permission.ROTATION_HANDLE)
def do_receive(uid: UUID) -> Any:
    """{method, codes, crate, broken, missing, damaged, counted, name, title}. A form that cannot be signed so comes back as
    it was filled in."""
    session, source = db.session(), posting.source()
    leg = leg_here(session, uid)
    if not stands_at(here(), leg)[1]:
        raise WrongPlace(leg)
    try:
        form = ReceiveForm.read(source)
        content = {"leg": str(uid), **form.content}
        return posting.answer_aloud(
            form.posted, content, lambda: _receive(session, uid, form), lambda _done: _back(uid)
        )
    except (Invalid, receiving.NotReceived) as stopped:
        if request.is_json:
            raise
        session.rollback()
        return _receiving(leg_here(session, uid), source, stopped, stopped.status)


def _back(uid: UUID) -> str:
    return url_for("rotation_legs.receive", uid=uid)


def _receive(session: Session, uid: UUID, form: ReceiveForm) -> dict[str, Any]:
    leg = leg_here(session, uid)
    doing = posting.doing_at(form.posted, legs.ends(session, leg)[1][1])
    got = _got(session, leg, form)
    done = receiving.receive(session, doing, leg, Signer(current_user.id, form.name, form.title), got)
    return receive_told.received(leg, done)


def _got(session: Session, leg: Leg, form: ReceiveForm) -> Got:
    """Raises Invalid where a code says nothing to anybody."""
    listed = manifest.of(session, leg)
    read = manifest.read(session, leg, listed, form.codes)
    if read.unknown:
        sentence = N_("Máy chưa biết mã %(codes)s. Quét lại, hoặc bỏ mã ấy và để cuốn sách riêng.")
        raise Invalid({"codes": Reason("unknown", sentence, {"codes": ", ".join(read.unknown[:5])})})
    items = {one.uid: one.item_id for one in listed.entries}
    boxes = {one.uid: one.id for one in listed.boxes}
    return Got(
        form.method, frozenset(read.items), _ids(form.crates, boxes) | read.crates, form.counted,
        _ids(form.missing, items), _ids(form.damaged, items), _ids(form.broken, boxes),
    )  # fmt: skip


def _ids(uids: Collection[UUID], known: Mapping[UUID, int]) -> frozenset[int]:
    return frozenset(known[uid] for uid in uids if uid in known)


@bp.post("/rotation/legs/<uuid:uid>/contest")
@needs(Permission.ROTATION_HANDLE)
def contest(uid: UUID) -> Any:
    """{missing: copies by uid}: within the days to contest."""
    session, source = db.session(), posting.source()
    leg = leg_here(session, uid)
    if not stands_at(here(), leg)[1]:
        raise WrongPlace(leg)
    posted, gone = posted_alone(source), uids_of(source, "missing")
    content = {"contest": str(uid), "missing": sorted(map(str, gone))}
    return posting.answer_aloud(posted, content, lambda: _contest(session, uid, posted, gone), lambda _done: _back(uid))


def _contest(session: Session, uid: UUID, posted: Any, gone: frozenset[UUID]) -> dict[str, Any]:
    leg = leg_here(session, uid)
    items = {one.item_id for one in manifest.of(session, leg).entries if one.uid in gone}
    doing = posting.doing_at(posted, legs.ends(session, leg)[1][1])
    _act, told = missing.contest(session, doing, leg, items)
    return {
        "outcome": "luu",
        "act": str(posted.uid),
        "do": _("Đã báo thiếu %(count)s cuốn. Bên giao trả lời.", count=len(told)),
    }


# The books go on


@bp.get("/rotation/batches/<uuid:uid>/forward")
@needs(Permission.ROTATION_HANDLE)
def forward(uid: UUID) -> Any:
    return onward_page(batch_here(db.session(), uid), home=False)


def onward_page(batch: Batch, home: bool, told: Mapping[str, Any] = {}, stopped: Refused | None = None) -> Any:
    """One page for both: who gives fills it in and signs, who takes signs on theirs; below, the joint minutes."""
    session = db.session()
    way = legs.of(session, batch.id)
    now, following = legs.current(way), legs.next_(way)
    at_site = (
        now
        if now and now.received_at and now.to_site and batch.state in (BatchState.SERVING, BatchState.RETURNING)
        else None
    )
    listed = manifest.of(session, now) if now else Manifest((), ())
    shown = page(
        "rotation/forward.html", batch=batch, home=home, now=now, at_site=at_site, following=following, told=told,
        listed=listed, known=receive_told.for_script(listed), site_options=receive_told.site_options(session, batch, now),
        due=_due(batch, following), may_give=at_site is not None and _gives(at_site), uid=clock.uuid7(),
        may_recall=access.scope(Permission.ROTATION_PLAN).holds_library(batch.library_id), recall_by=clock.today() + timedelta(days=7),
        ticked=_ticked(told), **saying(stopped),
        signer=_giver_name(at_site), undo=receive_told.act_of(session, now.send_act) if now else None,
        exchange=exchange_here(session, exchanging.successor(session, batch)), sums=sums.of(session, batch.id),
    )  # fmt: skip
    return shown, stopped.status if stopped else 200


def _gives(leg: Leg) -> bool:
    """Whoever works where the leg ended, or for the owner, gives it on."""
    return stands_at(here(), leg)[1]


def _giver_name(leg: Leg | None) -> tuple[str, str]:
    return _signer_name(leg) if leg else (current_user.name, "")


def _due(batch: Batch, following: Leg | None) -> date:
    today = clock.today()
    wished = following.due_on if following and following.due_on else min(today + timedelta(days=60), batch.planned_to)
    site = following.to_site_id if following else None
    last = legs.longest(db.session(), batch.library_id, today, site)
    return min(max(wished, today + timedelta(days=1)), last)


@bp.post("/rotation/batches/<uuid:uid>/forward")
@needs(Permission.ROTATION_HANDLE)
def do_forward(uid: UUID) -> Any:
    return send_on(uid, home=False)


def send_on(uid: UUID, home: bool) -> Any:
    """{to, due_on, missing, carrier, name, title}: the site gives. Also of `rotation_close.do_home`, without `to`."""
    session, source = db.session(), posting.source()
    batch = batch_here(session, uid)
    endpoint = "rotation_close.home" if home else "rotation_legs.forward"
    try:
        form = OnwardForm.read(source, home)
        content = {"onward": str(uid), **form.content}
        return posting.answer_aloud(
            form.posted, content, lambda: _send_on(session, uid, form), lambda _done: url_for(endpoint, uid=uid)
        )
    except Refused as stopped:
        if request.is_json or isinstance(stopped, NotFound | Forbidden):
            raise
        session.rollback()
        return onward_page(batch_here(session, batch.uid), home, source, stopped)


def _send_on(session: Session, uid: UUID, form: OnwardForm) -> dict[str, Any]:
    batch = batch_here(session, uid)
    now = legs.current(legs.of(session, batch.id))
    if now is None or not _gives(now):
        raise Forbidden(Permission.ROTATION_HANDLE)
    to = _site(session, form.to) if form.to else None
    gone = {one.item_id for one in manifest.of(session, now).entries if one.uid in form.missing}
    doing = posting.doing_at(form.posted, legs.ends(session, now)[1][1])
    onward = Onward(to, form.due_on, gone, form.carrier)
    done = forwarding.hand_on(session, doing, batch, Signer(current_user.id, form.name, form.title), onward)
    return receive_told.handed_on(batch, done, to)


def _site(session: Session, uid: UUID) -> Site:
    """Any site of the owner may take it, whoever gives."""
    return or_not_found(session.scalar(select(Site).where(Site.uid == uid)))


# Longer


@bp.get("/rotation/legs/<uuid:uid>/extend")
@needs(Permission.ROTATION_HANDLE)
def extend(uid: UUID) -> Any:
    return _extending(leg_here(db.session(), uid))


def _extending(leg: Leg, told: Mapping[str, Any] = {}, stopped: Refused | None = None) -> Any:
    session = db.session()
    decides = _decides(leg.batch)
    shown = page(
        "rotation/extend.html", leg=leg, batch=leg.batch, told=told, decides=decides, waiting=extending.waiting(session, leg.id),
        last=extending.last_day(session, leg), all=receive_told.extensions(session, leg.id), signer=_signer_name(leg),
        **saying(stopped),
    )  # fmt: skip
    return shown, stopped.status if stopped else 200


def _decides(batch: Batch) -> bool:
    return access.scope(Permission.ROTATION_PLAN).holds_library(batch.library_id)


@bp.post("/rotation/legs/<uuid:uid>/extend")
@needs(Permission.ROTATION_HANDLE)
def do_extend(uid: UUID) -> Any:
    """{until_on, why, name}: whoever decides grants it at once, the site where it stands asks."""
    session, source = db.session(), posting.source()
    leg = leg_here(session, uid)
    if not stands_at(here(), leg)[1]:
        raise WrongPlace(leg)
    try:
        form = ExtendForm.read(source)
        content = {"leg": str(uid), **form.content}
        back = url_for("rotation_legs.extend", uid=uid)
        return posting.answer_aloud(form.posted, content, lambda: _extend(session, uid, form), lambda _done: back)
    except (Invalid, extending.NotExtended) as stopped:
        if request.is_json:
            raise
        session.rollback()
        return _extending(leg_here(session, leg.uid), source, stopped)


def _extend(session: Session, uid: UUID, form: ExtendForm) -> dict[str, Any]:
    leg = leg_here(session, uid)
    doing = posting.doing_at(form.posted, legs.ends(session, leg)[1][1])
    asked = Asked(form.until_on, form.name, form.why)
    day = f"{form.until_on:%d/%m/%Y}"
    if _decides(leg.batch):
        extending.grant(session, doing, leg, asked)
        return {"outcome": "ok", "act": str(form.posted.uid), "do": _("Đã gia hạn đến %(day)s.", day=day)}
    extending.ask(session, doing, leg, asked)
    return {"outcome": "luu", "act": str(form.posted.uid), "do": _("Đã xin gia hạn đến %(day)s, chờ trả lời.", day=day)}


@bp.post("/rotation/extensions/<uuid:uid>")
@needs(Permission.ROTATION_PLAN)
def decide(uid: UUID) -> Any:
    """{granted: 1 or 0, back: board}."""
    session, source = db.session(), posting.source()
    leg = _extension(session, uid)[1]
    posted, granted = posted_alone(source), str(source.get("granted")) == "1"
    back = url_for("rotation.board") if source.get("back") == "board" else url_for(".extend", uid=leg.uid)
    content = {"extension": str(uid), "granted": granted}
    return posting.answer_aloud(posted, content, lambda: _decide(session, uid, posted, granted), lambda _done: back)


def _extension(session: Session, uid: UUID) -> tuple[Extension, Leg]:
    query = select(Extension, Leg).join(Leg, Leg.id == Extension.leg_id)
    row = session.execute(query.where(Extension.uid == uid, Extension.voided.is_(False))).one_or_none()
    if row is None or not here().holds_library(row[1].batch.library_id):
        raise NotFound
    return row[0], row[1]


def _decide(session: Session, uid: UUID, posted: Any, granted: bool) -> dict[str, Any]:
    one, leg = _extension(session, uid)
    extending.decide(session, posting.doing_at(posted, leg.batch.depot.branch_id), one, granted)
    day = f"{one.until_on:%d/%m/%Y}"
    do = _("Đã cho gia hạn đến %(day)s.", day=day) if granted else _("Không gia hạn. Hạn vẫn như cũ.")
    return {"outcome": "ok" if granted else "ghi", "act": str(posted.uid), "do": do}


@bp.post("/rotation/photo")
@needs(Permission.ROTATION_HANDLE)
@reads_first
def photo() -> Any:
    """{codes, said}: the codes on a photograph, for a phone that cannot scan live. Nothing is written or kept."""
    return photos.codes_told()


# Taken back


@bp.post("/rotation/acts/<uuid:uid>/undo")
@needs(Permission.ROTATION_HANDLE)
def undo(uid: UUID) -> Any:
    """Any act of rotation: by who did it, or by who plans for the library; an approval by who approves. {next}: where the
    form stands."""
    session, source = db.session(), posting.source()
    act = acts.by_uid(session, uid)
    if act is None or act.kind not in OURS or not here().holds_branch(act.branch_id):
        raise NotFound
    rules = Permission.ROTATION_APPROVE if act.kind == "approve-batch" else Permission.ROTATION_PLAN
    if act.actor != current_user.uid and not access.scope(rules).holds_branch(act.branch_id):
        raise AnothersAct
    posted = posted_alone(source)
    back = access.local_address(str(source.get("next") or ""), url_for("rotation.board"))
    return posting.answer_aloud(posted, {"undo": str(uid)}, lambda: _undo(session, uid, posted), lambda _done: back)


def _undo(session: Session, uid: UUID, posted: Any) -> dict[str, Any]:
    act = or_not_found(acts.by_uid(session, uid))
    undoing.undo(session, posting.doing_at(posted, act.branch_id or current_user.branch_id), act)
    return {"outcome": "ok", "do": _("Đã hoàn tác. Mọi thứ như trước khi bấm.")}
