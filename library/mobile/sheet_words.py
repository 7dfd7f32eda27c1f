"""Days and numbers as papers and calendars of trips write them. Papers are in Vietnamese, whatever the pages speak."""

from datetime import date, time

from library.core.numbers import written
from library.loans.wording import WEEKDAYS
from library.mobile.change_words import LEFT, WHYS
from library.mobile.outings import Outing, What


def long_day(day: date) -> str:
    """thứ Tư, 25/11/2026"""
    return f"{WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def hours(since: time | None, until: time | None) -> str:
    return f"{since:%H:%M} – {until:%H:%M}" if since and until else ""


def what(one: Outing) -> str:
    """Before the name of something that is no visit."""
    return {What.VISIT: "", What.BATCH_COMES: "Sách về: ", What.BATCH_GOES: "Hạn trả: "}[one.what]


SUDDEN = "có việc đột xuất"


def open_why(why: str) -> str:
    """For the public: the usual words only, since what somebody wrote may name people."""
    return WHYS.get(why, SUDDEN)


def counts_for_nobody(one: Outing) -> bool:
    """A visit that was put right again: those who planned it know, nobody else need."""
    return one.off and one.why in LEFT


def odometers(out: int | None, back: int | None) -> str:
    """12.340 – 12.458, kilometres; "" where neither was read."""
    told = [written(one) if one is not None else "…" for one in (out, back)]
    return " – ".join(told) if (out, back) != (None, None) else ""
