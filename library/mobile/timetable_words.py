"""A route's calendar in words: "Hai tuần một lần, thứ Tư"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from library.core.errors import N_

DAYS = (N_("thứ Hai"), N_("thứ Ba"), N_("thứ Tư"), N_("thứ Năm"), N_("thứ Sáu"), N_("thứ Bảy"), N_("Chủ nhật"))
WEEKS = {1: N_("tuần 1"), 2: N_("tuần 2"), 3: N_("tuần 3"), 4: N_("tuần 4"), -1: N_("tuần cuối")}
MOST_DATES = 6


def of(calendar: Mapping[str, Any]) -> str:
    if "dates" in calendar:
        return _dates(calendar["dates"])
    days = ", ".join(_(DAYS[one]) for one in calendar["weekdays"])
    if "every_weeks" in calendar:
        every = calendar["every_weeks"]
        return str(
            _("%(days)s hằng tuần", days=days)
            if every == 1
            else _("%(days)s, %(every)s tuần một lần", days=days, every=every)
        )
    return str(
        _(
            "%(days)s của %(weeks)s trong tháng",
            days=days,
            weeks=", ".join(_(WEEKS[one]) for one in calendar["month_weeks"]),
        )
    )


def _dates(listed: list[str]) -> str:
    days = [f"{date.fromisoformat(one):%d/%m/%Y}" for one in listed[:MOST_DATES]]
    if len(listed) > MOST_DATES:
        return str(_("%(days)s và %(count)s ngày nữa", days=", ".join(days), count=len(listed) - MOST_DATES))
    return ", ".join(days)
