"""The official papers of campaigns: which there are, what each value of them means, values to try a template with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from library.core.errors import N_
from library.documents import stored
from library.documents.filling import Square
from library.documents.stored import Kind
from library.labels import squares

FOLDER = Path(__file__).parent / "data"

HEAD = {
    "above": N_("cơ quan cấp trên, chữ in hoa"),
    "issuer": N_("tên đơn vị, chữ in hoa"),
    "library": N_("tên đơn vị"),
    "place_day": N_("nơi và ngày làm giấy"),
    "symbol": N_("số và ký hiệu, số để trống"),
    "about": N_("về việc gì"),
    "square": N_("mã vuông mở trang trên máy"),
    "square_says": N_("chữ dưới mã vuông"),
    "officer": N_("người lập biểu"),
    "director": N_("thủ trưởng đơn vị"),
    "period": N_("từ ngày đến ngày"),
}
APPENDIX = {
    **HEAD,
    "theme": N_("chủ đề của đợt"),
    "units": N_("bao nhiêu đơn vị đã nộp và được nhận; để trống ở phiếu của một đơn vị"),
    "known": N_("số liệu tính đến lúc nào"),
    "rows": N_("các dòng: row.number, row.label, row.unit, row.result, row.note"),
}
_SAMPLE = {
    "above": "UBND TỈNH BẮC KẠN", "issuer": "SỞ GIÁO DỤC VÀ ĐÀO TẠO", "library": "Sở Giáo dục và Đào tạo",
    "place_day": "Bắc Kạn, ngày 15 tháng 10 năm 2026", "symbol": "……/PL-SGDDT", "square": Square(squares.matrix("dot-htsd")),
    "square_says": "Xem trên máy", "officer": "Triệu Thị Biển", "director": "", "period": "01/10/2026 – 07/10/2026",
}  # fmt: skip
_LINES = (
    ("1", "Lễ phát động, khai mạc", "buổi", "1", ""),
    ("", "Đại biểu, người dự lễ phát động", "người", "150", ""),
    ("2", "Đơn vị tổ chức hưởng ứng", "đơn vị", "22/22", ""),
    ("3", "Quyên góp Quỹ khuyến học", "đồng", "18.230.000", ""),
    ("5", "Sách, báo, tài liệu quyên góp được", "quyển", "2.442", "Máy đếm 2.420 (+22): Chưa kịp nhập máy"),
)


def sample_appendix() -> Mapping[str, Any]:
    names = ("number", "label", "unit", "result", "note")
    return {
        **_SAMPLE, "about": "Kết quả Tuần lễ hưởng ứng học tập suốt đời năm 2026", "theme": "Học để phát triển bản thân",
        "units": "Số liệu cộng từ 22/22 đơn vị đã nộp và được nhận.", "known": "Số liệu tính đến 16:20 ngày 15/10/2026.",
        "rows": [dict(zip(names, line, strict=True)) for line in _LINES],
    }  # fmt: skip


APPENDIX_PAPER = stored.register(
    Kind(
        "campaign-appendix", N_("Phụ lục số liệu của đợt báo cáo"), FOLDER / "appendix.docx", sample_appendix, APPENDIX
    )
)
