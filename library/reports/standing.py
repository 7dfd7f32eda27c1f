"""The reports that are there for one click: what each is called, what it tells, of which period it is usually asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.organisations.models import OrganisationKind
from library.reports import rolling, standing_away, standing_iso, standing_school, standing_stock, standing_use
from library.reports.standing_periods import Sort
from library.reports.standing_question import Question
from library.reports.standing_sheet import Report

Make = Callable[[Session, Question], Report]
READING, BOOKS, SCHOOL, UPWARDS = N_("Bạn đọc và sách"), N_("Kho sách"), N_("Trường học"), N_("Báo cáo lên trên")


@dataclass(frozen=True)
class Standing:
    """`part`: the heading it stands under. `day`: only the end of the period counts. `one`: of one school at a time.
    `provincial`: offered to provincial libraries."""

    code: str
    part: str
    words: str
    hint: str
    usual: Sort
    make: Make
    day: bool = False
    one: bool = False
    provincial: bool = False


def _all() -> tuple[Standing, ...]:
    return (
        Standing("month", READING, N_("Bảng tháng"), N_("Nhóm bạn đọc × loại sách × mượn về, đọc tại chỗ. In ra treo ở thư viện."),
                 Sort.MONTH, standing_use.monthly),
        Standing("school-year", READING, N_("Năm học"), N_("Từng tháng, cộng cả năm học, so với năm học trước."),
                 Sort.SCHOOL_YEAR, standing_use.yearly),
        Standing("year", READING, N_("Năm dương lịch"), N_("Từng tháng, cộng cả năm, so với năm trước."),
                 Sort.YEAR, standing_use.yearly),
        Standing("titles", READING, N_("Sách được đọc nhiều"), N_("100 nhan đề có nhiều lượt nhất."),
                 Sort.SCHOOL_YEAR, standing_stock.titles),
        Standing("turnover", BOOKS, N_("Vòng quay của sách"), N_("Lượt mỗi bản, phần chưa ai đọc, theo loại sách."),
                 Sort.SCHOOL_YEAR, standing_stock.turnover),
        Standing("never", BOOKS, N_("Sách chưa ai đọc"), N_("Từng bản có trong sổ mà chưa có lượt nào."),
                 Sort.YEAR, standing_stock.never, day=True),
        Standing("dead", BOOKS, N_("Sách lâu không ai đọc"), N_("Từng bản nằm yên 1, 2, 3 hay 5 năm, để luân chuyển hay thanh lọc."),
                 Sort.YEAR, standing_stock.dead, day=True),
        Standing("copies-per-pupil", SCHOOL, N_("Bản sách mỗi học sinh"), N_("Từng trường, bên cạnh chuẩn của cấp học."),
                 Sort.SCHOOL_YEAR, standing_school.copies_per_pupil, day=True),
        Standing("standard", SCHOOL, N_("Tiêu chuẩn Thông tư 16/2022"), N_("Từng tiêu chí: số máy đếm, điều trường tự trả lời."),
                 Sort.SCHOOL_YEAR, standing_school.checklist, one=True),
        Standing("iso", UPWARDS, N_("Số liệu TCVN 12843 (ISO 2789)"), N_("Bạn đọc, vốn, sử dụng, hoạt động; so với năm trước."),
                 Sort.YEAR, standing_iso.report),
        Standing("units", UPWARDS, N_("Từng đơn vị"), N_("Mỗi đơn vị cấp dưới một dòng."), Sort.MONTH, standing_iso.by_unit),
        Standing("half", UPWARDS, N_("6 tháng của thư viện tỉnh"), N_("Số liệu chung, từng đơn vị, xe lưu động, luân chuyển."),
                 Sort.HALF, standing_away.half, provincial=True),
        Standing("away", UPWARDS, N_("Lưu động và luân chuyển"), N_("Sách đi ra và lượt sách được đọc, hai số để riêng."),
                 Sort.YEAR, standing_away.report),
    )  # fmt: skip


STANDING: Mapping[str, Standing] = {one.code: one for one in _all()}
"""By code, in the order of the page."""


def parts(kind: OrganisationKind) -> dict[str, list[Standing]]:
    """Under their headings, of those that a library of this kind makes."""
    found: dict[str, list[Standing]] = {}
    for one in STANDING.values():
        if not one.provincial or kind is OrganisationKind.PROVINCE:
            found.setdefault(one.part, []).append(one)
    return found


def made(session: Session, one: Standing, question: Question) -> Report:
    """The report; all its figures are of one state of the sums."""
    return rolling.at_one_mark(session, lambda: one.make(session, replace(question, told={})))
