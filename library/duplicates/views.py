"""Likely duplicates: looked at side by side, merged by one button, taken apart by another."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from library import audit
from library.access import Permission, here, needs
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.core.db import db
from library.core.errors import N_, NotFound
from library.duplicates import likely, merging
from library.duplicates.comparing import Compared, compared, copies_of
from library.duplicates.likely import Pair, Why
from library.duplicates.models import TitleMerge
from library.inbox.acts import Doing

bp = Blueprint("duplicates", __name__)
LATELY = 10
HEADINGS = {
    Why.SAME: (N_("Cùng nhan đề"), N_("Cùng nhan đề, tác giả và tập, không có gì trái nhau về lần xuất bản.")),
    Why.SPELLING: (N_("Khác cách viết"), N_("Đọc lên như nhau, viết khác nhau: kĩ năng, kỹ năng.")),
    Why.NUMBER_ALIKE: (N_("Cùng ISBN, gần giống"), N_("Cùng ISBN và nhan đề gần giống nhau.")),
    Why.EDITION: (
        N_("Khác lần xuất bản"),
        N_("Cùng nhan đề và tác giả, khác năm hoặc nhà xuất bản. Thường là hai lần in thật."),
    ),
    Why.NUMBER: (
        N_("Cùng ISBN, khác nhan đề"),
        N_("Nhà xuất bản dùng lại ISBN cho sách khác. Mở từng cặp ra xem rồi mới gộp."),
    ),
}


@bp.get("/titles/duplicates", endpoint="list")
@needs(Permission.EDIT_TITLE)
def show_list() -> Any:
    why = _why()
    found = likely.pairs(db.session(), here(), why, request.args.get("after", "")[:300])
    chips = [(each, _(words), each is why) for each, (words, _about) in HEADINGS.items()]
    return render_template(
        "duplicates/list.html", why=why, about=_(HEADINGS[why][1]), chips=chips, pairs=_compared(found.pairs),
        after=found.after, first="after" not in request.args, lately=_lately(), by_hand=why is Why.NUMBER,
    )  # fmt: skip


def _why() -> Why:
    try:
        return Why(request.args.get("why", Why.SAME))
    except ValueError:
        return Why.SAME


def _compared(pairs: Any, swapped: bool = False) -> list[Compared]:
    ids = [record.id for pair in pairs for record in (pair.one, pair.other)]
    copies = copies_of(db.session(), ids, current_user.library_id)
    return [compared(pair.one, pair.other, copies, swapped) for pair in pairs]


def _lately() -> list[TitleMerge]:
    """Merges that can be taken apart, the last ones first."""
    query = select(TitleMerge).join(Record, Record.id == TitleMerge.kept_id).where(TitleMerge.undone_by.is_(None))
    mine = query.where(here().of_networks(Record.network_id)).order_by(TitleMerge.id.desc()).limit(LATELY)
    return list(db.session.scalars(mine.options(joinedload(TitleMerge.kept), joinedload(TitleMerge.gone))))


@bp.get("/titles/duplicates/pair", endpoint="pair")
@needs(Permission.EDIT_TITLE)
def show_pair() -> Any:
    """Any two titles side by side, for merging by hand."""
    one, other = _record(request.args.get("one", "")), _record(request.args.get("other", ""))
    (pair,) = _compared([Pair(one, other)], swapped=request.args.get("swap") == "1")
    return render_template(
        "duplicates/pair.html", pair=pair, one=one, other=other, swapped=request.args.get("swap") == "1"
    )


@bp.post("/titles/duplicates/merge", endpoint="merge")
@needs(Permission.EDIT_TITLE)
def merge() -> Any:
    kept, gone = _record(request.form.get("kept", "")), _record(request.form.get("gone", ""))
    made = merging.merge(db.session(), _doing(), kept, gone)
    audit.note(current_user.uid, "merge-titles", "record", gone.uid, current_user.library_id)
    copies, title = len(made.moved["items"]), kept.full_title
    db.session.commit()
    flash(
        _("Đã gộp vào “%(title)s”, %(count)s bản sang theo. Nhầm thì bấm Tách lại ở dưới.", title=title, count=copies),
        "success",
    )
    return redirect(_back(), 303)


@bp.post("/titles/duplicates/apart", endpoint="apart")
@needs(Permission.EDIT_TITLE)
def keep_apart() -> Any:
    one, other = _record(request.form.get("kept", "")), _record(request.form.get("gone", ""))
    merging.keep_apart(db.session(), current_user.uid, one, other)
    audit.note(current_user.uid, "keep-titles-apart", "record", other.uid, current_user.library_id)
    title = one.full_title
    db.session.commit()
    flash(_("Đã nhớ: “%(title)s” là hai sách khác nhau, cặp này không hiện nữa.", title=title), "success")
    return redirect(_back(), 303)


@bp.post("/titles/duplicates/split", endpoint="split")
@needs(Permission.EDIT_TITLE)
def split() -> Any:
    made = db.session.scalar(
        select(TitleMerge).join(Record, Record.id == TitleMerge.kept_id)
        .where(TitleMerge.uid == _uid(request.form.get("merge", "")), here().of_networks(Record.network_id))
    )  # fmt: skip
    if made is None:
        raise NotFound
    merging.split(db.session(), _doing(), made)
    audit.note(current_user.uid, "split-titles", "record", made.gone.uid, current_user.library_id)
    title = made.gone.full_title
    db.session.commit()
    flash(_("Đã tách “%(title)s” ra như trước.", title=title), "success")
    return redirect(_back(), 303)


def _doing() -> Doing:
    return Doing.now(current_user.uid, current_user.branch_id)


def _back() -> str:
    """The heading the form stood under."""
    why = request.form.get("why", "")
    return url_for(".list", why=why if why in set(Why) else None)


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _record(text: str) -> Record:
    mine = here().of_networks(Record.network_id)
    record = db.session.scalar(select(Record).where(Record.uid == _uid(text), mine, ~is_merged()))
    if record is None:
        raise NotFound
    return record


# Addresses of titles that were merged lead on


@bp.after_app_request
def lead_on(answer: Response) -> Response:
    """A page that is not there, of a title that became one with another: the same page of that one. Not for ever: they
    may be taken apart."""
    uid = (request.view_args or {}).get("uid")
    if answer.status_code != 404 or request.method != "GET" or not isinstance(uid, UUID) or not request.endpoint:
        return answer
    kept = merging.kept_for(db.session(), uid)
    if kept is None:
        return answer
    address = url_for(request.endpoint, **{**(request.view_args or {}), "uid": kept})
    return redirect(address, 302)  # type: ignore[return-value]  # werkzeug's response is Flask's here
