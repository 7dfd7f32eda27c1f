"""Whom the network knows by the codes and names of a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.core.fold import fold, fold_code
from library.organisations import codes
from library.organisations.models import Organisation
from library.patrons.models import Membership, Person, SchoolClass
from library.staging.importers import Staged


@dataclass(frozen=True)
class Known:
    """A person the network has, with their open membership here if there is one."""

    person_id: int
    folded: str
    full_name: str
    code: str = ""
    born_on: date | None = None
    year_only: bool = False
    sex: str | None = None
    membership_id: int | None = None
    expires_on: date | None = None
    class_name: str = ""
    year: str = ""


def known(session: Session, library_id: int, rows: Sequence[Staged]) -> list[Known]:
    """Persons with these codes in the network, and persons with these names who read or have read here."""
    if not rows:
        return []
    people = {code for row in rows if (code := row.values.get("student_code"))}
    folded = {fold(row.values["full_name"]) for row in rows}
    network = select(Organisation.network_id).where(Organisation.id == library_id).scalar_subquery()
    read_here = select(Membership.person_id).where(Membership.library_id == library_id)
    query = _persons(library_id).where(
        Person.network_id == network,
        or_(Person.student_code.in_(people), and_(Person.name_folded.in_(folded), Person.id.in_(read_here))),
    )
    return [Known(*row) for row in session.execute(query)]


def _persons(library_id: int) -> Any:
    """The columns of Known, in order."""
    here = and_(Membership.person_id == Person.id, Membership.library_id == library_id, Membership.to_on.is_(None))
    return (
        select(
            Person.id, Person.name_folded, Person.full_name, func.coalesce(Person.student_code, ""), Person.born_on,
            Person.born_year_only, Person.sex, Membership.id, Membership.expires_on,
            func.coalesce(SchoolClass.name, ""), func.coalesce(SchoolYear.label, ""),
        )
        .outerjoin(Membership, here)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .order_by(Person.id)
    )  # fmt: skip


def readers(session: Session, library_id: int, year: str, classes: Iterable[str] | None) -> list[tuple[int, str, str]]:
    """(membership, name, class) of pupils who read here now: of these classes of that year, or of all classes there are."""
    query = (
        select(Membership.id, Person.full_name, SchoolClass.name)
        .join(Person, Person.id == Membership.person_id)
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(Membership.library_id == library_id, Membership.to_on.is_(None))
        .order_by(SchoolClass.name_sort, Person.name_sort, Membership.id)
    )
    if classes is not None:
        query = query.where(SchoolYear.label == year, SchoolClass.name.in_(sorted(classes)))
    return [(member, name, taught) for member, name, taught in session.execute(query)]


def cards_in_use(session: Session, library_id: int, rows: Iterable[Staged]) -> Mapping[str, object]:
    """Numbers on cards of this list that stand for something already."""
    folded = [fold_code(card) for row in rows if (card := row.values.get("card"))]
    return codes.in_use(session, library_id, folded) if folded else {}
