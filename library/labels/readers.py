"""What stands on readers' cards."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.calendars.models import SchoolYear
from library.core.errors import NotFound
from library.labels.cards import CardText
from library.organisations.models import Code, Organisation
from library.patrons.models import Card, Category, Membership, Person, SchoolClass
from library.patrons.queries import within

MOST = 500


def wanted(readers: Sequence[UUID], class_uid: UUID | None) -> ColumnElement[bool]:
    """The WHERE for memberships: these readers, else all of the class."""
    if class_uid and not readers:
        return SchoolClass.uid == class_uid
    return Membership.uid.in_(list(readers)[:MOST])


def cards(session: Session, condition: ColumnElement[bool], scope: Scope) -> list[CardText]:
    """Of those who read here and hold a card, class by class in the order of names (one statement)."""
    query = (
        select(
            Code.printed, Person.full_name, Organisation.name.label("library"), Category.name.label("category"),
            SchoolClass.name.label("class_name"), SchoolYear.label.label("year"),
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Category, Category.id == Membership.category_id)
        .join(Organisation, Organisation.id == Membership.library_id)
        .join(Card, and_(Card.membership_id == Membership.id, Card.ended_at.is_(None)))
        .join(Code, Code.id == Card.code_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(condition, within(scope), Membership.to_on.is_(None))
        .order_by(SchoolClass.name_sort, Person.name_sort, Membership.id)
    )  # fmt: skip
    return [_text(row) for row in session.execute(query.limit(MOST))]


def _text(row: Any) -> CardText:
    group = class_words(row.class_name) if row.class_name else row.category
    period = f"năm học {row.year.replace('-', ' – ')}" if row.year else ""
    return CardText(row.printed, row.full_name, row.library, group, period)


def class_words(name: str) -> str:
    """ "Lớp 5A", also for a class called so already."""
    return name if name.casefold().startswith("lớp") else f"Lớp {name}"


def class_named(session: Session, uid: UUID, scope: Scope) -> SchoolClass:
    """Raises NotFound, also for a class of another library."""
    found = session.scalar(
        select(SchoolClass).where(SchoolClass.uid == uid, scope.of_libraries(SchoolClass.library_id))
    )
    if found is None or (scope.classes is not None and found.id not in scope.classes):
        raise NotFound
    return found
