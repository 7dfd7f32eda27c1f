"""Stickers that say something else than the library's rule: each is settled one way or the other."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs
from library.catalogue import spines
from library.catalogue.models import Record
from library.cataloguing import spine_checking
from library.core.db import db
from library.core.errors import NotFound
from library.organisations.models import Organisation

bp = Blueprint("spines", __name__)


def _library() -> Organisation:
    return db.session.get_one(Organisation, here().library(current_user.library_id))


@bp.get("/titles/call-numbers", endpoint="check")
@needs(Permission.EDIT_TITLE)
def show_check() -> Any:
    library = _library()
    after = request.args.get("after", "")
    begin = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0
    found = spine_checking.differences(db.session(), library.id, begin)
    table = spines.rules(db.session(), library.id).table
    may_rule = access.scope(Permission.RULES).holds_library(library.id)
    unmarked = spine_checking.unmarked(db.session(), library.id) if not begin else []
    return render_template(
        "cataloguing/check.html", found=found, begin=begin, table=table, may_rule=may_rule, unmarked=len(unmarked)
    )


@bp.post("/titles/call-numbers", endpoint="settle")
@needs(Permission.EDIT_TITLE)
def settle() -> Any:
    """`do`: "rule" or "sticker", for the titles of the form, or with ":uid" for one of them."""
    library, session = _library(), db.session()
    deed, _colon, one = request.form.get("do", "").partition(":")
    records = _records([one] if one else request.form.getlist("title"))
    if not records or deed not in ("rule", "sticker"):
        raise NotFound
    if deed == "rule":
        waiting = spine_checking.follow_rule(session, library.id, records)
        words = _("%(count)s nhan đề theo quy tắc, %(labels)s nhãn chờ in lại.", count=len(records), labels=waiting)
    else:
        spine_checking.keep_sticker(session, library.id, records)
        words = _("%(count)s nhan đề giữ nhãn đang có.", count=len(records))
    audit.note(current_user.uid, f"settle-spines-{deed}", "library", library.uid, library.id)
    session.commit()
    flash(words, "success")
    return redirect(url_for(".check", after=request.form.get("begin") or None), 303)


@bp.post("/titles/call-numbers/unmarked", endpoint="mark")
@needs(Permission.EDIT_TITLE)
def mark_unmarked() -> Any:
    """Titles of which nobody said anything get the rule's mark, some hundreds in one go."""
    library, session = _library(), db.session()
    marks = spine_checking.unmarked(session, library.id)
    waiting = spine_checking.mark_all(session, library.id, marks)
    audit.note(current_user.uid, "mark-spines", "library", library.uid, library.id)
    session.commit()
    flash(_("%(count)s nhan đề theo quy tắc, %(labels)s nhãn chờ in lại.", count=len(marks), labels=waiting), "success")
    return redirect(url_for(".check"), 303)


def _records(uids: list[str]) -> list[Record]:
    try:
        wanted = [UUID(one) for one in uids[: spine_checking.A_PAGE]]
    except ValueError:
        raise NotFound from None
    query = select(Record).where(Record.uid.in_(wanted), here().of_networks(Record.network_id))
    return list(db.session.scalars(query))
