"""Sentences of swaps."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.loans import wording
from library.shelves.models import SwapEvery
from library.shelves.swap_giving import Side, Swapped
from library.shelves.swapping import HAD_BEFORE, LEVEL, SIZE

EVERY = {
    SwapEvery.WEEK: N_("Mỗi tuần"),
    SwapEvery.TWO_WEEKS: N_("Hai tuần một lần"),
    SwapEvery.MONTH: N_("Mỗi tháng"),
}
NOT_AS_WISHED = {
    HAD_BEFORE: N_("gặp lại hộp cũ"),
    LEVEL: N_("lệch bậc đọc"),
    SIZE: N_("ít sách hơn số em"),
}


def when(day: date) -> str:
    """Which week it is in, and the weekday; days that are over are told as such."""
    today = clock.today()
    weeks = (day - timedelta(days=day.weekday()) - (today - timedelta(days=today.weekday()))).days // 7
    if day == today:
        return str(_("Hôm nay"))
    if day < today:
        return str(_("Đã hẹn %(day)s", day=wording.weekday_day(day)))
    said = {0: N_("Tuần này, %(day)s"), 1: N_("Tuần sau, %(day)s")}.get(weeks, "%(day)s")
    return str(_(said)) % {"day": wording.weekday_day(day)}


def hour(moment: datetime) -> str:
    """When somebody tapped; another day than today is named."""
    here = moment.astimezone(clock.HERE)
    return f"{here:%H:%M}" if here.date() == clock.today() else f"{here:%H:%M}, {wording.day(here.date())}"


def said(side: Side, box: int, other: str, told: Swapped) -> dict[str, Any]:
    """The answer: {outcome, word, do, done, act, moved, follow, missing, out}."""
    words = _done(side, box, other, told) if told.done else _half(side, box, other)
    counts = {"moved": len(told.moved), "follow": len(told.follow), "missing": len(told.missing), "out": len(told.out)}
    outcome = "ok" if told.done and not told.missing else "luu"
    return {"outcome": outcome, "word": _("Đã ghi"), "do": words, "done": told.done, "act": told.act_id, **counts}


def _half(side: Side, box: int, other: str) -> str:
    gave = N_("Đã ghi: hộp %(box)s đưa cho %(other)s. Sách chuyển tủ khi %(other)s bấm đã nhận.")
    took = N_("Đã ghi: nhận hộp %(box)s của %(other)s. Sách chuyển tủ khi %(other)s bấm đã đưa.")
    return str(_(gave if side is Side.GIVE else took)) % {"box": box, "other": other}


def _done(side: Side, box: int, other: str, told: Swapped) -> str:
    count = len(told.moved)
    if side is Side.GIVE:
        words = [_("Hộp %(box)s đã sang %(other)s: %(count)s cuốn.", box=box, other=other, count=count)]
    else:
        words = [_("Hộp %(box)s của %(other)s đã về tủ này: %(count)s cuốn.", box=box, other=other, count=count)]
    if told.follow:
        words.append(_("%(count)s cuốn chưa ở trong hộp, về sau sẽ theo tủ mới.", count=len(told.follow)))
    if told.missing:
        words.append(_("%(count)s cuốn không thấy, lớp ký nhận trước còn giữ trách nhiệm.", count=len(told.missing)))
    return " ".join(words)


def broken(count: Mapping[str, int]) -> list[str]:
    """How often what was wished is not so, the worst first."""
    told = [(count.get(name, 0), _(words)) for name, words in NOT_AS_WISHED.items()]
    return [_("%(count)s lượt %(what)s", count=times, what=words) for times, words in told if times]
