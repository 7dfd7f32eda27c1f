"""Labels on paper. A sheet is drawn before anything is written: drawing takes seconds, writing must not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, session
from flask_login import current_user
from sqlalchemy import ColumnElement

from library import audit
from library.access import Permission, Scope, here, needs, reads_first
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import Invalid, NotFound, Reason
from library.labels import calibration, card_views, queue, runs, sheet, sign_views, stock, stock_views, zpl
from library.labels.answers import as_uuid, bp, file, pdf
from library.labels.barcodes import UnprintableBarcode
from library.labels.face import LabelText
from library.labels.forms import Setup
from library.labels.models import Why
from library.labels.stock import Stock

PARTS = (card_views, sign_views, stock_views)
"""Modules whose pages stand on the same blueprint."""
KEPT = "labels"
SCREEN_DPI = 192
LOGGED = 8
"""Printings shown at a time."""


@bp.get("/labels", endpoint="queue")
@needs(Permission.PRINT_LABELS)
def show_queue() -> Any:
    had = _stock()
    return _page(had, _setup(had), {})


def _stock() -> Stock:
    return stock.stock(db.session(), current_user.library_id)


def _setup(had: Stock) -> Setup:
    """As last time, but for what the address says."""
    return Setup.remembered(had, session.get(KEPT, {}), request.args)


@dataclass(frozen=True)
class Chosen:
    """What is looked at: the whole queue, copies of one title, or those of an earlier run."""

    condition: ColumnElement[bool]
    title: Record | None = None
    run: UUID | None = None

    @property
    def picked(self) -> bool:
        """Whether copies are ticked one by one."""
        return bool(self.title or self.run)


def _chosen(scope: Scope) -> Chosen:
    """NotFound for a title of another network."""
    if text := request.values.get("title"):
        found = queue.title(db.session(), as_uuid(text), scope)
        if found is None:
            raise NotFound
        return Chosen(queue.wanted(f"title:{found.uid}", {}, (), scope), found)
    if text := request.values.get("run"):
        return Chosen(queue.wanted(f"again:{text}", {}, (), scope), run=as_uuid(text))
    return Chosen(queue.wanted("waiting", {}, (), scope))


def _page(
    had: Stock,
    setup: Setup,
    complaints: Mapping[str, Reason],
    told: Mapping[str, Any] | None = None,
    trouble: Reason | None = None,
    unfit: queue.Unfit | None = None,
) -> str:
    """The queue, or copies to be ticked; `trouble`: why nothing came out; `unfit`: which copies were in the way."""
    rows, scope = db.session(), here()
    chosen = _chosen(scope)
    total, first = queue.count(rows, chosen.condition), _first(chosen.condition, setup)
    why = {one: words for one, words in runs.WHY_WORDS.items() if one != Why.NEW}
    return render_template(
        "labels/queue.html", setup=setup, told={**setup.told(), **(told or {})}, complaints=complaints, had=had,
        total=total, now=min(total, queue.MOST), first=first, title=chosen.title, run=chosen.run, picked=chosen.picked,
        trouble=trouble or queue.trouble(first, setup.paper, setup.template), why=why,
        copies=queue.of_title(rows, chosen.condition) if chosen.picked else (), why_words=runs.WHY_WORDS,
        batches=() if chosen.picked else queue.waiting(rows, scope),
        unfit=unfit, what=request.form.get("what", ""), ticked=request.form.getlist("item"),
        log=() if chosen.picked else runs.printed(rows, scope, LOGGED, _before()), logged=LOGGED,
    )  # fmt: skip


def _before() -> datetime | None:
    """Where the log goes on, if older printings are asked for."""
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _first(condition: ColumnElement[bool], setup: Setup) -> LabelText:
    """The label the preview shows: the first that would be printed, else a sample."""
    found = queue.copies(db.session(), condition, setup.template, most=1)
    return next(iter(found.values()), queue.sample(current_user.library_name))


@bp.post("/labels", endpoint="print")
@needs(Permission.PRINT_LABELS)
@reads_first
def print_labels() -> Any:
    """The sheet as a PDF, or a job for a label printer (`as` is zpl); its copies count as labelled from now on."""
    had = _stock()
    try:
        setup = Setup.read(request.form, had)
    except Invalid as told:
        return _page(had, Setup.remembered(had, session.get(KEPT, {})), told.fields, request.form), 422
    usual = "items" if request.form.keys() & {"title", "run"} else "waiting"
    what, scope = request.form.get("what", usual), here()
    condition = queue.wanted(what, request.form, request.form.getlist("item"), scope)
    found = queue.copies(db.session(), condition, setup.template)
    if not found:
        return _page(had, setup, {}, request.form, trouble=queue.NOTHING), 422
    try:
        answer = _drawn(setup, list(found.values()))
    except UnprintableBarcode as error:
        unfit = queue.unfit(found, setup.paper, setup.template)
        if "fitting" not in request.form or not unfit.others:
            return _page(had, setup, {}, request.form, trouble=error.reason, unfit=unfit), 422
        found = {item: label for item, label in found.items() if item not in unfit.items}
        answer = _drawn(setup, list(found.values()))
    why = runs.why(db.session(), list(found), setup.why)
    _write(setup, found, why)
    return answer


def _drawn(setup: Setup, labels: list[LabelText]) -> Response:
    if request.form.get("as") == "zpl" and setup.paper.roll:
        job = zpl.zpl(labels, setup.paper, setup.template, setup.printer.dpi, setup.offset, setup.skip)
        return file(job.encode(), "text/plain; charset=utf-8", "nhan-sach.zpl")
    return pdf(sheet.label_sheets(labels, setup.paper, setup.skip, setup.template, setup.offset), "nhan-sach")


def _write(setup: Setup, found: Mapping[int, LabelText], why: Why) -> None:
    """The log, the codes that now stand on the copies, the printer's next free cell. The browser keeps what was chosen."""
    actor, library_id, at, rows = current_user.uid, current_user.library_id, clock.now(), db.session()
    doing = runs.Doing(actor, library_id, why, setup.paper.code, setup.template.name, setup.cells(len(found)))
    for_writing()
    runs.write(rows, doing, list(found), at)
    if further := queue.further(found, setup.template):
        runs.stick(rows, further, at)
    code = stock.remember(rows, library_id, setup.printer, setup.paper.code, setup.after(len(found)))
    audit.note(actor, "print-labels", "items", len(found), library_id)
    rows.commit()
    session[KEPT] = {**setup.kept(), "printer": code}


