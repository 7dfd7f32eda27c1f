"""The desk's doors: the page, one scan, undo, readers by name."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import Forbidden, NotFound
from library.core.forms import Reader
from library.inbox import acts
from library.loans import card_words, class_words, classroom, deeds, desk, queries, taking_back, wording
from library.loans.desk import Happened, What
from library.loans.facts import Desk
from library.loans.forms import LONGEST_BOX, ScanForm, UndoForm, plain_posted, scan_of, uuid_or_none
from library.loans.posting import answered_once, check_sender, doing_now, doing_of, json_object
from library.organisations.models import Organisation
from library.patrons import queries as patrons

bp = Blueprint("loans", __name__)


def my_desk() -> Desk:
    """Where this account's scanner stands; Forbidden if the permission does not reach there."""
    if not here().holds_branch(current_user.branch_id):
        raise Forbidden
    return Desk(current_user.library_id, current_user.network_id, current_user.branch_id)


def is_brief() -> bool:
    """Helpers see first names only."""
    return not access.scope(Permission.SEE_PATRONS)


def may_overrule() -> bool:
    """Whether this account may do what the rules refuse, with a reason, and forgive lateness."""
    return access.scope(Permission.OVERRIDE).holds_branch(current_user.branch_id)


KNOWN_ELSEWHERE: list[Callable[[Session, str], dict[str, Any] | None]] = []
"""Asked what a code is that is neither a copy's nor a card's: packages above add themselves. They answer with parts of what
the page draws (`wording.result`) and perhaps a `link`: address and words."""


def _known_elsewhere(happened: Happened) -> dict[str, Any]:
    if happened.what is not What.UNKNOWN:
        return {}
    found = (ask(db.session(), happened.text) for ask in KNOWN_ELSEWHERE)
    return next(filter(None, found), {})


def told(happened: Happened) -> dict[str, Any]:
    """The answer as the page draws it."""
    brief = is_brief()
    answer = wording.result(happened, brief) | _known_elsewhere(happened)
    if answer["overrides"] and not may_overrule():
        answer["overrides"] = []
    if happened.what is What.READER:
        answer["reader"] = card_words.reader_card(happened, brief)
    elif happened.what is What.LENT and not happened.on_site:
        answer["reader"] = card_words.reader_counts(happened)
        answer["added"] = card_words.added(happened)
    elif happened.what in (What.LENT, What.RETURNED, What.RENEWED):
        answer["reader_changed"] = True  # perhaps: whoever is open is asked for anew
    return answer


def scan_once(form: ScanForm) -> dict[str, Any]:
    if (form.scan.override or form.scan.amnesty) and not may_overrule():
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
    last = uuid_or_none(request.args.get("last"))
    result = queries.answer_to(session, current_user.uid, last) if last else None
    answers = queries.recent_answers(session, current_user.uid)
    undone = {answer["undid"] for answer in answers if "undid" in answer}
    rows = [_row(answer, undone) for answer in _standing(answers) if answer.get("said")]
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
        class_return=_class_return(place),
        mates=_mates(classes, pupils),
        tally=wording.tally(*queries.tally(session, place.branch_id, clock.today())),
        undo_minutes=current_app.config["UNDO_MINUTES"],
        box=_box(),
        override_reasons=[(value, _(words)) for value, words in wording.OVERRIDES],
        new_reader=_new_reader(place),
    )


def _box() -> dict[str, Any]:
    """The drop box: whether it is open, the day it begins with (yesterday, or the one just used), and the first and last
    day it takes."""
    today, said = clock.today(), request.args.get("box", "")
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = today - timedelta(days=1)
    first = today - LONGEST_BOX
    return {"open": bool(said), "day": day, "first": first, "today": today, "may_forgive": may_overrule()}


def _new_reader(place: Desk) -> list[str] | None:
    """Classes and kinds somebody new can be put in at this desk, by name; None for those who may add nobody."""
    where = access.scope(Permission.EDIT_PATRON)
    library = db.session().get(Organisation, place.library_id) if where.holds_library(place.library_id) else None
    if library is None:
        return None
    return [one.label for one in patrons.groups(db.session(), library, clock.today(), where).values()]


def _open_reader(place: Desk, text: str | None) -> dict[str, Any] | None:
    uid = uuid_or_none(text)
    happened = desk.open_reader(db.session(), place, uid) if uid else None
    return card_words.reader_card(happened, is_brief()) if happened else None


_ASKED_HERE = ("reader", "class", "box")
"""What the desk's address says beside the last answer: whoever undoes something comes back to it."""


def _undo_address(answer: dict[str, Any]) -> str:
    if not answer.get("act"):
        return ""
    back: dict[str, Any] = {name: request.args[name] for name in _ASKED_HERE if request.args.get(name)}
    return url_for("loans.undo", act=answer["act"], next=url_for("loans.show_desk", **back) if back else None)


