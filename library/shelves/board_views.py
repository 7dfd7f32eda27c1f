"""A shelf's own pages, made for a phone: who has what, a name and a scan, its books, touches by colour."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.inbox import acts
from library.inbox.models import Act
from library.loans import posting, queries, reckoning, taking_back, wording
from library.loans.facts import Desk, ReaderFacts
from library.loans.forms import Posted, UndoForm, plain_posted, uuid_or_none
from library.loans.posting import answered_once, check_sender, json_object
from library.shelves import board, borrowing, borrowing_words, stock, tallying, tenures, undoing
from library.shelves.board import Board, Pupil
from library.shelves.borrowing import Spot
from library.shelves.borrowing_forms import ShelfScan, Tap
from library.shelves.frame import shelf_frame
from library.shelves.models import Shelf, ShelfMode, ShelfTenure
from library.shelves.scopes import shelf_here
from library.shelves.signers import to_sign

bp = Blueprint("shelf_board", __name__)


class NothingToTakeBack(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("nothing-tapped", N_("Hôm nay chưa chạm lần nào ở tủ này.")))


def is_brief() -> bool:
    """In a session lent to a pupil: first names only."""
    return current_user.helps_class_id is not None


def hand() -> str | None:
    """Whose hand the account's machine is in: the session lent to a pupil helper; None is the account's own. Kept with
    every answer, because the acts of both are the account's."""
    return str(current_user.session_uid) if is_brief() else None


def desk_of(shelf: Shelf) -> Desk:
    """The shelf's branch is the desk, whatever branch the account is of."""
    library = shelf.library
    return Desk(shelf.library_id, library.network_id or library.id, shelf.branch_id)


def spot_of(shelf: Shelf, tenure: ShelfTenure | None) -> Spot:
    return Spot(shelf, desk_of(shelf), board.reads_here(shelf, tenure, current_user.helps_class_id), is_brief())


# Who has what


