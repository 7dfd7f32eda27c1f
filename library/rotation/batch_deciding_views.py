"""Who decides about a planned batch: it is proposed, approved, sent back, cancelled; its site answers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs, or_not_found
from library.catalogue.levels import LEVELS
from library.core.db import db
from library.core.errors import NotFound
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.rotation import (
    batches,
    batches_forms,
    batches_read,
    batches_told,
    undoing,
)
from library.rotation.batches_pages import back, bp, doing, ids
from library.rotation.models import Batch, BatchState, Site
from library.rotation.scopes import batch_here, own_batch_here
from library.rotation.views import page


def _decided(uid: UUID, kind: str, content: dict[str, Any], work: Callable[[Batch, Posted], str]) -> Any:
    """Do it once with the batch of this address; back to its draft, where it can be undone."""
    told = posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted

    def once() -> dict[str, Any]:
        batch = own_batch_here(db.session(), uid)
        said = work(batch, posted)
        audit.note(current_user.uid, kind, "batch", uid, batch.library_id)
        return {"do": said, "outcome": "ok", "act": str(posted.uid), "batch": str(uid), "state": batch.state.value}

    own_batch_here(db.session(), uid)
    return posting.answer_aloud(posted, {kind: str(uid), **content}, once, lambda done: back(uid, done))


@bp.post("/rotation/batches/<uuid:uid>/propose", endpoint="propose")
@needs(Permission.ROTATION_PLAN)
def propose(uid: UUID) -> Any:
    def work(batch: Batch, posted: Posted) -> str:
        batches.propose(db.session(), doing(batch, posted), batch)
        return str(_("Đã gửi duyệt đợt %(code)s.", code=batch.code))

    return _decided(uid, "propose-batch", {}, work)


@bp.post("/rotation/batches/<uuid:uid>/decide", endpoint="decide")
@needs(Permission.ROTATION_APPROVE)
def decide(uid: UUID) -> Any:
    """`do`: approve, or send-back with a `note`."""
    own_batch_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    do = reader.choice("do", {"approve": "approve", "send-back": "send-back"})
    note = reader.text("note", required=False, longest=300) or None
    reader.done()

    def work(batch: Batch, posted: Posted) -> str:
        if do == "approve":
            batches.approve(db.session(), doing(batch, posted), batch, current_user.name)
            return str(_("Đã duyệt đợt %(code)s. Lấy sách được rồi.", code=batch.code))
        batches.send_back(db.session(), doing(batch, posted), batch, note)
        return str(_("Đã trả lại đợt %(code)s để sửa.", code=batch.code))

    return _decided(uid, f"{do}-batch", {"note": note}, work)


@bp.post("/rotation/batches/<uuid:uid>/back", endpoint="take_back")
@needs(Permission.ROTATION_PLAN)
def take_back(uid: UUID) -> Any:
    """Who planned it wants to change it after all."""

    def work(batch: Batch, posted: Posted) -> str:
        batches.send_back(db.session(), doing(batch, posted), batch)
        return str(_("Đợt %(code)s lại là bản đang soạn.", code=batch.code))

    return _decided(uid, "send-back-batch", {}, work)


@bp.post("/rotation/batches/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.ROTATION_PLAN)
def cancel(uid: UUID) -> Any:
    own_batch_here(db.session(), uid)
    reader = Reader(posting.source())
    why = reader.choice("why", batches_forms.WHY_CANCELLED)
    note = reader.text("note", required=False, longest=200)
    reader.done()

    def work(batch: Batch, posted: Posted) -> str:
        assert why
        batches.cancel(db.session(), doing(batch, posted), batch, f"{why}: {note}" if note else why)
        return str(_("Đã bỏ đợt %(code)s. Sách của đợt lại rảnh.", code=batch.code))

    return _decided(uid, "cancel-batch", {"why": why, "note": note}, work)


@bp.post("/rotation/batches/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.ROTATION_PLAN)
def undo(uid: UUID) -> Any:
    """`act`: what was done to this batch while it was planned, or to its list."""
    own_batch_here(db.session(), uid)
    told = posting.source()
    which = uuid_or_none(told.get("act"))

    def work(batch: Batch, posted: Posted) -> str:
        session = db.session()
        act = or_not_found(batches_told.act_of(session, batch.id, which) if which else None)
        if act.kind == batches.APPROVE and not access.scope(Permission.ROTATION_APPROVE).holds_library(
            batch.library_id
        ):
            raise NotFound
        undoing.undo(session, doing(batch, posted), act)
        return str(_("Đã hoàn tác."))

    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted

    def once() -> dict[str, Any]:
        batch = own_batch_here(db.session(), uid)
        said = work(batch, posted)
        audit.note(current_user.uid, "undo-batch-step", "batch", uid, batch.library_id)
        return {"do": said, "outcome": "ok"}

    return posting.answer_aloud(posted, {"undo": str(which)}, once, lambda done: back(uid, {}))


# The site answers


@bp.get("/rotation/batches/<uuid:uid>/answer", endpoint="answer")
@needs(Permission.ROTATION_HANDLE)
def show_answer(uid: UUID) -> Any:
    session = db.session()
    batch = batch_here(session, uid)
    return page(
        "rotation/batch_answer.html", batch=batch, lines=batches_read.lines(session, batch.id),
        way=batches_told.way(session, batch.id), refusals=batches_forms.REFUSALS, levels=LEVELS,
        open=batch.state is BatchState.PROPOSED, answered=batches_told.answered(session, batch),
    )  # fmt: skip


def _answering(session: Session, batch: Batch) -> list[Site]:
    """For which sites this person speaks; none: for all of them, whose batch it is."""
    if here().holds_library(batch.library_id):
        return []
    return [one for one in batches_read.sites_of(session, batch.id) if here().holds_branch(one.branch_id)]


@bp.post("/rotation/batches/<uuid:uid>/answer", endpoint="do_answer")
@needs(Permission.ROTATION_HANDLE)
def do_answer(uid: UUID) -> Any:
    """`item`: copies that are not wanted, with `why`; none: everything is. The same again is answered as before, also where
    the batch is out of reach since."""
    told = posting.source()
    reader = Reader(told)
    posted, why = posting.posted_of(told, reader), reader.choice("why", batches_forms.REFUSALS, required=False)
    items = [one for one in map(uuid_or_none, posting.many(told, "item")) if one]
    note = reader.text("note", required=False, longest=300) or None
    if reader.complaints:
        batch_here(db.session(), uid)  # else a stranger would hear of the form what they may not hear of the batch
    reader.done()
    assert posted
    words = why or batches_forms.REFUSALS["other"]

    def work() -> dict[str, Any]:
        session, batch = db.session(), batch_here(db.session(), uid)
        mine = _answering(session, batch)
        before = {one.item_id: one.refused_why for one in batches_read.lines(session, batch.id)}
        refused = {item: before.get(item) or words for item in ids(session, items)}
        doing = posting.doing_at(posted, mine[0].branch_id if mine else batch.depot.branch_id)
        batches.answer(session, doing, batch, refused, note, {one.id for one in mine})
        audit.note(current_user.uid, "answer-batch", "batch", uid, batch.library_id)
        told_ = _("Đã báo không nhận %(count)s cuốn.", count=len(refused)) if refused else _("Đã báo nhận tất cả.")
        return {"do": told_, "outcome": "ok"}

    content = {"answer": str(uid), "items": [str(one) for one in items], "why": why, "note": note}
    return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_batches.answer", uid=uid))
