"""Public holidays of Việt Nam, as the package `holidays` works them out: the lunar ones, days off in lieu, all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from holidays.countries.vietnam import VN

from library.core.errors import N_

KINDS: Mapping[str, str] = {
    "new-year": N_("Tết Dương lịch"),
    "tet": N_("Tết Nguyên đán"),
    "hung-kings": N_("Giỗ Tổ Hùng Vương"),
    "liberation": N_("Ngày Chiến thắng 30/4"),
    "labour": N_("Quốc tế Lao động 1/5"),
    "national-day": N_("Quốc khánh 2/9"),
    "culture": N_("Ngày Văn hóa Việt Nam 24/11"),
    "swapped": N_("Nghỉ hoán đổi"),
    "other": N_("Ngày lễ khác"),
}
"""What a library may choose to open on, in the order of the year."""

WORDS = (
    ("thay cho", "swapped"), ("Dương lịch", "new-year"), ("Tết", "tet"), ("Hùng Vương", "hung-kings"),
    ("Chiến thắng", "liberation"), ("Lao động", "labour"), ("Quốc khánh", "national-day"), ("Văn hóa", "culture"),
)  # fmt: skip
"""How the package calls them, the most particular first. A day off in lieu carries the name of its holiday."""

FIRST_YEAR, LAST_YEAR = 1975, 2099


@dataclass(frozen=True)
class Holiday:
    day: date
    kind: str
    name: str


def kind_of(name: str) -> str:
    return next((kind for words, kind in WORDS if words in name), "other")


@lru_cache(maxsize=256)
def of_year(year: int) -> tuple[Holiday, ...]:
    """In order of time, two where they fall on one day; none for years nobody has worked out."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    found = _named(year, "vi")
    named = ((day, name) for day, names in sorted(found.items()) for name in names.split("; ") if day.year == year)
    return tuple(Holiday(day, kind_of(name), name) for day, name in named)


def tet(year: int) -> date:
    """The first day of the lunar year that begins in `year`. Raises LookupError outside the years worked out."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise LookupError(f"no Tết known for {year}")
    return next(day for day, names in _named(year, "en_US").items() if names == "Lunar New Year")


def _named(year: int, language: str) -> dict[date, str]:
    return dict(VN(years=year, language=language, expand=False).items())  # type: ignore[no-untyped-call]
