"""Pictures of covers: taken with the telephone in the hand, or chosen from a file; shown to everybody."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit, files
from library.access import Permission, for_everyone, here, needs, reads_first
from library.catalogue import pictures
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, NotFound, Reason
from library.finding import queries

bp = Blueprint("covers", __name__)
FOR_EVER = 31_536_000


@bp.get("/tv/<slug>/bia/<uuid:uid>", endpoint="picture")
@for_everyone
def show_picture(slug: str, uid: UUID) -> Any:
    """The picture of a title of this library's network. Its address changes with the picture, so it may be kept."""
    library = queries.library_at(db.session(), slug)
    mine = Record.uid == uid, Record.network_id == (library.network_id or 0)
    key = db.session.scalar(select(Record.cover_key).where(*mine))
    if not key or not files.path_of(key).exists():
        raise NotFound
    answer = Response(files.path_of(key).read_bytes(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable" if request.args.get("v") else "no-cache"
    answer.set_etag(key)
    return answer.make_conditional(request)


@bp.app_template_global("cover_picture")
def address(record: Record, slug: str) -> str:
    """Where the picture of a title is; nothing for one without."""
    return url_for("covers.picture", slug=slug, uid=record.uid, v=record.cover_key[:12]) if record.cover_key else ""


@bp.get("/titles/<uuid:uid>/cover", endpoint="edit")
@needs(Permission.EDIT_TITLE)
def show_edit(uid: UUID) -> Any:
    return _page(_record(uid))


@bp.post("/titles/<uuid:uid>/cover", endpoint="put")
@needs(Permission.EDIT_TITLE)
@reads_first
def put(uid: UUID) -> Any:
    record = _record(uid)
    sent = next((one for one in request.files.getlist("picture") if one.filename), None)
    if sent is None:
        return _page(record, Reason("no-picture", N_("Chưa có ảnh nào. Chụp bìa sách, hoặc chọn một tệp ảnh."))), 422
    try:
        data = pictures.prepared(sent.stream)  # type: ignore[arg-type]  # werkzeug's stream is one that reads bytes
    except pictures.BadPicture as bad:
        return _page(record, bad.reason), 422
    key = files.keep(BytesIO(data))
    _set(uid, key)
    flash(_("Đã đổi ảnh bìa."), "success")
    return redirect(url_for("finding.title", uid=uid), 303)


@bp.post("/titles/<uuid:uid>/cover/remove", endpoint="remove")
@needs(Permission.EDIT_TITLE)
def remove(uid: UUID) -> Any:
    _record(uid)
    _set(uid, None)
    flash(_("Đã bỏ ảnh. Bìa vẽ sẵn hiện lại."), "success")
    return redirect(url_for("finding.title", uid=uid), 303)


def _set(uid: UUID, key: str | None) -> None:
    """The row first, then the old bytes: a picture nobody's row names may stay, one that a row names never goes."""
    for_writing()
    record = _record(uid)
    old, record.cover_key, record.changed_at = record.cover_key, key, clock.now()
    audit.note(current_user.uid, "change-cover", "record", uid, current_user.library_id)
    db.session.commit()
    if old and old != key:
        files.forget(db.session(), old)


def _record(uid: UUID) -> Record:
    return queries.by_uid(db.session(), uid, here().of_networks(Record.network_id))


def _page(record: Record, trouble: Reason | None = None) -> str:
    largest = min(pictures.LARGEST_FILE, current_app.config["MAX_CONTENT_LENGTH"] or pictures.LARGEST_FILE) >> 20
    return render_template(
        "cataloguing/cover.html", record=record, trouble=trouble, accept=pictures.ACCEPT, largest=largest
    )