def _standing(answers: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Newest first, without the questions that the next scan of the same copy answered."""
    newer: dict[str, Any] = {}
    for answer in answers:
        answered = newer.get("act") and newer.get("code") == answer.get("code")
        if not (answered and not answer.get("act") and (answer.get("choices") or answer.get("overrides"))):
            yield answer
        newer = answer


def _row(answer: dict[str, Any], undone: set[str]) -> dict[str, Any]:
    names = ("outcome", "time", "title", "said", "code", "fact")
    row = {name: answer.get(name, "") for name in names}
    act = answer.get("act") or ""
    return {**row, "undo": _undo_address(answer), "uid": act, "undone": act in undone}


def _classes(place: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    chosen = uuid_or_none(request.args.get("class"))
    found = queries.classes(db.session(), place.library_id, clock.today())
    classes = [{"code": str(uid), "name": name, "on": uid == chosen} for uid, name in found]
    pupils = queries.readers_of_class(db.session(), place.library_id, chosen) if chosen else []
    return classes, [_pick(known) for known in pupils]


def _mates(classes: list[dict[str, Any]], pupils: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The class chosen stays chosen while its children borrow one after another."""
    name = next((one["name"] for one in classes if one["on"]), None)
    return {"name": name, "pupils": pupils} if name and pupils else None


def _class_return(place: Desk) -> dict[str, Any] | None:
    """How the returns of the chosen class go; drawn here for a page without scripts."""
    chosen = uuid_or_none(request.args.get("class"))
    room = classroom.of_class(db.session(), place.library_id, chosen) if chosen else None
    return class_words.board(room, is_brief()) if room and room.total else None


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


@bp.post("/desk")
@needs(Permission.CIRCULATE)
def plain_scan() -> Any:
    """The desk without scripts: the same scan, then the page again."""
    reader = request.form.get("reader")
    chosen: dict[str, Any] = {"class": request.args.get("class")}
    if request.form.get("finish"):
        return redirect(url_for("loans.show_desk", **chosen), 303)
    if pick := request.form.get("pick"):
        return redirect(url_for("loans.show_desk", reader=pick, **chosen), 303)
    form_reader = Reader(request.form.to_dict() if request.form.get("code") else _answering())
    scan_ = scan_of(form_reader)
    form_reader.done()
    form = ScanForm(plain_posted(), scan_)
    answer = scan_once(form)
    opened = answer["reader"]["uid"] if answer.get("reader") else reader
    box = request.form.get("returned_on") or None
    said = " ".join(filter(None, (scan_.item, scan_.answer))) or None
    return redirect(url_for("loans.show_desk", last=form.posted.uid, reader=opened, box=box, said=said, **chosen), 303)


def _answering() -> dict[str, str]:
    """An answer to a question comes without its code: it is the code of the question. What was answered before goes on:
    which of two copies was meant, and for a reason, what it is the reason for."""
    last = uuid_or_none(request.args.get("last"))
    asked = queries.answer_to(db.session(), current_user.uid, last) if last else None
    said, answer = request.args.get("said", ""), request.form.get("answer", "")
    if not answer:
        answer = said
    elif said.startswith("item-") and not answer.startswith("item-"):
        answer = f"{said.split()[0]} {answer}"
    return {**request.form.to_dict(), "code": str(asked.get("text", "")) if asked else "", "answer": answer}


@bp.post("/desk/undo")
@needs(Permission.UNDO)
def undo() -> Any:
    """Take back an act of mine, from a few minutes ago. JSON from the page; a plain form, which may say where it stands
    (`next`): one comes back there, to a page that shows the answer named by `last`."""
    form = taking_back.asked()
    answer = undo_once(form)
    if request.is_json:
        return jsonify(answer)
    back = access.local_address(request.values.get("next"), url_for("loans.show_desk"))
    return redirect(_telling(back, form.posted.uid), 303)


def _telling(address: str, answer: UUID) -> str:
    """The same page, which then shows this answer."""
    page = urlsplit(address)
    kept = [one for one in parse_qsl(page.query) if one[0] != "last"]
    return page._replace(query=urlencode([*kept, ("last", str(answer))])).geturl()


def undo_once(form: UndoForm) -> dict[str, Any]:
    return answered_once(form.posted.uid, form.content, lambda: _undo(form))


def _undo(form: UndoForm) -> dict[str, Any]:
    session = db.session()
    act = acts.by_uid(session, form.act)
    if act is None or not here().holds_branch(act.branch_id):
        raise NotFound
    taking_back.check_mine(session, act)
    if act.kind in deeds.OWN_DOORS:
        raise taking_back.TooLateToUndo
    title, accession = queries.title_of_act(session, act.id)
    deeds.undo(session, doing_now(form.posted, current_user.branch_id), act)
    return wording.undone(act.uid, title, accession, clock.now())


@bp.get("/desk/readers")
@needs(Permission.CIRCULATE)
def readers() -> Any:
    """Readers by name or class: [{code, name, class, born, note}]."""
    place, class_uid = my_desk(), uuid_or_none(request.args.get("class"))
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
