"""Waits of a reader who turned out to be another one: who waits for a title twice waits once, in the better place."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.loans.models import Hold


def move(session: Session, act_id: int, there: int, here: int) -> tuple[list[int], list[list[int]]]:
    """(holds that went over, [the one that ended, the one that goes on] for titles both waited for)."""
    query = select(Hold).where(Hold.membership_id.in_((there, here))).order_by(Hold.id).with_for_update()
    holds = session.scalars(query).all()
    waiting = {one.record_id: one for one in holds if one.membership_id == here and one.ended_at is None}
    twice = [(one, waiting[one.record_id]) for one in holds if _waits_too(one, there) and one.record_id in waiting]
    ended = [[worse.id, better.id] for better, worse in (sorted(pair, key=_place) for pair in twice)]
    over = {"ended_at": clock.now(), "ended_by": act_id, "ended_why": "merged"}
    session.execute(update(Hold).where(Hold.id.in_([worse for worse, _ in ended])).values(over))
    ids = [one.id for one in holds if one.membership_id == there]
    session.execute(update(Hold).where(Hold.id.in_(ids)).values(membership_id=here))
    session.expire_all()
    return ids, ended


def _waits_too(hold: Hold, membership_id: int) -> bool:
    return hold.membership_id == membership_id and hold.ended_at is None


def _place(hold: Hold) -> tuple[bool, object, int]:
    """With a copy set aside, else since the earlier day."""
    return hold.item_id is None, hold.placed_at, hold.id


def give_back(session: Session, ids: Sequence[int], there: int, here: int) -> None:
    session.execute(update(Hold).where(Hold.id.in_(ids), Hold.membership_id == here).values(membership_id=there))


def reopen(session: Session, act_id: int, ended: Sequence[Sequence[int]]) -> None:
    """Both wait again, unless the book has come to them since."""
    session.expire_all()
    for worse, better in ended:
        goes_on = session.scalar(select(Hold.id).where(Hold.id == better, Hold.ended_at.is_(None)))
        hold = session.get_one(Hold, worse)
        if goes_on and hold.ended_by == act_id:
            hold.ended_at = hold.ended_by = hold.ended_why = None
            if hold.item_id and _kept_for_another(session, hold):
                hold.item_id = hold.captured_by = hold.keep_until = None
            session.flush()


def _kept_for_another(session: Session, hold: Hold) -> bool:
    other = select(Hold.id).where(Hold.item_id == hold.item_id, Hold.ended_at.is_(None), Hold.id != hold.id)
    with session.no_autoflush:
        return session.scalar(other) is not None
