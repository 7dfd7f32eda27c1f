"""A stop on a phone in the sun: opened, counted by touch, closed with the school's signature."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import Reader
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import posting, queries, taking_back
from library.loans.forms import Posted, UndoForm, uuid_or_none
from library.mobile import at_stop, at_stop_page, at_stop_undo, stop_lending
from library.mobile.at_stop_forms import Tap, signed_of
from library.mobile.models import StopVisit, VisitState
from library.mobile.scopes import visit_here

bp = Blueprint("mobile_stop", __name__)
OWN = (at_stop.OPEN, at_stop.CLOSE)


@bp.app_template_global("has_page")
def has_page(endpoint: str) -> bool:
    """Whether the application has this page: links to what may not be there."""
    return endpoint in current_app.view_functions


class NothingToTakeBack(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("nothing-tapped", N_("Chưa chạm lần nào ở điểm dừng này.")))


def doing_at(posted: Posted, visit: StopVisit) -> Doing:
    """The branch is the vehicle's, whoever's account it is."""
    return posting.doing_at(posted, visit.trip.vehicle.branch_id)


def now_at(posted: Posted, visit: StopVisit) -> Doing:
    return posting.doing_now(posted, visit.trip.vehicle.branch_id)


def last_answer(session: Session, visit: StopVisit) -> dict[str, Any] | None:
    """The answer that a redirect points at."""
    last = uuid_or_none(request.args.get("last"))
    found = queries.answer_to(session, current_user.uid, last) if last else None
    return found if found and found.get("visit") == str(visit.uid) else None


@bp.get("/van/visits/<uuid:uid>")
@needs(Permission.VAN_CREW)
def show(uid: UUID) -> Any:
    """Before opening: one button. Open: the tally. Closed: the summary. `class`: the class picked before."""
    session = db.session()
    visit = visit_here(session, uid)
    frame = at_stop_page.frame(session, visit)
    if visit.state is VisitState.CLOSED:
        return _summary(session, visit, frame)
    chosen = uuid_or_none(request.args.get("class"))
    page = at_stop_page.tally_page(session, visit, current_user.uid, chosen)
    return render_template("mobile/visit.html", opening=_act(session, visit.opened_by), **frame, **page)


def _summary(session: Session, visit: StopVisit, frame: dict[str, Any]) -> Any:
    told = at_stop.figures(session, visit.id)
    return render_template(
        "mobile/visit_summary.html", told=told, lines=at_stop_page.lines(told), photos=at_stop_page.photos(session, visit),
        late=at_stop_page.told_since(session, visit), closing=_act(session, visit.closed_by), crew=True, **frame,
    )  # fmt: skip


def _act(session: Session, act_id: int | None) -> UUID | None:
    act = session.get(Act, act_id) if act_id else None
    return act.uid if act else None


@bp.get("/van/visits/<uuid:uid>/summary")
@needs(Permission.VAN_SEE)
def summary(uid: UUID) -> Any:
    """What a visit came to, for whoever may look: the school too."""
    session = db.session()
    visit = visit_here(session, uid, seeing=True)
    told = at_stop.figures(session, visit.id)
    return render_template(
        "mobile/visit_summary.html", told=told, lines=at_stop_page.lines(told), photos=(), late=0, closing=None, crew=False,
        **at_stop_page.frame(session, visit),
    )  # fmt: skip


def done(
    visit: StopVisit, posted: Posted, content: dict[str, Any], work: Callable[[Session, StopVisit], dict[str, Any]],
    back: Callable[[dict[str, Any]], str],
) -> Any:  # fmt: skip
    """Once, on the visit as it is when its turn comes; `work` may run twice, on the visit read anew."""
    uid = visit.uid

    def attempt() -> dict[str, Any]:
        session = db.session()
        return work(session, visit_here(session, uid))

    return posting.answer(posted, {**content, "visit": str(uid)}, attempt, back)


def _posted(source: posting.Source) -> Posted:
    reader = Reader(source)
    posted = posting.posted_of(source, reader)
    reader.done()
    assert posted is not None
    return posted


@bp.post("/van/visits/<uuid:uid>/open")
@needs(Permission.VAN_CREW)
def open_(uid: UUID) -> Any:
    source, visit = posting.source(), visit_here(db.session(), uid)
    posted = _posted(source)
    return done(visit, posted, {"open": True}, lambda session, one: _open(session, one, posted), lambda _: _page(uid))


def _open(session: Session, visit: StopVisit, posted: Posted) -> dict[str, Any]:
    doing = doing_at(posted, visit)
    act = at_stop.open_(session, doing, visit)
    if act is not None:
        audit.note(current_user.uid, "open-stop", "stop-visit", visit.uid, visit.trip.library_id)
    return {"act": str(doing.uid) if act else None, **at_stop_page.told(session, visit, posting.actor())}


def _page(uid: UUID, **more: Any) -> str:
    return url_for("mobile_stop.show", uid=uid, **more)


@bp.post("/van/visits/<uuid:uid>/count")
@needs(Permission.VAN_CREW)
def count(uid: UUID) -> Any:
    """One touch: {what, quantity, class, level, box}; a plain form's button says "tap": "pupil 5"."""
    source, visit = posting.source(), visit_here(db.session(), uid)
    form = Tap.read(source, None if request.is_json else _posted(source))
    back = lambda _: _page(uid, **{"class": form.group})  # noqa: E731
    return done(visit, form.posted, form.content, lambda session, one: _count(session, one, form), back)


