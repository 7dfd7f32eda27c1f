"""What a dashboard shows: a unit's reading in its year so far beside the year before, by month, by grade, by unit below.

Every number is a question to the engine; nothing is kept here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.patrons.models import Category, Membership, PatronGroup, SchoolClass
from library.reports import asking, tree
from library.reports.asking import Ask
from library.reports.ledgers import Key
from library.reports.standing_periods import Period, Sort, month_after, of
from library.reports.tree import Segment, Tree

VISITS, USES = "visits", "uses"
DAY = timedelta(days=1)
FIRST_HALF = 5
"""Months of a school year's first term: August to December. Of a calendar year the terms are its halves."""


class Span(StrEnum):
    """Which part of the year is looked at."""

    YEAR = "year"
    FIRST = "first"
    SECOND = "second"
    MONTH = "month"


@dataclass(frozen=True)
class Window:
    """`months`: their first days, as they are drawn. `first` to `last`, both included: what has come of them; `until`: the
    day up to which the year before is compared, the same day a year earlier."""

    span: Span
    year: Period
    months: tuple[date, ...]
    first: date
    last: date

    @property
    def school(self) -> bool:
        return self.year.sort is Sort.SCHOOL_YEAR

    @property
    def before(self) -> tuple[date, date]:
        return year_ago(self.first), year_ago(self.last)


