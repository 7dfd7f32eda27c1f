"""Which numbers of books earn a certificate at a library: its own list, else the usual one."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.shelves.models import ReadingMilestone
from library.shelves.reading import USUAL, Milestone

ROWS = 6
"""Lines of the form for pupils, and as many for classes."""
MOST_BOOKS = 100_000


def of(session: Session, library_id: int) -> list[Milestone]:
    """The library's own, fewest books first; USUAL where it has none (one statement)."""
    mine = select(ReadingMilestone).where(ReadingMilestone.library_id == library_id)
    rows = session.scalars(mine.order_by(ReadingMilestone.of_class, ReadingMilestone.books)).all()
    return [Milestone(row.of_class, row.books, row.name) for row in rows] or list(USUAL)


def put(session: Session, library_id: int, milestones: Iterable[Milestone]) -> None:
    """These and no others from now on; none: the usual ones."""
    session.execute(delete(ReadingMilestone).where(ReadingMilestone.library_id == library_id))
    for one in milestones:
        session.add(ReadingMilestone(library_id=library_id, of_class=one.of_class, books=one.books, name=one.name))
    session.flush()


def read(source: Mapping[str, Any]) -> list[Milestone]:
    """From fields pupil-books-0, pupil-name-0, …, class-books-0, …; a line left empty is left out. Raises Invalid."""
    reader = Reader(source)
    found = [_line(reader, kind, at) for kind in ("pupil", "class") for at in range(ROWS)]
    reader.done()
    lines = [one for one in found if one]
    _each_once(lines)
    return lines


def _line(reader: Reader, kind: str, at: int) -> Milestone | None:
    number, name = f"{kind}-books-{at}", f"{kind}-name-{at}"
    books = reader.number(number, 1, MOST_BOOKS, required=False)
    said = reader.text(name, required=books is not None, longest=60)
    if said and books is None:
        reader.complain(number, "required", N_("Cần số cuốn để đạt mốc này."))
    return Milestone(kind == "class", books, said) if books and said else None


def _each_once(lines: list[Milestone]) -> None:
    numbers = [(one.of_class, one.books) for one in lines]
    if len(numbers) != len(set(numbers)):
        raise Invalid({"milestones": Reason("twice", N_("Có hai mốc cùng số cuốn. Mỗi số cuốn một mốc."))})
