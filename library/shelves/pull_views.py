"""Pull lists: asked for, walked along the stacks with, fetched."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.core.forms import Reader
from library.loans.posting import answered_once, doing_at
from library.shelves import filling, pulls, scopes, tenures
from library.shelves.fill_pages import posted_or_now
from library.shelves.models import Shelf, ShelfPull, ShelfPullLine
from library.shelves.pulling import Not, Wish

bp = Blueprint("shelf_pulls", __name__)
WHY = {pulls.NOT_FOUND: N_("tìm không thấy"), pulls.BY_HAND: N_("bỏ qua")}
LEFT_OUT = {
    Not.HAD: N_("%(count)s nhan đề lớp đã có trong năm nay"),
    Not.WAITED_FOR: N_("%(count)s nhan đề đang có bạn đọc chờ"),
    Not.LAST_COPY: N_("%(count)s nhan đề chỉ còn một bản trong kho"),
}
"""Why titles are not on the list, of those that fit what was asked for."""


@bp.get("/shelves/<uuid:uid>/pull", endpoint="new")
@needs(Permission.CLASS_PLAN)
def new(uid: UUID) -> Any:
    """How many, of which levels; with what the list would be, at once."""
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    return _asking(session, shelf)


def _asking(session: Session, shelf: Shelf, told: Mapping[str, Any] | None = None,
            complaints: Mapping[str, Reason] | None = None) -> str:  # fmt: skip
    there_is = pulls.choices(session, shelf)
    wish = pulls.usual(shelf, pulls.grade_of(session, shelf), there_is)
    tenure = tenures.current(session, shelf.id)
    return render_template(
        "shelves/pull_new.html", shelf=shelf, there_is=there_is, wish=wish, told=told or {}, complaints=complaints or {},
        levels=LEVELS, languages=LANGUAGES, open=pulls.open_one(session, shelf.id),
        group=tenure.school_class.name if tenure and tenure.school_class else "",
    )  # fmt: skip


@bp.post("/shelves/<uuid:uid>/pull", endpoint="make")
@needs(Permission.CLASS_PLAN)
def make(uid: UUID) -> Any:
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    filling.check_open(shelf)
    try:
        wish = _wish(request.form)
    except Invalid as told:
        return _asking(session, shelf, request.form, told.fields), 422
    posted = posted_or_now()

    def work() -> dict[str, Any]:
        _pull, found = pulls.make(session, posted.uid, scopes.shelf_here(session, uid), wish, current_user.uid)
        return {"count": len(found.copies)}

    if not answered_once(posted.uid, {"pull": pulls.as_plain(wish), "shelf": str(uid)}, work)["count"]:
        flash(_("Không tìm được cuốn nào như thế. Bớt điều kiện rồi thử lại."), "warning")
    return redirect(url_for("shelf_pulls.show", uid=posted.uid), 303)


def _wish(source: Any) -> Wish:
    """Raises Invalid."""
    reader = Reader(source)
    most = reader.number("most", 1, 300)
    levels = frozenset(level for level in LEVELS if str(level) in source.getlist("level"))
    each = reader.number("each", 1, 10, required=False) or 1
    reader.done()
    assert most
    languages, kinds = (frozenset(one[:20] for one in source.getlist(name)[:50]) for name in ("language", "kind"))
    return Wish(most, levels, languages, kinds, reader.ticked("keep_one"), each)


def _here(session: Session, uid: UUID) -> tuple[ShelfPull, Shelf]:
    found = session.execute(
        select(ShelfPull, Shelf).join(Shelf, Shelf.id == ShelfPull.shelf_id).where(ShelfPull.uid == uid, scopes.mine())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


@bp.get("/shelves/pulls/<uuid:uid>", endpoint="show")
@needs(Permission.CLASS_PLAN)
def show(uid: UUID) -> Any:
    """The list, in the order of the stacks; made to be printed or held on a phone."""
    session = db.session()
    pull, shelf = _here(session, uid)
    lines = pulls.lines(session, pull)
    return render_template(
        "shelves/pull.html", pull=pull, shelf=shelf, lines=lines, wish=pulls.wish_of(pull.wanted), whys=WHY,
        left_out=_left_out(pull), levels=LEVELS, kept=sum(line.passed is None for line in lines),
    )  # fmt: skip


def _left_out(pull: ShelfPull) -> list[str]:
    said = pull.wanted.get("left_out", {})
    return [str(_(words, count=said[why.value])) for why, words in LEFT_OUT.items() if said.get(why.value)]


@bp.post("/shelves/pulls/<uuid:uid>/pass", endpoint="pass_over")
@needs(Permission.CLASS_PLAN)
def pass_over(uid: UUID) -> Any:
    """A copy is not there, or not wanted (`why`); with `again` it is to be fetched after all."""
    session = db.session()
    pull, _shelf = _here(session, uid)
    reader = Reader(request.form)
    number = reader.number("number", 1)
    why = None if reader.ticked("again") else reader.choice("why", {one: one for one in pulls.PASSED})
    reader.done()
    mine = select(ShelfPullLine.item_id).where(ShelfPullLine.pull_id == pull.id, ShelfPullLine.number == number)
    item = session.scalar(mine)
    if item is None:
        raise NotFound
    pulls.pass_over(session, pull, item, why)
    session.commit()
    return redirect(url_for("shelf_pulls.show", uid=uid, _anchor=f"n{number}"), 303)


@bp.post("/shelves/pulls/<uuid:uid>/more", endpoint="more")
@needs(Permission.CLASS_PLAN)
def more(uid: UUID) -> Any:
    """Others instead of those passed over."""
    session = db.session()
    pull, shelf = _here(session, uid)
    session.execute(select(ShelfPull.id).where(ShelfPull.id == pull.id).with_for_update())
    added = pulls.more(session, pull, shelf)
    session.commit()
    if added:
        flash(_("Thêm %(count)s cuốn ở cuối danh sách.", count=added), "success")
    else:
        flash(_("Không còn cuốn nào khác như thế trong kho."), "info")
    return redirect(url_for("shelf_pulls.show", uid=uid), 303)


@bp.post("/shelves/pulls/<uuid:uid>/put", endpoint="put")
@needs(Permission.CLASS_PLAN)
def put(uid: UUID) -> Any:
    """Everything still on the list stands on the shelf now: somebody answers for it without scanning."""
    session = db.session()
    _pull, shelf = _here(session, uid)
    posted = posted_or_now()
    doing = doing_at(posted, shelf.branch_id)

    def work() -> dict[str, Any]:
        pull, shelf = _here(session, uid)
        left = [line.item_id for line in pulls.lines(session, pull) if line.to_fetch]
        many = filling.put_many(session, doing, shelf, left)
        pulls.picked(session, shelf.id, many.act_id, [*many.put, *many.later])
        return {"put": len(many.put), "later": len(many.later), "left": len(many.left), "act": str(posted.uid)}

    answer = answered_once(posted.uid, {"put": str(uid)}, work)
    flash(_("Đã ghi %(put)s cuốn ở tủ mà không quét.", **answer), "success")
    if answer["later"]:
        flash(_("%(later)s cuốn đang có người mượn, trả xong thì về tủ.", **answer), "info")
    if answer["left"]:
        flash(
            _("%(left)s cuốn không ghi được: đang giữ chỗ, đã sang tủ khác, hoặc đã ra khỏi sổ.", **answer), "warning"
        )
    return redirect(url_for("shelf_pulls.show", uid=uid), 303)


@bp.post("/shelves/pulls/<uuid:uid>/close", endpoint="close")
@needs(Permission.CLASS_PLAN)
def close(uid: UUID) -> Any:
    session = db.session()
    pull, shelf = _here(session, uid)
    pulls.close(session, pull)
    session.commit()
    flash(_("Đã xong danh sách lấy sách."), "success")
    return redirect(url_for("shelf_fill.show", shelf=shelf.uid), 303)
