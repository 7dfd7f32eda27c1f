"""Lost and found: whoever scans a book that was lost repairs everything, and undoing that scan brings it all back.

Follows the ledger. What is not marked and asks no compensation costs one statement; the desk spares even that.
"""

from collections.abc import Iterable

from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session, aliased

from library.core.errors import N_, Reason, Refused
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.holdings.models import Basis
from library.loans import compensation, condition, marks, settling
from library.loans import suspensions as suspensions  # follows before
from library.loans.models import Compensation, Loan, LoanMark, Settlement


def follow(session: Session, moved: Moved) -> None:
    """A copy was seen. What came late is told by `settling`, once the loans are sorted."""
    if moved.basis in (Basis.SCAN, Basis.COUNT) and moved.settled:
        for item in touched(session, moved.settled):
            recast(session, item)


def touched(session: Session, items: Iterable[int]) -> list[int]:
    """Those of the copies of which something was said or asked."""
    marked = select(Loan.item_id).join(LoanMark, LoanMark.loan_id == Loan.id).where(Loan.item_id.in_(items))
    asked = select(Compensation.item_id).where(Compensation.item_id.in_(items))
    return sorted(session.scalars(union(marked, asked)))


def recast(session: Session, item_id: int) -> None:
    """Work out anew what is lost and what was found."""
    marks.recast(session, item_id)
    compensation.recast(session, item_id)


RESTS = Reason("losses-rest", N_("Biên bản này đã giải quyết hoặc đã trả lại tiền rồi. Hoàn tác việc sau trước."))


def check_undo(session: Session, act_id: int) -> None:
    """Raises Refused where something was settled that this act asked, or refunded that it settled."""
    settled = and_(Compensation.act_id == act_id, Compensation.settled_at.is_not(None))
    proposed = select(Settlement.id).where(
        Settlement.compensation_id == Compensation.id, Settlement.decided_by.is_(None), ~Settlement.voided
    )
    waits = and_(Compensation.act_id == act_id, proposed.exists())
    refunded = and_(Compensation.settled_by == act_id, Compensation.refunded.is_not(None))
    query = select(Compensation.id).where(or_(settled, waits, refunded), ~Compensation.voided)
    if session.scalar(query.limit(1)) or _was_declined_and_gone_on(session, act_id):
        raise Refused(RESTS)


def _was_declined_and_gone_on(session: Session, act_id: int) -> bool:
    """The act declined what somebody proposed, and since then something else is proposed, or it is over."""
    other = aliased(Settlement)
    anew = select(other.id).where(
        other.compensation_id == Settlement.compensation_id, other.decided_by.is_(None), ~other.voided
    )
    over = or_(Compensation.settled_at.is_not(None), Compensation.voided, anew.exists())
    query = select(Settlement.id).join(Compensation, Compensation.id == Settlement.compensation_id)
    declined = Settlement.decided_by == act_id, Settlement.agreed.is_(False), ~Settlement.voided
    return session.scalar(query.where(*declined, over).limit(1)) is not None


def undone(session: Session, what: Undone) -> None:
    """What the voided act said, asked, settled or reported is as it was before."""
    marks.unsay(session, what.act_id)
    compensation.unsay(session, what.act_id)
    condition.unsay(session, what.act_id)


FOLLOWERS.moved["losses"] = follow
FOLLOWERS.undone["losses"] = undone
settling.RECAST.append(recast)
