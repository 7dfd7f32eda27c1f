"""A campaign: made, its lines and units chosen, launched, its figures locked; units that owe a sheet reminded."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations import tree
from library.organisations.models import Organisation, OrganisationKind
from library.reports import asking, indicators, sheet_steps
from library.reports.campaign_models import Campaign, CampaignIndicator, CampaignTemplate
from library.reports.indicators import Line
from library.reports.sheet_models import Sheet, SheetReminder, SheetState, SheetStep, Submission
from library.reports.sheet_states import COUNTED, OPEN, SENT, Deed
from library.uses.models import UseSetting

KIND = "campaign-step"
MOST_UNITS = 2_000


class CampaignRefused(Refused):
    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class About:
    """What is said of a campaign before its lines."""

    name: str
    first_on: date
    last_on: date
    due_on: date
    theme: str | None = None
    note: str | None = None


def make(session: Session, doing: Doing, library_id: int, about: About, lines: Sequence[Line]) -> Campaign:
    """A draft. Raises CampaignRefused."""
    _check_days(about)
    at = doing.at or clock.now()
    made = Campaign(
        uid=clock.uuid7(), library_id=library_id, same=[], act_id=acts.write(session, doing, KIND, at), **vars(about)
    )
    session.add(made)
    session.flush()
    set_lines(session, made, lines)
    return made


def _check_days(about: About) -> None:
    if about.last_on < about.first_on:
        raise CampaignRefused("days", N_("Ngày cuối phải từ ngày đầu trở đi."))
    if about.due_on < about.first_on:
        raise CampaignRefused("due", N_("Hạn nộp phải từ ngày đầu trở đi."))


def lock_row(session: Session, campaign_id: int) -> Campaign:
    """The campaign as it is now, held until commit."""
    query = select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def lock_shared(session: Session, campaign_id: int) -> Campaign:
    """The campaign as it is now, which nobody locks before our commit; several units may send at once."""
    query = select(Campaign).where(Campaign.id == campaign_id).with_for_update(read=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def change(session: Session, campaign: Campaign, about: About) -> None:
    """Of a draft. Raises CampaignRefused."""
    _check_days(about)
    _draft(campaign)
    for name, value in vars(about).items():
        setattr(campaign, name, value)
    session.flush()


def set_due(session: Session, campaign: Campaign, due_on: date) -> None:
    """The last day to send it, also of one that is launched. Raises CampaignRefused."""
    check_open(campaign)
    if due_on < campaign.first_on:
        raise CampaignRefused("due", N_("Hạn nộp phải từ ngày đầu trở đi."))
    campaign.due_on = due_on
    session.flush()


def _draft(campaign: Campaign) -> None:
    if campaign.launched_at is not None:
        raise CampaignRefused("launched", N_("Đợt đã mở cho các đơn vị nên các dòng và đơn vị không đổi được nữa."))


def check_open(campaign: Campaign) -> None:
    """Raises CampaignRefused once the figures are locked."""
    if campaign.locked_at is not None:
        raise CampaignRefused("locked", N_("Số liệu đã chốt. Từ đây chỉ đính chính, không sửa."))


def set_lines(session: Session, campaign: Campaign, lines: Sequence[Line]) -> None:
    """These lines and no others, in this order. Raises CampaignRefused."""
    _draft(campaign)
    if len(lines) > indicators.MOST:
        raise CampaignRefused("too-many", N_("Nhiều dòng quá: nhiều nhất %(most)s."), most=indicators.MOST)
    session.execute(delete(CampaignIndicator).where(CampaignIndicator.campaign_id == campaign.id))
    session.flush()
    session.add_all([_row(campaign, at, line) for at, line in enumerate(lines)])
    session.flush()
    session.expire(campaign, ["lines"])


def _row(campaign: Campaign, at: int, line: Line) -> CampaignIndicator:
    return CampaignIndicator(
        uid=clock.uuid7(), campaign_id=campaign.id, position=at, number=line.number, code=line.code, label=line.label,
        unit=line.unit, kind=line.kind, formula=dict(line.formula) if line.formula else None, evidence=line.evidence,
    )  # fmt: skip


# Units


@dataclass(frozen=True)
class Choice:
    """A unit that may be asked, and how deep below the campaign's library it stands."""

    unit: Organisation
    parent_id: int | None
    depth: int


