"""Pages of a batch's end: called back or sent home, every copy told, closed; what is owed; what floats."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs, or_not_found
from library.core.db import db
from library.core.errors import N_, Forbidden, Invalid, NotFound, Reason, Refused
from library.core.forms import Reader
from library.loans import compensation, posting, wording
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import doing_of
from library.rotation import closing, floating, legs, receive_told, settling_lines, sums
from library.rotation.board_words import LINE_OUTCOMES
from library.rotation.lifecycle import NotNow
from library.rotation.models import Batch, BatchState, LineOutcome
from library.rotation.receive_forms import posted_alone
from library.rotation.receive_views import onward_page, send_on
from library.rotation.scopes import batch_here, leg_here, of_batches, own_batch_here, site_here
from library.rotation.settling_lines import How, Owed, What
from library.rotation.views import page

bp = Blueprint("rotation_close", __name__)
WHATS = {
    What.SHORT: N_("thiếu"),
    What.LOST: N_("mất"),
    What.WITH_READER: N_("bạn đọc đang giữ"),
    What.FOLLOWS: N_("đang chờ về kho"),
}
HOWS = {
    How.FOUND: N_("Ghi đã tìm thấy"),
    How.CAME_HOME: N_("Ghi đã về"),
    How.WRITTEN_OFF: N_("Ghi đã ra khỏi sổ"),
}


# Home


@bp.get("/rotation/batches/<uuid:uid>/home")
@needs(Permission.ROTATION_HANDLE)
def home(uid: UUID) -> Any:
    return onward_page(batch_here(db.session(), uid), home=True)


@bp.post("/rotation/batches/<uuid:uid>/home")
@needs(Permission.ROTATION_HANDLE)
def do_home(uid: UUID) -> Any:
    """{missing, carrier, name, title}: the site sends it home."""
    return send_on(uid, home=True)


@bp.post("/rotation/batches/<uuid:uid>/recall")
@needs(Permission.ROTATION_PLAN)
def recall(uid: UUID) -> Any:
    """{by_on, note}: the owner asks it back."""
    session, source = db.session(), posting.source()
    own_batch_here(session, uid)
    reader = Reader(source)
    posted, by_on, note = (
        posting.posted_of(source, reader),
        reader.planned_day("by_on"),
        reader.text("note", False, 300),
    )
    reader.done()
    assert posted and by_on
    content = {"recall": str(uid), "by": by_on.isoformat(), "note": note}
    back = url_for(".home", uid=uid)
    return posting.answer_aloud(posted, content, lambda: _recall(session, uid, posted, by_on, note), lambda _done: back)


def _recall(session: Session, uid: UUID, posted: Posted, by_on: date, note: str) -> dict[str, Any]:
    batch = own_batch_here(session, uid)
    closing.recall(session, posting.doing_at(posted, batch.depot.branch_id), batch, by_on, note)
    do = _("Đã gọi đợt này về kho trước ngày %(day)s.", day=f"{by_on:%d/%m/%Y}")
    return {"outcome": "ok", "act": str(posted.uid), "do": do}


# Closed


@bp.get("/rotation/batches/<uuid:uid>/close")
@needs(Permission.ROTATION_HANDLE)
def show(uid: UUID) -> Any:
    return _closing(batch_here(db.session(), uid))


def _closing(batch: Batch, told: Mapping[str, Any] = {}, stopped: Refused | None = None) -> Any:
    session = db.session()
    all_ = closing.copies(session, batch)
    way = legs.of(session, batch.id)
    open_ = next((leg for leg in way if leg.sent_at and leg.received_at is None), None)
    shown = page(
        "rotation/close.html", batch=batch, all=all_, to_tell=[one for one in all_ if one.outcome is None and not one.is_evident],
        counts=closing.counts(all_), words=LINE_OUTCOMES, sums=sums.of(session, batch.id), told=told, open_leg=open_,
        may_close=_may_close(batch), is_over=batch.state in (BatchState.CLOSED, BatchState.CANCELLED),
        may_end=batch.state in (BatchState.RETURNING, BatchState.RECONCILED),
        stopped=[wording.say(one) for one in stopped.reasons] if stopped else [], undo=receive_told.last_act(session, batch),
        owed=settling_lines.owed(session, Batch.id == batch.id),
    )  # fmt: skip
    return shown, stopped.status if stopped else 200


def _may_close(batch: Batch) -> bool:
    """Who plans for the owner; whoever only carries books does not."""
    return access.scope(Permission.ROTATION_PLAN).holds_library(batch.library_id)


@bp.post("/rotation/batches/<uuid:uid>/close")
@needs(Permission.ROTATION_PLAN)
def close(uid: UUID) -> Any:
    """{out-<copy's uid>: outcome}: everything else is evident."""
    session, source = db.session(), posting.source()
    batch = batch_here(session, uid)
    if not _may_close(batch):
        raise Forbidden(Permission.ROTATION_PLAN)
    try:
        posted, told = posted_alone(source), _told(source)
        content = {"close": str(uid), "told": {str(one): what.value for one, what in told.items()}}
        back = url_for(".show", uid=uid)
        return posting.answer_aloud(posted, content, lambda: _close(session, uid, posted, told), lambda _done: back)
    except (closing.NotClosed, NotNow) as stopped:
        if request.is_json:
            raise
        session.rollback()
        return _closing(batch_here(session, uid), source, stopped)


def _told(source: Mapping[str, Any]) -> dict[UUID, LineOutcome]:
    """Outcomes by the copy's uid; what cannot be read is as if it had not been told."""
    words = {one.value: one for one in LineOutcome}
    named = {uuid_or_none(name[4:]): words.get(str(source[name])) for name in source if name.startswith("out-")}
    return {uid: what for uid, what in named.items() if uid and what}


def _close(session: Session, uid: UUID, posted: Posted, told: Mapping[UUID, LineOutcome]) -> dict[str, Any]:
    batch = batch_here(session, uid)
    items = {one.item_uid: one.item_id for one in closing.copies(session, batch)}
    outcomes = {items[one]: what for one, what in told.items() if one in items}
    closing.close(session, posting.doing_at(posted, batch.depot.branch_id), batch, outcomes)
    return {"outcome": "ok", "act": str(posted.uid), "do": _("Đã đối chiếu và đóng đợt %(code)s.", code=batch.code)}


# Owed


@bp.get("/rotation/owed", endpoint="owed")
@needs(Permission.ROTATION_HANDLE)
def show_owed() -> Any:
    """Everything that is owed of batches in reach."""
    return _owing(of_batches(here()), None, None)


@bp.get("/rotation/legs/<uuid:uid>/short")
@needs(Permission.ROTATION_HANDLE)
def short(uid: UUID) -> Any:
    leg = leg_here(db.session(), uid)
    return _owing(Batch.id == leg.batch_id, leg.batch, uid)


def _owing(which: ColumnElement[bool], batch: Batch | None, leg: UUID | None) -> Any:
    session = db.session()
    found = settling_lines.owed(session, which)
    evident = sum(one.ways[:1] in ((How.FOUND,), (How.CAME_HOME,)) for one in found)
    return page(
        "rotation/short.html", owed=found, batch=batch, leg=leg, evident=evident, whats=WHATS, hows=HOWS, How=How,
        may_settle=_may_settle(batch), price=compensation.MOST,
    )  # fmt: skip


def _may_settle(batch: Batch | None) -> bool:
    """The owner deals with what is owed; a site only looks."""
    scope = access.scope(Permission.ROTATION_PLAN)
    return bool(scope) if batch is None else scope.holds_library(batch.library_id)


@bp.post("/rotation/owed")
@needs(Permission.ROTATION_PLAN)
def settle() -> Any:
    """{how: seen} for everything that was scanned since; {how, batch, copy, amount} for one copy. {leg}: where it stands."""
    session, source = db.session(), posting.source()
    reader = Reader(source)
    posted, how = (
        posting.posted_of(source, reader),
        reader.choice("how", {"seen": "seen"} | {one.value: one.value for one in How}),
    )
    amount = reader.number("amount", 0, compensation.MOST, required=how == How.COMPENSATED)
    reader.done()
    assert posted and how
    leg = uuid_or_none(source.get("leg"))
    back = url_for(".short", uid=leg) if leg else url_for(".owed")
    batch, copy = uuid_or_none(source.get("batch")), uuid_or_none(source.get("copy"))
    content = {"settle": how, "batch": str(batch or ""), "copy": str(copy or ""), "amount": amount}
    return posting.answer_aloud(
        posted, content, lambda: _settle(session, posted, how, batch, copy, amount), lambda _done: back
    )


def _settle(
    session: Session, posted: Posted, how: str, batch_uid: UUID | None, copy: UUID | None, amount: int | None
) -> dict[str, Any]:
    batch = own_batch_here(session, batch_uid) if batch_uid else None
    which = Batch.id == batch.id if batch else here().of_libraries(Batch.library_id)
    if how == "seen":
        doing = posting.doing_at(posted, batch.depot.branch_id) if batch else doing_of(posted)
        found, home_ = settling_lines.settle_evident(session, doing, which)
        said = _("Đã ghi %(found)s cuốn tìm thấy, %(home)s cuốn đã về.", found=found, home=home_)
        return {"outcome": "ok", "act": str(posted.uid), "do": said}
    if batch is None:
        raise NotFound
    one = or_not_found(next((one for one in settling_lines.owed(session, which) if one.item_uid == copy), None))
    return _settle_one(session, posted, batch, one, How(how), amount)


def _settle_one(
    session: Session, posted: Posted, batch: Batch, one: Owed, how: How, amount: int | None
) -> dict[str, Any]:
    doing = posting.doing_at(posted, batch.depot.branch_id)
    if how is not How.COMPENSATED:
        settling_lines.settle(session, doing, one, how)
        return {"outcome": "ok", "act": str(posted.uid), "do": _("Đã ghi cho “%(title)s”.", title=one.title)}
    if amount is None:
        raise Invalid({"amount": Reason("required", N_("Ghi số tiền của biên bản đền bù."))})
    made = settling_lines.compensate(session, doing, one, amount)
    do = _("Đã lập biên bản đền bù số %(number)s cho “%(title)s”.", number=made.minutes_no, title=one.title)
    return {"outcome": "ok", "do": do}


# Floating


@bp.get("/rotation/sites/<uuid:uid>/floating", endpoint="floating")
@needs(Permission.ROTATION_HANDLE)
def show_floating(uid: UUID) -> Any:
    session = db.session()
    site = site_here(session, uid)
    return page("rotation/floating.html", site=site, told=floating.of(session, site))


@bp.post("/rotation/sites/<uuid:uid>/floating")
@needs(Permission.ROTATION_HANDLE)
def keep(uid: UUID) -> Any:
    session, source = db.session(), posting.source()
    site_here(session, uid)
    posted, back = posted_alone(source), url_for(".floating", uid=uid)
    return posting.answer_aloud(posted, {"float": str(uid)}, lambda: _keep(session, uid, posted), lambda _done: back)


def _keep(session: Session, uid: UUID, posted: Posted) -> dict[str, Any]:
    site = site_here(session, uid)
    kept = floating.keep(session, posting.doing_at(posted, site.place.branch_id), site)
    return {
        "outcome": "ok",
        "act": str(posted.uid),
        "do": _("%(count)s cuốn ở lại %(site)s.", count=len(kept), site=site.name),
    }
