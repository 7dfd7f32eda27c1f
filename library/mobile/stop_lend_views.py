"""Lending and taking back at a stop: a card, or a class and a name; then a book. A book without a reader comes back aboard."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, Scope, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid, NotFound
from library.core.forms import Reader
from library.inbox import acts
from library.loans import posting, queries, taking_back, wording
from library.loans.forms import Posted, UndoForm, plain_posted, uuid_or_none
from library.loans.happened import Happened
from library.mobile import aboard, at_stop, at_stop_page, at_stop_undo, at_stop_words, stop_lending
from library.mobile.at_stop_forms import StopScan
from library.mobile.models import StopVisit
from library.mobile.scopes import visit_here
from library.mobile.stop_lending import Spot
from library.mobile.stop_views import doing_at, done, last_answer, now_at
from library.organisations.models import Organisation
from library.patrons import queries as patrons
from library.patrons import quick
from library.patrons.quick import Quick

bp = Blueprint("mobile_lend", __name__)
MOST_NAMES = 12


@bp.get("/van/visits/<uuid:uid>/lend")
@needs(Permission.VAN_CREW)
def show(uid: UUID) -> Any:
    """`class`: whose names are listed; `name`: part of one; `pupil`: who is open; `last`: the answer shown above."""
    session = db.session()
    visit = visit_here(session, uid)
    at_stop.check_open(visit, None)
    spot = stop_lending.spot_of(session, visit)
    classes, chosen = stop_lending.classes(session, spot), uuid_or_none(request.args.get("class"))
    typed, result = request.args.get("name", "")[:100], last_answer(session, visit)
    return render_template(
        "mobile/lend.html", who=_who(session, spot, result), classes=classes, chosen=chosen, typed=typed,
        names=_names(session, spot, chosen, typed), result=result, words=wording,
        kept=aboard.kept(session, visit.trip, [visit]), new=_library(session, spot), told=_new_told(), fresh=clock.uuid7(),
        **at_stop_page.frame(session, visit),
    )  # fmt: skip


def _who(session: Session, spot: Spot, result: dict[str, Any] | None) -> Happened | None:
    """A reader of the libraries that read here, picked by name; others only as their card is shown."""
    named = uuid_or_none(request.args.get("pupil"))
    told = stop_lending.open_reader(session, spot, named) if named else None
    if told is None or told.reader is None:
        return None
    by_card = (result or {}).get("pupil") == str(named) or (result or {}).get("again") == str(named)
    return told if by_card or told.reader.library_id in spot.libraries else None


def _names(session: Session, spot: Spot, chosen: UUID | None, typed: str) -> list[queries.Known]:
    if typed:
        return stop_lending.named(session, spot, typed)[:MOST_NAMES]
    return stop_lending.of_class(session, spot, chosen) if chosen else []


def _new_told() -> dict[str, str]:
    """What a form for somebody new said before it was asked about a namesake."""
    return {name: request.args.get(f"new_{name}", "")[:100] for name in ("name", "group", "again")}


@bp.post("/van/visits/<uuid:uid>/scans")
@needs(Permission.VAN_CREW)
def scan(uid: UUID) -> Any:
    """One scan. JSON: the answer, the same for the same uid. A plain form: the page again, with the answer on it."""
    source, visit = posting.source(), visit_here(db.session(), uid)
    form = StopScan.read(source, None if request.is_json else plain_posted())
    shown: dict[str, Any] = {"class": uuid_or_none(request.args.get("class"))}
    back = lambda told: url_for(  # noqa: E731
        "mobile_lend.show", uid=uid, last=form.posted.uid, pupil=next_reader(form, told), **shown
    )
    return done(visit, form.posted, {"scan": vars(form.one)}, lambda session, one: _scan(session, one, form), back)


def _scan(session: Session, visit: StopVisit, form: StopScan) -> dict[str, Any]:
    spot = stop_lending.spot_of(session, visit)
    return at_stop_words.answer(stop_lending.scan(session, spot, doing_at(form.posted, visit), form.one), visit)


def next_reader(form: StopScan, told: dict[str, Any]) -> str | None:
    """Whose name stays open: a question, a refusal and a return leave it as it was; a loan is done with it."""
    if told.get("pupil"):
        return str(told["pupil"])
    if told["what"] in ("lent", "renewed", "read-here") or (told["what"] == "returned" and not told.get("again")):
        return None
    return str(form.one.reader) if form.one.reader else None


@bp.post("/van/visits/<uuid:uid>/scans/undo")
@needs(Permission.VAN_CREW)
def undo(uid: UUID) -> Any:
    """Take back a scan of some minutes ago: JSON {act}, or a plain form with ?act=."""
    visit = visit_here(db.session(), uid)
    form = taking_back.asked()
    back = lambda _told: url_for("mobile_lend.show", uid=uid, last=form.posted.uid)  # noqa: E731
    return done(visit, form.posted, {"undo": str(form.act)}, lambda session, one: _undo(session, one, form), back)


def _undo(session: Session, visit: StopVisit, form: UndoForm) -> dict[str, Any]:
    act = acts.by_uid(session, form.act)
    if act is None or act.kind == at_stop.COUNT or not stop_lending.is_of(session, act, visit):
        raise NotFound
    taking_back.check_mine(session, act)
    title, accession = queries.title_of_act(session, act.id)
    at_stop_undo.undo(session, now_at(form.posted, visit), act)
    return {**wording.undone(act.uid, title, accession, clock.now()), "visit": str(visit.uid)}


# Somebody new, in two fields


def _library(session: Session, spot: Spot) -> Organisation | None:
    """Where somebody new is written in: the school that came, else the vehicle's library."""
    return session.get(Organisation, spot.libraries[0])


