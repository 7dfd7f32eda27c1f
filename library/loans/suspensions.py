"""Who brought a book back late borrows nothing for some days. Worked out from the loan, and again after every late fact.

A loan that was settled, or that ended because somebody else was lent the book, brings none: nobody saw when it came back.
Two suspensions do not add up: the later day of both holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import history, settling
from library.loans.models import EndWhy, Loan, Suspension
from library.policies.values import NO_LIMIT


def days_of(due_on: date, ended_on: date, penalty: Mapping[str, Any]) -> int:
    """Days without borrowing for a book due on one day and brought on another.

    `penalty` as lent: `grace` days cost nothing; once over, they count too if `counts`; `per_day` days for each day
    late; never more than `most` (NO_LIMIT or nothing: no cap).
    """
    late, grace = (ended_on - due_on).days, int(penalty.get("grace") or 0)
    if late <= grace:
        return 0
    days = (late if penalty.get("counts") else late - grace) * int(penalty.get("per_day") or 0)
    most = penalty.get("most")
    return days if most in (None, NO_LIMIT) else min(days, int(most))


@dataclass(frozen=True)
class Spell:
    """From the day of the return through the last day without borrowing."""

    from_on: date
    until_on: date


@dataclass(frozen=True)
class Facts:
    """What a suspension follows from. `forgiven`: an amnesty that stands."""

    due_on: date
    ended_at: datetime | None
    ended_why: EndWhy | None
    penalty: Mapping[str, Any] | None
    forgiven: bool = False


def spell_of(facts: Facts) -> Spell | None:
    """The suspension that follows, if one does."""
    if facts.ended_at is None or facts.ended_why is not EndWhy.RETURNED or not facts.penalty or facts.forgiven:
        return None
    day = clock.day_of(facts.ended_at)
    days = days_of(facts.due_on, day, facts.penalty)
    return Spell(day, day + timedelta(days=min(days, (date.max - day).days))) if days > 0 else None


# Keeping the rows what the loans say


def weigh(session: Session, which: ColumnElement[bool]) -> None:
    """Make the suspensions of these loans what they should be: one statement, and more only where one changes."""
    query = (
        select(Loan, Act.voided_by, Suspension)
        .outerjoin(Act, Act.id == Loan.amnesty_by)
        .outerjoin(Suspension, (Suspension.loan_id == Loan.id) & Suspension.voided.is_(False))
        .where(which, (Loan.penalty.is_not(None)) | (Suspension.id.is_not(None)))
    )
    for loan, amnesty_voided, has in session.execute(query.execution_options(populate_existing=True)).all():
        forgiven = loan.amnesty_by is not None and amnesty_voided is None
        facts = Facts(loan.due_on, loan.ended_at, loan.ended_why, loan.penalty, forgiven)
        _put(session, loan, has, None if loan.voided else spell_of(facts))


def _put(session: Session, loan: Loan, has: Suspension | None, wanted: Spell | None) -> None:
    """A changed suspension is voided and told anew; one that was lifted stays lifted."""
    if (Spell(has.from_on, has.until_on) if has else None) == wanted and (not has or has.act_id == loan.ended_by):
        return
    if has:
        session.execute(update(Suspension).where(Suspension.id == has.id).values(voided=True))
    if wanted:
        lifted = {name: getattr(has, name) for name in ("lifted_at", "lifted_by", "lifted_why")} if has else {}
        session.execute(
            insert(Suspension).values(
                loan_id=loan.id, act_id=loan.ended_by, membership_id=loan.membership_id, from_on=wanted.from_on,
                until_on=wanted.until_on, voided=False, **lifted,
            )
        )  # fmt: skip


def recast(session: Session, item_id: int) -> None:
    """After a copy's loans were sorted anew."""
    weigh(session, Loan.item_id == item_id)


def follow(session: Session, moved: Moved) -> None:
    """Books that came back by this movement. What came late is told by `settling`, once the loans are sorted."""
    if moved.settled and history.ends(moved.why, moved.basis):
        weigh(session, Loan.item_id.in_(moved.settled) & (Loan.ended_by == moved.act_id))


def undone(session: Session, what: Undone) -> None:
    """A voided act forgives nobody any more, and lifts nothing."""
    mine = update(Suspension).where(Suspension.lifted_by == what.act_id)
    session.execute(mine.values(lifted_at=None, lifted_by=None, lifted_why=None))
    weigh(session, (Loan.amnesty_by == what.act_id) | (Loan.act_id == what.act_id))


# Asking, lifting


def standing(session: Session, membership_id: int, today: date) -> Sequence[Suspension]:
    """Those that hold today, the longest first."""
    query = select(Suspension).where(
        Suspension.membership_id == membership_id, Suspension.until_on >= today, Suspension.voided.is_(False),
        Suspension.lifted_at.is_(None),
    )  # fmt: skip
    return session.scalars(query.order_by(Suspension.until_on.desc(), Suspension.id)).all()


class LiftedAlready(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("lifted-already", N_("Lần ngừng mượn này đã bỏ rồi.")))


def lift(session: Session, doing: Doing, suspension_id: int, reason: str) -> int:
    """The reader may borrow again from now on; the act's id. Raises LiftedAlready."""
    query = select(Suspension).where(Suspension.id == suspension_id).with_for_update()
    one = session.scalars(query.execution_options(populate_existing=True)).one()
    if one.lifted_at is not None or one.voided:
        raise LiftedAlready
    now = doing.at or clock.now()
    act_id = acts.write(session, doing, "lift-suspension", now)
    one.lifted_at, one.lifted_by, one.lifted_why = now, act_id, reason
    session.flush()
    return act_id


FOLLOWERS.moved["suspensions"] = follow
FOLLOWERS.undone["suspensions"] = undone
settling.RECAST.append(recast)
