"""The learning society: what is asked for, what units told of a year, and what that comes to for whoever stands above.

Shares are never added up: parts and wholes are, of those units that told both, under the tree as it stood at the year's end.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.inbox.models import Act
from library.organisations.models import Organisation, OrganisationKind
from library.reports import tree
from library.reports.society_models import SocietyBranch, SocietyCount, SocietyLine, SocietyMembers
from library.reports.tree import Tree

SHIPPED = Path(__file__).parent / "data" / "hoc-tap-suot-doi.json"
YEARS = range(1990, 2201)
MEMBERS, BRANCHES = "members", "association-branches"
"""Lines that branches of the association add up to, where a unit tells of them one by one."""
TARGET_YEARS = (2025, 2030)
"""What plans of provinces name; a list may name others."""

Counts = dict[tuple[int, int, str], int]
"""{(unit, year, line): number}"""


@dataclass(frozen=True)
class Line:
    """`whole`: the line it is a share of. `targets`: by year, in tenths of a per cent."""

    code: str
    label: str
    unit: str
    whole: str | None = None
    targets: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Of a line in a year: `part` of `whole` over the `told` units, of `among`, that told both; None: nobody did."""

    line: Line
    part: int | None
    whole: int | None
    told: int
    among: int
    target: tuple[int, int] | None

    @property
    def share(self) -> float | None:
        """Per cent."""
        return self.part * 100 / self.whole if self.part is not None and self.whole else None

    @property
    def short(self) -> float | None:
        """By how many points it stays below what is asked for; negative: above."""
        return self.target[1] / 10 - self.share if self.target and self.share is not None else None


# What is asked for


@cache
def shipped() -> tuple[Line, ...]:
    told = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return tuple(
        Line(one["code"], one["label"], one["unit"], one.get("whole"), _targets(one.get("targets", {}))) for one in told
    )


def _targets(told: Mapping[str, int]) -> dict[int, int]:
    return {int(year): tenths for year, tenths in sorted(told.items())}


def lines(session: Session, network_id: int | None) -> Sequence[Line]:
    """The network's own list, the shipped one where it has none (one statement)."""
    query = select(SocietyLine).where(SocietyLine.library_id == network_id).order_by(SocietyLine.position)
    own = [Line(one.code, one.label, one.unit, one.whole, _targets(one.targets)) for one in session.scalars(query)]
    return own or shipped()


def target_years(listed: Iterable[Line]) -> list[int]:
    return sorted({*TARGET_YEARS, *(year for line in listed for year in line.targets)})


def put_lines(session: Session, library_id: int, listed: Sequence[Line]) -> None:
    """This is the list from now on. Numbers of a line that goes stay, and come back with it."""
    there = {one.code: one for one in session.scalars(select(SocietyLine).where(SocietyLine.library_id == library_id))}
    for position, line in enumerate(listed):
        row = there.pop(line.code, None) or SocietyLine(library_id=library_id, code=line.code)
        row.position, row.label, row.unit, row.whole = position, line.label, line.unit, line.whole
        row.targets = {str(year): tenths for year, tenths in line.targets.items()}
        session.add(row)
    for gone in there.values():
        session.delete(gone)
    session.flush()


def aimed(line: Line, year: int) -> tuple[int, int] | None:
    """(year, tenths of a per cent) of the target that this year works towards: the next one, after the last the last."""
    known = sorted(line.targets)
    ahead = next((one for one in known if one >= year), known[-1] if known else None)
    return (ahead, line.targets[ahead]) if ahead is not None else None


# What was told


def counts(session: Session, units: Collection[int], years: Collection[int]) -> Counts:
    """The last that stands of each number; branches of the association add up to theirs (two statements)."""
    among = (SocietyCount.organisation_id.in_(sorted(units)), SocietyCount.year.in_(sorted(years)))
    query = select(SocietyCount.organisation_id, SocietyCount.year, SocietyCount.code, SocietyCount.value)
    query = query.join(Act, Act.id == SocietyCount.act_id).where(Act.voided_by.is_(None), *among)
    last: dict[tuple[int, int, str], int | None] = {}
    for unit, year, code, value in session.execute(query.order_by(SocietyCount.id)):
        last[unit, year, code] = value
    found = {key: value for key, value in last.items() if value is not None}
    return found | _of_branches(session, units, years)