def _count(session: Session, visit: StopVisit, form: Tap) -> dict[str, Any]:
    tally = form.tally(at_stop_page.group_of(session, visit, form.group))
    at_stop.count(session, doing_at(form.posted, visit), visit, tally)
    told = at_stop_page.told(session, visit, posting.actor())
    return {"act": str(form.posted.uid), "step": form.quantity, **told, "last": at_stop_page.step_words(form.quantity)}


@bp.post("/van/visits/<uuid:uid>/back")
@needs(Permission.VAN_CREW)
def back(uid: UUID) -> Any:
    """One touch less: this account's latest."""
    source, visit = posting.source(), visit_here(db.session(), uid)
    posted, group = _posted(source), uuid_or_none(str(source.get("class") or ""))
    page = _page(uid, **{"class": group})
    return done(visit, posted, {"back": True}, lambda session, one: _back(session, one, posted), lambda _: page)


def _back(session: Session, visit: StopVisit, posted: Posted) -> dict[str, Any]:
    act = at_stop_undo.last_count(session, visit, current_user.uid)
    if act is None:
        raise NothingToTakeBack
    at_stop.check_open(visit, None)
    at_stop_undo.undo(session, now_at(posted, visit), act)
    return {"act": None, **at_stop_page.told(session, visit, posting.actor())}


@bp.get("/van/visits/<uuid:uid>/close")
@needs(Permission.VAN_CREW)
def close(uid: UUID) -> Any:
    """The summary the school signs."""
    session = db.session()
    visit = visit_here(session, uid)
    at_stop.check_open(visit, None)
    told = at_stop.figures(session, visit.id)
    return render_template(
        "mobile/close.html", told=told, lines=at_stop_page.lines(told), **at_stop_page.frame(session, visit)
    )


@bp.post("/van/visits/<uuid:uid>/close")
@needs(Permission.VAN_CREW)
def do_close(uid: UUID) -> Any:
    """{signed_name, signed_title}; `unsigned`: nobody of the school was there to sign."""
    source, visit = posting.source(), visit_here(db.session(), uid)
    reader = Reader(source)
    posted = posting.posted_of(source, reader)
    signed = signed_of(reader, required=not reader.ticked("unsigned"))
    reader.done()
    assert posted is not None
    said = {"close": [signed.name, signed.title] if signed else []}
    work = lambda session, one: _close(session, one, posted, signed)  # noqa: E731
    return done(visit, posted, said, work, lambda _: _page(uid))


def _close(session: Session, visit: StopVisit, posted: Posted, signed: at_stop.Signed | None) -> dict[str, Any]:
    at_stop.close(session, doing_at(posted, visit), visit, signed)
    audit.note(current_user.uid, "close-stop", "stop-visit", visit.uid, visit.trip.library_id)
    return {"act": str(posted.uid), **at_stop_page.told(session, visit, posting.actor())}


@bp.post("/van/visits/<uuid:uid>/undo")
@needs(Permission.VAN_CREW)
def undo(uid: UUID) -> Any:
    """Take back an act of this visit, opening and closing included: JSON {act}, or a plain form with ?act=."""
    visit = visit_here(db.session(), uid)
    form = taking_back.asked()
    back = lambda _: _page(uid)  # noqa: E731
    return done(visit, form.posted, {"undo": str(form.act)}, lambda session, one: _undo(session, one, form), back)


def _undo(session: Session, visit: StopVisit, form: UndoForm) -> dict[str, Any]:
    act = acts.by_uid(session, form.act)
    if act is None or not _is_of(session, act, visit):
        raise NotFound
    at_stop_undo.undo(session, now_at(form.posted, visit), act)
    if act.kind in OWN:
        audit.note(current_user.uid, "undo-stop", "stop-visit", visit.uid, visit.trip.library_id)
    return {"act": None, "undid": str(act.uid), **at_stop_page.told(session, visit, posting.actor())}


def _is_of(session: Session, act: Act, visit: StopVisit) -> bool:
    if act.kind in OWN:
        return act.id in (visit.opened_by, visit.closed_by)
    return act.kind == at_stop.COUNT and stop_lending.is_of(session, act, visit)
