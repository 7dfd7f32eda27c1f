"""Counters at doors: which there are, and what they show."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason, Refused
from library.core.forms import Reader
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Branch
from library.promotion import gates, visits, visits_words
from library.promotion.gates import Shown
from library.promotion.visit_models import Gate, GateReading, Turn
from library.promotion.visits_scopes import branch_here

bp = Blueprint("gates", __name__)
MOST = 999_999_999_999
TURNS = {one.value: one for one in Turn}
SHOWN = 30


@bp.get("/visits/gates", endpoint="list")
@needs(Permission.VISITS)
def list_() -> Any:
    return _page(_branch(), {}, {})


def _branch() -> Branch:
    return branch_here(db.session(), uuid_or_none(request.values.get("at")), current_user.branch_id)


def _page(branch: Branch, told: Mapping[str, Any], complaints: Mapping[str, Reason], gate: Gate | None = None,
          refused: Any = ()) -> str:  # fmt: skip
    session = db.session()
    found = gates.gates(session, branch.id)
    query = select(GateReading).where(GateReading.gate_id.in_([one.id for one in found]))
    readings = session.scalars(query.order_by(GateReading.read_at.desc()).limit(SHOWN)).all()
    uids = select(Act.id, Act.uid).where(Act.id.in_([one.act_id for one in readings]))
    return render_template(
        "promotion/gates.html", branch=branch, gates=found, last=gates.last(session, [one.id for one in found]),
        readings=readings, acts={row.id: row.uid for row in session.execute(uids)},
        told=told, complaints=complaints, wrong=gate, refused=refused, words=visits_words,
        at=None if branch.id == current_user.branch_id else branch.uid, form_uid=clock.uuid7(),
    )  # fmt: skip


def _here(branch: Branch) -> str:
    return url_for("gates.list", at=None if branch.id == current_user.branch_id else branch.uid)


def _gate(uid: UUID) -> Gate:
    return or_not_found(
        db.session.scalar(select(Gate).where(Gate.uid == uid, access.here().of_branches(Gate.branch_id)))
    )


def _facts(reader: Reader) -> dict[str, Any]:
    digits = reader.number("digits", 3, 12, required=False)
    ways = reader.ticked("both_ways"), reader.ticked("covers")
    return {"name": reader.text("name", longest=80), "both_ways": ways[0], "covers": ways[1], "digits": digits}


@bp.post("/visits/gates", endpoint="make")
@needs(Permission.VISITS)
def make() -> Any:
    branch, reader = _branch(), Reader(request.form)
    facts = _facts(reader)
    if reader.complaints:
        return _page(branch, request.form, reader.complaints), 422
    try:
        made = gates.make(db.session(), branch.id, **facts)
    except Refused as refused:
        db.session.rollback()
        return _page(_branch(), request.form, {}, refused=refused.reasons), refused.status
    audit.note(current_user.uid, "make-gate", "gate", made.uid, branch.organisation_id)
    db.session.commit()
    flash(_("Đã thêm bộ đếm. Ghi số đang hiện để máy biết chỗ bắt đầu."), "success")
    return redirect(_here(branch), 303)


@bp.post("/visits/gates/<uuid:uid>", endpoint="change")
@needs(Permission.VISITS)
def change(uid: UUID) -> Any:
    """Its name and how it counts; from the next reading on."""
    gate, reader = _gate(uid), Reader(request.form)
    branch, facts = db.session.get_one(Branch, gate.branch_id), _facts(reader)
    reader.done()
    try:
        gates.change(db.session(), gate, facts)
    except Refused as refused:
        db.session.rollback()
        gate = _gate(uid)
        return _page(db.session.get_one(Branch, gate.branch_id), {}, {}, gate, refused.reasons), refused.status
    audit.note(current_user.uid, "change-gate", "gate", gate.uid, branch.organisation_id)
    db.session.commit()
    flash(_("Đã sửa bộ đếm. Lần ghi sau máy tính theo cách mới."), "success")
    return redirect(_here(branch), 303)


@bp.post("/visits/gates/<uuid:uid>/close", endpoint="close")
@needs(Permission.VISITS)
def close(uid: UUID) -> Any:
    """Not used any more; `open`: used again. What it counted stays."""
    gate = _gate(uid)
    branch = db.session.get_one(Branch, gate.branch_id)
    if request.form.get("open"):
        gates.use_again(db.session(), gate)
    else:
        gate.closed_at = clock.now()
    audit.note(current_user.uid, "close-gate", "gate", gate.uid, branch.organisation_id)
    db.session.commit()
    flash(_("Đã ghi. Số đã đếm vẫn còn."), "success")
    return redirect(_here(branch), 303)


@bp.post("/visits/gates/<uuid:uid>/read", endpoint="read")
@needs(Permission.VISITS)
def read(uid: UUID) -> Any:
    """{counter, turn, sure}; `read_at`: when, if not now ("2026-11-21T17:00")."""
    gate, told = _gate(uid), posting.source()
    branch, reader = db.session.get_one(Branch, gate.branch_id), Reader(told)
    posted = posting.posted_of(told, reader)
    counter, turn = reader.number("counter", 0, MOST), reader.choice("turn", TURNS, required=False)
    at = _moment(reader)
    try:
        reader.done()
    except Invalid as wrong:
        if request.is_json:
            raise
        return _page(branch, told, wrong.fields, gate), 422
    assert posted is not None
    assert counter is not None
    shown = Shown(counter, turn, reader.ticked("sure"))
    said = {"gate": str(uid), "counter": counter, "turn": turn, "at": at and at.isoformat()}
    try:
        return posting.answer_aloud(posted, said, lambda: _read(uid, posted, shown, at), lambda done: _here(branch))
    except Refused as refused:
        if request.is_json:
            raise
        db.session.rollback()
        return _page(branch, told, {}, _gate(uid), refused.reasons), refused.status


def _moment(reader: Reader) -> datetime | None:
    """As a field for date and time sends it. Complains of what is to come, and of days that were reported long ago."""
    text = reader.text("read_at", False, 20)
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=clock.HERE) if text else None
    except ValueError:
        reader.complain("read_at", "moment", N_("Giờ viết như 21/11/2026 17:00."))
        return None
    if at is None:
        return None
    if at > clock.now():
        reader.complain("read_at", "future", N_("Giờ này chưa tới."))
        return None
    first = clock.today() - visits.BACK
    if clock.day_of(at) < first:
        reader.complain("read_at", "not-a-day", visits.NOT_A_DAY, first=f"{first:%d/%m/%Y}")
        return None
    return at


def _read(uid: UUID, posted: Any, shown: Shown, at: datetime | None) -> dict[str, Any]:
    gate = _gate(uid)
    doing = posting.doing_at(posted, gate.branch_id)
    reading = gates.read(db.session(), replace(doing, at=at or doing.at), gate, shown)
    branch = db.session.get_one(Branch, gate.branch_id)
    audit.note(current_user.uid, "read-gate", "gate", gate.uid, branch.organisation_id)
    visits = gates.came_of(db.session(), reading)
    said = _("Đã ghi số %(counter)s: thêm %(count)s lượt.", counter=shown.counter, count=visits)
    return {"act": str(posted.uid), "visits": visits, "do": said, "outcome": "success"}
