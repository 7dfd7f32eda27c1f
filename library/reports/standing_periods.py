"""The spans reports are made of: a month, a quarter, half a year, a school year, a year, or any days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from flask_babel import gettext as _

from library.core.errors import N_
from library.reports.ledgers import school_year_of

DAY = timedelta(days=1)
YEARS = range(1990, 2201)
LONGEST = timedelta(days=366 * 10)


class Sort(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    SCHOOL_YEAR = "school-year"
    YEAR = "year"
    ANY = "any"


SORTS: Mapping[Sort, str] = {
    Sort.MONTH: N_("Tháng"), Sort.QUARTER: N_("Quý"), Sort.HALF: N_("6 tháng"), Sort.SCHOOL_YEAR: N_("Năm học"),
    Sort.YEAR: N_("Năm"), Sort.ANY: N_("Ngày tự chọn"),
}  # fmt: skip
MONTHS: Mapping[Sort, int] = {Sort.MONTH: 1, Sort.QUARTER: 3, Sort.HALF: 6, Sort.SCHOOL_YEAR: 12, Sort.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both included."""

    sort: Sort
    first: date
    last: date

    def moved(self, by: int) -> "Period":
        """So many periods later; before where `by` is negative."""
        if self.sort is Sort.ANY:
            far = (self.last - self.first + DAY) * by
            return Period(self.sort, self.first + far, self.last + far)
        return of(self.sort, month_after(self.first, MONTHS[self.sort] * by))

    def year_ago(self) -> "Period":
        if self.sort is Sort.ANY:
            return Period(self.sort, _year_ago(self.first), _year_ago(self.last))
        return of(self.sort, month_after(self.first, -12))

    def ago(self, today: date) -> "Period":
        """A year ago; of a period that is not over, the days as far as it has come."""
        then = self.year_ago()
        return then if today >= self.last else Period(Sort.ANY, then.first, max(then.first, _year_ago(today)))

    def words(self) -> str:
        return _WORDS[self.sort](self)


def of(sort: Sort, day: date) -> Period:
    """The period that this day is in; of any days: this one."""
    if sort is Sort.ANY:
        return Period(sort, day, day)
    begins = date(day.year, (day.month - 1) // MONTHS[sort] * MONTHS[sort] + 1, 1)
    first = school_year_of(day) if sort is Sort.SCHOOL_YEAR else begins
    return Period(sort, first, month_after(first, MONTHS[sort]) - DAY)


def month_after(day: date, months: int) -> date:
    """The first of the month so many months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _year_ago(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def read(source: Mapping[str, str], usual: Sort, today: date) -> Period:
    """`period` and a day `at` in it, or `first` and `last`. Whatever cannot be read is the usual: the one we are in."""
    sort = _sort(source.get("period"), usual)
    if sort is not Sort.ANY:
        return of(sort, _day(source.get("at")) or today)
    last = _day(source.get("last")) or today
    first = _day(source.get("first")) or last.replace(day=1)
    first, last = min(first, last), max(first, last)
    return Period(sort, max(first, last - LONGEST), last)


def values(period: Period) -> dict[str, str]:
    """What the address says of it."""
    if period.sort is Sort.ANY:
        return {"period": "any", "first": period.first.isoformat(), "last": period.last.isoformat()}
    return {"period": period.sort.value, "at": period.first.isoformat()}


def _sort(text: str | None, usual: Sort) -> Sort:
    try:
        return Sort(text or usual)
    except ValueError:
        return usual


def _day(text: str | None) -> date | None:
    """A field of a month sends 2026-11."""
    told = text or ""
    try:
        day = date.fromisoformat(f"{told}-01" if len(told) == 7 else told)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _half(one: Period) -> str:
    first = one.first.month == 1
    return str(_("6 tháng đầu năm %(year)s", year=one.first.year) if first
               else _("6 tháng cuối năm %(year)s", year=one.first.year))  # fmt: skip


_WORDS: Mapping[Sort, Callable[[Period], str]] = {
    Sort.MONTH: lambda one: str(_("tháng %(month)s", month=f"{one.first:%m/%Y}")),
    Sort.QUARTER: lambda one: str(_("quý %(number)s/%(year)s", number=one.first.month // 3 + 1, year=one.first.year)),
    Sort.HALF: _half,
    Sort.SCHOOL_YEAR: lambda one: str(_("năm học %(year)s", year=f"{one.first.year}–{one.first.year + 1}")),
    Sort.YEAR: lambda one: str(_("năm %(year)s", year=one.first.year)),
    Sort.ANY: lambda one: (
        f"{one.first:%d/%m/%Y}" if one.first == one.last else f"{one.first:%d/%m/%Y} – {one.last:%d/%m/%Y}"
    ),
}
