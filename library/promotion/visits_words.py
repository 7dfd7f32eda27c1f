"""How visits are called on pages."""

from datetime import date, datetime

from library.core import clock
from library.core.errors import N_
from library.promotion.visit_models import Turn
from library.uses.models import VisitKind

KINDS = {
    VisitKind.CLASS: N_("Theo lớp"), VisitKind.DESK: N_("Mượn sách ở quầy"), VisitKind.KIOSK: N_("Tự ghi ở cửa"),
    VisitKind.GUEST: N_("Khách"), VisitKind.SESSION: N_("Buổi sinh hoạt, lớp học"), VisitKind.GATE: N_("Bộ đếm ở cửa"),
    VisitKind.SITE: N_("Điểm luân chuyển"), VisitKind.STOP: N_("Điểm dừng của xe"),
}  # fmt: skip
CATEGORIES = {"pupil": N_("Học sinh"), "teacher": N_("Giáo viên, nhân viên"), "citizen": N_("Người dân")}
SEXES = {"m": N_("nam"), "f": N_("nữ")}
NEEDS = {"disabled": N_("khuyết tật"), "blind": N_("khiếm thị")}
TURNS = {Turn.RESET: N_("Bộ đếm đã về 0"), Turn.ROUND: N_("Bộ đếm đã quay vòng")}


def day(at: datetime) -> date:
    return clock.day_of(at)


def hour(at: datetime) -> str:
    """ "10:42", here."""
    return f"{at.astimezone(clock.HERE):%H:%M}"


def moment(at: datetime) -> str:
    """ "10:42 21/11/2026", here."""
    return f"{at.astimezone(clock.HERE):%H:%M %d/%m/%Y}"
