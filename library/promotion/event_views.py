"""Events: the month, one of them, recording one in half a minute; what comes up in the year."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.organisations.models import Organisation
from library.patrons import asked
from library.promotion import (
    event_book,
    event_dates,
    event_files,
    event_forms,
    event_ics,
    event_month,
    event_pages,
    event_steps,
    events,
)
from library.promotion.event_models import Event, State
from library.promotion.event_pages import Complaints

bp = Blueprint("activities", __name__)


@bp.get("/activities", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """A month as weeks and as a list, what waits to be confirmed, what comes up in the year. `month`: 2026-11; `as`: xlsx
    for all events of its school year."""
    session, library, today = db.session(), asked.library(), clock.today()
    first = event_month.read(request.args.get("month"), today)
    where = Event.branch_id.in_([one.id for one in event_pages.branches(library)])
    types = event_pages.named(session, library.id, "event")
    if request.args.get("as") == "xlsx":
        since, until, year = event_pages.year_of(first)
        return event_book.of_events(session, events.within(session, where, since, until), types, year)
    since, until = event_month.span(first)
    found = events.within(session, where, since, until)
    month = event_month.month(first, found, event_month.closed(session, library, since, until))
    return event_pages.page(
        "promotion/activities.html", library=library, month=month, waiting=events.waiting(session, where, today),
        types=types, coming=_coming(session, library, today),
        sums=event_month.sums(one for one in found if (one.first_on.year, one.first_on.month) == (first.year, first.month)),
        held=State.HELD,
    )  # fmt: skip


def _coming(session: Session, library: Organisation, today: date) -> list[tuple[event_dates.Coming, str]]:
    """With its name as it is said here."""
    shipped = {one.name for one in event_dates.SHIPPED}
    found = event_dates.coming(session, library.id, today)
    return [(one, str(_(one.name)) if one.name in shipped else one.name) for one in found]


# Recording


@bp.get("/activities/new", endpoint="new")
@needs(Permission.PROMOTE)
def ask() -> Any:
    """`day`, `title`: filled in beforehand, from the month and from what comes up."""
    day = event_month.day(request.args.get("day"), clock.today())
    told = {"first_on": day.isoformat(), "title": request.args.get("title", "")[:200], "weeks": "1"}
    return _form(None, told)


def _form(one: Event | None, told: Any, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session, library = db.session(), event_pages.library_of(one) if one else asked.library()
    types = event_pages.named(session, library.id, "event", every=False)
    if one is not None and one.type_code not in types:
        types |= {one.type_code: event_pages.named(session, library.id, "event").get(one.type_code, one.type_code)}
    return event_pages.page(
        "promotion/activity_form.html", library=library, one=one, told=told, complaints=complaints or {}, stopped=stopped,
        types=types, branches=event_pages.branches(library), most_weeks=events.MOST_WEEKS,
    )  # fmt: skip


@bp.post("/activities/new", endpoint="make")
@needs(Permission.PROMOTE)
def make() -> Any:
    told, library = posting.source(), asked.library()
    reader, lib = Reader(told), asked.slug_of(asked.library())
    posted, branch = posting.posted_of(told, reader), event_pages.branch_of(reader, library)
    said = event_forms.event_of(reader, event_pages.named(db.session(), library.id, "event", every=False))
    weeks = reader.number("weeks", 1, events.MOST_WEEKS, required=False) or 1

    def write() -> dict[str, Any]:
        assert posted and branch
        made = events.record(db.session(), event_pages.doing(posted, branch), branch, dict(said), weeks)
        for one in made:
            event_pages.note("add", events.MANNER, one)
        words = _("Đã ghi hoạt động.") if weeks == 1 else _("Đã xếp %(count)s tuần.", count=weeks)
        return {"uid": str(made[0].uid), "do": words, "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"event": said, "weeks": weeks, "branch": branch}
        return posting.answer_aloud(
            posted, content, write, lambda done: url_for("activities.show", uid=UUID(done["uid"]), lib=lib)
        )

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _form(None, told, wrong, stopped))


# One of them


@bp.get("/activities/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    return _page(uid)


def _page(uid: UUID, told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session = db.session()
    one = event_pages.thing_here(session, Event, uid)
    library = event_pages.library_of(one)
    return event_pages.page(
        "promotion/activity.html", library=library, one=one, types=event_pages.named(session, library.id, "event"),
        history=event_steps.history(session, one), files=event_files.of(session, one.uid), kind=events.KIND,
        accept=event_files.ACCEPT, others=events.of_series(session, one), told=told or {}, complaints=complaints or {},
        stopped=stopped, may_hold=one.state is State.PLANNED and one.first_on <= clock.today(), State=State,
    )  # fmt: skip


@bp.get("/activities/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def ask_edit(uid: UUID) -> Any:
    one = event_pages.thing_here(db.session(), Event, uid)
    return _form(one, _said(one))


def _said(one: Event) -> dict[str, str]:
    """As the form names it."""
    said = event_steps.plain_of(db.session(), events.MANNER, one)
    fields = {name: "" if value is None else str(value) for name, value in said.items() if name != "people"}
    people = {f"people-{audience}": str(count) for audience, count in one.people.items()}
    return fields | people | {"type": one.type_code, "as_visits": "1" if one.as_visits else ""}


@bp.post("/activities/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    one = event_pages.thing_here(db.session(), Event, uid)
    reader = Reader(told)
    types = event_pages.named(db.session(), event_pages.library_of(one).id, "event")
    said = event_forms.event_of(reader, types)
    again = lambda wrong, stopped: _form(event_pages.thing_here(db.session(), Event, uid), told, wrong, stopped)  # noqa: E731

    def work(session: Session, doing: Doing, thing: Event) -> Any:
        events.change(session, doing, thing, said)
        return _("Đã lưu.")

    send = lambda: event_pages.change(events.MANNER, uid, {"as": said}, "change", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, again)


def _at(uid: UUID) -> str:
    return url_for("activities.show", uid=uid)


@bp.post("/activities/<uuid:uid>/hold", endpoint="hold")
@needs(Permission.PROMOTE)
def hold(uid: UUID) -> Any:
    """It was held: {people-pupils…, as_visits}."""
    told = posting.source()
    reader = Reader(told)
    people, as_visits = event_forms.people_of(reader), reader.ticked("as_visits")

    def work(session: Session, doing: Doing, thing: Event) -> Any:
        events.hold(session, doing, thing, people, as_visits)
        return _("Đã ghi hoạt động.")

    content = {"people": people, "as_visits": as_visits}
    send = lambda: event_pages.change(events.MANNER, uid, content, "hold", work, None, _at(uid))  # noqa: E731
    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(uid, told, wrong, stopped))


@bp.post("/activities/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.PROMOTE)
def cancel(uid: UUID) -> Any:
    def work(session: Session, doing: Doing, thing: Event) -> Any:
        events.cancel(session, doing, thing)
        return _("Đã hủy hoạt động này. Số liệu của nó không còn tính.")

    return event_pages.change(events.MANNER, uid, {}, "cancel", work, None, _at(uid))


@bp.post("/activities/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    return event_pages.undo(events.MANNER, uid, _at(uid), url_for("activities.list"))


# The calendar as a file


@bp.get("/activities/calendar.ics", endpoint="calendar")
@needs(Permission.PROMOTE)
def calendar() -> Any:
    """Half a year back and a year ahead, for a telephone's calendar."""
    session, library, today = db.session(), asked.library(), clock.today()
    where = Event.branch_id.in_([one.id for one in event_pages.branches(library)])
    found = events.within(session, where, today - timedelta(days=183), today + timedelta(days=366))
    told = {"Content-Disposition": 'attachment; filename="hoat-dong.ics"'}
    return Response(event_ics.calendar(library.short_name, found, clock.now()), mimetype="text/calendar", headers=told)
