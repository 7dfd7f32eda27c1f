"""Events as an .ics file (RFC 5545): the name of an entry never changes, so that a telephone moves what it has."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar
from icalendar import Event as Entry

from library.core import clock
from library.promotion.event_models import Event, State

HOUR = timedelta(hours=1)


def calendar(name: str, found: Iterable[Event], at: datetime) -> bytes:
    """`at`: when it was written."""
    made = Calendar()
    for key, value in (("PRODID", "-//Tu Sach//Hoat dong//VI"), ("VERSION", "2.0"), ("METHOD", "PUBLISH")):
        made.add(key, value)
    made.add("X-WR-CALNAME", name)
    made.add("X-WR-TIMEZONE", "Asia/Ho_Chi_Minh")
    for one in found:
        made.add_component(_entry(one, at))
    return bytes(made.to_ical())


def _entry(one: Event, at: datetime) -> Entry:
    made = Entry()
    made.add("UID", f"{one.uid}@tusach")
    made.add("DTSTAMP", at.astimezone(UTC))
    made.add("STATUS", "CANCELLED" if one.state is State.CANCELLED else "CONFIRMED")
    made.add("SUMMARY", one.title)
    for key, moment in _when(one):
        made.add(key, moment)
    if one.place:
        made.add("LOCATION", one.place)
    return made


def _when(one: Event) -> list[tuple[str, date | datetime]]:
    """Whole days, unless it is one day and its hour is known."""
    if one.from_at is None or one.last_on is not None:
        return [("DTSTART", one.first_on), ("DTEND", (one.last_on or one.first_on) + timedelta(days=1))]
    begins = datetime.combine(one.first_on, one.from_at, clock.HERE).astimezone(UTC)
    return [("DTSTART", begins), ("DTEND", begins + HOUR)]
