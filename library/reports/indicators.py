"""Lines of a campaign as data: what is counted, how, in which row of the appendix it stands.

A formula is {"measure": code, "only": {dimension: value}} or {"sum": [such, …]} over `measures.MEASURES`; "renewals" says
whether keeping a book longer counts, and is written into it at the launch. A line without a formula is counted by people.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from library.core.errors import N_, Reason, Refused
from library.reports.campaign_models import CampaignIndicator, LineKind
from library.reports.measures import MEASURES

FOLDER = Path(__file__).parent / "data"
MOST = 60
"""Lines of one campaign."""
OF_TREE = frozenset({"day", "week", "month", "year", "school-year", "unit", "owner", "below", "branch"})
"""What a figure is divided by, but a line cannot ask for: days are the campaign's, places the units'."""


class BadLine(Refused):
    """A line that cannot be counted like that."""

    status = 422

    def __init__(self, code: str, sentence: str, **facts: Any) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Part:
    """One figure of the engine."""

    measure: str
    only: Mapping[str, Any] = field(default_factory=dict)
    renewals: bool = True
    groups: Mapping[str, str] | None = None
    """What categories of readers counted as at the launch; None: as today."""

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Raises BadLine."""
        found, only = MEASURES.get(str(plain.get("measure"))), plain.get("only") or {}
        if found is None:
            raise BadLine("measure", N_("Máy không có số liệu “%(measure)s”."), measure=str(plain.get("measure")))
        if not isinstance(only, Mapping) or (
            wrong := [name for name, value in only.items() if name not in found.dims - OF_TREE or not _plain(value)]
        ):
            raise BadLine("only", N_("Số liệu “%(name)s” không chia được như vậy."), name=found.words, wrong=wrong)
        return cls(found.code, dict(only), bool(plain.get("renewals", True)), plain.get("groups"))

    def plain(self) -> dict[str, Any]:
        more = {"only": dict(self.only)} if self.only else {}
        more |= {"groups": dict(self.groups)} if self.groups is not None else {}
        return {"measure": self.measure, **more, "renewals": self.renewals}

    @property
    def of_groups(self) -> bool:
        """Whether it depends on what categories count as."""
        return MEASURES[self.measure].pupils or "group" in self.only

    @property
    def key(self) -> str:
        """The same for parts that ask the same."""
        return json.dumps(self.plain(), sort_keys=True)


def _plain(value: Any) -> bool:
    """Words or numbers, one or several."""
    several = value if isinstance(value, list) else [value]
    return bool(several) and all(isinstance(one, str | int) for one in several)


def parts_of(formula: Mapping[str, Any] | None) -> tuple[Part, ...]:
    """Empty for a line that people count. Raises BadLine."""
    if not formula:
        return ()
    several = formula.get("sum")
    return tuple(Part.read(one) for one in (several if isinstance(several, list) else [formula]))


SETTLED = ("renewals", "groups")
"""What a launch writes into a formula."""


def settled(formula: Mapping[str, Any] | None, renewals: bool, groups: Mapping[str, str]) -> dict[str, Any] | None:
    """As it is kept from the launch on: what a library's setting says today is written into it, and what its categories of
    readers count as, where it asks for that."""
    if not formula:
        return None
    told = [
        {**one, "renewals": renewals, **({"groups": dict(groups)} if Part.read(one).of_groups else {})}
        for one in formula.get("sum") or [formula]
    ]
    return {"sum": told} if "sum" in formula else told[0]


def unsettled(formula: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As before the launch: the library's setting is asked again the next time."""
    if not formula:
        return None
    told = [
        {name: value for name, value in one.items() if name not in SETTLED} for one in formula.get("sum") or [formula]
    ]
    return {"sum": told} if "sum" in formula else told[0]


@dataclass(frozen=True)
class Line:
    """A line before it belongs to a campaign."""

    number: int
    code: str
    label: str
    unit: str
    kind: LineKind = LineKind.NUMBER
    formula: Mapping[str, Any] | None = None
    evidence: bool = False

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Raises BadLine for a formula that cannot be."""
        parts_of(plain.get("formula"))
        return cls(
            int(plain["number"]), str(plain["code"]), str(plain["label"]), str(plain.get("unit") or ""),
            LineKind(plain.get("kind", "number")), plain.get("formula"), bool(plain.get("evidence")),
        )  # fmt: skip


def as_plain(lines: Iterable[Line | CampaignIndicator]) -> list[dict[str, Any]]:
    """What a template keeps."""
    plain = [asdict(one if isinstance(one, Line) else line_of(one)) for one in lines]
    return [{**one, "formula": unsettled(one["formula"])} for one in plain]


def line_of(row: CampaignIndicator) -> Line:
    return Line(row.number, row.code, row.label, row.unit, row.kind, row.formula, row.evidence)


@dataclass(frozen=True)
class Shipped:
    """A list that comes with the software: its name in addresses, what it is called, and the days it usually spans
    (month and day; the last is the day it is due)."""

    name: str
    title: str
    first: tuple[int, int]
    last: tuple[int, int]
    due: tuple[int, int]
    lines: tuple[Line, ...]


def shipped() -> dict[str, Shipped]:
    found = {}
    for path in sorted(FOLDER.glob("campaign-*.json")):
        told = json.loads(path.read_text("utf-8"))
        lines = tuple(Line.read(one) for one in told["lines"])
        name = path.stem.removeprefix("campaign-")
        first, last, due = (_month_day(told[day]) for day in ("first", "last", "due"))
        found[name] = Shipped(name, told["title"], first, last, due, lines)
    return found


def _month_day(pair: list[int]) -> tuple[int, int]:
    month, day = pair
    return month, day
