"""The two pages by which books come in one at a time: typed, and scanned."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.catalogue import classes, forms, matching, writing
from library.catalogue.levels import LEVELS
from library.catalogue.models import Record
from library.cataloguing import entering, origins, quick, scanning, telling
from library.cataloguing.entering import Delivery
from library.cataloguing.origins import Coming
from library.cataloguing.quick import Book
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.core.fold import clean
from library.finding import queries
from library.finding.forms import NewCopies, check_free
from library.inbox import once
from library.inbox.acts import Doing
from library.organisations.models import Organisation

bp = Blueprint("cataloguing", __name__)
Told = Mapping[str, Any]


def _library() -> Organisation:
    """Where we work. Raises NotFound for one that shares no titles with anybody."""
    library = db.session.get_one(Organisation, here().library(current_user.library_id))
    if library.network_id is None:
        raise NotFound
    return library


def _coming(library: Organisation) -> Coming | None:
    """What the books come from, where the page was opened from there."""
    return origins.coming(db.session(), library.id, request.values.get(origins.NAME))


def _again(endpoint: str, coming: Coming | None) -> Any:
    """The page anew, for the next book of the same gift."""
    carried: dict[str, Any] = {origins.NAME: coming.uid} if coming else {}
    return redirect(url_for(endpoint, **carried), 303)


def _too_many(coming: Coming | None, copies: int) -> Reason | None:
    if coming is None or copies <= coming.waiting:
        return None
    sentence = N_("Quà này chỉ còn %(count)s bản chưa xếp. Sửa số đếm của quà trước.")
    return Reason("too-many", sentence, {"count": coming.waiting})


# One book, typed


@bp.get("/titles/add", endpoint="add")
@needs(Permission.EDIT_COPY)
def show_add() -> Any:
    library = _library()
    told = quick.blank(db.session(), library.id, clean(request.args.get("title", ""))[:300])
    told |= coming.told if (coming := _coming(library)) else {}
    record = quick.by_uid(db.session(), library.network_id, request.args.get("record", ""))
    if record is not None:
        told |= {"record": str(record.uid), "price": str(record.price or "")}
    return _add_page(library, told, {}, record)


@bp.get("/titles/add/suggestions", endpoint="suggestions")
@needs(Permission.EDIT_COPY)
def suggest() -> Any:
    """A piece of the page: titles that may be the one being typed."""
    library = _library()
    assert library.network_id is not None
    typed = clean(request.args.get("title", ""))[:300]
    found = quick.suggestions(db.session(), library.network_id, library.id, typed)
    return render_template("cataloguing/_suggestions.html", found=found)


@bp.post("/titles/add", endpoint="do_add")
@needs(Permission.EDIT_COPY)
def add() -> Any:
    """Title, copies and numbers in one go; what the network seems to have is asked about, never doubled in silence."""
    session, library = db.session(), _library()
    homes, coming = queries.homes(session, library.id), _coming(library)
    record = quick.by_uid(session, library.network_id, request.form.get("record", ""))
    try:
        book = quick.read({**request.form, "title": record.title} if record else request.form, homes)
        if _repeated(book):
            session.commit()
            return _again(".add", coming)
        if wrong := _too_many(coming, book.copies.quantity):
            raise Invalid({"quantity": wrong})
        check_free(session, library.id, book.copies)
    except Invalid as told:
        session.rollback()
        return _add_page(library, request.form, told.fields, record), 422
    if not record and not request.form.get("anyway"):
        same = matching.find_match(session, library.network_id or 0, book.new.asked)
        if same:
            seen = quick.known(session, library.id, [same.id])[0]
            answer = _add_page(library, request.form, {}, same=seen)
            session.rollback()
            return answer, 409
    _write(library, book, record, coming)
    session.commit()
    return _again(".add", coming)


def _repeated(book: Book) -> bool:
    """The same form arrived before."""
    content = {
        "do": "add-book",
        "told": [str(one) for one in (book.new.asked, book.copies.quantity, book.copies.first)],
    }
    return once.arrive(db.session(), book.copies.uid, current_user.uid, content) is not None


def _write(library: Organisation, book: Book, record: Record | None, coming: Coming | None) -> None:
    session, copies = db.session(), book.copies
    if record is None:
        (record_id,) = entering.describe(session, library, [book.new])
        if book.said != forms.Said():
            writing.say_locally(session, library.id, record_id, **_said(book))
        record = session.get_one(Record, record_id)
    doing = Doing(copies.uid, current_user.uid, copies.home.branch_id)
    came = Delivery(copies.home, copies.source, copies.received_on, copies.voucher, coming.uid if coming else None)
    labels = entering.enter(session, library, doing, came, copies.items(record.id), clock.now())
    once.keep_answer(session, copies.uid, {"labels": labels})
    audit.note(current_user.uid, "add-book", "record", record.uid, library.id)
    flash(_("Đã ghi “%(title)s”: %(labels)s.", title=record.full_title, labels=_span(labels)), "success")
    _tell_doubts(forms.doubts(book.new))


def _said(book: Book) -> dict[str, Any]:
    """Only what was typed: the mark the rule gave stays."""
    told = {"reading_level": book.said.reading_level, "call_number": book.said.call_number}
    return {name: value for name, value in told.items() if value is not None}


def _tell_doubts(doubts: Sequence[Reason]) -> None:
    for one in doubts:
        flash(_(one.sentence) % dict(one.facts), "info")


def _span(labels: Sequence[str]) -> str:
    return " – ".join(dict.fromkeys((labels[0], labels[-1])))


def _add_page(
    library: Organisation, told: Told, complaints: Mapping[str, Reason], record: Record | None = None,
    same: quick.Suggestion | None = None,
) -> str:  # fmt: skip
    session = db.session()
    chosen = quick.known(session, library.id, [record.id])[0] if record else None
    return render_template(
        "cataloguing/add.html", told=told, complaints=complaints, chosen=chosen, same=same,
        publishers=quick.publishers(session, library.network_id or 0), marks=_marks(), kinds=_kinds(),
        levels=_levels(), homes=_homes(library), coming=_coming(library),
    )  # fmt: skip


def _marks() -> list[tuple[str, str]]:
    return [(mark, _(name)) for mark, name in (*classes.SCHOOL.items(), *classes.DEWEY.items())]


def _kinds() -> list[tuple[str, str]]:
    return [("", ""), *((code, _(name)) for code, name in forms.KINDS)]


def _levels() -> list[tuple[Any, str]]:
    named = ((number, f"{number} – {_(name)}, {_(readers)}") for number, (name, readers) in LEVELS.items())
    return [("", ""), *named]


def _homes(library: Organisation) -> list[tuple[int, str]]:
    return [(place.id, f"{place.name} – {place.branch.name}") for place in queries.homes(db.session(), library.id)]


# A stack, scanned


@bp.get("/titles/scan", endpoint="scan")
@needs(Permission.EDIT_COPY)
def show_scan() -> Any:
    library = _library()
    coming = _coming(library)
    return _scan_page(library, entering.usual(db.session(), library.id) | (coming.told if coming else {}))


@bp.post("/titles/scan", endpoint="do_scan")
@needs(Permission.EDIT_COPY)
def scan() -> Any:
    """One form holds the scan line and every waiting line: what is typed stays, whichever button was pressed."""
    library, session = _library(), db.session()
    scanning.keep(session, library, current_user.uid, request.form)
    deed, _colon, which = request.form.get("do", "scan").partition(":")
    if deed == "save":
        return _save(library)
    if deed == "drop":
        scanning.drop(session, library.id, current_user.uid, which)
    elif code := request.form.get("code", "").strip():
        return _scanned(library, code)
    session.commit()
    return ("", 204) if _by_script() else _again(".scan", _coming(library))


def _by_script() -> bool:
    return request.headers.get("X-Part") == "line"


def _scanned(library: Organisation, code: str) -> Any:
    session = db.session()
    try:
        line = scanning.scan(session, library, current_user.uid, code)
    except scanning.NoCode as refused:
        session.commit()  # what was typed in the other lines stays
        if _by_script():
            raise
        return _scan_page(library, request.form, {"code": refused.reasons[0]}), 422
    (shown,) = scanning.shown(session, library, [line])
    part = render_template("cataloguing/_line.html", one=shown, fresh=True) if _by_script() else ""
    uid, many = str(line.uid), line.quantity
    session.commit()
    if not _by_script():
        return _again(".scan", _coming(library))
    answer = make_response(part)
    answer.headers["X-Line"], answer.headers["X-Copies"] = uid, str(many)
    return answer


def _save(library: Organisation) -> Any:
    session, coming = db.session(), _coming(library)
    lines = scanning.lines(session, library, current_user.uid)
    try:
        copies = NewCopies.read({**request.form, "quantity": "1", "first": ""}, queries.homes(session, library.id))
        if wrong := _too_many(coming, sum(one.line.quantity for one in lines)):
            raise Invalid({"code": wrong})
    except Invalid as told:
        session.commit()
        return _scan_page(library, request.form, told.fields), 422
    doing = Doing.now(current_user.uid, copies.home.branch_id)
    came = Delivery(copies.home, copies.source, copies.received_on, copies.voucher, coming.uid if coming else None)
    saved = scanning.save(session, library, doing, came, copies.series, lines)
    if saved.labels:
        audit.note(current_user.uid, "add-books", "act", doing.uid, library.id)
    session.commit()
    if saved.labels:
        words = _("Đã ghi %(copies)s bản của %(titles)s nhan đề: %(labels)s.", copies=len(saved.labels),
                  titles=saved.titles, labels=_span(saved.labels))  # fmt: skip
        flash(words, "success")
    if saved.waiting:
        return _scan_page(library, request.form, {}, saved.waiting), 422
    return _again(".scan", coming)


def _scan_page(
    library: Organisation, told: Told, complaints: Mapping[str, Reason] | None = None,
    lines: Sequence[scanning.Line] | None = None,
) -> str:  # fmt: skip
    if lines is None:
        lines = scanning.lines(db.session(), library, current_user.uid)
    return render_template(
        "cataloguing/scan.html", told=told, complaints=complaints or {}, lines=lines, homes=_homes(library),
        copies=sum(one.line.quantity for one in lines), coming=_coming(library),
    )  # fmt: skip


# On the pages of a title

bp.add_app_template_global(telling.card, "isbd_of")
bp.add_app_template_global(telling.more_facts, "more_facts")
bp.add_app_template_global(telling.web_address, "web_address")
bp.add_app_template_global(telling.web_words, "web_words")
