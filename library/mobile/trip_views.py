"""A trip is planned, manned, sent out and brought home; its kit goes out and comes in."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, needs
from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted
from library.mobile import (
    aboard,
    change_told,
    closed_days,
    kit,
    pages,
    planner,
    routes,
    stops,
    trip_forms,
    trip_states,
    trips,
    vehicles,
)
from library.mobile.kit import Back
from library.mobile.models import Stop, Trip, TripState, Vehicle, VisitChange
from library.mobile.pages import Complaints
from library.mobile.scopes import from_within, may_see, trip_here
from library.mobile.trip_forms import CallRow, CrewRow
from library.organisations.models import Organisation

bp = Blueprint("mobile_trips", __name__)
FIRST_STOP = time(7, 30)


def accounts(session: Session, library_id: int) -> dict[str, tuple[int, str]]:
    """Who may be asked to go: everybody of the library who may sign in."""
    query = select(Account.uid, Account.id, Account.name).where(
        Account.library_id == library_id, Account.disabled_at.is_(None)
    )
    return {str(uid): (id_, name) for uid, id_, name in session.execute(query.order_by(Account.name))}


@bp.get("/van/trips/new", endpoint="new")
@needs(Permission.VAN_PLAN)
def ask() -> Any:
    """`day`, `vehicle`, `stop`, `route`: what is filled in."""
    session, library = db.session(), pages.library()
    day = pages.day_or(request.args.get("day"), clock.today() + timedelta(days=1))
    told = {"day": day.isoformat(), "vehicle": request.args.get("vehicle", "")}
    calls = _asked_calls(session, library, day)
    return _new_page(library, told, calls, usual_crew(session, library))


def _asked_calls(session: Session, library: Organisation, day: Any) -> list[CallRow]:
    """The stops of a route as it is that day, or the one stop somebody came from."""
    route = next(
        (one for one in routes.of_library(session, library.id) if str(one.uid) == request.args.get("route")), None
    )
    version = routes.version_on(session, route.id, day) if route else None
    if version is not None:
        found = routes.calls_of(session, version)
        return [CallRow(str(one.stop.uid), f"{one.from_at:%H:%M}", f"{one.to_at:%H:%M}") for one in found]
    stop = next((one for one in stops.open_of(session, library.id) if str(one.uid) == request.args.get("stop")), None)
    until = datetime.combine(day, FIRST_STOP) + timedelta(minutes=stop.minutes if stop else stops.USUAL_MINUTES)
    return [CallRow(str(stop.uid) if stop else "", f"{FIRST_STOP:%H:%M}", f"{until:%H:%M}")]


def usual_crew(session: Session, library: Organisation) -> list[CrewRow]:
    """As on the library's last trip."""
    query = select(Trip).where(Trip.library_id == library.id).order_by(Trip.id.desc()).limit(1)
    last = session.scalars(query).first()
    uids = {id_: uid for uid, (id_, _name) in accounts(session, library.id).items()}
    if last is None:
        return [CrewRow("driver"), CrewRow("librarian"), CrewRow("librarian")]
    return [CrewRow(one.role.value, uids.get(one.account_id or 0, ""), one.name) for one in last.crew]


def _new_page(
    library: Organisation, told: posting.Source, calls: Sequence[CallRow], crew: Sequence[CrewRow],
    complaints: Complaints | None = None, stopped: Sequence[Reason] = (),
) -> str:  # fmt: skip
    session = db.session()
    few = {"few-people", "no-driver", "few-librarians"}
    return pages.page(
        "mobile/trip_new.html", told=told, complaints=complaints or {}, stopped=stopped,
        vehicles=vehicles.open_of(session, library.id), stops=stops.open_of(session, library.id),
        calls=filled(calls, CallRow(), trip_forms.MOST_CALLS), crew=filled(crew, CrewRow(), trip_forms.MOST_CREW),
        accounts=accounts(session, library.id), rule=trips.crew_rule(session, library.id),
        asks_why=bool(stopped) and any(one.code in few for one in stopped), today=clock.today(),
    )  # fmt: skip


def filled(rows: Sequence[Any], empty: Any, most: int) -> list[Any]:
    """What was said, and empty lines after it."""
    return [*rows, *[empty] * max(0, min(most - len(rows), max(2, 4 - len(rows))))]


