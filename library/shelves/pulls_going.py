"""Pull lists that are being fetched, side by side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session

from library.holdings.models import Place
from library.inbox.models import Act
from library.shelves.models import Shelf, ShelfPull, ShelfPullLine


@dataclass(frozen=True)
class Progress:
    """A list that is being fetched: whose, how many copies it has, how many of them stand on the shelf."""

    uid: UUID
    shelf: str
    made_at: datetime
    total: int
    done: int


def all_open(session: Session, shelves: ColumnElement[bool]) -> list[Progress]:
    """Of these shelves, the oldest first (one statement)."""
    stands = exists().where(Act.id == ShelfPullLine.picked_by, Act.voided_by.is_(None))
    done = func.sum(case((stands, 1), else_=0))
    query = (
        select(ShelfPull.uid, Place.name, ShelfPull.made_at, func.count(ShelfPullLine.item_id), done)
        .join(Shelf, Shelf.id == ShelfPull.shelf_id)
        .join(Place, Place.id == Shelf.place_id)
        .outerjoin(ShelfPullLine, and_(ShelfPullLine.pull_id == ShelfPull.id, ShelfPullLine.passed_why.is_(None)))
        .where(shelves, ShelfPull.closed_at.is_(None))
        .group_by(ShelfPull.id, ShelfPull.uid, Place.name, ShelfPull.made_at)
        .order_by(ShelfPull.made_at, ShelfPull.id)
    )
    return [Progress(uid, name, at, total, int(done or 0)) for uid, name, at, total, done in session.execute(query)]