@bp.get("/shelves/<uuid:uid>")
@needs(Permission.CLASS_DESK)
def show(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    if shelf.mode is ShelfMode.HONOUR:
        return redirect(url_for("shelf_board.tally", uid=uid), 303)
    tenure = tenures.current(session, shelf.id)
    now = board.read(session, spot_of(shelf, tenure).readers, clock.today())
    return render_template(
        "shelves/board.html", room=now, words=wording, brief=is_brief(), several=_several(now),
        waiting=to_sign(session, Shelf.id == shelf.id), nobody=tenure is None or not (tenure.keeper_name or tenure.keeper_id),
        result=_last(session, shelf), undo=_undo_address, **shelf_frame(session, shelf, "board"),
    )  # fmt: skip


def _several(now: Board) -> bool:
    """Whether classes must be told beside names."""
    return len({one.group for one in now.pupils}) > 1


def _last(session: Session, shelf: Shelf) -> dict[str, Any] | None:
    """The answer that a redirect points at."""
    last = uuid_or_none(request.args.get("last"))
    found = queries.answer_to(session, current_user.uid, last) if last else None
    return found if found and found.get("shelf") == str(shelf.uid) else None


def _just(result: dict[str, Any] | None) -> dict[str, Any]:
    """The scan above, for the script: a form that was sent before it was in place counts as its own. `age` is seconds."""
    act = uuid_or_none((result or {}).get("act"))
    if result is None or act is None:
        return {}
    return {
        "code": result["code"],
        "act": str(act),
        "age": max(0, int(clock.now().timestamp()) - (act.int >> 80) // 1000),
    }


def _undo_address(shelf: Shelf, answer: dict[str, Any]) -> str:
    if not answer.get("act"):
        return ""
    return url_for("shelf_board.undo", uid=shelf.uid, act=answer["act"])


# A name, then a book


@bp.get("/shelves/<uuid:uid>/scan")
@needs(Permission.CLASS_DESK)
def scan(uid: UUID) -> Any:
    """`pupil`: whose name was tapped; `last`: the answer to show above."""
    session = db.session()
    shelf = shelf_here(session, uid)
    tenure = tenures.current(session, shelf.id)
    spot = spot_of(shelf, tenure)
    now, named = board.read(session, spot.readers, clock.today()), uuid_or_none(request.args.get("pupil"))
    who = next((one for one in now.pupils if one.uid == named), None)
    last = _last(session, shelf)
    on_shelf = [one for one in stock.listed(session, shelf.place_id) if one.here and one.reader is None] if who else []
    return render_template(
        "shelves/scan.html", room=now, who=who, allowed=_allowed(session, spot, who), covers=on_shelf, result=last, just=_just(last),
        undo=_undo_address, brief=is_brief(), several=_several(now), words=wording, **shelf_frame(session, shelf, "scan"),
    )  # fmt: skip


def _allowed(session: Session, spot: Spot, who: Pupil | None) -> dict[str, Any]:
    """How many books this pupil may have at once, and for how many days; {} where nobody said."""
    if who is None:
        return {}
    reader: ReaderFacts = borrowing.pupil(session, spot, who.uid)
    law = reckoning.law(session, spot.desk, reader)
    length = law.values(reader.category_id).length
    return {"most": law.most(reader), "days": length.days if length else None}


def told_of(shelf: Shelf, came: borrowing.Came) -> dict[str, Any]:
    return {**borrowing_words.answer(came, is_brief()), "shelf": str(shelf.uid), "hand": hand()}


def scan_once(shelf: Shelf, form: ShelfScan) -> dict[str, Any]:
    session = db.session()
    spot = spot_of(shelf, tenures.current(session, shelf.id))
    said = {"scan": vars(form.shown.one), "tapped": form.shown.tapped, "shelf": shelf.uid, "number": form.posted.number}
    doing = posting.doing_at(form.posted, shelf.branch_id)
    return answered_once(
        form.posted.uid, said, lambda: told_of(shelf, borrowing.scan(db.session(), spot, doing, form.shown))
    )


@bp.post("/shelves/<uuid:uid>/scans")
@needs(Permission.CLASS_DESK)
def do_scan(uid: UUID) -> Any:
    """One scan or tap. JSON: the answer, the same for the same uid. A plain form: the page again, with the answer on it."""
    shelf = shelf_here(db.session(), uid)
    if request.is_json:
        source = json_object()
        check_sender(source)
        return jsonify(scan_once(shelf, ShelfScan.read(source)))
    form = ShelfScan.read(_with_its_text(request.form.to_dict()), plain_posted())
    answer = scan_once(shelf, form)
    return redirect(url_for("shelf_board.scan", uid=uid, last=form.posted.uid, pupil=next_pupil(form, answer)), 303)


def _with_its_text(source: dict[str, Any]) -> dict[str, Any]:
    """An answer to a question comes without its code: it is the code of the question."""
    last = uuid_or_none(request.args.get("last"))
    asked = queries.answer_to(db.session(), current_user.uid, last) if last and not source.get("text") else None
    return {**source, "text": source.get("text") or (asked or {}).get("text", "")}


def next_pupil(form: ShelfScan, answer: dict[str, Any]) -> str | None:
    """Whose name stays open: a question, a refusal and a return leave it as it was; a loan is done with it."""
    if answer.get("pupil"):
        return str(answer["pupil"])
    named = form.shown.one.reader
    if answer["what"] in ("lent", "renewed", "read-here") or (answer["what"] == "returned" and not answer.get("again")):
        return None
    return str(named) if named else None


@bp.post("/shelves/<uuid:uid>/undo")
@needs(Permission.CLASS_DESK)
def undo(uid: UUID) -> Any:
    """Take back what was done at this shelf some minutes ago. JSON, or a plain form with ?act=."""
    shelf = shelf_here(db.session(), uid)
    form = taking_back.asked()
    answer = _undo_once(shelf, form)
    if request.is_json:
        return jsonify(answer)
    return redirect(url_for("shelf_board.scan", uid=uid, last=form.posted.uid), 303)


def _undo_once(shelf: Shelf, form: UndoForm) -> dict[str, Any]:
    return answered_once(form.posted.uid, {**form.content, "shelf": shelf.uid}, lambda: _undo(shelf, form))


def _undo(shelf: Shelf, form: UndoForm) -> dict[str, Any]:
    session = db.session()
    act = acts.by_uid(session, form.act)
    if act is None or not borrowing.is_of(session, act, shelf):
        raise NotFound
    taking_back.check_mine(session, act)
    if not _by_this_hand(session, act):
        raise taking_back.TooLateToUndo
    title, accession = queries.title_of_act(session, act.id)
    undoing.undo(session, posting.doing_now(form.posted, shelf.branch_id), act)
    return {**wording.undone(act.uid, title, accession, clock.now()), "shelf": str(shelf.uid)}


def _by_this_hand(session: Session, act: Act) -> bool:
    """A helper takes back what was done in their own session; the account's owner answers for all of it."""
    said = queries.answer_to(session, current_user.uid, act.uid) if is_brief() else None
    return not is_brief() or (said or {}).get("hand") == hand()


# Its books


@bp.get("/shelves/<uuid:uid>/books")
@needs(Permission.CLASS_DESK)
def books(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    spot = spot_of(shelf, tenures.current(session, shelf.id))
    names = {one.id: one for one in board.read(session, spot.readers, clock.today()).pupils}
    listed = stock.listed(session, shelf.place_id)
    return render_template(
        "shelves/books.html", listed=listed, names=names, words=wording, today=clock.today(), brief=is_brief(),
        levels=sorted({one.level for one in listed if one.level}), level=request.args.get("level", type=int),
        level_names=LEVELS, **shelf_frame(session, shelf, "books"),
    )  # fmt: skip


# Touches by colour


@bp.get("/shelves/<uuid:uid>/tally")
@needs(Permission.CLASS_DESK)
def tally(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    tenure = tenures.current(session, shelf.id)
    pupils = len(board.read(session, board.reads_here(shelf, tenure), clock.today()).pupils)
    return render_template(
        "shelves/tally.html", levels=tallying.levels_of(shelf), names=LEVELS, pupils=pupils,
        counts=tallying.counts(session, shelf.place_id, clock.today()), today=clock.today(),
        waiting=to_sign(session, Shelf.id == shelf.id), **shelf_frame(session, shelf, "tally"),
    )  # fmt: skip


@bp.post("/shelves/<uuid:uid>/tally")
@needs(Permission.CLASS_DESK)
def do_tally(uid: UUID) -> Any:
    """One touch: JSON {level} or {visits} and the message's own facts; or a plain form."""
    shelf = shelf_here(db.session(), uid)
    if request.is_json:
        source = json_object()
        check_sender(source)
        return jsonify(_tap_once(shelf, Tap.read(source)))
    _tap_once(shelf, Tap.read(request.form.to_dict(), plain_posted()))
    return redirect(url_for("shelf_board.tally", uid=uid), 303)


def _tap_once(shelf: Shelf, form: Tap) -> dict[str, Any]:
    said = {"level": form.level, "visits": form.visits, "shelf": shelf.uid, "number": form.posted.number}
    return answered_once(form.posted.uid, said, lambda: _tap(shelf, form))


def _tap(shelf: Shelf, form: Tap) -> dict[str, Any]:
    session, doing = db.session(), posting.doing_at(form.posted, shelf.branch_id)
    tenure = tenures.current(session, shelf.id)
    if form.level is not None:
        tallying.tap(session, doing, shelf, tenure, form.level)
    else:
        tallying.came(session, doing, shelf, tenure, form.visits or 1)
    return {"act": str(doing.uid), **_counted(session, shelf, clock.today()), "hand": hand()}


def _counted(session: Session, shelf: Shelf, today: date) -> dict[str, Any]:
    counts = tallying.counts(session, shelf.place_id, today)
    levels = {str(level): number for level, number in counts.levels.items()}
    return {**asdict(counts), "levels": levels, "total": counts.total, "shelf": str(shelf.uid)}


@bp.post("/shelves/<uuid:uid>/tally/back")
@needs(Permission.CLASS_DESK)
def tally_back(uid: UUID) -> Any:
    """One touch less: the latest of mine today, not of a helper's the machine was lent to."""
    shelf = shelf_here(db.session(), uid)
    if request.is_json:
        source = json_object()
        check_sender(source)
        return jsonify(_back_once(shelf, Tap.read({**source, "visits": 1}).posted))
    _back_once(shelf, plain_posted())
    return redirect(url_for("shelf_board.tally", uid=uid), 303)


def _back_once(shelf: Shelf, posted: Posted) -> dict[str, Any]:
    return answered_once(
        posted.uid, {"back": True, "shelf": shelf.uid, "number": posted.number}, lambda: _back(shelf, posted)
    )


def _back(shelf: Shelf, posted: Posted) -> dict[str, Any]:
    session = db.session()
    act = tallying.last_tap(session, shelf.place_id, current_user.uid, clock.today(), hand())
    if act is None:
        raise NothingToTakeBack
    undoing.undo(session, posting.doing_now(posted, shelf.branch_id), act)
    return {"act": None, **_counted(session, shelf, clock.today())}
