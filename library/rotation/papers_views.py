"""The papers of a batch: as PDF to print, as DOCX to edit, and photos of what was signed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit, files
from library.access import Permission, needs, or_not_found, reads_first
from library.catalogue import pictures
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Forbidden, NotFound, Reason
from library.core.forms import Reader
from library.exports.answers import paper
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.labels.answers import pdf
from library.loans import condition
from library.rotation import crates, legs, papers, scopes
from library.rotation.models import Batch, BatchFile, Leg
from library.rotation.picking_words import kilograms

bp = Blueprint("rotation_papers", __name__)
KINDS = {"signed": N_("biên bản đã ký"), "photo": N_("ảnh"), "other": N_("giấy khác")}
MOST = 40
"""Photos of one batch."""
KIND = "batch-file"
NO_FILE = Reason("no-file", N_("Chưa chọn ảnh nào."))
TOO_MANY = Reason("too-many", N_("Đợt này đã có đủ ảnh. Bỏ bớt ảnh cũ rồi thêm."))


def _address(batch: Batch) -> str:
    """Where the square code of a paper leads."""
    return url_for("rotation.batch", uid=batch.uid, _external=True)


@bp.get("/rotation/batches/<uuid:uid>/papers", endpoint="show")
@needs(Permission.ROTATION_SEE)
def show(uid: UUID) -> Any:
    return _page(uid)


def _page(uid: UUID, wrong: Reason | None = None) -> str:
    session = db.session()
    batch = scopes.batch_here(session, uid)
    way = legs.of(session, batch.id)
    kept = select(BatchFile).where(BatchFile.batch_id == batch.id, BatchFile.removed_at.is_(None))
    return render_template(
        "rotation/papers.html", batch=batch, legs=way, files=session.scalars(kept.order_by(BatchFile.id)).all(), wrong=wrong,
        kinds=KINDS, crates=[load for load in crates.loads(session, batch.id, sent=True) if load.count],
        kilograms=kilograms, here_=clock.HERE, may_add=bool(access.scope(Permission.ROTATION_HANDLE)),
        undoable=_undoable(way), next=legs.next_(way), removable=_removable(batch),
    )  # fmt: skip


def _removable(batch: Batch) -> set[int]:
    """Ids of the photos this person may take off: their own; for the owner, all."""
    query = select(BatchFile.id).where(BatchFile.batch_id == batch.id)
    if not access.scope(Permission.ROTATION_HANDLE).holds_library(batch.library_id):
        query = query.join(Act, Act.id == BatchFile.act_id).where(Act.actor == current_user.uid)
    return set(db.session.scalars(query))


def _undoable(way: list[Leg]) -> Leg | None:
    """The leg that set out, and that nobody has taken yet."""
    last = legs.current(way)
    gives = last is not None and scopes.stands_at(access.scope(Permission.ROTATION_HANDLE), last)[0]
    return last if last is not None and gives and last.received_at is None else None


# Papers


def _paper(docx: bytes, name: str) -> Any:
    """Printed, or with `as=docx` to be edited."""
    return paper(docx, name, name, request.args.get("as") == "docx")


def _name(leg: Leg, what: str) -> str:
    return f"{what}-{leg.batch.code}-chang-{leg.number}"


@bp.get("/rotation/legs/<uuid:uid>/minutes", endpoint="minutes")
@needs(Permission.ROTATION_SEE)
def minutes(uid: UUID) -> Any:
    """Biên bản mẫu 02 of a leg; for one home, with what came back."""
    session = db.session()
    leg = scopes.leg_here(session, uid)
    return _paper(papers.minutes(session, leg, _address(leg.batch)), _name(leg, "bien-ban"))


@bp.get("/rotation/legs/<uuid:uid>/list", endpoint="leg_list")
@needs(Permission.ROTATION_SEE)
def leg_list(uid: UUID) -> Any:
    session = db.session()
    leg = scopes.leg_here(session, uid)
    return _paper(papers.listing(session, leg, _address(leg.batch)), _name(leg, "danh-muc"))


@bp.get("/rotation/batches/<uuid:uid>/list", endpoint="list")
@needs(Permission.ROTATION_SEE)
def batch_list(uid: UUID) -> Any:
    """Of the leg the books are on or came by, else of the first."""
    session = db.session()
    batch = scopes.batch_here(session, uid)
    way = legs.of(session, batch.id)
    leg = or_not_found(legs.current(way) or (way[0] if way else None))
    return _paper(papers.listing(session, leg, _address(batch)), _name(leg, "danh-muc"))


@bp.get("/rotation/legs/<uuid:uid>/papers.pdf", endpoint="all")
@needs(Permission.ROTATION_SEE)
def show_all(uid: UUID) -> Any:
    """Minutes twice and a slip for each crate, to be printed with one deed."""
    session = db.session()
    leg = scopes.leg_here(session, uid)
    return pdf(papers.all_of(session, leg, _address(leg.batch)), _name(leg, "giay"))


@bp.get("/rotation/crates/<uuid:uid>/slip", endpoint="slip")
@needs(Permission.ROTATION_SEE)
def slip(uid: UUID) -> Any:
    """What lies in a crate; by the leg it is on, or will go by."""
    session = db.session()
    crate = scopes.crate_here(session, uid)
    way = legs.of(session, crate.batch_id)
    leg = or_not_found(legs.current(way) or legs.next_(way))
    return _paper(papers.slip(session, crate, leg), f"phieu-thung-{crate.number}-{leg.batch.code}")


# Photos


@bp.post("/rotation/batches/<uuid:uid>/files", endpoint="add")
@needs(Permission.ROTATION_HANDLE)
@reads_first
def add(uid: UUID) -> Any:
    """Pictures (`photo`, one or several) of what was signed; `leg`: of which leg. Drawn anew, small, without what came along
    with them."""
    batch = scopes.batch_here(db.session(), uid)
    reader = Reader(request.form)
    kind = reader.choice("kind", {one: one for one in KINDS}, required=False) or "signed"
    leg_uid = reader.text("leg", False, 40)
    reader.done()
    sent = [one for one in request.files.getlist("photo") if one.filename]
    if not sent:
        return _page(uid, NO_FILE), 422
    try:
        keys = [(condition.keep_photo(one.stream), one.filename or "") for one in sent[:MOST]]  # type: ignore[arg-type]
    except pictures.BadPicture as bad:
        return _page(uid, bad.reason), 422
    for_writing()
    session = db.session()
    batch = scopes.batch_here(session, uid)
    kept = select(BatchFile.id).where(BatchFile.batch_id == batch.id, BatchFile.removed_at.is_(None))
    if len(session.scalars(kept).all()) + len(keys) > MOST:
        return _page(uid, TOO_MANY), 409
    act = acts.write(session, Doing.now(current_user.uid, current_user.branch_id), KIND, clock.now())
    leg = _leg_of(batch, leg_uid)
    session.add_all(
        BatchFile(uid=clock.uuid7(), batch_id=batch.id, leg_id=leg, key=key, name=name[:120], kind=kind, act_id=act)
        for key, name in keys
    )
    audit.note(current_user.uid, "add-batch-photo", "batch", batch.uid, batch.library_id)
    session.commit()
    flash(_("Đã thêm %(count)s ảnh.", count=len(keys)), "success")
    return redirect(url_for("rotation_papers.show", uid=uid, _anchor="photos"), 303)


def _leg_of(batch: Batch, text: str) -> int | None:
    """The leg named, else the last that set out."""
    way = legs.of(db.session(), batch.id)
    named = next((leg for leg in way if str(leg.uid) == text), None) or legs.current(way)
    return named.id if named else None


@bp.get("/rotation/files/<uuid:uid>", endpoint="file")
@needs(Permission.ROTATION_SEE)
def show_file(uid: UUID) -> Any:
    one = _file(uid)
    if not files.path_of(one.key).exists():
        raise NotFound
    return Response(files.path_of(one.key).read_bytes(), mimetype="image/jpeg")


@bp.post("/rotation/files/<uuid:uid>/remove", endpoint="remove")
@needs(Permission.ROTATION_HANDLE)
def remove(uid: UUID) -> Any:
    """Taken off the page by who added it or by the owner; who took it off, and when, stays written."""
    one = _file(uid)
    batch = db.session().get_one(Batch, one.batch_id)
    if one.id not in _removable(batch):
        raise Forbidden(Permission.ROTATION_HANDLE)
    one.removed_at = clock.now()
    audit.note(current_user.uid, "remove-batch-photo", "batch", batch.uid, batch.library_id)
    db.session.commit()
    flash(_("Đã bỏ ảnh này."), "success")
    return redirect(url_for("rotation_papers.show", uid=batch.uid, _anchor="photos"), 303)


def _file(uid: UUID) -> BatchFile:
    """Raises NotFound."""
    query = select(BatchFile, Batch.uid).join(Batch, Batch.id == BatchFile.batch_id)
    row = or_not_found(
        db.session().execute(query.where(BatchFile.uid == uid, BatchFile.removed_at.is_(None))).one_or_none()
    )
    scopes.batch_here(db.session(), row[1])
    return row[0]


@bp.app_template_filter("leg_name")
def leg_name(leg: Leg) -> str:
    """On pages, in the reader's language: chặng 2, về kho."""
    if leg.to_site_id is None:
        return str(_("chặng %(number)s, về kho", number=leg.number))
    return str(_("chặng %(number)s", number=leg.number))
