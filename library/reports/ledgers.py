"""The three ledgers as one: which column says the day, and what a figure may be broken down by.

A dimension is read as columns of rows and folded into a key here, so that roll-ups and ledgers are asked alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, extract, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from library.patrons.models import PatronGroup
from library.reports.measures import MODES, Ledger, Measured
from library.reports.tree import Segment
from library.uses.models import DocumentUse, Happening, UseKind, Visit

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Key = int | str | date | None
"""Of one dimension: a day, a month's first, a number, a word; None: not told."""

UNGRADED = "pupil-ungraded"
"""Pupils of whom no grade is known: a part of the group; the word "pupil" alone asks for all pupils."""

SCHOOL_YEAR_BEGINS = 8
"""August: the class goes in before the opening of 5 September; summer belongs to the year that ended."""


@dataclass(frozen=True)
class Table:
    """Rows that carry a quantity, as a ledger or a roll-up of it keeps them. `columns` by the name of what they say."""

    day: Column
    branch: Column
    quantity: Column
    columns: Mapping[str, Column]
    recorded: Column | None = None
    rows: Any = None
    monthly: bool = False
    """`day` is a month's first day: whole months only."""
    face: int | None = None
    """Of sums: which of them (`faces`)."""
    after: int | None = None
    """Only rows above this id, found by their ids: there are few. `until`: only rows up to this one."""
    until: int | None = None

    def month(self) -> Column:
        """Months since the year 0; of sums by month their first day, which is there already."""
        if self.monthly:
            return self.day
        return extract("year", self.day) * 12 + extract("month", self.day) - 1


def _table(model: Any, day: str, names: Mapping[str, Any]) -> Table:
    return Table(getattr(model, day), model.branch_id, model.quantity, names, model.recorded_at, model)


TABLES: Mapping[Ledger, Table] = {
    Ledger.USE: _table(DocumentUse, "used_on", {
        "kind": DocumentUse.kind, "grade": DocumentUse.grade, "category": DocumentUse.category,
        "class": DocumentUse.class_name, "level": DocumentUse.reading_level, "class-mark": DocumentUse.class_mark,
        "book-class": func.upper(func.substr(DocumentUse.class_mark, 1, 1)), "channel": DocumentUse.channel,
        "place": DocumentUse.place_id,
    }),
    Ledger.VISIT: _table(Visit, "visited_on", {
        "kind": Visit.kind, "grade": Visit.grade, "category": Visit.category, "class": Visit.class_name,
        "sex": Visit.sex, "access-need": Visit.access_need, "place": Visit.place_id,
    }),
    Ledger.HAPPENING: _table(Happening, "happened_on", {
        "measure": Happening.measure, "kind": Happening.kind, "sort": Happening.sort, "audience": Happening.audience,
    }),
}  # fmt: skip

KIND_COLUMN: Mapping[Ledger, str] = {Ledger.USE: "kind", Ledger.VISIT: "kind", Ledger.HAPPENING: "measure"}
"""Which column a measure's `kinds` are words of."""


@dataclass(frozen=True)
class Words:
    """What categories of readers count as: their group by code or by the group's own word."""

    groups: Mapping[str, str]

    def codes_of(self, group: str) -> list[str]:
        return sorted(code for code, one in self.groups.items() if one == group)


@dataclass(frozen=True)
class Reading:
    """What folds rows into keys: where branches stood, what categories mean."""

    segment: Segment
    words: Words


Fold = Callable[[tuple[Any, ...], Reading], Key]


@dataclass(frozen=True)
class Dim:
    """`columns` names what is read of a row: "day", "month", "branch" or a column; `fold` makes the key of them."""

    columns: tuple[str, ...]
    fold: Fold


def _same(name: str) -> Dim:
    return Dim((name,), lambda values, reading: values[0] if values[0] != "" else None)


def _group(values: tuple[Any, ...], reading: Reading) -> Key:
    grade, category = values
    if grade is not None:
        return int(grade)
    group = reading.words.groups.get(category or "", category)
    return UNGRADED if group == PatronGroup.PUPIL else group


