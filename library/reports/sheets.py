"""A unit's sheet: filled in, sent, taken back; received or returned by whoever adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.reports import campaigns, hearing, sheet_figures, sheet_same, sheet_states, sheet_steps
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.sheet_models import Sheet, SheetValue, Submission
from library.reports.sheet_same import Alike
from library.reports.sheet_states import SENT, Deed

KIND = "sheet-step"
OTHER = "other"
REASONS: Mapping[str, str] = {
    "not-entered": N_("Chưa kịp nhập máy"),
    "counted-twice": N_("Máy đếm trùng"),
    OTHER: N_("Lý do khác…"),
}
"""Why a unit reports another number than the machine counted; the last one wants words."""


class NotReady(Refused):
    """The sheet cannot be sent as it is. 422: `fields` by line's uid."""

    status = 422

    def __init__(self, fields: Mapping[str, Reason]) -> None:
        super().__init__(*fields.values())
        self.fields = dict(fields)


@dataclass(frozen=True)
class Told:
    """What a unit says of one line; `stated` None: what the machine counted. `evidence`: a file's key and name."""

    stated: int | None = None
    words: str | None = None
    reason: str | None = None
    note: str | None = None
    evidence: tuple[str, str] | None = None

    def value(self, computed: int | None) -> int | None:
        return computed if self.stated is None else self.stated


NOTHING = Told()
Filled = Mapping[int, Told]
"""By indicator."""


def told_of(value: SheetValue) -> Told:
    files = (value.evidence, value.evidence_name) if value.evidence and value.evidence_name else None
    return Told(value.stated, value.words, value.reason, value.note, files)


def open_of(session: Session, sheet: Sheet) -> Submission | None:
    """What is written and not sent."""
    return session.scalar(select(Submission).where(Submission.sheet_id == sheet.id, Submission.known_at.is_(None)))


def sent_of(session: Session, sheet: Sheet) -> Submission | None:
    """What was sent last."""
    query = select(Submission).where(Submission.sheet_id == sheet.id, Submission.known_at.is_not(None))
    return session.scalar(query.order_by(Submission.number.desc()).limit(1))


def shown_of(session: Session, sheet: Sheet) -> Submission | None:
    """What its page shows: what was sent while it is out of the unit's hands, else what is being written."""
    if sheet.state in SENT:
        return sent_of(session, sheet)
    return open_of(session, sheet) or sent_of(session, sheet)


def filled_of(submission: Submission | None) -> dict[int, Told]:
    return {one.indicator_id: told_of(one) for one in submission.values} if submission else {}


# By the unit


def save(session: Session, account: UUID, sheet: Sheet, filled: Filled, same: Sequence[str] = ()) -> Submission:
    """Written, not sent. Raises NotNow."""
    sheet_states.after(sheet.state, Deed.SAVE)
    made = open_of(session, sheet)
    if made is None:
        made = Submission(uid=clock.uuid7(), sheet_id=sheet.id, account=account, saved_at=clock.now(), same=[])
        session.add(made)
        session.flush()
    made.account, made.saved_at = account, clock.now()
    made.same = sorted({*made.same, *same})
    _write(session, made, filled)
    return made


def _write(session: Session, made: Submission, filled: Filled) -> None:
    session.execute(delete(SheetValue).where(SheetValue.submission_id == made.id))
    session.expire(made, ["values"])
    for indicator, told in filled.items():
        key, name = told.evidence or (None, None)
        session.add(
            SheetValue(
                uid=clock.uuid7(), submission_id=made.id, indicator_id=indicator, stated=told.stated, words=told.words,
                reason=told.reason, note=told.note, evidence=key, evidence_name=name,
            )
        )  # fmt: skip
    session.flush()


def send(session: Session, doing: Doing, campaign: Campaign, sheet: Sheet, account: UUID) -> Submission:
    """What is written goes out, with what the machine counts at this moment; from now on the figures are those known now.

    `sheet` is locked. Raises NotNow, NotReady.
    """
    at = doing.at or clock.now()
    made = open_of(session, sheet) or save(session, account, sheet, filled_of(sent_of(session, sheet)))
    known_at = hearing.moment(session)
    figures = sheet_figures.counted(session, campaign, [sheet], campaign.lines, known_at)
    computed = {line.id: figures.get((sheet.id, line.id)) for line in campaign.lines}
    check(campaign.lines, filled_of(made), computed)
    _freeze(session, made, campaign.lines, computed)
    before = sent_of(session, sheet)
    made.number, made.known_at = (before.number or 0) + 1 if before else 1, known_at
    made.act_id = acts.write(session, doing, KIND, at)
    sheet_steps.take(session, sheet, Deed.SEND, made.act_id, at, submission_id=made.id)
    return made


