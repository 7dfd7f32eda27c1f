"""Dates of the year to prepare for: what is shipped, what a library changed for one year or for all, what it added."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars import holidays
from library.core import clock
from library.core.errors import N_
from library.core.fold import fold_words
from library.promotion.event_models import YearlyDate

Day = tuple[int, int]
"""(month, day)."""
AHEAD = timedelta(days=45)
TET = "tet"


@dataclass(frozen=True)
class Yearly:
    """From `first` to `last`, both included; `last` may be of the next year."""

    code: str
    name: str
    first: Day
    last: Day
    own: bool = False
    hidden: bool = False


SHIPPED: tuple[Yearly, ...] = (
    Yearly("opening", N_("Khai giảng"), (9, 5), (9, 5)),
    Yearly("study-month", N_("Tháng khuyến học"), (9, 5), (10, 5)),
    Yearly("lifelong-week", N_("Tuần lễ hưởng ứng học tập suốt đời"), (10, 1), (10, 7)),
    Yearly("study-day", N_("Ngày Khuyến học Việt Nam"), (10, 2), (10, 2)),
    Yearly("report-day", N_("Hạn thường lệ nộp báo cáo Tuần lễ học tập suốt đời"), (10, 15), (10, 15)),
    Yearly("teachers-day", N_("Ngày Nhà giáo Việt Nam, thi giới thiệu sách"), (11, 20), (11, 20)),
    Yearly("army-day", N_("Ngày thành lập Quân đội, trưng bày sách"), (12, 22), (12, 22)),
    Yearly(TET, N_("Tết Nguyên đán, trưng bày sách xuân"), (2, 1), (2, 1)),
    Yearly("youth-day", N_("Ngày thành lập Đoàn, trưng bày sách"), (3, 26), (3, 26)),
    Yearly("book-day", N_("Ngày Sách và Văn hóa đọc Việt Nam"), (4, 21), (4, 21)),
    Yearly("world-book-day", N_("Ngày Sách và Bản quyền thế giới"), (4, 23), (4, 23)),
    Yearly("reading-festival", N_("Ngày hội đọc sách, quyên góp sách giáo khoa cũ"), (4, 15), (5, 31)),
    Yearly("summer", N_("Hè đọc sách"), (6, 1), (8, 15)),
)
"""The day of Tết is worked out for each year."""


@dataclass(frozen=True)
class Coming:
    """A date of one year. `running`: it has begun."""

    code: str
    name: str
    first: date
    last: date

    def days_to(self, today: date) -> int:
        return max(0, (self.first - today).days)


def of_year(session: Session, library_id: int | None, year: int) -> list[Yearly]:
    """As they are that year: what is said of that year wins over what is said of all (one statement)."""
    query = select(YearlyDate).where(YearlyDate.library_id == library_id).order_by(YearlyDate.id)
    said = list(session.scalars(query))
    found = {one.code: _tet(one, year) for one in SHIPPED}
    for row in (*(one for one in said if one.year is None), *(one for one in said if one.year == year)):
        found[row.code] = _own(row, row.code not in {one.code for one in SHIPPED})
    return sorted(found.values(), key=lambda one: (one.first, one.code))


def _own(row: YearlyDate, own: bool) -> Yearly:
    first, last = (row.first_month, row.first_day), (row.last_month, row.last_day)
    return Yearly(row.code, row.name, first, last, own, row.hidden)


def _tet(one: Yearly, year: int) -> Yearly:
    if one.code != TET:
        return one
    try:
        day = holidays.tet(year)
    except LookupError:
        return one
    return Yearly(one.code, one.name, (day.month, day.day), (day.month, day.day))


def coming(session: Session, library_id: int | None, today: date, ahead: timedelta = AHEAD) -> list[Coming]:
    """Those running, and those that begin within `ahead`; the nearest first."""
    every = (
        dated
        for year in (today.year - 1, today.year, today.year + 1)
        for dated in _dated(of_year(session, library_id, year), year)
    )
    found = [one for one in every if one.last >= today and one.first <= today + ahead]
    return sorted(found, key=lambda one: (one.first, one.last))


def _dated(every: Iterable[Yearly], year: int) -> Iterable[Coming]:
    for one in every:
        if not one.hidden:
            last = year + (one.last < one.first)
            yield Coming(one.code, one.name, _day(year, one.first), _day(last, one.last))


def _day(year: int, at: Day) -> date:
    """29 February of a common year is its 28th."""
    month, day = at
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def say(session: Session, library_id: int, code: str, said: Mapping[str, object], year: int | None) -> YearlyDate:
    """What this library says of a date; `code` empty: one of its own, named by its name."""
    code = code or "-".join(fold_words(str(said["name"])))[:60]
    which = select(YearlyDate).where(YearlyDate.library_id == library_id, YearlyDate.code == code)
    row = session.scalar(which.where(YearlyDate.year.is_not_distinct_from(year)))
    row = row or YearlyDate(uid=clock.uuid7(), library_id=library_id, code=code, year=year)
    for name, value in said.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row
