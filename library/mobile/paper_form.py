"""The form of a stop on paper, for a day without any device: the same lines as the screen, to be typed in afterwards."""

from collections.abc import Sequence

from reportlab.platypus import Flowable, PageBreak, Spacer, Table
from sqlalchemy.orm import Session

from library.labels.ink import MM
from library.mobile import printed
from library.mobile.at_stop_forms import BOXES, LEVELS
from library.mobile.at_stop_page import OTHER_WORDS, Room, classes
from library.mobile.models import StopVisit

LEAST_CLASSES, MOST_LOANS = 6, 26
COLOURS = ("Xanh lá", "Đỏ", "Cam", "Trắng", "Xanh dương", "Vàng")
GROWN = ("Thầy cô", "Người dân", "Người khuyết tật", "Người khiếm thị")
WIDE = (45, 28, 15)
HIGH = 7.5
"""Papers are in Vietnamese, whatever the pages speak."""


def pdf(session: Session, visit: StopVisit, address: str) -> bytes:
    """Two pages of A4: counts, then loans and signatures. `address`: the page where it is typed in, as a QR code."""
    name = f"Phiếu điểm dừng {visit.stop.name} {visit.day:%d/%m/%Y}"
    story = [*_head(visit, address), *_readers(classes(session, visit)), *_books(), PageBreak(), *_loans(), *_signed()]
    return printed.sheet(name, story)


def _head(visit: StopVisit, address: str) -> list[Flowable]:
    trip = visit.trip
    crew = ", ".join(one.name for one in trip.crew)
    told = [
        printed.words(trip.library.name, 10),
        printed.words("Phiếu điểm dừng xe thư viện lưu động", 15, bold=True, after=1),
        printed.words(f"{visit.stop.name} · ngày {visit.day:%d/%m/%Y}", 12, bold=True),
        printed.words(f"{trip.vehicle.name} · {crew}", 10, after=1),
        printed.words("Đến lúc ……… giờ ………      Rời lúc ……… giờ ………", 11, after=1),
    ]
    square = [printed.square(address, 24.0), printed.words("Quét để nhập lại", 8, side="middle")]
    return [
        Table(
            [[told, square]], colWidths=[150 * MM, 32 * MM], hAlign="LEFT", style=[("VALIGN", (0, 0), (-1, -1), "TOP")]
        )
    ]


def _readers(rooms: Sequence[Room]) -> list[Flowable]:
    """One line a class; blank ones where nobody knows the classes."""
    named = [[room.name, str(room.size or ""), "", "", ""] for room in rooms]
    blank = [["", "", "", "", ""]] * max(LEAST_CLASSES - len(named), 0)
    heads = ("Lớp", "Sĩ số", "Nam", "Nữ", "Chung cả lớp")
    counted = printed.table(heads, [*named, *blank], (26, 20, 45, 45, 46), high=HIGH)
    return [printed.head("Lượt bạn đọc: đánh gạch hoặc ghi số"), counted]


def _books() -> list[Flowable]:
    colours = [f"{number}. {COLOURS[number - 1]}" for number in LEVELS]
    others = [words for name, words in OTHER_WORDS.items() if name != "new-cards"]
    sides = (("Sách theo màu", ["Không phân loại", *colours]), ("Sách theo thùng", list(BOXES.values())))
    return [*_pair(sides), *_pair((("Người lớn", GROWN), ("Việc khác", others)))]


def _pair(sides: Sequence[tuple[str, Sequence[str]]]) -> list[Flowable]:
    """Two lists side by side, each line with room for strokes and a sum."""
    cells = [
        [printed.words(head, 9.5, bold=True), printed.table(("", "Gạch", "Cộng"), [[one, "", ""] for one in rows], WIDE, high=7)]
        for head, rows in sides
    ]  # fmt: skip
    top = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    return [Table([cells], colWidths=[92 * MM, 90 * MM], hAlign="LEFT", style=top)]


def _loans() -> list[Flowable]:
    rows = [[str(number), "", "", "", ""] for number in range(1, MOST_LOANS + 1)]
    heads = ("TT", "Số thẻ, hoặc họ tên", "Lớp", "Số đăng ký của sách", "Mượn / trả")
    return [printed.head("Mượn và trả"), printed.table(heads, rows, (10, 74, 20, 52, 26), high=HIGH)]


def _signed() -> list[Flowable]:
    sides = ("Đại diện nhà trường", "Cán bộ đi xe")
    cells = [[printed.words(one, 11, bold=True, side="middle"), printed.words("Ký, ghi rõ họ tên, chức vụ", 9, side="middle")]
             for one in sides]  # fmt: skip
    return [Spacer(1, 6 * MM), Table([cells], colWidths=[91 * MM, 91 * MM], hAlign="LEFT")]
