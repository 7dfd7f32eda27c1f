"""What a challenge has come to: per reader, per class, together. Read from loans that came back, the reading logs of
shelves and the challenge's own ticks; nothing is typed twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item
from library.loans.models import EndWhy, Loan
from library.loans.queries import bounds
from library.organisations import tree
from library.organisations.models import Branch, Organisation
from library.patrons.models import Membership, SchoolClass
from library.promotion.challenge_models import Challenge, ChallengeEntry, ChallengeResult, MarkOf, Reach, Unit
from library.shelves import reading_told
from library.shelves.models import ReadingEntry
from library.uses.models import DocumentUse, UseKind

SOME = 400
"""Readers asked about in one statement."""
_PAGES = re.compile(r"(\d[\d.]*)\s*(?:tr|p|pages|trang)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A class, a school, or (`name` '') all together. `reached`: {milestone of readers: how many stand exactly at it}."""

    name: str
    size: int
    readers: int
    amount: int
    reached: Mapping[int, int] = field(default_factory=dict)
    class_id: int | None = None
    grade: int | None = None

    @property
    def each(self) -> float | None:
        """Per head, so that small classes are not behind large ones."""
        return self.amount / self.size if self.size else None


@dataclass(frozen=True)
class Board:
    rows: Sequence[Row]
    together: Row


def board(session: Session, challenge: Challenge) -> Board:
    """As it is now; as it was settled, where it was."""
    if challenge.settled_at is not None:
        return _settled(session, challenge)
    if challenge.reach is Reach.BELOW:
        return _of_schools(session, challenge)
    return _of_readers(session, challenge)


def _settled(session: Session, challenge: Challenge) -> Board:
    query = (
        select(ChallengeResult, SchoolClass.grade)
        .outerjoin(SchoolClass, SchoolClass.id == ChallengeResult.class_id)
        .where(ChallengeResult.challenge_id == challenge.id)
        .order_by(ChallengeResult.id)
    )
    rows = [
        Row(
            one.name, one.size, one.readers, one.amount, {int(at): many for at, many in one.reached.items()},
            one.class_id, grade,
        )
        for one, grade in session.execute(query)
    ]  # fmt: skip
    return Board([one for one in rows if one.name], next(one for one in rows if not one.name))


# Readers and their classes


def classes(session: Session, challenge: Challenge) -> Sequence[SchoolClass]:
    """Those that take part, in the order of their names; none for a library's readers and for schools."""
    if challenge.reach in (Reach.LIBRARY, Reach.BELOW):
        return []
    query = select(SchoolClass).order_by(SchoolClass.grade, SchoolClass.name_sort)
    if challenge.reach is Reach.CLASS:
        chosen = [one.class_id for one in challenge.groups]
        return session.scalars(query.where(SchoolClass.id.in_(chosen))).all()
    query = query.join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id).where(
        SchoolClass.library_id == challenge.branch.organisation_id, SchoolYear.from_on <= challenge.last_on,
        SchoolYear.to_on >= challenge.first_on,
    )  # fmt: skip
    if challenge.reach is Reach.GRADE:
        query = query.where(SchoolClass.grade.in_([one.grade for one in challenge.groups]))
    return session.scalars(query).all()


def members(session: Session, challenge: Challenge, among: Iterable[SchoolClass]) -> dict[int, int | None]:
    """{membership: its class} of those who take part today (one statement)."""
    query = select(Membership.id, Membership.class_id).where(Membership.to_on.is_(None))
    if challenge.reach is Reach.LIBRARY:
        query = query.where(Membership.library_id == challenge.branch.organisation_id)
    else:
        query = query.where(Membership.class_id.in_([one.id for one in among]))
    return {key: value for key, value in session.execute(query)}  # noqa: C416


def _of_readers(session: Session, challenge: Challenge) -> Board:
    among = classes(session, challenge)
    taking = members(session, challenge, among)
    read = amounts(session, challenge, list(taking))
    steps = sorted(one.amount for one in challenge.marks if one.of is MarkOf.READER)
    together = _together(session, challenge, among, read, taking)
    rows = [
        _row(one.name, [who for who, where in taking.items() if where == one.id], read, steps, together[one.id], one)
        for one in among
    ]
    total = sum(together.values())
    return Board(_named_apart(rows), _row("", list(taking), read, steps, total))


def _row(
    name: str, who: Sequence[int], read: Mapping[int, int], steps: Sequence[int], amount: int, of: SchoolClass | None = None
) -> Row:  # fmt: skip
    best = [max((step for step in steps if step <= read.get(one, 0)), default=0) for one in who]
    reached = Counter(step for step in best if step)
    readers = sum(read.get(one, 0) > 0 for one in who)
    return Row(name, len(who), readers, amount, dict(reached), of.id if of else None, of.grade if of else None)


