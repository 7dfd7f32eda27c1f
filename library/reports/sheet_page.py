"""What the page of one sheet shows: its rows, its way, what became known since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core.errors import Reason
from library.core.numbers import change, written
from library.inbox.models import Act
from library.reports import corrections, figure_links, records, sheet_figures, sheets
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.correction_models import Correction
from library.reports.corrections import Later
from library.reports.records import Behind
from library.reports.sheet_figures import Ground
from library.reports.sheet_models import Sheet, SheetState, SheetStep, SheetValue, Submission
from library.reports.sheet_same import Alike
from library.reports.sheet_states import OPEN, SENT
from library.reports.sheets import NOTHING, Told

SHOWN = 5
"""Records told beside a figure that changed."""


@dataclass(frozen=True)
class Row:
    """A line as the page draws it. `typed`: the text of its field; `links`: the records behind the machine's figure."""

    line: CampaignIndicator
    first: bool
    computed: int | None
    told: Told
    typed: str
    links: tuple[tuple[str, str], ...]
    wrong: Reason | None
    value: int | None
    corrections: tuple[Correction, ...] = ()
    file: SheetValue | None = None

    @property
    def is_text(self) -> bool:
        return self.line.kind is LineKind.TEXT

    @property
    def differs(self) -> int:
        """By how much the unit's own number is another than the machine's."""
        if self.computed is None or self.told.stated is None:
            return 0
        return self.told.stated - self.computed

    @property
    def compared(self) -> str:
        return "" if self.computed is None else change(self.differs)


@dataclass(frozen=True)
class Since:
    """A figure that changed after it was sent: the newest records that came since, and the way to all of them."""

    told: Later
    records: list[Behind]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    sheet: Sheet
    campaign: Campaign
    submission: Submission | None
    rows: list[Row]
    alike: list[Alike]
    later: list["Since"]
    steps: list[SheetStep]
    actors: Mapping[int, UUID | None]
    names: Mapping[UUID, str]
    corrections: list[Correction]
    goes_on: bool = False
    """Days after a merger count in the successor's own sheet."""

    def who(self, act_id: int) -> str:
        """Who did it; empty for the machine."""
        actor = self.actors.get(act_id)
        return self.names.get(actor, "") if actor else ""

    @property
    def filled(self) -> int:
        return sum(one.computed is not None for one in self.rows)

    @property
    def differing(self) -> int:
        return sum(bool(one.differs) for one in self.rows)

    @property
    def open(self) -> bool:
        return self.sheet.state in OPEN and self.campaign.locked_at is None

    def when(self, *states: SheetState) -> datetime | None:
        """When it last came into one of these states."""
        return next((one.at for one in reversed(self.steps) if one.after in states and not one.voided), None)

    @property
    def returned(self) -> SheetStep | None:
        """Why it was given back, while it is."""
        mine = [one for one in self.steps if not one.voided]
        return mine[-1] if mine and mine[-1].after is SheetState.RETURNED else None


def read(
    session: Session, campaign: Campaign, sheet: Sheet, filled: Mapping[int, Told] | None = None,
    typed: Mapping[str, str] | None = None, wrong: Mapping[str, Reason] | None = None,
    sent_only: bool = False,
) -> Shown:  # fmt: skip
    """`filled`, `typed`, `wrong`: as somebody just sent it, instead of what is kept. `sent_only`: what was sent last, nothing
    of what is being written."""
    submission = sheets.sent_of(session, sheet) if sent_only else sheets.shown_of(session, sheet)
    standing = sheet_figures.ground(session, campaign.id)
    now = _now(session, campaign, sheet, standing)
    figures = corrections.figures(session, [sheet])
    computed = {
        line.id: figures[sheet.id, line.id].sent.computed if sheet.state in SENT else now.get((sheet.id, line.id))
        for line in campaign.lines
    }
    told = dict(filled) if filled is not None else sheets.filled_of(submission)
    rows = _rows(campaign, sheet, submission, computed, told, typed or {}, wrong or {}, figures, standing)
    later = _later(session, campaign, sheet, submission, figures, standing) if sheet.state in SENT else []
    said = set(submission.same) if submission else set()
    alike = [one for one in sheets.alike(campaign.lines, told, computed) if one.key not in said]
    steps = steps_of(session, sheet.id)
    issued = corrections.all_of(session, [sheet.id])
    actors = _actors(session, steps, issued)
    names = _names(session, actors, submission)
    return Shown(
        sheet,
        campaign,
        submission,
        rows,
        alike,
        later,
        steps,
        actors,
        names,
        issued,
        sheet.keeper_id in standing.answers,
    )


