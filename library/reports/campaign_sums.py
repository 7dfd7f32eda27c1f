"""A campaign added up: accepted sheets only, each line with what every unit has in it, and how far the units are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.numbers import written
from library.reports import asking, corrections, indicators, sheet_figures, sheet_same
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.corrections import Figure, Later
from library.reports.sheet_models import Sheet, SheetReminder, SheetState, Submission
from library.reports.sheet_same import Alike
from library.reports.sheet_states import COUNTED, OPEN, SENT

Figures = dict[tuple[int, int], Figure]


@dataclass(frozen=True)
class Sum:
    """One line of the appendix of all units. `total` None: text, or nobody accepted yet. `each`: by sheet, in the order of
    the sheets, None where it is not counted. `first`: the line shows its row's number."""

    line: CampaignIndicator
    first: bool
    total: int | None
    of: int | None
    each: tuple[int | None, ...]
    words: tuple[tuple[Sheet, str], ...] = ()

    @property
    def told(self) -> str:
        """As the appendix writes it: 12.936, 22/22."""
        if self.of is not None:
            return f"{written(self.total or 0)}/{written(self.of)}"
        return written(self.total)


@dataclass(frozen=True)
class Overview:
    """A launched campaign on one page."""

    campaign: Campaign
    sheets: list[Sheet]
    sums: list[Sum]
    figures: Figures
    alike: list[Alike]
    later: list[Later]
    sent_on: dict[int, date]
    """By sheet: the day it was sent last."""
    numbers: dict[int, int]
    """By sheet: which of its submissions that was."""

    @property
    def asked(self) -> int:
        return len(self.sheets)

    def many(self, *states: SheetState) -> int:
        return sum(one.state in states for one in self.sheets)

    @property
    def sent(self) -> int:
        return self.many(*SENT)

    @property
    def accepted(self) -> int:
        return self.many(*COUNTED)

    @property
    def owing(self) -> list[Sheet]:
        return [one for one in self.sheets if one.state in OPEN]

    @property
    def waiting(self) -> list[Sheet]:
        return [one for one in self.sheets if one.state is SheetState.SUBMITTED]

    @property
    def differing(self) -> list[tuple[Sheet, CampaignIndicator, int, Figure]]:
        """Where a unit that is added up says another number than the machine: by how much."""
        return [
            (sheet, line, (figure.sent.value or 0) - figure.sent.computed, figure)
            for sheet in self.sheets
            for line in self.campaign.lines
            if sheet.state in SENT
            and (figure := self.figures.get((sheet.id, line.id))) is not None
            and figure.sent.computed is not None
            and figure.sent.value != figure.sent.computed
        ]


def overview(session: Session, campaign: Campaign, sheets: Sequence[Sheet], look_later: bool = True) -> Overview:
    """`look_later`: ask too what became known since the sheets were sent."""
    told = corrections.figures(session, sheets)
    sums = sums_of(campaign, sheets, told)
    totals = {one.line.id: one.total for one in sums}
    alike = [one for one in sheet_same.alike(campaign.lines, totals) if one.key not in campaign.same]
    later = []
    if look_later and any(one.state in COUNTED for one in sheets):
        standing = sheet_figures.ground(session, campaign.id)
        counted = [one for one in sheets if one.state in COUNTED]
        later = corrections.later(session, campaign, counted, told, standing)
    return Overview(campaign, list(sheets), sums, told, alike, later, *_sent_on(session, sheets))


def sums_of(campaign: Campaign, sheets: Sequence[Sheet], told: Figures) -> list[Sum]:
    """Of accepted sheets only."""
    seen = set[int]()
    return [
        _sum(line, line.number not in seen and not seen.add(line.number), sheets, told)  # type: ignore[func-returns-value]
        for line in campaign.lines
    ]


def _sum(line: CampaignIndicator, first: bool, sheets: Sequence[Sheet], told: Figures) -> Sum:
    of = _asked(line, sheets) if line.kind is LineKind.UNITS else None
    mine = [told.get((one.id, line.id)) if one.state in COUNTED else None for one in sheets]
    if line.kind is LineKind.TEXT:
        words = tuple((one, fig.sent.words) for one, fig in zip(sheets, mine, strict=True) if fig and fig.sent.words)
        return Sum(line, first, None, None, tuple(None for _ in sheets), words)
    each = tuple(figure.value if figure else None for figure in mine)
    known = [one for one in each if one is not None]
    return Sum(line, first, sum(known) if known else None, of, each)


def _asked(line: CampaignIndicator, sheets: Sequence[Sheet]) -> int:
    """How many units a line counts among: all, or those of the kind it asks for (22 schools of 24 units)."""
    part = next(iter(indicators.parts_of(line.formula)), None)
    kinds = asking.library_kinds(part.only.get("library-kind")) if part else None
    return sum(kinds is None or one.kind.value in kinds for one in sheets)


def _sent_on(session: Session, sheets: Sequence[Sheet]) -> tuple[dict[int, date], dict[int, int]]:
    ids = [one.id for one in sheets if one.state in SENT]
    query = select(Submission.sheet_id, func.max(Submission.known_at), func.max(Submission.number)).where(
        Submission.sheet_id.in_(ids)
    )
    rows = session.execute(query.where(Submission.known_at.is_not(None)).group_by(Submission.sheet_id)).all()
    return {sheet: clock.day_of(at) for sheet, at, _number in rows if at}, {
        sheet: number or 0 for sheet, _at, number in rows
    }


def known_at(session: Session, sheets: Sequence[Sheet]) -> dict[int, datetime]:
    """By sheet that is sent: the moment as of which its figures are told."""
    ids = [one.id for one in sheets if one.state in SENT]
    query = select(Submission.sheet_id, func.max(Submission.known_at)).where(
        Submission.sheet_id.in_(ids), Submission.known_at.is_not(None)
    )
    return {sheet: at for sheet, at in session.execute(query.group_by(Submission.sheet_id)) if at}


def by_day(found: Overview, most: int = 14) -> list[tuple[date, int]]:
    """How many sheets came in, day by day up to the day they are due, or the last one after it: `most` days at most."""
    count = Counter(found.sent_on.values())
    if not count:
        return []
    last = max(*count, min(found.campaign.due_on, clock.today()))
    first = max(min(count), last - timedelta(days=most - 1))
    return [(day, count[day]) for at in range((last - first).days + 1) for day in [first + timedelta(days=at)]]


@dataclass(frozen=True)
class Reminded:
    day: date
    units: int
    by_machine: bool


def reminded(session: Session, campaign_id: int) -> Reminded | None:
    """When units were reminded last."""
    mine = select(Sheet.id).where(Sheet.campaign_id == campaign_id)
    query = select(SheetReminder.day, func.count(), func.count(SheetReminder.act_id))
    query = query.where(SheetReminder.sheet_id.in_(mine)).group_by(SheetReminder.day).order_by(SheetReminder.day.desc())
    row = session.execute(query.limit(1)).first()
    return Reminded(row[0], row[1], row[2] == 0) if row else None
