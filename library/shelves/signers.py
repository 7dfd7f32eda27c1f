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
from library.shelves.scopes import mine


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
    """What waits for the person of this request, the oldest first: sent to them by name, or to whoever may keep one of the
    shelves in `reach`. Books that were given are taken by who keeps the shelf now. Nothing in a session lent to a pupil
    (one statement)."""
    if current_user.helps_class_id is not None:
        return []
    mine_ = and_(Handover.to_id == current_user.id, or_(Handover.kind != HandoverKind.FILL, mine()))
    meant = and_(access.here().of_libraries(Shelf.library_id), or_(mine_, and_(Handover.to_id.is_(None), reach)))
    query = (
        select(Handover.uid, Handover.kind, Shelf.uid, Place.name, Handover.given_name, Shelf.library_id)
        .join(Shelf, Shelf.id == Handover.shelf_id)
        .join(Place, Place.id == Shelf.place_id)
        .where(
            Handover.taken_at.is_(None), Handover.cancelled_at.is_(None), Handover.given_by != current_user.id, meant
        )
        .where(Shelf.closed_on.is_(None))
        .order_by(Handover.given_at, Handover.id)
    )
    plans = access.scope(Permission.CLASS_PLAN)
    return [
        ToSign(uid, kind, shelf, name, giver)
        for uid, kind, shelf, name, giver, library_id in session.execute(query)
        if kind is not HandoverKind.YEAR_END or plans.holds_library(library_id)
    ]
