"""Stickers that say something else than the library's rule: each is settled one way or the other."""

from functools import partial
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
from library.cataloguing import spine_checking, spine_undoing
from library.cataloguing.models import SpineSettlement
from library.core.db import db
from library.core.errors import N_, NotFound
from library.organisations.models import Organisation

bp = Blueprint("spines", __name__)
SETTLED = {
    "rule": N_("%(count)s nhan đề vừa theo quy tắc."),
    "sticker": N_("%(count)s nhan đề vừa giữ nhãn đang có."),
    "unmarked": N_("%(count)s nhan đề vừa có ký hiệu theo quy tắc."),
    "rhyme": N_("Vần %(rhyme)s trong bảng vừa đổi từ %(before)s thành %(after)s."),
}
"""By deed."""


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
        "cataloguing/check.html", found=found, begin=begin, table=table, may_rule=may_rule, unmarked=len(unmarked),
        settled=_settled(library, may_rule),
    )  # fmt: skip


def _settled(library: Organisation, may_rule: bool) -> tuple[SpineSettlement, str] | None:
    """(what can be taken back, in words); the table is for those who may change it."""
    last = spine_undoing.last(db.session(), library.id)
    if last is None or (last.deed == spine_undoing.TABLE and not may_rule):
        return None
    return last, _(SETTLED[last.deed]) % {**last.told, "count": spine_undoing.count(last)}


@bp.post("/titles/call-numbers", endpoint="settle")
@needs(Permission.EDIT_TITLE)
def settle() -> Any:
    """`do`: "rule" or "sticker", for the titles of the form, or with ":uid" for one of them."""
    library, session = _library(), db.session()
    deed, _colon, one = request.form.get("do", "").partition(":")
    records = _records([one] if one else request.form.getlist("title"))
    if not records or deed not in ("rule", "sticker"):
        raise NotFound
    ids = [record.id for record in records]
    if deed == "rule":
        do = partial(spine_checking.follow_rule, session, library.id, records)
        waiting = spine_undoing.of_titles(session, library.id, deed, ids, do)
        words = _("%(count)s nhan đề theo quy tắc, %(labels)s nhãn chờ in lại.", count=len(records), labels=waiting)
    else:
        keep = partial(spine_checking.keep_sticker, session, library.id, records)
        spine_undoing.of_titles(session, library.id, deed, ids, keep)
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
    do = partial(spine_checking.mark_all, session, library.id, marks)
    waiting = spine_undoing.of_titles(session, library.id, "unmarked", [record for record, _mark in marks], do)
    audit.note(current_user.uid, "mark-spines", "library", library.uid, library.id)
    session.commit()
    flash(_("%(count)s nhan đề theo quy tắc, %(labels)s nhãn chờ in lại.", count=len(marks), labels=waiting), "success")
    return redirect(url_for(".check"), 303)


@bp.post("/titles/call-numbers/undo", endpoint="undo")
@needs(Permission.EDIT_TITLE)
def undo() -> Any:
    """Take back what was settled last; the number of the table for those who may change it."""
    library, session = _library(), db.session()
    last, uid = spine_undoing.last(session, library.id), request.form.get("uid", "")
    if last is None or str(last.uid) != uid:
        flash(_("Việc này không còn hoàn tác được: đã có việc khác sau nó, hoặc đã quá 7 ngày."), "info")
        return redirect(url_for(".check"), 303)
    if last.deed == spine_undoing.TABLE and not access.scope(Permission.RULES).holds_library(library.id):
        raise NotFound
    back = spine_undoing.undo(session, library.id, last.uid)
    audit.note(current_user.uid, "undo-spines", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã hoàn tác, %(count)s mục trở về như trước.", count=back or 0), "success")
    return redirect(url_for(".check"), 303)


def _records(uids: list[str]) -> list[Record]:
    try:
        wanted = [UUID(one) for one in uids[: spine_checking.A_PAGE]]
    except ValueError:
        raise NotFound from None
    query = select(Record).where(Record.uid.in_(wanted), here().of_networks(Record.network_id))
    return list(db.session.scalars(query))
