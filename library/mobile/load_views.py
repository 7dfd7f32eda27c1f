"""Loading and unloading a vehicle, what is aboard, the log of its trip, another vehicle taking over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs, or_not_found, reads_first
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound
from library.core.forms import YEARS, Reader
from library.core.paging import page_number
from library.inbox import acts
from library.inbox.acts import Doing
from library.labels import photos
from library.loans import posting, queries, taking_back
from library.loans.forms import Posted, UndoForm, scanned_text, uuid_of, uuid_or_none
from library.mobile import (
    aboard,
    at_stop,
    at_stop_undo,
    crates_aboard,
    loading,
    loading_scan,
    takeover,
    trip_log,
    trip_states,
    trips,
)
from library.mobile.models import StopVisit, Trip, Vehicle, VisitState
from library.mobile.scopes import trip_here, vehicle_here

bp = Blueprint("mobile_load", __name__)
PAGE = 200


def doing_at(posted: Posted, trip: Trip) -> Doing:
    return posting.doing_at(posted, trip.vehicle.branch_id)


def last_answer(session: Session, trip: Trip) -> dict[str, Any] | None:
    last = uuid_or_none(request.args.get("last"))
    found = queries.answer_to(session, current_user.uid, last) if last else None
    return found if found and found.get("trip") == str(trip.uid) else None


def done(
    trip: Trip, posted: Posted, content: dict[str, Any], work: Callable[[Session, Trip], dict[str, Any]],
    back: Callable[[dict[str, Any]], str],
) -> Any:  # fmt: skip
    """Once, on the trip as it is when its turn comes."""
    uid = trip.uid

    def attempt() -> dict[str, Any]:
        session = db.session()
        found = trip_here(session, uid)
        trips.lock(session, found.id)
        return {**work(session, found), "trip": str(uid)}

    return posting.answer(posted, {**content, "trip": str(uid)}, attempt, back)


def frame(session: Session, trip: Trip) -> dict[str, Any]:
    return {
        "trip": trip, "vehicle": trip.vehicle, "aboard": aboard.of(session, trip.vehicle),
        "visits": [one for one in trip.visits if one.state not in loading.LEFT_OUT],
        "carried": crates_aboard.of_trip(session, trip), "state": trip_states.WORDS[trip.state],
        "going": trip.state in loading.GOING, "result": last_answer(session, trip),
        "out_words": at_stop.hour(trip.out_at), "in_words": at_stop.hour(trip.in_at),
    }  # fmt: skip


# On and off


@bp.get("/van/trips/<uuid:uid>/load")
@needs(Permission.VAN_CREW)
def show(uid: UUID) -> Any:
    """`visit`: the stop the books are for; `last`: the answer shown above."""
    session = db.session()
    trip = trip_here(session, uid)
    shown = frame(session, trip)
    return render_template(
        "mobile/load.html", kept=aboard.kept(session, trip, shown["visits"]),
        chosen=uuid_or_none(request.args.get("visit")), off=False, **shown,
    )  # fmt: skip


@bp.get("/van/trips/<uuid:uid>/unload")
@needs(Permission.VAN_CREW)
def unload(uid: UUID) -> Any:
    session = db.session()
    trip = trip_here(session, uid)
    return render_template("mobile/load.html", kept=(), chosen=None, off=True, **frame(session, trip))


@bp.post("/van/trips/<uuid:uid>/load")
@needs(Permission.VAN_CREW)
def scan_on(uid: UUID) -> Any:
    """{text, visit}: a copy or a crate. JSON, or a plain form and the page again."""
    source, trip = posting.source(), trip_here(db.session(), uid)
    posted, text, visit = _scan(source)
    said = {"on": text, "for": str(visit)}
    back = lambda _: url_for("mobile_load.show", uid=uid, visit=visit, last=posted.uid)  # noqa: E731
    work = lambda session, one: loading_scan.on(  # noqa: E731
        session, doing_at(posted, one), one, text, _visit(one, visit)
    )
    return done(trip, posted, said, work, back)


@bp.post("/van/trips/<uuid:uid>/unload")
@needs(Permission.VAN_CREW)
def scan_off(uid: UUID) -> Any:
    source, trip = posting.source(), trip_here(db.session(), uid)
    posted, text, _visit_uid = _scan(source)
    back = lambda _: url_for("mobile_load.unload", uid=uid, last=posted.uid)  # noqa: E731
    work = lambda session, one: loading_scan.off(session, doing_at(posted, one), one, text)  # noqa: E731
    return done(trip, posted, {"off": text}, work, back)


def _scan(source: posting.Source) -> tuple[Posted, str, UUID | None]:
    reader = Reader(source)
    posted = posting.posted_of(source, reader)
    text, visit = scanned_text(reader, "text"), uuid_of(reader, "visit")
    reader.done()
    assert posted is not None
    return posted, text, visit


def _visit(trip: Trip, uid: UUID | None) -> StopVisit | None:
    if uid is None:
        return None
    return or_not_found(next((one for one in trip.visits if one.uid == uid), None))


@bp.post("/van/trips/<uuid:uid>/load/list")
@needs(Permission.VAN_CREW)
def load_list(uid: UUID) -> Any:
    """{codes, visit}: many codes that somebody answers for without scanning each."""
    source, trip = posting.source(), trip_here(db.session(), uid)
    reader = Reader(source)
    posted, visit = posting.posted_of(source, reader), uuid_of(reader, "visit")
    codes = loading_scan.codes_of(str(source.get("codes") or "")[:100_000])
    if not codes:
        reader.complain("codes", "required", N_("Chưa có mã nào."))
    reader.done()
    assert posted is not None
    work = lambda session, one: _many(session, posted, one, codes, visit)  # noqa: E731
    back = lambda _: url_for("mobile_load.show", uid=uid, visit=visit, last=posted.uid)  # noqa: E731
    return done(trip, posted, {"codes": codes, "for": str(visit)}, work, back)


def _many(session: Session, posted: Posted, trip: Trip, codes: list[str], visit: UUID | None) -> dict[str, Any]:
    told = loading_scan.on_many(session, doing_at(posted, trip), trip, codes, _visit(trip, visit))
    reasons = [[f"{one.title}, {one.code}: {why}", ""] for one, why in told.left]
    reasons += [[_("Mã lạ: %(code)s", code=code), ""] for code in told.unknown]
    outcome = "luu" if reasons else "ok"
    word = _("Đã ghi %(count)s cuốn lên xe", count=len(told.told.items))
    do = _("%(count)s cuốn để lại:", count=len(reasons)) if reasons else _("Đủ cả danh sách.")
    act = str(posted.uid) if told.told.act_id else None
    return {"outcome": outcome, "word": word, "title": "", "code": "", "do": do, "act": act, "reasons": reasons}


@bp.post("/van/trips/<uuid:uid>/unload/all")
@needs(Permission.VAN_CREW)
def unload_all(uid: UUID) -> Any:
    """{counted}: everything aboard goes back to the depot on the crew's word."""
    source, trip = posting.source(), trip_here(db.session(), uid)
    reader = Reader(source)
    posted, counted = posting.posted_of(source, reader), reader.number("counted", 0, 100_000, required=False)
    reader.done()
    assert posted is not None
    work = lambda session, one: _all(session, posted, one, counted)  # noqa: E731
    back = lambda _: url_for("mobile_load.unload", uid=uid, last=posted.uid)  # noqa: E731
    return done(trip, posted, {"all": counted}, work, back)