def _freeze(
    session: Session, made: Submission, lines: Sequence[CampaignIndicator], computed: Mapping[int, int | None]
) -> None:
    """Every line has its row, with what was counted; a number that is the machine's is not stated."""
    filled = filled_of(made)
    told = {line.id: filled.get(line.id, NOTHING) for line in lines}
    kept = {
        line: replace(one, stated=None, reason=None) if one.stated == computed[line] else one
        for line, one in told.items()
    }
    _write(session, made, kept)
    for value in made.values:
        value.computed = computed[value.indicator_id]


EMPTY = N_("Ô này chưa có gì. Không có thì ghi 0.")
NO_REASON = N_("Số khác với máy đếm. Chọn một lý do.")
NO_WORDS = N_("Ghi rõ lý do khác ấy.")
ONE_OR_NONE = N_("Dòng này chỉ ghi 1 (có) hay 0 (chưa).")
NO_FILE = N_("Dòng này cần kèm tệp minh chứng.")


def check(lines: Sequence[CampaignIndicator], filled: Filled, computed: Mapping[int, int | None]) -> None:
    """Raises NotReady, with every line that is not ready."""
    found = {
        str(line.uid): wrong
        for line in lines
        if (wrong := _wrong(line, filled.get(line.id, NOTHING), computed.get(line.id)))
    }
    if found:
        raise NotReady(found)


def _wrong(line: CampaignIndicator, told: Told, computed: int | None) -> Reason | None:
    if line.kind is LineKind.TEXT:
        return None
    if told.value(computed) is None:
        return Reason("empty", EMPTY)
    if line.kind is LineKind.UNITS and told.value(computed) not in (0, 1):
        return Reason("one", ONE_OR_NONE)
    differs = computed is not None and told.stated is not None and told.stated != computed
    if differs and told.reason not in REASONS:
        return Reason("reason", NO_REASON)
    if differs and told.reason == OTHER and not told.note:
        return Reason("reason-words", NO_WORDS)
    if line.evidence and told.value(computed) and not told.evidence:
        return Reason("evidence", NO_FILE)
    return None


def alike(lines: Sequence[CampaignIndicator], filled: Filled, computed: Mapping[int, int | None]) -> list[Alike]:
    """Rows with the very same figures."""
    return sheet_same.alike(
        lines, {line.id: filled.get(line.id, NOTHING).value(computed.get(line.id)) for line in lines}
    )


def withdraw(session: Session, doing: Doing, sheet: Sheet) -> int:
    """The unit has it back, as it was sent. `sheet` is locked. Raises NotNow."""
    return _step(session, doing, sheet, Deed.WITHDRAW)


# By whoever adds up


class SentAgain(Refused):
    """What was looked at is no longer what the unit says."""

    status = 409

    def __init__(self) -> None:
        super().__init__(Reason("sent-again", N_("Đơn vị vừa gửi lại báo cáo này. Xem số mới rồi nhận.")))


def check_seen(session: Session, sheet: Sheet, number: int | None) -> None:
    """`number`: of the submission that was shown. `sheet` is locked. Raises SentAgain."""
    last = sent_of(session, sheet)
    if last is None or last.number != number:
        raise SentAgain


def accept(session: Session, doing: Doing, sheet: Sheet) -> int:
    """The act's id. `sheet` is locked. Raises NotNow, CampaignRefused."""
    _check_open(sheet, Deed.ACCEPT)
    return _step(session, doing, sheet, Deed.ACCEPT)


def give_back(session: Session, doing: Doing, sheet: Sheet, note: str) -> int:
    """The unit looks again; `note` says at what. Raises NotNow, CampaignRefused."""
    _check_open(sheet, Deed.RETURN)
    return _step(session, doing, sheet, Deed.RETURN, note)


def _check_open(sheet: Sheet, deed: Deed) -> None:
    """What was sent and not accepted before the lock stays out of the sums. Raises NotNow, CampaignRefused."""
    sheet_states.after(sheet.state, deed)
    campaigns.check_open(sheet.campaign)


def _step(session: Session, doing: Doing, sheet: Sheet, deed: Deed, note: str | None = None) -> int:
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    sheet_steps.take(session, sheet, deed, act_id, at, note)
    return act_id


def undo(session: Session, doing: Doing, act: Act) -> int:
    """A step of whoever adds up is taken back; the voiding act. Raises AlreadyUndone, WentOn."""
    voiding = acts.void(session, doing, act.id)
    sheet_steps.undo(session, act.id)
    return voiding
