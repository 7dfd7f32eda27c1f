"""The rule of a library's call numbers and its table of rhymes, tried before they are kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs
from library.catalogue import call_numbers, spines
from library.catalogue.call_numbers import PARTS, Facts, Part
from library.catalogue.models import Record
from library.catalogue.spines import Rules
from library.cataloguing import spine_undoing
from library.core.db import db
from library.core.errors import Invalid, NotFound, Reason
from library.core.fold import clean
from library.holdings.models import Item
from library.organisations.models import Organisation

bp = Blueprint("spine_rules", __name__)
LINES, SHOWN = 4, 5


def _library() -> Organisation:
    return db.session.get_one(Organisation, here().library(current_user.library_id))


@bp.get("/settings/call-numbers", endpoint="settings")
@needs(Permission.RULES)
def show_settings() -> Any:
    return _page()


@bp.get("/settings/call-numbers/preview", endpoint="preview")
@needs(Permission.RULES)
def preview() -> Any:
    """A piece of the page: what the rule being chosen gives for titles of this library."""
    library = _library()
    return render_template("cataloguing/_preview.html", samples=_samples(library, _asked_rules(library)))


@bp.post("/settings/call-numbers/rule", endpoint="save_rule")
@needs(Permission.RULES)
def save_rule() -> Any:
    library = _library()
    parts = _parts(request.form.getlist("part"))
    if not parts:
        raise NotFound
    spines.set_rule(db.session(), library.id, parts)
    audit.note(current_user.uid, "change-call-numbers", "library", library.uid, library.id)
    db.session.commit()
    flash(_("Đã lưu quy tắc. Sách ghi từ nay theo quy tắc mới, nhãn cũ giữ nguyên."), "success")
    return redirect(url_for(".settings"), 303)


@bp.post("/settings/call-numbers/table", endpoint="save_table")
@needs(Permission.RULES)
def save_table() -> Any:
    library = _library()
    try:
        numbers = spines.read_numbers(request.form)
    except Invalid as told:
        return _page(request.form, told.fields), 422
    spines.set_numbers(db.session(), library.id, numbers)
    audit.note(current_user.uid, "change-rhymes", "library", library.uid, library.id)
    db.session.commit()
    flash(_("Đã lưu bảng mã."), "success")
    return redirect(url_for(".settings", _anchor="table"), 303)


@bp.post("/settings/call-numbers/rhyme", endpoint="save_rhyme")
@needs(Permission.RULES)
def save_rhyme() -> Any:
    """One number taken over from the stickers."""
    library = _library()
    rhyme, number = request.form.get("rhyme", ""), request.form.get("number", "")
    if rhyme not in call_numbers.shipped():
        raise NotFound
    now = spines.rules(db.session(), library.id).table
    try:
        wanted = spines.read_numbers({f"n-{one}": str(its) for one, its in now.items()} | {f"n-{rhyme}": number})
    except Invalid:
        raise NotFound from None
    do = partial(spines.set_numbers, db.session(), library.id, wanted)
    spine_undoing.of_table(db.session(), library.id, rhyme, do)
    audit.note(current_user.uid, "change-rhymes", "library", library.uid, library.id)
    db.session.commit()
    flash(_("Bảng của thư viện nay ghi vần %(rhyme)s là %(number)s.", rhyme=rhyme, number=number), "success")
    return redirect(url_for("spines.check"), 303)


def _parts(words: list[str]) -> tuple[Part, ...]:
    known = {part.value: part for part in Part}
    return tuple(dict.fromkeys(known[word] for word in words[:LINES] if word in known))


def _asked_rules(library: Organisation) -> Rules:
    """The rule that is being chosen, with the table as it is kept."""
    kept = spines.rules(db.session(), library.id)
    return Rules(_parts(request.args.getlist("part")) or kept.parts, kept.table)


def _samples(library: Organisation, rules: Rules) -> list[tuple[str, call_numbers.Mark]]:
    """(title, its mark): what somebody typed to try, else titles of this library that came last."""
    if typed := clean(request.args.get("try", ""))[:200]:
        return [(typed, rules.mark(Facts(typed, ddc="895.9223", class_mark="V23", author=typed)))]
    latest = select(Item.record_id).where(Item.library_id == library.id).order_by(Item.id.desc()).limit(100)
    query = select(Record).where(Record.id.in_(latest))
    records = db.session.scalars(query.order_by(Record.part_number.is_(None), Record.id.desc()).limit(SHOWN))
    return [(record.full_title, rules.mark(spines.facts_of(record, "TN.00627"))) for record in records]


def _page(told: Mapping[str, Any] | None = None, complaints: Mapping[str, Reason] | None = None) -> str:
    library = _library()
    rules = _asked_rules(library)
    chosen = [*rules.parts, *[""] * LINES][:LINES]
    return render_template(
        "cataloguing/spines.html", chosen=chosen, parts=[("", ""), *((part, _(name)) for part, name in PARTS.items())],
        samples=_samples(library, rules), table=rules.table, shipped=call_numbers.shipped(), told=told or {},
        complaints=complaints or {}, tried=request.args.get("try", ""),
    )  # fmt: skip