def choices(session: Session, library_id: int, day: date) -> list[Choice]:
    """Everybody below, by the tree of that day: each under its own, in the order of names."""
    pairs = tree.parentage_on(session, day)
    above = dict(pairs)
    wanted = tree.below([library_id], pairs) - {library_id}
    query = select(Organisation).where(Organisation.id.in_(sorted(wanted)), Organisation.successor_id.is_(None))
    units = sorted(session.scalars(query), key=lambda one: (one.kind == OrganisationKind.COMMUNE, one.name))
    return list(_walk(units, above, library_id, 0))


def _walk(units: Sequence[Organisation], above: dict[int, int], root: int, depth: int) -> Iterable[Choice]:
    for unit in units:
        if above.get(unit.id) == root:
            yield Choice(unit, root, depth)
            yield from _walk(units, above, unit.id, depth + 1)


def set_units(session: Session, campaign: Campaign, wanted: Collection[int]) -> int:
    """Units among `choices` of today, by id; how many. Raises CampaignRefused."""
    _draft(campaign)
    among = {one.unit.id: one for one in choices(session, campaign.library_id, clock.today())}
    chosen = [one for unit, one in among.items() if unit in wanted]
    if len(chosen) > MOST_UNITS:
        raise CampaignRefused("too-many-units", N_("Nhiều đơn vị quá: nhiều nhất %(most)s một đợt."), most=MOST_UNITS)
    session.execute(delete(Sheet).where(Sheet.campaign_id == campaign.id))
    session.add_all([_sheet(campaign, one) for one in chosen])
    session.flush()
    return len(chosen)


def _sheet(campaign: Campaign, choice: Choice) -> Sheet:
    unit = choice.unit
    return Sheet(
        uid=clock.uuid7(), campaign_id=campaign.id, organisation_id=unit.id, keeper_id=unit.id,
        parent_id=choice.parent_id, name=unit.name, short_name=unit.short_name, kind=unit.kind,
        state=SheetState.DRAFT,
    )  # fmt: skip


def sheets_of(session: Session, campaign_id: int) -> list[Sheet]:
    """By name, with their units."""
    query = select(Sheet).where(Sheet.campaign_id == campaign_id).options(joinedload(Sheet.organisation))
    return sorted(session.scalars(query), key=lambda one: (one.name, one.id))


@dataclass(frozen=True)
class Progress:
    asked: int
    sent: int
    accepted: int


