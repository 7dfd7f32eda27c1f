"""Points of rotation, stops and routes of the demo province. Communes are real and lie where they lie; the rest is made up."""

from dataclasses import dataclass

from library.rotation.models import SiteKind


@dataclass(frozen=True)
class Point:
    """A site. `house`: the library that stands there, by its name in `demo_places`; without one it is a point of its own.
    `keeper`: the login of who signs there, else the province's; `person`: who is in charge."""

    name: str
    kind: SiteKind
    area: str
    commune: str
    person: str
    readers: int
    house: str = ""
    keeper: str = "nga"
    title: str = "Phụ trách điểm"
    quota: int = 80
    grades: tuple[int, ...] = ()


_K = SiteKind
BAC_KAN, BA_BE, CHO_MOI = "Khu vực Bắc Kạn", "Khu vực Ba Bể", "Khu vực Chợ Mới"
POINTS = (
    Point("Thư viện phường Bắc Kạn", _K.COMMUNE, BAC_KAN, "01843", "Triệu Thị Mai", 900, "Thư viện phường Bắc Kạn", "mai",
          "Thủ thư", 120),
    Point("Trường Tiểu học Xuất Hóa", _K.SCHOOL, BAC_KAN, "01843", "Lường Thị Hà", 250, "Trường Tiểu học Xuất Hóa", "ha",
          "Thủ thư", 120, (1, 2, 3, 4, 5)),
    Point("Trường Tiểu học Đức Xuân", _K.SCHOOL, BAC_KAN, "01840", "Hà Thùy Linh", 135, "Trường Tiểu học Đức Xuân",
          "linh", "Thủ thư", 100, (1, 2, 3, 4, 5)),
    Point("Trường THCS Nông Thượng", _K.SCHOOL, BAC_KAN, "01843", "Lục Thị Thảo", 208,
          "Trường Trung học cơ sở Nông Thượng", "thao", "Thủ thư", 100, (6, 7, 8, 9)),
    Point("Điểm Bưu điện – Văn hóa xã Phong Quang", _K.POST_POINT, BAC_KAN, "01849", "Hoàng Thị Nết", 160),
    Point("Thư viện xã Ba Bể", _K.COMMUNE, BA_BE, "01906", "Lý Thị Cúc", 500, "Thư viện xã Ba Bể", "cuc", "Thủ thư", 120),
    Point("Nhà văn hóa thôn Pác Ngòi", _K.VILLAGE, BA_BE, "01906", "Dương Văn Thấm", 90),
    Point("Điểm Bưu điện – Văn hóa xã Chợ Rã", _K.POST_POINT, BA_BE, "01912", "Nông Thị Lụa", 210),
    Point("Trung tâm học tập cộng đồng xã Nà Phặc", _K.LEARNING_CENTRE, BA_BE, "01936", "Bàn Văn Đoan", 300,
          "Trung tâm học tập cộng đồng xã Nà Phặc", "doan", "Phụ trách trung tâm"),
    Point("Trường THPT Phủ Thông", _K.SCHOOL, BAC_KAN, "01969", "Vi Thị Yến", 180, "Trường Trung học phổ thông Phủ Thông",
          "yen", "Thủ thư", 100, (10, 11, 12)),
    Point("Điểm Bưu điện – Văn hóa xã Cẩm Giàng", _K.POST_POINT, BAC_KAN, "02008", "Đặng Thị Hiền", 140),
    Point("Nhà văn hóa xã Bạch Thông", _K.COMMUNE, CHO_MOI, "02014", "Lưu Văn Quý", 170),
    Point("Điểm trường Bản Cháo", _K.SCHOOL_SITE, CHO_MOI, "02014", "Triệu Mùi Say", 38, grades=(1, 2, 3)),
    Point("Điểm Bưu điện – Văn hóa xã Chợ Mới", _K.POST_POINT, CHO_MOI, "02086", "Nguyễn Thị Vân", 260),
)  # fmt: skip


@dataclass(frozen=True)
class Halt:
    """A stop. `north`, `east`: degrees from the centre of its commune, so that no two lie on one another. `house`: the
    school whose pupils come."""

    name: str
    commune: str
    north: float
    east: float
    person: str
    pupils: int
    house: str = ""
    parking: str = "Sân trường, cạnh cột cờ"
    signal: bool = True


HALTS = (
    Halt("Trường Tiểu học Xuất Hóa", "01843", -0.021, 0.014, "Lường Thị Hà", 263, "Trường Tiểu học Xuất Hóa"),
    Halt("Điểm trường Khuổi Pái", "01843", -0.052, 0.043, "Nông Thị Diệp", 33, "Điểm trường Khuổi Pái",
         "Bãi trống dưới điểm trường; mưa to xe không lên được", signal=False),
    Halt("Trường Tiểu học Đức Xuân", "01840", 0.004, -0.006, "Hà Thùy Linh", 135, "Trường Tiểu học Đức Xuân"),
    Halt("Trường THCS Nông Thượng", "01843", 0.011, -0.018, "Lục Thị Thảo", 208, "Trường Trung học cơ sở Nông Thượng"),
    Halt("Chợ Rã, sân nhà văn hóa", "01912", 0.002, 0.003, "Nông Thị Lụa", 180, parking="Sân nhà văn hóa, ngày chợ phiên"),
    Halt("Trường Tiểu học Pác Ngòi", "01906", -0.031, 0.022, "Dương Thị Nhung", 96, parking="Cổng sau, gần bến thuyền",
         signal=False),
    Halt("Trường Tiểu học Nà Phặc", "01936", 0.007, 0.009, "Nông Văn Khiêm", 310),
    Halt("Trường Tiểu học Cẩm Giàng", "02008", -0.004, 0.006, "Đặng Thị Hiền", 188),
    Halt("Trường PTDTBT Bạch Thông", "02014", 0.009, -0.012, "Lưu Thị Thoa", 142, parking="Sân bóng sau nhà lưu trú"),
    Halt("Chợ Mới, trước bưu điện", "02086", 0.001, -0.002, "Nguyễn Thị Vân", 200, parking="Trước bưu điện, nhờ giữ chỗ"),
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A route: its stops by their number in `HALTS`, in order; every two weeks on `weekday` (0 is Monday), beginning in
    the `week`-th."""

    name: str
    halts: tuple[int, ...]
    weekday: int
    week: int
    km: float


WAYS = (
    Way("Tuyến hồ Ba Bể", (4, 5), 2, 0, 148),
    Way("Tuyến Xuất Hóa", (0, 1), 4, 0, 42),
    Way("Tuyến Nà Phặc – Phủ Thông", (6, 7), 2, 1, 96),
    Way("Tuyến Bạch Thông – Chợ Mới", (8, 9), 4, 1, 118),
)
TODAY = (2, 3)
"""Where the van goes today, on a trip put together by hand."""
