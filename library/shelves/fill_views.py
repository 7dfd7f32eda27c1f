"""Filling shelves: the scan line of the librarian."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.inbox import acts
from library.loans import queries, taking_back, views
from library.loans.forms import UndoForm, uuid_or_none
from library.loans.posting import answered_once, check_sender, doing_at, doing_now, json_object
from library.patrons.models import SchoolClass
from library.shelves import (
    filling,
    filling_words,
    giving_views,
    handing,
    pulls,
    pulls_going,
    scopes,
    shelf_codes,
    tenures,
    undoing,
)
from library.shelves.fill_pages import bp as bp
from library.shelves.fill_pages import size
from library.shelves.filling_forms import FillForm
from library.shelves.filling_rules import Outcome
from library.shelves.models import HandoverKind, Shelf, ShelfTenure

PARTS = (giving_views,)
"""Modules whose pages stand on the same blueprint."""
SHOWN = 15
"""Lines of "just now" below the scan line."""


# The page


@bp.get("/shelves/fill", endpoint="show")
@needs(Permission.CLASS_PLAN)
def show() -> Any:
    session = db.session()
    shelf = _chosen(session)
    if shelf is None:
        return render_template("shelves/fill.html", shelf=None, shelves=_shelves(session), **_last(session))
    return render_template("shelves/fill.html", **_side(session, shelf), **_last(session), rows=_rows(session, shelf))


def _chosen(session: Session) -> Shelf | None:
    uid = uuid_or_none(request.args.get("shelf"))
    return scopes.shelf_here(session, uid) if uid else None


def _last(session: Session) -> dict[str, Any]:
    """What came of the last scan, for a page without scripts; and what a second scan of it would say yes to."""
    uid = uuid_or_none(request.args.get("last"))
    answer = queries.answer_to(session, current_user.uid, uid) if uid else None
    if answer is None:
        return {"result": None, "asked": ""}
    undo = url_for("shelf_fill.undo", act=answer["act"]) if answer.get("act") else ""
    return {"result": {**answer, "undo": undo}, "asked": answer.get("asks") or "", "text": answer.get("text", "")}


def _side(session: Session, shelf: Shelf) -> dict[str, Any]:
    """What stands beside the line: how many books, what is still to fetch, who takes them."""
    pull = pulls.open_one(session, shelf.id)
    lines = pulls.lines(session, pull) if pull else []
    tenure = tenures.current(session, shelf.id)
    return {
        "shelf": shelf, "count": size(session, shelf), "pull": pull, "lines": lines,
        "left": [line for line in lines if line.to_fetch], "keeper": tenure.keeper_name if tenure else "",
        "waiting": handing.waiting(session, shelf.id, HandoverKind.FILL),
    }  # fmt: skip


def _rows(session: Session, shelf: Shelf) -> list[dict[str, Any]]:
    """What this account put on this shelf lately, newest first; what was taken back is struck through."""
    answers = [one for one in queries.recent_answers(session, current_user.uid, 60) if one.get("filled")]
    undone = {one["undid"] for one in answers if one.get("undid")}
    told = [one for one in answers if one["filled"] == str(shelf.uid) and not one.get("undid")]
    return [{**one, "undone": one.get("act") in undone} for one in told[:SHOWN]]


def _shelves(session: Session) -> list[tuple[Shelf, str, str]]:
    """(shelf, class, keeper) of those in reach that are open."""
    query = (
        select(Shelf, SchoolClass.name, ShelfTenure.keeper_name)
        .outerjoin(ShelfTenure, (ShelfTenure.shelf_id == Shelf.id) & scopes.standing())
        .outerjoin(SchoolClass, SchoolClass.id == ShelfTenure.class_id)
        .where(scopes.mine(), Shelf.closed_on.is_(None))
        .order_by(SchoolClass.name_sort, Shelf.id)
    )
    return [(row[0], row[1] or "", row[2] or "") for row in session.execute(query.limit(500))]


@bp.get("/shelves/pulls", endpoint="pulls")
@needs(Permission.CLASS_PLAN)
def show_pulls() -> Any:
    """Every list that is being fetched, and shelves to make one for."""
    session = db.session()
    return render_template(
        "shelves/pull_all.html", going=pulls_going.all_open(session, scopes.mine()), shelves=_shelves(session)
    )


# Scanning


@bp.post("/shelves/fill/scans", endpoint="scan")
@needs(Permission.CLASS_PLAN)
def scan() -> Any:
    """One scan as JSON: {uid, device, number, at, sent_at, code, shelf?, asked?, item?}; the same uid gets the same answer."""
    source = json_object()
    check_sender(source)
    return jsonify(_scan_once(FillForm.read(source)))


@bp.post("/shelves/fill", endpoint="plain_scan")
@needs(Permission.CLASS_PLAN)
def plain_scan() -> Any:
    """The same without scripts, then the page again."""
    form = FillForm.of_page(request.form)
    answer = _scan_once(form)
    shelf = answer["shelf"]["uid"] if answer.get("shelf") else form.shelf
    return redirect(url_for("shelf_fill.show", shelf=shelf, last=form.posted.uid), 303)


def _scan_once(form: FillForm) -> dict[str, Any]:
    return answered_once(form.posted.uid, form.content, lambda: _scanned(form))


def _scanned(form: FillForm) -> dict[str, Any]:
    """A shelf's code chooses the shelf; anything else is put on the one that was chosen."""
    session, at = db.session(), clock.now()
    if (named := shelf_codes.named_by(session, form.scanned.text, at)) is not None:
        filling.check_open(named)
        return _opened(session, named)
    if form.shelf is None:
        return {**_plain(at), "outcome": "hoi", "word": _("Hỏi · xếp vào tủ nào"), "title": form.scanned.text[:60],
                "do": _("Quét mã dán trên tủ trước, rồi quét từng cuốn.")}  # fmt: skip
    shelf = scopes.shelf_here(session, form.shelf)
    doing = doing_at(form.posted, shelf.branch_id)
    filled = filling.scan_in(session, doing, filling.desk_of(session, shelf), shelf, form.scanned)
    if filled.act_id is not None and filled.copy is not None:
        pulls.picked(session, shelf.id, filled.act_id, [filled.copy.id])
    return _answer(session, shelf, filled)


