"""What counts as read, and what it earns. Pure: facts in, answers out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from library.core.errors import N_

WEEK = timedelta(days=7)
EARLIEST = 8
"""Month: a school year is known by its pupils from August on, where nobody wrote one down."""


@dataclass(frozen=True)
class Milestone:
    """So many books earn a certificate: a pupil one, or a class together."""

    of_class: bool
    books: int
    name: str


USUAL = (
    Milestone(False, 5, N_("Mầm đọc")),
    Milestone(False, 10, N_("Bạn của sách")),
    Milestone(False, 20, N_("Ong chăm đọc")),
    Milestone(False, 50, N_("Nhà thám hiểm sách")),
    Milestone(True, 100, N_("Lớp 100 lượt sách")),
    Milestone(True, 300, N_("Lớp 300 lượt sách")),
    Milestone(True, 500, N_("Lớp 500 lượt sách")),
)
"""What libraries begin with; each may have its own."""


@dataclass(frozen=True)
class Way:
    """How far somebody is: the last milestone reached and the next one, None where there is none."""

    count: int
    reached: Milestone | None
    ahead: Milestone | None

    @property
    def missing(self) -> int:
        return self.ahead.books - self.count if self.ahead else 0


def way(count: int, milestones: Iterable[Milestone], of_class: bool) -> Way:
    """Where `count` books have brought a pupil, or a class."""
    mine = sorted((one for one in milestones if one.of_class is of_class), key=lambda one: one.books)
    passed = [one for one in mine if one.books <= count]
    return Way(count, passed[-1] if passed else None, next((one for one in mine if one.books > count), None))


@dataclass(frozen=True)
class Told:
    """What is known of one pupil's reading in a span of days. `returned`: loans that came back; `ticked`: what the grid
    and diaries say; `holding`: open loans; `last_on`: the latest day of any of them."""

    returned: int = 0
    ticked: int = 0
    holding: int = 0
    last_on: date | None = None

    @property
    def count(self) -> int:
        """A book counts as read when it comes back, or somebody says so."""
        return self.returned + self.ticked


def idle(told: Mapping[int, Told], since: date) -> list[int]:
    """Pupils who neither took a book nor were ticked from that day on, and have none at home: in the order given."""
    return [who for who, one in told.items() if not one.holding and (one.last_on is None or one.last_on < since)]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def year_around(day: date) -> tuple[date, date]:
    """The school year of a day, where the school's calendar says nothing: August to July."""
    first = date(day.year if day.month >= EARLIEST else day.year - 1, EARLIEST, 1)
    return first, date(first.year + 1, EARLIEST, 1) - timedelta(days=1)


def in_years(days: Sequence[tuple[date, date]], today: date) -> tuple[date, date]:
    """The year that runs today, else the last that began; `year_around` where there is none."""
    begun = [one for one in days if one[0] <= today]
    return max(begun) if begun else year_around(today)