@bp.post("/van/trips/new", endpoint="make")
@needs(Permission.VAN_PLAN)
def make() -> Any:
    """`vehicle`, `day`, `stop`+`from_at`+`to_at` and `role`+`account`+`name` in lines; `crew_why` for a small crew."""
    session, told, library = db.session(), posting.source(), pages.library()
    reader = Reader(told)
    posted, day = posting.posted_of(told, reader), reader.planned_day("day")
    vehicle = reader.choice("vehicle", {str(one.uid): one for one in vehicles.open_of(session, library.id)})
    among = {str(one.uid): one for one in stops.open_of(session, library.id)}
    call_rows, crew_rows = trip_forms.call_rows(told), trip_forms.crew_rows(told)
    calls = trip_forms.calls(reader, call_rows, among)
    crew = trip_forms.crew(reader, crew_rows, accounts(session, library.id))
    hours = trips.Hours(
        pages.time_of(reader, "leaves_at", required=False), pages.time_of(reader, "back_at", required=False),
        pages.decimal_of(reader, "km", 0, 5000),
    )  # fmt: skip
    why = reader.text("crew_why", required=False, longest=300)
    if day and day < clock.today() and not reader.ticked("past"):
        reader.complain("day", "past", N_("Ngày này đã qua. Chuyến đã đi rồi thì đánh dấu ở dưới."))

    def plan() -> dict[str, Any]:
        assert posted
        assert vehicle
        assert day
        one = db.session.get_one(Vehicle, vehicle.id)
        known = [trips.Call(db.session.get_one(Stop, call.stop.id), call.from_at, call.to_at) for call in calls]
        made = trips.plan(
            db.session(), pages.doing(posted, one.branch_id), one, day, known, crew, crew_why=why or None, hours=hours
        )
        audit.note(current_user.uid, "plan-trip", "trip", made.uid, made.library_id)
        return {"trip": str(made.uid), "words": _planned(made, known)}

    def work() -> Any:
        assert posted
        facts = {"vehicle": vehicle and vehicle.id, "day": day, "calls": trip_forms.plain_calls(calls),
                 "crew": trip_forms.plain_crew(crew)}  # fmt: skip
        return posting.answer(
            posted, facts, plan, lambda done: pages.said(done["words"], url_for("mobile.planner", trip=done["trip"]))
        )

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _new_page(library, told, call_rows, crew_rows, complaints, stopped)
    )


def _planned(trip: Trip, calls: Sequence[trips.Call]) -> str:
    words = _(
        "Đã xếp chuyến %(day)s: %(stops)s.", day=f"{trip.day:%d/%m}", stops=", ".join(one.stop.name for one in calls)
    )
    closed = closed_days.why(db.session(), trip.vehicle.branch_id, trip.day)
    if not closed:
        return str(words)
    return str(words) + " " + str(_("Hôm ấy là ngày nghỉ (%(why)s), hạn trả sách không rơi vào đây.", why=closed))


@bp.get("/van/trips/<uuid:uid>", endpoint="show")
@needs(Permission.VAN_SEE)
def show(uid: UUID) -> Any:
    return _page(trip_here(db.session(), uid, seeing=True))


def _page(trip: Trip, complaints: Complaints | None = None, stopped: Sequence[Reason] = (), told: Any = None) -> str:
    session = db.session()
    mine = access.scope(Permission.VAN_PLAN).holds_library(trip.library_id) or _goes(trip)
    inside = from_within(trip)
    things = kit.of_trip(session, trip) if inside else ()
    rule = trips.crew_rule(session, trip.library_id)
    crew = [trips.Crew(one.role, one.name, one.account_id) for one in trip.crew]
    return pages.page(
        "mobile/trip.html", trip=trip, mine=mine, inside=inside, told=told or {},
        lines=[one for one in planner.lines(session, trip) if may_see(trip, one.stop)],
        complaints=complaints or {}, stopped=stopped, onward=trip_states.onward(trip.state), things=things,
        checks=kit.checks(session, trip.id), lent=kit.lent(session, things), conditions=kit.CONDITIONS,
        lacking=trips.lacking(session, trip.library_id, crew), rule=rule, loaded=aboard.of(session, trip.vehicle),
        crew_rows=filled(_crew_rows(session, trip), CrewRow(), trip_forms.MOST_CREW),
        accounts=accounts(session, trip.library_id) if mine else {}, change=_change(session, trip) if inside else None,
        change_said=change_told.told, today=clock.today(),
        plans_here=access.scope(Permission.VAN_PLAN).holds_library(trip.library_id),
    )  # fmt: skip


def _goes(trip: Trip) -> bool:
    return any(one.account_id == current_user.id for one in trip.crew)


def _crew_rows(session: Session, trip: Trip) -> list[CrewRow]:
    uids = {id_: uid for uid, (id_, _name) in accounts(session, trip.library_id).items()}
    return [CrewRow(one.role.value, uids.get(one.account_id or 0, ""), one.name) for one in trip.crew]


def _change(session: Session, trip: Trip) -> VisitChange | None:
    """The one just made, for its undo."""
    try:
        uid = UUID(request.args.get("change", ""))
    except ValueError:
        return None
    return session.scalar(select(VisitChange).where(VisitChange.uid == uid, VisitChange.library_id == trip.library_id))


