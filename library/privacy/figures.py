"""How many read, by class or kind and by sex: for those who report, told so that no child can be picked out."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.patrons.models import Category, Membership, Person, SchoolClass, Sex
from library.privacy.suppression import ALL, Cell, suppressed, with_sums

_NO_GRADE = 100
SEXES = (Sex.FEMALE, Sex.MALE, None)
"""None: nobody has said."""


@dataclass(frozen=True)
class Line:
    """A row of the table. `counts` in the order of SEXES, then the sum; None: fewer than told."""

    grade: int | None
    name: str
    counts: tuple[int | None, ...]


def readers(session: Session, libraries: Collection[int], whole: bool = False) -> list[Line]:
    """Open memberships by grade, or by category where there is none; the last line is the sum. `whole`: nothing is hidden,
    for those who may see each of these readers anyway."""
    table = _counted(session, libraries)
    told: dict[Cell, int | None] = {**with_sums(table)} if whole else suppressed(table)
    rows = sorted({row for row, _ in table})
    lines = [Line(grade if grade < _NO_GRADE else None, name, _counts(told, (grade, name))) for grade, name in rows]
    return [*lines, Line(None, "", _counts(told, ALL))] if table else []


def _counts(told: dict[Cell, int | None], row: object) -> tuple[int | None, ...]:
    return tuple(told.get((row, column), 0) for column in (*SEXES, ALL))


def _counted(session: Session, libraries: Collection[int]) -> dict[tuple[tuple[int, str], Sex | None], int]:
    """{((grade or 100, category), sex): readers}; every row has every sex."""
    query = (
        select(SchoolClass.grade, Category.name, Person.sex, func.count())
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.library_id.in_(list(libraries)), Membership.to_on.is_(None))
        .group_by(SchoolClass.grade, Category.name, Person.sex)
    )
    table: dict[tuple[tuple[int, str], Sex | None], int] = {}
    for grade, category, sex, count in session.execute(query):
        row = (grade, "") if grade else (_NO_GRADE, category)
        for each in SEXES:
            table.setdefault((row, each), 0)
        table[row, sex] += count
    return table
