"""What a change of visits did, in a sentence that goes beside its undo."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.loans import wording
from library.loans.closing import UNDONE_WITHIN
from library.mobile.models import VisitChange


def told(change: VisitChange) -> str:
    """ "Dời điểm Nà Phặc sang 02/12. Hạn trả của 46 cuốn dời theo." """
    return f"{what(change)} {dates(change)}"


def what(change: VisitChange) -> str:
    visits = change.facts.get("visits", [])
    names, days = _stops(visits), [date.fromisoformat(one["to_day"] or one["day"]) for one in visits[:1]]
    if change.kind == "move" and len(visits) == 1:
        return str(_("Dời điểm %(stop)s sang %(day)s.", stop=names, day=wording.weekday_day(days[0])))
    if change.kind == "move" and days:
        return str(_("Dời cả chuyến (%(stops)s) sang %(day)s.", stops=names, day=wording.weekday_day(days[0])))
    if change.kind == "skip" and days:
        return str(_("Bỏ điểm %(stop)s ngày %(day)s.", stop=names, day=wording.day(days[0])))
    if change.kind == "cancel-trip":
        return str(_("Hủy chuyến đi %(stops)s.", stops=names)) if names else str(_("Hủy chuyến."))
    return str(_("Tạm nghỉ: bỏ %(count)s lần xe đến.", count=len(visits)))


def dates(change: VisitChange) -> str:
    if count := int(change.facts.get("dates") or 0):
        return str(_("Hạn trả của %(count)s cuốn dời theo.", count=count))
    return str(_("Không có hạn trả nào phải dời."))


def _stops(visits: list[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(one["stop"] for one in visits))


def may_be_undone(change: VisitChange) -> bool:
    """As far as its age tells; what stands on it is asked when it is tried."""
    return change.undone_at is None and clock.now() - change.made_at <= UNDONE_WITHIN
