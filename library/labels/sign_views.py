"""Codes for shelves, classes, crates, stops, and cards for the staff."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.core.forms import Reader
from library.labels import cards, plates, signs
from library.labels.answers import bp, drawn, pdf
from library.labels.cards import CardText
from library.labels.plates import PlateText
from library.labels.signs import Thing
from library.organisations.models import CodeKind, Organisation

SECTIONS = {"shelf": CodeKind.SHELF, "class": CodeKind.CLASS, "named": CodeKind.CRATE, "staff": CodeKind.STAFF}


class NothingChosen(Refused):
    status = 422

    def __init__(self) -> None:
        super().__init__(Reason("nothing-chosen", N_("Chưa chọn mục nào để in.")))


def _library() -> Organisation:
    return db.session.get_one(Organisation, here().library(current_user.library_id))


def _sees_staff(library: Organisation) -> bool:
    return access.scope(Permission.ACCOUNTS).holds_library(library.id)


@bp.get("/labels/signs", endpoint="signs")
@needs(Permission.PRINT_LABELS)
def show_signs() -> Any:
    return _page(_library())


def _page(
    library: Organisation, told: dict[str, Any] | None = None, complaints: dict[str, Reason] | None = None
) -> str:
    rows = db.session()
    return render_template(
        "labels/signs.html", shelves=signs.shelves(rows, library.id), classes=signs.classes(rows, library.id),
        named=signs.named(rows, library.id), staff=signs.staff(rows, library.id) if _sees_staff(library) else (),
        told=told or {}, complaints=complaints or {}, kinds=[(one.value, signs.KIND_WORDS[one]) for one in signs.NAMED],
    )  # fmt: skip


@bp.post("/labels/signs", endpoint="add_signs")
@needs(Permission.PRINT_LABELS)
def add_signs() -> Any:
    """Crates or stops: a name, or so many of one name with numbers behind it."""
    library, reader = _library(), Reader(request.form)
    kind = reader.choice("kind", {one.value: one for one in signs.NAMED})
    name, count = reader.text("name", longest=60), reader.number("count", 1, 100, required=False) or 1
    try:
        reader.done()
    except Invalid as told:
        return _page(library, dict(request.form), told.fields), 422
    assert kind
    names = [f"{name} {number}" for number in range(1, count + 1)] if count > 1 else [name]
    signs.add_named(db.session(), library, kind, names, clock.now())
    audit.note(current_user.uid, "add-signs", kind.value, len(names), library.id)
    db.session.commit()
    flash(_("Đã thêm %(count)s mã. Chọn rồi in ở dưới.", count=len(names)), "success")
    return redirect(url_for(".signs", _anchor="named"), 303)


@bp.post("/labels/signs.pdf", endpoint="print_signs")
@needs(Permission.PRINT_LABELS)
def print_signs() -> Any:
    """The plates or cards of what was ticked (`thing`) in a `section`; what has no code yet gets one."""
    library, section = _library(), request.form.get("section", "")
    if section not in SECTIONS or (section == "staff" and not _sees_staff(library)):
        raise NotFound
    wanted = set(request.form.getlist("thing"))
    things = [one for one in _things(section, library.id) if one.key in wanted]
    if not things:
        raise NothingChosen
    coded = signs.with_codes(db.session(), library, SECTIONS[section], things, clock.now())
    name = library.name
    db.session.commit()
    if section == "staff":
        return pdf(drawn(lambda: cards.card_sheets(_cards(coded, name), paper=_paper())), "the-nhan-vien")
    return pdf(drawn(lambda: plates.plate_sheets(_plates(section, coded, name))), "ma-qr")


def _things(section: str, library_id: int) -> Sequence[Thing]:
    reads = {"shelf": signs.shelves, "class": signs.classes, "named": signs.named, "staff": signs.staff}
    return reads[section](db.session(), library_id)


def _paper() -> Any:
    return cards.PLASTIC if request.form.get("paper") == cards.PLASTIC.code else cards.CARDS


def _cards(things: Sequence[Thing], library: str) -> list[CardText]:
    return [CardText(one.payload or "", one.name, library, kind=one.kind) for one in things]


def _plates(section: str, things: Sequence[Thing], library: str) -> list[PlateText]:
    kind = signs.KIND_WORDS[CodeKind.CLASS]
    return [
        PlateText(one.payload or "", f"{kind} · {one.kind}" if section == "class" else one.kind, one.name, library)
        for one in things
    ]
