"""A shelf is handed over on the page: one gives, another signs, the minutes are printed. The doors of `handing`."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import Reader
from library.core.mime import DOCX
from library.holdings.models import Item, Place, PlaceKind
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds, posting
from library.shelves import counts, handing, handing_rules, handover_papers, keeping, stock, tenures, undoing
from library.shelves.frame import shelf_frame
from library.shelves.handing import Given, Person
from library.shelves.models import CountOutcome, Handover, HandoverKind, Shelf, ShelfTenure
from library.shelves.scopes import mine, shelf_here
from library.shelves.signers import signer

bp = Blueprint("handovers", __name__)
KINDS = {HandoverKind.TEACHER.value: HandoverKind.TEACHER, HandoverKind.YEAR_END.value: HandoverKind.YEAR_END}
KIND_WORDS = {
    HandoverKind.FILL: N_("Thư viện giao sách vào tủ"),
    HandoverKind.TEACHER: N_("Giáo viên giao tủ cho giáo viên"),
    HandoverKind.YEAR_END: N_("Giao tủ về thư viện cuối năm"),
}
OUTCOME_WORDS = {
    CountOutcome.FOUND: N_("có trên tủ"),
    CountOutcome.WITH_READER: N_("bạn đọc đang giữ"),
    CountOutcome.MISSING: N_("thiếu"),
    CountOutcome.ASIDE: N_("đang ở nơi khác"),
    CountOutcome.EXTRA: N_("thừa, không thuộc tủ"),
}
OUTCOME_SHAPES = {
    CountOutcome.FOUND: "ok",
    CountOutcome.WITH_READER: "ghi",
    CountOutcome.MISSING: "hoi",
    CountOutcome.ASIDE: "luu",
    CountOutcome.EXTRA: "luu",
}
COUNT_GOOD_FOR = 45
"""Days after which a count says too little to sign for."""
TOO_LATE = Reason("too-late", N_("Đã quá giờ hoàn tác chữ ký này, hoặc do người khác ký."))


def handover_here(session: Session, uid: UUID) -> Handover:
    """Minutes of a shelf in reach, or sent to the person of this request to sign; NotFound otherwise. They are found by
    their shelf: its library may have taken over the one in whose name they were signed."""
    among = here().of_libraries(Shelf.library_id)
    reach = or_(mine(), Handover.to_id == current_user.id)
    query = select(Handover).join(Shelf, Shelf.id == Handover.shelf_id).where(Handover.uid == uid, among, reach)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


# Of one shelf


@bp.get("/shelves/<uuid:uid>/handovers", endpoint="of_shelf")
@needs(Permission.CLASS_KEEP)
def show_of_shelf(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    return _shelf_page(session, shelf, {}, {})


def _shelf_page(session: Session, shelf: Shelf, told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    tenure, missing = tenures.current(session, shelf.id), missing_now(session, shelf)
    people = takers(session, shelf)
    return render_template(
        "shelves/handover.html", waiting=_waiting(session, shelf.id), signed=handing.signed(session, shelf.id),
        people=people, tenure=tenure, kinds=KIND_WORDS, told=told, complaints=complaints, missing=missing,
        count=good_count(session, shelf), listed=len(stock.listed(session, shelf.place_id)), form_uid=clock.uuid7(),
        here_=clock.HERE, me=current_user.id, of_library=signer(shelf.library_id).of_library,
        instead=_instead(tenure), **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _waiting(session: Session, shelf_id: int) -> list[Handover]:
    found = (handing.waiting(session, shelf_id, kind) for kind in HandoverKind)
    return [one for one in found if one is not None]


def missing_now(session: Session, shelf: Shelf) -> list[dict[str, Any]]:
    """Copies the latest signed minutes call missing and that are not back: who answers for each."""
    signed = handing.signed(session, shelf.id)
    lines = handover_papers.lines(session, signed[0]) if signed else []
    lost = [line for line in lines if line.outcome is CountOutcome.MISSING]
    back = _seen_since(session, signed[0], [line.item_id for line in lost]) if lost else frozenset()
    gone = [line for line in lost if line.item_id not in back]
    answers = handing.answering(session, shelf.id, [line.item_id for line in gone])
    giver = signed[0].given_name if signed else ""
    return [
        {"code": line.code, "title": line.title, "who": answers[line.item_id].name or giver,
         "number": answers[line.item_id].number} for line in gone
    ]  # fmt: skip


def _seen_since(session: Session, one: Handover, items: list[int]) -> frozenset[int]:
    """Those somebody has had in the hand since the minutes were given."""
    seen = select(Item.id).join(Place, Place.id == Item.place_id).where(Item.id.in_(items), Item.seen_at > one.given_at)
    return frozenset(session.scalars(seen.where(Place.kind != PlaceKind.UNKNOWN)))


def good_count(session: Session, shelf: Shelf) -> dict[str, Any] | None:
    """The last count, if it is new enough to sign for: id, day, and how many of each outcome today. `extra`: seen then,
    and not of the shelf now; nobody signs for those."""
    count = counts.last(session, shelf.id)
    if count is None or count.ended_at is None or (clock.now() - count.ended_at).days > COUNT_GOOD_FOR:
        return None
    found = handing.lines_of(session, shelf, count.id)
    sums = {outcome.value: sum(one is outcome for one in found.values()) for outcome in CountOutcome}
    sums[CountOutcome.EXTRA] = sum(item not in found for item in counts.counted(session, count).extra)
    return {"id": count.id, "day": clock.day_of(count.ended_at), "sums": sums, "lines": len(found)}


def takers(session: Session, shelf: Shelf) -> list[tuple[str, str]]:
    """(uid, name) of the teachers who could take the shelf, once each."""
    found = {account.uid: account for account, _class in keeping.teachers(session, shelf.library_id)}
    return [(str(uid), one.name) for uid, one in found.items() if one.id != current_user.id]


def _instead(tenure: ShelfTenure | None) -> str:
    """The keeper, where somebody else gives the shelf away: the teacher left, or is ill."""
    return tenure.keeper_name if tenure and tenure.keeper_id != current_user.id else ""


@bp.post("/shelves/<uuid:uid>/handovers", endpoint="give")
@needs(Permission.CLASS_KEEP)
def give(uid: UUID) -> Any:
    """`kind`, `to` (a teacher's uid), `counted`, `note`."""
    session, told = db.session(), posting.source()
    shelf, reader = shelf_here(session, uid), Reader(told)
    posted = posting.posted_of(told, reader)
    kind = reader.choice("kind", KINDS)
    to = _taker(session, shelf, told, reader) if kind is HandoverKind.TEACHER else None
    note = reader.text("note", required=False, longest=300) or None
    if reader.complaints and not request.is_json:
        return _shelf_page(session, shelf, told, reader.complaints), 422
    reader.done()
    assert posted
    assert kind
    count = good_count(session, shelf) if reader.ticked("counted") else None
    what = Given(kind, to, count["id"] if count else None, note)
    content = {"hand-over": str(uid), "kind": kind.value, "to": to, "counted": bool(count), "note": note}
    return posting.answer(
        posted, content, lambda: _give(shelf, posting.doing_at(posted, shelf.branch_id), what), _to_one
    )


def _taker(session: Session, shelf: Shelf, told: Mapping[str, Any], reader: Reader) -> int | None:
    """Nobody named is anybody who may keep the shelf."""
    if not told.get("to"):
        return None
    among = {str(one.uid): one.id for one, _class in keeping.teachers(session, shelf.library_id)}
    return reader.choice("to", among)


def _give(shelf: Shelf, doing: Doing, what: Given) -> dict[str, Any]:
    session = db.session()
    by = signer(shelf.library_id, _instead(tenures.current(session, shelf.id)))
    one = handing.give(session, doing, shelf, by, what)
    audit.note(current_user.uid, "hand-shelf", "shelf", shelf.uid, shelf.library_id)
    flash(_("Đã giao. Người nhận mở trang này rồi ký, hoặc quét mã vuông trên biên bản."), "success")
    return {"what": "given", "handover": str(one.uid), "act": str(doing.uid)}


def _to_one(done: Mapping[str, Any]) -> str:
    return url_for("handovers.show", uid=done["handover"])


# One


@bp.get("/shelves/handovers/<uuid:uid>", endpoint="show")
@needs(Permission.CLASS_KEEP)
def show(uid: UUID) -> Any:
    """The minutes as both see them, with the one button that is theirs."""
    session = db.session()
    one = handover_here(session, uid)
    shelf = session.get_one(Shelf, one.shelf_id)
    lines = handover_papers.lines(session, one)
    by = signer(shelf.library_id)
    return render_template(
        "shelves/handover_one.html", one=one, lines=lines, kinds=KIND_WORDS, words=OUTCOME_WORDS, shapes=OUTCOME_SHAPES,
        counted=handover_papers.counted(session, one), may_sign=_may_sign(one, by, shelf), form_uid=clock.uuid7(),
        may_cancel=one.given_by == by.id or by.of_library, may_undo=_may_undo(session, one), here_=clock.HERE,
        answers=handover_papers.answering(session, one, lines), **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _may_sign(one: Handover, by: Person, shelf: Shelf) -> bool:
    return not handing_rules.against_taking(handing.taking(one, by, shelf.closed_on is not None))


@bp.post("/shelves/handovers/<uuid:uid>/sign", endpoint="sign")
@needs(Permission.CLASS_KEEP)
def sign(uid: UUID) -> Any:
    session, told = db.session(), posting.source()
    one, reader = handover_here(session, uid), Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted
    branch_id = session.get_one(Shelf, one.shelf_id).branch_id
    return posting.answer(
        posted, {"take-over": str(uid)}, lambda: _sign(uid, posting.doing_at(posted, branch_id)), _to_one
    )


def _sign(uid: UUID, doing: Doing) -> dict[str, Any]:
    session = db.session()
    one = handover_here(session, uid)
    shelf = session.get_one(Shelf, one.shelf_id)
    handing.take(session, doing, one, signer(shelf.library_id))
    audit.note(current_user.uid, "sign-shelf", "shelf", shelf.uid, shelf.library_id)
    flash(_("Đã ký nhận. Biên bản số %(number)s.", number=one.number), "success")
    return {"what": "taken", "handover": str(uid), "act": str(doing.uid), "number": one.number}


@bp.post("/shelves/handovers/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.CLASS_KEEP)
def cancel(uid: UUID) -> Any:
    return _afterwards(uid, "cancel-handover", _cancel)


def _cancel(one: Handover, doing: Doing) -> str:
    session = db.session()
    handing.cancel(session, doing, one, signer(session.get_one(Shelf, one.shelf_id).library_id))
    return str(_("Đã thôi giao. Tủ vẫn của người đang giữ."))


@bp.post("/shelves/handovers/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.CLASS_KEEP)
def undo(uid: UUID) -> Any:
    """The signature is taken back by whoever gave it, a few minutes after."""
    return _afterwards(uid, "unsign-handover", _undo)


def _undo(one: Handover, doing: Doing) -> str:
    session = db.session()
    act = session.get(Act, one.take_act or 0)
    if act is None or not _may_undo(session, one):
        raise Refused(TOO_LATE)
    undoing.undo(session, doing, act)
    return str(_("Đã rút chữ ký. Biên bản lại chờ ký nhận."))


def _afterwards(uid: UUID, name: str, deed: Any) -> Any:
    session, told = db.session(), posting.source()
    one, reader = handover_here(session, uid), Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted
    shelf = session.get_one(Shelf, one.shelf_id)

    def work() -> dict[str, Any]:
        audit.note(current_user.uid, name, "shelf", uid, shelf.library_id)
        flash(deed(handover_here(session, uid), posting.doing_at(posted, shelf.branch_id)), "success")
        return {"what": name, "handover": str(uid)}

    return posting.answer(posted, {name: str(uid)}, work, _to_one)


def _may_undo(session: Session, one: Handover) -> bool:
    act = session.get(Act, one.take_act or 0)
    minutes = current_app.config["UNDO_MINUTES"]
    return act is not None and deeds.may_be_undone(session, act, current_user.uid, minutes)


# Paper


@bp.get("/shelves/handovers/<uuid:uid>/minutes.pdf", endpoint="pdf")
@needs(Permission.CLASS_KEEP)
def minutes_pdf(uid: UUID) -> Any:
    session = db.session()
    one = handover_here(session, uid)
    return _sent(handover_papers.pdf(session, one, _address(one)), "application/pdf", one, "pdf")


@bp.get("/shelves/handovers/<uuid:uid>/minutes.docx", endpoint="docx")
@needs(Permission.CLASS_KEEP)
def minutes_docx(uid: UUID) -> Any:
    session = db.session()
    one = handover_here(session, uid)
    return _sent(handover_papers.docx(session, one, _address(one)), DOCX, one, "docx")


def _address(one: Handover) -> str:
    return url_for("handovers.show", uid=one.uid, _external=True)


def _sent(data: bytes, kind: str, one: Handover, ending: str) -> Any:
    number = (one.number or "chua-ky").replace("/", "-")
    name = f"bien-ban-{number}.{ending}"
    return send_file(BytesIO(data), kind, as_attachment=ending == "docx", download_name=name)