def _named_apart(rows: Sequence[Row]) -> list[Row]:
    """Two school years may each have a 4A within the days of one challenge: only one of them has pupils now, and what
    either read stands in its row."""
    seen: dict[str, Row] = {}
    for one in rows:
        seen[one.name] = _both(seen[one.name], one) if one.name in seen else one
    return list(seen.values())


def _both(one: Row, other: Row) -> Row:
    """Of the class with more pupils."""
    kept = other if other.size > one.size else one
    return replace(
        kept, size=one.size + other.size, readers=one.readers + other.readers, amount=one.amount + other.amount,
        reached=dict(Counter(one.reached) + Counter(other.reached)),
    )  # fmt: skip


def _together(
    session: Session, challenge: Challenge, among: Sequence[SchoolClass], read: Mapping[int, int],
    taking: Mapping[int, int | None],
) -> dict[int | None, int]:  # fmt: skip
    """{class: how much}; of a library's readers {None: how much}. Books are counted as the figures count them, tallies
    without names included; the rest is the sum of its readers and of what was ticked for the class."""
    found: dict[int | None, int] = defaultdict(int)
    if challenge.unit is Unit.BOOKS:
        found |= _uses(session, challenge, among)
        for member, quantity in _ticked(session, challenge, list(taking)).items():
            found[taking[member] if among else None] += quantity
    else:
        for member, amount in read.items():
            found[taking[member] if among else None] += amount
    for class_id, quantity in _ticked_together(session, challenge).items():
        found[class_id if among else None] += quantity
    return found


def _uses(session: Session, challenge: Challenge, among: Sequence[SchoolClass]) -> dict[int | None, int]:
    """Books taken and read (one statement): to keep one longer is no new reading."""
    if not among:
        branches = select(Branch.id).where(Branch.organisation_id == challenge.branch.organisation_id)
        query = select(func.coalesce(func.sum(DocumentUse.quantity), 0)).where(*_in_days(challenge))
        return {None: int(session.scalar(query.where(DocumentUse.branch_id.in_(branches))) or 0)}
    by_name: dict[tuple[int, str | None], int] = {(one.branch_id, one.name): one.id for one in among}
    query2 = select(DocumentUse.branch_id, DocumentUse.class_name, func.sum(DocumentUse.quantity)).where(
        *_in_days(challenge), DocumentUse.branch_id.in_({one.branch_id for one in among}),
        DocumentUse.class_name.in_({one.name for one in among}),
    )  # fmt: skip
    rows = session.execute(query2.group_by(DocumentUse.branch_id, DocumentUse.class_name))
    return {by_name[branch, name]: int(many) for branch, name, many in rows if (branch, name) in by_name}


def _in_days(challenge: Challenge) -> tuple[ColumnElement[bool], ...]:
    span = DocumentUse.used_on.between(challenge.first_on, challenge.last_on)
    return span, DocumentUse.kind != UseKind.RENEWAL


# What readers read


def amounts(session: Session, challenge: Challenge, who: Sequence[int]) -> dict[int, int]:
    """{membership: how much}, those who read nothing left out."""
    found: Counter[int] = Counter()
    reckon = _UNITS[challenge.unit]
    for start in range(0, len(who), SOME):
        found.update(reckon(session, challenge, who[start : start + SOME]))
    return {one: many for one, many in found.items() if many}


def _books(session: Session, challenge: Challenge, who: Sequence[int]) -> Mapping[int, int]:
    told = reading_told.told(session, who, challenge.first_on, challenge.last_on)
    return Counter({one: what.count for one, what in told.items()}) + Counter(_ticked(session, challenge, who))


def _minutes(session: Session, challenge: Challenge, who: Sequence[int]) -> Mapping[int, int]:
    return _ticked(session, challenge, who)


def _pages(session: Session, challenge: Challenge, who: Sequence[int]) -> Mapping[int, int]:
    """Of books that came back as many as the description says; of one without a number of pages, none."""
    found = Counter(_ticked(session, challenge, who))
    query = _came_back(challenge, who, Loan.membership_id, Record.extent)
    joined = query.join(Item, Item.id == Loan.item_id).join(Record, Record.id == Item.record_id)
    for member, extent in session.execute(joined):
        found[member] += pages_of(extent)
    return found


def pages_of(extent: str | None) -> int:
    """ "163 tr." → 163; "XII, 1.204 tr." → 1204; nothing where it does not say."""
    said = _PAGES.search(extent or "")
    return int(said[1].replace(".", "") or 0) if said else 0