def _groups(session: Session, library: Organisation) -> dict[str, patrons.Group]:
    """Its classes and kinds of readers: the crew writes in who stands before them, whatever else they may do there."""
    mine = Scope(libraries=frozenset({library.id}), branches=frozenset(one.id for one in library.branches))
    return patrons.groups(session, library, clock.today(), mine)


@bp.post("/van/visits/<uuid:uid>/new-reader")
@needs(Permission.VAN_CREW)
def new_reader(uid: UUID) -> Any:
    """{full_name, group}: the reader is open on the page that follows. A namesake is shown first; `anyway` adds anyway."""
    source, visit = posting.source(), visit_here(db.session(), uid)
    at_stop.check_open(visit, None)
    spot = stop_lending.spot_of(db.session(), visit)
    library = or_not_found(_library(db.session(), spot))
    try:
        new = Quick.read(source, _groups(db.session(), library))
    except Invalid as told:
        if request.is_json:
            raise
        return _not_read(visit, source, told)
    posted = _posted(source, new)
    back = lambda told: url_for("mobile_lend.show", uid=uid, pupil=told["pupil"])  # noqa: E731
    try:
        return done(visit, posted, new.content(), lambda session, one: _add(session, one, posted, new), back)
    except Asked as asked:
        db.session.rollback()
        return _namesakes(uid, new, asked.same)


class Asked(Exception):
    """Somebody of this name is here. It is no answer to keep: the same message comes again, with `anyway`."""

    def __init__(self, same: list[str]) -> None:
        super().__init__()
        self.same = same


def _not_read(visit: StopVisit, source: posting.Source, told: Invalid) -> Any:
    """The page again, with what was typed and what was wrong with it."""
    flash(" ".join(str(_(one.sentence)) % one.facts for one in told.fields.values()), "warning")
    said: dict[str, Any] = {"new_name": source.get("full_name", "")[:100], "new_group": source.get("group", "")[:60]}
    return redirect(url_for("mobile_lend.show", uid=visit.uid, **said, _anchor="new"), 303)


def _posted(source: posting.Source, new: Quick) -> Posted:
    """A plain form that comes twice is the same message."""
    reader = Reader(source)
    posted = posting.posted_of(source, reader)
    reader.done()
    assert posted is not None
    return posted if request.is_json else Posted(new.message, posted.device, 1, posted.raw_at, posted.sent_at)


def _namesakes(uid: UUID, new: Quick, same: list[str]) -> Any:
    if request.is_json:
        return jsonify(namesakes=same)
    said: dict[str, Any] = {"name": new.name, "new_name": new.name, "new_group": new.group.label, "new_again": "1"}
    return redirect(url_for("mobile_lend.show", uid=uid, **said, _anchor="new"), 303)


def _add(session: Session, visit: StopVisit, posted: Posted, new: Quick) -> dict[str, Any]:
    library = _library(session, stop_lending.spot_of(session, visit))
    assert library is not None
    if same := () if new.anyway else quick.namesakes(session, library.id, new.name):
        raise Asked([str(one.uid) for one in same])
    made, card = quick.add(session, library, new)
    at_stop.count(session, doing_at(posted, visit), visit, at_stop.Tally(others={"new-cards": 1}))
    audit.note(current_user.uid, "add-reader", "membership", made.uid, library.id)
    return {"pupil": str(made.uid), "card": card, "visit": str(visit.uid)}
