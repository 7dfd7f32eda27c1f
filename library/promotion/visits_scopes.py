"""Whose visits a page is about: the branch named in the address, else one's own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from library import access
from library.access import Scope, or_not_found
from library.core import clock
from library.inbox import acts
from library.inbox.models import Act
from library.organisations.models import Branch

MOST = 400


def branches(session: Session, scope: Scope) -> Sequence[Branch]:
    """Open branches within reach, by their library and name."""
    open_ = (Branch.closed_on.is_(None)) | (Branch.closed_on > clock.today())
    query = select(Branch).where(scope.of_branches(Branch.id), open_).options(joinedload(Branch.organisation))
    found = session.scalars(query.limit(MOST)).all()
    return sorted(found, key=lambda one: (one.organisation.name, one.id))


def branch_here(session: Session, named: UUID | None, own: int | None) -> Branch:
    """The branch named, one's own, or any within reach. Raises NotFound."""
    scope = access.here()
    if named is not None:
        return or_not_found(session.scalar(select(Branch).where(Branch.uid == named, scope.of_branches(Branch.id))))
    if own is not None and scope.holds_branch(own):
        return session.get_one(Branch, own)
    return or_not_found(session.scalar(select(Branch).where(scope.of_branches(Branch.id)).order_by(Branch.id).limit(1)))


def act_here(session: Session, uid: UUID, kinds: Sequence[str]) -> Act:
    """An act of these kinds at a branch within reach. Raises NotFound."""
    found = acts.by_uid(session, uid)
    if found is None or found.kind not in kinds or not access.here().holds_branch(found.branch_id):
        return or_not_found(None)
    return found
