"""Planning batches: a new one, its list, who answers, who approves; the numbers of a library."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs, or_not_found, reads_first
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.loans import facts, posting
from library.loans.facts import Desk
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import CodeKind, Organisation
from library.patrons import asked
from library.rotation import (
    batches,
    batches_checks,
    batches_filling,
    batches_forms,
    batches_read,
    batches_told,
    legs,
    lifecycle,
    rounds_views,
    settings_views,
    sites,
    undoing,
)
from library.rotation.batches import NewBatch, NotPlanned
from library.rotation.batches_forms import Plan
from library.rotation.batches_pages import bp
from library.rotation.batches_way import TooLong
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchState, BatchStep, Site
from library.rotation.scopes import batch_here, own_batch_here
from library.rotation.views import page

Complaints = Mapping[str, Reason]
UNDOABLE = (batches.PLAN, batches.APPROVE)
FURTHER = (rounds_views, settings_views)
"""Pages of the same blueprint: who imports this module has them all."""


class NoSuchCopy(Refused):
    status = 404

    def __init__(self, text: str) -> None:
        super().__init__(
            Reason("unknown-code", N_("Kho luân chuyển không có sách nào như “%(text)s”."), {"text": text})
        )


# A new one


def _sites(session: Session, library: Organisation, uids: Sequence[str]) -> list[Site]:
    """Those named, in the order named."""
    every = {str(one.uid): one for one in sites.open_of(session, library.id)}
    return [every[uid] for uid in dict.fromkeys(uids) if uid in every]


@bp.get("/rotation/batches/new", endpoint="new")
@needs(Permission.ROTATION_PLAN)
def show_new() -> Any:
    """`site`: ticked at first; `replaces`: the batch it takes the place of, where that one stands."""
    library, session = asked.library(), db.session()
    ticked = _sites(session, library, request.args.getlist("site"))
    replaced = _replaced(session, library, request.args.get("replaces"))
    if replaced and not ticked:
        now = legs.current(legs.of(session, replaced.id))
        ticked = [now.to_site] if now and now.to_site else batches_read.sites_of(session, replaced.id)
    return _new_page(library, ticked, replaced)


def _replaced(session: Session, library: Organisation, text: str | None) -> Batch | None:
    uid = uuid_or_none(text)
    return session.scalar(select(Batch).where(Batch.uid == uid, Batch.library_id == library.id)) if uid else None


def _new_page(
    library: Organisation, ticked: Sequence[Site], replaced: Batch | None, told: posting.Source | None = None,
    complaints: Complaints | None = None, stopped: str = "",
) -> str:  # fmt: skip
    session, today = db.session(), clock.today()
    first, last = batches_forms.usual_days(today)
    usual = batches_filling.usual(session, library.id, ticked, first, replaced)
    every = sites.open_of(session, library.id)
    return page(
        "rotation/batch_new.html", library=library, lib=asked.slug_of(library), sites=every, ticked={one.id for one in ticked},
        rooms=batches_filling.rooms(session, every, first), replaced=replaced, told=told or {}, complaints=complaints or {},
        stopped=stopped, usual=usual, first=first, last=last, batch_kinds=batches_forms.KINDS, levels=LEVELS,
        languages=LANGUAGES, many={name: posting.many(told or {}, name) for name in ("level", "language")},
        free=batches_told.free_in_stock(session, library.id),
    )  # fmt: skip


@bp.post("/rotation/batches/new", endpoint="make")
@needs(Permission.ROTATION_PLAN)
@reads_first
def make() -> Any:
    """`do`: fill (the machine makes the list) or empty (somebody will)."""
    told, library, session = posting.source(), asked.library(), db.session()
    on_way, replaced = (
        _sites(session, library, posting.many(told, "site")),
        _replaced(session, library, told.get("replaces")),
    )
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    usual = batches_filling.usual(session, library.id, on_way, clock.today(), replaced)
    plan = batches_forms.plan(reader, usual, clock.today(), usual.most if replaced else None)
    if not on_way:
        reader.complain("site", "no-site", N_("Chọn ít nhất một điểm luân chuyển."))
    try:
        reader.done()
        assert posted and plan
        thought = (
            batches_filling.think(session, library.id, on_way, plan.wanted, clock.today())
            if told.get("do") != "empty"
            else None
        )
        ids, lines = (
            ([one.id for one in on_way], replaced.id if replaced else None),
            batches_filling.as_lines(thought) if thought else {},
        )
        for_writing()
        content = {"make-batch": plan.content, "sites": [*ids[0]], "fills": bool(thought), "replaces": ids[1]}

        def work() -> dict[str, Any]:
            return _made(library.id, posted, plan, ids, batches_filling.told(plan.wanted, thought), lines)

        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("rotation_batches.show", uid=UUID(done["batch"]))
        )
    except (Invalid, NotPlanned, TooLong) as wrong:
        return _new_again(wrong, library, told)


def _new_again(wrong: Refused, library: Organisation, told: posting.Source) -> Any:
    if request.is_json:
        raise wrong
    db.session.rollback()
    session = db.session()
    ticked = _sites(session, library, posting.many(told, "site"))
    fields = wrong.fields if isinstance(wrong, Invalid) else {}
    stopped = "" if fields else _say(wrong)
    return _new_page(
        library, ticked, _replaced(session, library, told.get("replaces")), told, fields, stopped
    ), wrong.status


def _say(wrong: Refused) -> str:
    reason = wrong.reasons[0]
    return str(_(reason.sentence)) % dict(reason.facts)


def _made(
    library_id: int, posted: Posted, plan: Plan, ids: tuple[Sequence[int], int | None], wanted: dict[str, Any],
    lines: Mapping[int, str],
) -> dict[str, Any]:  # fmt: skip
    """`ids`: of the sites in order, and of the batch it replaces. What somebody else took meanwhile is left out."""
    session = db.session()
    library = session.get_one(Organisation, library_id)
    found = {one.id: one for one in session.scalars(select(Site).where(Site.id.in_(ids[0])))}
    depot = sites.depot(session, library)
    doing = posting.doing_at(posted, depot.branch_id)
    replaces = session.get(Batch, ids[1]) if ids[1] else None
    new = NewBatch(plan.theme, depot, [found[one] for one in ids[0]], plan.first, plan.last, plan.kind, wanted,
                   plan.decision, replaces)  # fmt: skip
    batch = batches.make(session, doing, library, new)
    added = batches.add(session, doing, batch, lines).added if lines else ()
    audit.note(current_user.uid, "plan-batch", "batch", batch.uid, library_id)
    said = (
        _("Đã lập đợt %(code)s: %(count)s cuốn.", code=batch.code, count=len(added))
        if lines
        else _("Đã lập đợt %(code)s.", code=batch.code)
    )
    return {"batch": str(batch.uid), "do": said, "outcome": "ok", "count": len(added)}


# The draft


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
        made_by_me=batch.made_by == current_user.uid, levels=LEVELS, answered=_answered(session, batch),
    )  # fmt: skip


def _left_out(batch: Batch) -> list[str]:
    said = batch.wanted.get("left_out") or {}
    return [str(_(words, count=said[why])) for why, words in batches_told.LEFT_OUT.items() if said.get(why)]


def _answered(session: Session, batch: Batch) -> bool:
    """Whether a site has said something to the list that stands there."""
    mine = select(BatchStep.deed).where(BatchStep.batch_id == batch.id, BatchStep.voided.is_(False))
    return session.scalars(mine.order_by(BatchStep.id.desc()).limit(1)).first() == Deed.ANSWER


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
    return posting.answer_aloud(posted, content, deeds[do or "more"], lambda done: _back(uid, done))


def _back(uid: UUID, done: dict[str, Any]) -> str:
    return url_for(
        "rotation_batches.show",
        uid=uid,
        act=done.get("act"),
        copy=done.get("copy"),
        _anchor="add" if done.get("copy") else None,
    )


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
    return posting.answer_aloud(posted, content, lambda: _add(uid, posted, [item], None), lambda done: _back(uid, done))


def _ids(session: Session, uids: Sequence[UUID]) -> list[int]:
    return list(session.scalars(select(Item.id).where(Item.uid.in_(uids)).order_by(Item.id)))


def _doing(batch: Batch, posted: Posted) -> Doing:
    return posting.doing_at(posted, batch.depot.branch_id)


def _add(uid: UUID, posted: Posted, uids: Sequence[UUID], override: str | None) -> dict[str, Any]:
    session, batch = db.session(), own_batch_here(db.session(), uid)
    done = batches.add(session, _doing(batch, posted), batch, {item: "hand" for item in _ids(session, uids)}, override)  # noqa: C420
    if done.refused:
        reason = done.refused[0][1]
        words = str(_(reason.sentence)) % dict(reason.facts)
        return {"added": len(done.added), "why": reason.code, "do": words, "outcome": "khong", "copy": str(uids[0])}
    return {"added": len(done.added), "do": _("Đã thêm %(count)s cuốn.", count=len(done.added)), "outcome": "ok"}


def _out(uid: UUID, posted: Posted, uids: Sequence[UUID]) -> dict[str, Any]:
    session, batch = db.session(), own_batch_here(db.session(), uid)
    if not uids:
        raise NotPlanned("none", N_("Chưa chọn cuốn nào trong danh sách."))
    batches.take_out(session, _doing(batch, posted), batch, _ids(session, uids))
    return {"do": _("Đã bỏ %(count)s cuốn khỏi danh sách.", count=len(uids)), "outcome": "ok", "act": str(posted.uid)}


def _more(uid: UUID, posted: Posted) -> dict[str, Any]:
    """The machine makes up for what was taken out, as far as it was asked for."""
    session, batch = db.session(), own_batch_here(db.session(), uid)
    batches.check_open(batch)
    lines = batches_filling.more(session, batch)
    done = batches.add(session, _doing(batch, posted), batch, lines) if lines else batches.Added((), [])
    words = (
        _("Thêm %(count)s cuốn.", count=len(done.added)) if done.added else _("Kho không còn cuốn nào hợp với đợt này.")
    )
    return {"do": words, "outcome": "ok" if done.added else "luu", "added": len(done.added)}


# Deciding


def _decided(
    uid: UUID, kind: str, content: dict[str, Any], work: Callable[[Batch, Posted], str], back: str = "show"
) -> Any:
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
    return posting.answer_aloud(posted, {kind: str(uid), **content}, once, lambda done: _back(uid, done))


@bp.post("/rotation/batches/<uuid:uid>/propose", endpoint="propose")
@needs(Permission.ROTATION_PLAN)
def propose(uid: UUID) -> Any:
    def work(batch: Batch, posted: Posted) -> str:
        batches.propose(db.session(), _doing(batch, posted), batch)
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
            batches.approve(db.session(), _doing(batch, posted), batch, current_user.name)
            return str(_("Đã duyệt đợt %(code)s. Lấy sách được rồi.", code=batch.code))
        batches.send_back(db.session(), _doing(batch, posted), batch, note)
        return str(_("Đã trả lại đợt %(code)s để sửa.", code=batch.code))

    return _decided(uid, f"{do}-batch", {"note": note}, work)


@bp.post("/rotation/batches/<uuid:uid>/back", endpoint="take_back")
@needs(Permission.ROTATION_PLAN)
def take_back(uid: UUID) -> Any:
    """Who planned it wants to change it after all."""

    def work(batch: Batch, posted: Posted) -> str:
        batches.send_back(db.session(), _doing(batch, posted), batch)
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
        batches.cancel(db.session(), _doing(batch, posted), batch, f"{why}: {note}" if note else why)
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
        undoing.undo(session, _doing(batch, posted), act)
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

    return posting.answer_aloud(posted, {"undo": str(which)}, once, lambda done: _back(uid, {}))


# The site answers


@bp.get("/rotation/batches/<uuid:uid>/answer", endpoint="answer")
@needs(Permission.ROTATION_HANDLE)
def show_answer(uid: UUID) -> Any:
    session = db.session()
    batch = batch_here(session, uid)
    return page(
        "rotation/batch_answer.html", batch=batch, lines=batches_read.lines(session, batch.id),
        way=batches_told.way(session, batch.id), refusals=batches_forms.REFUSALS, levels=LEVELS,
        open=batch.state is BatchState.PROPOSED, answered=_answered(session, batch),
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
        refused = {item: before.get(item) or words for item in _ids(session, items)}
        doing = posting.doing_at(posted, mine[0].branch_id if mine else batch.depot.branch_id)
        batches.answer(session, doing, batch, refused, note, {one.id for one in mine})
        audit.note(current_user.uid, "answer-batch", "batch", uid, batch.library_id)
        told_ = _("Đã báo không nhận %(count)s cuốn.", count=len(refused)) if refused else _("Đã báo nhận tất cả.")
        return {"do": told_, "outcome": "ok"}

    content = {"answer": str(uid), "items": [str(one) for one in items], "why": why, "note": note}
    return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_batches.answer", uid=uid))
