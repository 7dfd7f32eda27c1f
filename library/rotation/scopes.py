"""Which sites and batches the person of this request may reach: those they run, and those that come to where they work."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from library.access import Scope, here, or_not_found
from library.rotation.exchanging import Exchange
from library.rotation.models import Batch, BatchState, Crate, Leg, Site


def of_sites(scope: Scope) -> ColumnElement[bool]:
    """The WHERE for sites: run by a library in scope, or standing in a branch in scope."""
    return or_(scope.of_libraries(Site.library_id), scope.of_branches(Site.branch_id))


def of_batches(scope: Scope) -> ColumnElement[bool]:
    """The WHERE for batches: owned by a library in scope, or with a leg from or to a site of a branch in scope. A site sees
    no draft, and none that was to come and does not."""
    at_site = exists().where(
        Leg.batch_id == Batch.id,
        Leg.cancelled_at.is_(None),
        or_(Leg.to_site_id == Site.id, Leg.from_site_id == Site.id),
        scope.of_branches(Site.branch_id),
    )
    told = and_(Batch.state != BatchState.DRAFT, at_site.correlate(Batch))
    return or_(scope.of_libraries(Batch.library_id), told)


def site_here(session: Session, uid: UUID) -> Site:
    """The site, closed ones included; NotFound where it is out of reach, as if there were none."""
    return or_not_found(session.scalar(select(Site).where(Site.uid == uid, of_sites(here()))))


def batch_here(session: Session, uid: UUID) -> Batch:
    return or_not_found(session.scalar(select(Batch).where(Batch.uid == uid, of_batches(here()))))


def own_batch_here(session: Session, uid: UUID) -> Batch:
    """For planning: the library that owns it must be in scope, a site on its way is not enough."""
    return or_not_found(session.scalar(select(Batch).where(Batch.uid == uid, here().of_libraries(Batch.library_id))))


def exchange_here(session: Session, told: Exchange | None) -> Exchange | None:
    """What is told of the other batch of an exchange, to whoever may see that batch (one statement where there is one)."""
    if told is None:
        return None
    return told if session.scalar(select(Batch.id).where(Batch.id == told.other.id, of_batches(here()))) else None


def leg_here(session: Session, uid: UUID) -> Leg:
    query = select(Leg).join(Batch, Batch.id == Leg.batch_id).where(Leg.uid == uid, of_batches(here()))
    return or_not_found(session.scalar(query))


def crate_here(session: Session, uid: UUID) -> Crate:
    query = select(Crate).join(Batch, Batch.id == Crate.batch_id).where(Crate.uid == uid, of_batches(here()))
    return or_not_found(session.scalar(query))


def stands_at(scope: Scope, leg: Leg) -> tuple[bool, bool]:
    """(may give, may take): whether the leg's beginning and its end are in scope. The depot is the owner's."""
    owner = scope.holds_library(leg.batch.library_id)
    gives = scope.holds_branch(leg.from_site.branch_id) if leg.from_site else owner
    takes = scope.holds_branch(leg.to_site.branch_id) if leg.to_site else owner
    return gives or owner, takes or owner
