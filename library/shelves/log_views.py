"""The reading log of a class: a grid to tick, one pupil's page, certificates."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import exists, select

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.core.forms import Reader
from library.documents import printing, stored
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.models import Act
from library.labels.answers import pdf
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.shelves import milestones, reading, reading_awards, reading_log, reading_told, stock, undoing
from library.shelves.frame import shelf_frame
from library.shelves.log_forms import DiaryForm, TicksForm
from library.shelves.models import ReadingEntry, Shelf
from library.shelves.papers import DIARY_PAPER
from library.shelves.reading_awards import BLANK, Below
from library.shelves.reading_log import DIARY, Ticks
from library.shelves.reading_told import NoClass, Pupil
from library.shelves.scopes import shelf_here

bp = Blueprint("shelf_log", __name__)
LONGEST = 60
"""Letters of a name or a place below a certificate."""


@bp.get("/shelves/<uuid:uid>/log")
@needs(Permission.CLASS_KEEP)
def show(uid: UUID) -> Any:
    session, shelf = db.session(), shelf_here(db.session(), uid)
    frame = shelf_frame(session, shelf, "")
    try:
        room = reading_awards.room(session, shelf, clock.today())
    except NoClass as none:
        return render_template("shelves/log_none.html", said=none.reasons[0], **frame)
    return render_template(
        "shelves/log.html", room=room, form_uid=clock.uuid7(), on=clock.today(),
        recent=reading_told.recent(session, shelf), place=reading_awards.place_of(session, shelf), **frame,
    )  # fmt: skip


@bp.post("/shelves/<uuid:uid>/log")
@needs(Permission.CLASS_KEEP)
def write(uid: UUID) -> Any:
    """Ticks: `pupil` (uids), `on`, `quantity`. JSON from a device, or a plain form."""
    told = posting.source()
    form = TicksForm.read(told, posting.many(told, "pupil"))
    work = lambda: _tick(shelf_here(db.session(), uid), form)  # noqa: E731
    return posting.answer(form.posted, form.content, work, lambda done: _said(done, uid))


def _said(done: dict[str, Any], uid: UUID, member: UUID | None = None) -> str:
    """Where a form comes back to, with what was done."""
    flash(done["said"], "success")
    return url_for("shelf_log.pupil", uid=uid, member=member) if member else url_for("shelf_log.show", uid=uid)


def _tick(shelf: Shelf, form: TicksForm) -> dict[str, Any]:
    session = db.session()
    among = {one.uid: one.id for one in reading_told.pupils(session, reading_told.class_of(session, shelf).id)}
    members = [among[one] for one in dict.fromkeys(form.pupils) if one in among]
    reading_log.log(
        session, posting.doing_at(form.posted, shelf.branch_id), shelf, Ticks(members, form.on, form.quantity)
    )
    said = _("Đã ghi %(books)s cuốn cho %(pupils)s em.", books=form.quantity * len(members), pupils=len(members))
    return {"act": str(form.posted.uid), "said": said, "pupils": len(members)}


@bp.post("/shelves/<uuid:uid>/log/undo")
@needs(Permission.CLASS_KEEP)
def undo(uid: UUID) -> Any:
    """Takes back one act of this shelf's log (`act`); a form that came from a pupil's page says which (`member`)."""
    shelf_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted, act = posting.posted_of(told, reader), reader.text("act", True, 40)
    member = uuid_or_none(told.get("member"))
    reader.done()
    assert posted is not None
    work = lambda: _undo(shelf_here(db.session(), uid), posted, act)  # noqa: E731
    return posting.answer(posted, {"undo": act}, work, lambda done: _said(done, uid, member))


def _undo(shelf: Shelf, posted: Posted, text: str) -> dict[str, Any]:
    found = _act(shelf, text)
    undoing.undo(db.session(), replace(posting.doing_at(posted, shelf.branch_id), at=None), found)
    return {"undid": str(found.uid), "said": _("Đã hoàn tác: các cuốn ấy không tính nữa.")}


def _act(shelf: Shelf, text: str) -> Act:
    """Raises NotFound for what the log of this shelf never wrote."""
    uid = uuid_or_none(text)
    found = acts.by_uid(db.session(), uid) if uid else None
    mine = exists().where(ReadingEntry.act_id == (found.id if found else 0), ReadingEntry.shelf_id == shelf.id)
    if found is None or not db.session.scalar(select(mine)):
        raise NotFound
    return found


@bp.get("/shelves/<uuid:uid>/log/<uuid:member>")
@needs(Permission.CLASS_KEEP)
def pupil(uid: UUID, member: UUID) -> Any:
    """One pupil's reading this school year."""
    session, shelf = db.session(), shelf_here(db.session(), uid)
    one = _pupil(shelf, member)
    first, last = reading_told.year_of(session, shelf.library_id, clock.today())
    told = reading_told.told(session, [one.id], first, last)[one.id]
    way = reading.way(told.count, milestones.of(session, shelf.library_id), of_class=False)
    return render_template(
        "shelves/log_pupil.html", pupil=one, told=told, way=way, form_uid=clock.uuid7(), on=clock.today(),
        lines=reading_told.of_pupil(session, one, first, last), books=stock.listed(session, shelf.place_id),
        **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _pupil(shelf: Shelf, member: UUID) -> Pupil:
    """Of the class that keeps the shelf; NotFound for anybody else."""
    session = db.session()
    try:
        among = reading_told.pupils(session, reading_told.class_of(session, shelf).id)
    except NoClass:
        among = []
    found = next((one for one in among if one.uid == member), None)
    if found is None:
        raise NotFound
    return found


@bp.post("/shelves/<uuid:uid>/log/<uuid:member>")
@needs(Permission.CLASS_KEEP)
def diary(uid: UUID, member: UUID) -> Any:
    """A line of the pupil's diary: `on`, `quantity`, `book` (a copy of this shelf) if its title is to be kept."""
    form = DiaryForm.read(posting.source())
    work = lambda: _diary(shelf_here(db.session(), uid), member, form)  # noqa: E731
    content = {**form.content, "member": str(member)}
    return posting.answer(form.posted, content, work, lambda done: _said(done, uid, member))


def _diary(shelf: Shelf, member: UUID, form: DiaryForm) -> dict[str, Any]:
    session, one = db.session(), _pupil(shelf, member)
    record = _record(shelf, form.item) if form.item else None
    what = Ticks([one.id], form.on, form.quantity, DIARY, record)
    reading_log.log(session, posting.doing_at(form.posted, shelf.branch_id), shelf, what)
    return {"act": str(form.posted.uid), "said": _("Đã ghi %(books)s cuốn vào nhật ký đọc.", books=form.quantity)}


def _record(shelf: Shelf, item: UUID) -> int:
    """The title of a copy of this shelf. Raises NotFound."""
    found = db.session.scalar(select(Item.record_id).where(Item.uid == item, stock.belongs(shelf.place_id)))
    if found is None:
        raise NotFound
    return found


def _below() -> Below | None:
    """`place` and `head` as the page's form has them; None where nothing was asked, then the school's own place."""
    if "place" not in request.args and "head" not in request.args:
        return None
    reader = Reader(request.args)
    said = Below(reader.text("place", False, LONGEST), reader.text("head", False, LONGEST))
    reader.done()
    return said


@bp.get("/shelves/<uuid:uid>/log/certificate.pdf")
@needs(Permission.CLASS_KEEP)
def class_certificate(uid: UUID) -> Any:
    """For the class, at the milestone it has reached."""
    session, shelf = db.session(), shelf_here(db.session(), uid)
    content = reading_awards.class_certificate(session, shelf, clock.today(), _below())
    return pdf(content, "giay-chung-nhan-lop")


@bp.get("/shelves/<uuid:uid>/log/diary.pdf")
@needs(Permission.CLASS_KEEP)
def diary_sheet(uid: UUID) -> Any:
    """A sheet to copy for the class, by the library's own template where it has one."""
    session, shelf = db.session(), shelf_here(db.session(), uid)
    of = reading_told.class_of(session, shelf)
    first, last = reading_told.year_of(session, shelf.library_id, clock.today())
    year = f"{first.year}-{last.year}"
    values = {"issuer": shelf.library.name.upper(), "name": BLANK, "group": of.name, "year": year}
    made = stored.made(session, shelf.library_id, DIARY_PAPER.name, values)
    return pdf(printing.pdf(made, _("Phiếu nhật ký đọc")), "phieu-nhat-ky-doc")


@bp.get("/shelves/<uuid:uid>/log/certificates.pdf")
@needs(Permission.CLASS_KEEP)
def pupil_certificates(uid: UUID) -> Any:
    """A page for each pupil (`pupil`: uids; else everybody who has reached `books` or any milestone)."""
    session, shelf = db.session(), shelf_here(db.session(), uid)
    chosen, books = request.args.getlist("pupil"), request.args.get("books", type=int)
    content = reading_awards.pupil_certificates(session, shelf, clock.today(), chosen, books, _below())
    return pdf(content, "giay-chung-nhan")
