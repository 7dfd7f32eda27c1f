from collections.abc import Callable

import pytest

from library.labels.cards import CardText
from library.labels.levels import Level
from library.labels.sheet import LabelText

SCHOOL = "Thư viện Trường Tiểu học Xuất Hóa"
TITLES = (
    "Dế Mèn phiêu lưu ký",
    "Cây khế",
    "",
    "Những cuộc phiêu lưu kỳ thú của chú bé người gỗ Pinocchio trên đất nước Việt Nam",
    "Mười vạn câu hỏi vì sao",
)
NAMES = ("Đàm Quốc Bảo", "Nguyễn Phúc Bảo Anh Thảo Vy", "Y Moan Êñuôl", "Giàng A Páo", "Ánh")


def payload(kind: int, serial: int) -> str:
    """Twelve digits, as our codes are: kind, library, serial, and a last one for checking."""
    return f"{kind}0042{serial:06d}{serial * 7 % 10}"


@pytest.fixture
def copies() -> Callable[[int], list[LabelText]]:
    """So many copies of a few books."""

    def make(count: int) -> list[LabelText]:
        return [
            LabelText(payload(1, at), f"TN.{at:05d}", TITLES[at % 5], SCHOOL, "895.9223", "D250M",
                      Level(6, "Vàng", "#F2C21B"))
            for at in range(count)
        ]  # fmt: skip

    return make


@pytest.fixture
def readers() -> Callable[[int], list[CardText]]:
    def make(count: int) -> list[CardText]:
        return [CardText(payload(2, at), NAMES[at % 5], SCHOOL, "Lớp 4A", "năm học 2026 – 2027") for at in range(count)]

    return make
