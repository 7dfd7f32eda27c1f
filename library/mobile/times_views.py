"""The real times of a trip and its stops, typed afterwards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import Reason
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.mobile import actual_times, pages
from library.mobile.models import Trip
from library.mobile.pages import Complaints
from library.mobile.scopes import trip_here

bp = Blueprint("mobile_times", __name__)


@bp.get("/van/trips/<uuid:uid>/times", endpoint="show")
@needs(Permission.VAN_CREW)
def show(uid: UUID) -> Any:
    return _page(trip_here(db.session(), uid))


def _page(trip: Trip, complaints: Complaints | None = None, stopped: Sequence[Reason] = (), told: Any = None) -> str:
    session = db.session()
    known = actual_times.known(session, trip)
    return pages.page(
        "mobile/times.html", trip=trip, times=known, visits=actual_times.called(session, trip), told=told or {},
        complaints=complaints or {}, stopped=stopped, hour=actual_times.hour, last=uuid_or_none(request.args.get("last")),
        home_on=clock.day_of(trip.in_at) if trip.in_at else trip.day,
    )  # fmt: skip


@bp.post("/van/trips/<uuid:uid>/times", endpoint="tell")
@needs(Permission.VAN_CREW)
def tell(uid: UUID) -> Any:
    """Each time of `actual_times.known` by its name, as 7:30; `in_on`: the day the vehicle came home."""
    told, trip = posting.source(), trip_here(db.session(), uid)
    reader = Reader(told)
    posted, times = posting.posted_of(told, reader), _times(reader, trip)
    names = sorted(actual_times.known(db.session(), trip))

    def write() -> dict[str, Any]:
        assert posted
        one = trip_here(db.session(), uid)
        done = actual_times.tell(db.session(), pages.doing(posted, one.vehicle.branch_id), one, times)
        audit.note(current_user.uid, "log-trip", "trip", one.uid, one.library_id)
        return {
            **done,
            "times_of": str(uid),
            "act": str(posted.uid),
            "words": _("Đã ghi giờ thật. Giờ theo lịch vẫn giữ."),
        }

    def work() -> Any:
        assert posted
        facts = {"trip": str(uid), "times": {name: str(told.get(name) or "") for name in (*names, "in_on")}}
        back = lambda done: pages.said(done["words"], url_for(".show", uid=uid, last=done["act"]))  # noqa: E731
        return posting.answer(posted, facts, write, back)

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _page(trip_here(db.session(), uid), complaints, stopped, told)
    )


def _times(reader: Reader, trip: Trip) -> dict[str, datetime]:
    """What was typed; a field that still shows the minute that is known tells nothing new."""
    home_on = reader.day("in_on", False) or (clock.day_of(trip.in_at) if trip.in_at else trip.day)
    found = {}
    for name, was in actual_times.known(db.session(), trip).items():
        at = pages.time_of(reader, name, required=False)
        if at is None or (
            was and actual_times.hour(was) == f"{at:%H:%M}" and (name != "in" or clock.day_of(was) == home_on)
        ):
            continue
        day = home_on if name == "in" else clock.day_of(was) if was else trip.day
        found[name] = datetime.combine(day, at, clock.HERE)
    return found


@bp.post("/van/trips/<uuid:uid>/times/undo", endpoint="undo")
@needs(Permission.VAN_CREW)
def undo(uid: UUID) -> Any:
    """`act`: which telling of times is taken back."""
    told, trip = posting.source(), trip_here(db.session(), uid)
    reader = Reader(told)
    posted, act = posting.posted_of(told, reader), or_not_found(uuid_or_none(str(told.get("act") or "")))

    def back() -> dict[str, Any]:
        assert posted
        one = trip_here(db.session(), trip.uid)
        actual_times.take_back(db.session(), pages.doing(posted, one.vehicle.branch_id), one, act)
        return {"words": _("Đã hoàn tác. Giờ như trước.")}

    def work() -> Any:
        assert posted
        return posting.answer(
            posted, {"undo": str(act)}, back, lambda done: pages.said(done["words"], url_for(".show", uid=uid))
        )

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _page(trip_here(db.session(), uid), complaints, stopped)
    )
