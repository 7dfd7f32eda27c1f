"""Readers with their cards and classes. Who reads at both libraries keeps the successor's membership alone.

The other one ends and stays with the old library; its card still opens the reader, for a card of a library where one
reads no more leads to the same person's membership at the desk's. `merged` tells the packages above whose loans those were.
"""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from library.calendars.models import SchoolYear
from library.core.errors import N_, Reason
from library.core.fold import sort_key
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, changed, hand_over
from library.organisations.rules import CannotSucceed
from library.patrons.models import Card, Category, Membership, Person, PupilDetail, PupilDetailRule, SchoolClass


def take_over(session: Session, what: Succession) -> Told:
    people = _people(session, what)
    families = _families(session, what)
    classes = _classes(session, what)
    double = merged(session, what)
    for ended, kept in sorted(double.items()):
        _merge(session, what, session.get_one(Membership, ended), session.get_one(Membership, kept))
    session.flush()
    mine = update(Membership).where(Membership.library_id == what.old.id, Membership.id.not_in(double))
    members = changed(session, mine.values(library_id=what.new.id))
    return [
        ("bạn đọc của mạng cũ sang mạng mới", people), ("lớp học", classes), ("thẻ bạn đọc", members),
        ("thẻ của người đã có thẻ ở thư viện kế tục, nhập làm một", len(double)),
        ("thông tin gia đình đã xóa vì thư viện kế tục không giữ", families),
    ]  # fmt: skip


# Who reads at both


def merged(session: Session, what: Succession) -> dict[int, int]:
    """{membership at the old library: the same person's open one at the new}. The same before and after."""
    there = aliased(Membership)
    query = (
        select(Membership.id, there.id)
        .join(there, there.person_id == Membership.person_id)
        .where(Membership.library_id == what.old.id, there.library_id == what.new.id, there.to_on.is_(None))
    )
    return dict(session.execute(query).all())


def _merge(session: Session, what: Succession, ended: Membership, kept: Membership) -> None:
    """What the successor knows goes before; a block is not forgotten, a class and a card fill what was empty."""
    kept.blocked_until = max(filter(None, (kept.blocked_until, ended.blocked_until)), default=None)
    kept.note = kept.note or ended.note
    if kept.class_id is None and kept.category_id == ended.category_id:
        kept.class_id = ended.class_id
    ended.to_on = ended.to_on or max(what.on, ended.from_on)
    has_card = select(Card.code_id).where(Card.membership_id == kept.id, Card.ended_at.is_(None)).limit(1)
    if session.scalar(has_card) is None:
        cards = update(Card).where(Card.membership_id == ended.id, Card.ended_at.is_(None))
        changed(session, cards.values(membership_id=kept.id))


# Classes


def _classes(session: Session, what: Succession) -> int:
    """Into the successor's year of the same name; two classes of one name stay two, with the old school's name behind."""
    there = aliased(SchoolYear)
    query = (
        select(SchoolClass, func.coalesce(there.id, SchoolYear.id))
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .outerjoin(there, (there.organisation_id == what.new.id) & (there.label == SchoolYear.label))
        .where(SchoolClass.library_id == what.old.id)
        .order_by(SchoolClass.id)
    )
    rows = session.execute(query).all()
    for one, year in rows:
        if one.school_year_id != year:
            one.name = _free_name(session, what, one.name, year)
            one.name_sort = sort_key(one.name)
        one.school_year_id, one.library_id = year, what.new.id
        session.flush()
    return len(rows)


def _free_name(session: Session, what: Succession, name: str, year: int) -> str:
    query = select(SchoolClass.name).where(SchoolClass.school_year_id == year)
    taken = set(session.scalars(query))
    while name in taken:
        name = f"{name} ({what.old.short_name})"
    return name


# What a library keeps of families


def _families(session: Session, what: Succession) -> int:
    """How many go: what was told to one library is the other's to know only if it asks for the same."""
    mine = PupilDetail.library_id == what.old.id
    asks = session.get(PupilDetailRule, what.new.id) is not None
    if asks:
        hand_over(session, what, PupilDetail, same=("person_id",))
    session.execute(delete(PupilDetailRule).where(PupilDetailRule.library_id == what.old.id))
    return changed(session, delete(PupilDetail).where(mine))


# A whole network


def _people(session: Session, what: Succession) -> int:
    """Persons and categories of the other network. One code of the ministry is one child: the memberships meet."""
    if what.network is None:
        return 0
    before, after = what.network
    same = _same_people(session, before, after)
    for here, there in same.items():
        for one in (Membership, PupilDetail):
            changed(session, update(one).where(one.person_id == here).values(person_id=there))
    kinds = same_categories(session, what)
    for here, there in kinds.items():
        changed(session, update(Membership).where(Membership.category_id == here).values(category_id=there))
    others = update(Category).where(Category.network_id == before, Category.id.not_in(kinds))
    changed(session, others.values(network_id=after))
    mine = update(Person).where(Person.network_id == before, Person.id.not_in(same))
    return changed(session, mine.values(network_id=after)) + len(same)


def _same_people(session: Session, before: int, after: int) -> dict[int, int]:
    """{person of the network that ends: the person of the other}. Raises CannotSucceed for one code and two names."""
    there = aliased(Person)
    query = (
        select(Person, there)
        .join(there, there.student_code == Person.student_code)
        .where(Person.network_id == before, there.network_id == after)
    )
    rows = session.execute(query).all()
    wrong = [(one.full_name, other.full_name) for one, other in rows if one.name_folded != other.name_folded]
    if wrong:
        sentence = N_("Một mã định danh đang ghi cho hai người: %(one)s và %(other)s. Sửa cho đúng rồi làm lại.")
        raise CannotSucceed(*(Reason("two-people", sentence, {"one": one, "other": other}) for one, other in wrong))
    return {one.id: other.id for one, other in rows}


def same_categories(session: Session, what: Succession) -> dict[int, int]:
    """{category of the network that ends: the other's of the same code}. The same before and after."""
    if what.network is None:
        return {}
    before, after = what.network
    there = aliased(Category)
    query = select(Category.id, there.id).join(there, there.code == Category.code)
    rows = session.execute(query.where(Category.network_id == before, there.network_id == after))
    return dict(rows.all())


SUCCESSION["patrons"] = Part(
    take_over,
    moves=frozenset({"school_class.library_id"}),
    leaves={
        "reader_word.library_id": "words of names: the database itself lets them follow the memberships that go",
        "membership.library_id": "of people who read at the successor too: ended, with loans and holds at the other one",
        "person.network_id": "somebody the other network knows by the same code",
        "category.network_id": "a category the other network has too",
        "pupil_detail.library_id": "nothing does: it goes over or is deleted, as the successor asks for it or not",
        "pupil_detail_rule.library_id": "nothing does: the successor's own decision holds, the other is deleted",
        "rollover.library_id": "what was done there; nobody takes it back any more",
    },
)
