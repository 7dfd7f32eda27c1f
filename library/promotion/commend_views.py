"""Commendations: listed, recorded, their paper."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.organisations.models import Organisation
from library.patrons import asked, queries
from library.patrons.models import Membership, Person, SchoolClass
from library.promotion import commendations, event_files, event_forms, event_pages, event_steps
from library.promotion.commend_models import Commendation, Whom
from library.promotion.event_pages import Complaints
from library.promotion.event_steps import Plain

bp = Blueprint("commendations", __name__)
WHOM = {Whom.COLLECTIVE: N_("Tập thể"), Whom.PERSON: N_("Cá nhân")}


@bp.get("/commendations", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    session, library = db.session(), asked.library()
    first, last, year = event_pages.span()
    where = Commendation.branch_id.in_([one.id for one in event_pages.branches(library)])
    found = commendations.listed(session, where, first, last)
    return event_pages.page(
        "promotion/commendations.html", library=library, found=found, names=commendations.names(session, found),
        year=year, whom=WHOM, Whom=Whom,
    )  # fmt: skip


@bp.get("/commendations/new", endpoint="new")
@needs(Permission.PROMOTE)
def ask() -> Any:
    return _form(None, {"day": clock.today().isoformat(), "whom": Whom.COLLECTIVE.value})


def _form(one: Commendation | None, told: Any, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    library = event_pages.library_of(one) if one else asked.library()
    classes = queries.classes(db.session(), library.id, clock.today(), here())
    return event_pages.page(
        "promotion/commendation_form.html", library=library, one=one, told=told, complaints=complaints or {},
        stopped=stopped, branches=event_pages.branches(library), whom=WHOM, classes=[one.name for one, _count in classes],
    )  # fmt: skip


def _read(reader: Reader, library: Organisation) -> Plain:
    """A person with a class is looked for among its readers, and kept by their membership alone. A pupil's name may not come
    in without: whether the family agreed to it would never be asked."""
    whom = reader.choice("whom", {one.value: one for one in Whom})
    name, of = reader.text("name", longest=150), reader.text("class", False, 30)
    member = _member(reader, library, name, of) if whom is Whom.PERSON and of else None
    if whom is Whom.PERSON and not of:
        _check_no_pupil(reader, library, name)
    return {
        "day": event_forms.day_of(reader, "day"), "whom": whom.value if whom else None,
        "name": None if member else name, "membership_id": member,
        "given_by": reader.text("given_by", longest=200), "decision": event_forms.words_of(reader, "decision", 60),
        "reason": reader.text("reason", longest=300), "signer": event_forms.words_of(reader, "signer", 100),
        "note": event_forms.many_lines(reader, "note"),
    }  # fmt: skip


def _member(reader: Reader, library: Organisation, name: str, of: str) -> int | None:
    session = db.session()
    rooms = [one.id for one, _count in queries.classes(session, library.id, clock.today(), here()) if one.name == of]
    query = select(Membership.id).join(Person, Person.id == Membership.person_id)
    mine = query.where(Membership.class_id.in_(rooms), Membership.to_on.is_(None), Person.full_name == name)
    found = session.scalars(mine).all()
    if len(found) != 1:
        sentence = (
            N_("Lớp %(of)s có %(count)s em tên như vậy. Để trống lớp, ghi thêm cho rõ.")
            if found
            else N_("Lớp %(of)s không có em nào tên %(who)s. Ghi đủ họ tên như trong danh sách, hoặc để trống lớp.")
        )
        reader.complain("name", "unknown", sentence, of=of, who=name, count=len(found))
        return None
    return found[0]


def _check_no_pupil(reader: Reader, library: Organisation, name: str) -> None:
    query = select(SchoolClass.name).join(Membership, Membership.class_id == SchoolClass.id)
    query = query.join(Person, Person.id == Membership.person_id).order_by(SchoolClass.name).limit(1)
    mine = query.where(Membership.library_id == library.id, Membership.to_on.is_(None), Person.full_name == name)
    if of := db.session().scalar(mine):
        sentence = N_("Lớp %(of)s có em tên như vậy: chọn lớp. Nếu là người khác, ghi thêm cho rõ: cô, bác, chức vụ…")
        reader.complain("class", "pupil", sentence, of=of)


@bp.post("/commendations/new", endpoint="make")
@needs(Permission.PROMOTE)
def make() -> Any:
    told, library = posting.source(), asked.library()
    reader, lib = Reader(told), asked.slug_of(library)
    posted, branch, said = (
        posting.posted_of(told, reader),
        event_pages.branch_of(reader, library),
        _read(reader, library),
    )

    def write() -> dict[str, Any]:
        assert posted and branch
        one = commendations.record(db.session(), event_pages.doing(posted, branch), branch, dict(said))
        event_pages.note("add", commendations.MANNER, one)
        return {"uid": str(one.uid), "do": _("Đã ghi khen thưởng."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        return posting.answer_aloud(
            posted, {"commend": said, "branch": branch}, write,
            lambda done: url_for("commendations.show", uid=UUID(done["uid"]), lib=lib),
        )  # fmt: skip

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _form(None, told, wrong, stopped))


@bp.get("/commendations/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    session = db.session()
    one = event_pages.thing_here(session, Commendation, uid)
    ((name, of),) = commendations.names(session, [one]).values()
    return event_pages.page(
        "promotion/commendation.html", library=event_pages.library_of(one), one=one, name=name, of=of, whom=WHOM, stopped=(),
        history=event_steps.history(session, one), files=event_files.of(session, one.uid), kind=commendations.KIND,
        accept=event_files.ACCEPT, blank=not commendations.may_name(session, one),
    )  # fmt: skip


@bp.get("/commendations/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def ask_edit(uid: UUID) -> Any:
    session = db.session()
    one = event_pages.thing_here(session, Commendation, uid)
    said = event_steps.plain_of(session, commendations.MANNER, one)
    ((name, of),) = commendations.names(session, [one]).values()
    fields = {key: "" if value is None else str(value) for key, value in said.items()}
    return _form(one, fields | {"name": name, "class": of})


@bp.post("/commendations/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    one = event_pages.thing_here(db.session(), Commendation, uid)
    reader = Reader(told)
    said = _read(reader, event_pages.library_of(one))
    again = lambda wrong, stopped: _form(  # noqa: E731
        event_pages.thing_here(db.session(), Commendation, uid), told, wrong, stopped
    )

    def work(session: Session, doing: Doing, thing: Commendation) -> Any:
        commendations.change(session, doing, thing, said)
        return _("Đã lưu.")

    send = lambda: event_pages.change(commendations.MANNER, uid, {"as": said}, "change", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, again)


def _at(uid: UUID) -> str:
    return url_for("commendations.show", uid=uid)


@bp.get("/commendations/<uuid:uid>/certificate.pdf", endpoint="certificate")
@needs(Permission.PROMOTE)
def certificate(uid: UUID) -> Any:
    session = db.session()
    one = event_pages.thing_here(session, Commendation, uid)
    told = {"Content-Disposition": f'inline; filename="giay-khen-{one.day:%Y-%m-%d}.pdf"'}
    return Response(commendations.certificate(session, one), mimetype="application/pdf", headers=told)


@bp.post("/commendations/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    return event_pages.undo(commendations.MANNER, uid, _at(uid), url_for("commendations.list"))
