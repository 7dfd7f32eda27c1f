"""Readers as lists: of a library, of a class, by name; and the groups one may put them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from library.access import Scope
from library.calendars.models import SchoolYear
from library.core.errors import NotFound
from library.core.fold import code_keys, fold_words
from library.organisations.models import Code, Organisation
from library.patrons.models import Card, Category, Membership, PatronGroup, Person, SchoolClass

SOON = timedelta(days=30)
"""A school year's classes are shown from a month before it begins."""


def libraries(session: Session, scope: Scope) -> Sequence[Organisation]:
    """The libraries in scope that still exist, by name."""
    query = select(Organisation).where(scope.of_libraries(Organisation.id), Organisation.to_on.is_(None))
    return session.scalars(query.order_by(Organisation.name, Organisation.id)).all()


def chosen(among: Sequence[Organisation], slug: str | None, own: int | None) -> Organisation:
    """The one asked for by its address name, else one's own, else the first. Raises NotFound for any other name."""
    if slug:
        found = next((one for one in among if one.slug == slug), None)
    else:
        found = next((one for one in among if one.id == own), among[0] if among else None)
    if found is None:
        raise NotFound
    return found


def within(scope: Scope) -> ColumnElement[bool]:
    """The WHERE for memberships: of the libraries in scope and, where it is narrowed to classes, of these classes."""
    mine = scope.of_libraries(Membership.library_id)
    return mine if scope.classes is None else and_(mine, Membership.class_id.in_(sorted(scope.classes)))


def by_uid(session: Session, uid: UUID, scope: Scope, lock: bool = False) -> Membership:
    """A reader with person, category, class and library. Raises NotFound, also for a reader of another library."""
    query = (
        select(Membership)
        .where(Membership.uid == uid, within(scope))
        .options(joinedload(Membership.person), joinedload(Membership.category), joinedload(Membership.school_class))
        .options(joinedload(Membership.library))
    )
    found = session.scalar(query.with_for_update(key_share=True, of=Membership) if lock else query)
    if found is None:
        raise NotFound
    return found


def classes(session: Session, library_id: int, today: date, scope: Scope) -> list[tuple[SchoolClass, int]]:
    """This school year's classes with how many readers each has; of the latest year while none is running (summer)."""
    running = select(func.max(SchoolYear.from_on)).where(
        SchoolYear.organisation_id == library_id, SchoolYear.from_on <= today + SOON
    )
    query = (
        select(SchoolClass, func.count(Membership.id))
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .outerjoin(Membership, and_(Membership.class_id == SchoolClass.id, Membership.to_on.is_(None)))
        .where(SchoolClass.library_id == library_id, SchoolYear.from_on == running.scalar_subquery())
        .where(true() if scope.classes is None else SchoolClass.id.in_(sorted(scope.classes)))
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.grade, SchoolClass.name_sort)
    )
    return [(one, count) for one, count in session.execute(query)]


def kinds(session: Session, library_id: int, scope: Scope) -> list[tuple[Category, int]]:
    """Categories that readers without a class have, with how many there are; none in a scope narrowed to classes."""
    query = (
        select(Category, func.count())
        .join(Membership, Membership.category_id == Category.id)
        .where(
            Membership.library_id == library_id,
            Membership.to_on.is_(None),
            Membership.class_id.is_(None),
            within(scope),
        )
        .group_by(Category.id)
        .order_by(Category.id)
    )
    return [(one, count) for one, count in session.execute(query)]


def categories(session: Session, network_id: int | None) -> Sequence[Category]:
    return session.scalars(select(Category).where(Category.network_id == network_id).order_by(Category.id)).all()


@dataclass(frozen=True)
class Wanted:
    """What a list of readers is narrowed to."""

    library_id: int
    words: str = ""
    class_uid: UUID | None = None
    kind: str = ""
    ended: bool = False


