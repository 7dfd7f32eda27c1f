"""The official papers of the mobile library: which there are, what each value of them means, values to try a template with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from library.core.errors import N_
from library.documents import amounts, stored
from library.documents.filling import Square
from library.documents.stored import Kind
from library.labels import squares

FOLDER = Path(__file__).parent / "data"
DOTS = "……"

HEAD = {
    "above": N_("cơ quan cấp trên, chữ in hoa"),
    "issuer": N_("tên thư viện, chữ in hoa"),
    "library": N_("tên thư viện"),
    "place_day": N_("nơi và ngày làm giấy"),
    "symbol": N_("số và ký hiệu, số để trống"),
    "about": N_("về việc gì"),
    "square": N_("mã vuông mở trang trên máy"),
    "square_says": N_("chữ dưới mã vuông"),
}
SERVED = {
    "calls": N_("số lượt dừng"),
    "visits": N_("lượt bạn đọc"),
    "pupils": N_("lượt học sinh"),
    "access": N_("lượt người khuyết tật"),
    "uses": N_("lượt sách"),
    "lent": N_("lượt mượn về"),
    "carried": N_("số bản mang theo xe"),
    "missing": N_("số bản chưa về kho"),
    "km": N_("số km"),
    "cost": N_("chi phí, bằng số"),
    "others": N_("phim, máy tính, quà và việc khác"),
    "officer": N_("người lập báo cáo"),
}
TRIP = {
    **HEAD,
    **SERVED,
    "vehicle": N_("tên xe, biển số"),
    "crew": N_("người đi và việc của họ"),
    "crew_why": N_("vì sao đi ít người hơn lệ thường"),
    "driver": N_("lái xe"),
    "day": N_("ngày đi"),
    "out": N_("giờ đi"),
    "back": N_("giờ về"),
    "planned": N_("giờ đi, về theo lịch"),
    "fuel": N_("xăng dầu"),
    "odometer": N_("số đồng hồ khi đi, khi về"),
    "boys": N_("lượt nam"),
    "girls": N_("lượt nữ"),
    "teachers": N_("lượt giáo viên"),
    "citizens": N_("lượt người dân"),
    "batches": N_("đợt luân chuyển đi cùng xe"),
    "incidents": N_("việc xảy ra"),
    "rows": N_("từng điểm dừng: number, name, hours, visits, uses, classes, signed"),
}
QUARTER = {
    **HEAD,
    **SERVED,
    "trips": N_("số chuyến"),
    "stops": N_("số điểm dừng đã đến"),
    "left_out": N_("số lượt bỏ hoặc dời"),
    "hours": N_("giờ phục vụ"),
    "each": N_("lượt sách trên một lượt bạn đọc"),
    "rotation_trips": N_("số lượt gửi sách đi các điểm luân chuyển"),
    "rotation_copies": N_("số bản gửi đi các điểm luân chuyển"),
    "cost_words": N_("chi phí, bằng chữ"),
    "cost_a_use": N_("chi phí mỗi lượt sách"),
    "loss": N_("tỉ lệ sách chưa về kho"),
    "director": N_("người ký, để trống"),
    "months": N_("theo tháng: name, trips, calls, km, visits, uses"),
    "rows": N_("theo điểm dừng: name, calls, visits, uses"),
}
NOTICE = {
    **HEAD,
    "receivers": N_("gửi ai"),
    "because": N_("vì sao đổi lịch"),
    "loans": N_("hạn trả dời thế nào"),
    "copies": N_("nơi nhận khác"),
    "director": N_("người ký, để trống"),
    "rows": N_("từng lần dừng: number, name, before, after"),
}

SAMPLE_HEAD = {
    "above": "SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH",
    "issuer": "THƯ VIỆN TỈNH",
    "library": "Thư viện tỉnh",
    "place_day": "Bắc Kạn, ngày 25 tháng 11 năm 2026",
    "square": Square(squares.matrix("chuyen-25-11")),
    "square_says": "Chuyến 25/11/2026",
}


def sample_trip() -> Mapping[str, Any]:
    rows = [
        {"number": at, "name": name, "hours": hours, "visits": "212", "uses": "540", "classes": "3A, 3B, 4A",
         "signed": "Lường Thị Hà"}
        for at, (name, hours) in enumerate((("Trường Tiểu học Nà Phặc", "08:05 – 10:10"), ("Chợ Ngân Sơn", "14:00 – 15:30")), 1)
    ]  # fmt: skip
    return {
        **SAMPLE_HEAD, "symbol": f"{DOTS}/BC-TVT", "about": "Chuyến thư viện lưu động ngày 25/11/2026", "vehicle": "Xe 1 (97A-001.23)",
        "crew": "Triệu Văn Tài (lái xe), Ma Thị Duyên (thủ thư)", "crew_why": "", "driver": "Triệu Văn Tài",
        "day": "thứ Tư, 25/11/2026", "out": "06:32", "back": "16:50", "planned": "06:30 – 17:00", "km": "118", "fuel": "17 lít",
        "odometer": "12.340 – 12.458",
        "cost": "450.000 đồng", "carried": "1.450", "missing": "2", "calls": "2", "visits": "424", "pupils": "400", "boys": "190",
        "girls": "210", "teachers": "14", "citizens": "10", "access": "2", "uses": "1.080", "lent": "64",
        "others": "phim: 1 buổi, 120 người xem", "batches": "không", "incidents": "không", "officer": "Ma Thị Duyên", "rows": rows,
    }  # fmt: skip


def sample_quarter() -> Mapping[str, Any]:
    month = {"trips": "9", "calls": "21", "km": "1.040", "visits": "4.100", "uses": "9.800"}
    months = [{"name": f"{number}/2026", **month} for number in (10, 11, 12)]
    rows = [{"name": "Trường Tiểu học Nà Phặc", **month}, {"name": "Chợ Ngân Sơn", **month}]
    return {
        **SAMPLE_HEAD, "symbol": f"{DOTS}/BC-TVT", "about": "Kết quả phục vụ lưu động quý IV năm 2026", "trips": "27", "calls": "63",
        "stops": "18", "left_out": "4", "km": "3.120", "hours": "126", "visits": "12.300", "pupils": "11.400", "access": "35",
        "uses": "29.400", "lent": "1.900", "each": "2,4", "carried": "38.000", "rotation_trips": "14", "rotation_copies": "3.100",
        "cost": "12.400.000 đồng", "cost_words": amounts.dong(12_400_000), "cost_a_use": "422 đồng", "missing": "11",
        "loss": "0,0 %", "others": "phim: 12 buổi", "officer": "Ma Thị Duyên", "director": "", "months": months, "rows": rows,
    }  # fmt: skip


def sample_notice() -> Mapping[str, Any]:
    row = {"number": 1, "name": "Trường Tiểu học Nà Phặc", "before": "thứ Tư, 25/11/2026\n08:00 – 10:00",
           "after": "thứ Tư, 02/12/2026\n08:00 – 10:00"}  # fmt: skip
    return {
        **SAMPLE_HEAD, "symbol": f"{DOTS}/TB-TVT", "about": "Thay đổi lịch thư viện lưu động", "receivers": "Trường Tiểu học Nà Phặc",
        "because": " vì mưa bão", "loans": "Hạn trả của 46 cuốn đang mượn dời theo lịch mới.", "copies": "- Như trên;\n- Lưu: VT.",
        "director": "", "rows": [row],
    }  # fmt: skip


TRIP_PAPER = stored.register(
    Kind("trip-report", N_("Báo cáo chuyến xe lưu động"), FOLDER / "trip-report.docx", sample_trip, TRIP)
)
QUARTER_PAPER = stored.register(
    Kind("mobile-quarter", N_("Báo cáo quý phục vụ lưu động"), FOLDER / "mobile-quarter.docx", sample_quarter, QUARTER)
)
NOTICE_PAPER = stored.register(
    Kind("visit-notice", N_("Thông báo đổi lịch xe lưu động"), FOLDER / "visit-notice.docx", sample_notice, NOTICE)
)
