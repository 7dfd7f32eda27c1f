"""The change of the school year, thought out before anything is written: who goes up, who stays, who leaves.

Pupils of classes of earlier years go on; those whom a list has brought into a class of the new year already are counted
and left alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.core.errors import N_
from library.core.forms import Reader
from library.patrons import promoting, school_years
from library.patrons.models import Membership, Person, SchoolClass
from library.staging.values import BadValue, ClassName, class_name

NO_NEXT = N_("Ghi lớp của năm học tới, hoặc đánh dấu ra trường.")


@dataclass(frozen=True)
class Pupil:
    membership_id: int
    uid: UUID
    name: str
    born_on: date | None


@dataclass(frozen=True)
class Leaving:
    """A class of an earlier year with its pupils. `following`: the class that comes after it; None where pupils leave the
    school, or where the name does not tell."""

    id: int
    uid: UUID
    name: str
    grade: int | None
    branch_id: int
    year: str
    following: ClassName | None
    is_last: bool
    pupils: Sequence[Pupil]


@dataclass(frozen=True)
class School:
    """All that may go on into `year`; `there` are in a class of it already."""

    year: str
    classes: Sequence[Leaving]
    there: int

    @property
    def count(self) -> int:
        return sum(len(one.pupils) for one in self.classes)


def usual_year(today: date) -> str:
    """From May on the coming one."""
    return school_years.label_of(today, first_month=5)


def school(session: Session, library_id: int, year: str) -> School:
    """Two statements, however many pupils."""
    found: dict[int, list[Any]] = {}
    for row in session.execute(_pupils(library_id, year)):
        found.setdefault(row.class_id, []).append(row)
    last = promoting.last_grade({rows[0].grade for rows in found.values() if rows[0].grade})
    return School(year, [_leaving(rows, year, last) for rows in found.values()], _there(session, library_id, year))


def _pupils(library_id: int, year: str) -> Any:
    return (
        select(
            SchoolClass.id.label("class_id"), SchoolClass.uid.label("class_uid"), SchoolClass.name, SchoolClass.grade,
            SchoolClass.branch_id, SchoolYear.label, Membership.id, Membership.uid, Person.full_name, Person.born_on,
        )
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.library_id == library_id, Membership.to_on.is_(None), SchoolYear.label < year)
        .order_by(
            SchoolClass.grade.is_(None), SchoolClass.grade, SchoolClass.name_sort, SchoolClass.id, Person.name_sort, Membership.id
        )
    )  # fmt: skip


def _leaving(rows: Sequence[Any], year: str, last: int | None) -> Leaving:
    first = rows[0]
    years = school_years.autumn_of(year) - school_years.autumn_of(first.label)
    here = ClassName(first.name, (first.grade,) if first.grade else ())
    is_last = first.grade is not None and first.grade == last
    following = None if is_last else promoting.promoted(here, max(years, 1))
    pupils = [Pupil(row.id, row.uid, row.full_name, row.born_on) for row in rows]
    return Leaving(
        first.class_id,
        first.class_uid,
        first.name,
        first.grade,
        first.branch_id,
        first.label,
        following,
        is_last,
        pupils,
    )


def _there(session: Session, library_id: int, year: str) -> int:
    query = (
        select(func.count(Membership.id))
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
    )
    mine = query.where(Membership.library_id == library_id, Membership.to_on.is_(None), SchoolYear.label >= year)
    return session.scalar(mine) or 0


# What a person chose


@dataclass(frozen=True)
class Way:
    """What becomes of one class: `to` None for out of the school; `staying` are memberships that repeat the year, in
    `again`."""

    of: Leaving
    to: ClassName | None
    again: ClassName
    staying: frozenset[int] = frozenset()

    @property
    def figures(self) -> tuple[int, int, int]:
        """How many go up, stay, leave."""
        others = len(self.of.pupils) - len(self.staying)
        return (others, len(self.staying), 0) if self.to else (0, len(self.staying), others)

    def goal(self, member: int) -> ClassName | None:
        return self.again if member in self.staying else self.to


@dataclass(frozen=True)
class Rolling:
    """The whole school's way into `year`. `extends`: cards that end sooner are good until the year's end."""

    year: str
    ways: Sequence[Way]
    extends: bool = True

    @classmethod
    def usual(cls, whole: School) -> Self:
        return cls(whole.year, [Way(one, one.following, ClassName(one.name, _grades(one))) for one in whole.classes])

    @classmethod
    def read(cls, source: Any, whole: School) -> Self:
        """From a form: `to-…`, `again-…` and `leave-…` by the class's uid, `stay` the pupils' uids. Raises Invalid."""
        reader = Reader(source)
        staying = frozenset(source.getlist("stay"))
        ways = [_way(reader, one, staying) for one in whole.classes]
        reader.done()
        return cls(whole.year, ways, reader.ticked("extends"))

    @property
    def totals(self) -> tuple[int, int, int]:
        up, again, out = ([way.figures[at] for way in self.ways] for at in range(3))
        return sum(up), sum(again), sum(out)

    @property
    def goals(self) -> dict[str, tuple[ClassName, int]]:
        """Classes of the new year by name, each with the branch of the class that goes there."""
        found: dict[str, tuple[ClassName, int]] = {}
        for way in self.ways:
            wanted = ([way.to] if way.to and way.figures[0] else []) + ([way.again] if way.staying else [])
            for one in wanted:
                found.setdefault(one.name, (one, way.of.branch_id))
        return found

    @property
    def leaving(self) -> list[int]:
        """Memberships that end."""
        return [
            pupil.membership_id
            for way in self.ways
            for pupil in way.of.pupils
            if way.goal(pupil.membership_id) is None
        ]  # fmt: skip


def _grades(one: Leaving) -> tuple[int, ...]:
    return (one.grade,) if one.grade else ()


def _way(reader: Reader, one: Leaving, staying: Collection[str]) -> Way:
    stays = frozenset(pupil.membership_id for pupil in one.pupils if str(pupil.uid) in staying)
    leaves = reader.ticked(f"leave-{one.uid}")
    to = None if leaves else _class(reader, f"to-{one.uid}")
    again = _class(reader, f"again-{one.uid}") if reader.source.get(f"again-{one.uid}") else None
    if to is None and not leaves and len(stays) < len(one.pupils):
        reader.complain(f"to-{one.uid}", "no-next-class", NO_NEXT)
    return Way(one, to, again or ClassName(one.name, _grades(one)), stays)


def _class(reader: Reader, name: str) -> ClassName | None:
    text = reader.text(name, required=False, longest=40)
    try:
        return class_name(text) if text else None
    except BadValue as bad:
        reader.complain(name, "class-name", bad.sentence, **bad.facts)
        return None
