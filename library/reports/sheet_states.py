"""The life of a sheet: which deed leads from which state to which, and who does it. docs tell it from this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.core.lifecycle import Life, TooEarlyOrLate
from library.reports.sheet_models import SheetState as S


class Deed(StrEnum):
    SAVE = "save"
    SEND = "send"
    WITHDRAW = "withdraw"
    """The unit takes it back to change something, as long as nobody accepted it."""
    ACCEPT = "accept"
    RETURN = "return"
    """Whoever adds up asks the unit to look again."""
    LOCK = "lock"


UNIT, ADDS_UP = "unit", "adds-up"


@dataclass(frozen=True)
class Way:
    """One line of the table."""

    before: S
    deed: Deed
    after: S
    who: str


WAYS = (
    Way(S.DRAFT, Deed.SAVE, S.DRAFT, UNIT),
    Way(S.DRAFT, Deed.SEND, S.SUBMITTED, UNIT),
    Way(S.RETURNED, Deed.SAVE, S.RETURNED, UNIT),
    Way(S.RETURNED, Deed.SEND, S.SUBMITTED, UNIT),
    Way(S.SUBMITTED, Deed.WITHDRAW, S.DRAFT, UNIT),
    Way(S.SUBMITTED, Deed.ACCEPT, S.ACCEPTED, ADDS_UP),
    Way(S.SUBMITTED, Deed.RETURN, S.RETURNED, ADDS_UP),
    Way(S.ACCEPTED, Deed.RETURN, S.RETURNED, ADDS_UP),
    Way(S.ACCEPTED, Deed.LOCK, S.LOCKED, ADDS_UP),
)
WORDS: Mapping[S, str] = {
    S.DRAFT: N_("Đang soạn"),
    S.SUBMITTED: N_("Đã gửi"),
    S.RETURNED: N_("Trả lại để xem"),
    S.ACCEPTED: N_("Được nhận"),
    S.LOCKED: N_("Đã chốt"),
}
OUTCOMES: Mapping[S, str] = {S.DRAFT: "ghi", S.SUBMITTED: "luu", S.RETURNED: "hoi", S.ACCEPTED: "ok", S.LOCKED: "ok"}
SENT = frozenset({S.SUBMITTED, S.ACCEPTED, S.LOCKED})
COUNTED = frozenset({S.ACCEPTED, S.LOCKED})
"""Sheets that are added up."""
OPEN = frozenset({S.DRAFT, S.RETURNED})
"""Sheets that wait for their unit."""
NOT_NOW: Mapping[S, str] = {
    S.DRAFT: N_("Đơn vị còn đang soạn báo cáo này nên chưa làm việc này được."),
    S.SUBMITTED: N_("Báo cáo này đã gửi, đang chờ nhận. Rút lại rồi sửa."),
    S.RETURNED: N_("Báo cáo này đã trả lại đơn vị, chưa gửi lần nữa."),
    S.ACCEPTED: N_("Báo cáo này đã được nhận. Muốn sửa thì nhờ nơi nhận trả lại."),
    S.LOCKED: N_("Số liệu đã chốt. Từ đây chỉ đính chính, không sửa."),
}


class NotNow(TooEarlyOrLate):
    """The sheet is not at a point where this can be done."""

    sentences = NOT_NOW


_LIFE = Life(((way.before, way.deed, way.after) for way in WAYS), NotNow)
after, may = _LIFE.after, _LIFE.may
