"""What was chosen for a class list, and what is to be done with one of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from library.core import clock
from library.patrons import names, school_years
from library.patrons.columns import PROMOTING
from library.patrons.knowing import Known
from library.staging.importers import Judged, Staged, Task
from library.staging.loading import plans_of
from library.staging.values import ClassName
from library.staging.verdicts import Verdict


@dataclass(frozen=True)
class Plan:
    """What is to be done with a row. `person` are the person's columns to change, `details` what is kept of the family;
    `ends`: the membership does."""

    row: Staged
    judged: Judged
    known: Known | None = None
    person: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    expires_on: date | None = None
    ends: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return self.row.sheet, self.row.number

    @property
    def writes(self) -> bool:
        return self.judged.verdict in (Verdict.NEW, Verdict.CHANGED)

    @property
    def teaches(self) -> bool:
        """Whether it needs the class of its row."""
        return self.writes and not self.ends


@dataclass(frozen=True)
class Setting:
    """What was chosen for the list, and what the library keeps. `details` of persons known: {person: (parents, …)}."""

    year: str
    until: date | None
    as_written: bool
    ticked: frozenset[str]
    keeps_details: bool = False
    details: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def year_label(task: Task) -> str:
    """The year the list is of; one that says who goes up is brought in May or June for the next."""
    first = school_years.PROMOTING_FROM if is_of_promotion(task) else school_years.FIRST_MONTH
    return task.answers.get("year") or school_years.label_of(clock.today(), first)


def is_of_promotion(task: Task) -> bool:
    heads = (plan.header for plan in plans_of(task.choices) if plan.read and plan.header)
    return any(PROMOTING & set(head.mapping) for head in heads)


def setting_of(task: Task) -> Setting:
    until = task.answers.get("expires_on")
    return Setting(
        year_label(task), date.fromisoformat(until) if until else None, task.answers.get("names") == "as-written",
        task.ticked,
    )  # fmt: skip


def class_of(values: Mapping[str, Any], name: str = "school_class") -> ClassName:
    told = values.get(name) or {}
    return ClassName(told.get("name", ""), tuple(told.get("grades", ())))


def name_of(values: Mapping[str, Any], setting: Setting) -> str:
    name: str = values["full_name"]
    return name if setting.as_written else names.tidy(name)


def born_of(values: Mapping[str, Any]) -> tuple[date | None, bool]:
    """(birth date, whether only its year is known)."""
    birth = values.get("birth") or {}
    if birth.get("day"):
        return date.fromisoformat(birth["day"]), False
    return (date(birth["year"], 1, 1), True) if birth.get("year") else (None, False)
