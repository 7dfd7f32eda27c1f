"""Who signs for the person of this request, and what waits for that signature."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission
from library.holdings.models import Place
from library.shelves.handing import Person
from library.shelves.models import Handover, HandoverKind, Shelf


def signer(library_id: int, instead_of: str = "") -> Person:
    """Who signs: the account of this request. `instead_of`: who ought to, and is not there."""
    of_library = access.scope(Permission.CLASS_PLAN).holds_library(library_id)
    name = _("%(name)s (thay %(other)s)", name=current_user.name, other=instead_of) if instead_of else current_user.name
    return Person(current_user.id, name, of_library)


@dataclass(frozen=True)
class ToSign:
    """Minutes without their second signature: `uid` of the minutes, `shelf` and `name` of what they hand over."""

    uid: UUID
    kind: HandoverKind
    shelf: UUID
    name: str
    giver: str


def to_sign(session: Session, reach: ColumnElement[bool]) -> list[ToSign]:
    """What waits for the person of this request, the oldest first: sent to them by name, whichever shelf it is, or to
    whoever may keep one of those in `reach`. Nothing in a session lent to a pupil (one statement)."""
    if current_user.helps_class_id is not None:
        return []
    by = signer(current_user.library_id)
    meant = or_(Handover.to_id == by.id, and_(Handover.to_id.is_(None), reach))
    query = (
        select(Handover.uid, Handover.kind, Shelf.uid, Place.name, Handover.given_name)
        .join(Shelf, Shelf.id == Handover.shelf_id)
        .join(Place, Place.id == Shelf.place_id)
        .where(Handover.taken_at.is_(None), Handover.cancelled_at.is_(None), Handover.given_by != by.id, meant)
        .where(Shelf.closed_on.is_(None))
        .order_by(Handover.given_at, Handover.id)
    )
    told = [ToSign(*row) for row in session.execute(query)]
    return [one for one in told if by.of_library or one.kind is not HandoverKind.YEAR_END]
