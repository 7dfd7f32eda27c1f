"""A library's own label templates, tried while they are typed; its own paper; its printers."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.labels import forms, queue, sheet, stock, zpl
from library.labels.answers import bp
from library.labels.barcodes import UnprintableBarcode
from library.labels.face import LabelText
from library.labels.models import LabelPaper, LabelPrinter, LabelTemplate
from library.labels.paper import Paper
from library.labels.stock import Printer, Stock
from library.labels.templates import (
    MOST_LINES,
    PART_WORDS,
    PAYLOAD_WORDS,
    SHIPPED,
    SYMBOLOGY_WORDS,
    Payload,
    Template,
    narrower,
)

TAKEN = Reason("name-taken", N_("Tên này đã có."))
PREVIEW_DPI = 203
Told = Mapping[str, Any]
Complaints = Mapping[str, Reason]


def _library() -> int:
    return here().library(current_user.library_id)


def _done(words: str, anchor: str) -> Any:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for(".stock", _anchor=anchor), 303)


@bp.get("/settings/labels", endpoint="stock")
@needs(Permission.RULES)
def show_stock() -> Any:
    return _page(_library(), {}, {})


def _page(library_id: int, told: Told, complaints: Complaints, section: str = "") -> str:
    """`section` is the form that was sent and comes back: paper or printer."""
    had = stock.stock(db.session(), library_id)
    return render_template(
        "labels/stock.html", templates=_own(had, had.templates), papers=_own(had, had.papers), shipped=SHIPPED.values(),
        printers=[one for one in had.printers.values() if one.code], told=told, complaints=complaints, section=section,
        said=forms.said,
    )  # fmt: skip


def _own(had: Stock, things: Mapping[str, Any]) -> list[Any]:
    """Those that do not come with the program; a paper's code begins with own-."""
    shipped = (*SHIPPED, *(code for code in had.papers if not code.startswith("own-")))
    return [one for code, one in things.items() if code not in shipped]


# Templates


@dataclass(frozen=True)
class Seen:
    """What the preview shows: a picture as base64 or why there is none, and whether eight digits would fit."""

    picture: str = ""
    trouble: Reason | None = None
    narrower: bool = False


def _seen(template: Template, paper: Paper) -> Seen:
    """The next label that would be printed, or a sample, on the paper chosen."""
    waiting = queue.unlabelled(here())
    found = queue.copies(db.session(), waiting, template, most=1)
    label = next(iter(found.values()), queue.sample(current_user.library_name))
    try:
        picture = sheet.png(label, paper, PREVIEW_DPI, template)
    except UnprintableBarcode as error:
        return Seen(trouble=error.reason, narrower=_fits_shorter(template, paper))
    return Seen(base64.b64encode(picture).decode())


def _fits_shorter(template: Template, paper: Paper) -> bool:
    sample = queue.sample(current_user.library_name)
    shorter = LabelText("20000018", sample.accession, sample.title, sample.library)
    return template.payload != Payload.SHORT and queue.trouble(shorter, paper, narrower(template)) is None


@bp.get("/settings/labels/templates/preview", endpoint="template_preview")
@needs(Permission.RULES)
def preview_template() -> Any:
    """A piece of the page: the label as its form stands now, mistakes told instead."""
    had = stock.stock(db.session(), _library())
    try:
        template = forms.read_template({**request.args.to_dict(), "name": request.args.get("name") or "?"})
    except Invalid as told:
        return render_template("labels/_seen.html", seen=Seen(trouble=next(iter(told.fields.values()))))
    return render_template("labels/_seen.html", seen=_seen(template, _paper(had)))


def _paper(had: Stock) -> Paper:
    """The one asked for, else that of the last sheet."""
    code = request.values.get("on") or session.get("labels", {}).get("paper", "")
    return had.papers.get(code) or next(iter(had.papers.values()))


@bp.get("/settings/labels/templates/new", endpoint="new_template")
@needs(Permission.RULES)
def new_template() -> Any:
    """Begins as one of those that come with the program (`like`)."""
    shipped = SHIPPED.get(request.args.get("like", ""), SHIPPED["barcode"])
    return _form(_library(), {**forms.template_fields(shipped), "name": ""}, {}, shipped)


@bp.get("/settings/labels/templates/<uuid:uid>", endpoint="template")
@needs(Permission.RULES)
def show_template(uid: UUID) -> Any:
    library_id = _library()
    template = stock.template_of(stock.own(db.session(), LabelTemplate, library_id, uid))
    return _form(library_id, forms.template_fields(template), {}, template, uid)


