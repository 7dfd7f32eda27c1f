"""Whoever adds up: the campaigns, one of them on one page, one unit of it, one line of it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock, plot_bars
from library.core.db import db
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader
from library.core.plot import Plot, Series
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Organisation
from library.reports import (
    campaign_sums,
    campaigns,
    corrections,
    figure_links,
    sheet_figures,
    sheet_page,
    sheet_states,
    sheet_steps,
    sheets,
)
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.campaign_pages import campaign_here, page, sheet_in
from library.reports.campaign_sums import Overview, Sum
from library.reports.correction_models import Correction
from library.reports.corrections import Figure
from library.reports.sheet_forms import number_of
from library.reports.sheet_models import Sheet
from library.reports.sheet_states import COUNTED, OPEN, Deed
from library.reports.sheet_views import file_of

bp = Blueprint("campaigns", __name__)
NOTHING_TO_UNDO = Reason("nothing", N_("Không có bước nào để hoàn tác."))


@bp.get("/reports/campaigns", endpoint="list")
@needs(Permission.CAMPAIGN)
def show_list() -> Any:
    session = db.session()
    mine = select(Campaign).where(here().of_libraries(Campaign.library_id))
    found = session.scalars(mine.order_by(Campaign.due_on.desc(), Campaign.id.desc())).all()
    done = campaigns.progress(session, found)
    return page("reports/campaigns.html", found=[(one, done[one.id]) for one in found])


@bp.get("/reports/campaigns/<uuid:uid>", endpoint="show")
@needs(Permission.CAMPAIGN)
def show(uid: UUID) -> Any:
    session = db.session()
    campaign = campaign_here(session, uid)
    if campaign.launched_at is None:
        return redirect(url_for("campaign_edit.edit", uid=uid))
    found = campaign_sums.overview(session, campaign, campaigns.sheets_of(session, campaign.id))
    days, names = _days(found)
    return page(
        "reports/campaign.html", campaign=campaign, found=found, days=days, day_names=names, merged=_merged(session, found),
        reminded=campaign_sums.reminded(session, campaign.id), lock=campaigns.lock_act(session, campaign),
        reasons=sheets.REASONS,
    )  # fmt: skip


def _days(found: Overview) -> tuple[Plot | None, list[str]]:
    """How many came in day by day, and the days as the table behind it names them."""
    days = campaign_sums.by_day(found)
    if not days:
        return None, []
    series = [Series(_("báo cáo"), [count for _day, count in days])]
    drawn = plot_bars.standing([f"{day:%d}" for day, _count in days], series, a_row=len(days), high=130)
    return drawn, [f"{day:%d/%m}" for day, _count in days]


def _merged(session: Session, found: Overview) -> list[tuple[Sheet, Organisation]]:
    """Units that another took the place of since the launch, with who answers for them now."""
    moved = [one for one in found.sheets if one.keeper_id != one.organisation_id]
    return [(one, session.get_one(Organisation, one.keeper_id)) for one in moved]


@bp.get("/reports/campaigns/<uuid:uid>/units/<uuid:sheet>", endpoint="unit")
@needs(Permission.CAMPAIGN)
def show_unit(uid: UUID, sheet: UUID) -> Any:
    session = db.session()
    campaign = campaign_here(session, uid)
    found = sheet_in(session, campaign, sheet)
    shown = sheet_page.read(session, campaign, found, sent_only=True)  # what a unit is still writing is its own
    return page(
        "reports/sheet.html", shown=shown, sheet=shown.sheet, campaign=campaign, reasons=sheets.REASONS, mine=False,
        asked="", accept="", same="",
    )  # fmt: skip


@bp.get("/reports/campaigns/<uuid:uid>/units/<uuid:sheet>/files/<uuid:value>", endpoint="file")
@needs(Permission.CAMPAIGN)
def show_file(uid: UUID, sheet: UUID, value: UUID) -> Any:
    session = db.session()
    return file_of(sheet_in(session, campaign_here(session, uid), sheet), value, sent=True)


@bp.get("/reports/campaigns/<uuid:uid>/lines/<uuid:line>", endpoint="line")
@needs(Permission.CAMPAIGN)
def show_line(uid: UUID, line: UUID) -> Any:
    """One line, unit by unit: what stands behind its sum."""
    session = db.session()
    campaign = campaign_here(session, uid)
    found = or_not_found(next((one for one in campaign.lines if one.uid == line), None))
    listed = campaigns.sheets_of(session, campaign.id)
    told, known = corrections.figures(session, listed), campaign_sums.known_at(session, listed)
    (total,) = [one for one in campaign_sums.sums_of(campaign, listed, told) if one.line.id == found.id]
    standing = sheet_figures.ground(session, campaign.id)
    counts = frozenset(one.organisation_id for one in listed if one.state in COUNTED)
    return page(
        "reports/campaign_line.html", campaign=campaign, line=found, total=total,
        groups=_groups(session, listed, told, total),
        links=figure_links.of_all(campaign, found, counts, standing) if counts else (), words=dict(_words(total.words)),
        rows_of=lambda one: figure_links.of_line(campaign, found, one.organisation_id, standing, known[one.id]),
    )  # fmt: skip


Unit = tuple[Sheet, Figure | None, int | None]


def _groups(
    session: Session, listed: Sequence[Sheet], told: campaign_sums.Figures, total: Sum
) -> list[tuple[str, list[Unit], int | None]]:
    """(whom they stood under at the launch, units with what each says and what of it counts, their sum), by name."""
    names = dict(session.execute(select(Organisation.id, Organisation.name)).all())
    groups: dict[str, list[Unit]] = {}
    for sheet, value in sorted(
        zip(listed, total.each, strict=True), key=lambda one: names.get(one[0].parent_id or 0, "")
    ):
        unit = sheet, told.get((sheet.id, total.line.id)), value
        groups.setdefault(names.get(sheet.parent_id or 0, ""), []).append(unit)
    sums = {name: [value for *_, value in units if value is not None] for name, units in groups.items()}
    return [(name, units, sum(sums[name]) if sums[name] else None) for name, units in groups.items()]


def _words(told: tuple[tuple[Sheet, str], ...]) -> list[tuple[int, str]]:
    return [(sheet.id, words) for sheet, words in told]


@bp.get("/reports/campaigns/<uuid:uid>/letters", endpoint="letters")
@needs(Permission.CAMPAIGN)
def show_letters(uid: UUID) -> Any:
    """A letter to each unit that owes its sheet, to print."""
    session = db.session()
    campaign = campaign_here(session, uid)
    listed = campaigns.sheets_of(session, campaign.id)
    owing = [one for one in listed if one.state in OPEN]
    return page("reports/campaign_letters.html", campaign=campaign, owing=owing)


# Deeds


@bp.post("/reports/campaigns/<uuid:uid>", endpoint="do")
@needs(Permission.CAMPAIGN)
def do(uid: UUID) -> Any:
    """`do`: accept, return, undo, correct, uncorrect (with `sheet`); remind, lock, unlock, same, keep, due."""
    campaign_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted, deed = posting.posted_of(told, reader), reader.choice("do", DEEDS)
    sheet = reader.text("sheet", False, 40)
    reader.done()
    assert posted and deed

    def work() -> dict[str, Any]:
        session = db.session()
        campaign = campaigns.lock_row(session, campaign_here(session, uid).id)
        said = deed(_Now(session, campaign, posted, told))
        verb, subject = f"{told['do']}-sheet" if sheet else f"{told['do']}-campaign", sheet or str(uid)
        audit.note(current_user.uid, verb, "sheet" if sheet else "campaign", subject, campaign.library_id)
        return {"do": said, "outcome": "ok"}

    content = {"campaign": str(uid), "told": {name: posting.many(told, name) for name in told if name != "uid"}}
    return posting.answer_aloud(posted, content, work, lambda done: _back(uid, told))


def _back(uid: UUID, told: posting.Source) -> str:
    if told.get("back") == "unit" and (sheet := uuid_or_none(told.get("sheet"))):
        return url_for("campaigns.unit", uid=uid, sheet=sheet)
    return url_for("campaigns.show", uid=uid, _anchor="waiting" if told.get("do") == "accept" else None)


class _Now:
    """A deed as it is done: the campaign is locked."""

    def __init__(self, session: Session, campaign: Campaign, posted: Posted, told: posting.Source) -> None:
        self.session, self.campaign, self.told = session, campaign, told
        self.doing = posting.doing_at(posted, campaign.library.branches[0].id)
        self.reader = Reader(told)

    def sheet(self) -> Sheet:
        """Locked. Raises NotFound."""
        uid = or_not_found(uuid_or_none(self.told.get("sheet")))
        return sheet_steps.lock(self.session, sheet_in(self.session, self.campaign, uid).id)

    def line(self) -> CampaignIndicator:
        uid = uuid_or_none(self.told.get("line"))
        return or_not_found(next((one for one in self.campaign.lines if one.uid == uid), None))


def _accept(now: _Now) -> str:
    number, sheet = now.reader.number("number", 1, 10_000, required=False), now.sheet()
    now.reader.done()
    sheet_states.after(sheet.state, Deed.ACCEPT)
    sheets.check_seen(now.session, sheet, number)
    sheets.accept(now.session, now.doing, sheet)
    return str(_("Đã nhận báo cáo của %(unit)s.", unit=sheet.name))


def _return(now: _Now) -> str:
    note, sheet = now.reader.text("note", longest=500), now.sheet()
    now.reader.done()
    sheets.give_back(now.session, now.doing, sheet, note)
    return str(_("Đã trả lại %(unit)s để xem lại.", unit=sheet.name))


def _undo(now: _Now) -> str:
    """The last step of this sheet, if it was whoever adds up who took it."""
    sheet = now.sheet()
    campaigns.check_open(now.campaign)
    mine = [one for one in sheet_page.steps_of(now.session, sheet.id) if not one.voided]
    if not mine or mine[-1].deed not in (Deed.ACCEPT, Deed.RETURN):
        raise Refused(NOTHING_TO_UNDO)
    sheets.undo(now.session, now.doing, now.session.get_one(Act, mine[-1].act_id))
    return str(_("Đã hoàn tác. Báo cáo của %(unit)s như trước.", unit=sheet.name))


def _correct(now: _Now) -> str:
    sheet, line = now.sheet(), now.line()
    why, value = now.reader.text("why", longest=500), _value(now.reader)
    now.reader.done()
    if line.kind is LineKind.TEXT:
        raise Refused(corrections.NotLocked().reasons[0])
    corrections.issue(now.session, now.doing, now.campaign, sheet, line, value or 0, why, posting.actor())
    return str(_("Đã đính chính dòng “%(line)s” của %(unit)s.", line=line.label, unit=sheet.name))


def _value(reader: Reader) -> int | None:
    try:
        found = number_of(reader.text("value", longest=30))
    except ValueError:
        found = None
    if found is None:
        reader.complain("value", "number", N_("Cần một số, viết như 1.213 hay 18.230.000."))
    return found


def _uncorrect(now: _Now) -> str:
    sheet, uid = now.sheet(), uuid_or_none(now.told.get("correction"))
    query = select(Correction).where(Correction.uid == uid, Correction.sheet_id == sheet.id)
    found = or_not_found(now.session.scalar(query))
    corrections.undo(now.session, now.doing, now.session.get_one(Act, found.act_id))
    return str(_("Đã bỏ đính chính ấy. Dòng này tính như trước."))


def _remind(now: _Now) -> str:
    count = campaigns.remind(now.session, now.doing, now.campaign, clock.today())
    if not count:
        return str(_("Hôm nay đã nhắc đủ các đơn vị chưa nộp."))
    return str(_("Đã nhắc %(count)s đơn vị: họ thấy lời nhắc khi vào làm việc.", count=count))


def _lock(now: _Now) -> str:
    count = campaigns.lock_figures(now.session, now.doing, now.campaign)
    return str(_("Đã chốt số liệu của %(count)s đơn vị. Từ đây chỉ đính chính.", count=count))


def _unlock(now: _Now) -> str:
    campaigns.open_again(now.session, now.doing, now.campaign)
    return str(_("Đã mở chốt. Báo cáo của các đơn vị vẫn là đã nhận."))


def _same(now: _Now) -> str:
    campaigns.say_same(now.session, now.campaign, now.reader.text("key", longest=200))
    return str(_("Đã ghi: hai dòng ấy đúng như vậy."))


def _keep(now: _Now) -> str:
    name = now.reader.text("name", longest=120)
    now.reader.done()
    campaigns.keep_template(now.session, now.campaign, name)
    return str(_("Đã giữ các dòng của đợt này thành mẫu “%(name)s”.", name=name))


def _due(now: _Now) -> str:
    due = now.reader.planned_day("due_on")
    now.reader.done()
    assert due
    campaigns.set_due(now.session, now.campaign, due)
    return str(_("Hạn nộp nay là %(day)s.", day=f"{due:%d/%m/%Y}"))


DEEDS: dict[str, Callable[[_Now], str]] = {
    "accept": _accept, "return": _return, "undo": _undo, "correct": _correct, "uncorrect": _uncorrect,
    "remind": _remind, "lock": _lock, "unlock": _unlock, "same": _same, "keep": _keep, "due": _due,
}  # fmt: skip
