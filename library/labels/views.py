"""Labels and cards on paper. A sheet is drawn before anything is written: drawing takes seconds, writing must not."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, session
from flask_login import current_user
from sqlalchemy import ColumnElement

from library import access, audit
from library.access import Permission, Scope, here, needs, reads_first
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.labels import calibration, cards, queue, readers, sheet
from library.labels.barcodes import UnprintableBarcode
from library.labels.face import LabelText
from library.labels.forms import Setup
from library.labels.paper import papers

bp = Blueprint("labels", __name__)
KEPT = "labels"
SCREEN_DPI = 192


class NoCards(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-cards", N_("Chưa chọn ai, hoặc những người đã chọn chưa có thẻ.")))


def _pdf(content: bytes, name: str) -> Response:
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'}
    )


class TooWide(Refused):
    """A number on a card that no card has room for: one that came from elsewhere."""

    status = 422


def _drawn(draw: Callable[[], bytes]) -> bytes:
    try:
        return draw()
    except UnprintableBarcode as error:
        raise TooWide(error.reason) from error


# Copies


@bp.get("/labels", endpoint="queue")
@needs(Permission.PRINT_LABELS)
def show_queue() -> Any:
    return _page(_setup(), {})


def _setup() -> Setup:
    """As last time, but for what the address says; another paper begins at its first cell."""
    kept = session.get(KEPT, {})
    other = request.args.get("paper", kept.get("paper")) != kept.get("paper")
    return Setup.remembered({**kept, "start": "1"} if other else kept, request.args)


def _page(
    setup: Setup, complaints: Mapping[str, Reason], told: Mapping[str, Any] | None = None, trouble: Reason | None = None
) -> str:
    """The queue, or the copies of one title; `trouble`: why nothing came out."""
    rows, scope, title = db.session(), here(), _title()
    condition = _waiting(scope, title)
    total, first = queue.count(rows, condition), _first(condition)
    return render_template(
        "labels/queue.html", setup=setup, told={**setup.kept(), **(told or {})}, complaints=complaints, papers=papers(),
        total=total, now=min(total, queue.MOST), first=first, title=title,
        trouble=trouble or queue.trouble(first, setup.paper, setup.kind),
        copies=queue.of_title(rows, condition) if title else (),
        batches=() if title else queue.waiting(rows, scope), log=() if title else queue.printed(rows, scope),
    )  # fmt: skip


def _title() -> Record | None:
    """The title whose copies are to be chosen from, if one is named; NotFound for one of another network."""
    text = request.values.get("title")
    if not text:
        return None
    found = queue.title(db.session(), _uuid(text), here())
    if found is None:
        raise NotFound
    return found


def _waiting(scope: Scope, title: Record | None) -> ColumnElement[bool]:
    return queue.wanted(f"title:{title.uid}" if title else "waiting", {}, (), scope)


def _first(condition: ColumnElement[bool]) -> LabelText:
    """The label the preview shows: the first that would be printed, else a sample."""
    found = queue.copies(db.session(), condition, most=1)
    return next(iter(found.values()), queue.sample(current_user.library_name))


@bp.post("/labels", endpoint="print")
@needs(Permission.PRINT_LABELS)
@reads_first
def print_labels() -> Any:
    """The sheet as a PDF; the copies on it count as labelled from now on."""
    try:
        setup = Setup.read(request.form)
    except Invalid as told:
        return _page(Setup.remembered(session.get(KEPT, {})), told.fields, request.form), 422
    what, scope = request.form.get("what", "waiting"), here()
    found = queue.copies(db.session(), queue.wanted(what, request.form, request.form.getlist("item"), scope))
    if not found:
        return _page(setup, {}, request.form, trouble=queue.NOTHING), 422
    try:
        content = sheet.label_sheets(list(found.values()), setup.paper, setup.skip, setup.kind, setup.offset)
    except UnprintableBarcode as error:
        return _page(setup, {}, request.form, trouble=error.reason), 422
    if not what.startswith("again:"):
        _mark(list(found))
    session[KEPT] = setup.after(len(found)).kept()
    return _pdf(content, "nhan-sach")


def _mark(items: list[int]) -> None:
    actor, library_id = current_user.uid, current_user.library_id
    for_writing()
    queue.mark(db.session(), items, clock.now())
    audit.note(actor, "print-labels", "items", len(items), library_id)
    db.session.commit()


@bp.get("/labels/preview.png", endpoint="preview")
@needs(Permission.PRINT_LABELS)
def preview() -> Any:
    """The first label as it will be, on the paper named."""
    setup = _setup()
    label = _first(_waiting(here(), _title()))
    if queue.trouble(label, setup.paper, setup.kind):
        raise NotFound
    return Response(sheet.png(label, setup.paper, SCREEN_DPI, setup.kind), mimetype="image/png")


@bp.get("/labels/calibration.pdf", endpoint="calibration")
@needs(Permission.PRINT_LABELS)
def calibrate() -> Any:
    setup = _setup()
    return _pdf(calibration.calibration_page(setup.paper, setup.offset), "chinh-may-in")


# Readers


def _may_print(scope: Scope) -> Scope:
    """Cards show whole names: who prints them may see readers *and* print, at the same library."""
    printing = access.scope(Permission.PRINT_LABELS)
    libraries = scope.libraries & printing.libraries
    return Scope(libraries, scope.branches & printing.branches, scope.classes, networks=scope.networks)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@bp.get("/labels/cards.pdf", endpoint="cards")
@needs(Permission.SEE_PATRONS)
def print_cards() -> Any:
    """Cards of the readers named (`reader`, any number), or of a whole class (`class`); `start`: the first free place."""
    class_uid = request.args.get("class")
    chosen = readers.wanted(
        [_uuid(one) for one in request.args.getlist("reader")], _uuid(class_uid) if class_uid else None
    )
    found = readers.cards(db.session(), chosen, _may_print(here()))
    if not found:
        raise NoCards
    start = request.args.get("start", "1")
    skip = int(start) - 1 if start in map(str, range(1, cards.CARDS.per_page + 1)) else 0
    return _pdf(_drawn(lambda: cards.card_sheets(found, skip)), "the-ban-doc")


@bp.get("/labels/classes/<uuid:class_uid>.pdf", endpoint="class_sheet")
@needs(Permission.SEE_PATRONS)
def print_class_sheet(class_uid: UUID) -> Any:
    """For the desk: everybody of a class with their barcode, for forgotten cards."""
    scope = _may_print(here())
    one = readers.class_named(db.session(), class_uid, scope)
    found = readers.cards(db.session(), readers.wanted((), class_uid), scope)
    return _pdf(_drawn(lambda: cards.class_sheet(readers.class_words(one.name), found)), "ma-vach-lop")
