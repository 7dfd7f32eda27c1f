"""The desk's doors: the page, one scan, undo, readers by name."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db, once_more
from library.core.errors import N_, Forbidden, NotFound, Reason, Refused
from library.core.forms import Reader
from library.inbox import acts, once, timing
from library.inbox.acts import Doing
from library.loans import deeds, desk, queries, wording
from library.loans.desk import Happened, What
from library.loans.facts import Desk
from library.loans.forms import Posted, ScanForm, UndoForm, scan_of
from library.organisations.models import Organisation
from library.patrons import queries as patrons

bp = Blueprint("loans", __name__)


class TooLateToUndo(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("too-late", N_("Lượt này quá giờ hoàn tác, hoặc do người khác làm.")))


def my_desk() -> Desk:
    """Where this account's scanner stands; Forbidden if the permission does not reach there."""
    if not here().holds_branch(current_user.branch_id):
        raise Forbidden
    return Desk(current_user.library_id, current_user.network_id, current_user.branch_id)


def is_brief() -> bool:
    """Helpers see first names only."""
    return not access.scope(Permission.SEE_PATRONS)


def doing_of(posted: Posted) -> Doing:
    """Who, where, when: now for a scan sent as it was made, else the moment by the corrected clock."""
    late = not timing.is_live(posted.raw_at, posted.sent_at)
    at = None
    if late:
        before = acts.last_of_device(db.session(), posted.device)
        (at,) = timing.corrected([posted.raw_at], posted.sent_at, clock.now(), before and before + clock.TICK)
    return Doing(posted.uid, current_user.uid, current_user.branch_id, posted.device, posted.number, posted.raw_at, at)


