"""Lists as schools have them, made on the spot: a heading of five lines, a title merged over all columns, totals, signatures."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

BOOK_HEAD = ("STT", "Tên sách", "Tác giả", "NXB", "Năm XB", "Số ĐKCB", "SL", "Giá bìa", "Loại sách", "Ghi chú 2")
PUPIL_HEAD = ("STT", "Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Lớp", "Họ tên mẹ", "Số điện thoại")
WORDS = ("Dế Mèn", "Kính vạn hoa", "Đất rừng", "Tuổi thơ", "Hoàng tử bé", "Góc sân", "Mắt biếc", "Quê nội", "Chim hót")


def book_rows(count: int, start: int = 1) -> list[tuple[Any, ...]]:
    """`count` titles, each different; every third has two copies, every fifth no number of its own but a quantity."""
    rows, next_number = [], start
    for at in range(start, start + count):
        copies = 2 if at % 3 == 0 else 1
        label = f"TK.{next_number:05}" + (f"-TK.{next_number + 1:05}" if copies == 2 else "")
        has_label = at % 5 != 0
        next_number += copies if has_label else 0
        rows.append(
            (at, f"{WORDS[at % len(WORDS)]} – câu chuyện số {at}", f"Tô Hoài {at % 7}", "NXB Kim Đồng", 2000 + at % 25,
             label if has_label else None, copies, "25.000đ", "STK", None)
        )  # fmt: skip
    return rows


def workbook(
    head: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "SỔ ĐĂNG KÝ CÁ BIỆT", sheet: str = "Sách"
) -> bytes:
    """The header stands in row 6; after the rows a line of totals and the signatures."""
    book = Workbook()
    page = book.active
    page.title = sheet
    add_sheet(page, head, rows, title)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def add_sheet(page: Any, head: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> None:
    page.append(["PHÒNG GD&ĐT THÀNH PHỐ BẮC KẠN"])
    page.append(["TRƯỜNG TIỂU HỌC XUẤT HÓA"])
    page.append([])
    page.append([None, title])
    page.merge_cells(start_row=4, start_column=2, end_row=4, end_column=len(head))
    page.append([])
    page.append(list(head))
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last one counts
        page.append(list(row))
    page.append([None, "Tổng cộng", None, None, None, None, count])
    page.append([])
    page.append([None, None, None, None, None, "Ngày 05 tháng 9 năm 2026"])
    page.append([None, "Người lập bảng", None, None, None, "Hiệu trưởng"])


def class_book(classes: dict[str, list[tuple[str, str, str]]]) -> bytes:
    """One sheet a class: {“5A”: [(code, name, birth date)]}. The class stands in the sheet's name alone."""
    book = Workbook()
    book.remove(book.active)
    head = [name for name in PUPIL_HEAD if name != "Lớp"]
    for name, pupils in classes.items():
        rows = [
            (at, code, who, born, "Nữ", "Nông Thị Mẹ", "0912345678") for at, (code, who, born) in enumerate(pupils, 1)
        ]
        add_sheet(book.create_sheet(name), head, rows, "DANH SÁCH HỌC SINH")
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
