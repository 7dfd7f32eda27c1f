"""Training classes: listed, recorded, their sessions counted or ticked by name."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.patrons import asked, queries
from library.patrons.models import SchoolClass
from library.promotion import event_book, event_files, event_pages, event_steps, training_forms, trainings
from library.promotion.event_models import State
from library.promotion.event_pages import Complaints
from library.promotion.event_words import total
from library.promotion.training_models import Training, TrainingSession

bp = Blueprint("trainings", __name__)


@bp.get("/trainings", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """Classes of a school year, with what they came to; `as`: xlsx for the same as a workbook."""
    session, library = db.session(), asked.library()
    first, last, year = event_pages.span()
    where = Training.branch_id.in_([one.id for one in event_pages.branches(library)])
    found = trainings.listed(session, where, first, last)
    sessions = trainings.sessions_by(session, found)
    enrolled = {one.id: total(trainings.enrolled(one, sessions[one.id])) for one in found}
    turns = {one.id: sum(total(row.came) for row in sessions[one.id]) for one in found}
    counted = [one for one in found if one.state is State.HELD and turns[one.id]]
    subjects = event_pages.named(session, library.id, "training")
    if request.args.get("as") == "xlsx":
        return event_book.of_trainings(found, sessions, enrolled, turns, subjects, year)
    return event_pages.page(
        "promotion/trainings.html", library=library, found=found, sessions=sessions, enrolled=enrolled, turns=turns,
        year=year, counted=counted, State=State, subjects=subjects,
    )  # fmt: skip


@bp.get("/trainings/new", endpoint="new")
@needs(Permission.PROMOTE)
def ask() -> Any:
    return _form(None, {"day-0": clock.today().isoformat()})


def _form(one: Training | None, told: Any, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session, library = db.session(), event_pages.library_of(one) if one else asked.library()
    chosen = posting.many(told, "subjects") if one is None or told else []
    return event_pages.page(
        "promotion/training_form.html", library=library, one=one, told=told, complaints=complaints or {}, stopped=stopped,
        subjects=event_pages.named(session, library.id, "training", every=one is not None), chosen=chosen,
        branches=event_pages.branches(library), rows=range(training_forms.ROWS),
    )  # fmt: skip


@bp.post("/trainings/new", endpoint="make")
@needs(Permission.PROMOTE)
def make() -> Any:
    told, library = posting.source(), asked.library()
    reader, lib = Reader(told), asked.slug_of(library)
    posted, branch = posting.posted_of(told, reader), event_pages.branch_of(reader, library)
    said = training_forms.training_of(
        reader, told, event_pages.named(db.session(), library.id, "training", every=False)
    )
    sessions = training_forms.sessions_of(reader)

    def write() -> dict[str, Any]:
        assert posted and branch
        one = trainings.record(db.session(), event_pages.doing(posted, branch), branch, dict(said), sessions)
        event_pages.note("add", trainings.MANNER, one)
        return {"uid": str(one.uid), "do": _("Đã ghi lớp tập huấn."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"training": said, "sessions": sessions, "branch": branch}
        return posting.answer_aloud(
            posted, content, write, lambda done: url_for("trainings.show", uid=UUID(done["uid"]), lib=lib)
        )

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _form(None, told, wrong, stopped))


@bp.get("/trainings/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    return _page(uid)


def _page(uid: UUID, told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session = db.session()
    one = event_pages.thing_here(session, Training, uid)
    library, sessions = event_pages.library_of(one), trainings.sessions_of(session, one)
    return event_pages.page(
        "promotion/training.html", library=library, one=one, sessions=sessions, told=told or {}, stopped=stopped,
        enrolled=trainings.enrolled(one, sessions), turns=sum(total(row.came) for row in sessions),
        subjects=event_pages.named(session, library.id, "training"), history=event_steps.history(session, one),
        files=event_files.of(session, one.uid), kind=trainings.KIND, accept=event_files.ACCEPT, State=State,
        complaints=complaints or {}, classes=_classes(session, library.id),
    )  # fmt: skip


def _classes(session: Session, library_id: int) -> list[SchoolClass]:
    """This year's."""
    return [one for one, _count in queries.classes(session, library_id, clock.today(), here())]


