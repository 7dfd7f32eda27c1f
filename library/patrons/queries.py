"""Readers as lists: of a library, of a class, by name; and the groups one may put them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from library.access import Scope
from library.calendars.models import SchoolYear
from library.core.errors import NotFound
from library.core.fold import clean, code_keys, fold
from library.organisations.models import Code, Organisation
from library.patrons import words
from library.patrons.models import Card, Category, Membership, PatronGroup, Person, PersonMerge, SchoolClass
from library.patrons.words import Among, Found

SHOWN = 500
"""So many of those who answer to a name are listed; of more it is said that there are."""

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
    """This school year's classes with how many readers each has; of the latest year while none is running (summer). Once
    pupils have gone into a year that is still to come, its classes too, and of this year's only those somebody is in."""
    running = select(func.max(SchoolYear.from_on)).where(
        SchoolYear.organisation_id == library_id, SchoolYear.from_on <= today + SOON
    )
    query = (
        select(SchoolClass, func.count(Membership.id), SchoolYear.from_on)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .outerjoin(Membership, and_(Membership.class_id == SchoolClass.id, Membership.to_on.is_(None)))
        .where(SchoolClass.library_id == library_id, SchoolYear.from_on >= running.scalar_subquery())
        .where(true() if scope.classes is None else SchoolClass.id.in_(sorted(scope.classes)))
        .group_by(SchoolClass.id, SchoolYear.from_on)
        .order_by(SchoolClass.grade, SchoolClass.name_sort, SchoolYear.from_on)
    )
    found = [(one, count, begins) for one, count, begins in session.execute(query)]
    gone_on = any(count and begins > today + SOON for _, count, begins in found)
    return [(one, count) for one, count, begins in found if count or not (gone_on or begins > today + SOON)]


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
    """What a list of readers is narrowed to. Without `library_id`: of every library in scope."""

    library_id: int | None
    words: str = ""
    class_uid: UUID | None = None
    kind: str = ""
    ended: bool = False


def named(session: Session, wanted: Wanted, scope: Scope) -> Found:
    """Readers whose names or cards answer to the words: their ids in the order of names."""
    libraries = None if scope.everything else scope.libraries
    if wanted.library_id is not None:
        libraries = frozenset([wanted.library_id]) & (libraries or frozenset([wanted.library_id]))
    classes = scope.classes
    if wanted.class_uid:
        asked = frozenset(session.scalars(select(SchoolClass.id).where(SchoolClass.uid == wanted.class_uid)))
        classes = asked if classes is None else asked & classes
    holding = list(session.scalars(_holding(wanted.words).limit(SHOWN)))
    found = words.find(session, wanted.words, Among(libraries, wanted.ended, classes), SHOWN)
    return Found(list(dict.fromkeys([*holding, *found.ids])), found.more)


def people(wanted: Wanted, scope: Scope, ids: Sequence[int] | None = None) -> Select[Membership]:
    """Readers of a library in the Vietnamese order of names; `ids` are those that answer to the words (see `named`)."""
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
        .where(within(scope))
        .where(Membership.to_on.is_not(None) if wanted.ended else Membership.to_on.is_(None))
    )
    if wanted.library_id is not None:
        query = query.where(Membership.library_id == wanted.library_id)
    if wanted.class_uid:
        query = query.where(SchoolClass.uid == wanted.class_uid)
    if wanted.kind:
        query = query.where(Category.code == wanted.kind, Membership.class_id.is_(None))
    if ids is not None:
        query = query.where(Membership.id.in_(ids))
    return query.order_by(Person.name_sort, Membership.id)


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
    """Whoever has this code in the network; of somebody who was merged, the one who stands for them."""
    found = session.scalar(select(Person).where(Person.network_id == network_id, Person.student_code == code))
    return found and standing_for(session, found)


def standing_for(session: Session, person: Person) -> Person:
    """The same human being today, however often their rows were merged."""
    while made := session.scalar(
        select(PersonMerge).where(PersonMerge.gone_id == person.id, PersonMerge.undone_by.is_(None))
    ):
        person = made.kept
    return person


def by_name_and_birth(session: Session, network_id: int | None, full_name: str, born_on: date) -> Person | None:
    """The one person of the network, reading anywhere, of just this name and day of birth; None for none or several."""
    same = (Person.network_id == network_id, Person.name_folded == fold(full_name), Person.born_on == born_on)
    reads = exists().where(Membership.person_id == Person.id)
    query = select(Person).where(*same, Person.born_year_only.is_(False), reads).order_by(Person.id).limit(9)
    alike = [one for one in session.scalars(query) if clean(one.full_name).casefold() == clean(full_name).casefold()]
    return alike[0] if len(alike) == 1 else None


def elsewhere(session: Session, reader: Membership, scope: Scope) -> Sequence[Membership]:
    """The same person's other memberships, those alone that the asker may see; open ones first."""
    query = (
        select(Membership)
        .where(Membership.person_id == reader.person_id, Membership.id != reader.id, within(scope))
        .options(joinedload(Membership.library), joinedload(Membership.category), joinedload(Membership.school_class))
    )
    return session.scalars(
        query.order_by(Membership.to_on.is_not(None), Membership.from_on.desc(), Membership.id)
    ).all()


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
    kind: PatronGroup | None = None


def groups(session: Session, library: Organisation, today: date, scope: Scope) -> dict[str, Group]:
    """What a reader can be put in, by a name for forms: this year's classes, then the categories."""
    kinds_ = categories(session, library.network_id)
    pupil = next((one for one in kinds_ if one.group is PatronGroup.PUPIL), None)
    found: dict[str, Group] = {}
    if pupil:
        ends = _ends(session, library.id)
        for one, _ in classes(session, library.id, today, scope):
            found[f"lop-{one.uid}"] = Group(one.name, pupil.id, one.id, ends[one.school_year_id], pupil.group)
    if scope.classes is None:
        found |= {f"nhom-{one.code}": Group(one.name, one.id, kind=one.group) for one in kinds_}
    return found


def _ends(session: Session, library_id: int) -> dict[int, date]:
    rows = session.execute(select(SchoolYear.id, SchoolYear.to_on).where(SchoolYear.organisation_id == library_id))
    return {row[0]: row[1] for row in rows}
