"""Where a reader may fetch what they wait for: a library's hold shelf, a class shelf, a stop of the van."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from library.calendars.models import PlaceOpening
from library.holdings.models import Place, PlaceKind
from library.organisations.models import Branch, Organisation

MOST = 1000
FETCHED_AT = (PlaceKind.HOLD_SHELF, PlaceKind.CLASS_SHELF)


@dataclass(frozen=True)
class Pickup:
    """A place to fetch at. `is_stop`: it opens on listed days only."""

    uid: UUID
    place_id: int
    branch_id: int
    library_id: int
    place_name: str
    branch_name: str
    library_name: str
    is_stop: bool

    def words(self, library_id: int) -> str:
        """As the library asking calls it: its own places by their name, others with whose they are."""
        name = self.place_name if self.branch_name == self.library_name else f"{self.place_name}, {self.branch_name}"
        return name if self.library_id == library_id else f"{self.library_name} – {name}"


def pickups(session: Session, network_id: int, library_id: int, branch_id: int) -> list[Pickup]:
    """Of the whole network: this branch first, then this library, then the others by name. Class shelves are offered
    in one's own library only."""
    query = _query().where(
        Organisation.network_id == network_id,
        or_(Place.kind != PlaceKind.CLASS_SHELF, Organisation.id == library_id),
    )
    rows = [Pickup(*row) for row in session.execute(query.limit(MOST))]
    return sorted(rows, key=lambda one: (one.branch_id != branch_id, one.library_id != library_id, one.library_name))


def _query() -> Any:
    stop = exists().where(PlaceOpening.place_id == Place.id).correlate(Place)
    return (
        select(Place.uid, Place.id, Branch.id, Organisation.id, Place.name, Branch.name, Organisation.name, stop)
        .join(Branch, Branch.id == Place.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .where(Place.closed_on.is_(None), Branch.closed_on.is_(None), Organisation.to_on.is_(None))
        .where(or_(Place.kind.in_(FETCHED_AT), stop))
        .order_by(Organisation.name, Branch.id, Place.kind != PlaceKind.HOLD_SHELF, Place.name)
    )


def pickup(session: Session, network_id: int, uid: UUID) -> Pickup | None:
    row = session.execute(_query().where(Place.uid == uid, Organisation.network_id == network_id)).one_or_none()
    return Pickup(*row) if row else None
