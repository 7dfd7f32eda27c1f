"""The tree of today, and of any day: who stands under whom."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.audit import Trace
from library.organisations.models import Branch, Organisation, Parentage

SUCCEEDED, BRANCH = "succeed", "branch"
"""The trace a branch keeps of whose it was until its library was succeeded by another."""

Pairs = Iterable[tuple[int, int]]


def parentage_on(session: Session, day: date) -> list[tuple[int, int]]:
    """(child, parent) pairs that hold on that day."""
    query = select(Parentage.child_id, Parentage.parent_id).where(
        Parentage.from_on <= day, or_(Parentage.to_on.is_(None), Parentage.to_on > day)
    )
    return [(child, parent) for child, parent in session.execute(query)]


def below(roots: Iterable[int], pairs: Pairs) -> frozenset[int]:
    """The roots and everything under them. Pure; a ring in bad data ends the walk."""
    children = defaultdict(list)
    for child, parent in pairs:
        children[parent].append(child)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(children[node])
    return frozenset(found)


def top_of(node: int, pairs: Pairs) -> int:
    """The root above `node`, itself if it has no parent."""
    parent_of = dict(pairs)
    seen = {node}
    while (parent := parent_of.get(node)) is not None and parent not in seen:
        seen.add(parent)
        node = parent
    return node


def branches_of(session: Session, organisations: Iterable[int]) -> frozenset[int]:
    query = select(Branch.id).where(Branch.organisation_id.in_(list(organisations)))
    return frozenset(session.scalars(query))


def branches_on(session: Session, organisations: Iterable[int], day: date) -> frozenset[int]:
    """The branches that were theirs on that day: one that came with a succession was the old library's before it."""
    formerly = (
        select(Trace.subject, Organisation.id)
        .join(Organisation, Organisation.id == Trace.library_id)
        .where(Trace.kind == BRANCH, Trace.verb == SUCCEEDED, Organisation.to_on > day)
        .order_by(Organisation.to_on.desc(), Trace.id.desc())
    )
    then = {UUID(branch): whose for branch, whose in session.execute(formerly)}  # whose turn ended first comes last
    wanted = frozenset(organisations)
    rows = session.execute(select(Branch.id, Branch.uid, Branch.organisation_id))
    return frozenset(row.id for row in rows if then.get(row.uid, row.organisation_id) in wanted)


def networks_of(session: Session, organisations: Iterable[int]) -> frozenset[int]:
    query = select(Organisation.network_id).where(Organisation.id.in_(list(organisations)))
    return frozenset(network for network in session.scalars(query) if network is not None)
