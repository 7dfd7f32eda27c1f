"""Words that pages of promotion share: of whom, in which state, what was done."""

from collections.abc import Mapping

from library.core.errors import N_
from library.promotion.event_models import State

AUDIENCES: Mapping[str, str] = {
    "pupils": N_("Học sinh"),
    "teachers": N_("Giáo viên, nhân viên"),
    "parents": N_("Phụ huynh"),
    "citizens": N_("Người dân"),
    "disabled": N_("Người khuyết tật"),
    "delegates": N_("Đại biểu, khách mời"),
}
"""Of whom people are counted: each person once, in the group that says most about them."""

STATES: Mapping[State, tuple[str, str]] = {
    State.PLANNED: ("ghi", N_("sắp tới")),
    State.HELD: ("ok", N_("đã tổ chức")),
    State.CANCELLED: ("khong", N_("đã hủy")),
}
"""(outcome, words)."""

DEEDS: Mapping[str, str] = {
    "add": N_("Ghi lần đầu"),
    "change": N_("Sửa"),
    "hold": N_("Xác nhận đã tổ chức"),
    "count": N_("Ghi số người"),
    "cancel": N_("Hủy"),
}
"""What an act did, in a thing's history."""


def total(people: Mapping[str, int]) -> int:
    return sum(people.values())