def year_ago(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def window(kind: OrganisationKind, span: Span, today: date) -> Window:
    """Of the year we are in: the school year at a school, the calendar year elsewhere."""
    year = of(Sort.SCHOOL_YEAR if kind is OrganisationKind.SCHOOL else Sort.YEAR, today)
    first_term = FIRST_HALF if year.sort is Sort.SCHOOL_YEAR else 6
    at, count = {
        Span.YEAR: (0, 12), Span.FIRST: (0, first_term), Span.SECOND: (first_term, 12 - first_term),
        Span.MONTH: (month_number(year.first, today), 1),
    }[span]  # fmt: skip
    months = tuple(month_after(year.first, at + one) for one in range(count))
    end = month_after(months[-1], 1) - DAY
    return Window(span, year, months, months[0], max(min(end, today), months[0]))


def month_number(first: date, day: date) -> int:
    """How many months after `first` this day is in."""
    return (day.year - first.year) * 12 + day.month - first.month


@dataclass(frozen=True)
class Course:
    """A measure month by month: `now` is None for months to come; `total` and `before` reckon to the same day."""

    measure: str
    months: Sequence[date]
    now: Sequence[int | None]
    ago: Sequence[int]
    total: int
    before: int


@dataclass(frozen=True)
class Grade:
    """Books for each of its pupils, month by month."""

    grade: int
    pupils: int
    now: Sequence[float | None]
    ago: Sequence[float]

    @property
    def each(self) -> float | None:
        """In a month that has begun, on the average."""
        done = [one for one in self.now if one is not None]
        return sum(done) / len(done) if done else None

    def fewer(self, closed: int) -> bool:
        """Whether every one of the months that are over (there are several) was below the year before."""
        pairs = list(zip(self.now, self.ago, strict=True))[:closed]
        return len(pairs) > 1 and all(now is not None and now < ago for now, ago in pairs)


@dataclass(frozen=True)
class Below:
    """A unit under the one asked for. `months`: its uses, None for those to come."""

    unit: Organisation
    visits: int
    uses: int
    before: int
    months: Sequence[int | None]


def _gathered(
    told: Mapping[tuple[Key, ...], Mapping[date, int]], into: Mapping[Key, Key]
) -> dict[tuple[Key, ...], dict[date, int]]:
    """The months of each unit with those of the others that belong to the same."""
    found: dict[tuple[Key, ...], dict[date, int]] = {}
    for (unit,), months in told.items():
        mine = found.setdefault((into[unit],), {})
        for month, count in months.items():
            mine[month] = mine.get(month, 0) + count
    return found


def _unit(keys: tuple[Key, ...]) -> int | None:
    return int(str(keys[0])) if keys else None


class Board:
    """The questions of one dashboard, which share the tree."""

    def __init__(
        self, session: Session, unit: Organisation, span: Span, today: date | None = None, scope: Scope | None = None
    ) -> None:
        self.session, self.unit, self.today, self.scope = session, unit, today or clock.today(), scope
        self.window = window(unit.kind, span, self.today)
        self.known: Tree = asking.tree_of(session)
        self._found: dict[tuple[str, ...], dict[tuple[Key, ...], dict[date, int]]] = {}
        self._parted: dict[str, dict[int | None, int]] = {}

    @property
    def units(self) -> frozenset[int]:
        return frozenset({self.unit.id})

    def ask(self, measure: str, first: date | None = None, last: date | None = None, **only: object) -> Ask:
        told = {name.replace("_", "-"): value for name, value in only.items()}
        if self.narrowed is not None:
            told.setdefault("branch", self.narrowed)
        return Ask(measure, self.units, first or self.window.first, last or self.window.last, only=told)

    @cached_property
    def _whole(self) -> Segment:
        return tree.segments(self.known, self.units, self.today, self.today)[0]

    @cached_property
    def narrowed(self) -> list[int] | None:
        """The only branches whose figures may be seen; None: the whole unit's may."""
        branches, scope = self._whole.stands, self.scope
        if scope is None or all(scope.holds_branch(one) for one in branches):
            return None
        return sorted(one for one in branches if scope.holds_branch(one))

    @cached_property
    def standing(self) -> Segment:
        """Which branches are whose today, of those that may be seen."""
        seen = self._whole.stands if self.narrowed is None else self.narrowed
        return replace(self._whole, stands={one: stand for one, stand in self._whole.stands.items() if one in seen})

    def names(self) -> list[str]:
        """Of the branches that alone are shown; empty where nothing is left out."""
        query = select(Branch.name).where(Branch.id.in_(self.narrowed or ())).order_by(Branch.name)
        return [] if self.narrowed is None else list(self.session.scalars(query))

    @property
    def has_below(self) -> bool:
        return any(one.owner != self.unit.id for one in self.standing.stands.values())

    def _whole_before(self) -> tuple[date, date]:
        """The year before, to the end of its last month: the months to come are shown by what they were."""
        months = self.window.months
        return month_after(months[0], -12), month_after(months[-1], -11) - DAY

    def _months(self, measure: str, *dims: str) -> dict[tuple[Key, ...], dict[date, int]]:
        """{other keys: {month: quantity}} of this year and the one before (one question, asked once)."""
        if (measure, *dims) not in self._found:
            self._found[measure, *dims] = self._ask_months(measure, *dims)
        return self._found[measure, *dims]

    def _ask_months(self, measure: str, *dims: str) -> dict[tuple[Key, ...], dict[date, int]]:
        if dims == ("below",) and self._above is not None:
            return _gathered(self._months(measure, "unit"), self._above)
        found: dict[tuple[Key, ...], dict[date, int]] = {}
        ask = self.ask(measure, self._whole_before()[0], self.window.last)
        for row in asking.by(self.session, ask, *dims, "month", known=self.known):
            month = row.keys[-1]
            assert isinstance(month, date)
            found.setdefault(row.keys[:-1], {})[month] = row.quantity
        return found

    @cached_property
    def _above(self) -> dict[Key, Key] | None:
        """{owner: the unit below that it stood under or was}; None where one of them moved: then months do not tell."""
        found: dict[Key, Key] = {}
        for part in tree.segments(self.known, self.units, self._whole_before()[0], self.window.last):
            for stand in part.stands.values():
                if found.setdefault(stand.owner, stand.below) != stand.below:
                    return None
        return found

    def _now(self, told: Mapping[date, int]) -> list[int | None]:
        return [told.get(month, 0) if month <= self.window.last else None for month in self.window.months]

    def _ago(self, told: Mapping[date, int]) -> list[int]:
        return [told.get(month_after(month, -12), 0) for month in self.window.months]

    def course(self, measure: str) -> Course:
        """Where there are units below it is their sum: they are asked for anyway."""
        told: dict[date, int] = {}
        for months in self._months(measure, *(("below",) if self.has_below else ())).values():
            for month, count in months.items():
                told[month] = told.get(month, 0) + count
        now, ago = self._now(told), self._ago(told)
        return Course(measure, self.window.months, now, ago, sum(one or 0 for one in now), self._before(measure))

    def _before(self, measure: str) -> int:
        return sum(self._parts(measure).values())

    def _parts(self, measure: str) -> dict[int | None, int]:
        """{unit below, None where there is none: quantity of the year before, to the same day}: its months are known, only
        those days are asked for that are not to be compared (one question at most, asked once)."""
        if measure not in self._parted:
            dims = ("below",) if self.has_below else ()
            found = {_unit(keys): sum(self._compared(told)) for keys, told in self._months(measure, *dims).items()}
            for keys, quantity in self._after(measure, dims):
                found[_unit(keys)] = found.get(_unit(keys), 0) - quantity
            self._parted[measure] = found
        return self._parted[measure]

    def _compared(self, told: Mapping[date, int]) -> list[int]:
        """Of the year before, month by month, up to the month of the day to which it is compared."""
        first, last = self.window.before
        return [count for month, count in told.items() if first <= month <= last]

    def _after(self, measure: str, dims: Sequence[str]) -> list[tuple[tuple[Key, ...], int]]:
        """The rest of the month in which the comparison ends."""
        last = self.window.before[1]
        end = month_after(last.replace(day=1), 1) - DAY
        if last == end:
            return []
        rows = asking.by(self.session, self.ask(measure, last + DAY, end), *dims, known=self.known)
        return [(row.keys, row.quantity) for row in rows]

    def grades(self) -> list[Grade]:
        """Of a school, by the pupils it has today; those without pupils are left out."""
        pupils = self.pupils()
        told = self._months(USES, "group") if pupils else {}
        return [
            Grade(
                grade, count,
                [None if one is None else one / count for one in self._now(told.get((grade,), {}))],
                [one / count for one in self._ago(told.get((grade,), {}))],
            )
            for grade, count in sorted(pupils.items())
        ]  # fmt: skip

    def pupils(self) -> dict[int, int]:
        """{grade: pupils} of the unit itself (one statement)."""
        query = (
            select(SchoolClass.grade, func.count())
            .join(Membership, Membership.class_id == SchoolClass.id)
            .join(Category, Category.id == Membership.category_id)
            .where(Membership.library_id == self.unit.id, Membership.to_on.is_(None))
            .where(Category.group == PatronGroup.PUPIL, SchoolClass.grade.is_not(None))
            .group_by(SchoolClass.grade)
        )
        if self.narrowed is not None:
            query = query.where(SchoolClass.branch_id.in_(self.narrowed))
        return {int(grade or 0): int(count) for grade, count in self.session.execute(query)}

    def closed(self) -> int:
        """How many of the months drawn are over."""
        return sum(1 for month in self.window.months if month_after(month, 1) <= self.today)

    def below(self) -> list[Below]:
        """Units right under this one, itself if it has branches of its own; the most uses first."""
        visits = {int(str(key[0])): sum(one or 0 for one in self._now(months))
                  for key, months in self._months(VISITS, "below").items()}  # fmt: skip
        uses = self._months(USES, "below")
        before = self._parts(USES)
        stand = {one.below for one in self.standing.stands.values()}
        wanted = stand | {int(str(key[0])) for key in uses} | set(visits)
        query = select(Organisation).where(Organisation.id.in_(sorted(wanted)))
        found = []
        for one in self.session.scalars(query):
            months = self._now(uses.get((one.id,), {}))
            total = sum(count or 0 for count in months)
            if (
                one.id in stand or total or visits.get(one.id) or before.get(one.id)
            ):  # what was merged since and did nothing: no
                found.append(Below(one, visits.get(one.id, 0), total, before.get(one.id, 0), months))
        return sorted(found, key=lambda one: (-one.uses, -one.visits, one.unit.name))

    def kinds(self) -> dict[str, list[int | None]]:
        """{kind of library: uses by month}, of kinds that have any."""
        kinds: dict[Key, Key] = dict(self.known.kinds.items())
        told = _gathered(self._months(USES, "unit"), kinds)
        found = {str(kind): self._now(months) for (kind,), months in told.items()}
        return {kind: found[kind] for kind in sorted(found) if any(found[kind])}
