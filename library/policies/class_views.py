"""Pages of item classes: the network's list, and which class a copy is of."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs
from library.core.db import bump, db
from library.core.errors import Invalid, NotFound
from library.core.forms import Reader
from library.holdings.asked import copy_of
from library.holdings.models import Item, ItemClass
from library.organisations.models import Organisation
from library.policies import classes
from library.policies.classes import ClassForm
from library.policies.rulebook import RULES
from library.policies.views import address_of, library_asked_for

bp = Blueprint("item_classes", __name__)
LONGEST_PARTS = 200


@bp.get("/settings/item-classes", endpoint="list")
@needs(Permission.RULES)
def show_classes() -> Any:
    return _page({}, {})


def _page(told: Any, complaints: Any, of: ItemClass | None = None) -> str:
    _libraries, library = library_asked_for()
    found = classes.listed(db.session(), _network(library), here())
    return render_template(
        "policies/classes.html", classes=found, lib=address_of(library), told=told, complaints=complaints, of=of
    )


def _network(library: Organisation) -> int:
    if library.network_id is None:
        raise NotFound
    return library.network_id


def _known(network_id: int) -> dict[str, int]:
    query = select(ItemClass.code, ItemClass.id).where(ItemClass.network_id == network_id)
    return {code.casefold(): one for code, one in db.session.execute(query)}


@bp.post("/settings/item-classes", endpoint="add")
@needs(Permission.RULES)
def add_class() -> Any:
    session, (_libraries, library) = db.session(), library_asked_for()
    bump(session, RULES)
    try:
        form = ClassForm.read(request.form, _known(_network(library)))
    except Invalid as told:
        session.rollback()
        return _page(request.form, told.fields), 422
    classes.add(session, _network(library), form.code, form.name, form.limit_group)
    return _done(library, _("Đã thêm loại “%(name)s”.", name=form.name))


@bp.post("/settings/item-classes/<uuid:uid>", endpoint="change")
@needs(Permission.RULES)
def change_class(uid: UUID) -> Any:
    session, (_libraries, library) = db.session(), library_asked_for()
    one = classes.by_uid(session, uid, here())
    classes.check_may_change(session, one, here())
    try:
        form = ClassForm.read(request.form, {}, one.id)
    except Invalid as told:
        return _page(request.form, told.fields, one), 422
    one.name, one.limit_group = form.name, form.limit_group
    bump(session, RULES)
    return _done(library, _("Đã lưu loại “%(name)s”.", name=form.name))


@bp.post("/settings/item-classes/<uuid:uid>/remove", endpoint="remove")
@needs(Permission.RULES)
def remove_class(uid: UUID) -> Any:
    session, (_libraries, library) = db.session(), library_asked_for()
    one = classes.by_uid(session, uid, here())
    classes.check_may_change(session, one, here())
    name = one.name
    classes.remove(session, one)
    return _done(library, _("Đã bỏ loại “%(name)s”.", name=name))


def _done(library: Organisation, sentence: str) -> Any:
    audit.note(current_user.uid, "change-terms", "library", library.uid, library.id)
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("item_classes.list", lib=address_of(library)), 303)


# Of a copy


@bp.get("/copies/<uuid:uid>/class", endpoint="ask_copy")
@needs(Permission.EDIT_COPY)
def ask_copy(uid: UUID) -> Any:
    copy = copy_of(uid)
    return _copy_page(copy, {"item_class": copy.item_class_id, "parts": copy.parts}, {})


@bp.post("/copies/<uuid:uid>/class", endpoint="copy")
@needs(Permission.EDIT_COPY)
def set_copy(uid: UUID) -> Any:
    copy, reader = copy_of(uid), Reader(request.form)
    item_class = reader.choice("item_class", {str(one): one for one, _name in _classes(copy)}, required=False)
    parts = reader.text("parts", required=False, longest=LONGEST_PARTS) or None
    try:
        reader.done()
    except Invalid as told:
        return _copy_page(copy, request.form, told.fields), 422
    copy.item_class_id, copy.parts = item_class, parts
    audit.note(current_user.uid, "change-copy", "item", copy.uid, copy.library_id)
    db.session.commit()
    flash(_("Đã ghi. Lượt mượn từ nay theo loại này."), "success")
    return redirect(url_for("finding.title", uid=copy.record.uid), 303)


def _classes(copy: Item) -> list[tuple[int, str]]:
    query = select(ItemClass.id, ItemClass.name).where(ItemClass.network_id == copy.record.network_id)
    return [(one, name) for one, name in db.session.execute(query.order_by(ItemClass.name))]


def _copy_page(copy: Item, told: Any, complaints: Any) -> str:
    options = [("", _("theo loại sách của nhan đề")), *_classes(copy)]
    return render_template("policies/copy_class.html", copy=copy, told=told, complaints=complaints, options=options)
