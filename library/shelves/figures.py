"""How much is read, by class, level, month or pupil: questions to the uses of a library in a span of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, extract, func, select
from sqlalchemy.orm import Session, aliased

from library.calendars.models import SchoolYear
from library.core.fold import sort_key
from library.organisations.models import Branch
from library.patrons.models import Membership, SchoolClass
from library.shelves import reading_told
from library.shelves.models import Shelf
from library.uses.models import DocumentUse, UseKind


class By(StrEnum):
    """What the lines are."""

    CLASS = "class"
    LEVEL = "level"
    MONTH = "month"
    PUPIL = "pupil"


@dataclass(frozen=True)
class Asked:
    """`since` to `until`, both included; `at_shelves`: only what was taken from classroom shelves; `grade`: of that grade."""

    library_id: int
    since: date
    until: date
    at_shelves: bool = True
    grade: int | None = None


@dataclass(frozen=True)
class Line:
    """`key` says what it is of: a class's name, a level's number, "2026-11", a pupil's name; '' where nobody knows. `books`:
    different copies; `unnamed`: uses without a copy (colour tallies, ticks), which have none. `readers`: of the class today."""

    key: str
    uses: int
    books: int
    unnamed: int = 0
    readers: int | None = None

    @property
    def copies(self) -> int | None:
        """Different copies; None where books were taken and nobody wrote down which."""
        return None if self.unnamed and not self.books else self.books

    @property
    def each(self) -> float | None:
        """Uses for every reader."""
        return self.uses / self.readers if self.readers else None


def of(session: Session, asked: Asked, by: By) -> list[Line]:
    """The lines in their own order: classes by name, levels from the easiest, months as they came; none for PUPIL, whose
    reading stands in no use: see `pupils`."""
    if by is By.CLASS:
        return _classes(session, asked)
    rows = _counted(session, asked, _LEVEL if by is By.LEVEL else _month())
    return [Line(key, *rows[key]) for key in sorted(rows)]


def pupils(session: Session, shelf: Shelf, asked: Asked) -> list[Line]:
    """Of the class that keeps the shelf, by name, never by number. Raises NoClass."""
    among = reading_told.pupils(session, reading_told.class_of(session, shelf).id)
    told = reading_told.told(session, [one.id for one in among], asked.since, asked.until)
    return [Line(one.name, told[one.id].count, told[one.id].returned) for one in among]


def total(session: Session, asked: Asked) -> tuple[int, int]:
    """Uses, and different copies used."""
    uses, books = session.execute(select(_USES, _BOOKS).where(_meant(asked))).one()
    return int(uses or 0), int(books)


def _undone() -> ColumnElement[bool]:
    """Taken back by a row of its own."""
    back = aliased(DocumentUse)
    return exists().where(back.reverses_id == DocumentUse.id)


_USES = func.sum(DocumentUse.quantity)
_UNNAMED = func.sum(case((DocumentUse.item_id.is_(None), DocumentUse.quantity), else_=0))
_BOOKS = func.count(func.distinct(case((and_(DocumentUse.quantity > 0, ~_undone()), DocumentUse.item_id))))
_LEVEL = DocumentUse.reading_level


def _month() -> ColumnElement[int]:
    return extract("year", DocumentUse.used_on) * 100 + extract("month", DocumentUse.used_on)


def _meant(asked: Asked) -> ColumnElement[bool]:
    """To keep a book longer is no new use."""
    mine = select(Branch.id).where(Branch.organisation_id == asked.library_id)
    wanted = and_(
        DocumentUse.branch_id.in_(mine), DocumentUse.used_on >= asked.since, DocumentUse.used_on <= asked.until,
        DocumentUse.kind != UseKind.RENEWAL,
    )  # fmt: skip
    if asked.at_shelves:
        wanted &= DocumentUse.place_id.in_(select(Shelf.place_id).where(Shelf.library_id == asked.library_id))
    return wanted & (DocumentUse.grade == asked.grade) if asked.grade else wanted


def _counted(session: Session, asked: Asked, key: Any) -> dict[str, tuple[int, int, int]]:
    """{key: (uses, books, unnamed)}"""
    query = select(key, _USES, _BOOKS, _UNNAMED).where(_meant(asked)).group_by(key)
    rows = session.execute(query)
    return {_key(one): (int(uses), int(books), int(unnamed)) for one, uses, books, unnamed in rows if uses or books}


def colours(session: Session, asked: Asked) -> dict[str, dict[int, int]]:
    """{class: {level: uses}} of what was counted by touch: the colour is all that is known of those books."""
    level = DocumentUse.reading_level
    tapped = and_(_meant(asked), DocumentUse.kind == UseKind.HONOUR, level.is_not(None))
    query = select(DocumentUse.class_name, level, _USES).where(tapped).group_by(DocumentUse.class_name, level)
    found: dict[str, dict[int, int]] = {}
    for name, number, uses in session.execute(query.order_by(level)):
        if number is not None and uses:
            found.setdefault(_key(name), {})[number] = int(uses)
    return found


def _key(value: object) -> str:
    return "" if value is None else str(value)


def _classes(session: Session, asked: Asked) -> list[Line]:
    """Classes of this school year that took nothing stand there too."""
    counted, readers = _counted(session, asked, DocumentUse.class_name), _readers(session, asked)
    names = sorted({*counted, *readers}, key=lambda name: (not name, sort_key(name)))
    return [Line(name, *counted.get(name, (0, 0, 0)), readers.get(name)) for name in names]


def _readers(session: Session, asked: Asked) -> Mapping[str, int]:
    """{class: readers of today}, of the school year in which the span ends."""
    year = select(func.max(SchoolYear.from_on)).where(
        SchoolYear.organisation_id == asked.library_id, SchoolYear.from_on <= asked.until
    )
    query: Select[str, int] = (
        select(SchoolClass.name, func.count(Membership.id))
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .outerjoin(Membership, and_(Membership.class_id == SchoolClass.id, Membership.to_on.is_(None)))
        .where(SchoolClass.library_id == asked.library_id, SchoolYear.from_on == year.scalar_subquery())
        .group_by(SchoolClass.name)
    )
    if asked.grade:
        query = query.where(SchoolClass.grade == asked.grade)
    return {name: int(count) for name, count in session.execute(query)}


def quiet(lines: Sequence[Line]) -> list[str]:
    """Keys of lines without a use."""
    return [line.key for line in lines if not line.uses and line.key]
