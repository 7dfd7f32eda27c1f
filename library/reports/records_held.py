"""Rows behind what is looked at (`holding`): copies, titles, books that are lost, loans that are late; who told it, and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, select
from sqlalchemy.orm import Session, aliased, join

from library.accounts.models import Account
from library.catalogue.models import Record
from library.holdings.models import Item, Receipt
from library.inbox.models import Act
from library.loans.models import Compensation, Loan, LoanMark
from library.organisations.models import Branch
from library.reports import holding
from library.reports.tree import Segment

Where = Sequence[ColumnElement[bool]]


def told_by(query: Select[Any], act_id: Any, after: datetime | None = None) -> Select[Any]:
    """With the moment the act was recorded and by whom. `after`: only what was recorded since."""
    told = aliased(Act)
    query = query.join(told, told.id == act_id).outerjoin(Account, Account.uid == told.actor)
    query = query.add_columns(told.recorded_at.label("recorded_at"), Account.name.label("by"))
    return query.where(told.recorded_at > after) if after else query


def rows(session: Session, code: str, segment: Segment, known_at: datetime | None, later: bool) -> list[Select[Any]]:
    """As was known then; `later`: those that count now and did not then, and as minus those that did and do not now. None of
    readers: they are counted, not listed."""
    kind = KINDS.get(code)
    if kind is None:
        return []
    if not later:
        return [kind.draw(_Some(session, kind.which(segment, known_at), known_at))]
    now, then = kind.which(segment, None), kind.which(segment, known_at)
    return [
        kind.draw(_Some(session, now.but(then), None)),
        kind.draw(_Some(session, then.but(now), known_at, -1)),
    ]


@dataclass(frozen=True)
class _Which:
    """Which rows, and what to join to loans to tell them."""

    where: Where
    changes: tuple[Any, ...] = ()

    def but(self, other: "_Which") -> "_Which":
        return _Which([*self.where, not_(and_(*other.where))], (*self.changes, *other.changes))


@dataclass(frozen=True)
class _Some:
    session: Session
    which: _Which
    known_at: datetime | None
    quantity: int = 1

    @property
    def ended(self) -> bool:
        """Those that count no more: told by what ended it."""
        return self.quantity < 0


def _told_of(some: _Some, id_: Any, day: Any) -> tuple[Any, ...]:
    return (
        id_.label("id"), day.label("day"), Record.uid.label("uid"), Record.title.label("what"),
        Item.accession.label("number"), Branch.name.label("branch"), literal(some.quantity).label("quantity"),
    )  # fmt: skip


def _copies(some: _Some, where: Where | None = None) -> Select[Any]:
    query: Any = select(*_told_of(some, Item.id, Item.accessioned_on)).join(Record, Record.id == Item.record_id)
    query = query.join(Branch, Branch.id == Item.branch_id).join(Receipt, Receipt.id == Item.receipt_id)
    off = select(func.max(Compensation.written_off_by)).where(Compensation.item_id == Item.id).scalar_subquery()
    act = func.coalesce(off, Receipt.act_id) if some.ended else Receipt.act_id
    return told_by(query.where(*(some.which.where if where is None else where)), act)


def _titles(some: _Some) -> Select[Any]:
    """A title once, by its first copy."""
    of = holding.title(some.session, some.known_at)
    return _copies(some, [Item.id.in_(select(func.min(Item.id)).where(*some.which.where).group_by(of))])


def _loans(some: _Some, among: Any, day: Any, told: Any) -> Select[Any]:
    query = select(*_told_of(some, Loan.id, day)).select_from(among).join(Item, Item.id == Loan.item_id)
    query = query.join(Record, Record.id == Item.record_id).join(Branch, Branch.id == Loan.branch_id)
    for changes in some.which.changes:
        query = query.outerjoin(changes, changes.c.loan_id == Loan.id)
    return told_by(query.where(*some.which.where), func.coalesce(Loan.ended_by, told) if some.ended else told)


_MARKED = join(Loan, LoanMark, LoanMark.loan_id == Loan.id)


def _late(segment: Segment, known_at: datetime | None) -> _Which:
    changes, where = holding.loans_late(segment, segment.stands, known_at)
    return _Which(where, changes)


@dataclass(frozen=True)
class Kind:
    which: Callable[[Segment, datetime | None], _Which]
    draw: Callable[[_Some], Select[Any]]


def _there(segment: Segment, known_at: datetime | None) -> _Which:
    return _Which(holding.copies_there(segment, segment.stands, known_at))


KINDS: Mapping[str, Kind] = {
    "copies": Kind(_there, _copies),
    "titles": Kind(_there, _titles),
    "copies-added": Kind(lambda one, known: _Which(holding.copies_added(one, one.stands, known)), _copies),
    "copies-lost": Kind(
        lambda one, known: _Which(holding.copies_lost(one, one.stands, known)),
        lambda some: _loans(some, _MARKED, LoanMark.occurred_at, LoanMark.act_id),
    ),
    "loans-overdue": Kind(_late, lambda some: _loans(some, Loan, Loan.due_on, Loan.act_id)),
}
