"""Accounts work with the successor from their next request on; roles that still hold go over."""

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.accounts.models import Account, Grant
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over


def take_over(session: Session, what: Succession) -> Told:
    accounts = hand_over(session, what, Account)
    grants = _grants(session, what)
    return [("tài khoản", accounts), ("quyền được giao", grants)]


def _grants(session: Session, what: Succession) -> int:
    """Those that hold, unless the account has the same role at the successor: that one ends with the old library."""
    double = select(Grant.id).where(Grant.library_id == what.old.id, _holds(Grant, what), _same_there(what))
    doubles = list(session.scalars(double))
    mine = update(Grant).where(Grant.library_id == what.old.id, _holds(Grant, what))
    ended = {"to_on": func.coalesce(Grant.to_on, Grant.from_on)}
    changed(session, mine.where(Grant.id.in_(doubles), Grant.from_on > what.on).values(ended))
    changed(session, mine.where(Grant.id.in_(doubles), Grant.from_on <= what.on).values(to_on=what.on))
    return changed(session, mine.where(Grant.id.not_in(doubles)).values(library_id=what.new.id))


def _holds(grant: type[Grant], what: Succession) -> ColumnElement[bool]:
    return or_(grant.to_on.is_(None), grant.to_on > what.on)


def _same_there(what: Succession) -> ColumnElement[bool]:
    there = aliased(Grant)
    same = and_(
        there.class_id.is_not_distinct_from(Grant.class_id), there.branch_id.is_not_distinct_from(Grant.branch_id)
    )
    query = select(there.id).where(there.library_id == what.new.id, there.account_id == Grant.account_id)
    return query.where(there.role == Grant.role, same, _holds(there, what)).exists()


SUCCESSION["accounts"] = Part(
    take_over,
    moves=frozenset({"account.library_id"}),
    leaves={
        "grant.library_id": "roles that had ended, or that the account has at the successor already",
        "account_rule.library_id": "the successor is as careful as it was",
    },
)