@bp.get("/trainings/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def ask_edit(uid: UUID) -> Any:
    one = event_pages.thing_here(db.session(), Training, uid)
    return _form(one, training_forms.said(one))


@bp.post("/trainings/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    one = event_pages.thing_here(db.session(), Training, uid)
    reader = Reader(told)
    known = event_pages.named(db.session(), event_pages.library_of(one).id, "training")
    said = training_forms.training_of(reader, told, known)
    again = lambda wrong, stopped: _form(event_pages.thing_here(db.session(), Training, uid), told, wrong, stopped)  # noqa: E731

    def work(session: Session, doing: Doing, thing: Training) -> Any:
        trainings.change(session, doing, thing, said)
        return _("Đã lưu.")

    send = lambda: event_pages.change(trainings.MANNER, uid, {"as": said}, "change", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, again)


def _at(uid: UUID) -> str:
    return url_for("trainings.show", uid=uid)


# Sessions


@bp.post("/trainings/<uuid:uid>/sessions", endpoint="count")
@needs(Permission.PROMOTE)
def count(uid: UUID) -> Any:
    """{session: its uid (none: a new one), day, from_at, topic, people-…}; `do` remove takes the session away."""
    told = posting.source()
    reader = Reader(told)
    named, do = uuid_or_none(told.get("session")), reader.text("do", False, 20)
    line = training_forms.session_of(reader, required=do != "remove")

    def work(session: Session, doing: Doing, thing: Training) -> Any:
        row = _session(session, thing, named) if named else None
        if do == "remove":
            trainings.remove(session, doing, thing, or_not_found(row))
            return _("Đã bỏ buổi học.")
        trainings.count(session, doing, thing, {"uid": str(named or clock.uuid7()), **line})
        return _("Đã ghi buổi học.")

    content = {"session": str(named or ""), "line": line, "do": do}
    send = lambda: event_pages.change(trainings.MANNER, uid, content, "count", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(uid, told, wrong, stopped))


def _session(session: Session, one: Training, uid: UUID | None) -> TrainingSession:
    mine = select(TrainingSession).where(TrainingSession.uid == uid, TrainingSession.training_id == one.id)
    return or_not_found(session.scalar(mine))


@bp.get("/trainings/<uuid:uid>/names", endpoint="names")
@needs(Permission.PROMOTE)
def names(uid: UUID) -> Any:
    """Names of a class (`class`) to be ticked at a session (`session`; none: the latest)."""
    session = db.session()
    one = event_pages.thing_here(session, Training, uid)
    named = uuid_or_none(request.args.get("session"))
    row = _session(session, one, named) if named else trainings.sessions_of(session, one)[-1]
    library = event_pages.library_of(one)
    of = _class(session, library.id, request.args.get("class", ""))
    return event_pages.page(
        "promotion/training_names.html", library=library, one=one, row=row, of=of, classes=_classes(session, library.id),
        pupils=trainings.pupils(session, row, of.id) if of else (), stopped=(),
    )  # fmt: skip


def _class(session: Session, library_id: int, text: str) -> SchoolClass | None:
    """Of this library. NotFound for another's."""
    uid = uuid_or_none(text)
    if uid is None:
        return None
    mine = select(SchoolClass).where(SchoolClass.uid == uid, SchoolClass.library_id == library_id)
    return or_not_found(session.scalar(mine))


@bp.post("/trainings/<uuid:uid>/names", endpoint="tick")
@needs(Permission.PROMOTE)
def tick(uid: UUID) -> Any:
    """{session, class, here: members of it who came}."""
    told = posting.source()
    named, text = uuid_or_none(told.get("session")), str(told.get("class") or "")
    came = [int(one) for one in posting.many(told, "here") if one.isascii() and one.isdigit() and len(one) < 18]

    def work(session: Session, doing: Doing, thing: Training) -> Any:
        of = or_not_found(_class(session, event_pages.library_of(thing).id, text))
        trainings.tick(session, doing, thing, _session(session, thing, named), of.id, came)
        return _("Đã ghi %(count)s em của lớp %(name)s.", count=len(came), name=of.name)

    content = {"session": str(named), "class": text, "here": sorted(came)}
    return event_pages.change(trainings.MANNER, uid, content, "count", work, None, _at(uid))


@bp.post("/trainings/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.PROMOTE)
def cancel(uid: UUID) -> Any:
    def work(session: Session, doing: Doing, thing: Training) -> Any:
        trainings.cancel(session, doing, thing)
        return _("Đã hủy lớp này. Số liệu của lớp không còn tính.")

    return event_pages.change(trainings.MANNER, uid, {}, "cancel", work, None, _at(uid))


@bp.post("/trainings/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    return event_pages.undo(trainings.MANNER, uid, _at(uid), url_for("trainings.list"))
