"""The mini stocktake on a phone: scan or tick, see at once what is left to find, end it with one button."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import facts, queries, taking_back
from library.loans.forms import UndoForm, uuid_or_none
from library.loans.posting import answered_once, check_sender, doing_at, doing_now, json_object
from library.organisations.models import CodeKind
from library.shelves import (
    board,
    borrowing,
    count_result_views,
    count_words,
    counts,
    filling,
    scopes,
    stock,
    tenures,
    undoing,
)
from library.shelves.board_views import spot_of
from library.shelves.count_pages import bp as bp
from library.shelves.count_pages import strangers
from library.shelves.fill_pages import posted_or_now
from library.shelves.filling_forms import FillForm
from library.shelves.frame import shelf_frame
from library.shelves.models import Shelf, ShelfCount

PARTS = (count_result_views,)
"""Modules whose pages stand on the same blueprint."""


@bp.get("/shelves/<uuid:uid>/count", endpoint="show")
@needs(Permission.CLASS_KEEP)
def show(uid: UUID) -> Any:
    """The count that goes on, or the way to begin one and what the last one found."""
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    count, frame = counts.open_one(session, shelf.id), shelf_frame(session, shelf, "")
    if count is None:
        last = counts.last(session, shelf.id)
        return render_template("shelves/count_begin.html", last=last, **frame)
    return render_template("shelves/count.html", **_going(session, shelf, count), **_last(session), **frame)


def _going(session: Session, shelf: Shelf, count: ShelfCount) -> dict[str, Any]:
    listed = stock.listed(session, shelf.place_id)
    so_far, rows = counts.standing(session, count, listed), {row.item_id: row for row in listed}
    extra = strangers(session, [item for item in so_far.extra if item not in rows])
    spot = spot_of(shelf, tenures.current(session, shelf.id))
    return {
        "count": count, "so_far": so_far, "left": [rows[item] for item in so_far.missing],
        "found": [rows[item] for item in so_far.found if item in rows],
        "found_of_others": len([item for item in so_far.found if item not in rows]),
        "extra": extra, "readers": [rows[item] for item in so_far.with_reader],
        "names": board.ids(session, spot.readers),
        "aside": [rows[item] for item in so_far.elsewhere], "returns": len(counts.lent_and_seen(session, count)),
    }  # fmt: skip


def _last(session: Session) -> dict[str, Any]:
    """What came of the last scan, for a page without scripts."""
    uid = uuid_or_none(request.args.get("last"))
    answer = queries.answer_to(session, current_user.uid, uid) if uid else None
    undo = url_for("shelf_counts.undo", act=answer["act"]) if answer and answer.get("act") else ""
    return {"result": {**answer, "undo": undo} if answer else None}


# Beginning, ending


@bp.post("/shelves/<uuid:uid>/count", endpoint="begin")
@needs(Permission.CLASS_KEEP)
def begin(uid: UUID) -> Any:
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    posted = posted_or_now()
    doing = doing_at(posted, shelf.branch_id)
    work = lambda: {"count": str(counts.begin(session, doing, scopes.shelf_here(session, uid)).uid)}  # noqa: E731
    answered_once(posted.uid, {"count": str(uid)}, work)
    return redirect(url_for("shelf_counts.show", uid=uid), 303)


@bp.post("/shelves/<uuid:uid>/count/end", endpoint="end")
@needs(Permission.CLASS_KEEP)
def end(uid: UUID) -> Any:
    """Done; or given up (`drop`), as if nobody had begun."""
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    posted, gives_up = posted_or_now(), bool(request.form.get("drop"))
    doing = doing_at(posted, shelf.branch_id)
    work = lambda: _end(session, scopes.shelf_here(session, uid), doing, gives_up)  # noqa: E731
    answer = answered_once(posted.uid, {"end": str(uid), "drop": gives_up}, work)
    if gives_up:
        flash(_("Đã thôi lần kiểm này. Không cuốn nào bị ghi thiếu."), "success")
        return redirect(url_for("shelf_counts.show", uid=uid), 303)
    return redirect(url_for("shelf_counts.result", uid=answer["count"]), 303)


def _end(session: Session, shelf: Shelf, doing: Doing, gives_up: bool) -> dict[str, Any]:
    count = counts.open_one(session, shelf.id)
    if count is None:
        raise counts.CountEnded
    if gives_up:
        counts.drop(session, doing, count)
        return {"count": str(count.uid)}
    done = counts.end(session, doing, count)
    audit.note(current_user.uid, "count-shelf", "shelf", shelf.uid, shelf.library_id)
    return {"count": str(count.uid), "missing": len(done.missing), "act": str(doing.uid)}


# Seeing


@bp.post("/shelves/<uuid:uid>/count/scans", endpoint="scan")
@needs(Permission.CLASS_KEEP)
def scan(uid: UUID) -> Any:
    """One scan as JSON: {uid, device, number, at, sent_at, count, code, item?}; a tick in the list sends `copy` instead of
    code. `count` is the one it was made for: none other hears of it. Without scripts a plain form, then the page again."""
    scopes.shelf_here(db.session(), uid)
    if request.is_json:
        source = json_object()
        check_sender(source)
        return jsonify(_see_once(uid, source, FillForm.read({**source, "code": _code(source)})))
    source = request.form.to_dict()
    form = FillForm.of_page({**source, "code": _code(source)})
    _see_once(uid, source, form)
    return redirect(url_for("shelf_counts.show", uid=uid, last=form.posted.uid), 303)


def _code(source: Mapping[str, Any]) -> str:
    return str(source.get("copy") or source.get("code") or "")


def _see_once(uid: UUID, source: Mapping[str, Any], form: FillForm) -> dict[str, Any]:
    copy, meant = (str(source.get(name) or "") for name in ("copy", "count"))
    content = {**form.content, "see": copy, "count": meant, "shelf": str(uid)}
    return answered_once(form.posted.uid, content, lambda: _see(db.session(), uid, meant, uuid_or_none(copy), form))


def _see(session: Session, uid: UUID, meant: str, copy: UUID | None, form: FillForm) -> dict[str, Any]:
    shelf = scopes.shelf_here(session, uid)
    doing = doing_at(form.posted, shelf.branch_id)
    count = _going_then(session, shelf, meant, doing.at)
    if copy is not None:
        item = session.scalar(select(Item.id).where(Item.uid == copy, stock.belongs(shelf.place_id)))
        if item is None:
            raise NotFound
        told = _seen(session, doing, shelf, count, item, by_hand=True)
    else:
        told = _meant(session, doing, shelf, count, form)
    return {**told, "counted": str(count.uid), **tallied(session, shelf, count)}


def _going_then(session: Session, shelf: Shelf, meant: str, at: datetime | None) -> ShelfCount:
    """The count a scan was made for: a late one is not of a count that began since. Raises CountEnded."""
    count = counts.open_one(session, shelf.id)
    if count is None or (meant and meant != str(count.uid)) or (at is not None and at < count.began_at):
        raise counts.CountEnded
    return count


def _meant(session: Session, doing: Doing, shelf: Shelf, count: ShelfCount, form: FillForm) -> dict[str, Any]:
    one, desk = form.scanned, filling.desk_of(session, shelf)
    found = facts.resolve(session, one.text, desk, doing.at or clock.now())
    if not found:
        return count_words.nothing(*count_words.UNKNOWN, one.text)
    chosen = facts.the_one(found, one.item)
    if chosen is None:
        day = clock.today()
        among = [facts.copy(session, f.id, desk, day) for f in found[:4] if f.kind is CodeKind.ITEM]
        return count_words.ambiguous(one.text, among)
    if chosen.kind is CodeKind.CARD:
        return count_words.nothing(*count_words.CARD, one.text)
    return _seen(session, doing, shelf, count, chosen.id)


def _seen(
    session: Session, doing: Doing, shelf: Shelf, count: ShelfCount, item: int, by_hand: bool = False
) -> dict[str, Any]:
    spot = spot_of(shelf, tenures.current(session, shelf.id))
    before = counts.outcome_of(session, count.id, item) is not None
    copy = facts.copy(session, item, spot.desk, clock.today())
    outcome = counts.see(session, doing, count, item, by_hand)
    belongs = ", ".join(dict.fromkeys([copy.stay_name or copy.home_name, copy.library_name]))
    if copy.library_id == shelf.library_id:
        belongs = copy.stay_name or copy.home_name
    at, theirs = doing.at or clock.now(), borrowing.reads(session, spot, copy.lent_to)
    return count_words.seen(count_words.Seen(outcome, copy, at, str(doing.uid), before, belongs, theirs))


def tallied(session: Session, shelf: Shelf, count: ShelfCount) -> dict[str, Any]:
    """How many found, still to find, extra, with readers, and how many loans ending the count would return."""
    so_far = counts.standing(session, count, stock.listed(session, shelf.place_id))
    numbers = {"found": len(so_far.found), "missing": len(so_far.missing), "extra": len(so_far.extra)}
    numbers |= {"readers": len(so_far.with_reader), "returns": len(counts.lent_and_seen(session, count))}
    return {"numbers": numbers}


@bp.post("/shelves/count/undo", endpoint="undo")
@needs(Permission.CLASS_KEEP)
def undo() -> Any:
    """Take back a sighting of mine, or the ending of a count, of the last minutes."""
    answer = _undo_once(taking_back.asked())
    if request.is_json:
        return jsonify(answer)
    return redirect(url_for("shelf_counts.show", uid=answer["shelf"]), 303)


def _undo_once(form: UndoForm) -> dict[str, Any]:
    return answered_once(form.posted.uid, form.content, lambda: _undone(form))


def _undone(form: UndoForm) -> dict[str, Any]:
    session = db.session()
    act = acts.by_uid(session, form.act)
    if act is None or act.kind != counts.KIND or not here().holds_branch(act.branch_id):
        raise NotFound
    taking_back.check_mine(session, act)
    count = counts.of_act(session, act.id)
    if count is None:
        raise taking_back.TooLateToUndo
    shelf = scopes.shelf_here(session, session.scalars(select(Shelf.uid).where(Shelf.id == count.shelf_id)).one())
    title, accession = queries.title_of_act(session, act.id)
    undoing.undo(session, doing_now(form.posted, act.branch_id), act)
    told = count_words.nothing("", "", title)
    words = {"word": _("Đã hoàn tác"), "do": _("Cuốn này lại nằm trong số chưa thấy, nếu là của tủ.")}
    more = {"what": "undone", "outcome": "ok", "undid": str(act.uid), "code": accession or "", "shelf": str(shelf.uid)}
    return {**told, **words, **more, **tallied(session, shelf, count)}