@bp.get("/labels/preview.png", endpoint="preview")
@needs(Permission.PRINT_LABELS)
def preview() -> Any:
    """The first label as it will be, on the paper named."""
    setup = _setup(_stock())
    return _picture(_first(_chosen(here()).condition, setup), setup)


def _picture(label: LabelText, setup: Setup) -> Response:
    try:
        picture = sheet.png(label, setup.paper, SCREEN_DPI, setup.template)
    except UnprintableBarcode:
        raise NotFound from None
    return Response(picture, mimetype="image/png")


@bp.get("/labels/copies/<uuid:uid>.png", endpoint="copy")
@needs(Permission.PRINT_LABELS)
def show_copy(uid: UUID) -> Any:
    """One copy's label, for the copy's own page. `kind` and `paper` as on the page of labels."""
    setup = _setup(_stock())
    found = queue.copies(db.session(), queue.wanted("items", {}, [str(uid)], here()), setup.template, most=1)
    if not found:
        raise NotFound
    return _picture(next(iter(found.values())), setup)


@bp.get("/labels/calibration.pdf", endpoint="calibration")
@needs(Permission.PRINT_LABELS)
def calibrate() -> Any:
    setup = _setup(_stock())
    return pdf(calibration.calibration_page(setup.paper, setup.offset), "chinh-may-in")
