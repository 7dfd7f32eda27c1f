"""Which shelves the person of this request may reach: their library's, their own classes', the one they were lent."""

from uuid import UUID

from flask_login import current_user
from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from library.access import Scope, here, or_not_found
from library.shelves.models import HelperSession, Shelf, ShelfTenure


def within(scope: Scope, account_id: int | None, session_uid: UUID | None = None) -> ColumnElement[bool]:
    """The WHERE for shelves in reach. Narrowed to classes: those these classes keep, and those one keeps oneself; in a
    session lent to a pupil helper: that one shelf."""
    inside = scope.of_libraries(Shelf.library_id)
    if session_uid is not None:
        lent = HelperSession.sign_in_uid == session_uid
        return and_(inside, exists().where(HelperSession.shelf_id == Shelf.id, lent).correlate(Shelf))
    if scope.classes is None:
        return and_(inside, scope.of_branches(Shelf.branch_id))
    keeps = or_(ShelfTenure.class_id.in_(sorted(scope.classes)), ShelfTenure.keeper_id == account_id)
    return and_(inside, exists().where(ShelfTenure.shelf_id == Shelf.id, standing(), keeps).correlate(Shelf))


def standing() -> ColumnElement[bool]:
    """The tenure that holds now."""
    return and_(ShelfTenure.to_on.is_(None), ShelfTenure.voided.is_(False))


def mine() -> ColumnElement[bool]:
    """Shelves in reach of this request, by the permission its view needs."""
    if not current_user.is_authenticated:
        return ~true()
    lent = current_user.session_uid if current_user.helps_class_id is not None else None
    return within(here(), current_user.id, lent)


def shelf_here(session: Session, uid: UUID) -> Shelf:
    """The shelf, closed ones included; NotFound where it is out of reach, as if there were none."""
    return or_not_found(session.scalar(select(Shelf).where(Shelf.uid == uid, mine())))
