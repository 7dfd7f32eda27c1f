"""A stop does not open on a day that was told: what is due there goes to its next opening, in the caller's transaction.

The same moves as for closures (`closing`), narrowed to one place; they go back with the act that made them.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import and_, exists, or_, select, union
from sqlalchemy.orm import Session, aliased

from library.calendars.days import DAY, Calendar
from library.calendars.models import PlaceOpening
from library.core import clock
from library.inbox.acts import Doing
from library.loans import closing
from library.loans.closing import Reach
from library.loans.models import DueMove, DueShift, Hold, Loan, still_out

Where = tuple[int, int, int]
"""Ids of library, branch, place."""
Days = tuple[date, date]
"""First and last."""


def shift(session: Session, doing: Doing, where: Where, first: date, last: date, why: str) -> tuple[DueShift, int]:
    """The shift, and how many dates it moved. The openings of the place are already those that hold now. `doing.uid`
    names the act of the shift."""
    library_id, branch_id, place_id = where
    made = closing.begin(session, doing, Reach(library_id, branch_id, first, last, place_id), why)
    return made, _all(session, made, closing.move)


def _all(session: Session, made: DueShift, step: closing.Step) -> int:
    count, more = step(session, made)
    while more:
        further, more = step(session, made)
        count += further
    return count


def astray(session: Session, place_ids: Collection[int]) -> Mapping[int, set[date]]:
    """By place, days from today on that something is due there though it does not open (one statement)."""
    loans = select(Loan.place_id.label("place"), Loan.due_on.label("day")).where(
        still_out(), Loan.place_id.in_(place_ids), Loan.due_on >= clock.today()
    )
    kept = select(Hold.place_id, Hold.keep_until).where(
        Hold.ended_at.is_(None), Hold.item_id.is_not(None), Hold.place_id.in_(place_ids),
        Hold.keep_until >= clock.today(),
    )  # fmt: skip
    due = union(loans, kept).subquery()
    opens = exists().where(PlaceOpening.place_id == due.c.place, PlaceOpening.day == due.c.day)
    found: dict[int, set[date]] = {}
    for place, day in session.execute(select(due.c.place, due.c.day).where(~opens)):
        found.setdefault(place, set()).add(day)
    return found


def spans(calendar: Calendar, days: Iterable[date], told: Collection[date]) -> list[Days]:
    """Pure: what to look at so that all that is due on `days` is found, and nothing that is due on a day of `told`.

    Each goes on to the day before the next opening, so that what is lent meanwhile by the old days is found too.
    """
    wanted, found = sorted(set(days) - set(told)), list[Days]()
    for day in wanted:
        if found and day <= found[-1][1]:
            continue
        to = closing.goes_to(calendar, day)
        last = to - DAY if to else wanted[-1]
        found.append((day, min([last, *(one - DAY for one in told if day < one <= last)])))
    return found


def moved_on(session: Session, shift_ids: Collection[int]) -> bool:
    """Whether a later shift, still standing, moved on what these moved: that one goes back first."""
    mine, later = aliased(DueMove), aliased(DueMove)
    same = or_(later.loan_id == mine.loan_id, later.hold_id == mine.hold_id)
    query = (
        select(later.id)
        .join(mine, and_(same, later.id > mine.id, later.before_on == mine.after_on))
        .outerjoin(Loan, Loan.id == mine.loan_id)
        .where(mine.shift_id.in_(shift_ids), mine.undone.is_(False), mine.before_on >= clock.today())
        .where(later.shift_id.not_in(shift_ids), later.undone.is_(False), Loan.ended_at.is_(None))
    )
    return session.execute(query.limit(1)).first() is not None


def put_back(session: Session, doing: Doing, made: DueShift) -> int:
    """Dates go back to what they were, but for what was renewed, returned or moved on since; how many. Raises TooLate,
    AlreadyUndone."""
    closing.put_back(session, doing, made)
    return _all(session, made, closing.restore)
