"""Skip, move, cancel, suspend: two clicks and a reason; one click takes it back."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.inbox.models import Act
from library.loans import posting
from library.mobile import change_told, changing, pages, planner, routes, stops, vehicles
from library.mobile.models import Route, Stop, StopVisit, Suspension, Trip, Vehicle, VisitChange
from library.mobile.pages import Complaints
from library.mobile.scopes import trip_here, visit_here

bp = Blueprint("mobile_changes", __name__)
LONGEST = timedelta(days=366)


def _next(told: posting.Source, trip: Trip | None) -> Callable[[dict[str, Any]], str]:
    """The page one came from, with the undo of what was done."""

    def address(done: dict[str, Any]) -> str:
        planner_ = url_for("mobile.planner", trip=trip.uid if trip else None, change=done["change"])
        asked = access.local_address(str(told.get("next") or ""), "")
        return f"{asked}?change={done['change']}" if asked and "?" not in asked else planner_

    return address


def _did(session: Session, change: VisitChange) -> dict[str, Any]:
    audit.note(current_user.uid, "change-visits", "visit-change", change.uid, change.library_id)
    session.flush()
    return {"outcome": "ok", "do": change_told.told(change), "change": str(change.uid), **change.facts}


@bp.post("/van/visits/<uuid:uid>/skip", endpoint="skip")
@needs(Permission.VAN_CREW)
def skip(uid: UUID) -> Any:
    """`why`: a reason with a button, or `why_words`."""
    session, told = db.session(), posting.source()
    reader = Reader(told)
    visit, posted, why = visit_here(session, uid), posting.posted_of(told, reader), pages.why_of(reader)
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        doing = pages.doing(posted, visit.trip.vehicle.branch_id)
        return _did(db.session(), changing.skip(db.session(), doing, visit_here(db.session(), uid), why))

    return posting.answer(posted, {"skip": str(uid), "why": why}, work, _next(told, visit.trip))


@bp.get("/van/visits/<uuid:uid>/move", endpoint="move")
@needs(Permission.VAN_PLAN)
def ask_move(uid: UUID) -> Any:
    """`day`: where it was dragged to."""
    visit = visit_here(db.session(), uid)
    return _move_page(visit.trip, visit, request.args)


@bp.get("/van/trips/<uuid:uid>/move", endpoint="move_trip")
@needs(Permission.VAN_PLAN)
def ask_move_trip(uid: UUID) -> Any:
    """`day`: where it was dragged to."""
    return _move_page(trip_here(db.session(), uid), None, request.args)


def _move_page(
    trip: Trip, visit: StopVisit | None, told: posting.Source | None = None, complaints: Complaints | None = None,
    stopped: Sequence[Reason] = (),
) -> str:  # fmt: skip
    session = db.session()
    lines = [one for one in planner.lines(session, trip) if visit is None or one.visit.id == visit.id]
    return pages.page(
        "mobile/change.html", trip=trip, visit=visit, lines=lines, told=told or {}, complaints=complaints or {},
        stopped=stopped, today=clock.today(),
    )  # fmt: skip


@bp.post("/van/visits/<uuid:uid>/move", endpoint="do_move")
@needs(Permission.VAN_PLAN)
def do_move(uid: UUID) -> Any:
    """`day`: the new one; `from_at`, `to_at`: other hours; `why`."""
    visit = visit_here(db.session(), uid)
    return _move(visit.trip, visit, {"move": str(uid)})


@bp.post("/van/trips/<uuid:uid>/move", endpoint="do_move_trip")
@needs(Permission.VAN_PLAN)
def do_move_trip(uid: UUID) -> Any:
    return _move(trip_here(db.session(), uid), None, {"move-trip": str(uid)})


def _move(trip: Trip, visit: StopVisit | None, content: dict[str, Any]) -> Any:
    told = posting.source()
    reader, trip_id, visit_id = Reader(told), trip.id, visit and visit.id
    posted, to, why = posting.posted_of(told, reader), reader.planned_day("day"), pages.why_of(reader)
    hours = _hours(reader)
    branch = trip.vehicle.branch_id

    def change() -> dict[str, Any]:
        session = db.session()
        assert posted
        assert to
        doing = pages.doing(posted, branch)
        if visit_id is not None:
            one = session.get_one(StopVisit, visit_id)
            return _did(session, changing.move(session, doing, one, to, why, hours))
        return _did(session, changing.move_trip(session, doing, session.get_one(Trip, trip_id), to, why))

    def work() -> Any:
        assert posted
        facts = {**content, "day": to, "why": why, "hours": [str(one) for one in hours or ()]}
        return posting.answer(posted, facts, change, _next(told, db.session.get(Trip, trip_id)))

    def again(complaints: Complaints, stopped: Sequence[Reason]) -> str:
        session = db.session()
        one = session.get(StopVisit, visit_id) if visit_id else None
        return _move_page(session.get_one(Trip, trip_id), one, told, complaints, stopped)

    return pages.told_or_page(reader, work, again)


def _hours(reader: Reader) -> changing.Hours | None:
    since, until = (pages.time_of(reader, name, required=False) for name in ("from_at", "to_at"))
    if since and until and until <= since:
        reader.complain("to_at", "hours", N_("Giờ rời phải sau giờ đến."))
    return (since, until) if since and until else None


@bp.post("/van/trips/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.VAN_PLAN)
def cancel(uid: UUID) -> Any:
    session, told = db.session(), posting.source()
    reader = Reader(told)
    trip, posted, why = trip_here(session, uid), posting.posted_of(told, reader), pages.why_of(reader)
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        doing = pages.doing(posted, trip.vehicle.branch_id)
        return _did(db.session(), changing.cancel(db.session(), doing, trip_here(db.session(), uid), why))

    return posting.answer(posted, {"cancel": str(uid), "why": why}, work, _next(told, trip))


# From a day to a day


@bp.get("/van/suspend", endpoint="suspend")
@needs(Permission.VAN_PLAN)
def ask_suspend() -> Any:
    return _suspend_page(request.args)


def _suspend_page(
    told: posting.Source, complaints: Complaints | None = None, stopped: Sequence[Reason] = ()
) -> str:  # fmt: skip
    session, library = db.session(), pages.library()
    standing = select(Suspension).where(
        Suspension.library_id == library.id, Suspension.ended_at.is_(None), Suspension.last_on >= clock.today()
    )
    return pages.page(
        "mobile/suspend.html", told=told, complaints=complaints or {}, stopped=stopped, things=_things(session, library.id),
        standing=[(one, _thing_of(session, one).name) for one in session.scalars(standing.order_by(Suspension.first_on))],
        today=clock.today(),
    )  # fmt: skip


Thing = Stop | Route | Vehicle


def _things(session: Session, library_id: int) -> dict[str, Thing]:
    """What may be suspended, by the word of a form."""
    found: dict[str, Thing] = {f"vehicle-{one.uid}": one for one in vehicles.open_of(session, library_id)}
    found |= {f"route-{one.uid}": one for one in routes.of_library(session, library_id) if not one.closed_on}
    return found | {f"stop-{one.uid}": one for one in stops.open_of(session, library_id)}


def _thing_of(session: Session, one: Suspension) -> Thing:
    if one.stop_id:
        return session.get_one(Stop, one.stop_id)
    if one.route_id:
        return session.get_one(Route, one.route_id)
    return session.get_one(Vehicle, one.vehicle_id)


@bp.post("/van/suspend", endpoint="do_suspend")
@needs(Permission.VAN_PLAN)
def do_suspend() -> Any:
    """`of`: which vehicle, route or stop; `first_on` to `last_on`; `why`."""
    told, library = posting.source(), pages.library()
    library_id = library.id
    reader, things = Reader(told), _things(db.session(), library_id)
    posted, of, why = posting.posted_of(told, reader), reader.choice("of", things), pages.why_of(reader)
    first, last = reader.planned_day("first_on"), reader.planned_day("last_on")
    if first and last and not (first <= last <= first + LONGEST):
        reader.complain("last_on", "days", N_("Ngày cuối từ ngày đầu trở đi, trong một năm."))
    branch = current_user.branch_id

    def change() -> dict[str, Any]:
        assert posted
        assert of
        session = db.session()
        thing = _things(session, library_id)[str(told.get("of"))]
        return _did(session, changing.suspend(session, pages.doing(posted, branch), thing, _on(first), _on(last), why))

    def work() -> Any:
        assert posted
        facts = {"suspend": str(told.get("of")), "first": first, "last": last, "why": why}
        return posting.answer(posted, facts, change, lambda done: url_for(".list", change=done["change"]))

    return pages.told_or_page(reader, work, lambda complaints, stopped: _suspend_page(told, complaints, stopped))


def _on(day: date | None) -> date:
    assert day
    return day


@bp.post("/van/suspensions/<uuid:uid>/end", endpoint="end")
@needs(Permission.VAN_PLAN)
def end(uid: UUID) -> Any:
    """Trips may be planned again; what was left out stays so."""
    session, told = db.session(), posting.source()
    mine = select(Suspension).where(Suspension.uid == uid, here().of_libraries(Suspension.library_id))
    found, reader = or_not_found(session.scalar(mine)), Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        one = db.session.get_one(Suspension, found.id)
        changing.end_suspension(db.session(), one)
        audit.note(current_user.uid, "end-suspension", "suspension", one.uid, one.library_id)
        return {"outcome": "ok"}

    words = _("Đã thôi tạm nghỉ. Lần xe đến đã bỏ thì vẫn bỏ, xếp lại khi cần.")
    return posting.answer(posted, {"end": str(uid)}, work, lambda _done: pages.said(words, url_for(".suspend")))


# What was changed


@bp.get("/van/changes", endpoint="list")
@needs(Permission.VAN_PLAN)
def show_list() -> Any:
    """`change`: the one just made."""
    session, library = db.session(), pages.library()
    found = changing.of_library(session, library.id)
    return pages.page(
        "mobile/changes.html", changes=found, told=change_told.told, may_undo=change_told.may_be_undone,
        just=request.args.get("change", ""),
    )  # fmt: skip


@bp.post("/van/changes/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.VAN_CREW)
def undo(uid: UUID) -> Any:
    """Who planned may undo anything of the library; a crew what it did itself."""
    session, told = db.session(), posting.source()
    reader = Reader(told)
    posted, trip = posting.posted_of(told, reader), _trip_of(session, _change_here(session, uid))
    reader.done()
    assert posted
    branch = trip.vehicle.branch_id if trip else current_user.branch_id

    def work() -> dict[str, Any]:
        change = changing.undo(db.session(), pages.doing(posted, branch), _change_here(db.session(), uid))
        audit.note(current_user.uid, "undo-visits", "visit-change", change.uid, change.library_id)
        return {"outcome": "ok", "do": _("Đã hoàn tác. Lịch và hạn trả như trước."), "undone": str(uid)}

    trip_uid = trip.uid if trip else None
    return posting.answer(
        posted, {"undo": str(uid)}, work,
        lambda done: pages.said(done["do"], url_for("mobile.planner", trip=trip_uid)),
    )  # fmt: skip


def _change_here(session: Session, uid: UUID) -> VisitChange:
    query = select(VisitChange).where(VisitChange.uid == uid, here().of_libraries(VisitChange.library_id))
    if not access.scope(Permission.VAN_PLAN):
        query = query.join(Act, Act.id == VisitChange.act_id).where(Act.actor == current_user.uid)
    return or_not_found(session.scalar(query))


def _trip_of(session: Session, change: VisitChange) -> Trip | None:
    """The trip it was first about."""
    uids = [UUID(one["trip"]) for one in change.facts.get("visits", ())] or [
        UUID(one) for one in change.facts.get("cancelled", ())
    ]
    return session.scalar(select(Trip).where(Trip.uid == uids[0])) if uids else None
