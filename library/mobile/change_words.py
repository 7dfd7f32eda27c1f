"""Why a visit is left out, as the pages offer it and as it is told."""

from library.core.errors import N_

WHYS = {
    "storm": N_("mưa bão"),
    "road": N_("đường không đi được"),
    "exam": N_("trường thi"),
    "breakdown": N_("xe hỏng"),
    "school-asked": N_("trường xin hoãn"),
}
"""Reasons with a button; any other words are the reason themselves."""
UNDONE = "undone"
LEFT = {UNDONE: N_("hoàn tác lần dời"), "planned-by-mistake": N_("lên lịch nhầm")}
KINDS = {
    "skip": N_("Bỏ lần đến"),
    "move": N_("Dời ngày"),
    "suspend": N_("Tạm nghỉ"),
    "cancel-trip": N_("Hủy chuyến"),
}


def why(code: str | None) -> str:
    """Its words, to be translated where they are shown; a reason of one's own stands as it was written."""
    return WHYS.get(code or "") or LEFT.get(code or "") or (code or "")
