"""What a reader holds and waits for, on the reader's page of `patrons`."""

from datetime import date
from typing import Any

from flask import has_request_context, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from library.catalogue.models import Record
from library.core import clock
from library.core.paging import Page, page_number
from library.holdings.models import Item, Place
from library.loans import self_pins, wording
from library.loans.models import Hold, Loan, still_out
from library.loans.notes_views import LONGEST
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.patrons.panels import PANELS, Panel

A_PAGE = 50
PAGE = "sach"
"""In the address: which page of the books held."""


def panel(session: Session, membership: Membership) -> Panel:
    """Five statements, however many books."""
    held = _held(session, membership)
    values = {
        "reader": membership,
        "held": held.rows,
        "page": held,
        "page_address": lambda number: url_for("patrons.person", uid=membership.uid, **{PAGE: number}),
        "waits": _waits(session, membership.id),
        "ever": _ever(session, membership.id),
        "has_pin": self_pins.has_one(session, membership.id),
        "longest": LONGEST,
        "late": late,
    }
    return "loans/_reader_panel.html", values


def late(due_on: date) -> int:
    """Days since the last day; 0 while it is still in time."""
    return max((clock.today() - due_on).days, 0)


def _number(membership: Membership) -> int:
    """Which page is asked for: of the reader whose page it is, not of the same person's other libraries."""
    if not has_request_context() or (request.view_args or {}).get("uid") != membership.uid:
        return 1
    return page_number(request.args.get(PAGE))


def _held(session: Session, membership: Membership) -> Page[Any]:
    """A page of the open loans with the name of the branch where they were lent, the earliest due first."""
    mine = (Loan.membership_id == membership.id, still_out())
    total = session.scalar(select(func.count(Loan.id)).where(*mine)) or 0
    page: Page[Any] = Page((), _number(membership), A_PAGE, total)
    number = min(page.number, page.last)
    query = (
        select(Loan, Branch.name)
        .join(Loan.item)
        .join(Item.record)
        .join(Branch, Branch.id == Loan.branch_id)
        .options(contains_eager(Loan.item).contains_eager(Item.record))
        .where(*mine)
        .order_by(Loan.due_on, Loan.id)
        .limit(A_PAGE)
        .offset((number - 1) * A_PAGE)
    )
    return Page([(loan, branch) for loan, branch in session.execute(query)], number, A_PAGE, total)


def _waits(session: Session, membership_id: int) -> list[tuple[Record, date | None, str]]:
    """Titles waited for, with the day until which a copy is kept, and where."""
    query = select(Record, Hold.keep_until, Place.name).join(Hold, Hold.record_id == Record.id)
    query = query.outerjoin(Place, Place.id == Hold.place_id)
    query = query.where(Hold.membership_id == membership_id, Hold.ended_at.is_(None)).order_by(Hold.placed_at)
    return [(record, keep_until, wording.hold_place(place)) for record, keep_until, place in session.execute(query)]


def _ever(session: Session, membership_id: int) -> int:
    query = select(func.count(Loan.id)).where(Loan.membership_id == membership_id, Loan.voided.is_(False))
    return session.scalar(query) or 0


PANELS["loans"] = panel
