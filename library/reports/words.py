"""How the keys of a figure are called: kinds, groups, months, units."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import N_
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.patrons.models import Category
from library.promotion.kinds import KINDS
from library.reports.ledgers import Key
from library.reports.measures import MEASURES, MODE_WORDS, Ledger
from library.uses.models import UseKind, VisitKind

NOT_TOLD = N_("chưa rõ")

USE_KINDS: Mapping[str, str] = {
    UseKind.HOME: N_("Mượn về"), UseKind.RENEWAL: N_("Gia hạn"), UseKind.IN_HOUSE: N_("Đọc tại chỗ"),
    UseKind.HONOUR: N_("Tự lấy ở tủ lớp"), UseKind.CLASS_READ: N_("Đọc ở lớp"), UseKind.TALLY: N_("Đếm theo thùng, màu"),
    UseKind.DIGITAL: N_("Mở tài liệu số"),
}  # fmt: skip
VISIT_KINDS: Mapping[str, str] = {
    VisitKind.CLASS: N_("Cả lớp đến"), VisitKind.SITE: N_("Ở điểm luân chuyển"), VisitKind.STOP: N_("Ở điểm dừng của xe"),
    VisitKind.KIOSK: N_("Tự ghi ở cửa"), VisitKind.DESK: N_("Mượn sách tại quầy"), VisitKind.GUEST: N_("Khách"),
    VisitKind.GATE: N_("Máy đếm ở cửa"), VisitKind.SESSION: N_("Dự buổi học, buổi đọc"),
}  # fmt: skip
GROUPS: Mapping[str, str] = {
    "pupil": N_("Học sinh"), "teacher": N_("Giáo viên, nhân viên"), "citizen": N_("Bạn đọc khác"), "group": N_("Tập thể"),
    "pupil-ungraded": N_("Học sinh chưa rõ khối"),
}  # fmt: skip
LIBRARY_KINDS: Mapping[str, str] = {
    OrganisationKind.PROVINCE: N_("Thư viện tỉnh"), OrganisationKind.COMMUNE: N_("Thư viện xã, phường"),
    OrganisationKind.SCHOOL: N_("Thư viện trường học"), OrganisationKind.LEARNING_CENTRE: N_("Trung tâm học tập cộng đồng"),
    OrganisationKind.OTHER: N_("Nơi khác"), "public": N_("Thư viện công cộng"), "centre": N_("Trung tâm học tập cộng đồng"),
}  # fmt: skip
SEXES: Mapping[str, str] = {"m": N_("Nam"), "f": N_("Nữ")}
NEEDS: Mapping[str, str] = {"disabled": N_("Người khuyết tật"), "blind": N_("Người mù, nhìn kém")}
CHANNELS: Mapping[str, str] = {
    "desk": N_("Quầy"), "class": N_("Tủ lớp"), "van": N_("Xe lưu động"), "site": N_("Điểm luân chuyển"),
    "opac": N_("Tra cứu công khai"), "self": N_("Tự mượn"),
}  # fmt: skip
DIM_WORDS: Mapping[str, str] = {
    "day": N_("ngày"), "week": N_("tuần"), "month": N_("tháng"), "school-year": N_("năm học"), "year": N_("năm"),
    "unit": N_("đơn vị"), "owner": N_("đơn vị"), "below": N_("đơn vị cấp dưới"),
    "branch": N_("cơ sở"), "library-kind": N_("loại thư viện"),
    "grade": N_("khối"), "category": N_("loại bạn đọc"), "group": N_("nhóm bạn đọc"), "class": N_("lớp"),
    "kind": N_("cách ghi"), "mode": N_("hình thức đọc"), "book-class": N_("môn loại sách"),
    "class-mark": N_("ký hiệu phân loại"), "level": N_("mức đọc"), "channel": N_("nơi ghi"), "place": N_("tủ, điểm"),
    "sex": N_("giới tính"), "access-need": N_("nhu cầu riêng"), "sort": N_("loại việc"), "audience": N_("người dự"),
}  # fmt: skip


def names(session: Session, dim: str, keys: Iterable[Key]) -> dict[Key, str]:
    """What each key of a dimension is called (at most one statement)."""
    wanted = list(keys)
    if dim in ("unit", "owner", "below", "branch"):
        what = Branch if dim == "branch" else Organisation
        told: dict[Key, str] = {row.id: row.name for row in session.execute(select(what.id, what.name))}
        return {key: told.get(key, str(key)) for key in wanted}
    codes = _categories(session) if dim in ("category", "group") else {}
    return {key: _name(dim, key, codes) for key in wanted}


def _categories(session: Session) -> dict[str, str]:
    return {row.code: row.name for row in session.execute(select(Category.code, Category.name))}


def _name(dim: str, key: Key, codes: Mapping[str, str]) -> str:
    if key is None:
        return str(_(NOT_TOLD))
    if isinstance(key, date):
        return day_words(dim, key)
    if dim in ("grade", "group") and isinstance(key, int):
        return str(_("Khối %(grade)s", grade=key))
    if dim == "level":
        return str(_("Mức %(level)s", level=key))
    text = str(key)
    known = WORDS_OF.get(dim, {}).get(text) or codes.get(text)
    return str(_(known)) if known and text not in codes else (known or text)


def day_words(dim: str, day: date) -> str:
    if dim == "month":
        return f"{day:%m/%Y}"
    if dim == "year":
        return str(day.year)
    if dim == "school-year":
        return f"{day.year}–{day.year + 1}"
    written = f"{day:%d/%m/%Y}"
    return str(_("tuần từ %(day)s", day=written)) if dim == "week" else written


WORDS_OF: Mapping[str, Mapping[str, str]] = {
    "kind": {**VISIT_KINDS, **USE_KINDS, **{name: one.words for name, one in KINDS.items()}},
    "mode": MODE_WORDS, "group": GROUPS, "category": GROUPS, "library-kind": LIBRARY_KINDS, "sex": SEXES,
    "access-need": NEEDS, "channel": CHANNELS, "audience": GROUPS,
}  # fmt: skip


def kind_words(ledger: Ledger, kind: str) -> str:
    """What a row behind a figure is: a kind of use or visit, else what is measured."""
    of = {Ledger.USE: USE_KINDS, Ledger.VISIT: VISIT_KINDS}.get(ledger, {})
    known = of.get(kind) or (MEASURES[kind].words if kind in MEASURES else None)
    return str(_(known)) if known else kind
