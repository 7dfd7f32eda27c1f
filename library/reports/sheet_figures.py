"""What the machine counts for the sheets of a campaign: every unit's own share, each row of a ledger in one sheet only.

A commune that has a sheet beside its schools answers for its own branches and for those below it that have no sheet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.organisations.models import Organisation
from library.promotion.event_types import BETWEEN
from library.reports import asking, tree
from library.reports.asking import Ask
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.indicators import Part, parts_of
from library.reports.measures import MEASURES, Ledger
from library.reports.sheet_models import Sheet
from library.reports.tree import Tree, Turn
from library.uses.happenings import Measure
from library.uses.models import Happening

Counted = Mapping[tuple[int, int], int]
"""(sheet, indicator) → figure. A line that people count is not in it."""


@dataclass(frozen=True)
class Ground:
    """Which units of a campaign have a sheet, and below which of them the other ones stand."""

    sheets: Mapping[int, int]
    """Sheet by unit."""
    under: Mapping[int, frozenset[int]]
    """By unit with a sheet: those without one that stood below it, with no other in between, on any day."""
    known: Tree
    """A branch whose owner is in nobody's sheet counts for the last one before that is in one; kinds are those of the launch."""
    real: Mapping[int, tuple[Turn, ...]]
    """Owners as they were."""
    several: tuple[str, ...] = ()
    """Sorts of happenings that stand on more than one line: a class about two subjects."""

    def widened(self, part: Part) -> Part:
        """A sort is meant alone and beside others."""
        sort = part.only.get("sort")
        if not isinstance(sort, str):
            return part
        beside = [one for one in self.several if sort in one.split(BETWEEN)]
        return replace(part, only={**part.only, "sort": [sort, *beside]}) if beside else part

    def branches(self, unit: int) -> list[int] | None:
        """Those a unit with a sheet answers for; None where that is all there is below it."""
        mine = {unit, *self.under.get(unit, ())}
        stands_in = any(self.real[one] != turns for one, turns in self.known.owners.items() if _had(turns, mine))
        if not stands_in and all(
            parent != unit for turns in self.known.parents.values() for _since, _until, parent in turns
        ):
            return None
        return sorted(one for one, turns in self.known.owners.items() if _had(turns, mine))

    @property
    def answers(self) -> frozenset[int]:
        """Units with a sheet, and those a sheet answers for."""
        return frozenset(self.sheets).union(*self.under.values())

    def owners(self, unit: int) -> frozenset[int]:
        """`unit`, and those that own today what counts for it: they took its place and nobody's sheet is theirs."""
        mine = self.branches(unit) or []
        told = {turn[2] for one in mine for turn in self.real.get(one, ())}
        return frozenset({unit} | (told - self.answers))

    @property
    def alone(self) -> frozenset[int]:
        """Units with a sheet that answer for nobody else."""
        return frozenset(self.sheets) - frozenset(self.under)


def ground(session: Session, campaign_id: int) -> Ground:
    """Six statements."""
    query = select(Sheet.organisation_id, Sheet.id, Sheet.kind).where(Sheet.campaign_id == campaign_id)
    rows = session.execute(query).all()
    sheets, kinds = {row[0]: row[1] for row in rows}, {row[0]: row[2].value for row in rows}
    known = tree.load(session)
    under: dict[int, set[int]] = defaultdict(set)
    for unit in session.scalars(select(Organisation.id)):
        if unit not in sheets:
            for answers in _nearest(unit, sheets, known):
                under[answers].add(unit)
    several = session.scalars(select(Happening.sort).where(Happening.sort.contains(BETWEEN)).distinct())
    below = {unit: frozenset(found) for unit, found in under.items()}
    above = {one: answers for answers, found in below.items() for one in found} | {one: one for one in sheets}
    owners = {branch: _answering(turns, above) for branch, turns in known.owners.items()}
    return Ground(
        sheets,
        below,
        replace(known, owners=owners, kinds={**known.kinds, **kinds}),
        known.owners,
        tuple(sorted(one for one in several if one)),
    )


