"""Routes: their versions, and trips made of them for weeks ahead."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.loans import posting
from library.mobile import pages, routes, stops, timetable, timetable_words, trip_forms, trips, vehicles
from library.mobile.models import Route, RouteVersion, Stop, Vehicle
from library.mobile.pages import Complaints
from library.mobile.planner import WEEKS
from library.mobile.routes import NewVersion, Proposed
from library.mobile.trip_forms import CallRow, CrewRow
from library.mobile.trip_views import accounts, filled, usual_crew
from library.organisations.models import Organisation

bp = Blueprint("mobile_routes", __name__)
AHEAD = timedelta(days=7 * WEEKS)
LONGEST = timedelta(days=190)


def route_here(session: Session, uid: UUID) -> Route:
    return or_not_found(session.scalar(select(Route).where(Route.uid == uid, here().of_libraries(Route.library_id))))


@bp.get("/van/routes", endpoint="list")
@needs(Permission.VAN_PLAN)
def show_list() -> Any:
    session, library = db.session(), pages.library()
    found = routes.of_library(session, library.id)
    versions = routes.versions_of(session, [one.id for one in found])
    now = {one.id: _version_now(versions.get(one.id, []), clock.today()) for one in found}
    calls = routes.calls_by_version(session, (one for one in now.values() if one))
    told = [
        (one, now[one.id], timetable_words.of(version.calendar) if version else "",
         [call.stop.name for call in calls[version.id]] if version else [])
        for one in found for version in [now[one.id]]
    ]  # fmt: skip
    return pages.page("mobile/routes.html", routes=told)


def _version_now(versions: Sequence[RouteVersion], today: date) -> RouteVersion | None:
    """The one that holds, else the first to come."""
    return routes.that_holds(versions, today) or next(iter(versions[::-1]), None)


@bp.get("/van/routes/new", endpoint="new")
@needs(Permission.VAN_PLAN)
def ask() -> Any:
    told = {"rhythm": "weeks", "every": "2", "from_on": clock.today().isoformat()}
    return _form_page(None, told, [CallRow()])


def _form_page(
    route: Route | None, told: posting.Source, calls: Sequence[CallRow], complaints: Complaints | None = None,
    stopped: Sequence[Reason] = (), ticked: tuple[Sequence[str], Sequence[str]] | None = None,
) -> str:  # fmt: skip
    session, library = db.session(), pages.library()
    weekdays, weeks = ticked or (posting.many(told, "weekday"), posting.many(told, "month_week"))
    return pages.page(
        "mobile/route_form.html", route=route, told=told, complaints=complaints or {}, stopped=stopped,
        stops=stops.open_of(session, library.id), vehicles=vehicles.open_of(session, library.id),
        calls=filled(calls, CallRow(), trip_forms.MOST_CALLS), weekdays=weekdays, month_weeks=weeks,
        week_words=timetable_words.WEEKS, day_words=timetable_words.DAYS,
    )  # fmt: skip


def _calendar(reader: Reader, told: posting.Source) -> dict[str, Any]:
    """As `timetable` reads it; what is missing is complained of."""
    rhythm = reader.choice("rhythm", {one: one for one in ("weeks", "month", "dates")})
    weekdays = sorted({int(one) for one in posting.many(told, "weekday") if one in set("0123456")})
    if rhythm == "dates":
        return {"dates": _dates(reader)}
    if not weekdays:
        reader.complain("weekday", "no-day", N_("Chọn ít nhất một thứ trong tuần."))
    if rhythm == "month":
        ticked = posting.many(told, "month_week")
        weeks = [one for one in timetable.MONTH_WEEKS if str(one) in ticked]
        if not weeks:
            reader.complain("month_week", "no-week", N_("Chọn ít nhất một tuần trong tháng."))
        return {"month_weeks": weeks, "weekdays": weekdays}
    return {"every_weeks": reader.number("every", 1, timetable.MOST_WEEKS) or 1, "weekdays": weekdays}


def _dates(reader: Reader) -> list[str]:
    """Days one a line or between commas, as they are written here."""
    found = []
    for text in reader.text("dates", longest=3000).replace(";", ",").replace("\n", ",").split(","):
        one = Reader({"day": text})
        day = one.planned_day("day", required=False)
        if one.complaints:
            reader.complain(
                "dates", "day", N_("Chưa đọc được “%(text)s”. Ngày viết như 31/12/2026."), text=text.strip()
            )
        elif day:
            found.append(day.isoformat())
    return sorted(set(found))


def _version(reader: Reader, told: posting.Source, among: dict[str, Stop]) -> NewVersion:
    calls = trip_forms.calls(reader, trip_forms.call_rows(told), among)
    hours = trips.Hours(
        pages.time_of(reader, "leaves_at", required=False), pages.time_of(reader, "back_at", required=False)
    )
    whole = trips.whole(calls, hours)
    return NewVersion(
        reader.planned_day("from_on") or clock.today(), _calendar(reader, told), calls, whole.leaves_at or time(7),
        whole.back_at or time(17), pages.decimal_of(reader, "km", 0, 5000),
    )  # fmt: skip


def _again(new: NewVersion) -> NewVersion:
    """With its stops read anew, in the transaction that writes."""
    calls = [trips.Call(db.session.get_one(Stop, one.stop.id), one.from_at, one.to_at) for one in new.calls]
    return NewVersion(new.from_on, new.calendar, calls, new.leaves_at, new.back_at, new.km)


@bp.post("/van/routes/new", endpoint="make")
@needs(Permission.VAN_PLAN)
def make() -> Any:
    told, library, session = posting.source(), pages.library(), db.session()
    reader, library_id, branch = Reader(told), library.id, current_user.branch_id
    posted, name = posting.posted_of(told, reader), reader.text("name", longest=80)
    vehicle = reader.choice(
        "vehicle", {str(one.uid): one for one in vehicles.open_of(session, library_id)}, required=False
    )
    new = _version(reader, told, {str(one.uid): one for one in stops.open_of(session, library_id)})
    vehicle_id = vehicle and vehicle.id

    def found() -> dict[str, Any]:
        assert posted
        owner = db.session.get_one(Organisation, library_id)
        one = db.session.get(Vehicle, vehicle_id) if vehicle_id else None
        made = routes.found(db.session(), pages.doing(posted, branch), owner, name, _again(new), one)
        audit.note(current_user.uid, "add-route", "route", made.uid, library_id)
        return {"route": str(made.uid), "words": _("Đã thêm tuyến %(name)s.", name=made.name)}

    def work() -> Any:
        assert posted
        facts = {"route": name, "calendar": new.calendar, "calls": trip_forms.plain_calls(new.calls)}
        return posting.answer(
            posted, facts, found, lambda done: pages.said(done["words"], url_for(".show", uid=done["route"]))
        )

    return pages.told_or_page(
        reader, work,
        lambda complaints, stopped: _form_page(None, told, trip_forms.call_rows(told), complaints, stopped),
    )  # fmt: skip


@bp.get("/van/routes/<uuid:uid>", endpoint="show")
@needs(Permission.VAN_PLAN)
def show(uid: UUID) -> Any:
    """Its versions; `first` to `last` and `vehicle`: trips that could be made."""
    return _page(route_here(db.session(), uid))


def _page(route: Route, stopped: Sequence[Reason] = (), told: posting.Source | None = None) -> str:
    session = db.session()
    first, last = _span(route)
    vehicle = _vehicle(session, route, str((told or request.args).get("vehicle") or ""))
    known = routes.versions(session, route.id)
    calls = routes.calls_by_version(session, known)
    versions = [(one, timetable_words.of(one.calendar), calls[one.id]) for one in known]
    crew = trip_forms.crew_rows(told) if told else usual_crew(session, session.get_one(Organisation, route.library_id))
    return pages.page(
        "mobile/route.html", route=route, versions=versions, vehicle=vehicle, first=first, last=last,
        vehicles=vehicles.open_of(session, route.library_id), stopped=stopped, complaints={}, told=told or {},
        proposed=routes.propose(session, route, vehicle, first, last) if vehicle else [],
        crew_rows=filled(crew, CrewRow(), trip_forms.MOST_CREW), accounts=accounts(session, route.library_id),
        rule=trips.crew_rule(session, route.library_id), today=clock.today(),
    )  # fmt: skip


def _span(route: Route) -> tuple[date, date]:
    """Four weeks from tomorrow, unless days are asked for."""
    first = pages.day_or(request.values.get("first"), clock.today() + timedelta(days=1))
    first = max(first, clock.today())
    last = pages.day_or(request.values.get("last"), first + AHEAD)
    return first, min(max(first, last), first + LONGEST)


def _vehicle(session: Session, route: Route, text: str) -> Vehicle | None:
    """The one that is named, the route's own, else the library's first."""
    found = vehicles.open_of(session, route.library_id)
    named = [one for one in found if str(one.uid) == text] or [one for one in found if one.id == route.vehicle_id]
    return next(iter(named or found), None)


@bp.post("/van/routes/<uuid:uid>/plan", endpoint="plan")
@needs(Permission.VAN_PLAN)
def plan(uid: UUID) -> Any:
    """Trips on the `day`s that are ticked, all by one act."""
    told = posting.source()
    reader, route = Reader(told), route_here(db.session(), uid)
    posted, vehicle = posting.posted_of(told, reader), _vehicle(db.session(), route, str(told.get("vehicle") or ""))
    days = [day for day in (pages.day_or(one, date.min) for one in posting.many(told, "day")) if day >= clock.today()]
    crew = trip_forms.crew(reader, trip_forms.crew_rows(told), accounts(db.session(), route.library_id))
    why, vehicle_id = reader.text("crew_why", required=False, longest=300), vehicle and vehicle.id

    def make_trips() -> dict[str, Any]:
        assert posted
        session = db.session()
        one = session.get_one(Vehicle, vehicle_id)
        doing = pages.doing(posted, one.branch_id)
        made = routes.plan_days(session, doing, route_here(session, uid), one, days, crew, why or None)
        audit.note(current_user.uid, "plan-trips", "route", uid, one.library_id)
        return {"trip": str(made[0].uid), "words": _("Đã xếp %(count)s chuyến.", count=len(made))}

    def work() -> Any:
        assert posted
        facts = {"route": str(uid), "days": days, "vehicle": vehicle_id, "crew": trip_forms.plain_crew(crew)}
        return posting.answer(
            posted, facts, make_trips,
            lambda done: pages.said(done["words"], url_for("mobile.planner", trip=done["trip"])),
        )  # fmt: skip

    def again(complaints: Complaints, stopped: Sequence[Reason]) -> str:
        return _page(route_here(db.session(), uid), stopped or [*complaints.values()], told)

    return pages.told_or_page(reader, work, again)


@bp.get("/van/routes/<uuid:uid>/version", endpoint="version")
@needs(Permission.VAN_PLAN)
def ask_version(uid: UUID) -> Any:
    session = db.session()
    route = route_here(session, uid)
    last = next(iter(routes.versions(session, route.id)), None)
    if last is None:
        return _form_page(route, {"rhythm": "weeks", "every": "1"}, [CallRow()])
    rows = [
        CallRow(str(one.stop.uid), f"{one.from_at:%H:%M}", f"{one.to_at:%H:%M}")
        for one in routes.calls_of(session, last)
    ]
    return _form_page(route, *_said(last, rows))


def _said(last: Any, rows: list[CallRow]) -> Any:
    calendar = last.calendar
    rhythm = "dates" if "dates" in calendar else "month" if "month_weeks" in calendar else "weeks"
    told = {
        "rhythm": rhythm, "every": str(calendar.get("every_weeks", 1)), "from_on": (clock.today() + timedelta(days=1)).isoformat(),
        "dates": ", ".join(f"{date.fromisoformat(one):%d/%m/%Y}" for one in calendar.get("dates", ())),
        "leaves_at": f"{last.leaves_at:%H:%M}", "back_at": f"{last.back_at:%H:%M}",
        "km": "" if last.km is None else f"{last.km:g}".replace(".", ","),
    }  # fmt: skip
    ticked = [str(one) for one in calendar.get("weekdays", ())], [str(one) for one in calendar.get("month_weeks", ())]
    return told, rows, None, (), ticked


@bp.post("/van/routes/<uuid:uid>/version", endpoint="add_version")
@needs(Permission.VAN_PLAN)
def add_version(uid: UUID) -> Any:
    told, route = posting.source(), route_here(db.session(), uid)
    reader, branch = Reader(told), current_user.branch_id
    posted = posting.posted_of(told, reader)
    new = _version(reader, told, {str(one.uid): one for one in stops.open_of(db.session(), route.library_id)})

    def write() -> dict[str, Any]:
        assert posted
        one = route_here(db.session(), uid)
        routes.new_version(db.session(), pages.doing(posted, branch), one, _again(new))
        audit.note(current_user.uid, "change-route", "route", uid, one.library_id)
        return {"words": _("Đã lưu lịch mới của tuyến, từ %(day)s.", day=f"{new.from_on:%d/%m/%Y}")}

    def work() -> Any:
        assert posted
        facts = {
            "route": str(uid),
            "from": new.from_on,
            "calendar": new.calendar,
            "calls": trip_forms.plain_calls(new.calls),
        }
        return posting.answer(posted, facts, write, lambda done: pages.said(done["words"], url_for(".show", uid=uid)))

    return pages.told_or_page(
        reader, work,
        lambda complaints, stopped: _form_page(route_here(db.session(), uid), told, trip_forms.call_rows(told), complaints, stopped),
    )  # fmt: skip


@bp.post("/van/routes/<uuid:uid>/close", endpoint="close")
@needs(Permission.VAN_PLAN)
def close(uid: UUID) -> Any:
    """`do`: close or reopen."""
    told = posting.source()
    reader, route = Reader(told), route_here(db.session(), uid)
    posted, do = posting.posted_of(told, reader), reader.choice("do", {"close": "close", "reopen": "reopen"})
    reader.done()
    assert posted

    def write() -> dict[str, Any]:
        one = route_here(db.session(), route.uid)
        if do == "close":
            routes.close(db.session(), one, clock.today())
        else:
            routes.reopen(db.session(), one)
        audit.note(current_user.uid, "change-route", "route", uid, one.library_id)
        return {"words": _("Đã lưu tuyến %(name)s.", name=one.name)}

    return posting.answer(
        posted, {"route": str(uid), "do": do}, write, lambda done: pages.said(done["words"], url_for(".show", uid=uid))
    )


@bp.get("/van/fill", endpoint="fill")
@needs(Permission.VAN_PLAN)
def fill() -> Any:
    """All routes with the days they would go in four weeks: where trips of routes begin to be made."""
    session, library = db.session(), pages.library()
    first = clock.today() + timedelta(days=1)
    found = []
    for route in routes.of_library(session, library.id):
        vehicle = _vehicle(session, route, "")
        proposed = (
            routes.propose(session, route, vehicle, first, first + AHEAD) if vehicle and not route.closed_on else []
        )
        found.append((route, vehicle, proposed, _open_days(proposed)))
    return pages.page("mobile/fill.html", routes=found, first=first, last=first + AHEAD)


def _open_days(proposed: Sequence[Proposed]) -> list[date]:
    """Days that only wait to be planned."""
    return [one.day for one in proposed if one.may_go and not one.is_cancelled and not one.closed]
