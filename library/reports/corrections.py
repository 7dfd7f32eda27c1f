"""What became known of a figure after it was sent, and what was put right after it was locked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.reports import hearing, sheet_figures
from library.reports.campaign_models import Campaign, CampaignIndicator
from library.reports.correction_models import Correction
from library.reports.indicators import parts_of
from library.reports.measures import MEASURES, Ledger
from library.reports.sheet_figures import Ground
from library.reports.sheet_models import Sheet, SheetState, SheetValue, Submission
from library.reports.sheet_states import SENT

KIND = "sheet-correction"


class NotLocked(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("not-locked", N_("Báo cáo này chưa chốt: trả lại đơn vị để sửa, không cần đính chính."))
        )


class NothingNew(Refused):
    status = 422

    def __init__(self) -> None:
        super().__init__(Reason("nothing-new", N_("Số mới bằng số đang tính. Không có gì để đính chính.")))


@dataclass(frozen=True)
class Figure:
    """A line of a sheet that was sent. `value` counts now: as sent, or as corrected since; `counted` by the machine then."""

    sent: SheetValue
    value: int | None
    counted: int | None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Later:
    """The machine counted `was` when the figure was sent or last put right, and counts `now` today: facts came later, or
    were taken back."""

    sheet: Sheet
    line: CampaignIndicator
    was: int
    now: int


def figures(session: Session, sheets: Iterable[Sheet]) -> dict[tuple[int, int], Figure]:
    """By (sheet, indicator), of sheets that are sent, as they were sent last (two statements)."""
    ids = [one.id for one in sheets if one.state in SENT]
    rows = session.execute(
        select(Submission.sheet_id, SheetValue, Submission.act_id)
        .join(SheetValue, SheetValue.submission_id == Submission.id)
        .where(Submission.sheet_id.in_(ids), Submission.known_at.is_not(None))
        .order_by(Submission.number)
    )
    last = {(sheet, value.indicator_id): (value, act or 0) for sheet, value, act in rows}
    put_right = _standing(session, ids)
    return {
        key: _figure(value, [one for one in put_right.get(key, ()) if one.act_id > act])  # of this submission only
        for key, (value, act) in last.items()
    }


def _figure(value: SheetValue, put_right: Sequence[Correction]) -> Figure:
    if not put_right:
        return Figure(value, value.value, value.computed)
    return Figure(value, put_right[-1].value, put_right[-1].counted, tuple(put_right))


def _standing(session: Session, sheet_ids: Sequence[int]) -> dict[tuple[int, int], list[Correction]]:
    query = select(Correction).where(Correction.sheet_id.in_(sheet_ids), Correction.voided.is_(False))
    found: dict[tuple[int, int], list[Correction]] = {}
    for one in session.scalars(query.order_by(Correction.id)):
        found.setdefault((one.sheet_id, one.indicator_id), []).append(one)
    return found


def later(
    session: Session, campaign: Campaign, sheets: Sequence[Sheet], told: Mapping[tuple[int, int], Figure],
    standing: Ground | None = None,
) -> list[Later]:  # fmt: skip
    """Lines whose records changed since, in the order of the appendix."""
    sent = [one for one in sheets if one.state in SENT]
    if not sent:
        return []
    now = sheet_figures.counted(session, campaign, sent, campaign.lines, standing=standing)
    return [
        Later(sheet, line, was, value)
        for line in campaign.lines
        if not _of_people(line)
        for sheet in sent
        if (value := now.get((sheet.id, line.id))) is not None
        and (figure := told.get((sheet.id, line.id))) is not None
        and (was := figure.counted) is not None
        and was != value
    ]


def _of_people(line: CampaignIndicator) -> bool:
    """Readers are forgotten in time: fewer of them today tells nothing about what was sent."""
    return any(MEASURES[part.measure].ledger is Ledger.PEOPLE for part in parts_of(line.formula))


def issue(
    session: Session, doing: Doing, campaign: Campaign, sheet: Sheet, line: CampaignIndicator, value: int, why: str,
    account: UUID,
) -> Correction:  # fmt: skip
    """From now on `value` counts. `sheet` is locked. Raises NotLocked, NothingNew."""
    figure = figures(session, [sheet]).get((sheet.id, line.id))
    if sheet.state is not SheetState.LOCKED or figure is None:
        raise NotLocked
    if figure.value == value:
        raise NothingNew
    at = hearing.moment(session)
    counted = sheet_figures.counted(session, campaign, [sheet], [line], at).get((sheet.id, line.id))
    made = Correction(
        uid=clock.uuid7(), sheet_id=sheet.id, indicator_id=line.id, was=figure.value or 0, value=value, counted=counted,
        why=why, at=at, account=account, act_id=acts.write(session, doing, KIND, at), voided=False,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def undo(session: Session, doing: Doing, act: Act) -> None:
    """The correction is taken back; it stays to be read. Raises AlreadyUndone."""
    acts.void(session, doing, act.id)
    for one in session.scalars(select(Correction).where(Correction.act_id == act.id)):
        one.voided = True
    session.flush()


def all_of(session: Session, sheet_ids: Sequence[int]) -> list[Correction]:
    """Those taken back too, the newest first."""
    query = select(Correction).where(Correction.sheet_id.in_(sheet_ids))
    return list(session.scalars(query.order_by(Correction.id.desc())))
