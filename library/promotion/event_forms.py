"""Fields that forms of promotion share: people by audience, money, hours; and an event as it is typed."""

from collections.abc import Mapping
from datetime import time

from library.core.errors import N_
from library.core.forms import Reader
from library.promotion.event_steps import Plain
from library.promotion.event_words import AUDIENCES

MOST_PEOPLE = 1_000_000
MOST_MONEY = 10**13


def count_of(reader: Reader, name: str, most: int = MOST_PEOPLE, required: bool = False) -> int | None:
    """A number as it is written here: 1.213, 18.230.000."""
    typed = reader.text(name, required, 30)
    text = typed.replace(".", "").replace(" ", "").removesuffix("đồng").removesuffix("đ")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) <= most):
        reader.complain(name, "number", N_("Ghi một số, như 35 hoặc 1.213."))
        return None
    return int(text)


def people_of(reader: Reader, prefix: str = "people-") -> dict[str, int]:
    """By audience, those of whom somebody came."""
    told = {audience: count_of(reader, f"{prefix}{audience}") for audience in AUDIENCES}
    return {audience: count for audience, count in told.items() if count}


def time_of(reader: Reader, name: str) -> str | None:
    """A time of the day: 07:30, 7h30; as JSON keeps it."""
    typed = reader.text(name, False, 8)
    try:
        hour, _colon, minute = typed.lower().replace("h", ":").partition(":")
        return time(int(hour), int(minute or 0)).isoformat() if typed else None
    except ValueError:
        reader.complain(name, "time", N_("Giờ viết như 7:30."))
        return None


def day_of(reader: Reader, name: str, required: bool = True) -> str | None:
    """As JSON keeps it; a complaint stands in `reader` where a required one is missing."""
    found = reader.planned_day(name, required)
    return found.isoformat() if found else None


def words_of(reader: Reader, name: str, longest: int = 200) -> str | None:
    return reader.text(name, False, longest) or None


def many_lines(reader: Reader, name: str, longest: int = 2000) -> str | None:
    """Of a larger box."""
    return reader.text(name, False, longest) or None


def event_of(reader: Reader, types: Mapping[str, str]) -> Plain:
    """All an event says, but for its state. `types`: those one may choose; the name of one is a title too."""
    code = reader.choice("type", {code: code for code in types})
    first, last = day_of(reader, "first_on"), day_of(reader, "last_on", required=False)
    if first and last and last < first:
        reader.complain("last_on", "before", N_("Ngày cuối phải sau ngày đầu."))
    return {
        "type_code": code, "title": reader.text("title", False, 200) or types.get(code or "", ""), "first_on": first,
        "last_on": last if last != first else None, "from_at": time_of(reader, "from_at"),
        "place": words_of(reader, "place"), "partners": words_of(reader, "partners", 300),
        "cost": count_of(reader, "cost", MOST_MONEY), "note": many_lines(reader, "note"),
        "people": people_of(reader), "as_visits": reader.ticked("as_visits"),
    }  # fmt: skip
