"""Copies that came back worn or damaged: said from the desk in two keys, with a photo if there is time; the repair shelf."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from library import access, audit, files
from library.access import Permission, here, needs, reads_first
from library.catalogue import pictures
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Condition, Item, Movement, Place, PlaceKind
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import condition, facts, losses_pages, marks
from library.loans.condition import Look
from library.loans.models import ConditionReport
from library.loans.views import my_desk
from library.organisations.models import CodeKind

bp = Blueprint("condition", __name__)
LOOKS = {one.value: one for one in Condition}
UNKNOWN = N_("Máy chưa biết mã %(text)s. Quét lại, hay gõ số đăng ký.")
NO_PHOTO = Reason("no-photo", N_("Lần xem này không có ảnh."))
Told = Mapping[str, Any]


@bp.get("/repair", endpoint="list")
@needs(Permission.CIRCULATE)
def show_list() -> Any:
    return _page({}, {})


def _page(told: Told, complaints: Mapping[str, Reason]) -> str:
    """What stands on this branch's repair shelf, the longest there first."""
    desk = my_desk()
    query = (
        select(Item)
        .join(Place, Place.id == Item.place_id)
        .where(Place.branch_id == desk.branch_id, Place.kind == PlaceKind.REPAIR)
        .options(joinedload(Item.record))
        .order_by(Item.seen_at, Item.id)
        .limit(200)
    )
    items = db.session.scalars(query).all()
    latest = condition.latest_of(db.session(), [one.id for one in items])
    largest = min(pictures.LARGEST_FILE, current_app.config["MAX_CONTENT_LENGTH"] or pictures.LARGEST_FILE) >> 20
    return render_template(
        "losses/repair.html", items=items, latest=latest, told=told, complaints=complaints, accept=pictures.ACCEPT,
        largest=largest, here_=clock.HERE, done=losses_pages.done(), may_ask=bool(access.scope(Permission.OVERRIDE)),
    )  # fmt: skip


@bp.post("/repair", endpoint="report")
@needs(Permission.CIRCULATE)
@reads_first
def report() -> Any:
    """For the book scanned (`code`), or the one an act of the desk was about (`act`). A photo may come along."""
    desk, form = my_desk(), Reader(request.form)
    after = form.choice("after", LOOKS)
    item = _named() if request.form.get("act") else form.find("code", _scanned, UNKNOWN)
    note = form.text("note", required=False, longest=300) or None
    photo = _photo(form)
    try:
        form.done()
    except Invalid as wrong:
        if _is_script():
            raise
        return _page(request.form, wrong.fields), 422
    assert after
    assert item
    for_writing()
    session, doing = db.session(), Doing.now(current_user.uid, desk.branch_id)
    repair = after is Condition.DAMAGED or form.ticked("repair")
    made = condition.report(session, doing, item, Look(after, note, photo, repair), desk.branch_id)
    copy = session.get_one(Item, item)
    audit.note(current_user.uid, f"report-{after}", "item", copy.uid, copy.library_id)
    session.commit()
    return _told(made, copy, repair, doing)


def _is_script() -> bool:
    return request.headers.get("Accept") == "application/json"


def _told(made: ConditionReport, copy: Item, repair: bool, doing: Doing) -> Any:
    words = _("Đã ghi hỏng. Để cuốn này ở giá Sửa chữa.") if repair else _("Đã ghi tình trạng của cuốn này.")
    if _is_script():
        slip = url_for("condition.slip", uid=made.uid)
        history = url_for("condition.of_copy", uid=copy.uid)
        return jsonify(said=words, title=copy.record.full_title, slip=slip, history=history, act=str(doing.uid))
    flash(words, "success")
    return redirect(url_for("condition.of_copy", uid=copy.uid, done=doing.uid), 303)


def _named() -> int:
    """The copy an act of this desk was about. Raises NotFound."""
    try:
        uid = UUID(request.form["act"])
    except ValueError:
        raise NotFound from None
    query = (
        select(Movement.item_id)
        .join(Act, Act.id == Movement.act_id)
        .where(Act.uid == uid, here().of_branches(Act.branch_id), Act.voided_by.is_(None))
    )
    found = db.session.scalar(query.limit(1))
    if found is None:
        raise NotFound
    return found


def _scanned(text: str) -> int | None:
    """The copy of that code, here or of here."""
    found = [one for one in facts.resolve(db.session(), text, my_desk(), clock.now()) if one.kind is CodeKind.ITEM]
    return found[0].id if found and found[0].rank < 2 else None


def _photo(form: Reader) -> str | None:
    """The key of the picture that was sent along, kept already."""
    sent = next((one for one in request.files.getlist("photo") if one.filename), None)
    if sent is None:
        return None
    try:
        return condition.keep_photo(sent.stream)  # type: ignore[arg-type]  # werkzeug's stream reads bytes
    except pictures.BadPicture as bad:
        form.complaints["photo"] = bad.reason
        return None


# One copy


@bp.get("/copies/<uuid:uid>/condition", endpoint="of_copy")
@needs(Permission.CIRCULATE)
def show_copy(uid: UUID) -> Any:
    """How it looked, each time somebody said so."""
    item = db.session.scalar(select(Item).where(Item.uid == uid, _may_see()))
    if item is None:
        raise NotFound
    return render_template(
        "losses/copy.html", item=item, reports=condition.history_of(db.session(), item.id), here_=clock.HERE,
        done=losses_pages.done(), may_ask=access.scope(Permission.OVERRIDE).holds_library(item.library_id),
    )  # fmt: skip


@bp.post("/copies/<uuid:uid>/missing", endpoint="missing")
@needs(Permission.CIRCULATE)
def miss(uid: UUID) -> Any:
    """Nobody has it, and it is not where it should be."""
    item = db.session.scalar(select(Item).where(Item.uid == uid, _may_see()))
    if item is None:
        raise NotFound
    doing = Doing.now(current_user.uid, current_user.branch_id)
    marks.missing(db.session(), doing, item.id)
    audit.note(current_user.uid, "miss-copy", "item", item.uid, item.library_id)
    db.session.commit()
    flash(_("Đã ghi không tìm thấy. Quét được ở đâu là tự hết."), "success")
    return redirect(url_for("condition.of_copy", uid=uid, done=doing.uid), 303)


def _may_see() -> Any:
    """Copies of one's libraries, and those that stand with them."""
    scope = here()
    standing = select(Place.id).where(scope.of_branches(Place.branch_id))
    return scope.of_libraries(Item.library_id) | Item.place_id.in_(standing)


def _report(uid: UUID) -> tuple[ConditionReport, Item]:
    query = (
        select(ConditionReport, Item)
        .join(Item, Item.id == ConditionReport.item_id)
        .where(ConditionReport.uid == uid, ConditionReport.voided.is_(False), _may_see())
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


@bp.get("/condition/<uuid:uid>/photo", endpoint="photo")
@needs(Permission.CIRCULATE)
def show_photo(uid: UUID) -> Any:
    one, _item = _report(uid)
    if not one.photo_key or not files.path_of(one.photo_key).exists():
        raise Refused(NO_PHOTO)
    return Response(files.path_of(one.photo_key).read_bytes(), mimetype="image/jpeg")


@bp.get("/condition/<uuid:uid>/slip", endpoint="slip")
@needs(Permission.CIRCULATE)
def show_slip(uid: UUID) -> Any:
    """A slip of paper to lay into the book."""
    one, item = _report(uid)
    return render_template("losses/slip.html", one=one, item=item, here_=clock.HERE)
