"""How careful a library is: when its desks lock, and who needs a second factor."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from library.accounts.models import AccountRule, RoleName

LONGEST = 120
"""Minutes. Two hours without a key pressed is as good as never."""


def rule_of(session: Session, library_id: int) -> AccountRule:
    """The library's rule, made when first asked for in a writing request; not kept until then."""
    return session.get(AccountRule, library_id) or AccountRule(library_id=library_id, lock_minutes=None, second_for=[])


def set_lock(session: Session, library_id: int, minutes: int) -> bool:
    """0 is never. Whether it is another number than before."""
    rule = rule_of(session, library_id)
    changed, rule.lock_minutes = rule.lock_minutes != minutes, minutes
    session.add(rule)
    return changed


def require_second(session: Session, library_id: int, roles: Iterable[RoleName]) -> bool:
    """For these roles, here and everywhere below, from each one's next sign-in on."""
    rule, wanted = rule_of(session, library_id), sorted(role.value for role in roles)
    changed, rule.second_for = rule.second_for != wanted, wanted
    session.add(rule)
    return changed