def people(wanted: Wanted, scope: Scope) -> Select[Membership]:
    """Readers of a library in the Vietnamese order of names."""
    query = (
        select(Membership)
        .join(Membership.person)
        .outerjoin(Membership.school_class)
        .join(Membership.category)
        .options(
            contains_eager(Membership.person),
            contains_eager(Membership.school_class),
            contains_eager(Membership.category),
        )
        .where(Membership.library_id == wanted.library_id, within(scope))
        .where(Membership.to_on.is_not(None) if wanted.ended else Membership.to_on.is_(None))
    )
    if wanted.class_uid:
        query = query.where(SchoolClass.uid == wanted.class_uid)
    if wanted.kind:
        query = query.where(Category.code == wanted.kind, Membership.class_id.is_(None))
    if wanted.words:
        query = query.where(_answers_to(wanted.words))
    return query.order_by(Person.name_sort, Membership.id)


def _answers_to(text: str) -> ColumnElement[bool]:
    """All words begin words of the name, marks or not; or it is the number of their card."""
    spaced = " " + Person.name_folded
    named = [spaced.contains(f" {word}", autoescape=True) for word in fold_words(text)[:6]]
    return or_(and_(true(), *named) if named else ~true(), Membership.id.in_(_holding(text)))


def _holding(text: str) -> Select[int]:
    query = select(Card.membership_id).join(Code, Code.id == Card.code_id)
    return query.where(Code.folded.in_([key for key in code_keys(text)[:8] if key]), Code.valid_to.is_(None))


def cards(session: Session, memberships: Sequence[int]) -> dict[int, str]:
    """The number on the card each of these readers holds now, by membership."""
    query = select(Card.membership_id, Code.printed).join(Code, Code.id == Card.code_id)
    rows = session.execute(query.where(Card.membership_id.in_(memberships), Card.ended_at.is_(None)))
    return {row[0]: row[1] for row in rows}


def namesakes(session: Session, library_id: int, folded: str, class_id: int | None) -> Sequence[Membership]:
    """Readers of the same name, marks aside, in the same class or, like the new one, in none."""
    query = select(Membership).join(Membership.person).options(contains_eager(Membership.person))
    query = query.where(Membership.library_id == library_id, Membership.to_on.is_(None), Person.name_folded == folded)
    same = Membership.class_id.is_(None) if class_id is None else Membership.class_id == class_id
    return session.scalars(query.where(same).order_by(Membership.id).limit(3)).all()


def by_student_code(session: Session, network_id: int | None, code: str) -> Person | None:
    return session.scalar(select(Person).where(Person.network_id == network_id, Person.student_code == code))


def open_at(session: Session, person_id: int, library_id: int) -> bool:
    """Whether this person reads at that library now."""
    query = select(Membership.id).where(Membership.person_id == person_id, Membership.library_id == library_id)
    return session.scalar(query.where(Membership.to_on.is_(None))) is not None


@dataclass(frozen=True)
class Group:
    """What somebody reads as: of a class, or of a category without one. `until`: when the card runs out."""

    label: str
    category_id: int
    class_id: int | None = None
    until: date | None = None


def groups(session: Session, library: Organisation, today: date, scope: Scope) -> dict[str, Group]:
    """What a reader can be put in, by a name for forms: this year's classes, then the categories."""
    kinds_ = categories(session, library.network_id)
    pupil = next((one for one in kinds_ if one.group is PatronGroup.PUPIL), None)
    found: dict[str, Group] = {}
    if pupil:
        ends = _ends(session, library.id)
        for one, _ in classes(session, library.id, today, scope):
            found[f"lop-{one.uid}"] = Group(one.name, pupil.id, one.id, ends[one.school_year_id])
    if scope.classes is None:
        found |= {f"nhom-{one.code}": Group(one.name, one.id) for one in kinds_}
    return found


def _ends(session: Session, library_id: int) -> dict[int, date]:
    rows = session.execute(select(SchoolYear.id, SchoolYear.to_on).where(SchoolYear.organisation_id == library_id))
    return {row[0]: row[1] for row in rows}
