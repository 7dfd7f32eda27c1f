"""Pages on what the library knows of a reader: consents, looks, taking it along, being forgotten; and on how long it remembers."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.organisations.models import Organisation
from library.patrons import asked, queries
from library.patrons.models import Membership, PatronGroup
from library.patrons.panels import PANELS, Panel
from library.privacy import consenting, figures, forgetting, looks, own_data
from library.privacy.consenting import PURPOSES, RELATIONS, Said
from library.privacy.forgetting import Months
from library.privacy.models import Purpose, Relation

bp = Blueprint("privacy", __name__)
bp.after_app_request(looks.note)
WHO_SIGNED = N_("Ghi họ tên người ký.")
NOT_YET = N_("Ngày này chưa tới.")
ASK_THE_CHILD = N_("Em từ 7 tuổi trở lên: hỏi cả em, em đồng ý thì đánh dấu.")


def _reader(uid: UUID, lock: bool = False) -> Membership:
    return queries.by_uid(db.session(), uid, here(), lock)


def _back(reader: Membership) -> Response:
    return redirect(url_for("privacy.page", uid=reader.uid), 303)  # type: ignore[return-value]


@bp.get("/people/<uuid:uid>/data")
@needs(Permission.SEE_PATRONS)
def page(uid: UUID) -> Any:
    return _page(_reader(uid), {}, {})


def _page(reader: Membership, told: Any, complaints: Any) -> str:
    session = db.session()
    keeps = consenting.agrees(session, reader, Purpose.HISTORY)
    return render_template(
        "privacy/reader.html", reader=reader, consents=consenting.of(session, reader), told=told, complaints=complaints,
        purposes=PURPOSES, relations=RELATIONS, months=forgetting.months_of(session, reader.library_id),
        looks=looks.of(session, reader), read=own_data.read(session, reader) if keeps else None, allowed=_may(reader),
        is_pupil=reader.category.group is PatronGroup.PUPIL, reasons=_against(session, reader), local=clock.HERE,
    )  # fmt: skip


def _may(reader: Membership) -> dict[str, bool]:
    """What the asker may do with this reader."""
    rights = {"edit": Permission.EDIT_PATRON, "take": Permission.EXPORT_PATRONS}
    return {name: access.scope(one).holds_library(reader.library_id) for name, one in rights.items()}


def _against(session: Session, reader: Membership) -> tuple[Reason, ...]:
    """Why this reader cannot be forgotten yet."""
    try:
        forgetting.free(session, [reader.person_id])
    except forgetting.StillHolds as holds:
        return holds.reasons
    return ()


# Consents


@bp.post("/people/<uuid:uid>/consents")
@needs(Permission.EDIT_PATRON)
def agree(uid: UUID) -> Any:
    session, reader = db.session(), _reader(uid, lock=True)
    try:
        said = _said(reader)
    except Invalid as wrong:
        return _page(reader, request.form, wrong.fields), 422
    made = consenting.give(session, reader, said, current_user.uid)
    audit.note(current_user.uid, "write-consent", "consent", made.uid, reader.library_id)
    session.commit()
    flash(_("Đã ghi sự đồng ý."), "success")
    return _back(reader)


def _said(reader: Membership) -> Said:
    """Raises Invalid."""
    form = Reader(request.form)
    purpose = form.choice("purpose", {one.value: one for one in Purpose})
    relation = form.choice("relation", {one.value: one for one in Relation})
    given_by, evidence = form.text("given_by", required=False, longest=100), form.text("evidence", longest=200)
    given_on, child = form.day("given_on"), form.ticked("child_agrees")
    if relation and relation is not Relation.SELF and not given_by:
        form.complain("given_by", "who", WHO_SIGNED)
    if given_on and given_on > clock.today():
        form.complain("given_on", "day", NOT_YET)
    if (
        relation
        and relation is not Relation.SELF
        and not child
        and consenting.is_asked(reader.person.born_on, clock.today())
    ):
        form.complain("child_agrees", "child", ASK_THE_CHILD)
    form.done()
    assert purpose and relation and given_on
    return Said(purpose, relation, given_by, child or relation is Relation.SELF, evidence, given_on)


@bp.post("/people/<uuid:uid>/consents/<uuid:consent>/withdraw")
@needs(Permission.EDIT_PATRON)
def withdraw(uid: UUID, consent: UUID) -> Any:
    session, reader = db.session(), _reader(uid, lock=True)
    found = consenting.withdraw(session, reader, consent)
    audit.note(current_user.uid, "withdraw-consent", "consent", found.uid, reader.library_id)
    session.commit()
    flash(_("Đã rút lại. Từ nay máy không làm việc ấy nữa."), "success")
    return _back(reader)


# Taking along, being forgotten


@bp.post("/people/<uuid:uid>/data/take", endpoint="take")
@needs(Permission.EXPORT_PATRONS)
def take(uid: UUID) -> Any:
    session, reader = db.session(), _reader(uid)
    told = json.dumps(own_data.of(session, reader), ensure_ascii=False, indent=1)
    audit.note(current_user.uid, "take-data", "membership", reader.uid, reader.library_id)
    session.commit()
    name = f"du-lieu-ban-doc-{reader.uid}.json"
    heads = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(told + "\n", mimetype="application/json", headers=heads)


@bp.post("/people/<uuid:uid>/forget", endpoint="forget")
@needs(Permission.EDIT_PATRON)
def forget(uid: UUID) -> Any:
    session, reader = db.session(), _reader(uid, lock=True)
    if not Reader(request.form).ticked("sure"):
        complaint = Reason("sure", N_("Đánh dấu vào ô xác nhận rồi bấm lại: việc này không hoàn tác được."))
        return _page(reader, {}, {"sure": complaint}), 422
    forgetting.free(session, [reader.person_id])
    library = reader.library_id
    forgetting.forget_people(session, [reader.person_id])
    audit.note(current_user.uid, "forget-reader", "membership", uid, library)
    session.commit()
    flash(_("Đã xóa tên và mọi điều nhận ra được bạn đọc. Số liệu của thư viện giữ nguyên."), "success")
    return redirect(url_for("patrons.people"), 303)


# How long a library remembers


@bp.get("/settings/privacy", endpoint="memory")
@needs(Permission.RULES)
def show_memory() -> Any:
    library = asked.library()
    months = forgetting.months_of(db.session(), library.id)
    return _memory_page(library, {"loans": months.loans, "leavers": months.leavers}, {})


def _memory_page(library: Organisation, told: Any, complaints: Any) -> str:
    return render_template(
        "privacy/memory.html", library=library, lib=asked.slug_of(library), told=told, complaints=complaints
    )


@bp.post("/settings/privacy", endpoint="remember")
@needs(Permission.RULES)
def remember() -> Any:
    session, library, form = db.session(), asked.library(), Reader(request.form)
    loans, leavers = form.number("loans", 0, 120), form.number("leavers", 1, 120)
    try:
        form.done()
    except Invalid as wrong:
        return _memory_page(library, request.form, wrong.fields), 422
    forgetting.remember_for(session, library.id, Months(loans or 0, leavers or 1))
    audit.note(current_user.uid, "change-memory", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã lưu."), "success")
    return redirect(url_for("privacy.memory", lib=asked.slug_of(library)), 303)


# Figures


@bp.get("/people/figures", endpoint="figures")
@needs(Permission.STATISTICS)
def show_figures() -> Any:
    session = db.session()
    among = queries.libraries(session, here())
    wanted = request.args.get("lib")
    chosen = None if wanted == "*" or not among else queries.chosen(among, wanted, current_user.library_id)
    libraries = {chosen.id} if chosen else {one.id for one in among}
    sees = access.scope(Permission.SEE_PATRONS)
    whole = sees.classes is None and all(map(sees.holds_library, libraries))
    lines = figures.readers(session, libraries, whole)
    return render_template("privacy/figures.html", among=among, chosen=chosen, lines=lines, whole=whole)


def panel(session: Session, membership: Membership) -> Panel:
    """On the reader's page: the way to what is known of them."""
    held = [one for one in consenting.of(session, membership) if one.withdrawn_on is None]
    return "privacy/_panel.html", {"uid": membership.uid, "consents": [PURPOSES[one.purpose] for one in held]}


PANELS["privacy"] = panel