def _plain(at: datetime) -> dict[str, Any]:
    return {"what": "shelf", "outcome": "luu", "act": None, "put": False, "asks": None, "code": "", "choices": [],
            "time": f"{at.astimezone(clock.HERE):%H:%M:%S}"}  # fmt: skip


def _opened(session: Session, shelf: Shelf) -> dict[str, Any]:
    count = size(session, shelf)
    do = _("Có %(count)s cuốn. Quét từng cuốn để xếp vào.", count=count)
    if not count:
        do = _("Tủ chưa có cuốn nào. Quét từng cuốn để xếp vào.")
    word = _("Đang xếp vào %(name)s", name=shelf.place.name)
    told = {"word": word, "title": "", "do": do, "shelf": _told_shelf(shelf, count)}
    return {**_plain(clock.now()), **told}


def _told_shelf(shelf: Shelf, count: int) -> dict[str, Any]:
    return {"uid": str(shelf.uid), "name": shelf.place.name, "count": count}


def _answer(session: Session, shelf: Shelf, filled: filling.Filled) -> dict[str, Any]:
    told = filling_words.answer(filled, shelf.place.name)
    told["line"] = told.pop("said", "")
    count = size(session, shelf)
    if filled.outcome is Outcome.PUT:
        told["fact"] = _("cuốn thứ %(count)s", count=count)
    return {**told, "filled": str(shelf.uid), "shelf": _told_shelf(shelf, count)}


@bp.post("/shelves/fill/undo", endpoint="undo")
@needs(Permission.CLASS_PLAN)
def undo() -> Any:
    """Take back a scan of mine of the last minutes."""
    form = taking_back.asked()
    answer = _undo_once(form)
    if request.is_json:
        return jsonify(answer)
    return redirect(url_for("shelf_fill.show", shelf=answer.get("filled"), last=form.posted.uid), 303)


def _undo_once(form: UndoForm) -> dict[str, Any]:
    return answered_once(form.posted.uid, form.content, lambda: _undone(form))


def _undone(form: UndoForm) -> dict[str, Any]:
    session = db.session()
    act = acts.by_uid(session, form.act)
    if act is None or not here().holds_branch(act.branch_id):
        raise NotFound
    taking_back.check_mine(session, act)
    if act.kind not in (filling.KIND, "take-in"):
        raise taking_back.TooLateToUndo
    title, accession = queries.title_of_act(session, act.id)
    before = queries.answer_to(session, current_user.uid, act.uid) or {}
    undoing.undo(session, doing_now(form.posted, act.branch_id), act)
    told = {**_plain(clock.now()), "outcome": "ok", "word": _("Đã hoàn tác"), "title": title, "code": accession or "",
            "do": _("Mọi thứ như trước khi quét cuốn này."), "undid": str(act.uid), "filled": before.get("filled")}  # fmt: skip
    shelf = _shelf_of(session, before)
    return {**told, "what": "undone", **({"shelf": _told_shelf(shelf, size(session, shelf))} if shelf else {})}


def _shelf_of(session: Session, answer: Mapping[str, Any]) -> Shelf | None:
    uid = uuid_or_none(answer.get("filled"))
    return session.scalar(select(Shelf).where(Shelf.uid == uid)) if uid else None


# At the desk


def _at_desk(session: Session, text: str) -> dict[str, Any] | None:
    """What a shelf's code is, for somebody who scans it at the desk of its library."""
    shelf = shelf_codes.named_by(session, text, clock.now(), Shelf.library_id == current_user.library_id)
    if shelf is None:
        return None
    fills = access.scope(Permission.CLASS_PLAN).holds_branch(shelf.branch_id)
    link = {"link": [url_for("shelf_fill.show", shelf=shelf.uid), _("Xếp sách vào tủ")]}
    do = _("Muốn xếp sách vào tủ này thì mở trang xếp sách. Ở quầy, cứ quét thẻ và sách như thường.")
    word = _("Đây là mã của %(name)s", name=shelf.place.name)
    told = {"what": "shelf", "outcome": "luu", "word": word, "title": "", "said": ""}
    return {**told, "do": do if fills else _("Ở quầy, cứ quét thẻ và sách như thường."), **(link if fills else {})}


views.KNOWN_ELSEWHERE.append(_at_desk)
