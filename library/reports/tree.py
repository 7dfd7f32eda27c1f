"""Who owned a branch and who stood above whom, day by day: the span of a question falls into segments in which neither
changed. Before its first parent is told, a unit stood under that one: somebody who begins with the machine in November
types in what was done in September."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.audit import Trace
from library.organisations.models import Branch, Organisation, Parentage
from library.organisations.tree import BRANCH, SUCCEEDED

Turn = tuple[date, date, int]
"""From a day to the day before another: whose."""


@dataclass(frozen=True)
class Tree:
    """Turns of owners by branch and of parents by unit, in order of days; the kind of each unit."""

    owners: Mapping[int, tuple[Turn, ...]]
    parents: Mapping[int, tuple[Turn, ...]]
    kinds: Mapping[int, str]
    told: dict[tuple[frozenset[int], date, date], "list[Segment]"] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Answers of `segments`: one page asks the same for each of its figures."""

    def changes(self, first: date, last: date) -> list[date]:
        """`first`, and the days after it, to `last`, on which anything is other than the day before."""
        ends = (turn[0] for turns in (*self.owners.values(), *self.parents.values()) for turn in turns)
        stops = (turn[1] for turns in self.parents.values() for turn in turns)
        return sorted({first, *(day for day in (*ends, *stops) if first < day <= last)})


@dataclass(frozen=True)
class Stand:
    """Where a branch stood: its owner, the unit right under the one asked for (or that itself), the owner's kind."""

    owner: int
    below: int
    kind: str


@dataclass(frozen=True)
class Segment:
    """From `first` to `last`, both included, these branches and no others were the units'."""

    first: date
    last: date
    stands: Mapping[int, Stand]


def load(session: Session) -> Tree:
    """Three statements."""
    kinds = {one: kind.value for one, kind in session.execute(select(Organisation.id, Organisation.kind))}
    return Tree(_owners(session), _parents(session), kinds)


def _parents(session: Session) -> dict[int, tuple[Turn, ...]]:
    query = select(Parentage.child_id, Parentage.from_on, Parentage.to_on, Parentage.parent_id)
    found: dict[int, list[Turn]] = {}
    for child, since, until, parent in session.execute(query.order_by(Parentage.child_id, Parentage.from_on)):
        begin = since if child in found else date.min
        found.setdefault(child, []).append((begin, until or date.max, parent))
    return {child: tuple(turns) for child, turns in found.items()}


def _owners(session: Session) -> dict[int, tuple[Turn, ...]]:
    former = (
        select(Trace.subject, Organisation.to_on, Organisation.id)
        .join(Organisation, Organisation.id == Trace.library_id)
        .where(Trace.kind == BRANCH, Trace.verb == SUCCEEDED, Organisation.to_on.is_not(None))
        .order_by(Organisation.to_on, Trace.id)
    )
    ended: dict[UUID, list[tuple[date, int]]] = {}
    for subject, until, whose in session.execute(former):
        ended.setdefault(UUID(subject), []).append((until or date.max, whose))
    rows = session.execute(select(Branch.id, Branch.uid, Branch.organisation_id))
    return {branch: tuple(_turns(ended.get(uid, ()), now)) for branch, uid, now in rows}


def _turns(ended: Iterable[tuple[date, int]], now: int) -> Iterator[Turn]:
    since = date.min
    for until, whose in ended:
        yield since, until, whose
        since = until
    yield since, date.max, now


def whose(turns: Iterable[Turn], day: date) -> int | None:
    return next((one for since, until, one in turns if since <= day < until), None)


def segments(tree: Tree, units: frozenset[int], first: date, last: date) -> list[Segment]:
    """The span in parts of constant standing; parts alike on both sides of a change are one. Empty for a span of nothing."""
    if (units, first, last) not in tree.told:
        tree.told[units, first, last] = _segments(tree, units, first, last) if first <= last else []
    return tree.told[units, first, last]


def _segments(tree: Tree, units: frozenset[int], first: date, last: date) -> list[Segment]:
    days = tree.changes(first, last)
    ends = [*(day - timedelta(days=1) for day in days[1:]), last]
    found: list[Segment] = []
    for begin, end in zip(days, ends, strict=True):
        stands = _stands(tree, units, begin)
        if found and found[-1].stands == stands:
            found[-1] = Segment(found[-1].first, end, stands)
        else:
            found.append(Segment(begin, end, stands))
    return found


def _stands(tree: Tree, units: frozenset[int], day: date) -> dict[int, Stand]:
    above = {child: parent for child, turns in tree.parents.items() if (parent := whose(turns, day)) is not None}
    below: dict[int, int | None] = {}
    found = {}
    for branch, turns in tree.owners.items():
        owner = whose(turns, day)
        if owner is None:
            continue
        if owner not in below:
            below[owner] = _below(owner, units, above)
        if (under := below[owner]) is not None:
            found[branch] = Stand(owner, under, tree.kinds[owner])
    return found


def _below(owner: int, units: frozenset[int], above: Mapping[int, int]) -> int | None:
    """The unit under the nearest of `units` on the way up, itself if it is one; None: none of them is above."""
    if owner in units:
        return owner
    seen, node = {owner}, owner
    while (parent := above.get(node)) is not None and parent not in seen:
        if parent in units:
            return node
        seen.add(parent)
        node = parent
    return None
