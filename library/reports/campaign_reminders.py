"""Some days before a sheet is due, and on the day itself, the machine reminds units that have not sent it; they are told
when they arrive."""

from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission
from library.core.errors import N_
from library.jobs.nights import nightly
from library.reports import campaigns
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import due_here, until

BEFORE = (3, 1, 0)
"""Days before the last one."""


@nightly("campaigns", N_("Nhắc các đơn vị sắp đến hạn nộp báo cáo"))
def remind(session: Session, day: date) -> tuple[int, bool]:
    due = [day + timedelta(days=before) for before in BEFORE]
    query = select(Campaign).where(
        Campaign.launched_at.is_not(None), Campaign.locked_at.is_(None), Campaign.due_on.in_(due)
    )
    return sum(campaigns.remind(session, None, one, day) for one in session.scalars(query).all()), False


def told(session: Session) -> list[Markup]:
    """What whoever arrives is told: a sentence a sheet that waits for their unit and is due soon (one statement)."""
    return [
        Markup('<a href="{}">{}</a>').format(url_for("sheets.show", uid=sheet.uid), _sentence(campaign))
        for campaign, sheet in due_here(session, access.scope(Permission.SHEET))
    ]


def _sentence(campaign: Campaign) -> str:
    day = f"{campaign.due_on:%d/%m}"
    return str(
        _("%(name)s: nộp báo cáo trước %(day)s (%(when)s).", name=campaign.name, day=day, when=until(campaign.due_on))
    )
