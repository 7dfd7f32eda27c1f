"""Types of events, subjects of training and dates of the year: what is shipped, renamed, hidden, added here."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.forms import Reader
from library.loans import posting
from library.patrons import asked
from library.promotion import event_dates, event_pages, event_types
from library.promotion.event_pages import Complaints

bp = Blueprint("activity_settings", __name__)
OF = {"event": "event", "training": "training"}


@bp.get("/activities/settings")
@needs(Permission.PROMOTE)
def show() -> Any:
    return _page()


def _page(told: Any = None, complaints: Complaints | None = None, stopped: Any = ()) -> str:
    session, library = db.session(), asked.library()
    text = request.values.get("year", "")
    plain = text.isascii() and text.isdigit() and len(text) < 5
    year = int(text) if plain and 2000 <= int(text) <= 2199 else clock.today().year
    every = {of: event_types.every(session, library.id, of) for of in OF}
    return event_pages.page(
        "promotion/activity_settings.html", library=library, types=every, year=year, told=told or {},
        dates=event_dates.of_year(session, library.id, year), complaints=complaints or {}, stopped=stopped,
        shipped={one.name for one in event_dates.SHIPPED} | {name for of in event_types.SHIPPED.values() for name in of.values()},
    )  # fmt: skip


@bp.post("/activities/settings/types")
@needs(Permission.PROMOTE)
def types() -> Any:
    """`do` add: {of, name}; save: {of, code, name, hidden}."""
    told, library = posting.source(), asked.library()
    reader = Reader(told)
    posted, of = posting.posted_of(told, reader), reader.choice("of", OF)
    code, name = reader.text("code", False, 60), reader.text("name", False, 100)
    hidden = reader.ticked("hidden")
    if not code and not name:
        reader.complain("name", "required", N_("Ghi tên loại muốn thêm."))
    if of and code and code not in event_types.names(db.session(), library.id, of):
        reader.complain("name", "unknown", N_("Không có loại này."))

    def write() -> dict[str, Any]:
        assert of
        if code:
            event_types.say(db.session(), library.id, of, code, name, hidden)
        else:
            event_types.add(db.session(), library.id, of, name)
        audit.note(current_user.uid, "change-activity-types", "library", library.uid, library.id)
        return {"do": _("Đã lưu."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"types": of, "code": code, "name": name, "hidden": hidden}
        return posting.answer_aloud(posted, content, write, lambda done: _back(library))

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(told, wrong, stopped))


def _back(library: Any) -> str:
    return url_for("activity_settings.show", lib=asked.slug_of(library), year=request.values.get("year") or None)


@bp.post("/activities/settings/dates")
@needs(Permission.PROMOTE)
def dates() -> Any:
    """{code, name, first, last, year (empty: every year), hidden}; without a code: a date of one's own."""
    told, library = posting.source(), asked.library()
    reader = Reader(told)
    posted, code = posting.posted_of(told, reader), reader.text("code", False, 60)
    name = reader.text("name", longest=120)
    first, last = _day(reader, "first"), _day(reader, "last", required=False)
    year = reader.number("only_year", 2000, 2199, required=False)
    hidden = reader.ticked("hidden")

    def write() -> dict[str, Any]:
        assert first
        until = last or first
        said = {
            "name": name, "first_month": first[0], "first_day": first[1], "last_month": until[0], "last_day": until[1],
            "hidden": hidden,
        }  # fmt: skip
        event_dates.say(db.session(), library.id, code, said, year)
        audit.note(current_user.uid, "change-activity-types", "library", library.uid, library.id)
        return {"do": _("Đã lưu."), "outcome": "ok"}

    def send() -> Any:
        assert posted
        content = {"date": code, "name": name, "first": first, "last": last, "year": year, "hidden": hidden}
        return posting.answer_aloud(posted, content, write, lambda done: _back(library))

    return event_pages.told_or_page(reader, send, lambda wrong, stopped: _page(told, wrong, stopped))


def _day(reader: Reader, name: str, required: bool = True) -> event_dates.Day | None:
    """A day of any year, as it is written: 21/4."""
    text = reader.text(name, required, 10)
    if not text or name in reader.complaints:
        return None
    day, _slash, month = text.partition("/")
    if not (day.isascii() and day.isdigit() and month.isascii() and month.isdigit()):
        reader.complain(name, "day", N_("Ngày viết như 21/4."))
        return None
    found = int(month), int(day)
    if not (1 <= found[0] <= 12 and 1 <= found[1] <= _longest(found[0])):
        reader.complain(name, "day", N_("Ngày viết như 21/4."))
        return None
    return found


def _longest(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