def _form(library_id: int, told: Told, complaints: Complaints, template: Template, uid: UUID | None = None) -> str:
    had = stock.stock(db.session(), library_id)
    paper = _paper(had)
    return render_template(
        "labels/template.html", told=told, complaints=complaints, uid=uid, seen=_seen(template, paper), paper=paper,
        papers=[(one.code, one.name) for one in had.papers.values()], places=range(MOST_LINES),
        parts=[("", "–"), *((part.value, _(words)) for part, words in PART_WORDS.items())],
        symbologies=[(one.value, _(words)) for one, words in SYMBOLOGY_WORDS.items()],
        payloads=[(one.value, _(words)) for one, words in PAYLOAD_WORDS.items()],
    )  # fmt: skip


@bp.post("/settings/labels/templates", endpoint="add_template")
@needs(Permission.RULES)
def add_template() -> Any:
    return _save(None)


@bp.post("/settings/labels/templates/<uuid:uid>", endpoint="save_template")
@needs(Permission.RULES)
def save_template(uid: UUID) -> Any:
    return _save(uid)


def _save(uid: UUID | None) -> Any:
    rows, library_id = db.session(), _library()
    row = stock.own(rows, LabelTemplate, library_id, uid) if uid else LabelTemplate()
    try:
        template = forms.read_template(request.form)
        _free(LabelTemplate, library_id, template.name, uid)
    except Invalid as told:
        begun = stock.template_of(row) if uid else SHIPPED["barcode"]
        return _form(library_id, dict(request.form), told.fields, begun, uid), 422
    if not uid:
        stock.add(rows, library_id, row)
    stock.put_template(rows, row, template)
    audit.note(current_user.uid, "change-label-template", "label-template", row.uid, library_id)
    return _done(_("Đã lưu mẫu nhãn “%(name)s”.", name=template.name), "templates")


def _free(model: type[stock.Own], library_id: int, name: str, uid: UUID | None) -> None:
    """Raises Invalid when another one of the library is called so."""
    found = stock.named(db.session(), model, library_id, name)
    if found is not None and found.uid != uid:
        raise Invalid({"name": TAKEN})


def _drop(model: type[stock.Own], uid: UUID, kind: str) -> str:
    """The library's own one goes; its name. Raises NotFound."""
    library_id = _library()
    row = stock.own(db.session(), model, library_id, uid)
    name = row.name
    db.session.delete(row)
    audit.note(current_user.uid, f"delete-{kind}", kind, uid, library_id)
    return name


@bp.post("/settings/labels/templates/<uuid:uid>/delete", endpoint="delete_template")
@needs(Permission.RULES)
def delete_template(uid: UUID) -> Any:
    """What was printed by it stays in the log under its name."""
    return _done(_("Đã bỏ mẫu nhãn “%(name)s”.", name=_drop(LabelTemplate, uid, "label-template")), "templates")


# Paper and printers


@bp.post("/settings/labels/papers", endpoint="add_paper")
@needs(Permission.RULES)
def add_paper() -> Any:
    library_id = _library()
    try:
        name, paper = forms.read_paper(request.form)
        _free(LabelPaper, library_id, name, None)
    except Invalid as told:
        return _page(library_id, request.form, told.fields, "paper"), 422
    row = LabelPaper(name=name, **forms.measures(paper))
    stock.add(db.session(), library_id, row)
    audit.note(current_user.uid, "add-label-paper", "label-paper", row.uid, library_id)
    return _done(_("Đã thêm cỡ giấy “%(name)s”. In tờ chỉnh máy in để ướm thử.", name=name), "papers")


@bp.post("/settings/labels/papers/<uuid:uid>/delete", endpoint="delete_paper")
@needs(Permission.RULES)
def delete_paper(uid: UUID) -> Any:
    return _done(_("Đã bỏ cỡ giấy “%(name)s”.", name=_drop(LabelPaper, uid, "label-paper")), "papers")


@bp.post("/settings/labels/printers", endpoint="add_printer")
@needs(Permission.RULES)
def add_printer() -> Any:
    library_id, reader = _library(), Reader(request.form)
    name = reader.text("name", longest=60)
    dpi = reader.choice("dpi", {str(dots): dots for dots in zpl.DOTS}, required=False) or Printer().dpi
    try:
        reader.done()
        _free(LabelPrinter, library_id, name, None)
    except Invalid as told:
        return _page(library_id, request.form, told.fields, "printer"), 422
    row = LabelPrinter(name=name, dpi=dpi, starts={})
    stock.add(db.session(), library_id, row)
    audit.note(current_user.uid, "add-label-printer", "label-printer", row.uid, library_id)
    return _done(_("Đã thêm máy in “%(name)s”. Chỉnh lệch ở trang In nhãn.", name=name), "printers")


@bp.post("/settings/labels/printers/<uuid:uid>/delete", endpoint="delete_printer")
@needs(Permission.RULES)
def delete_printer(uid: UUID) -> Any:
    return _done(_("Đã bỏ máy in “%(name)s”.", name=_drop(LabelPrinter, uid, "label-printer")), "printers")
