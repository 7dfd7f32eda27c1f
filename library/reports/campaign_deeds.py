"""What whoever adds up does to a campaign or one of its sheets, by one button each; the words said of it."""

from collections.abc import Callable

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import or_not_found
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.core.forms import Reader
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.reports import campaigns, corrections, sheet_page, sheet_states, sheet_steps, sheets
from library.reports.campaign_models import Campaign, CampaignIndicator, LineKind
from library.reports.campaign_pages import sheet_in
from library.reports.correction_models import Correction
from library.reports.sheet_forms import number_of
from library.reports.sheet_models import Sheet
from library.reports.sheet_states import Deed

NOTHING_TO_UNDO = Reason("nothing", N_("Không có bước nào để hoàn tác."))


class Now:
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


def _accept(now: Now) -> str:
    number, sheet = now.reader.number("number", 1, 10_000, required=False), now.sheet()
    now.reader.done()
    sheet_states.after(sheet.state, Deed.ACCEPT)
    sheets.check_seen(now.session, sheet, number)
    sheets.accept(now.session, now.doing, sheet)
    return str(_("Đã nhận báo cáo của %(unit)s.", unit=sheet.name))


def _return(now: Now) -> str:
    note, sheet = now.reader.text("note", longest=500), now.sheet()
    now.reader.done()
    sheets.give_back(now.session, now.doing, sheet, note)
    return str(_("Đã trả lại %(unit)s để xem lại.", unit=sheet.name))


def _undo(now: Now) -> str:
    """The last step of this sheet, if it was whoever adds up who took it."""
    sheet = now.sheet()
    campaigns.check_open(now.campaign)
    mine = [one for one in sheet_page.steps_of(now.session, sheet.id) if not one.voided]
    if not mine or mine[-1].deed not in (Deed.ACCEPT, Deed.RETURN):
        raise Refused(NOTHING_TO_UNDO)
    sheets.undo(now.session, now.doing, now.session.get_one(Act, mine[-1].act_id))
    return str(_("Đã hoàn tác. Báo cáo của %(unit)s như trước.", unit=sheet.name))


def _correct(now: Now) -> str:
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


def _uncorrect(now: Now) -> str:
    sheet, uid = now.sheet(), uuid_or_none(now.told.get("correction"))
    query = select(Correction).where(Correction.uid == uid, Correction.sheet_id == sheet.id)
    found = or_not_found(now.session.scalar(query))
    corrections.undo(now.session, now.doing, now.session.get_one(Act, found.act_id))
    return str(_("Đã bỏ đính chính ấy. Dòng này tính như trước."))


def _remind(now: Now) -> str:
    count = campaigns.remind(now.session, now.doing, now.campaign, clock.today())
    if not count:
        return str(_("Hôm nay đã nhắc đủ các đơn vị chưa nộp."))
    return str(_("Đã nhắc %(count)s đơn vị: họ thấy lời nhắc khi vào làm việc.", count=count))


def _lock(now: Now) -> str:
    count = campaigns.lock_figures(now.session, now.doing, now.campaign)
    return str(_("Đã chốt số liệu của %(count)s đơn vị. Từ đây chỉ đính chính.", count=count))


def _unlock(now: Now) -> str:
    campaigns.open_again(now.session, now.doing, now.campaign)
    return str(_("Đã mở chốt. Báo cáo của các đơn vị vẫn là đã nhận."))


def _same(now: Now) -> str:
    campaigns.say_same(now.session, now.campaign, now.reader.text("key", longest=200))
    return str(_("Đã ghi: hai dòng ấy đúng như vậy."))


def _keep(now: Now) -> str:
    name = now.reader.text("name", longest=120)
    now.reader.done()
    campaigns.keep_template(now.session, now.campaign, name)
    return str(_("Đã giữ các dòng của đợt này thành mẫu “%(name)s”.", name=name))


def _due(now: Now) -> str:
    due = now.reader.planned_day("due_on")
    now.reader.done()
    assert due
    campaigns.set_due(now.session, now.campaign, due)
    return str(_("Hạn nộp nay là %(day)s.", day=f"{due:%d/%m/%Y}"))


DEEDS: dict[str, Callable[[Now], str]] = {
    "accept": _accept, "return": _return, "undo": _undo, "correct": _correct, "uncorrect": _uncorrect,
    "remind": _remind, "lock": _lock, "unlock": _unlock, "same": _same, "keep": _keep, "due": _due,
}  # fmt: skip
