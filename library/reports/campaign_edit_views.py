"""Making a campaign: its days, its lines, who is asked; then it is launched."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason, Refused
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation, OrganisationKind
from library.patrons import asked
from library.reports import campaign_forms, campaigns, indicators
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import campaign_here, page
from library.reports.campaigns import About, CampaignRefused
from library.reports.indicators import Line, Shipped

bp = Blueprint("campaign_edit", __name__)
EMPTY, OWN = "empty", "own:"
KINDS = {
    OrganisationKind.SCHOOL: N_("Trường học"), OrganisationKind.COMMUNE: N_("Xã, phường"),
    OrganisationKind.LEARNING_CENTRE: N_("Trung tâm học tập cộng đồng"), OrganisationKind.PROVINCE: N_("Tỉnh"),
    OrganisationKind.OTHER: N_("Nơi khác"),
}  # fmt: skip
Wrong = Mapping[str, Reason]


@bp.get("/reports/campaigns/new", endpoint="new")
@needs(Permission.CAMPAIGN)
def show_new() -> Any:
    """`from`: the list of lines it begins with."""
    return _new_page({}, {})


def _new_page(told: Mapping[str, Any], wrong: Wrong) -> str:
    library = asked.library()
    shipped, own = indicators.shipped(), campaigns.templates_of(db.session(), library.id)
    chosen = str(told.get("from") or request.args.get("from") or next(iter(shipped), EMPTY))
    usual = _days(shipped[chosen]) if chosen in shipped else {}
    options = [(one.name, _(one.title)) for one in shipped.values()]
    options += [(f"{OWN}{one.uid}", one.name) for one in own] + [(EMPTY, _("chưa có dòng nào"))]
    return page(
        "reports/campaign_new.html", library=library, lib=asked.slug_of(library), chosen=chosen, options=options,
        told={**usual, **told}, wrong=wrong,
    )  # fmt: skip


def _days(template: Shipped) -> dict[str, Any]:
    """Of this year; once they are over, of the next."""
    year = clock.today().year
    if date(year, *template.due) < clock.today():
        year += 1
    first, last, due = (date(year, *one).isoformat() for one in (template.first, template.last, template.due))
    return {
        "name": _("%(name)s năm %(year)s", name=template.title, year=year),
        "first_on": first,
        "last_on": last,
        "due_on": due,
    }


@bp.post("/reports/campaigns", endpoint="make")
@needs(Permission.CAMPAIGN)
def make() -> Any:
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    posted, about = posting.posted_of(told, reader), campaign_forms.about(reader)
    begins = reader.text("from", False, 80)

    def work() -> dict[str, Any]:
        assert posted and about
        session = db.session()
        doing = posting.doing_at(posted, library.branches[0].id)
        made = campaigns.make(session, doing, library.id, about, _lines_of(library, begins))
        audit.note(current_user.uid, "make-campaign", "campaign", made.uid, library.id)
        return {
            "campaign": str(made.uid),
            "do": _("Đã lập đợt. Xem các dòng, chọn đơn vị rồi mở đợt."),
            "outcome": "ok",
        }

    try:
        reader.done()
        assert posted and about
        content = {"make-campaign": about.name, "from": begins, "lib": library.id}
        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("campaign_edit.edit", uid=UUID(done["campaign"]))
        )
    except Invalid as wrong:
        if request.is_json:
            raise
        return _new_page(told, wrong.fields), 422


def _lines_of(library: Organisation, begins: str) -> list[Line]:
    if begins.startswith(OWN):
        wanted = uuid_or_none(begins.removeprefix(OWN))
        found = [one for one in campaigns.templates_of(db.session(), library.id) if one.uid == wanted]
        return [Line.read(one) for one in found[0].lines] if found else []
    shipped = indicators.shipped().get(begins)
    return list(shipped.lines) if shipped else []


# A draft


@bp.get("/reports/campaigns/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.CAMPAIGN)
def edit(uid: UUID) -> Any:
    return _edit_page(campaign_here(db.session(), uid))


def _edit_page(campaign: Campaign, told: Mapping[str, Any] | None = None, wrong: Wrong | None = None) -> Any:
    if campaign.launched_at is not None:
        return redirect(url_for("campaigns.show", uid=campaign.uid))
    session = db.session()
    sheets = campaigns.sheets_of(session, campaign.id)
    return page(
        "reports/campaign_edit.html", campaign=campaign, told=told, wrong=wrong or {},
        chosen={one.organisation_id for one in sheets}, kinds=KINDS,
        choices=campaigns.choices(session, campaign.library_id, clock.today()),
        sources=campaign_forms.sources(campaign.lines), source_of=campaign_forms.source_of, spare=campaign_forms.SPARE,
    )  # fmt: skip


@bp.post("/reports/campaigns/<uuid:uid>/edit", endpoint="change")
@needs(Permission.CAMPAIGN)
def change(uid: UUID) -> Any:
    """`do`: about, lines, units, launch, off. What is refused is told on the page, which keeps what was sent."""
    told = posting.source()
    reader, do = Reader(told), str(told.get("do") or "about")
    posted, work = posting.posted_of(told, reader), DEEDS.get(do, _about)
    try:
        reader.done()
        assert posted
        doing = posted

        def done() -> dict[str, Any]:
            campaign = campaigns.lock_row(db.session(), campaign_here(db.session(), uid).id)
            said, on = work(campaign, told, doing)
            audit.note(current_user.uid, f"{do}-campaign", "campaign", uid, campaign.library_id)
            return {"do": said, "outcome": "ok", "next": on}

        content = {"campaign": str(uid), "do": do, "told": {name: posting.many(told, name) for name in told}}
        return posting.answer_aloud(posted, content, done, lambda answer: answer["next"])
    except (Invalid, CampaignRefused) as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        return _edit_page(campaign_here(db.session(), uid), told, _beside(do, wrong)), 422


def _beside(do: str, wrong: Refused) -> Wrong:
    return wrong.fields if isinstance(wrong, Invalid) else {do: wrong.reasons[0]}


Said = tuple[str, str]


def _back(campaign: Campaign, at: str = "") -> str:
    return url_for("campaign_edit.edit", uid=campaign.uid, _anchor=at or None)


def _about(campaign: Campaign, told: posting.Source, posted: Any) -> Said:
    reader = Reader(told)
    about: About | None = campaign_forms.about(reader)
    reader.done()
    assert about
    campaigns.change(db.session(), campaign, about)
    return _("Đã lưu."), _back(campaign)


def _lines(campaign: Campaign, told: posting.Source, posted: Any) -> Said:
    lines, wrong = campaign_forms.lines(told)
    if wrong:
        raise Invalid(wrong)
    campaigns.set_lines(db.session(), campaign, lines)
    return _("Đã lưu %(count)s dòng.", count=len(lines)), _back(campaign, "lines")


def _units(campaign: Campaign, told: posting.Source, posted: Any) -> Said:
    wanted = {int(one) for one in posting.many(told, "unit") if one.isascii() and one.isdigit() and len(one) < 19}
    count = campaigns.set_units(db.session(), campaign, wanted)
    return _("Đã chọn %(count)s đơn vị.", count=count), _back(campaign, "units")


def _launch(campaign: Campaign, told: posting.Source, posted: Any) -> Said:
    branch = campaign.library.branches[0].id
    count = campaigns.launch(db.session(), posting.doing_at(posted, branch), campaign)
    said = _("Đã mở đợt cho %(count)s đơn vị.", count=count)
    if campaign.due_on < clock.today():
        said += " " + _("Hạn nộp %(day)s đã qua: đổi hạn ở phần Việc khác.", day=f"{campaign.due_on:%d/%m/%Y}")
    return said, url_for("campaigns.show", uid=campaign.uid)


def _off(campaign: Campaign, told: posting.Source, posted: Any) -> Said:
    launched = campaign.launched_at is not None
    campaigns.call_off(db.session(), campaign)
    if launched:
        return _("Đã rút đợt về để sửa."), _back(campaign)
    return _("Đã bỏ bản nháp."), url_for("campaigns.list")


DEEDS: dict[str, Callable[[Campaign, posting.Source, Any], Said]] = {
    "about": _about, "lines": _lines, "units": _units, "launch": _launch, "off": _off,
}  # fmt: skip
