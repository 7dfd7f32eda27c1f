"""Outings as an .ics file (RFC 5545). The name of an entry never changes and its number only grows, so that a telephone moves
or strikes out what it has rather than showing it twice."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event, vGeo

from library.core import clock
from library.mobile.outings import Outing, What

TYPE = "text/calendar; charset=utf-8"
HOST = "tusach"
"""Behind the name of an entry: the installation's address may change, the name may not."""
EVERY = timedelta(hours=6)
SUMMARIES = {
    What.VISIT: "%(about)s đến %(name)s",
    What.BATCH_COMES: "Sách luân chuyển về: %(name)s",
    What.BATCH_GOES: "Đến hạn chuyển sách đi: %(name)s",
}
"""Calendars are in Vietnamese, as papers are."""


def calendar(name: str, outings: Iterable[Outing], at: datetime, url: str = "") -> bytes:
    """`at`: when it was written; `url`: where the timetable stands on the web."""
    made = Calendar()
    for key, value in (("PRODID", "-//Tu Sach//Lich xe//VI"), ("VERSION", "2.0"), ("METHOD", "PUBLISH")):
        made.add(key, value)
    made.add("X-WR-CALNAME", name)
    made.add("X-WR-TIMEZONE", "Asia/Ho_Chi_Minh")
    made.add("REFRESH-INTERVAL", EVERY, parameters={"VALUE": "DURATION"})
    made.add("X-PUBLISHED-TTL", "PT6H")
    for one in outings:
        made.add_component(_event(one, at, url))
    return bytes(made.to_ical())


def _event(one: Outing, at: datetime, url: str) -> Event:
    made = Event()
    made.add("UID", f"{one.uid}@{HOST}")
    made.add("DTSTAMP", at.astimezone(UTC))
    made.add("SEQUENCE", one.sequence)
    made.add("STATUS", "CANCELLED" if one.off else "CONFIRMED")
    made.add("SUMMARY", SUMMARIES[one.what] % {"name": one.name, "about": one.about})
    for key, moment in _when(one):
        made.add(key, moment)
    if place := _place(one):
        made.add("LOCATION", place)
    if one.at:
        made.add("GEO", vGeo(one.at))
    if url:
        made.add("URL", url)
    made.add("TRANSP", "TRANSPARENT")
    return made


def _place(one: Outing) -> str:
    """The stop and its address, which often begins with the stop's name: said once."""
    if one.what is not What.VISIT or one.address.casefold().startswith(one.name.casefold()):
        return one.address
    return ", ".join(filter(None, (one.name, one.address)))


def _when(one: Outing) -> list[tuple[str, date | datetime]]:
    """Moments in UTC: Việt Nam knows no summer time, and no telephone needs to be told of its zone."""
    if one.from_at is None or one.to_at is None:
        return [("DTSTART", one.day), ("DTEND", one.day + timedelta(days=1))]
    return [("DTSTART", _moment(one.day, one.from_at)), ("DTEND", _moment(one.day, one.to_at))]


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.HERE).astimezone(UTC)
