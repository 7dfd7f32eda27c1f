"""A few words on a reader or a copy, shown in passing at every scan of theirs."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core.db import db
from library.core.forms import Reader
from library.holdings.asked import copy_of
from library.patrons import queries as patrons

bp = Blueprint("notes", __name__)
LONGEST = 160


def _told() -> str | None:
    """What was typed; nothing takes the note away. Raises Invalid."""
    reader = Reader(request.form)
    text = reader.text("note", required=False, longest=LONGEST)
    reader.done()
    return text or None


def _say(note: str | None) -> None:
    flash(_("Đã ghi. Quầy thấy dòng này mỗi lần quét.") if note else _("Đã bỏ ghi chú."), "success")


@bp.post("/people/<uuid:uid>/note", endpoint="reader")
@needs(Permission.EDIT_PATRON)
def note_reader(uid: UUID) -> Any:
    member = patrons.by_uid(db.session(), uid, here(), lock=True)
    member.note = _told()
    audit.note(current_user.uid, "change-note", "membership", member.uid, member.library_id)
    db.session.commit()
    _say(member.note)
    return redirect(url_for("patrons.person", uid=uid), 303)


@bp.get("/copies/<uuid:uid>/note", endpoint="ask_copy")
@needs(Permission.EDIT_COPY)
def ask_copy(uid: UUID) -> Any:
    return render_template("loans/copy_note.html", copy=copy_of(uid), longest=LONGEST)


@bp.post("/copies/<uuid:uid>/note", endpoint="copy")
@needs(Permission.EDIT_COPY)
def note_copy(uid: UUID) -> Any:
    copy = copy_of(uid)
    copy.note = _told()
    audit.note(current_user.uid, "change-note", "item", copy.uid, copy.library_id)
    db.session.commit()
    _say(copy.note)
    return redirect(url_for("finding.title", uid=copy.record.uid), 303)
