"""Programmes of learning at a distance: listed, recorded, their turns counted."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.patrons import asked
from library.promotion import digital, event_book, event_files, event_forms, event_pages, event_steps, online
from library.promotion.event_pages import Complaints
from library.promotion.event_steps import Plain
from library.promotion.online_models import OnlineProgramme

bp = Blueprint("online", __name__)


@bp.get("/online", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """Programmes of a school year with their turns; `as`: xlsx for the same as a workbook."""
    session, library = db.session(), asked.library()
    first, last, year = event_pages.span()
    where = OnlineProgramme.branch_id.in_([one.id for one in event_pages.branches(library)])
    found = online.listed(session, where, first, last)
    turns, subjects = online.turns_of(session, found), event_pages.named(session, library.id, "training")
    if request.args.get("as") == "xlsx":
        return event_book.of_programmes(found, turns, subjects, year)
    return event_pages.page(
        "promotion/online_list.html", library=library, found=found, turns=turns, year=year, subjects=subjects
    )  # fmt: skip


@bp.get("/online/new", endpoint="new")
@needs(Permission.PROMOTE)
def ask() -> Any:
    return _form(None, {"first_on": clock.today().isoformat()})


def _form(one: OnlineProgramme | None, told: Any, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    library = event_pages.library_of(one) if one else asked.library()
    return event_pages.page(
        "promotion/online_form.html", library=library, one=one, told=told, complaints=complaints or {}, stopped=stopped,
        subjects=event_pages.named(db.session(), library.id, "training", every=one is not None),
        branches=event_pages.branches(library),
    )  # fmt: skip


def _read(reader: Reader, subjects: dict[str, str]) -> Plain:
    first, last = event_forms.day_of(reader, "first_on"), event_forms.day_of(reader, "last_on", required=False)
    if first and last and last < first:
        reader.complain("last_on", "before", N_("Ngày cuối phải sau ngày đầu."))
    return {
        "title": reader.text("title", longest=200), "subject": reader.choice("subject", {one: one for one in subjects}),
        "platform": event_forms.words_of(reader, "platform"), "address": _address(reader),
        "organiser": event_forms.words_of(reader, "organiser"), "first_on": first, "last_on": last,
        "note": event_forms.many_lines(reader, "note"),
    }  # fmt: skip


def _address(reader: Reader) -> str | None:
    text = reader.text("address", False, 500)
    found = digital.address_or_none(text) if text else None
    if text and found is None:
        reader.complain("address", "address", N_("Địa chỉ viết như https://hoctap.edu.vn/lop-5"))
    return found


@bp.post("/online/new", endpoint="make")
@needs(Permission.PROMOTE)
def make() -> Any:
    told, library = posting.source(), asked.library()
    reader, lib = Reader(told), asked.slug_of(library)
    posted, branch = posting.posted_of(told, reader), event_pages.branch_of(reader, library)
    said = _read(reader, event_pages.named(db.session(), library.id, "training", every=False))
    turns = event_forms.people_of(reader)

    def write() -> dict[str, Any]:
        assert posted and branch
        one = online.record(db.session(), event_pages.doing(posted, branch), branch, dict(said), turns)
        event_pages.note("add", online.MANNER, one)
        return {"uid": str(one.uid), "do": _("Đã ghi chương trình."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"online": said, "turns": turns, "branch": branch}
        return posting.answer_aloud(
            posted, content, write, lambda done: url_for("online.show", uid=UUID(done["uid"]), lib=lib)
        )

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _form(None, told, wrong, stopped))


@bp.get("/online/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    return _page(uid)


def _page(uid: UUID, told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session = db.session()
    one = event_pages.thing_here(session, OnlineProgramme, uid)
    library, rows = event_pages.library_of(one), event_steps.lines_of(session, online.MANNER, one)
    return event_pages.page(
        "promotion/online.html", library=library, one=one, rows=rows, turns=sum(row.turns for row in rows), told=told or {},
        stopped=stopped, complaints=complaints or {}, history=event_steps.history(session, one),
        subjects=event_pages.named(session, library.id, "training"), files=event_files.of(session, one.uid),
        kind=online.KIND, accept=event_files.ACCEPT,
    )  # fmt: skip


@bp.get("/online/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def ask_edit(uid: UUID) -> Any:
    session = db.session()
    one = event_pages.thing_here(session, OnlineProgramme, uid)
    said = event_steps.plain_of(session, online.MANNER, one)
    return _form(one, {name: "" if value is None else str(value) for name, value in said.items()})


@bp.post("/online/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    one = event_pages.thing_here(db.session(), OnlineProgramme, uid)
    reader = Reader(told)
    said = _read(reader, event_pages.named(db.session(), event_pages.library_of(one).id, "training"))
    again = lambda wrong, stopped: _form(  # noqa: E731
        event_pages.thing_here(db.session(), OnlineProgramme, uid), told, wrong, stopped
    )

    def work(session: Session, doing: Doing, thing: OnlineProgramme) -> Any:
        online.change(session, doing, thing, said)
        return _("Đã lưu.")

    send = lambda: event_pages.change(online.MANNER, uid, {"as": said}, "change", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, again)


def _at(uid: UUID) -> str:
    return url_for("online.show", uid=uid)


@bp.post("/online/<uuid:uid>/turns", endpoint="count")
@needs(Permission.PROMOTE)
def count(uid: UUID) -> Any:
    """{day, people-…}; or `remove`: a line told by mistake."""
    told = posting.source()
    reader = Reader(told)
    gone = reader.text("remove", False, 40)
    day, turns = reader.planned_day("day", required=not gone), event_forms.people_of(reader)
    if not gone and not turns:
        reader.complain("people-pupils", "nobody", N_("Ghi số lượt của ít nhất một nhóm."))

    def work(session: Session, doing: Doing, thing: OnlineProgramme) -> Any:
        if gone:
            online.remove(session, doing, thing, gone)
            return _("Đã bỏ dòng này.")
        assert day
        online.count(session, doing, thing, day, turns)
        return _("Đã ghi số lượt.")

    content = {"day": str(day), "turns": turns, "remove": gone}
    send = lambda: event_pages.change(online.MANNER, uid, content, "count", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(uid, told, wrong, stopped))


@bp.post("/online/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    return event_pages.undo(online.MANNER, uid, _at(uid), url_for("online.list"))
