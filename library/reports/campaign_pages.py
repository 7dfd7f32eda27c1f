"""What every page of campaigns and sheets needs: its frame, what is in reach, sheets that are due."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope, here, or_not_found
from library.core import clock
from library.core.numbers import change, written
from library.reports import sheet_states
from library.reports.campaign_models import Campaign
from library.reports.sheet_models import Sheet
from library.reports.sheet_states import OPEN

SOON = 14
"""Days before the last one from which a sheet is told of at the desk."""


def page(template: str, **told: Any) -> str:
    known: Mapping[str, Any] = current_app.view_functions

    def there(endpoint: str, **values: Any) -> str:
        """Its address, '' where nobody has made that page."""
        return url_for(endpoint, **values) if endpoint in known else ""

    return render_template(
        template, there=there, here_=clock.HERE, day_of=clock.day_of, fresh_uid=clock.uuid7, today=clock.today(),
        written=written, change=change, states=sheet_states.WORDS, outcomes=sheet_states.OUTCOMES, until=until, brief=brief, **told,
    )  # fmt: skip


def until(day: date) -> str:
    """In near words."""
    days = (day - clock.today()).days
    if days < 0:
        return str(_("quá hạn %(days)s ngày", days=-days))
    return str(_("hôm nay") if days == 0 else _("còn %(days)s ngày", days=days))


BRIEF = (
    ("Trung tâm học tập cộng đồng", "TTHTCĐ"), ("Trường Tiểu học và Trung học cơ sở", "TH&THCS"),
    ("Trường Trung học cơ sở", "THCS"), ("Trường THCS", "THCS"), ("Trường Trung học phổ thông", "THPT"),
    ("Trường THPT", "THPT"), ("Trường Tiểu học", "TH"), ("Trường Mầm non", "MN"), ("Thư viện", "TV"), ("Trường", ""),
)  # fmt: skip
"""How names of units are cut where there is little room, the longest first."""


def brief(name: str) -> str:
    """TH Xuất Hóa"""
    for long, short in BRIEF:
        if name.casefold().startswith(long.casefold() + " "):
            return f"{short} {name[len(long) + 1 :]}".strip()
    return name


def campaign_here(session: Session, uid: UUID) -> Campaign:
    """Of a library for which one adds up. Raises NotFound."""
    query = select(Campaign).where(Campaign.uid == uid, here().of_libraries(Campaign.library_id))
    return or_not_found(session.scalar(query))


def sheet_in(session: Session, campaign: Campaign, uid: UUID) -> Sheet:
    """Raises NotFound."""
    return or_not_found(session.scalar(select(Sheet).where(Sheet.uid == uid, Sheet.campaign_id == campaign.id)))


def sheet_here(session: Session, uid: UUID) -> tuple[Campaign, Sheet]:
    """Of one's own unit, in a campaign that is launched. Raises NotFound."""
    query = select(Campaign, Sheet).join(Sheet, Sheet.campaign_id == Campaign.id)
    mine = (Sheet.uid == uid, Campaign.launched_at.is_not(None), here().of_libraries(Sheet.keeper_id))
    row = or_not_found(session.execute(query.where(*mine)).one_or_none())
    return row[0], row[1]


def sheets_here(session: Session, scope: Scope) -> list[tuple[Campaign, Sheet]]:
    """Of one's own units: the latest due first (one statement)."""
    query = select(Campaign, Sheet).join(Sheet, Sheet.campaign_id == Campaign.id)
    mine = query.where(Campaign.launched_at.is_not(None), scope.of_libraries(Sheet.keeper_id))
    rows = session.execute(mine.order_by(Campaign.due_on.desc(), Campaign.id.desc(), Sheet.name))
    return list(rows)


def due_here(session: Session, scope: Scope) -> list[tuple[Campaign, Sheet]]:
    """Those that wait for their unit and are due soon or overdue (one statement)."""
    if not scope:
        return []
    last = date.fromordinal(clock.today().toordinal() + SOON)
    query = select(Campaign, Sheet).join(Sheet, Sheet.campaign_id == Campaign.id)
    owed = (
        Campaign.launched_at.is_not(None), Campaign.locked_at.is_(None), Campaign.due_on <= last,
        Sheet.state.in_(OPEN), scope.of_libraries(Sheet.keeper_id),
    )  # fmt: skip
    return list(session.execute(query.where(*owed).order_by(Campaign.due_on)))