@bp.post("/van/trips/<uuid:uid>/state", endpoint="advance")
@needs(Permission.VAN_CREW)
def advance(uid: UUID) -> Any:
    """`to`: loaded, on-road, closed, or `back` for a slip; with what the crew writes down."""
    session, told = db.session(), posting.source()
    trip, reader = trip_here(session, uid), Reader(told)
    posted, branch, log = posting.posted_of(told, reader), trip.vehicle.branch_id, trip_forms.log(reader)
    to = reader.choice("to", {"back": None, **{one.value: one for one in TripState}})

    def step() -> dict[str, Any]:
        assert posted
        one = trips.lock(db.session(), trip_here(db.session(), uid).id)
        doing = pages.doing(posted, branch)
        if to is None:
            trips.step_back(db.session(), doing, one)
        else:
            trips.advance(db.session(), doing, one, to, log)
        audit.note(current_user.uid, "advance-trip", "trip", one.uid, one.library_id)
        return {"state": one.state.value, "words": _(STEP_WORDS[one.state])}

    def work() -> Any:
        assert posted
        facts = {"to": str(told.get("to")), "trip": str(uid), "log": [*vars(log).values()]}
        return posting.answer(posted, facts, step, lambda done: pages.said(done["words"], url_for(".show", uid=uid)))

    def again(complaints: Complaints, stopped: Sequence[Reason]) -> str:
        return _page(trip_here(db.session(), uid), complaints, stopped, told)

    return pages.told_or_page(reader, work, again)


STEP_WORDS = {
    TripState.PLANNED: N_("Chuyến đang ở bước lên lịch."),
    TripState.LOADED: N_("Đã ghi: sách và đồ đã lên xe."),
    TripState.ON_ROAD: N_("Đã ghi giờ xe đi."),
    TripState.CLOSED: N_("Đã ghi xe về."),
    TripState.CANCELLED: N_("Chuyến đã hủy."),
}


@bp.post("/van/trips/<uuid:uid>/crew", endpoint="man")
@needs(Permission.VAN_PLAN)
def man(uid: UUID) -> Any:
    session, told = db.session(), posting.source()
    trip, reader = trip_here(session, uid), Reader(told)
    posted, branch = posting.posted_of(told, reader), trip.vehicle.branch_id
    crew = trip_forms.crew(reader, trip_forms.crew_rows(told), accounts(session, trip.library_id))
    why = reader.text("crew_why", required=False, longest=300)

    def change() -> dict[str, Any]:
        assert posted
        one = trips.lock(db.session(), trip_here(db.session(), uid).id)
        trips.man(db.session(), pages.doing(posted, branch), one, crew, why or None)
        audit.note(current_user.uid, "man-trip", "trip", one.uid, one.library_id)
        return {"words": _("Đã ghi người đi.")}

    def work() -> Any:
        assert posted
        facts = {"crew": trip_forms.plain_crew(crew), "why": why, "trip": str(uid)}
        return posting.answer(posted, facts, change, lambda done: pages.said(done["words"], url_for(".show", uid=uid)))

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _page(trip_here(db.session(), uid), complaints, stopped, told)
    )


# Kit


@bp.post("/van/trips/<uuid:uid>/kit", endpoint="kit")
@needs(Permission.VAN_CREW)
def check_kit(uid: UUID) -> Any:
    """`do`: out or in; `kit-<number of the row>` so many, `condition-…`, `note-…`."""
    session, told = db.session(), posting.source()
    trip, reader = trip_here(session, uid), Reader(told)
    posted, do = posting.posted_of(told, reader), reader.choice("do", {"out": "out", "in": "in"})
    things = kit.of_trip(session, trip)
    counts = {one.id: reader.number(f"kit-{one.id}", 0, 100_000, required=False) for one in things}
    counted = {id_: count for id_, count in counts.items() if count is not None}
    back = {id_: Back(count, *_how(reader, id_)) for id_, count in counted.items()}

    def check() -> dict[str, Any]:
        return _check(uid, posted, do or "", counted, back)

    def work() -> Any:
        assert posted
        facts = {"do": do, "trip": str(uid), "back": [[id_, *vars(one).values()] for id_, one in back.items()]}
        return posting.answer(
            posted, facts, check, lambda done: pages.said(done["words"], f"{url_for('.show', uid=uid)}#kit")
        )

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _page(trip_here(db.session(), uid), complaints, stopped, told)
    )


def _how(reader: Reader, kit_id: int) -> tuple[str, str]:
    condition = reader.choice(f"condition-{kit_id}", {one: one for one in kit.CONDITIONS}, required=False)
    return condition or kit.GOOD, reader.text(f"note-{kit_id}", required=False, longest=200)


def _check(uid: UUID, posted: Posted | None, do: str, counted: dict[int, int], back: dict[int, Back]) -> dict[str, Any]:
    assert posted
    session = db.session()
    trip = trips.lock(session, trip_here(session, uid).id)
    doing = pages.doing(posted, trip.vehicle.branch_id)
    if do == "out":
        kit.check_out(session, doing, trip, counted)
        return {"words": _("Đã ghi %(count)s món lên xe.", count=len([one for one in counted.values() if one]))}
    kit.check_in(session, doing, trip, back)
    lacking = kit.differing(session, trip.id)
    if not lacking:
        return {"words": _("Đồ về đủ.")}
    return {"words": _("Về thiếu hoặc hỏng: %(names)s.", names=", ".join(one.name for one, _row in lacking))}
