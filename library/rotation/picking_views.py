"""Picking a batch: the scan line, the pull list, undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.core.forms import Reader
from library.inbox import acts
from library.loans import posting, queries, taking_back
from library.loans import views as counter
from library.loans.forms import Posted, UndoForm, scan_of, uuid_or_none
from library.loans.happened import Scan
from library.loans.posting import answered_once
from library.rotation import (
    crates,
    crates_views,
    legs,
    picking,
    picking_lists,
    picking_words,
    scopes,
    sending_after,
    undoing,
)
from library.rotation import sending_views as sending_views
from library.rotation.models import Batch, Crate
from library.rotation.picking import Picked, Scanned
from library.rotation.picking_pages import Small, bp, crate_named, doing_there

SHOWN = 15
UNDONE_HERE = (picking.KIND, crates.SEAL)
__all__ = ["bp"]


@dataclass(frozen=True)
class PickForm:
    """A scan, and what the page was at: the crate that is open, the one sealed before, the copy it asked about."""

    posted: Posted
    scan: Scan
    crate: str
    sealed: str
    asked: UUID | None

    @property
    def content(self) -> dict[str, Any]:
        """What a repeat must say too."""
        return {"pick": self.scan.text, "item": self.scan.item, "crate": self.crate, "number": self.posted.number}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Raises Invalid. Without scripts an answer to a question comes without its code, which is in `before`."""
        code = told.get("code") or (told.get("before") if told.get("answer") else "")
        reader = Reader({**told, "code": code, "answer": told.get("item") or told.get("answer")})
        posted, scan = posting.posted_of(told, reader), scan_of(reader)
        crate, sealed = reader.text("crate", False, 40), reader.text("sealed", False, 40)
        reader.done()
        assert posted
        return cls(posted, scan, crate, sealed, uuid_or_none(told.get("asked")))


# The page


@bp.get("/rotation/batches/<uuid:uid>/pick", endpoint="show")
@needs(Permission.ROTATION_HANDLE)
def show(uid: UUID) -> Any:
    """The scan line, what was scanned just now, the crates, what is still to fetch."""
    session = db.session()
    batch = scopes.own_batch_here(session, uid)
    crate = crate_named(session, batch, request.args.get("crate")) or crates.open_one(session, batch.id)
    lines = picking_lists.lines(session, batch.id, batch.library_id)
    leg = legs.next_(legs.of(session, batch.id))
    return render_template(
        "rotation/pick.html", batch=batch, crate=crate, loads=crates.loads(session, batch.id), lines=lines, leg=leg,
        progress=picking_lists.progress(lines), rows=_rows(session, batch), open=batch.state in picking.OPEN,
        kilograms=picking_words.kilograms, uid=clock.uuid7(), **_last(session, batch),
    )  # fmt: skip


def _last(session: Session, batch: Batch) -> dict[str, Any]:
    """What came of the last scan, for a page without scripts; and what a second scan of it would say yes to."""
    uid = uuid_or_none(request.args.get("last"))
    answer = queries.answer_to(session, current_user.uid, uid) if uid else None
    if answer is None or answer.get("batch") != str(batch.uid):
        return {"result": None, "asked": "", "sealed": "", "text": ""}
    undo = url_for("rotation_pick.undo", uid=batch.uid, act=answer["act"]) if answer.get("act") else ""
    more = {name: answer.get(name) or "" for name in ("asks", "sealed", "text")}
    return {"result": {**answer, "undo": undo}, "asked": more["asks"], "sealed": more["sealed"], "text": more["text"]}


def _rows(session: Session, batch: Batch) -> list[dict[str, Any]]:
    """What this account scanned for the batch lately, newest first; what was taken back is struck through."""
    answers = queries.recent_answers(session, current_user.uid, 80)
    mine = [one for one in answers if one.get("batch") == str(batch.uid)]
    undone = {one["undid"] for one in mine if one.get("undid")}
    return [{**one, "undone": one.get("act") in undone} for one in mine if one.get("picked")][:SHOWN]


# Scanning


@bp.post("/rotation/batches/<uuid:uid>/pick", endpoint="scan")
@needs(Permission.ROTATION_HANDLE)
def scan(uid: UUID) -> Any:
    """One scan, as JSON or as a plain form: {code, crate?, sealed?, asked?, item?}."""
    scopes.own_batch_here(db.session(), uid)
    form = PickForm.read(posting.source())
    answer = answered_once(form.posted.uid, {**form.content, "batch": str(uid)}, lambda: _scanned(uid, form))
    if request.is_json:
        return jsonify(answer)
    back = url_for("rotation_pick.show", uid=uid, last=form.posted.uid, crate=answer.get("crate") or None)
    return redirect(back, 303)


def _scanned(uid: UUID, form: PickForm) -> dict[str, Any]:
    session = db.session()
    batch = scopes.own_batch_here(session, uid)
    crate, sealed = (crate_named(session, batch, one) for one in (form.crate, form.sealed))
    said = Scanned(form.scan.text, crate, sealed, form.asked, form.scan.item)
    return _told(session, batch, picking.scan_in(session, doing_there(session, form.posted, batch), batch, said))


def _told(session: Session, batch: Batch, told: Picked) -> dict[str, Any]:
    load = crates.load(session, told.crate) if told.crate is not None else None
    return {**picking_words.answer(told, load), "batch": str(batch.uid), "picked": True}


