"""Class lists as five programs write them: the same four pupils, each time in that program's way."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from unicodedata import normalize

from openpyxl import Workbook

from library.staging.encodings import spell

Pupil = tuple[str, str, str, str, str]
"""(code, name, birth date, sex, class)"""

LAN: Pupil = ("1012345678", "Hoàng Thị Mai Lan", "05/09/2015", "Nữ", "5A")
PAO: Pupil = ("1012345679", "Giàng A Páo", "26/11/2015", "Nam", "5A")
MY: Pupil = ("1012345680", "Vàng Thị Mỷ", "01/02/2015", "Nữ", "5B")
HUNG: Pupil = ("1012345681", "Lý Văn Hùng", "12/03/2015", "Nam", "5B")
FOUR = (LAN, PAO, MY, HUNG)

CSDL_HEAD = (
    "STT", "Mã lớp", "Mã định danh Bộ GD&ĐT (trên CSDL ngành)", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc", "Quốc tịch",
    "Tỉnh", "Huyện", "Xã", "Họ tên cha", "Năm sinh cha", "Họ tên mẹ", "Năm sinh mẹ", "Số ĐDCN",
)  # fmt: skip
SMAS_HEAD = (
    "STT", "Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Lớp", "Khối", "Dân tộc", "Số điện thoại", "Địa chỉ",
    "Trạng thái",
)  # fmt: skip
VNEDU_HEAD = ("STT", "Mã HS", "Họ đệm", "Tên", "Ngày sinh", "Giới tính", "Lớp", "Tôn giáo", "SĐT phụ huynh")
MISA_HEAD = ("STT", "Mã học sinh MOET", "Họ tên học sinh", "Ngày tháng năm sinh", "Giới tính", "Tên lớp", "Họ tên bố")
HOME_HEAD = ("TT", "Họ và tên HS", "Ngày sinh", "Nữ", "Ghi chú")


def _saved(sheets: dict[str, Iterable[Sequence[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _by_class(pupils: Sequence[Pupil]) -> dict[str, list[Pupil]]:
    return {room: [one for one in pupils if one[4] == room] for room in sorted({one[4] for one in pupils})}


def csdl(pupils: Sequence[Pupil] = FOUR, ethnicity: str = "Tày") -> bytes:
    """A sheet a class; header in row 6; everything about the family."""
    head: list[Sequence[Any]] = [
        ["SỞ GD&ĐT BẮC KẠN"],
        ["TRƯỜNG TIỂU HỌC XUẤT HÓA"],
        [],
        ["DANH SÁCH HỌC SINH"],
        [],
        CSDL_HEAD,
    ]
    return _saved(
        {
            room: [
                *head,
                *(
                    [at, room, code, name, born, sex, ethnicity, "Việt Nam", "Bắc Kạn", "Bạch Thông", "Xuất Hóa",
                     "Hoàng Văn Cha", 1980, "Nông Thị Mẹ", 1982, "006215001234"]
                    for at, (code, name, born, sex, _) in enumerate(members, 1)
                ),
                [None, None, None, f"Tổng số: {len(members)} học sinh"],
            ]
            for room, members in _by_class(pupils).items()
        }
    )  # fmt: skip


def smas(pupils: Sequence[Pupil] = FOUR, states: dict[str, str] | None = None) -> bytes:
    """One sheet; header in row 5; letters taken apart (NFD), as a Mac saves them; who studies, who has gone."""
    rows = [
        [at, code, normalize("NFD", name), born, sex, room, 5, "Tày", "0912345678", "Thôn Nà Lẹng",
         (states or {}).get(code, "Đang học")]
        for at, (code, name, born, sex, room) in enumerate(pupils, 1)
    ]  # fmt: skip
    return _saved({"Danh sách": [["TRƯỜNG TH XUẤT HÓA"], [], ["DANH SÁCH HỌC SINH TOÀN TRƯỜNG"], [], SMAS_HEAD, *rows]})


def vnedu(pupils: Sequence[Pupil] = FOUR) -> bytes:
    """A sheet a class; header in row 8; small letters, the name in two columns."""
    above: list[Sequence[Any]] = [["PHÒNG GD"], ["TRƯỜNG"], [], ["DANH SÁCH LỚP"], ["Năm học 2026-2027"], [], []]
    return _saved(
        {
            f"Lớp {room}": [
                *above, VNEDU_HEAD,
                *(
                    [at, code, name.lower().rpartition(" ")[0], name.lower().rpartition(" ")[2], born, sex, room, "Không",
                     "0912345678"]
                    for at, (code, name, born, sex, _) in enumerate(members, 1)
                ),
            ]
            for room, members in _by_class(pupils).items()
        }
    )  # fmt: skip


def misa(pupils: Sequence[Pupil] = FOUR) -> bytes:
    """Text parted by semicolons in TCVN3, the letters of .VnTime; header in row 5."""
    rows = [
        f"{at};{code};{name};{born};{sex};{room};Hoàng Văn Cha"
        for at, (code, name, born, sex, room) in enumerate(pupils, 1)
    ]
    lines = [
        "TRƯỜNG TIỂU HỌC XUẤT HÓA;;;;;;",
        ";;;;;;",
        "DANH SÁCH HỌC SINH;;;;;;",
        ";;;;;;",
        ";".join(MISA_HEAD),
        *rows,
    ]
    return spell("\n".join(lines), "tcvn3").encode("cp1252")


def home_made(pupils: Sequence[Pupil] = FOUR) -> bytes:
    """No codes; capitals; girls have a mark; the class stands above the header alone."""
    return _saved(
        {
            f"Trang {room}": [
                ["TRƯỜNG TIỂU HỌC XUẤT HÓA"], [], [f"DANH SÁCH LỚP {room}"], ["GVCN: cô Hoa"], [], HOME_HEAD,
                *(
                    [at, name.upper(), born, "x" if sex == "Nữ" else None, "hộ nghèo"]
                    for at, (_, name, born, sex, _room) in enumerate(members, 1)
                ),
                [], [None, None, None, "Người lập bảng"],
            ]
            for room, members in _by_class(pupils).items()
        }
    )  # fmt: skip


def promotion(rows: Iterable[Sequence[Any]], head: Sequence[str]) -> bytes:
    """Last year's list with what becomes of each pupil."""
    return _saved({"Tổng kết": [["TRƯỜNG"], [], ["KẾT QUẢ NĂM HỌC 2026-2027"], [], head, *rows]})
