"""Making readers: a person, a membership, a card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.core import clock
from library.core.db import table_of
from library.core.fold import fold, fold_code, name_key, sort_key
from library.organisations import codes
from library.organisations.models import CodeKind, Organisation
from library.patrons.models import Card, Category, Membership, PatronGroup, Person, SchoolClass, Sex

USUAL_CATEGORIES = (
    ("HS", "Học sinh", PatronGroup.PUPIL),
    ("GV", "Giáo viên, nhân viên", PatronGroup.TEACHER),
    ("BD", "Bạn đọc", PatronGroup.CITIZEN),
    ("TT", "Tập thể", PatronGroup.GROUP),
)


@dataclass(frozen=True)
class NewPatron:
    """What is known of somebody who becomes a reader. `person_id` if they are a person of the network already; `card`
    is the number of a card they hold in their hand, else they get one of ours."""

    full_name: str
    sex: Sex | None = None
    born_on: date | None = None
    born_year_only: bool = False
    student_code: str | None = None
    class_id: int | None = None
    expires_on: date | None = None
    card: str = ""
    person_id: int | None = None


def add_usual_categories(session: Session, network_id: int) -> dict[str, Category]:
    """The four every network starts with, by code; those already there are kept."""
    have = {one.code: one for one in session.scalars(select(Category).where(Category.network_id == network_id))}
    for code, name, group in USUAL_CATEGORIES:
        have.setdefault(code, Category(network_id=network_id, code=code, name=name, group=group))
    session.add_all(have.values())
    session.flush()
    return have


def school_class(
    session: Session, school_year: SchoolYear, branch_id: int, name: str, grade: int | None
) -> SchoolClass:
    """The class of that name in that year, made if it is new."""
    query = select(SchoolClass).where(SchoolClass.school_year_id == school_year.id, SchoolClass.name == name)
    found = session.scalar(query)
    if found is None:
        found = SchoolClass(
            uid=clock.uuid7(), library_id=school_year.organisation_id, branch_id=branch_id,
            school_year_id=school_year.id, name=name, name_sort=sort_key(name), grade=grade,
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


def enrol(
    session: Session, library: Organisation, category_id: int, people: Sequence[NewPatron]
) -> list[tuple[int, str]]:
    """Memberships, with the persons and cards they need: (membership id, card number) in order."""
    if not people:
        return []
    added = iter(_insert_persons(session, library, [one for one in people if one.person_id is None]))
    persons = [one.person_id or next(added) for one in people]
    today = clock.today()
    rows = [
        {
            "uid": clock.uuid7(), "person_id": person, "library_id": library.id, "category_id": category_id,
            "class_id": one.class_id, "from_on": today, "expires_on": one.expires_on,
        }
        for person, one in zip(persons, people, strict=True)
    ]  # fmt: skip
    memberships = _insert(session, Membership, rows)
    held = {membership: one.card for membership, one in zip(memberships, people, strict=True) if one.card}
    take_cards(session, library, held)
    given = iter(give_cards(session, library, [one for one in memberships if one not in held]))
    return [(one, held[one] if one in held else next(given)) for one in memberships]


def _insert_persons(session: Session, library: Organisation, people: Sequence[NewPatron]) -> list[int]:
    if not people:
        return []
    rows = [
        {
            "uid": clock.uuid7(), "network_id": library.network_id, "full_name": one.full_name,
            "name_sort": name_key(one.full_name), "name_folded": fold(one.full_name), "sex": one.sex,
            "born_on": one.born_on, "born_year_only": one.born_year_only, "student_code": one.student_code,
        }
        for one in people
    ]  # fmt: skip
    return _insert(session, Person, rows)


def _insert(session: Session, model: type[Membership] | type[Person], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Ids in order, told apart by uid: asking SQLite for the order of the rows would take a statement for each."""
    table = table_of(model)
    made = session.connection().execute(insert(table).returning(table.c.uid, table.c.id), rows)
    id_of = {row.uid: row.id for row in made}
    return [id_of[row["uid"]] for row in rows]


def give_cards(session: Session, library: Organisation, memberships: Sequence[int]) -> list[str]:
    """A fresh card for each membership; the numbers in order."""
    if not memberships:
        return []
    made = codes.issue(session, CodeKind.CARD, library.id, library.number, len(memberships), clock.now())
    session.execute(
        insert(Card),
        [{"code_id": code, "membership_id": one} for (code, _), one in zip(made, memberships, strict=True)],
    )
    return [payload for _, payload in made]


def take_cards(session: Session, library: Organisation, held: Mapping[int, str]) -> None:
    """Cards that were printed elsewhere: {membership id: number on the card}. One in use already breaks an index."""
    if not held:
        return
    folded = [fold_code(card) for card in held.values()]
    made = codes.register(session, CodeKind.CARD, library.id, folded, list(held.values()), clock.now())
    rows = [{"code_id": code, "membership_id": one} for code, one in zip(made, held, strict=True)]
    session.execute(insert(Card), rows)
