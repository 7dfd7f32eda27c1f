"""The night thinks that what is overdue for very long is lost. An inference: the loan goes on, and any scan says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from library.catalogue.models import Format, Record
from library.core import clock, versions
from library.core.errors import N_
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs.nights import nightly
from library.loans import marks
from library.loans.models import Loan, LoanMark, MarkKind, still_out
from library.organisations.models import Branch
from library.patrons.models import Membership
from library.policies import rulebook
from library.policies.values import NO_LIMIT, Channel

AT_ONCE = 200


@dataclass(frozen=True)
class Sort:
    """Loans for which the rules say the same."""

    branch_id: int
    library_id: int
    category_id: int | None
    item_class_id: int | None
    kind: str | None
    format: Format
    channel: str


@nightly("long-overdue", N_("Ghi mất những cuốn quá hạn rất lâu"))
def give_up(session: Session, day: date) -> tuple[int, bool]:
    """Mark some of the loans that are over the days their rules allow."""
    room = AT_ONCE
    for sort in _sorts(session, day):
        after = lost_after(session, sort)
        if after is not None and room > 0:
            room -= _mark(session, sort, day, _late(sort, day - timedelta(days=after)).limit(room))
    return AT_ONCE - room, room == 0


def _sorts(session: Session, day: date) -> Sequence[Sort]:
    columns = (
        Loan.branch_id, Branch.organisation_id, Membership.category_id, Loan.item_class_id, Record.kind, Record.format,
        Loan.channel,
    )  # fmt: skip
    query = _joined(select(*columns)).where(Loan.due_on < day, *_silent()).distinct().order_by(Loan.branch_id)
    return [Sort(*row) for row in session.execute(query)]


def _joined(query: Any) -> Any:
    return (
        query.select_from(Loan)
        .join(Branch, Branch.id == Loan.branch_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .outerjoin(Membership, Membership.id == Loan.membership_id)
    )


def _silent() -> tuple[ColumnElement[bool], ...]:
    """Open loans of which nothing is said, nor was taken back since they are due."""
    taken_back = select(LoanMark.id).where(
        LoanMark.loan_id == Loan.id, LoanMark.kind == MarkKind.CLEARED, LoanMark.voided.is_(False),
        LoanMark.occurred_at > Loan.due_on,
    )  # fmt: skip
    open_ = (still_out(), Loan.lost_at.is_(None), Loan.claimed_at.is_(None))
    return (*open_, ~taken_back.exists())


def lost_after(session: Session, sort: Sort) -> int | None:
    """Days overdue after which such books count as lost at that library; None: never."""
    book = rulebook.of(session, sort.library_id, versions.of(session, rulebook.RULES))
    copies = book.sort_of(sort.item_class_id, sort.kind, sort.format)
    after = book.resolve(sort.category_id, copies, Channel(sort.channel)).values.lost_after_days
    return None if after == NO_LIMIT else after


def _late(sort: Sort, limit: date) -> Any:
    """Due before that day, and not held before a scanner since: who shows the book has not lost it. What a desk has in
    its hand this moment is left for another night."""
    alike = (
        Loan.branch_id == sort.branch_id, Membership.category_id.is_not_distinct_from(sort.category_id),
        Loan.item_class_id.is_not_distinct_from(sort.item_class_id), Record.kind.is_not_distinct_from(sort.kind),
        Record.format == sort.format, Loan.channel == sort.channel,
    )  # fmt: skip
    since = datetime.combine(limit, time(), clock.HERE)
    query = _joined(select(Loan.id, Loan.item_id, Item.seen_at))
    late = query.where(*alike, *_silent(), Loan.due_on < limit, Item.seen_at < since).order_by(Loan.id)
    return late.with_for_update(of=(Item, Loan), key_share=True, skip_locked=True)


def _mark(session: Session, sort: Sort, day: date, which: Select[Any]) -> int:
    """One act for the loans of a branch; how many."""
    rows = session.execute(which).all()
    if rows:
        at = max(clock.now(), *(row.seen_at + clock.TICK for row in rows))
        act_id = acts.write(session, Doing.now(branch_id=sort.branch_id), "long-overdue", at)
        for row in rows:
            marks.add(session, act_id, row.id, row.item_id, MarkKind.LONG_OVERDUE, at)
    return len(rows)
