"""A month of a vehicle, a stop or a site on one lying A4 page."""

from reportlab.platypus import Flowable, LongTable

from library.labels.ink import MM
from library.mobile import change_words, printed, sheet_words
from library.mobile.months import Day, Month
from library.mobile.outings import Outing

NUMBER, DAY = 12.0, 36.7
TALL, HEAD = 160.0, 8.0
"""Of the whole grid and of its head."""
SHADE = "#EEEEEE"
SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""The first with which the month stands on one page; more than the last can hold runs on to another."""


def pdf(month: Month, name: str, library: str, vehicles: bool) -> bytes:
    """`vehicles`: say which vehicle comes, for calendars of a stop or a site; else say where it goes."""
    title = f"{name}, tháng {month.first:%m/%Y}"
    top = printed.words(title, 16, bold=True)
    below = printed.words(f"{library} · {len(month.standing)} lần trong tháng", 9.5, after=2)
    size = next((one for one in SIZES if sum(_heights(month, vehicles, one)) <= TALL * MM), SIZES[-1])
    return printed.sheet(title, [top, below, _grid(month, vehicles, size)], across=True)


def _grid(month: Month, vehicles: bool, size: float) -> LongTable:
    heads = ["Tuần", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"]
    rows: list[list[object]] = [[printed.words(one, 9, bold=True) for one in heads]]
    for number, days in month.weeks:
        rows.append([printed.words(str(number), 9, bold=True), *(_cell(day, vehicles, size) for day in days)])
    made = LongTable(
        rows, [NUMBER * MM, *[DAY * MM] * 7], _spread(_heights(month, vehicles, size)), hAlign="LEFT", repeatRows=1
    )
    made.setStyle([*_lines(), *_shades(month)])
    return made


def _heights(month: Month, vehicles: bool, size: float) -> list[float]:
    """Points: of the head, then as high as the fullest day of each week asks."""
    weeks = [max(_asked(_cell(day, vehicles, size)) for day in days) for _, days in month.weeks]
    return [HEAD * MM, *weeks]


def _asked(cell: list[Flowable]) -> float:
    return float(sum(part.wrap(DAY * MM - 6, 900)[1] for part in cell) + 6)


def _spread(heights: list[float]) -> list[float]:
    """What is left of the page goes to all weeks alike."""
    more = max(0.0, TALL * MM - sum(heights)) / (len(heights) - 1)
    return [heights[0], *(one + more for one in heights[1:])]


def _lines() -> list[tuple[object, ...]]:
    return [
        ("GRID", (0, 0), (-1, -1), printed.HAIR, printed.FAINT), ("LINEBELOW", (0, 0), (-1, 0), printed.SHELF, "black"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]  # fmt: skip


def _shades(month: Month) -> list[tuple[object, ...]]:
    """Days of the months before and after."""
    return [
        ("BACKGROUND", (right, down), (right, down), SHADE)
        for down, (_, days) in enumerate(month.weeks, 1)
        for right, day in enumerate(days, 1)
        if not day.inside
    ]


def _cell(day: Day, vehicles: bool, size: float) -> list[Flowable]:
    number = printed.words(f"{day.day:%d/%m}", 8.5, bold=bool(day.outings) and day.inside)
    return [number, *(printed.marked(_said(one, vehicles), size) for one in day.outings)]


def _said(one: Outing, vehicles: bool) -> str:
    named = sheet_words.what(one) + (one.about if vehicles and one.about else one.name)
    text = f"<b>{printed.plain(named)}</b>"
    text = f"{one.from_at:%H:%M} {text}" if one.from_at else text
    if not one.off:
        return text
    moved = f"dời sang {one.moved_to:%d/%m}" if one.moved_to else "nghỉ"
    return f"<strike>{text}</strike> {moved}" + (f" ({printed.plain(change_words.why(one.why))})" if one.why else "")
