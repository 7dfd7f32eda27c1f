"""The full table of rules: every line that holds here, adding, changing and removing one's own."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core import clock, versions
from library.core.db import bump, db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.organisations.models import Organisation
from library.policies import consequences, forms, rulebook, table, words, writing
from library.policies.models import PolicyLine, PolicySetting, RulesOf
from library.policies.rulebook import Rulebook
from library.policies.values import Channel, Line
from library.policies.views import address_of, library_asked_for

bp = Blueprint("rules", __name__, url_prefix="/settings/rules")
Complaints = Mapping[str, Reason]
NEW = 0
"""The id of a line that is not written yet."""


def book_of(library: Organisation) -> Rulebook:
    return rulebook.of(db.session(), library.id, versions.of(db.session(), rulebook.RULES))


@bp.get("", endpoint="show")
@needs(Permission.RULES)
def show_rules() -> Any:
    session, (libraries, library) = db.session(), library_asked_for()
    book = book_of(library)
    named = table.names(session, book, library.network_id)
    return render_template(
        "policies/rules.html", libraries=libraries, library=library, lib=address_of(library), words=words,
        lines=table.lines(session, book, named, here()), rules_of=book.rules_of,
    )  # fmt: skip


@bp.post("/whose", endpoint="whose")
@needs(Permission.RULES)
def save_whose() -> Any:
    session, (_libraries, library) = db.session(), library_asked_for()
    reader = Reader(request.form)
    wanted = reader.choice("rules_of", {one.value: one for one in RulesOf})
    reader.done()
    bump(session, rulebook.RULES)
    row = session.get(PolicySetting, library.id) or PolicySetting(library_id=library.id)
    row.rules_of = wanted or RulesOf.DESK
    session.add(row)
    audit.note(current_user.uid, "change-terms", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã lưu. Lượt mượn từ nay theo chính sách này."), "success")
    return redirect(url_for("rules.show", lib=address_of(library)), 303)


# One line


@bp.get("/new", endpoint="new")
@needs(Permission.RULES)
def show_new() -> Any:
    return _new_page({}, {})


@bp.post("/new", endpoint="add")
@needs(Permission.RULES)
def add_line() -> Any:
    session, (libraries, library) = db.session(), library_asked_for()
    bump(session, rulebook.RULES)  # one writer at a time: of two who add the same line, the second is told
    owners = {str(one.id): one for one in table.owners(session, library, libraries)}
    try:
        owner, keys = _read_keys(owners, library)
        said, note = forms.read(request.form, keys["item_class_id"] is not None, clock.today(), {})
        doubts = _doubts(owner, Line(NEW, owner.id, said, **keys))
    except Invalid as told:
        session.rollback()
        return _new_page(request.form, told.fields), 422
    if doubts:
        session.rollback()
        return _new_page(request.form, {}, doubts)
    writing.say(session, owner.id, said, **keys, note=note)
    return _done(owner, library, _("Đã thêm dòng chính sách. Lượt mượn từ nay theo dòng này."))


def _read_keys(owners: Mapping[str, Organisation], library: Organisation) -> tuple[Organisation, dict[str, Any]]:
    """Whose line, and for whom and what. Raises Invalid."""
    reader, book = Reader(request.form), rulebook.load(db.session(), library.id)
    known = table.names(db.session(), book, library.network_id).categories
    owner = reader.choice("owner", owners, required=len(owners) > 1) or library
    keys: dict[str, Any] = {
        "category_id": reader.choice("category", {str(one): one for one in known}, required=False),
        "item_class_id": reader.choice("item_class", {str(one): one for one in book.sorts}, required=False),
        "channel": reader.choice("channel", {one.value: one for one in Channel}, required=False),
    }
    if not reader.complaints and writing.find(db.session(), owner.id, **keys):
        reader.complain("line", "there", N_("Đã có dòng cho đúng những điều này: sửa dòng đó."))
    reader.done()
    return owner, keys


def _doubts(owner: Organisation, line: Line) -> list[Reason]:
    """What was not yet seen: somebody who was told once and sends again means it."""
    if request.form.get("sure"):
        return []
    book = rulebook.load(db.session(), owner.id)
    return consequences.doubts(book, line, table.names(db.session(), book, owner.network_id).categories)


def _new_page(told: Mapping[str, Any], complaints: Complaints, doubts: list[Reason] | None = None) -> str:
    session, (libraries, library) = db.session(), library_asked_for()
    book = book_of(library)
    named = table.names(session, book, library.network_id)
    return _form_page(
        library, told, complaints, doubts, book=book, without=book.resolve(None, None).values,
        owners=[(str(one.id), one.name) for one in table.owners(session, library, libraries)],
        categories=_options(_("Mọi bạn đọc"), named.categories.items()),
        item_classes=_options(_("Mọi loại sách"), ((one.id, one.name) for one in book.sorts.values())),
        channels=_options(_("Mọi cách mượn"), ((one.value, _(name)) for one, name in words.CHANNELS.items())),
    )  # fmt: skip


def _options(everything: str, pairs: Any) -> list[tuple[str, str]]:
    return [("", everything), *((str(one), name) for one, name in pairs)]


def _form_page(library: Organisation, told: Any, complaints: Complaints, doubts: Any, **more: Any) -> str:
    return render_template(
        "policies/rule.html", library=library, lib=address_of(library), told=told, complaints=complaints,
        doubts=doubts or [], words=words, code=forms.code, of_the_reader=forms.OF_THE_READER, **more,
    )  # fmt: skip


@bp.get("/<uuid:uid>", endpoint="edit")
@needs(Permission.RULES)
def show_line(uid: UUID) -> Any:
    row = table.by_uid(db.session(), uid, here())
    return _edit_page(row, forms.shown(rulebook.line_of(row).said, row.note), {})


@bp.post("/<uuid:uid>", endpoint="change")
@needs(Permission.RULES)
def change_line(uid: UUID) -> Any:
    session = db.session()
    bump(session, rulebook.RULES)
    row = table.by_uid(session, uid, here())
    before, owner = rulebook.line_of(row), session.get_one(Organisation, row.owner_id)
    try:
        _check_unchanged(row)
        said, note = forms.read(request.form, row.item_class_id is not None, clock.today(), before.said)
        keys: dict[str, Any] = {name: getattr(row, name) for name in ("category_id", "item_class_id", "channel")}
        doubts = _doubts(owner, Line(row.id, owner.id, said, **keys))
    except Invalid as told:
        session.rollback()
        return _edit_page(table.by_uid(session, uid, here()), request.form, told.fields), 422
    if doubts:
        session.rollback()
        return _edit_page(table.by_uid(session, uid, here()), request.form, {}, doubts)
    writing.say(session, owner.id, said, **keys, note=note)
    return _done(owner, owner, _("Đã lưu dòng chính sách. Lượt mượn từ nay theo dòng này, sách đang mượn giữ hạn cũ."))


@bp.post("/<uuid:uid>/remove", endpoint="remove")
@needs(Permission.RULES)
def remove_line(uid: UUID) -> Any:
    row = table.by_uid(db.session(), uid, here())
    owner = db.session.get_one(Organisation, row.owner_id)
    writing.unsay(db.session(), row)
    return _done(owner, owner, _("Đã bỏ dòng chính sách. Sách đang mượn giữ hạn cũ."))


def _done(owner: Organisation, library: Organisation, sentence: str) -> Any:
    """Written down, kept, and back to the table one came from."""
    audit.note(current_user.uid, "change-terms", "library", owner.uid, owner.id)
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("rules.show", lib=address_of(library)), 303)


def _edit_page(row: PolicyLine, told: Any, complaints: Complaints, doubts: list[Reason] | None = None) -> str:
    owner = db.session.get_one(Organisation, row.owner_id)
    book = book_of(owner)
    named = table.names(db.session(), book, owner.network_id)
    silent = consequences.without_line(book, row.id).resolve(row.category_id, row.item_class_id, _channel(row)).values
    sort = book.sorts.get(row.item_class_id or 0)
    keys = [
        named.categories.get(row.category_id or 0) or _("Mọi bạn đọc"), sort.name if sort else _("Mọi loại sách"),
        _(words.CHANNELS[row.channel]) if row.channel else _("Mọi cách mượn"),
    ]  # fmt: skip
    return _form_page(
        owner,
        told,
        complaints,
        doubts,
        row=row,
        by_class=row.item_class_id is not None,
        keys=keys,
        without=silent,
        book=book,
        mark=told.get("mark") or _mark(row),
    )


def _channel(row: PolicyLine) -> Channel:
    return row.channel or Channel.DESK


def _mark(row: PolicyLine) -> str:
    """What the line said when the page was shown: two people do not undo each other's work unseen."""
    told = sorted(forms.shown(rulebook.line_of(row).said, row.note).items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _check_unchanged(row: PolicyLine) -> None:
    if request.form.get("mark") not in (None, "", _mark(row)):
        raise Invalid({"line": Reason("changed", N_("Người khác vừa sửa dòng này. Mở lại để xem rồi sửa tiếp."))})
