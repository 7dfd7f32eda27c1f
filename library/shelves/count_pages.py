"""The blueprint of the mini stocktake, and how its pages tell copies that are not in the shelf's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.holdings.models import Item, Place, Stay
from library.organisations.models import Organisation

bp = Blueprint("shelf_counts", __name__)


@dataclass(frozen=True)
class Stranger:
    """A copy seen here that is not of this shelf. `belongs`: the shelf or place it is of, and whose library."""

    item_id: int
    item_uid: UUID
    title: str
    code: str
    belongs: str


def strangers(session: Session, items: Sequence[int]) -> list[Stranger]:
    """By title (one statement; none for nothing)."""
    if not items:
        return []
    home, stay = aliased(Place), aliased(Place)
    still = (Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None))
    query = (
        select(Item.id, Item.uid, Record.title, Item.accession, home.name, stay.name, Organisation.name)
        .join(Record, Record.id == Item.record_id)
        .join(home, home.id == Item.home_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .outerjoin(Stay, (still[0]) & still[1] & still[2] & still[3])
        .outerjoin(stay, stay.id == Stay.place_id)
        .where(Item.id.in_(list(items)))
        .order_by(Record.title_sort, Item.id)
    )
    return [
        Stranger(item, uid, title, code or "", f"{stays_at or at_home}, {library}")
        for item, uid, title, code, at_home, stays_at, library in session.execute(query)
    ]