def _had(turns: Iterable[Turn], units: Collection[int]) -> bool:
    return any(turn[2] in units for turn in turns)


def _answering(turns: Iterable[Turn], above: Mapping[int, int]) -> tuple[Turn, ...]:
    """A turn of a unit in nobody's sheet goes to the sheet that the turn before it was in, if any."""
    found: list[Turn] = []
    for since, until, unit in turns:
        before = above.get(found[-1][2]) if found else None
        found.append((since, until, before if unit not in above and before is not None else unit))
    return tuple(found)


def _nearest(unit: int, sheets: Collection[int], known: Tree) -> set[int]:
    """Upwards by every parent it ever had, up to the first with a sheet."""
    found, seen, waiting = set[int](), {unit}, [unit]
    while waiting:
        for _since, _until, parent in known.parents.get(waiting.pop(), ()):
            if parent in sheets:
                found.add(parent)
            elif parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return found


@dataclass(frozen=True)
class Span:
    """When, and as known when: None is now."""

    first: date
    last: date
    known_at: datetime | None = None

    def ask(self, part: Part, units: frozenset[int]) -> Ask:
        return Ask(
            part.measure, units, self.first, self.last, self.known_at, part.only, part.renewals, groups=part.groups
        )  # fmt: skip


def counted(
    session: Session, campaign: Campaign, sheets: Sequence[Sheet], lines: Iterable[CampaignIndicator],
    known_at: datetime | None = None, standing: Ground | None = None,
) -> Counted:  # fmt: skip
    """Each part of a formula is asked once for all units that stand alone, once more for each that does not."""
    work = _Work(
        session, standing or ground(session, campaign.id), Span(campaign.first_on, campaign.last_on, known_at),
        {one.organisation_id: one.id for one in sheets},
    )  # fmt: skip
    found = {}
    for line in lines:
        parts = [work.figures(part) for part in parts_of(line.formula)]
        for unit, sheet in work.sheets.items() if parts else ():
            value = sum(one.get(unit, 0) for one in parts)
            found[sheet, line.id] = min(max(value, 0), 1) if line.kind is LineKind.UNITS else value
    return found


@dataclass
class _Work:
    """Figures of these sheets, by unit; the same part is not asked twice."""

    session: Session
    ground: Ground
    span: Span
    sheets: Mapping[int, int]
    told: dict[str, Mapping[int, int]] = field(default_factory=dict)

    def figures(self, part: Part) -> Mapping[int, int]:
        if part.key not in self.told:
            self.told[part.key] = self._figures(part)
        return self.told[part.key]

    def _figures(self, part: Part) -> dict[int, int]:
        ledger = MEASURES[part.measure].ledger
        if ledger is Ledger.PEOPLE:  # a person may read at two places: never added
            return {unit: self._total(part, unit) for unit in self.sheets}
        each = ledger is Ledger.UNITS
        wide = self.ground.widened(part)
        asked = replace(wide, measure=Measure.EVENT.value) if each else wide
        alone = frozenset(self.sheets) & self.ground.alone
        found = {unit: many for unit, many in self._by_unit(asked, alone, each).items() if unit in alone}
        for unit in frozenset(self.sheets) - alone:
            mine = {unit, *self.ground.under[unit]}
            rows = self._by_unit(asked, frozenset({unit}), each)
            found[unit] = sum(many for whose, many in rows.items() if whose in mine)
        return found

    def _by_unit(self, part: Part, units: frozenset[int], each: bool) -> dict[int, int]:
        """By owner. `each`: 1 for whoever has anything at all."""
        if not units:
            return {}
        rows = asking.by(self.session, self.span.ask(part, units), "unit", known=self.ground.known)
        told = {int(str(row.keys[0])): row.quantity for row in rows}
        return {unit: int(many > 0) for unit, many in told.items()} if each else told

    def _total(self, part: Part, unit: int) -> int:
        return asking.total(self.session, self.span.ask(part, frozenset({unit})), known=self.ground.known)
