"""On the reader's page: what they owe, days without borrowing, and books said to be back or lost."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission
from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item
from library.inbox.models import Act
from library.loans.losses_queries import is_open
from library.loans.models import Compensation, Loan, Suspension, still_out
from library.patrons.models import Membership
from library.patrons.panels import PANELS, Panel


def panel(session: Session, membership: Membership) -> Panel:
    """Three statements."""
    values: dict[str, Any] = {
        "owed": _owed(session, membership.id),
        "suspensions": _suspensions(session, membership.id),
        "books": _books(session, membership.id),
        "may_lift": access.scope(Permission.OVERRIDE).holds_library(membership.library_id),
        "may_say": access.scope(Permission.CIRCULATE).holds_library(membership.library_id),
        "membership": membership.uid,
        "today": clock.today(),
    }
    return "losses/_reader_panel.html", values


def _owed(session: Session, membership_id: int) -> list[tuple[Compensation, str]]:
    """Open compensations with the titles."""
    query = (
        select(Compensation, Record)
        .join(Item, Item.id == Compensation.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Compensation.membership_id == membership_id, is_open())
        .order_by(Compensation.asked_at)
    )
    return [(one, record.full_title) for one, record in session.execute(query)]


def _suspensions(session: Session, membership_id: int) -> list[tuple[Suspension, UUID, str]]:
    """Those that stand today, lifted or not, with the act that names the loan, and the title."""
    query = (
        select(Suspension, Act.uid, Record)
        .join(Loan, Loan.id == Suspension.loan_id)
        .join(Act, Act.id == Loan.act_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Suspension.membership_id == membership_id, Suspension.voided.is_(False))
        .where(Suspension.until_on >= clock.today())
        .order_by(Suspension.until_on.desc(), Suspension.id)
    )
    return [(one, act, record.full_title) for one, act, record in session.execute(query)]


def _books(session: Session, membership_id: int) -> list[tuple[UUID, str, Loan]]:
    """Every book out, to say something of it."""
    query = (
        select(Act.uid, Record, Loan)
        .select_from(Loan)
        .join(Act, Act.id == Loan.act_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id == membership_id, still_out())
        .order_by(Loan.due_on, Loan.id)
    )
    return [(act, record.full_title, loan) for act, record, loan in session.execute(query)]


PANELS["losses"] = panel