def _of_branches(session: Session, units: Collection[int], years: Collection[int]) -> Counts:
    found: Counts = {}
    for (unit, year, _branch), many in members(session, units, years).items():
        if many is not None:
            found[unit, year, MEMBERS] = found.get((unit, year, MEMBERS), 0) + many
            found[unit, year, BRANCHES] = found.get((unit, year, BRANCHES), 0) + 1
    return found


def members(session: Session, units: Collection[int], years: Collection[int]) -> dict[tuple[int, int, int], int | None]:
    """{(unit, year, branch): members, None for a branch that is no more} (one statement)."""
    act, founding = aliased(Act), aliased(Act)
    query = (
        select(SocietyMembers.organisation_id, SocietyMembers.year, SocietyMembers.branch_id, SocietyMembers.members)
        .join(act, act.id == SocietyMembers.act_id)
        .join(SocietyBranch, SocietyBranch.id == SocietyMembers.branch_id)
        .join(founding, founding.id == SocietyBranch.act_id)
        .where(act.voided_by.is_(None), founding.voided_by.is_(None))
    )
    among = (SocietyMembers.organisation_id.in_(sorted(units)), SocietyMembers.year.in_(sorted(years)))
    rows = session.execute(query.where(*among).order_by(SocietyMembers.id))
    return {(unit, year, branch): many for unit, year, branch, many in rows}


def branches(session: Session, unit: int) -> Sequence[SocietyBranch]:
    """Of this unit, by name (one statement)."""
    query = select(SocietyBranch).join(Act, Act.id == SocietyBranch.act_id)
    standing = (SocietyBranch.organisation_id == unit, Act.voided_by.is_(None))
    return session.scalars(query.where(*standing).order_by(SocietyBranch.name, SocietyBranch.id)).all()


# Who tells, and what it comes to


def day_of(year: int) -> date:
    """On which the tree of that year is looked at: its last day, today while it lasts."""
    return max(min(date(year, 12, 31), clock.today()), date(year, 1, 1))


def told_by(session: Session, unit: int, years: Collection[int], known: Tree | None = None) -> dict[int, list[int]]:
    """{year: communes that stood under the unit at its end, by name}; a unit without any tells for itself."""
    known = known or tree.load(session)
    rows = session.scalars(
        select(Organisation).where(Organisation.kind == OrganisationKind.COMMUNE).order_by(Organisation.name)
    ).all()
    heirs = {one.successor_id for one in session.scalars(select(Organisation)) if one.successor_id is not None}
    return {year: _communes(rows, heirs, known, unit, day_of(year)) or [unit] for year in years}


def _communes(rows: Sequence[Organisation], heirs: Collection[int], known: Tree, unit: int, day: date) -> list[int]:
    return [one.id for one in rows if _there(one, heirs, day) and _under(known, one.id, unit, day)]


def _there(one: Organisation, heirs: Collection[int], day: date) -> bool:
    """One that took the place of others begins on its day; any other was there before it was entered here."""
    begun = one.from_on <= day or one.id not in heirs
    return begun and (one.to_on is None or one.to_on > day)


def _under(known: Tree, unit: int, above: int, day: date) -> bool:
    node: int | None = unit
    seen: set[int] = set()
    while node is not None and node not in seen:
        if node == above:
            return True
        seen.add(node)
        node = tree.whose(known.parents.get(node, ()), day)
    return False


def results(listed: Sequence[Line], told: Counts, units: Collection[int], year: int) -> list[Result]:
    return [_result(line, told, units, year) for line in listed]


def _result(line: Line, told: Counts, units: Collection[int], year: int) -> Result:
    parts = {unit: told[unit, year, line.code] for unit in units if (unit, year, line.code) in told}
    if line.whole is None:
        return Result(line, sum(parts.values()) if parts else None, None, len(parts), len(units), None)
    wholes = {unit: told[unit, year, line.whole] for unit in parts if (unit, year, line.whole) in told}
    part, whole = sum(parts[unit] for unit in wholes), sum(wholes.values())
    there = bool(wholes)
    return Result(
        line, part if there else None, whole if there else None, len(wholes), len(units), aimed(line, year)
    )  # fmt: skip
