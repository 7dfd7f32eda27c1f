"""The libraries of the demo province, and how each is founded. Communes are real, schools and people invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from library.calendars.holidays import of_year
from library.calendars.inherited import merged
from library.calendars.models import SchoolYear
from library.calendars.openings import Calendar
from library.core.fold import fold
from library.holdings.models import Place, PlaceKind
from library.holdings.places import first_of
from library.organisations import founding
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.welcome import seed
from library.welcome.seed import Year

WORKDAYS, SIX_DAYS, PUBLIC = frozenset(range(5)), frozenset(range(6)), frozenset({1, 2, 3, 4, 5, 6})
CHILDREN = frozenset({"mau_giao", "thieu_nhi", "tieu_hoc"})
TEENS = frozenset({"thieu_nhi", "thieu_nien", "thcs"})
YOUTH = frozenset({"thieu_nien", "thpt", "nguoi_lon"})
EVERYBODY = CHILDREN | TEENS | YOUTH


@dataclass(frozen=True)
class House:
    """A branch of the demo: who reads there and how much. `classes` are names, "4A"; `loans` those of a whole year."""

    name: str
    commune: str
    weekdays: frozenset[int]
    copies: int
    loans: int
    classes: tuple[str, ...] = ()
    pupils: int = 0
    teachers: int = 0
    citizens: int = 0


@dataclass(frozen=True)
class Library:
    """An organisation of the demo: its main house first, then its sites."""

    key: str
    kind: OrganisationKind
    name: str
    short_name: str
    audiences: frozenset[str]
    houses: tuple[House, ...]
    one_series: bool = False

    @property
    def is_school(self) -> bool:
        return self.kind is OrganisationKind.SCHOOL


def _classes(grades: range, letters: str) -> tuple[str, ...]:
    return tuple(f"{grade}{letter}" for grade in grades for letter in letters)


_K = OrganisationKind
LIBRARIES = (
    Library("tinh", _K.PROVINCE, "Thư viện tỉnh Thái Nguyên", "TV tỉnh Thái Nguyên", EVERYBODY, (
        House("Cơ sở Bắc Kạn", "01840", PUBLIC, 420, 1100, citizens=130),
        House("Cơ sở Phan Đình Phùng", "05443", PUBLIC, 260, 600, citizens=70),
    )),
    Library("bac-kan", _K.COMMUNE, "Thư viện phường Bắc Kạn", "TV phường Bắc Kạn", CHILDREN | TEENS | {"nguoi_lon"}, (
        House("Thư viện phường Bắc Kạn", "01843", PUBLIC, 160, 520, citizens=60),
    )),
    Library("ba-be", _K.COMMUNE, "Thư viện xã Ba Bể", "TV xã Ba Bể", CHILDREN | TEENS | {"nguoi_lon"}, (
        House("Thư viện xã Ba Bể", "01906", frozenset({2, 3, 5, 6}), 120, 330, citizens=45),
    )),
    Library("na-phac", _K.LEARNING_CENTRE, "Trung tâm học tập cộng đồng xã Nà Phặc", "TTHTCĐ Nà Phặc",
            frozenset({"thieu_nhi", "nguoi_lon"}), (
        House("Trung tâm học tập cộng đồng xã Nà Phặc", "01936", frozenset({2, 5, 6}), 70, 170, citizens=30),
    )),
    Library("xuat-hoa", _K.SCHOOL, "Trường Tiểu học Xuất Hóa", "TH Xuất Hóa", CHILDREN, (
        House("Trường Tiểu học Xuất Hóa", "01843", WORKDAYS, 900, 3300, _classes(range(1, 6), "AB"), 25, 14),
        House("Điểm trường Khuổi Pái", "01843", frozenset({1, 3}), 60, 160, ("1C", "2C", "3C"), 11, 3),
    ), one_series=True),
    Library("duc-xuan", _K.SCHOOL, "Trường Tiểu học Đức Xuân", "TH Đức Xuân", CHILDREN, (
        House("Trường Tiểu học Đức Xuân", "01840", WORKDAYS, 230, 1150, _classes(range(1, 6), "A"), 27, 8),
    )),
    Library("nong-thuong", _K.SCHOOL, "Trường Trung học cơ sở Nông Thượng", "THCS Nông Thượng", TEENS, (
        House("Trường Trung học cơ sở Nông Thượng", "01843", SIX_DAYS, 260, 1500, _classes(range(6, 10), "AB"), 26, 12),
    )),
    Library("phu-thong", _K.SCHOOL, "Trường Trung học phổ thông Phủ Thông", "THPT Phủ Thông", YOUTH, (
        House("Trường Trung học phổ thông Phủ Thông", "01969", SIX_DAYS, 240, 1200, _classes(range(10, 13), "AB"), 30, 12),
    )),
)  # fmt: skip


@dataclass
class Standing:
    """A house that has been founded, with what the rest of the demo asks of it."""

    house: House
    library: Library
    organisation: Organisation
    branch: Branch
    stacks: Place
    with_patrons: Place
    calendar: Calendar
    years: Mapping[str, SchoolYear] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)


def found_all(session: Session, today: date) -> list[Standing]:
    """The whole province: libraries, branches, opening days, closures, terms, two school years."""
    root: Organisation | None = None
    standing: list[Standing] = []
    for library in LIBRARIES:
        made = founding.found(session, library.kind, library.name, root, library.short_name, date(today.year - 3, 9, 1))
        root = root or made
        standing += _houses(session, library, made, today)
    return standing


def _houses(session: Session, library: Library, made: Organisation, today: date) -> list[Standing]:
    categories = seed.add_usual_terms(session, made)
    year = seed.year_of(today)
    years = {one.label: seed.begin_year(session, made, one) for one in (year.before, year)} if library.is_school else {}
    branches = [made.branches[0]]
    branches += [founding.add_branch(session, made, house.name) for house in library.houses[1:]]
    found = []
    for house, branch in zip(library.houses, branches, strict=True):
        branch.name, branch.commune_code = house.name, house.commune
        spans = _closed(library, year, today)
        seed.furnish(session, branch, house.weekdays)
        seed.close(session, branch.id, spans)
        stacks = first_of(session, branch.id, PlaceKind.STACKS)
        with_patrons = first_of(session, branch.id, PlaceKind.WITH_PATRONS)
        calendar = _calendar(house.weekdays, spans)
        found.append(Standing(house, library, made, branch, stacks, with_patrons, calendar, years, categories))
    return found


def _calendar(weekdays: frozenset[int], spans: Sequence[tuple[date, date, str]]) -> Calendar:
    """As the desk will know it: with the public holidays."""
    years = range(min(first.year for first, *_ in spans), max(last.year for _, last, _ in spans) + 2)
    public = [(one.day, one.day) for year in years for one in of_year(year)]
    return Calendar(weekdays, merged([*((first, last) for first, last, _ in spans), *public]))


def _closed(library: Library, year: Year, today: date) -> list[tuple[date, date, str]]:
    """The closures of the calendar years around today."""
    years = range(today.year - 1, year.last_on.year + 1)
    return [span for one in years for span in seed.holidays(one, library.is_school)]


def grade_of(class_name: str) -> int:
    """4 for 4A, 10 for 10B."""
    return int("".join(letter for letter in class_name if letter.isdigit()))


def slug(name: str) -> str:
    return fold(name).replace(" ", "-")