def _stand(name: str) -> Dim:
    return Dim(("branch",), lambda values, reading: getattr(reading.segment.stands[values[0]], name))


def month_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def school_year_of(day: date) -> date:
    """The first day of the school year that this one is in."""
    return date(day.year - (day.month < SCHOOL_YEAR_BEGINS), SCHOOL_YEAR_BEGINS, 1)


def _of_month(fold: Callable[[date], Key]) -> Dim:
    return Dim(("month",), lambda values, reading: fold(_month(values[0])))


def _month(value: Any) -> date:
    return value if isinstance(value, date) else month_of(int(value))


def _week(values: tuple[Any, ...], reading: Reading) -> Key:
    day: date = values[0]
    return day - timedelta(days=day.weekday())


DIMS: Mapping[str, Dim] = {
    "day": Dim(("day",), lambda values, reading: values[0]),
    "week": Dim(("day",), _week),
    "month": _of_month(lambda first: first),
    "school-year": _of_month(school_year_of),
    "year": _of_month(lambda first: first.replace(month=1)),
    "branch": Dim(("branch",), lambda values, reading: values[0]),
    "unit": _stand("owner"),
    "below": _stand("below"),
    "library-kind": _stand("kind"),
    "group": Dim(("grade", "category"), _group),
    "mode": Dim(("kind",), lambda values, reading: MODES[values[0]]),
    **{name: _same(name) for name in ("grade", "category", "class", "kind", "book-class", "class-mark", "level",
                                      "channel", "place", "sex", "access-need", "sort", "audience", "measure")},
}  # fmt: skip
"""Keys of time are first days: of the week, the month, the year, the school year."""


def column(table: Table, name: str) -> Column:
    if name == "month":
        return table.month()
    return {"day": table.day, "branch": table.branch}.get(name, table.columns.get(name))  # type: ignore[return-value]


def reads(names: tuple[str, ...]) -> list[str]:
    """The columns that these dimensions read, each once."""
    return list(dict.fromkeys(one for name in names for one in DIMS[name].columns))


# What counts


OF_PLACE = ("library-kind", "branch", "owner", "below")
"""What `only` says of branches, not of rows."""


def kinds_of(measured: Measured, renewals: bool) -> frozenset[str]:
    more = {UseKind.RENEWAL.value} if measured.renewed and renewals else set()
    return measured.kinds | more


def conditions(
    table: Table, measured: Measured, only: Mapping[str, Any], renewals: bool, words: Words
) -> list[ColumnElement[bool]]:
    """Which rows of a table count, whatever their day and branch."""
    kinds = kinds_of(measured, renewals)
    found: list[ColumnElement[bool]] = []
    if kinds:
        found.append(column(table, KIND_COLUMN[measured.ledger]).in_(sorted(kinds)))
    if measured.pupils:
        found.append(_in_group(table, PatronGroup.PUPIL.value, words))
    return found + [_only(table, name, value, words) for name, value in only.items() if name not in OF_PLACE]


def _only(table: Table, name: str, value: Any, words: Words) -> ColumnElement[bool]:
    wanted = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    if name == "group":
        return or_(*(_in_group(table, one, words) for one in wanted))
    if name == "mode":
        return column(table, "kind").in_([kind for kind, mode in MODES.items() if mode in wanted])
    told = [one for one in wanted if one is not None]
    known = column(table, name).in_(told) if told else None
    untold = column(table, name).is_(None) if None in wanted else None
    return or_(*(one for one in (known, untold) if one is not None))


def _in_group(table: Table, group: str | int | None, words: Words) -> ColumnElement[bool]:
    """A grade, or readers of a group by whatever category; of pupils everybody who has a grade."""
    grade, category = column(table, "grade"), column(table, "category")
    if isinstance(group, int):
        return grade == group
    if group is None:
        return grade.is_(None) & category.is_(None)
    known = PatronGroup.PUPIL.value if group == UNGRADED else group
    among: ColumnElement[bool] = category.in_([known, *words.codes_of(known)])
    return or_(grade.is_not(None), among) if group == PatronGroup.PUPIL else grade.is_(None) & among