def _all(session: Session, posted: Posted, trip: Trip, counted: int | None) -> dict[str, Any]:
    told = loading.unload_all(session, doing_at(posted, trip), trip, counted)
    audit.note(current_user.uid, "unload-van", "trip", trip.uid, trip.library_id)
    word = _("Đã dỡ %(count)s cuốn về %(depot)s", count=len(told.items), depot=trip.vehicle.depot.name)
    do = (
        _("Đếm tay thấy khớp.")
        if counted is not None
        else _("Ghi theo lời người dỡ. Quét lại cuốn nào là chắc cuốn đó.")
    )
    if counted is not None and counted != len(told.items):
        do = _("Đếm tay được %(counted)s, sổ ghi %(listed)s. Quét lại từng cuốn để biết cuốn nào lệch.",
               counted=counted, listed=len(told.items))  # fmt: skip
    outcome = "luu" if counted is not None and counted != len(told.items) else "ok"
    return {"outcome": outcome, "word": word, "title": "", "code": "", "do": do, "act": str(posted.uid), "reasons": []}


@bp.post("/van/trips/<uuid:uid>/load/undo")
@needs(Permission.VAN_CREW)
def undo(uid: UUID) -> Any:
    """Take back a loading, an unloading or a change of vehicle: JSON {act}, or a plain form with ?act=."""
    trip = trip_here(db.session(), uid)
    form = taking_back.asked()
    to = "mobile_load.unload" if request.args.get("off") else "mobile_load.show"
    back = lambda _: url_for(to, uid=uid, last=form.posted.uid)  # noqa: E731
    return done(trip, form.posted, {"undo": str(form.act)}, lambda session, one: _undo(session, one, form), back)


def _undo(session: Session, trip: Trip, form: UndoForm) -> dict[str, Any]:
    act = acts.by_uid(session, form.act)
    if act is None or not trip_log.is_of(session, act, trip):
        raise NotFound
    title, code = queries.title_of_act(session, act.id)
    at_stop_undo.undo(session, posting.doing_now(form.posted, act.branch_id), act)
    said: dict[str, Any] = {
        "outcome": "ghi",
        "title": title,
        "code": code or "",
        "act": None,
        "undid": str(act.uid),
        "reasons": [],
    }
    return {**said, "word": _("Đã hoàn tác"), "do": _("Mọi thứ như trước lượt ấy.")}


