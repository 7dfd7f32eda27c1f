"""Class marks: of the school scheme with 19 classes, and Dewey's. Which of the two somebody typed is seen by its shape."""

import re
from collections.abc import Mapping

from library.core.errors import N_
from library.core.fold import clean

SCHOOL: Mapping[str, str] = {
    "0": N_("Tổng loại"), "1": N_("Triết học, tâm lý, lôgic"), "2": N_("Tôn giáo, vô thần"),
    "3K": N_("Chủ nghĩa Mác – Lênin, Hồ Chí Minh"), "3": N_("Khoa học xã hội, chính trị"), "4": N_("Ngôn ngữ"),
    "5": N_("Khoa học tự nhiên, toán"), "5A": N_("Nhân chủng, giải phẫu, sinh lý"), "6": N_("Kỹ thuật"),
    "61": N_("Y học"), "63": N_("Nông nghiệp"), "7": N_("Nghệ thuật"), "7A": N_("Thể thao"),
    "8": N_("Nghiên cứu văn học"), "9": N_("Lịch sử"), "91": N_("Địa lý"), "K": N_("Văn học dân gian"),
    "V": N_("Tác phẩm văn học Việt Nam"), "N": N_("Tác phẩm văn học nước ngoài"), "Đ": N_("Sách thiếu nhi"),
}  # fmt: skip
DEWEY: Mapping[str, str] = {
    "000": N_("Tin học, tổng quát"), "100": N_("Triết học, tâm lý"), "200": N_("Tôn giáo"),
    "300": N_("Khoa học xã hội"), "400": N_("Ngôn ngữ"), "500": N_("Khoa học"), "600": N_("Công nghệ"),
    "700": N_("Nghệ thuật, giải trí"), "800": N_("Văn học"), "900": N_("Lịch sử, địa lý"),
}  # fmt: skip
_DEWEY = re.compile(r"\d{3}(?:\.\d+)?(?:[\s\-].*)?")


def parted(mark: str) -> tuple[str, str]:
    """(DDC, school mark): '895.9223' is Dewey's, 'V23', '53(075)' and '6' are the school's."""
    mark = clean(mark)
    return (mark, "") if _DEWEY.fullmatch(mark) else ("", mark)
