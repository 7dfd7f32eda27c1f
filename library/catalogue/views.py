"""Describing titles: one page, for a new one and for changing one. Where copies are is told by `finding`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs
from library.catalogue import edits, forms, matching, writing
from library.catalogue.audiences import AUDIENCES
from library.catalogue.forms import Said
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.catalogue.merged import is_merged
from library.catalogue.models import LocalRecord, Record
from library.catalogue.roles import ROLES
from library.catalogue.writing import NewRecord
from library.core.db import db
from library.core.errors import Invalid, NotFound, Reason
from library.core.fold import clean
from library.organisations.models import Organisation

bp = Blueprint("catalogue", __name__)


@bp.get("/titles/new", endpoint="new_title")
@needs(Permission.EDIT_TITLE)
def show_new_title() -> Any:
    told = forms.shown(NewRecord(clean(request.args.get("title", ""))[:300]))
    return _page(told, {})


@bp.post("/titles/new", endpoint="do_new_title")
@needs(Permission.EDIT_TITLE)
def make_title() -> Any:
    """A title the catalogue seems to have is asked about, never merged or doubled in silence."""
    network_id = _network()
    try:
        new, said = forms.read(request.form)
    except Invalid as told:
        return _page(request.form, told.fields), 422
    same = None if request.form.get("anyway") else matching.find_match(db.session(), network_id, new.asked)
    if same:
        return _page(request.form, {}, same=same), 409
    record = writing.create(db.session(), network_id, new)
    _say(record, said)
    audit.note(current_user.uid, "make-title", "record", record.uid, current_user.library_id)
    _tell(forms.doubts(new))
    uid, title = record.uid, record.full_title
    db.session.commit()
    flash(_("Đã ghi “%(title)s”. Giờ thêm bản sách vào sổ.", title=title), "success")
    return redirect(url_for("finding.add_copies", uid=uid), 303)


@bp.get("/titles/<uuid:uid>/edit", endpoint="edit_title")
@needs(Permission.EDIT_TITLE)
def show_edit_title(uid: UUID) -> Any:
    record = _record(uid)
    return _page(forms.shown(writing.as_new(record), _said(record)), {}, record)


@bp.post("/titles/<uuid:uid>/edit", endpoint="do_edit_title")
@needs(Permission.EDIT_TITLE)
def change_title(uid: UUID) -> Any:
    record = _record(uid)
    before = writing.as_new(record)
    try:
        new, said = forms.read(request.form, before)
    except Invalid as told:
        return _page(request.form, told.fields, record), 422
    writing.change(db.session(), record, edits.by_hand(before, new))
    _tell(forms.doubts(new, before))
    _say(record, said)
    audit.note(current_user.uid, "change-title", "record", uid, current_user.library_id)
    title = record.full_title
    db.session.commit()
    flash(_("Đã ghi thay đổi của “%(title)s”.", title=title), "success")
    return redirect(url_for("finding.title", uid=uid), 303)


def _tell(doubts: Sequence[Reason]) -> None:
    for one in doubts:
        flash(_(one.sentence) % dict(one.facts), "info")


def _network() -> int:
    """Of the library where we work: its titles are shared there."""
    library = db.session.get_one(Organisation, here().library(current_user.library_id))
    if library.network_id is None:
        raise NotFound
    return library.network_id


def _record(uid: UUID) -> Record:
    found = db.session.scalar(
        select(Record).where(Record.uid == uid, here().of_networks(Record.network_id), ~is_merged())
    )
    if found is None:
        raise NotFound
    return found


def _said(record: Record) -> Said:
    mine = LocalRecord.library_id == current_user.library_id, LocalRecord.record_id == record.id
    found = db.session.execute(select(LocalRecord.reading_level, LocalRecord.call_number).where(*mine)).first()
    return Said(*found) if found else Said()


def _say(record: Record, said: Said) -> None:
    if said != _said(record):
        writing.say_locally(db.session(), here().library(current_user.library_id), record.id, **asdict(said))


def _page(told: Mapping[str, str], complaints: Any, record: Record | None = None, same: Record | None = None) -> str:
    show: dict[str, Any] = {
        "kinds": _named(forms.KINDS, told.get("kind")),
        "levels": _levels(),
        "record": record,
        "same": same,
    }
    show |= {
        "formats": [(one.value, _(name)) for one, name in forms.FORMATS.items()],
        "languages": _named(LANGUAGES.items(), told.get("language"), blank=False),
        "audiences": _named(((one.code, one.label) for one in AUDIENCES.values()), told.get("audience")),
        "roles": [("", ""), *((role.value, _(ROLES[role].label)) for role in forms.other_roles())],
        "edited": _edited(record),
    }
    return render_template("catalogue/form.html", told=told, complaints=complaints, **show)


def _edited(record: Record | None) -> tuple[str, ...]:
    """Fields changed by hand, where there is a source that could come again."""
    if record is None or not edits.has_source(db.session(), record.id):
        return ()
    return writing.as_new(record).edited


def _named(pairs: Iterable[tuple[str, str]], now: str | None, blank: bool = True) -> list[tuple[str, str]]:
    """Options of a list; a word of somebody's own that stands there now is one of them."""
    found = [*([("", "")] if blank else []), *((code, _(name)) for code, name in pairs)]
    return found if not now or now in dict(found) else [*found, (now, now)]


def _levels() -> list[tuple[Any, str]]:
    named = ((number, f"{number} – {_(name)}, {_(readers)}") for number, (name, readers) in LEVELS.items())
    return [("", ""), *named]
