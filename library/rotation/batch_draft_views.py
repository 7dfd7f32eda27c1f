"""The list of a batch while it is planned: looked at, added to, taken from."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access
from library.access import Permission, here, needs
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Item
from library.loans import facts, posting
from library.loans.facts import Desk
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import CodeKind
from library.rotation import (
    batches,
    batches_checks,
    batches_filling,
    batches_forms,
    batches_read,
    batches_told,
    lifecycle,
)
from library.rotation.batches import NotPlanned
from library.rotation.batches_pages import back, bp, doing, ids
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchState
from library.rotation.scopes import own_batch_here
from library.rotation.views import page

UNDOABLE = (batches.PLAN, batches.APPROVE)


class NoSuchCopy(Refused):
    status = 404

    def __init__(self, text: str) -> None:
        super().__init__(
            Reason("unknown-code", N_("Kho luân chuyển không có sách nào như “%(text)s”."), {"text": text})
        )


@bp.get("/rotation/batches/<uuid:uid>/draft", endpoint="show")
@needs(Permission.ROTATION_PLAN)
def show(uid: UUID) -> Any:
    """`q`: looks for titles to add; `copy`: this very copy is offered; `act`: what was done just now, to be undone."""
    session = db.session()
    batch = own_batch_here(session, uid)
    text, copy = request.args.get("q", ""), uuid_or_none(request.args.get("copy"))
    offers = (
        [batches_told.one_offer(session, batch, copy)]
        if copy
        else batches_told.offers(session, batch, text, here())
        if text
        else []
    )
    lines = batches_read.lines(session, batch.id)
    numbers = batches_told.sums(lines)
    approves = access.scope(Permission.ROTATION_APPROVE).holds_library(batch.library_id)
    return page(
        "rotation/batch_draft.html", batch=batch, lines=lines, sums=numbers, way=batches_told.way(session, batch.id),
        remarks=batches_checks.remarks(session, batch, numbers.copies), text=text, offers=[one for one in offers if one],
        asked_copy=copy is not None, act=batches_told.undoable(session, uuid_or_none(request.args.get("act")), UNDOABLE),
        whys=batches_told.WHYS, left_out=_left_out(batch), overrides=batches_forms.OVERRIDES,
        refusals=batches_forms.REFUSALS, cancels=batches_forms.WHY_CANCELLED, most=batch.wanted.get("most"),
        may_change=batch.state in batches.OPEN, is_draft=batch.state is BatchState.DRAFT,
        may_cancel=lifecycle.may(batch.state, Deed.CANCEL), may_approve=lifecycle.may(batch.state, Deed.APPROVE) and approves,
        made_by_me=batch.made_by == current_user.uid, levels=LEVELS, answered=batches_told.answered(session, batch),
    )  # fmt: skip


def _left_out(batch: Batch) -> list[str]:
    said = batch.wanted.get("left_out") or {}
    return [str(_(words, count=said[why])) for why, words in batches_told.LEFT_OUT.items() if said.get(why)]


@bp.post("/rotation/batches/<uuid:uid>/lines", endpoint="change")
@needs(Permission.ROTATION_PLAN)
def change(uid: UUID) -> Any:
    """`do`: find (`text`: a code, a number or words), add (`item`, perhaps `override`), out (`item`s), more."""
    own_batch_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted, do = (
        posting.posted_of(told, reader),
        reader.choice("do", {one: one for one in ("find", "add", "out", "more")}),
    )
    text = reader.text("text", required=do == "find", longest=200)
    override = reader.choice("override", batches_forms.OVERRIDES, required=False)
    reader.done()
    assert posted
    if do == "find":
        return _find(own_batch_here(db.session(), uid), posted, text)
    items = [one for one in map(uuid_or_none, posting.many(told, "item")) if one]
    deeds: dict[str, Callable[[], dict[str, Any]]] = {
        "add": lambda: _add(uid, posted, items, override), "out": lambda: _out(uid, posted, items),
        "more": lambda: _more(uid, posted),
    }  # fmt: skip
    content = {"lines": str(uid), "do": do, "items": [str(one) for one in items], "override": override}
    return posting.answer_aloud(posted, content, deeds[do or "more"], lambda done: back(uid, done))


def _find(batch: Batch, posted: Posted, text: str) -> Any:
    """A code or a number is this very copy: it goes on the list at once. Words look for titles."""
    session = db.session()
    desk = Desk(batch.library_id, batch.library.network_id or 0, batch.depot.branch_id)
    found = [one for one in facts.resolve(session, text, desk, clock.now()) if one.kind is CodeKind.ITEM]
    if not found:
        if request.is_json:
            raise NoSuchCopy(text)
        return redirect(url_for("rotation_batches.show", uid=batch.uid, q=text, _anchor="add"), 303)
    one = facts.the_one(found) or found[0]
    item = session.scalars(select(Item.uid).where(Item.id == one.id)).one()
    uid, content = batch.uid, {"lines": str(batch.uid), "do": "add", "items": [str(item)], "override": None}
    return posting.answer_aloud(posted, content, lambda: _add(uid, posted, [item], None), lambda done: back(uid, done))


def _add(uid: UUID, posted: Posted, uids: Sequence[UUID], override: str | None) -> dict[str, Any]:
    session, batch = db.session(), own_batch_here(db.session(), uid)
    done = batches.add(session, doing(batch, posted), batch, {item: "hand" for item in ids(session, uids)}, override)  # noqa: C420
    if done.refused:
        reason = done.refused[0][1]
        words = str(_(reason.sentence)) % dict(reason.facts)
        return {"added": len(done.added), "why": reason.code, "do": words, "outcome": "khong", "copy": str(uids[0])}
    return {"added": len(done.added), "do": _("Đã thêm %(count)s cuốn.", count=len(done.added)), "outcome": "ok"}


def _out(uid: UUID, posted: Posted, uids: Sequence[UUID]) -> dict[str, Any]:
    session, batch = db.session(), own_batch_here(db.session(), uid)
    if not uids:
        raise NotPlanned("none", N_("Chưa chọn cuốn nào trong danh sách."))
    batches.take_out(session, doing(batch, posted), batch, ids(session, uids))
    return {"do": _("Đã bỏ %(count)s cuốn khỏi danh sách.", count=len(uids)), "outcome": "ok", "act": str(posted.uid)}


def _more(uid: UUID, posted: Posted) -> dict[str, Any]:
    """The machine makes up for what was taken out, as far as it was asked for."""
    session, batch = db.session(), own_batch_here(db.session(), uid)
    batches.check_open(batch)
    lines = batches_filling.more(session, batch)
    done = batches.add(session, doing(batch, posted), batch, lines) if lines else batches.Added((), [])
    words = (
        _("Thêm %(count)s cuốn.", count=len(done.added)) if done.added else _("Kho không còn cuốn nào hợp với đợt này.")
    )
    return {"do": words, "outcome": "ok" if done.added else "luu", "added": len(done.added)}
