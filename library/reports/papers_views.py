"""The appendix of a campaign, of all units or of one, as Word, PDF, Excel or CSV."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.core.db import db
from library.core.errors import NotFound
from library.core.mime import CSV, XLSX
from library.documents import stored
from library.exports.answers import paper
from library.exports.forms import BOM, comma_lines
from library.labels.answers import file
from library.loans.forms import uuid_or_none
from library.reports import appendix, campaign_sums, campaigns, paper_values, sheet_page, sheets_xlsx
from library.reports.appendix import HEADS, Entry
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import campaign_here, sheet_here, sheet_in
from library.reports.campaign_sums import Overview
from library.reports.paper_kinds import APPENDIX_PAPER
from library.reports.standing_sheet import Cell, Figure, Line, Report, Table

bp = Blueprint("report_papers", __name__)


@bp.get("/reports/campaigns/<uuid:uid>/appendix.<form>", endpoint="campaign")
@needs(Permission.CAMPAIGN)
def of_campaign(uid: UUID, form: str) -> Any:
    """`unit`: the sheet of one unit only, as it was sent."""
    session = db.session()
    if (sheet := uuid_or_none(request.args.get("unit"))) is not None:
        return _of_unit(session, campaign_here(session, uid), sheet, form)
    found = _overview(uid)
    address = url_for("campaigns.show", uid=uid, _external=True)
    return _answer(
        form, f"phu-luc-{found.campaign.first_on:%Y%m%d}",
        _about(found.campaign, found.campaign.library.name, appendix.state(found)), lambda: appendix.of_campaign(found),
        lambda: _filled(found.campaign, paper_values.of_campaign(session, found, address, current_user.name)),
    )  # fmt: skip


def _of_unit(session: Session, campaign: Campaign, uid: UUID, form: str) -> Response:
    """For whoever adds up: what the unit is still writing is its own."""
    shown = sheet_page.read(session, campaign, sheet_in(session, campaign, uid), sent_only=True)
    address = url_for("campaigns.unit", uid=campaign.uid, sheet=uid, _external=True)
    return _answer(
        form, f"phu-luc-{shown.sheet.keeper.slug}-{campaign.first_on:%Y%m%d}", _about(campaign, shown.sheet.name),
        lambda: appendix.of_sheet(shown),
        lambda: _filled(campaign, paper_values.of_sheet(session, shown, address, current_user.name)),
    )  # fmt: skip


@bp.get("/reports/sheets/<uuid:uid>/appendix.<form>", endpoint="sheet")
@needs(Permission.SHEET)
def of_sheet(uid: UUID, form: str) -> Any:
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    shown = sheet_page.read(session, campaign, sheet)
    address = url_for("sheets.show", uid=uid, _external=True)
    return _answer(
        form, f"phu-luc-{sheet.keeper.slug}-{campaign.first_on:%Y%m%d}", _about(campaign, sheet.name),
        lambda: appendix.of_sheet(shown),
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


def _answer(
    form: str, name: str, about: Sequence[str], entries: Callable[[], Sequence[Entry]], made: Callable[[], bytes]
) -> Response:
    """`about`: what a workbook says above its table, the title first. Raises NotFound for a form nobody writes."""
    if form == "xlsx":
        return _book(entries(), name, about)
    if form == "csv":
        lines = [HEADS, *appendix.cells(entries())]
        return file(BOM + comma_lines(lines), CSV, f"{name}.csv")
    if form not in ("docx", "pdf"):
        raise NotFound
    return paper(made(), _(APPENDIX_PAPER.title), name, form == "docx")


def _book(entries: Sequence[Entry], name: str, about: Sequence[str]) -> Response:
    title, *more = about
    table = Table(HEADS, tuple(Line(tuple(map(_cell, cells))) for cells in appendix.cells(entries)), names=3)
    return file(sheets_xlsx.xlsx(Report(title, tuple(more), (table,))), XLSX, f"{name}.xlsx")


def _cell(told: int | str) -> Cell:
    return Figure(told) if isinstance(told, int) else told


def _about(campaign: Campaign, who: str, *more: str) -> list[str]:
    days = f"{campaign.first_on:%d/%m/%Y} – {campaign.last_on:%d/%m/%Y}"
    return [f"Phụ lục: kết quả {campaign.name}", who, days, *more]