def progress(session: Session, campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """By campaign, in one statement however many there are."""
    query = select(Sheet.campaign_id, Sheet.state, func.count()).group_by(Sheet.campaign_id, Sheet.state)
    found: dict[int, Counter[SheetState]] = {one.id: Counter() for one in campaigns}
    for campaign, state, many in session.execute(query.where(Sheet.campaign_id.in_(found))):
        found[campaign][state] = many
    return {campaign: Progress(count.total(), *_sums(count)) for campaign, count in found.items()}


def _sums(count: Mapping[SheetState, int]) -> tuple[int, int]:
    """(sent, accepted)"""
    sent, accepted = (sum(many for state, many in count.items() if state in among) for among in (SENT, COUNTED))
    return sent, accepted


# Steps


def launch(session: Session, doing: Doing, campaign: Campaign) -> int:
    """Units see their sheets; how many there are stays so. `campaign` is locked. Raises CampaignRefused."""
    _draft(campaign)
    count = session.scalar(select(func.count()).where(Sheet.campaign_id == campaign.id)) or 0
    if not count:
        raise CampaignRefused("no-units", N_("Chọn ít nhất một đơn vị rồi mở đợt."))
    if not campaign.lines:
        raise CampaignRefused("no-lines", N_("Đợt chưa có dòng nào. Thêm dòng rồi mở đợt."))
    setting, groups = session.get(UseSetting, campaign.library_id), asking.words(session).groups
    for line in campaign.lines:
        line.formula = indicators.settled(line.formula, setting.renewal_is_use if setting else True, groups)
    for sheet in sheets_of(session, campaign.id):
        sheet.kind = sheet.organisation.kind
    at = doing.at or clock.now()
    campaign.launched_at = at
    acts.write(session, doing, KIND, at)
    session.flush()
    return count


def lock_figures(session: Session, doing: Doing, campaign: Campaign) -> int:
    """Every accepted sheet is locked; how many. `campaign` is locked. Raises CampaignRefused."""
    check_open(campaign)
    at = doing.at or clock.now()
    waiting = session.scalars(
        select(Sheet.id).where(Sheet.campaign_id == campaign.id, Sheet.state == SheetState.ACCEPTED).order_by(Sheet.id)
    ).all()
    if not waiting:
        raise CampaignRefused("none-accepted", N_("Chưa nhận báo cáo của đơn vị nào nên chưa có gì để chốt."))
    act_id = acts.write(session, doing, KIND, at)
    for sheet_id in waiting:
        sheet_steps.take(session, sheet_steps.lock(session, sheet_id), Deed.LOCK, act_id, at)
    campaign.locked_at = at
    session.flush()
    return len(waiting)


def open_again(session: Session, doing: Doing, campaign: Campaign) -> int:
    """The lock is taken back: sheets are accepted as before; how many. Raises CampaignRefused, WentOn."""
    act = lock_act(session, campaign)
    if act is None:
        raise CampaignRefused("not-locked", N_("Đợt này chưa chốt."))
    acts.void(session, doing, act.id)
    campaign.locked_at = None
    session.flush()
    return sheet_steps.undo(session, act.id)


def lock_act(session: Session, campaign: Campaign) -> Act | None:
    """What locked it last and still holds."""
    mine = select(SheetStep.act_id).join(Sheet, Sheet.id == SheetStep.sheet_id).where(
        Sheet.campaign_id == campaign.id, SheetStep.deed == Deed.LOCK, SheetStep.voided.is_(False)
    )  # fmt: skip
    return session.scalar(select(Act).where(Act.id.in_(mine)).order_by(Act.id.desc()).limit(1))


def call_off(session: Session, campaign: Campaign) -> None:
    """A draft goes; so does a launch to which no unit has answered. Raises CampaignRefused."""
    mine = select(Sheet.id).where(Sheet.campaign_id == campaign.id)
    stepped, written = SheetStep.sheet_id.in_(mine), Submission.sheet_id.in_(mine)
    if session.scalar(select(or_(exists().where(stepped), exists().where(written)))):
        raise CampaignRefused("answered", N_("Đã có đơn vị gửi báo cáo nên không rút đợt lại được."))
    session.execute(delete(SheetReminder).where(SheetReminder.sheet_id.in_(mine)))
    if campaign.launched_at is not None:
        campaign.launched_at = None
        for line in campaign.lines:
            line.formula = indicators.unsettled(line.formula)
        session.flush()
        return
    for model in (Sheet, CampaignIndicator):
        session.execute(delete(model).where(model.campaign_id == campaign.id))
    session.expire(campaign, ["lines"])
    session.delete(campaign)
    session.flush()


def remind(session: Session, doing: Doing | None, campaign: Campaign, day: date) -> int:
    """Units that have not sent it see so at their desk; how many were not reminded that day yet. `doing` None: the machine.
    Raises CampaignRefused."""
    check_open(campaign)
    if campaign.launched_at is None:
        raise CampaignRefused("not-launched", N_("Đợt chưa mở nên chưa có ai để nhắc."))
    told = exists().where(SheetReminder.sheet_id == Sheet.id, SheetReminder.day == day)
    owing = session.scalars(
        select(Sheet.id).where(Sheet.campaign_id == campaign.id, Sheet.state.in_(OPEN), ~told).order_by(Sheet.id)
    ).all()
    act_id = acts.write(session, doing, KIND, doing.at or clock.now()) if doing and owing else None
    session.add_all([SheetReminder(sheet_id=one, day=day, act_id=act_id) for one in owing])
    session.flush()
    return len(owing)


def say_same(session: Session, campaign: Campaign, key: str) -> None:
    """Rows that are alike are right so."""
    campaign.same = sorted({*campaign.same, key})
    session.flush()


# Lists kept for the next time


def keep_template(session: Session, campaign: Campaign, name: str) -> CampaignTemplate:
    """Under a name of the library; the same name again is the new list."""
    query = select(CampaignTemplate).where(
        CampaignTemplate.library_id == campaign.library_id, CampaignTemplate.name == name
    )
    made = session.scalar(query)
    if made is None:
        made = CampaignTemplate(
            uid=clock.uuid7(), library_id=campaign.library_id, name=name, lines=[], made_at=clock.now()
        )
        session.add(made)
    made.lines = indicators.as_plain(campaign.lines)
    session.flush()
    return made


def templates_of(session: Session, library_id: int) -> list[CampaignTemplate]:
    query = select(CampaignTemplate).where(CampaignTemplate.library_id == library_id)
    return sorted(session.scalars(query), key=lambda one: one.name)
