"""What a reader holds and waits for, on the reader's page of `patrons`."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item
from library.loans.models import Hold, Loan
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.patrons.panels import PANELS, Panel


def panel(session: Session, membership: Membership) -> Panel:
    """Three statements, however many books."""
    values = {
        "held": _held(session, membership.id),
        "waits": _waits(session, membership.id),
        "ever": _ever(session, membership.id),
        "late": late,
    }
    return "loans/_reader_panel.html", values


def late(due_on: date) -> int:
    """Days since the last day; 0 while it is still in time."""
    return max((clock.today() - due_on).days, 0)


def _held(session: Session, membership_id: int) -> list[tuple[Loan, str]]:
    """Open loans with the name of the branch where they were lent, the earliest due first."""
    query = (
        select(Loan, Branch.name)
        .join(Loan.item)
        .join(Item.record)
        .join(Branch, Branch.id == Loan.branch_id)
        .options(contains_eager(Loan.item).contains_eager(Item.record))
        .where(Loan.membership_id == membership_id, Loan.ended_at.is_(None), Loan.voided.is_(False))
        .order_by(Loan.due_on, Loan.id)
    )
    return [(loan, branch) for loan, branch in session.execute(query)]


def _waits(session: Session, membership_id: int) -> list[tuple[Record, date | None]]:
    """Titles waited for, with the day until which a copy is kept."""
    query = select(Record, Hold.keep_until).join(Hold, Hold.record_id == Record.id)
    query = query.where(Hold.membership_id == membership_id, Hold.ended_at.is_(None)).order_by(Hold.placed_at)
    return [(record, keep_until) for record, keep_until in session.execute(query)]


def _ever(session: Session, membership_id: int) -> int:
    query = select(func.count(Loan.id)).where(Loan.membership_id == membership_id, Loan.voided.is_(False))
    return session.scalar(query) or 0


PANELS["loans"] = panel
