"""How often titles are lent, counted anew every night, some thousand titles at a time.

The count of the last year cannot be kept up to date by adding: loans grow old. `stamp` remembers how far the night got.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core.db import Stamp, bump
from library.finding.models import TitleLoans
from library.holdings.models import Item
from library.jobs.nightly import forgets
from library.loans.models import Loan

SOME = 2000
A_YEAR = timedelta(days=365)
AT = "title-loans"


@forgets("title-loans")
def count_some(session: Session, now: datetime) -> bool:
    """The next titles; whether there are more."""
    done = session.scalar(select(Stamp.number).where(Stamp.name == AT)) or 0
    last = session.scalar(select(func.max(Record.id))) or 0
    _count(session, done, done + SOME, now - A_YEAR)
    more = done + SOME < last
    bump(session, AT)
    session.execute(update(Stamp).where(Stamp.name == AT).values(number=done + SOME if more else 0))
    return more


def _count(session: Session, above: int, to: int, since: datetime) -> None:
    """Titles with an id in (above, to]."""
    session.execute(delete(TitleLoans).where(TitleLoans.record_id > above, TitleLoans.record_id <= to))
    lent = (
        select(Item.record_id, func.count())
        .join(Loan, Loan.item_id == Item.id)
        .where(Item.record_id > above, Item.record_id <= to, Loan.lent_at >= since, Loan.voided.is_(False))
        .group_by(Item.record_id)
    )
    session.execute(insert(TitleLoans).from_select(["record_id", "loans"], lent))
