"""Pairs of titles of one network that may be one book. Two volumes are never a pair, whatever else they share.

Groups come from an index in the order of what their members share (a key, a number), so that a page reads on from where
the last one ended; which two of a group make a pair is decided here, in the plain sight of `suits`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from sqlalchemy import Select, SQLColumnExpression, and_, func, select
from sqlalchemy.orm import Session, selectinload

from library.access import Scope
from library.catalogue import volumes
from library.catalogue.matching import publisher_key
from library.catalogue.merged import is_merged
from library.catalogue.models import NumberKind, Record, RecordNumber
from library.core.fold import fold, loose
from library.duplicates.models import TitleApart

A_PAGE, GROUPS_AT_ONCE, GROUPS_AT_MOST = 20, 100, 3_000
ALIKE = 0.85


class Why(StrEnum):
    """In what two titles agree."""

    SAME = "same"
    SPELLING = "spelling"
    NUMBER_ALIKE = "number-alike"
    EDITION = "edition"
    NUMBER = "number"


@dataclass(frozen=True)
class Pair:
    one: Record
    other: Record


@dataclass(frozen=True)
class Found:
    """`after`: where the next page begins, '' when there is none."""

    pairs: Sequence[Pair]
    after: str


def pairs(session: Session, scope: Scope, why: Why, after: str = "") -> Found:
    """A page of pairs. Looks through 3,000 groups at most: a page may be short and still have a next one."""
    found: list[Pair] = []
    for _ in range(GROUPS_AT_MOST // GROUPS_AT_ONCE):
        keys = list(session.scalars(_KEYS[why](scope, after).limit(GROUPS_AT_ONCE)))
        groups = _members(session, scope, why, keys)
        for key in keys:
            found += _of_group(session, why, groups.get(key, ()))
            after = key
            if len(found) >= A_PAGE:
                return Found(found, after)
        if len(keys) < GROUPS_AT_ONCE:
            return Found(found, "")
    return Found(found, after)


# Groups: what their members share, in order


def _by_key(scope: Scope, after: str) -> Select[str]:
    query = select(Record.match_key).where(scope.of_networks(Record.network_id), Record.match_key > after, ~is_merged())
    return query.group_by(Record.network_id, Record.match_key).having(func.count() > 1).order_by(Record.match_key)


_LOOSE = func.replace(Record.match_key, "y", "i")
"""Wider than `loose`, which `suits` asks again."""


def _by_sound(scope: Scope, after: str) -> Select[str]:
    query = select(_LOOSE).where(scope.of_networks(Record.network_id), _LOOSE.__gt__(after), ~is_merged())
    several = func.min(Record.match_key) != func.max(Record.match_key)
    return query.group_by(Record.network_id, _LOOSE).having(several).order_by(_LOOSE)


def _by_number(scope: Scope, after: str) -> Select[str]:
    query = select(RecordNumber.number).where(RecordNumber.kind == NumberKind.ISBN, RecordNumber.number > after)
    return query.group_by(RecordNumber.number).having(func.count() > 1).order_by(RecordNumber.number)


_KEYS: Mapping[Why, Callable[[Scope, str], Select[str]]] = {
    Why.SAME: _by_key, Why.EDITION: _by_key, Why.SPELLING: _by_sound, Why.NUMBER_ALIKE: _by_number,
    Why.NUMBER: _by_number,
}  # fmt: skip

_SHARED: Mapping[Why, SQLColumnExpression[str]] = {
    Why.SAME: Record.match_key, Why.EDITION: Record.match_key, Why.SPELLING: _LOOSE,
    Why.NUMBER_ALIKE: RecordNumber.number, Why.NUMBER: RecordNumber.number,
}  # fmt: skip


def _members(session: Session, scope: Scope, why: Why, keys: Sequence[str]) -> dict[str, list[Record]]:
    """The titles of each group, oldest first."""
    by = _SHARED[why]
    query = select(by, Record).where(by.in_(keys), scope.of_networks(Record.network_id), ~is_merged())
    if why in (Why.NUMBER, Why.NUMBER_ALIKE):
        query = query.join(
            RecordNumber, and_(RecordNumber.record_id == Record.id, RecordNumber.kind == NumberKind.ISBN)
        )
    found: dict[str, list[Record]] = {}
    if keys:
        parts = selectinload(Record.contributors), selectinload(Record.numbers)
        for key, record in session.execute(query.options(*parts).order_by(Record.id)):
            found.setdefault(key, []).append(record)
    return found


def _of_group(session: Session, why: Why, group: Sequence[Record]) -> Iterator[Pair]:
    """Each title with the oldest one it suits."""
    if len(group) < 2:
        return
    known_apart = _apart(session, [record.id for record in group])
    for at, other in enumerate(group):
        for one in group[:at]:
            if (one.id, other.id) not in known_apart and suits(why, one, other):
                yield Pair(one, other)
                break


def _apart(session: Session, ids: Sequence[int]) -> set[tuple[int, int]]:
    query = select(TitleApart.one_id, TitleApart.other_id).where(
        TitleApart.one_id.in_(ids), TitleApart.other_id.in_(ids)
    )
    return {(one, other) for one, other in session.execute(query)}


# Two titles


def suits(why: Why, one: Record, other: Record) -> bool:
    """Whether these two, who are in one group, belong under this heading."""
    if one.network_id != other.network_id or two_volumes(one, other):
        return False
    if why is Why.SAME:
        return same_author(one, other) and (_shared(one, other) or not another_edition(one, other))
    if why is Why.EDITION:
        return bool(one.author) and same_author(one, other) and not _shared(one, other) and another_edition(one, other)
    differ = one.match_key != other.match_key
    if why is Why.SPELLING:
        return differ and loose(one.match_key) == loose(other.match_key) and same_author(one, other)
    return differ and alike(one, other) is (why is Why.NUMBER_ALIKE)


def two_volumes(one: Record, other: Record) -> bool:
    """Both say which volume they are, in a field or by the figures in their titles, and it is not the same one."""
    parts = volumes.part_key(one.part_number or ""), volumes.part_key(other.part_number or "")
    if all(parts) and parts[0] != parts[1]:
        return True
    titles = fold(one.title), fold(other.title)
    figures = [re.findall(r"\d+", title) for title in titles]
    return figures[0] != figures[1] and re.sub(r"\d+", "", titles[0]) == re.sub(r"\d+", "", titles[1])


def same_author(one: Record, other: Record) -> bool:
    """What one side does not say contradicts nothing: a person looks at the pair."""
    authors = loose(one.author), loose(other.author)
    return not all(authors) or authors[0] == authors[1]


def another_edition(one: Record, other: Record) -> bool:
    """Publisher, year or ISBN contradict each other, as when a list comes in (`matching`)."""
    publishers = publisher_key(one.publisher or ""), publisher_key(other.publisher or "")
    years, numbers = (one.year, other.year), (_isbns(one), _isbns(other))
    told = publishers, years
    return any(all(both) and both[0] != both[1] for both in told) or (all(numbers) and not _shared(one, other))


def _shared(one: Record, other: Record) -> bool:
    return bool(_isbns(one) & _isbns(other))


def _isbns(record: Record) -> set[str]:
    return {number.number for number in record.numbers if number.kind is NumberKind.ISBN}


def alike(one: Record, other: Record) -> bool:
    """Titles that read nearly the same, or one of which goes on where the other ends; the same figures in both."""
    titles = sorted((loose(one.full_title), loose(other.full_title)), key=len)
    if re.findall(r"\d+", titles[0]) != re.findall(r"\d+", titles[1]) or not titles[0]:
        return False
    begins = titles[1].startswith(f"{titles[0]} ") and " " in titles[0]
    return begins or SequenceMatcher(None, titles[0], titles[1], autojunk=False).ratio() >= ALIKE
