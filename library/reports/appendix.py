"""The appendix (phụ lục): the lines of a campaign with their results, of one unit or of all, as every file writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from library.core import clock
from library.core.numbers import NOTHING, change, written
from library.reports.campaign_models import LineKind
from library.reports.campaign_sums import Overview, Sum
from library.reports.correction_models import Correction
from library.reports.sheet_page import Row, Shown
from library.reports.sheets import OTHER, REASONS

HEADS = ("STT", "Nội dung", "Đơn vị tính", "Kết quả", "Ghi chú")
YES, NO = "có", "không"


@dataclass(frozen=True)
class Entry:
    """A line. `result`: a number, or text where it is no number (22/22); `number`: empty below the first of its row."""

    number: str
    label: str
    unit: str
    result: int | str
    note: str = ""

    @property
    def told(self) -> str:
        """As paper writes it: 18.230.000."""
        return self.result if isinstance(self.result, str) else written(self.result)

    @property
    def cells(self) -> tuple[str, str, str, int | str, str]:
        return self.number, self.label, self.unit, self.result, self.note

    @property
    def plain(self) -> Mapping[str, str]:
        """For the template."""
        return {"number": self.number, "label": self.label, "unit": self.unit, "result": self.told, "note": self.note}


# Of all units


def of_campaign(found: Overview) -> list[Entry]:
    return [_sum(one, found) for one in found.sums]


def _sum(one: Sum, found: Overview) -> Entry:
    number = str(one.line.number) if one.first else ""
    if one.line.kind is LineKind.TEXT:
        words = "; ".join(f"{sheet.short_name}: {said}" for sheet, said in one.words)
        return Entry(number, one.line.label, one.line.unit, len(one.words) if one.words else NOTHING, words)
    result = one.told if one.of is not None or one.total is None else one.total
    return Entry(number, one.line.label, one.line.unit, result, _corrected(one, found))


def _corrected(one: Sum, found: Overview) -> str:
    """TH Xuất Hóa: Đính chính ngày …; each with its unit, whose figure it was."""
    figures = ((sheet, found.figures.get((sheet.id, one.line.id))) for sheet in found.sheets)
    return "; ".join(
        f"{sheet.short_name}: {_put_right(figure.corrections)}"
        for sheet, figure in figures
        if figure and figure.corrections
    )


def _put_right(corrections: Iterable[Correction]) -> str:
    """Đính chính ngày 20/10/2026: 236 → 240 (Sổ quyên góp ghi thiếu)."""
    return "; ".join(
        f"Đính chính ngày {one.at.astimezone(clock.HERE):%d/%m/%Y}: {written(one.was)} → {written(one.value)} ({one.why})"
        for one in corrections
    )


def state(found: Overview) -> str:
    """How far the units are: only what was accepted is in the figures."""
    return (
        f"Số liệu cộng từ {written(found.accepted)}/{written(found.asked)} đơn vị đã nộp và được nhận"
        f"{'' if found.campaign.locked_at is None else '; đã chốt'}."
    )


# Of one unit


def of_sheet(shown: Shown) -> list[Entry]:
    return [_row(one) for one in shown.rows]


def _row(one: Row) -> Entry:
    number = str(one.line.number) if one.first else ""
    return Entry(number, one.line.label, one.line.unit, _result(one), _note(one))


def _result(one: Row) -> int | str:
    if one.is_text:
        return one.told.words or NOTHING
    value = one.corrections[-1].value if one.corrections else one.value
    if one.line.kind is LineKind.UNITS and value is not None:
        return YES if value else NO
    return NOTHING if value is None else value


def _note(one: Row) -> str:
    said = [_why(one), _put_right(one.corrections)]
    return "; ".join(filter(None, said))


def _why(one: Row) -> str:
    """Máy đếm 214 (+22): Chưa kịp nhập máy, Lớp 5A góp thêm."""
    if not one.differs:
        return one.told.note or ""
    reason = REASONS.get(one.told.reason or "", "") if one.told.reason != OTHER else ""
    words = ", ".join(filter(None, [reason, one.told.note]))
    return f"Máy đếm {written(one.computed)} ({change(one.differs)}){': ' if words else ''}{words}"


def cells(entries: Sequence[Entry]) -> list[tuple[str, str, str, int | str, str]]:
    """Rows of a workbook."""
    return [one.cells for one in entries]