def answered_once(posted_uid: UUID, content: dict[str, Any], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The first answer to this message, doing the work if it is new. One transaction, tried once more if that may help."""

    def attempt() -> dict[str, Any]:
        session = db.session()
        answer = once.arrive(session, posted_uid, current_user.uid, content)
        if answer is None:
            answer = work()
            once.keep_answer(session, posted_uid, answer)
        db.session.commit()
        return answer

    return once_more(attempt)


def told(happened: Happened) -> dict[str, Any]:
    """The answer as the page draws it."""
    brief = is_brief()
    answer = wording.result(happened, brief)
    if answer["overrides"] and not access.scope(Permission.OVERRIDE).holds_branch(current_user.branch_id):
        answer["overrides"] = []
    if happened.what is What.READER:
        answer["reader"] = wording.reader_card(happened, brief)
    elif happened.what is What.LENT:
        answer["reader"] = wording.reader_counts(happened)
        answer["added"] = wording.added(happened)
    elif happened.reader and happened.what in (What.RETURNED, What.RENEWED):
        answer["reader_changed"] = str(happened.reader.uid)
    return answer


class AnotherAccount(Refused):
    """The page was opened by somebody else, who must sign in again to send what they made."""

    status = 401

    def __init__(self) -> None:
        super().__init__(Reason("another-account", N_("Trang này do tài khoản khác mở. Người đó vào lại là gửi được.")))


def json_object() -> dict[str, Any]:
    """The body, if it is a JSON object; an empty one otherwise, which the form then complains about."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def check_sender(source: dict[str, Any]) -> None:
    """A queue is sent only by the account that made it, even if another has signed in beside it meanwhile."""
    account = source.get("account")
    if account and account != str(current_user.uid):
        raise AnotherAccount


def scan_once(form: ScanForm) -> dict[str, Any]:
    if form.scan.override and not access.scope(Permission.OVERRIDE).holds_branch(current_user.branch_id):
        raise Forbidden(Permission.OVERRIDE)
    place, content = my_desk(), {"scan": vars(form.scan), "number": form.posted.number}
    work = lambda: told(desk.scan(db.session(), place, doing_of(form.posted), form.scan))  # noqa: E731
    return answered_once(form.posted.uid, content, work)


@bp.post("/desk/scans")
@needs(Permission.CIRCULATE)
def scan() -> Any:
    """One scan as JSON; the same uid again gets the same answer."""
    source = json_object()
    check_sender(source)
    return jsonify(scan_once(ScanForm.read(source)))


@bp.get("/desk")
@needs(Permission.CIRCULATE)
def show_desk() -> Any:
    place, session = my_desk(), db.session()
    reader = _open_reader(place, request.args.get("reader"))
    last = _uuid_or_none(request.args.get("last"))
    result = queries.answer_to(session, current_user.uid, last) if last else None
    answers = queries.recent_answers(session, current_user.uid)
    undone = {answer["undid"] for answer in answers if "undid" in answer}
    rows = [_row(answer, undone) for answer in answers if answer.get("said")]
    classes, pupils = _classes(place)
    return render_template(
        "loans/desk.html",
        result=result and {**result, "undo": _undo_address(result)},
        reader=reader,
        reader_code=reader and reader["uid"],
        context=reader and reader["context"],
        rows=rows,
        classes=classes,
        pupils=pupils,
        tally=wording.tally(*queries.tally(session, place.branch_id, clock.today())),
        undo_minutes=current_app.config["UNDO_MINUTES"],
        override_reasons=[(value, _(words)) for value, words in wording.OVERRIDES],
        new_reader=_new_reader(place),
    )


def _new_reader(place: Desk) -> list[str] | None:
    """Classes and kinds somebody new can be put in at this desk, by name; None for those who may add nobody."""
    where = access.scope(Permission.EDIT_PATRON)
    library = db.session().get(Organisation, place.library_id) if where.holds_library(place.library_id) else None
    if library is None:
        return None
    return [one.label for one in patrons.groups(db.session(), library, clock.today(), where).values()]


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _open_reader(place: Desk, text: str | None) -> dict[str, Any] | None:
    uid = _uuid_or_none(text)
    happened = desk.open_reader(db.session(), place, uid) if uid else None
    return wording.reader_card(happened, is_brief()) if happened else None


def _undo_address(answer: dict[str, Any]) -> str:
    return url_for("loans.undo", act=answer["act"]) if answer.get("act") else ""


def _row(answer: dict[str, Any], undone: set[str]) -> dict[str, Any]:
    names = ("outcome", "time", "title", "said", "code", "fact")
    row = {name: answer.get(name, "") for name in names}
    act = answer.get("act") or ""
    return {**row, "undo": _undo_address(answer), "uid": act, "undone": act in undone}


def _classes(place: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    chosen = _uuid_or_none(request.args.get("class"))
    found = queries.classes(db.session(), place.library_id, clock.today())
    classes = [{"code": str(uid), "name": name, "on": uid == chosen} for uid, name in found]
    pupils = queries.readers_of_class(db.session(), place.library_id, chosen) if chosen else []
    return classes, [_pick(known) for known in pupils]


def _pick(known: queries.Known) -> dict[str, Any]:
    """For the picker: name, and the year of birth to tell namesakes apart (not for helpers)."""
    brief = is_brief()
    note = _("giữ %(count)s", count=known.held) if known.held else ""
    return {
        "code": str(known.uid),
        "name": wording.shown_name(known.name, brief),
        "class": known.class_name or "",
        "born": f"{known.born:%Y}" if known.born and not brief else "",
        "note": note,
    }


def _plain_posted() -> Posted:
    """A form without scripts: made and sent now, by a device that is this request."""
    now = clock.now()
    return Posted(clock.uuid7(), clock.uuid7(), 1, now, now)


@bp.post("/desk")
@needs(Permission.CIRCULATE)
def plain_scan() -> Any:
    """The desk without scripts: the same scan, then the page again."""
    reader = request.form.get("reader")
    if request.form.get("finish"):
        return redirect(url_for("loans.show_desk"), 303)
    if pick := request.form.get("pick"):
        return redirect(url_for("loans.show_desk", reader=pick), 303)
    code = request.form.get("code") or _last_code()
    form_reader = Reader({**request.form, "code": code})
    scan_ = scan_of(form_reader)
    form_reader.done()
    form = ScanForm(_plain_posted(), scan_)
    answer = scan_once(form)
    opened = answer["reader"]["uid"] if answer.get("reader") else reader
    return redirect(url_for("loans.show_desk", last=form.posted.uid, reader=opened), 303)


def _last_code() -> str:
    """An answer to a question comes without its code: it is the code of the question."""
    last = _uuid_or_none(request.args.get("last"))
    answer = queries.answer_to(db.session(), current_user.uid, last) if last else None
    return str(answer.get("text", "")) if answer else ""


@bp.post("/desk/undo")
@needs(Permission.UNDO)
def undo() -> Any:
    """Take back an act of mine, from a few minutes ago. JSON from the page, a plain form without scripts."""
    if request.is_json:
        source = json_object()
        check_sender(source)
        return jsonify(undo_once(UndoForm.read(source)))
    act = _uuid_or_none(request.args.get("act"))
    if act is None:
        raise NotFound
    form = UndoForm(_plain_posted(), act)
    undo_once(form)
    return redirect(url_for("loans.show_desk", last=form.posted.uid), 303)


def undo_once(form: UndoForm) -> dict[str, Any]:
    content = {"undo": str(form.act), "number": form.posted.number}
    return answered_once(form.posted.uid, content, lambda: _undo(form))


def _undo(form: UndoForm) -> dict[str, Any]:
    session = db.session()
    act = acts.by_uid(session, form.act)
    if act is None or not here().holds_branch(act.branch_id):
        raise NotFound
    if not deeds.may_be_undone(session, act, current_user.uid, current_app.config["UNDO_MINUTES"]):
        raise acts.AlreadyUndone if act.voided_by else TooLateToUndo
    title, accession = queries.title_of_act(session, act.id)
    deeds.undo(session, _now(doing_of(form.posted)), act)
    return wording.undone(act.uid, title, accession, clock.now())


def _now(doing: Doing) -> Doing:
    """Undoing happens when it is done, whenever it was asked for."""
    return Doing(doing.uid, doing.actor, doing.branch_id, doing.device, doing.number, doing.raw_at)


@bp.get("/desk/readers")
@needs(Permission.CIRCULATE)
def readers() -> Any:
    """Readers by name or class: [{code, name, class, born, note}]."""
    place, class_uid = my_desk(), _uuid_or_none(request.args.get("class"))
    if class_uid:
        found = queries.readers_of_class(db.session(), place.library_id, class_uid)
    else:
        found = queries.readers_named(db.session(), place.library_id, request.args.get("q", "")[:100])
    return jsonify([_pick(known) for known in found])


@bp.get("/desk/readers/<uuid:uid>")
@needs(Permission.CIRCULATE)
def reader(uid: UUID) -> Any:
    """The reader's card as it is now."""
    card = _open_reader(my_desk(), str(uid))
    if card is None:
        raise NotFound
    return jsonify(card)
