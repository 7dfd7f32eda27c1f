"""Who owed or was suspended is forgotten with who had the book; the rows stay as figures and papers keep their numbers.

What people wrote of a loss may name anybody: it goes at the same time.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from library.core.db import Model
from library.jobs.nightly import SOME, forgets
from library.loans.losses_queries import is_open
from library.loans.models import Compensation, ConditionReport, Loan, LoanMark, Settlement, Suspension

NOTES_KEPT = timedelta(days=730)
"""Of damage nobody answers for, and of papers without a loan."""


def forget(session: Session, memberships: Collection[int]) -> None:
    """Of these memberships nothing is told any more. Their loans must still name them, or name nobody already."""
    loans = select(Loan.id).where(Loan.membership_id.in_(memberships))
    for which, what, blank in _told(loans):
        session.execute(_blanked(what, which, blank))
    mine = Compensation.membership_id.in_(memberships)
    papers = select(Compensation.id).where(mine)
    session.execute(_blanked(Settlement, Settlement.compensation_id.in_(papers), ("note",)))
    session.execute(_blanked(Suspension, Suspension.membership_id.in_(memberships), ("membership_id", "lifted_why")))
    session.execute(_blanked(Compensation, mine, ("membership_id", "note", "settled_note")))


def _blanked(what: type[Model], which: ColumnElement[bool], columns: Collection[str]):  # type: ignore[no-untyped-def]
    values = dict.fromkeys(columns)
    return update(what).where(which).values(values).execution_options(synchronize_session=False)


def _told(loans: Select[int]) -> list[tuple[ColumnElement[bool], type[Model], tuple[str, ...]]]:
    papers = select(Compensation.id).where(Compensation.loan_id.in_(loans))
    return [
        (LoanMark.loan_id.in_(loans), LoanMark, ("note",)),
        (ConditionReport.loan_id.in_(loans), ConditionReport, ("note",)),
        (Suspension.loan_id.in_(loans), Suspension, ("membership_id", "lifted_why")),
        (Settlement.compensation_id.in_(papers), Settlement, ("note",)),
        (Compensation.loan_id.in_(loans), Compensation, ("membership_id", "note", "settled_note")),
    ]


def owes(memberships: Select[int]) -> Select[int]:
    """Open compensations of these memberships: who owes is not forgotten."""
    return select(Compensation.id).where(Compensation.membership_id.in_(memberships), is_open())


@forgets("losses-of-readers")
def forget_losses(session: Session, now: datetime) -> bool:
    """What hangs on loans whose reader is forgotten, and what is old without a loan. What is still owed waits."""
    forgotten = and_(Loan.membership_id.is_(None), _tells_something(), ~_is_owed())
    loans = list(session.scalars(select(Loan.id).where(forgotten).order_by(Loan.id).limit(SOME)))
    for which, what, blank in _told(select(Loan.id).where(Loan.id.in_(loans))):
        session.execute(_blanked(what, which, blank))
    return len(loans) == SOME or _forget_old(session, now - NOTES_KEPT)


def _tells_something() -> ColumnElement[bool]:
    return or_(
        exists().where(LoanMark.loan_id == Loan.id, LoanMark.note.is_not(None)),
        exists().where(ConditionReport.loan_id == Loan.id, ConditionReport.note.is_not(None)),
        exists().where(
            Suspension.loan_id == Loan.id,
            or_(Suspension.membership_id.is_not(None), Suspension.lifted_why.is_not(None)),
        ),
        exists().where(
            Compensation.loan_id == Loan.id,
            or_(
                *(
                    one.is_not(None)
                    for one in (Compensation.membership_id, Compensation.note, Compensation.settled_note)
                )
            ),
        ),
        exists().where(
            Compensation.loan_id == Loan.id, Settlement.compensation_id == Compensation.id, Settlement.note.is_not(None)
        ),
    )


def _is_owed() -> ColumnElement[bool]:
    return exists().where(Compensation.loan_id == Loan.id, is_open())


def _forget_old(session: Session, limit: datetime) -> bool:
    """Papers and reports that hang on no loan."""
    old = and_(Compensation.loan_id.is_(None), Compensation.settled_at < limit, Compensation.membership_id.is_not(None))
    papers = list(session.scalars(select(Compensation.id).where(old).limit(SOME)))
    session.execute(_blanked(Settlement, Settlement.compensation_id.in_(papers), ("note",)))
    session.execute(_blanked(Compensation, Compensation.id.in_(papers), ("membership_id", "note", "settled_note")))
    seen = and_(
        ConditionReport.loan_id.is_(None), ConditionReport.occurred_at < limit, ConditionReport.note.is_not(None)
    )
    reports = list(session.scalars(select(ConditionReport.id).where(seen).limit(SOME)))
    session.execute(_blanked(ConditionReport, ConditionReport.id.in_(reports), ("note",)))
    return SOME in (len(papers), len(reports))
