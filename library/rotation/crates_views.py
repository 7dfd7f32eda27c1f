"""Crates of a batch: their labels, what is in one, sealing, opening."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.labels import plates
from library.labels.answers import drawn, pdf
from library.labels.plates import PlateText
from library.loans import posting
from library.rotation import crates, legs, paper_lines, picking, picking_words, scopes
from library.rotation.models import Batch
from library.rotation.picking_pages import Small, bp, crate_in_hand, doing_there

WEIGHT = N_("Cân nặng ghi bằng ki-lô-gam, như 12,4.")


@bp.post("/rotation/batches/<uuid:uid>/crates", endpoint="add_crates")
@needs(Permission.ROTATION_HANDLE)
def add_crates(uid: UUID) -> Any:
    """So many (`count`) empty crates, whose labels are printed before anything is in them."""
    scopes.own_batch_here(db.session(), uid)
    small = Small.read()
    reader = Reader(small.told)
    count = reader.number("count", 1, crates.MOST) or 1
    reader.done()

    def work() -> dict[str, Any]:
        session = db.session()
        batch = scopes.own_batch_here(session, uid)
        crates.new_many(session, doing_there(session, small.posted, batch), batch, count)
        return {"do": _("Đã thêm %(count)s thùng. In nhãn rồi dán lên thùng.", count=count)}

    back = url_for("rotation_pick.show", uid=uid)
    return posting.answer_aloud(small.posted, {"crates": str(uid), "count": count}, work, lambda _done: back)


@bp.get("/rotation/batches/<uuid:uid>/crates.pdf", endpoint="labels")
@needs(Permission.ROTATION_HANDLE)
def labels(uid: UUID) -> Any:
    """The labels of all crates, eight on a sheet; of one with `number`."""
    session = db.session()
    batch = scopes.own_batch_here(session, uid)
    number = request.args.get("number", type=int)
    wanted = [load for load in crates.loads(session, batch.id) if number in (None, load.crate.number)]
    texts = [
        PlateText(load.code, f"Đợt {batch.code}", f"Thùng {load.crate.number}", batch.library.name) for load in wanted
    ]
    return pdf(drawn(lambda: plates.plate_sheets(texts)), f"thung-{batch.code}")


@bp.get("/rotation/crates/<uuid:uid>", endpoint="crate")
@needs(Permission.ROTATION_SEE)
def show_crate(uid: UUID) -> Any:
    """What is in it now, or was when it set out; its seal."""
    return _page(uid)


def _page(uid: UUID, told: posting.Source | None = None, wrong: dict[str, Reason] | None = None) -> str:
    session = db.session()
    crate = scopes.crate_here(session, uid)
    batch = session.get_one(Batch, crate.batch_id)
    way = legs.of(session, batch.id)
    now = legs.current(way)
    lines = paper_lines.in_crate(session, crate.id)
    return render_template(
        "rotation/crate.html", crate=crate, batch=batch, load=crates.load(session, crate), lines=lines, told=told or {},
        complaints=wrong or {}, sent=now is not None, seals=batch.state in crates.SEALS,
        kilograms=picking_words.kilograms,
    )  # fmt: skip


@bp.post("/rotation/crates/<uuid:uid>/seal", endpoint="seal")
@needs(Permission.ROTATION_HANDLE)
def seal(uid: UUID) -> Any:
    """Closed, with the number of its seal and what scales showed (`kilograms`), if anybody says."""
    crate_in_hand(db.session(), uid)
    small = Small.read()
    reader = Reader(small.told)
    number = reader.text("seal", False, 30) or None
    grams = _grams(reader)
    try:
        reader.done()
    except Invalid as wrong:
        return _page(uid, small.told, wrong.fields), 422

    def work() -> dict[str, Any]:
        session = db.session()
        crate, batch = crate_in_hand(session, uid)
        count = crates.seal(session, doing_there(session, small.posted, batch), crate, number, grams)
        return {"do": _("Đã niêm phong thùng %(number)s: %(count)s cuốn.", number=crate.number, count=count)}

    back = _back(uid)
    return posting.answer_aloud(
        small.posted, {"seal": str(uid), "as": number, "grams": grams}, work, lambda _done: back
    )


def _grams(reader: Reader) -> int | None:
    """12,4 kilograms as people write them."""
    text = reader.text("kilograms", False, 8).replace(",", ".")
    try:
        grams = round(float(text) * 1000) if text else None
    except (ValueError, OverflowError):  # "nan", "1e999"
        grams = 0
    if grams is not None and not 100 <= grams <= 80_000:
        reader.complain("kilograms", "number", WEIGHT)
        return None
    return grams


@bp.post("/rotation/crates/<uuid:uid>/unseal", endpoint="unseal")
@needs(Permission.ROTATION_HANDLE)
def unseal(uid: UUID) -> Any:
    crate_in_hand(db.session(), uid)
    small = Small.read()

    def work() -> dict[str, Any]:
        session = db.session()
        crate, batch = crate_in_hand(session, uid)
        crates.unseal(session, doing_there(session, small.posted, batch), crate)
        audit.note(current_user.uid, "open-crate", "crate", crate.uid, batch.library_id)
        return {"do": _("Đã mở niêm phong thùng %(number)s.", number=crate.number)}

    back = _back(uid)
    return posting.answer_aloud(small.posted, {"unseal": str(uid)}, work, lambda _done: back)


def _back(uid: UUID) -> str:
    """To the scan line while the batch is picked, else to the crate."""
    _, batch = crate_in_hand(db.session(), uid)
    if batch.state in picking.OPEN:
        return url_for("rotation_pick.show", uid=batch.uid)
    return url_for("rotation_pick.crate", uid=uid)
