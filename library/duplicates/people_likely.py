"""Pairs of readers of one library, and of those the asker may see beside them, that may be one human being.

Only people all of whose memberships the asker may see are shown and merged: what two rows become one is a word about both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from library.access import Scope
from library.loans.models import Loan
from library.organisations.models import Code
from library.patrons.models import Card, Membership, Person, PersonApart
from library.patrons.queries import within

A_PAGE = 30


class Why(StrEnum):
    """In what two people agree."""

    BIRTH = "birth"
    CODE = "code"
    CLASS = "class"


@dataclass(frozen=True)
class Side:
    """One of two: the person, their memberships with the card in use, how many books each holds and has had."""

    person: Person
    readings: Sequence[tuple[Membership, str, int, int]]

    @property
    def weight(self) -> tuple[int, int]:
        """More loans, then the older row is to be kept."""
        return -sum(ever for *_, ever in self.readings), self.person.id


@dataclass(frozen=True)
class Pair:
    kept: Side
    gone: Side


def pairs(session: Session, library_id: int, scope: Scope, why: Why, most: int = A_PAGE) -> tuple[list[Pair], bool]:
    """Pairs of which one at least reads in this library now, in the order of names; and whether there are more."""
    one, other = aliased(Person), aliased(Person)
    here = exists().where(
        Membership.person_id == one.id, Membership.library_id == library_id, Membership.to_on.is_(None)
    )
    said = or_(
        and_(PersonApart.one_id == one.id, PersonApart.other_id == other.id),
        and_(PersonApart.one_id == other.id, PersonApart.other_id == one.id),
    )
    query = (
        select(one.id, other.id)
        .join(other, and_(other.network_id == one.network_id, other.id != one.id, _alike(why, one, other)))
        .where(here, ~exists().where(said), _reads(other))
        .order_by(one.name_sort, one.id, other.id)
        .limit(8 * most)
    )
    rows = list(dict.fromkeys((min(pair), max(pair)) for pair in session.execute(query)))
    mine = seen_whole(session, {one for pair in rows for one in pair}, scope)
    wanted = [pair for pair in rows if set(pair) <= mine]
    told = sides(session, {one for pair in wanted[:most] for one in pair})
    return [_pair(told[a], told[b]) for a, b in wanted[:most]], len(wanted) > most


def _reads(person: Any) -> ColumnElement[bool]:
    """Has memberships: whoever was merged into somebody has none."""
    return exists().where(Membership.person_id == person.id)


def _alike(why: Why, one: Any, other: Any) -> ColumnElement[bool]:
    named = other.name_folded == one.name_folded
    if why is Why.BIRTH:
        return and_(named, other.born_on == one.born_on, ~one.born_year_only, ~other.born_year_only)
    if why is Why.CODE:
        return and_(one.student_code.is_not(None), other.student_code.is_not(None), _plain(one) == _plain(other))
    mine, theirs = aliased(Membership), aliased(Membership)
    together = exists().where(
        mine.person_id == one.id, theirs.person_id == other.id, mine.class_id == theirs.class_id,
        mine.to_on.is_(None), theirs.to_on.is_(None),
    )  # fmt: skip
    unknown = or_(one.born_on.is_(None), other.born_on.is_(None), one.born_year_only != other.born_year_only)
    return and_(named, together, or_(unknown, one.born_on == other.born_on))


def _plain(person: Any) -> SQLColumnExpression[str]:
    """A code without what typing adds or a table program takes: blanks, dashes, dots, zeros in front."""
    code = person.student_code
    for sign in (" ", "-", ".", "/", "'"):
        code = func.replace(code, sign, "")
    return func.ltrim(func.upper(code), "0")


def _pair(one: Side, other: Side) -> Pair:
    kept, gone = sorted((one, other), key=lambda side: side.weight)
    return Pair(kept, gone)


def seen_whole(session: Session, person_ids: set[int], scope: Scope) -> set[int]:
    """Those of these people who have memberships, all of them where the asker may see readers."""
    query = select(Membership.person_id, within(scope)).where(Membership.person_id.in_(person_ids))
    seen: dict[int, bool] = {}
    for person_id, mine in session.execute(query):
        seen[person_id] = seen.get(person_id, True) and bool(mine)
    return {one for one, whole in seen.items() if whole}


def sides(session: Session, person_ids: set[int]) -> dict[int, Side]:
    """Four statements, however many people."""
    people = session.scalars(select(Person).where(Person.id.in_(person_ids))).all()
    query = select(Membership).where(Membership.person_id.in_(person_ids)).order_by(Membership.id)
    parts = joinedload(Membership.library), joinedload(Membership.category), joinedload(Membership.school_class)
    readings = session.scalars(query.options(*parts)).all()
    ids = [one.id for one in readings]
    cards, loans = dict(session.execute(_cards(ids)).all()), _loans(session, ids)
    return {
        person.id: Side(
            person,
            [
                (one, cards.get(one.id, ""), *loans.get(one.id, (0, 0)))
                for one in readings
                if one.person_id == person.id
            ],
        )
        for person in people
    }


def _cards(memberships: Sequence[int]) -> Select[int, str]:
    query = select(Card.membership_id, Code.printed).join(Code, Code.id == Card.code_id)
    return query.where(Card.membership_id.in_(memberships), Card.ended_at.is_(None))


def _loans(session: Session, memberships: Sequence[int]) -> dict[int, tuple[int, int]]:
    held = func.count().filter(Loan.ended_at.is_(None))
    query = select(Loan.membership_id, held, func.count()).where(
        Loan.membership_id.in_(memberships), Loan.voided.is_(False)
    )
    rows = session.execute(query.group_by(Loan.membership_id))
    return {reader: (now, ever) for reader, now, ever in rows if reader is not None}
