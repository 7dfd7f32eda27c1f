"""Whoever adds up: the campaigns, one of them on one page, one unit of it, one line of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.core import plot_bars
from library.core.db import db
from library.core.errors import Invalid, Refused
from library.core.forms import Reader
from library.core.plot import Plot, Series
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Organisation
from library.reports import (
    campaign_sums,
    campaigns,
    corrections,
    figure_links,
    sheet_figures,
    sheet_page,
    sheets,
)
from library.reports.campaign_deeds import DEEDS, Now
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import campaign_here, page, sheet_in
from library.reports.campaign_sums import Overview, Sum
from library.reports.corrections import Figure
from library.reports.sheet_models import Sheet
from library.reports.sheet_states import COUNTED, OPEN
from library.reports.sheet_views import file_of

bp = Blueprint("campaigns", __name__)


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
    campaign = campaign_here(db.session(), uid)
    return _page(campaign) if campaign.launched_at else redirect(url_for("campaign_edit.edit", uid=uid))


def _page(campaign: Campaign, told: posting.Source | None = None, wrong: Refused | None = None) -> str:
    """`told`: what was sent and refused, that is typed still."""
    session = db.session()
    found = campaign_sums.overview(session, campaign, campaigns.sheets_of(session, campaign.id))
    days, names = _days(found)
    return page(
        "reports/campaign.html", campaign=campaign, found=found, days=days, day_names=names, merged=_merged(session, found),
        reminded=campaign_sums.reminded(session, campaign.id), lock=campaigns.lock_act(session, campaign),
        reasons=sheets.REASONS, **_refused(told, wrong),
    )  # fmt: skip


def _refused(told: posting.Source | None, wrong: Refused | None) -> dict[str, Any]:
    """For the page: `told` by name, `wrong` by field, `stopped`: what is of no field."""
    fields = wrong.fields if isinstance(wrong, Invalid) else {}
    return {"told": told or {}, "wrong": fields, "stopped": wrong.reasons if wrong and not fields else ()}


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
    campaign = campaign_here(db.session(), uid)
    return _unit_page(campaign, sheet_in(db.session(), campaign, sheet))


def _unit_page(
    campaign: Campaign, found: Sheet, told: posting.Source | None = None, wrong: Refused | None = None
) -> str:
    shown = sheet_page.read(db.session(), campaign, found, sent_only=True)  # what a unit is still writing is its own
    return page(
        "reports/sheet.html", shown=shown, sheet=shown.sheet, campaign=campaign, reasons=sheets.REASONS, mine=False,
        asked="", accept="", same="", **_refused(told, wrong),
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
        said = deed(Now(session, campaign, posted, told))
        verb, subject = f"{told['do']}-sheet" if sheet else f"{told['do']}-campaign", sheet or str(uid)
        audit.note(current_user.uid, verb, "sheet" if sheet else "campaign", subject, campaign.library_id)
        return {"do": said, "outcome": "ok"}

    content = {"campaign": str(uid), "told": {name: posting.many(told, name) for name in told if name != "uid"}}
    try:
        return posting.answer_aloud(posted, content, work, lambda done: _back(uid, told))
    except Refused as wrong:
        if request.is_json or wrong.status not in (409, 422):
            raise
        db.session.rollback()
        return _again(uid, told, wrong), wrong.status


def _again(uid: UUID, told: posting.Source, wrong: Refused) -> str:
    """The page it was sent from, with all that was typed."""
    campaign, sheet = campaign_here(db.session(), uid), uuid_or_none(told.get("sheet"))
    if sheet and told.get("back") == "unit":
        return _unit_page(campaign, sheet_in(db.session(), campaign, sheet), told, wrong)
    return _page(campaign, told, wrong)


def _back(uid: UUID, told: posting.Source) -> str:
    if told.get("back") == "unit" and (sheet := uuid_or_none(told.get("sheet"))):
        return url_for("campaigns.unit", uid=uid, sheet=sheet)
    return url_for("campaigns.show", uid=uid, _anchor="waiting" if told.get("do") == "accept" else None)
