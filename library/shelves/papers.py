"""The papers of shelves: which there are, what each value of them means, and values to try a template with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from library.core.errors import N_
from library.core.numbers import written
from library.documents import amounts, stored
from library.documents.filling import Square
from library.documents.stored import Kind
from library.labels import squares

FOLDER = Path(__file__).parent / "data"
DOTS = "…" * 24
NO_NUMBER = "……"

HEAD = {
    "above": N_("cơ quan cấp trên, chữ in hoa"),
    "issuer": N_("tên thư viện, chữ in hoa"),
    "library": N_("tên thư viện"),
    "place_day": N_("nơi và ngày làm giấy"),
}
HANDOVER = {
    **HEAD,
    "symbol": N_("số và ký hiệu biên bản"),
    "about": N_("về việc gì"),
    "when": N_("giờ và ngày bàn giao"),
    "shelf": N_("tên tủ"),
    "given_name": N_("người giao"),
    "given_as": N_("chức vụ người giao"),
    "taken_name": N_("người nhận"),
    "taken_as": N_("chức vụ người nhận"),
    "taken_sign": N_("người nhận, để trống khi chưa ký"),
    "total": N_("số bản"),
    "titles": N_("số tên sách"),
    "worth": N_("tổng giá trị, bằng số"),
    "worth_words": N_("tổng giá trị, bằng chữ"),
    "unpriced": N_("số bản chưa ghi giá"),
    "owners": N_("số bản theo từng chủ"),
    "counted": N_("kiểm thế nào, ngày nào"),
    "with_reader": N_("sách bạn đọc đang giữ"),
    "difference": N_("thừa, thiếu và ai chịu trách nhiệm"),
    "note": N_("ghi nhận thêm"),
    "lines": N_("số dòng danh mục"),
    "rows": N_("danh mục: number, code, title, price, owner, state"),
    "square": N_("mã vuông mở biên bản trên máy"),
    "square_says": N_("chữ dưới mã vuông"),
}
OWNERS = {
    **HEAD,
    "about": N_("tủ nào, năm học nào"),
    "owner": N_("chủ của số sách này"),
    "what_to_do": N_("làm gì với số sách này khi hết năm"),
    "total": N_("số bản"),
    "keeper": N_("giáo viên giữ tủ"),
    "officer": N_("người in danh sách"),
    "rows": N_("danh sách: number, code, title, whose, state, signature"),
}
DIARY = {
    "issuer": N_("tên thư viện, chữ in hoa"),
    "name": N_("tên em, để trống khi in cho cả lớp"),
    "group": N_("lớp"),
    "year": N_("năm học"),
}

SAMPLE_HEAD = {
    "above": "UBND PHƯỜNG BẮC KẠN",
    "issuer": "TRƯỜNG TIỂU HỌC XUẤT HÓA",
    "library": "Trường Tiểu học Xuất Hóa",
    "place_day": "Bắc Kạn, ngày 28 tháng 5 năm 2027",
}
SAMPLE_TITLES = ("Cây khế", "Dế Mèn phiêu lưu ký", "Góc sân và khoảng trời", "Kính vạn hoa", "Sự tích hồ Ba Bể")


def sample_handover() -> Mapping[str, Any]:
    rows = [
        {"number": at, "code": f"TN.{at:05}", "title": title, "price": written(30_000 + 1_000 * at), "owner": "Thư viện",
         "state": "Có"}
        for at, title in enumerate(SAMPLE_TITLES, 1)
    ]  # fmt: skip
    worth = sum(30_000 + 1_000 * at for at in range(1, len(rows) + 1))
    return {
        **SAMPLE_HEAD, "symbol": "12/2027/BB-THXH", "about": "Bàn giao tủ sách lớp 4A, cuối năm học 2026-2027",
        "when": "09 giờ 14 phút, ngày 28 tháng 5 năm 2027", "shelf": "Tủ lớp 4A", "given_name": "Nguyễn Thị Thu",
        "given_as": "giáo viên giữ Tủ lớp 4A", "taken_name": "Lường Thị Hà", "taken_as": "người của thư viện",
        "taken_sign": "Lường Thị Hà", "total": len(rows), "titles": len(rows), "worth": written(worth),
        "worth_words": amounts.dong(worth), "unpriced": "", "owners": "thư viện 5 bản",
        "counted": "quét từng cuốn, kiểm xong ngày 27/05/2027", "with_reader": "01 bản, Bên B theo dõi tiếp",
        "difference": "không", "note": "không", "lines": len(rows), "rows": rows,
        "square": Square(squares.matrix("12/2027/BB-THXH")), "square_says": "Biên bản 12/2027",
    }  # fmt: skip


def sample_owners() -> Mapping[str, Any]:
    rows = [
        {"number": at, "code": f"LH-4A-{at:03}", "title": title, "whose": "Hoàng Thị Mai Lan", "state": "Trên tủ",
         "signature": ""}
        for at, title in enumerate(SAMPLE_TITLES, 1)
    ]  # fmt: skip
    return {
        **SAMPLE_HEAD, "about": "Tủ lớp 4A, năm học 2026-2027", "owner": "Sách cho lớp mượn đọc chung",
        "what_to_do": "trả lại từng người", "total": len(rows), "keeper": "Nguyễn Thị Thu",
        "officer": "Nguyễn Thị Thu", "rows": rows,
    }  # fmt: skip


def sample_diary() -> Mapping[str, Any]:
    return {"issuer": SAMPLE_HEAD["issuer"], "name": "……………………………………", "group": "4A", "year": "2026-2027"}


HANDOVER_PAPER = stored.register(
    Kind("handover", N_("Biên bản bàn giao tủ sách"), FOLDER / "handover.docx", sample_handover, HANDOVER)
)
OWNERS_PAPER = stored.register(
    Kind("owners", N_("Danh sách sách theo chủ"), FOLDER / "owners.docx", sample_owners, OWNERS)
)
DIARY_PAPER = stored.register(Kind("diary", N_("Phiếu nhật ký đọc"), FOLDER / "diary.docx", sample_diary, DIARY))
