"""What is owed follows the readers and the books; minutes keep their numbers, with the old library's mark behind."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.loans.models import Compensation, LossSetting, Suspension
from library.organisations.inheriting import Succession, changed, hand_over

MOVES = frozenset({"compensation.library_id"})
LEAVES = {"loss_setting.library_id": "the successor's own decision holds"}


def follow(session: Session, ended: int, kept: int) -> int:
    """Rows of one membership become another's; how many."""
    followed = 0
    for one in (Suspension, Compensation):
        followed += changed(session, update(one).where(one.membership_id == ended).values(membership_id=kept))
    return followed


def take_over(session: Session, what: Succession) -> int:
    """How many minutes went over."""
    _renumber(session, what)
    hand_over(session, what, LossSetting, same=())
    return hand_over(session, what, Compensation)


def _renumber(session: Session, what: Succession) -> None:
    """12/2026 becomes 12/2026/TNT, whether the successor has such a number or will come to it. One that has a mark
    already keeps it, unless that is taken too."""
    taken = set(session.scalars(select(Compensation.minutes_no).where(Compensation.library_id == what.new.id)))
    mine = select(Compensation).where(Compensation.library_id == what.old.id).order_by(Compensation.id)
    for one in session.scalars(mine).all():
        number = one.minutes_no or ""
        if number in taken or number.count("/") == 1:
            one.minutes_no = next(said for mark in what.marks() if (said := f"{number}/{mark}") not in taken)
        taken.add(one.minutes_no)
    session.flush()