def _now(session: Session, campaign: Campaign, sheet: Sheet, standing: Ground) -> sheet_figures.Counted:
    """What the machine counts today; of a sheet that is sent nobody asks, its figures are those known then."""
    if sheet.state in SENT:
        return {}
    return sheet_figures.counted(session, campaign, [sheet], campaign.lines, standing=standing)


def _later(
    session: Session, campaign: Campaign, sheet: Sheet, submission: Submission | None,
    figures: Mapping[tuple[int, int], corrections.Figure], standing: Ground,
) -> list[Since]:  # fmt: skip
    found = []
    for one in corrections.later(session, campaign, [sheet], figures, standing):
        put_right = figures[sheet.id, one.line.id].corrections
        since = put_right[-1].at if put_right else submission.known_at if submission else None
        asks = figure_links.asks(campaign, one.line, sheet.organisation_id, standing, since)
        rows = [row for _part, ask in asks for row in records.records(session, ask, 1, True, standing.known).rows]
        newest = sorted(rows, key=lambda row: row.recorded_at, reverse=True)[:SHOWN]
        links = figure_links.of_line(campaign, one.line, sheet.organisation_id, standing, since, later=True)
        found.append(Since(one, newest, links))
    return found


def _rows(
    campaign: Campaign, sheet: Sheet, submission: Submission | None, computed: Mapping[int, int | None],
    told: Mapping[int, Told], typed: Mapping[str, str], wrong: Mapping[str, Reason],
    figures: Mapping[tuple[int, int], corrections.Figure], standing: Ground,
) -> list[Row]:  # fmt: skip
    found, seen = [], set[int]()
    kept = {one.indicator_id: one for one in submission.values} if submission else {}
    known_at = submission.known_at if submission and sheet.state in SENT else None
    for line in campaign.lines:
        one, counted = told.get(line.id, NOTHING), computed.get(line.id)
        value = one.value(counted)
        figure = figures.get((sheet.id, line.id)) if sheet.state in SENT else None
        file = kept.get(line.id)
        found.append(
            Row(
                line, line.number not in seen, counted, one,
                typed.get(str(line.uid), "" if value is None else written(value)),
                figure_links.of_line(campaign, line, sheet.organisation_id, standing, known_at), wrong.get(str(line.uid)), value,
                figure.corrections if figure else (), file if file and file.evidence else None,
            )
        )  # fmt: skip
        seen.add(line.number)
    return found


def steps_of(session: Session, sheet_id: int) -> list[SheetStep]:
    """In the order they were taken."""
    return list(session.scalars(select(SheetStep).where(SheetStep.sheet_id == sheet_id).order_by(SheetStep.id)))


def _actors(session: Session, steps: Sequence[SheetStep], issued: Sequence[Correction]) -> dict[int, UUID | None]:
    """Who, by act."""
    ids = [one.act_id for one in steps] + [one.act_id for one in issued]
    return dict(session.execute(select(Act.id, Act.actor).where(Act.id.in_(ids))).all())


def _names(session: Session, actors: Mapping[int, UUID | None], submission: Submission | None) -> dict[UUID, str]:
    wanted = {one for one in actors.values() if one} | ({submission.account} if submission else set())
    query = select(Account.uid, Account.name).where(Account.uid.in_(wanted))
    return dict(session.execute(query).all())
