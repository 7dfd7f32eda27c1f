"""Loans and holds follow their readers; terms go over where the successor says nothing."""

from collections import defaultdict

from sqlalchemy import Update, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.loans.models import Hold, Loan, Terms
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed
from library.patrons.succession import merged, same_categories


def take_over(session: Session, what: Succession) -> Told:
    followed = 0
    for ended, kept in merged(session, what).items():
        _end_double_holds(session, ended, kept)
        loans = update(Loan).where(Loan.membership_id == ended).values(membership_id=kept)
        holds = update(Hold).where(Hold.membership_id == ended).values(membership_id=kept)
        followed += changed(session, loans) + changed(session, holds)
    return [("lượt mượn và giữ chỗ theo thẻ đã nhập", followed), ("dòng chính sách mượn", _terms(session, what))]


def _end_double_holds(session: Session, ended: int, kept: int) -> None:
    """Who waited for a title at both waits once: where a copy is kept for them, else where they asked first."""
    query = select(Hold).where(Hold.membership_id.in_((ended, kept)), Hold.ended_at.is_(None))
    of_title = defaultdict(list)
    for hold in session.scalars(query.order_by(Hold.item_id.is_(None), Hold.placed_at, Hold.id)):
        of_title[hold.record_id].append(hold)
    for _, *later in of_title.values():
        for hold in later:
            hold.ended_at, hold.ended_why = max(clock.now(), hold.placed_at), "merged"
    session.flush()


def _terms(session: Session, what: Succession) -> int:
    """A category of which the successor says nothing, not even with its line for all others; then that line."""
    for here, there in same_categories(session, what).items():
        changed(session, update(Terms).where(Terms.category_id == here).values(category_id=there))
    theirs = aliased(Terms)
    said = or_(theirs.category_id == Terms.category_id, theirs.category_id.is_(None))
    mine = update(Terms).where(Terms.library_id == what.old.id, ~exists().where(theirs.library_id == what.new.id, said))
    one_by_one = mine.where(Terms.category_id.is_not(None)).values(library_id=what.new.id)
    return changed(session, one_by_one) + changed(session, _for_all_others(what))


def _for_all_others(what: Succession) -> Update:
    theirs = aliased(Terms)
    has = exists().where(theirs.library_id == what.new.id, theirs.category_id.is_(None))
    mine = update(Terms).where(Terms.library_id == what.old.id, Terms.category_id.is_(None), ~has)
    return mine.values(library_id=what.new.id)


SUCCESSION["loans"] = Part(take_over, leaves={"terms.library_id": "lines of which the successor has its own"})