# What is aboard


@bp.get("/van/vehicles/<uuid:uid>/aboard", endpoint="aboard")
@needs(Permission.VAN_SEE)
def show_aboard(uid: UUID) -> Any:
    """`at`: a moment of the past (2026-11-22T10:00, here); `page` from 1."""
    session = db.session()
    vehicle, page = vehicle_here(session, uid), page_number(request.args.get("page"))
    at = _moment(request.args.get("at", ""))
    return render_template(
        "mobile/aboard.html", vehicle=vehicle, aboard=aboard.of(session, vehicle), page=page, size=PAGE, at=at,
        books=aboard.listed(session, vehicle, PAGE, (page - 1) * PAGE), stops=_stops(session, vehicle),
        then=_then(session, vehicle, at), off=False,
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=clock.HERE)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _then(session: Session, vehicle: Vehicle, at: datetime | None) -> list[loading_scan.Named] | None:
    if at is None:
        return None
    return loading_scan.names_of(session, aboard.at(session, vehicle, at))


def _stops(session: Session, vehicle: Vehicle) -> dict[int, str]:
    return aboard.stops_of(session, vehicle)


@bp.post("/van/photo", endpoint="photo")
@needs(Permission.VAN_CREW)
@reads_first
def photo() -> Any:
    """The codes on a photograph, for a phone that cannot scan live. Nothing is written, the picture is not kept."""
    return photos.codes_told()


# The log of a trip, and another vehicle


@bp.get("/van/trips/<uuid:uid>/log", endpoint="log")
@needs(Permission.VAN_CREW)
def show_log(uid: UUID) -> Any:
    session = db.session()
    trip = trip_here(session, uid)
    return render_template(
        "mobile/load_log.html", others=takeover.may_take_over(session, trip) if trip.state in loading.GOING else [],
        left=[one for one in trip.visits if one.state in (VisitState.PLANNED, VisitState.OPEN)],
        next_=trip_log.next_(trip), taken=trip_log.taken_over(session, trip), **frame(session, trip),
    )  # fmt: skip


@bp.post("/van/trips/<uuid:uid>/log")
@needs(Permission.VAN_CREW)
def do_log(uid: UUID) -> Any:
    """{odometer_out, odometer_in, fuel_litres, cost, incidents}, and `to`: the state the trip comes to, if any."""
    source, trip = posting.source(), trip_here(db.session(), uid)
    form = trip_log.LogForm.read(source)
    back = lambda _: url_for("mobile_load.log", uid=uid)  # noqa: E731
    work = lambda session, one: _logged(session, one, form)  # noqa: E731
    return done(trip, form.posted, form.content, work, back)


def _logged(session: Session, trip: Trip, form: trip_log.LogForm) -> dict[str, Any]:
    trip_log.write(session, doing_at(form.posted, trip), trip, form)
    audit.note(current_user.uid, "log-trip", "trip", trip.uid, trip.library_id)
    if not request.is_json:
        flash(_("Đã ghi nhật ký chuyến."), "success")
    return {"state": trip.state.value}


@bp.get("/van/trips/<uuid:uid>/take-over", endpoint="take_over")
@needs(Permission.VAN_CREW)
def show_take_over(uid: UUID) -> Any:
    session = db.session()
    trip = trip_here(session, uid)
    loading.check_going(trip)
    return render_template(
        "mobile/takeover.html", others=takeover.may_take_over(session, trip), taken=trip_log.taken_over(session, trip),
        **frame(session, trip),
    )  # fmt: skip


@bp.post("/van/trips/<uuid:uid>/take-over")
@needs(Permission.VAN_CREW)
def do_take_over(uid: UUID) -> Any:
    """{vehicle}: the one that goes on."""
    source, trip = posting.source(), trip_here(db.session(), uid)
    reader = Reader(source)
    posted, other = posting.posted_of(source, reader), uuid_of(reader, "vehicle")
    if other is None:
        reader.complain("vehicle", "required", N_("Chọn xe đi thay."))
    reader.done()
    assert posted is not None
    assert other is not None
    to = other
    work = lambda session, one: _taken(session, one, posted, to)  # noqa: E731
    return done(trip, posted, {"take-over": str(other)}, work, lambda _: url_for("mobile_load.log", uid=uid))


def _taken(session: Session, trip: Trip, posted: Posted, other: UUID) -> dict[str, Any]:
    vehicle = or_not_found(next((one for one in takeover.of_library(session, trip) if one.uid == other), None))
    told = takeover.take_over(session, doing_at(posted, trip), trip, vehicle)
    audit.note(current_user.uid, "take-over-trip", "trip", trip.uid, trip.library_id)
    if not request.is_json:
        flash(_("%(vehicle)s đi tiếp, %(count)s cuốn đã ghi sang xe này.", vehicle=vehicle.name, count=len(told.items)))
    return {"act": str(posted.uid), "count": len(told.items), "too_many": told.too_many}
