"""How long a ready copy waits for its reader: so many days, or so many openings of a stop."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars.openings import Calendar, calendar_of, next_open
from library.catalogue.models import Record
from library.core import versions
from library.holdings.models import Item
from library.loans.models import Hold
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.policies import rulebook

DAY = timedelta(days=1)


def nth_opening(calendar: Calendar, day: date, count: int) -> date | None:
    """The day of the `count`-th opening from `day` on, `day` included; None if so many are not known yet. Pure."""
    found = day - DAY
    for _ in range(count):
        found = next_open(calendar, found + DAY)
        if not calendar.is_open(found):
            return None
    return found


def keeps_until(
    session: Session, where: tuple[int, int], today: date, keep_days: int, visits: int | None
) -> date | None:
    """The last day a copy ready since `today` waits at (branch, place), never a closed day. None: nobody has said yet
    when the stop opens again."""
    branch_id, place_id = where
    if visits:
        return nth_opening(calendar_of(session, branch_id, today, place_id), today, visits)
    return next_open(calendar_of(session, branch_id, today), today + timedelta(days=keep_days))


def days_for(session: Session, hold_id: int) -> int:
    """How many days the library where it is fetched keeps a copy for such a reader."""
    query = (
        select(Branch.organisation_id, Membership.category_id, Item.item_class_id, Record.kind, Record.format)
        .select_from(Hold)
        .join(Branch, Branch.id == Hold.branch_id)
        .join(Record, Record.id == Hold.record_id)
        .outerjoin(Membership, Membership.id == Hold.membership_id)
        .outerjoin(Item, Item.id == Hold.item_id)
        .where(Hold.id == hold_id)
    )
    library_id, category_id, item_class_id, kind, format_ = session.execute(query).one()
    book = rulebook.of(session, library_id, versions.of(session, rulebook.RULES))
    return book.resolve(category_id, book.sort_of(item_class_id, kind, format_)).values.hold_keep_days
