"""The way to a shelf, in the words of those who work there, with a picture if somebody took one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.finding.availability import Spot
from library.finding.models import WayToPlace
from library.holdings.models import Place
from library.organisations.models import Branch

LONGEST = 300


@dataclass(frozen=True)
class Way:
    """To a place: its name, how one walks there, the key of a picture ('' for none)."""

    place_id: int
    name: str
    words: str
    picture: str


def to_spots(session: Session, spots: Sequence[Spot], library_id: int) -> list[Way]:
    """To those places of this library where copies stand, as far as somebody described it."""
    names = {spot.place_id: spot.place for spot in spots if spot.library_id == library_id}
    rows = session.scalars(select(WayToPlace).where(WayToPlace.place_id.in_(names))) if names else ()
    return [Way(one.place_id, names[one.place_id], one.words or "", one.picture_key or "") for one in rows]


def described(session: Session, places: Sequence[Place]) -> dict[int, WayToPlace]:
    rows = session.scalars(select(WayToPlace).where(WayToPlace.place_id.in_([place.id for place in places])))
    return {one.place_id: one for one in rows}


def describe(session: Session, place_id: int, words: str, picture: str | None) -> None:
    """Say how one walks to a place; saying nothing takes it back."""
    if not words and not picture:
        session.execute(delete(WayToPlace).where(WayToPlace.place_id == place_id))
        return
    session.merge(WayToPlace(place_id=place_id, words=words or None, picture_key=picture))


def picture_of(session: Session, library_id: int, place_id: int) -> str | None:
    """The key of the picture of a way of that library."""
    query = select(WayToPlace.picture_key).join(Place, Place.id == WayToPlace.place_id)
    mine = query.join(Branch, Branch.id == Place.branch_id).where(Branch.organisation_id == library_id)
    return session.scalar(mine.where(Place.id == place_id))