@bp.post("/rotation/batches/<uuid:uid>/pick/undo", endpoint="undo")
@needs(Permission.ROTATION_HANDLE)
def undo(uid: UUID) -> Any:
    """Take back a scan of mine of the last minutes (`act`)."""
    scopes.own_batch_here(db.session(), uid)
    told = {**request.args, **posting.source()}
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    act = uuid_or_none(told.get("act"))
    if act is None or posted is None:
        raise NotFound
    form = UndoForm(posted, act)
    answer = answered_once(posted.uid, form.content, lambda: _undone(uid, form))
    if request.is_json:
        return jsonify(answer)
    return redirect(url_for("rotation_pick.show", uid=uid, last=posted.uid), 303)


def _undone(uid: UUID, form: UndoForm) -> dict[str, Any]:
    session = db.session()
    batch, act = scopes.own_batch_here(session, uid), acts.by_uid(session, form.act)
    if act is None or act.kind not in UNDONE_HERE or not here().holds_branch(act.branch_id):
        raise NotFound
    taking_back.check_mine(session, act)
    (title, accession), kind = queries.title_of_act(session, act.id), act.kind
    undoing.undo(session, doing_there(session, form.posted, batch), act)
    do = _("Cuốn này lại nằm trong danh sách cần lấy.") if kind == picking.KIND else _("Thùng này lại mở.")
    return {
        "what": "undone", "outcome": "ok", "word": _("Đã hoàn tác"), "title": title, "code": accession or "", "do": do,
        "undid": str(form.act), "act": None, "asks": None, "choices": [], "batch": str(uid), "crate": "", "sealed": "",
        "time": f"{clock.now().astimezone(clock.HERE):%H:%M:%S}",
    }  # fmt: skip


# The list


@bp.get("/rotation/batches/<uuid:uid>/pull", endpoint="pull")
@needs(Permission.ROTATION_HANDLE)
def pull(uid: UUID) -> Any:
    """In the order of the shelves: on a phone, or on paper."""
    session = db.session()
    batch = scopes.own_batch_here(session, uid)
    lines = picking_lists.lines(session, batch.id, batch.library_id)
    return render_template(
        "rotation/pull.html", batch=batch, lines=lines, progress=picking_lists.progress(lines), whys=picking_words.FOLLOWS,
        leg=legs.next_(legs.of(session, batch.id)), open=batch.state in picking.OPEN, away=batch.state in sending_after.STATES,
    )  # fmt: skip


@bp.post("/rotation/batches/<uuid:uid>/pull", endpoint="mark")
@needs(Permission.ROTATION_HANDLE)
def mark(uid: UUID) -> Any:
    """Of one copy (`item`), what to `do`: take it without a code, it is missing, it is to be fetched after all, leave it
    out, send it after the others."""
    scopes.own_batch_here(db.session(), uid)
    small = Small.read()
    item, do = uuid_or_none(small.told.get("item")), str(small.told.get("do") or "")
    if item is None or do not in MARKS:
        raise NotFound
    said = {"mark": str(item), "do": do, "batch": str(uid)}
    back = url_for("rotation_pick.pull", uid=uid, _anchor=f"i{item.hex}")
    return posting.answer_aloud(small.posted, said, lambda: _marked(uid, small, item, do), lambda _done: back)


def _marked(uid: UUID, small: Small, item: UUID, do: str) -> dict[str, Any]:
    session = db.session()
    batch = scopes.own_batch_here(session, uid)
    item_id = or_not_found(picking_lists.item_of(session, batch.id, item))
    return MARKS[do](session, small, batch, item_id)


def _take(session: Session, small: Small, batch: Batch, item_id: int) -> dict[str, Any]:
    told = picking.pick(session, doing_there(session, small.posted, batch), batch, item_id)
    answer = _told(session, batch, told)
    return {**answer, "do": f"{answer['word']}. {answer['title']}"}


def _miss(session: Session, small: Small, batch: Batch, item_id: int) -> dict[str, Any]:
    picking.miss(session, doing_there(session, small.posted, batch), batch, item_id)
    return {}


def _again(session: Session, small: Small, batch: Batch, item_id: int) -> dict[str, Any]:
    picking.miss(session, doing_there(session, small.posted, batch), batch, item_id, missing=False)
    return {}


def _drop(session: Session, small: Small, batch: Batch, item_id: int) -> dict[str, Any]:
    picking.drop(session, doing_there(session, small.posted, batch), batch, item_id)
    return {"do": _("Đã bỏ cuốn này khỏi đợt.")}


def _after(session: Session, small: Small, batch: Batch, item_id: int) -> dict[str, Any]:
    leg = sending_after.send_after(session, doing_there(session, small.posted, batch), batch, item_id)
    return {"do": _("Đã gửi tiếp cuốn này đến %(name)s.", name=leg.to_site.name if leg.to_site else "")}


MARKS = {"after": _after, "take": _take, "miss": _miss, "again": _again, "drop": _drop}


# At the desk


def _at_desk(session: Session, text: str) -> dict[str, Any] | None:
    """What a crate's code is, for somebody who scans it at a desk."""
    crate: Crate | None = crates.named_by(session, text, clock.now(), current_user.library_id)
    if crate is None:
        return None
    batch = session.get_one(Batch, crate.batch_id)
    word = _("Đây là thùng %(number)s của đợt %(code)s", number=crate.number, code=batch.code)
    do = _("Thùng sách luân chuyển nhận ở trang của đợt. Ở quầy, cứ quét thẻ và sách như thường.")
    return {"what": "crate", "outcome": "luu", "word": word, "title": batch.theme, "said": "", "do": do}


counter.KNOWN_ELSEWHERE.append(_at_desk)
ROUTES = (crates_views, sending_views)
"""Other pages of the same blueprint: imported before it is registered."""
