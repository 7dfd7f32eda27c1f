"""How many shelves were built: "27 tủ sách lớp học mới"."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.organisations.models import Organisation
from library.shelves.models import Shelf

MISTAKE = "mistake"
"""Why a shelf was closed that should not have been built: it counts nowhere."""


@dataclass(frozen=True)
class Built:
    """Shelves built in a library in a period, and how many of them are open still."""

    library_id: int
    library: str
    built: int
    standing: int


def built(session: Session, scope: Scope, since: date, until: date) -> list[Built]:
    """By library, the most first; both days included. Libraries that built none are not there."""
    count, closed = func.count(Shelf.id), func.count(Shelf.closed_on)
    query = (
        select(Organisation.id, Organisation.name, count, count - closed)
        .join(Organisation, Organisation.id == Shelf.library_id)
        .where(scope.of_libraries(Shelf.library_id), Shelf.built_on.between(since, until))
        .where(or_(Shelf.closed_why.is_(None), Shelf.closed_why != MISTAKE))
        .group_by(Organisation.id, Organisation.name)
        .order_by(count.desc(), Organisation.name)
    )
    return [Built(*row) for row in session.execute(query)]


def total(of: list[Built]) -> int:
    return sum(one.built for one in of)
