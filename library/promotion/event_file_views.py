"""Photos and papers of events, training classes, programmes, lessons, commendations, drives and gifts."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit, files
from library.access import Permission, here, needs, or_not_found, reads_first
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound, Reason
from library.inbox.acts import Doing
from library.promotion import (
    commendations,
    drives,
    event_files,
    event_pages,
    events,
    gift_pages,
    gifts,
    kinds,
    lessons,
    online,
    trainings,
)
from library.promotion.drive_models import Drive
from library.promotion.event_files import Filed
from library.promotion.event_models import PromotionFile, Recorded
from library.promotion.event_steps import Manner
from library.promotion.gift_models import Gift

bp = Blueprint("activity_files", __name__)
MANNERS: Mapping[str, Manner] = {
    one.kind: one for one in (events.MANNER, trainings.MANNER, online.MANNER, lessons.MANNER, commendations.MANNER)
}
GIVING: Mapping[str, Callable[[UUID], Drive | Gift]] = {
    drives.KIND: gift_pages.drive_here,
    gifts.KIND: gift_pages.gift_here,
}
NO_FILE = Reason("no-file", N_("Chưa chọn tệp nào."))


@bp.post("/activities/files/<kind>/<uuid:uid>")
@needs(Permission.PROMOTE)
@reads_first
def add(kind: str, uid: UUID) -> Any:
    """`file`, one or several: pictures are drawn anew, others looked at; then all are kept."""
    _thing(kind, uid)
    sent = [one for one in request.files.getlist("file") if one.filename][: event_files.MOST]
    if not sent:
        raise Invalid({"file": NO_FILE})
    try:
        read = [(*event_files.looked_at(one.stream), one.filename or "") for one in sent]  # type: ignore[arg-type]
        _keep(kind, uid, read)
    except event_files.BadFile as bad:
        raise Invalid({"file": bad.reason}) from bad
    flash(_("Đã lưu %(count)s tệp.", count=len(read)), "success")
    return redirect(_page(kind, uid), 303)


def _thing(kind: str, uid: UUID, cancelled_too: bool = False) -> Filed:
    """Within reach, and not taken back. Raises NotFound."""
    if kind in GIVING:
        given = GIVING[kind](uid)
        if given.cancelled and not cancelled_too:
            raise NotFound
        return given
    found: Recorded = event_pages.thing_here(db.session(), or_not_found(MANNERS.get(kind)).model, uid)
    return found


def _keep(kind: str, uid: UUID, read: list[tuple[bytes, str, str]]) -> None:
    for_writing()
    session, thing = db.session(), _thing(kind, uid)
    for data, media, name in read:
        event_files.add(session, Doing.now(current_user.uid, thing.branch_id), kind, thing, data, media, name)
    _note("file", kind, thing)
    session.commit()


def _note(deed: str, kind: str, thing: Filed) -> None:
    library_id = gift_pages.library_of(db.session(), thing.branch_id)
    audit.note(current_user.uid, f"{deed}-activity", kind, thing.uid, library_id)


def _page(kind: str, uid: UUID) -> str:
    return kinds.address(kind, uid) or url_for("activities.list")


def _file(session: Session, uid: UUID) -> PromotionFile:
    mine = (PromotionFile.uid == uid, PromotionFile.removed_at.is_(None), here().of_branches(PromotionFile.branch_id))
    return or_not_found(session.scalar(select(PromotionFile).where(*mine)))


@bp.get("/activities/files/<uuid:uid>")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    """A picture is shown; anything else is handed over as a file."""
    one = _file(db.session(), uid)
    path = files.path_of(one.key)
    if not path.exists():
        raise NotFound
    answer = Response(path.read_bytes(), mimetype=one.media)
    how = "inline" if one.media == event_files.PICTURE else "attachment"
    answer.headers.set("Content-Disposition", how, filename=one.name)
    return answer


@bp.post("/activities/files/<uuid:uid>/remove")
@needs(Permission.PROMOTE)
def remove(uid: UUID) -> Any:
    """Its bytes go, unless something else shows the same."""
    session = db.session()
    one = _file(session, uid)
    thing = _thing(one.kind, one.source, cancelled_too=True)
    key = event_files.remove(session, one)
    _note("unfile", one.kind, thing)
    session.commit()
    files.forget(session, key)
    session.commit()
    flash(_("Đã bỏ tệp."), "success")
    return redirect(_page(one.kind, thing.uid), 303)
