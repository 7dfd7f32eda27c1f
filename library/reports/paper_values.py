"""Plain values of the papers of campaigns (`paper_kinds`). Papers are in Vietnamese, whatever the pages speak."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from library.core import clock
from library.documents.filling import Square
from library.labels import squares
from library.loans import compensation_papers as official
from library.organisations.models import Organisation
from library.reports import appendix, sheet_states
from library.reports.campaign_models import Campaign
from library.reports.campaign_sums import Overview
from library.reports.sheet_models import SheetState
from library.reports.sheet_page import Shown

UNKNOWN_PLACE = "…………………"
DOTS = "……"


def of_campaign(session: Session, found: Overview, address: str, officer: str) -> dict[str, Any]:
    campaign = found.campaign
    return {
        **_head(session, campaign.library, campaign, address, officer, "PL"), "about": f"Kết quả {campaign.name}",
        "theme": campaign.theme or "", "units": appendix.state(found), "known": _known_of_all(found),
        "rows": [one.plain for one in appendix.of_campaign(found)],
    }  # fmt: skip


def of_sheet(session: Session, shown: Shown, address: str, officer: str) -> dict[str, Any]:
    campaign, sheet = shown.campaign, shown.sheet
    sent = shown.when(SheetState.SUBMITTED) if sheet.state in sheet_states.SENT else None
    return {
        **_head(session, sheet.keeper, campaign, address, officer, "BC"), "about": f"Kết quả {campaign.name}",
        "issuer": sheet.name.upper(), "library": sheet.name, "theme": campaign.theme or "",
        "units": "" if sent else "Bản chưa gửi.", "known": _known(sent or clock.now()),
        "rows": [one.plain for one in appendix.of_sheet(shown)],
    }  # fmt: skip


def _head(
    session: Session, issuer: Organisation, campaign: Campaign, address: str, officer: str, kind: str
) -> dict[str, Any]:
    place = official.town(session, issuer.id) or UNKNOWN_PLACE
    return {
        "above": (official.above(session, issuer.id) or "").upper(), "issuer": issuer.name.upper(), "library": issuer.name,
        "place_day": f"{place}, {official.on_day(clock.today())}", "symbol": f"{DOTS}/{kind}-{official.initials(issuer)}",
        "square": Square(squares.matrix(address)), "square_says": "Xem trên máy", "officer": officer, "director": "",
        "period": f"{campaign.first_on:%d/%m/%Y} – {campaign.last_on:%d/%m/%Y}",
    }  # fmt: skip


def _known(at: datetime) -> str:
    return f"Số liệu tính đến {at.astimezone(clock.HERE):%H:%M ngày %d/%m/%Y}."


def _known_of_all(found: Overview) -> str:
    """Every unit's figures are those known when it sent them; what was put right since is in them too."""
    moments = [one.at for figure in found.figures.values() for one in figure.corrections]
    right = f"; đính chính đến {max(moments).astimezone(clock.HERE):%H:%M ngày %d/%m/%Y}" if moments else ""
    return f"Số liệu tính đến lúc từng đơn vị gửi{right}."
