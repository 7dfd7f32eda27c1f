"""The appendix of a campaign, of all units or of one, as Word, PDF, Excel or CSV."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library.access import Permission, needs
from library.core.db import db
from library.core.errors import NotFound
from library.core.mime import CSV
from library.documents import stored
from library.exports.answers import book, paper
from library.exports.forms import BOM, comma_lines
from library.labels.answers import file
from library.reports import appendix, campaign_sums, campaigns, paper_values, sheet_page
from library.reports.appendix import HEADS, Entry
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import campaign_here, sheet_here
from library.reports.campaign_sums import Overview
from library.reports.paper_kinds import APPENDIX_PAPER

bp = Blueprint("report_papers", __name__)


@bp.get("/reports/campaigns/<uuid:uid>/appendix.<form>", endpoint="campaign")
@needs(Permission.CAMPAIGN)
def of_campaign(uid: UUID, form: str) -> Any:
    session, found = db.session(), _overview(uid)
    address = url_for("campaigns.show", uid=uid, _external=True)
    return _answer(
        form, f"phu-luc-{found.campaign.first_on:%Y%m%d}", lambda: appendix.of_campaign(found),
        lambda: _filled(found.campaign, paper_values.of_campaign(session, found, address, current_user.name)),
    )  # fmt: skip


@bp.get("/reports/sheets/<uuid:uid>/appendix.<form>", endpoint="sheet")
@needs(Permission.SHEET)
def of_sheet(uid: UUID, form: str) -> Any:
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    shown = sheet_page.read(session, campaign, sheet)
    address = url_for("sheets.show", uid=uid, _external=True)
    return _answer(
        form, f"phu-luc-{sheet.keeper.slug}-{campaign.first_on:%Y%m%d}", lambda: appendix.of_sheet(shown),
        lambda: _filled(campaign, paper_values.of_sheet(session, shown, address, current_user.name), sheet.keeper_id),
    )  # fmt: skip


def _overview(uid: UUID) -> Overview:
    """Raises NotFound for a draft too: it has no units yet."""
    session = db.session()
    campaign = campaign_here(session, uid)
    if campaign.launched_at is None:
        raise NotFound
    return campaign_sums.overview(session, campaign, campaigns.sheets_of(session, campaign.id), look_later=False)


def _filled(campaign: Campaign, values: dict[str, Any], library_id: int | None = None) -> bytes:
    return stored.made(db.session(), library_id or campaign.library_id, APPENDIX_PAPER.name, values)


def _answer(form: str, name: str, entries: Callable[[], Sequence[Entry]], made: Callable[[], bytes]) -> Response:
    """Raises NotFound for a form nobody writes."""
    if form == "xlsx":
        return _book(entries(), name)
    if form == "csv":
        lines = [HEADS, *appendix.cells(entries())]
        return file(BOM + comma_lines(lines), CSV, f"{name}.csv")
    if form not in ("docx", "pdf"):
        raise NotFound
    return paper(made(), _(APPENDIX_PAPER.title), name, form == "docx")


def _book(entries: Sequence[Entry], name: str) -> Response:
    return book(HEADS, appendix.cells(entries), "Phụ lục", name)
