"""Changing when a branch opens: its weekdays, and the days on which it is closed."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from library.calendars.models import Closure, OpenDay

EVERY_DAY = frozenset(range(7))


def weekdays(session: Session, branch_id: int) -> frozenset[int]:
    """Weekdays on which it opens, 0 is Monday; all seven where none are set."""
    found = frozenset(session.scalars(select(OpenDay.weekday).where(OpenDay.branch_id == branch_id)))
    return found or EVERY_DAY


def set_weekdays(session: Session, branch_id: int, days: Iterable[int]) -> None:
    """All seven are kept as none, which means the same and stays true. Raises ValueError for no day at all."""
    chosen = set(days)
    if not chosen or not chosen <= EVERY_DAY:
        raise ValueError("a branch opens on one weekday at least")
    session.execute(delete(OpenDay).where(OpenDay.branch_id == branch_id))
    if chosen != EVERY_DAY:
        session.execute(insert(OpenDay), [{"branch_id": branch_id, "weekday": day} for day in sorted(chosen)])


def closures(session: Session, branch_id: int, since: date) -> Sequence[Closure]:
    """Those not yet over at `since`, the nearest first."""
    query = select(Closure).where(Closure.branch_id == branch_id, Closure.last_on >= since)
    return session.scalars(query.order_by(Closure.first_on, Closure.id)).all()


def close(session: Session, branch_id: int, first: date, last: date, why: str) -> Closure:
    made = Closure(branch_id=branch_id, first_on=first, last_on=last, why=why)
    session.add(made)
    session.flush()
    return made


def open_again(session: Session, closure: Closure) -> None:
    session.delete(closure)
    session.flush()