def _days(session: Session, challenge: Challenge, who: Sequence[int]) -> Mapping[int, int]:
    """Days on which a book came back, or somebody wrote down that they read."""
    days: dict[int, set[date]] = defaultdict(set)
    for member, ended in session.execute(_came_back(challenge, who, Loan.membership_id, Loan.ended_at)):
        days[member].add(clock.day_of(ended))
    logged = select(ReadingEntry.membership_id, ReadingEntry.read_on).where(
        ReadingEntry.membership_id.in_(who), ReadingEntry.voided.is_(False),
        ReadingEntry.read_on.between(challenge.first_on, challenge.last_on),
    )  # fmt: skip
    ticked = select(ChallengeEntry.membership_id, ChallengeEntry.read_on).where(
        ChallengeEntry.membership_id.in_(who), *_stands(challenge)
    )
    for member, day in (*session.execute(logged), *session.execute(ticked)):
        days[member].add(day)
    return {member: len(on) for member, on in days.items()}


def _came_back(challenge: Challenge, who: Sequence[int], *what: Any) -> Select[int, Any]:
    """A book counts as read when it comes back, as in the reading log."""
    first, after = bounds(challenge.first_on)[0], bounds(challenge.last_on)[1]
    return select(*what).select_from(Loan).where(
        Loan.membership_id.in_(who), Loan.voided.is_(False), Loan.ended_why == EndWhy.RETURNED, Loan.ended_at >= first,
        Loan.ended_at < after,
    )  # fmt: skip


_UNITS: Mapping[Unit, Callable[[Session, Challenge, Sequence[int]], Mapping[int, int]]] = {
    Unit.BOOKS: _books, Unit.PAGES: _pages, Unit.MINUTES: _minutes, Unit.DAYS: _days,
}  # fmt: skip


def _stands(challenge: Challenge) -> tuple[ColumnElement[bool], ...]:
    return ChallengeEntry.challenge_id == challenge.id, ChallengeEntry.voided.is_(False)


def _ticked(session: Session, challenge: Challenge, who: Sequence[int]) -> dict[int, int]:
    """{membership: how much} (a statement for each SOME of them)."""
    found: dict[int, int] = {}
    for start in range(0, len(who), SOME):
        query = select(ChallengeEntry.membership_id, func.sum(ChallengeEntry.quantity)).where(
            *_stands(challenge), ChallengeEntry.membership_id.in_(who[start : start + SOME])
        )
        rows = session.execute(query.group_by(ChallengeEntry.membership_id))
        found |= {member: int(many) for member, many in rows if member is not None}
    return found


def _ticked_together(session: Session, challenge: Challenge) -> dict[int | None, int]:
    """{class: what was ticked for it as a whole}."""
    query = select(ChallengeEntry.class_id, func.sum(ChallengeEntry.quantity)).where(
        *_stands(challenge), ChallengeEntry.membership_id.is_(None)
    )
    return {one: int(many) for one, many in session.execute(query.group_by(ChallengeEntry.class_id))}


# Schools


def _of_schools(session: Session, challenge: Challenge) -> Board:
    """What they counted themselves, in their own figures; `size`: their readers today."""
    every = _below(session, challenge)
    ids = [one.id for one in every]
    query = (
        select(Branch.organisation_id, func.sum(DocumentUse.quantity))
        .join(DocumentUse, DocumentUse.branch_id == Branch.id)
        .where(Branch.organisation_id.in_(ids), *_in_days(challenge))
        .group_by(Branch.organisation_id)
    )
    uses = {library: int(many) for library, many in session.execute(query)}
    heads = select(Membership.library_id, func.count()).where(
        Membership.library_id.in_(ids), Membership.to_on.is_(None)
    )
    sizes = {key: value for key, value in session.execute(heads.group_by(Membership.library_id))}  # noqa: C416
    names = _apart(session, challenge, every)
    rows = [Row(names[one.id], sizes.get(one.id, 0), 0, uses.get(one.id, 0)) for one in every]
    return Board(rows, Row("", sum(one.size for one in rows), 0, sum(one.amount for one in rows)))


def _apart(session: Session, challenge: Challenge, every: Sequence[Organisation]) -> dict[int, str]:
    """Names by id; of schools with one name, each with what it stands under."""
    many = Counter(one.name for one in every)
    above = dict(tree.parentage_on(session, min(clock.today(), challenge.last_on)))
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(set(above.values())))
    over = {key: name for key, name in session.execute(query)}  # noqa: C416
    found: dict[int, str] = {}
    for one in every:
        name = one.name if many[one.name] == 1 else f"{one.name} ({over.get(above.get(one.id, 0), one.uid.hex[-4:])})"
        found[one.id] = name if name not in found.values() else f"{name} · {one.uid.hex[-4:]}"
    return found


def _below(session: Session, challenge: Challenge) -> Sequence[Organisation]:
    """Those that stood below on its last day, or stand there today."""
    day = min(clock.today(), challenge.last_on)
    head = challenge.branch.organisation_id
    under = tree.below([head], tree.parentage_on(session, day)) - {head}
    return session.scalars(
        select(Organisation).where(Organisation.id.in_(sorted(under))).order_by(Organisation.name)
    ).all()
