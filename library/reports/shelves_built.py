"""New classroom shelves: rows of their own, known since their act was recorded and until it was taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.inbox.models import Act
from library.reports.holding import Parts
from library.reports.ledgers import DIMS, Reading, Words, month_number
from library.reports.tree import Segment
from library.shelves.models import Shelf, ShelfKind

_NO_WORDS = Words({})


def counted(
    session: Session, segments: Sequence[Segment], known_at: datetime | None, dims: tuple[str, ...], kinds: Any = None
) -> Parts:
    """Shelves built in the span, by the key of each dimension. `kinds`: only of this kind, or of these."""
    found: Parts = {} if dims else {(): 0}
    for segment in segments:
        reading = Reading(segment, _NO_WORDS)
        query = rows(segment, known_at, (Shelf.built_on, Shelf.branch_id, Shelf.kind, func.count()), kinds)
        for day, branch, kind, count in session.execute(query.group_by(Shelf.built_on, Shelf.branch_id, Shelf.kind)):
            read = {"day": day, "month": month_number(day), "branch": branch, "kind": kind.value}
            key = tuple(DIMS[dim].fold(tuple(read[name] for name in DIMS[dim].columns), reading) for dim in dims)
            found[key] = found.get(key, 0) + int(count)
    return found


def rows(segment: Segment, known_at: datetime | None, what: Sequence[Any], kinds: Any = None) -> Select[Any]:
    """Shelves that were built there in the segment, as was known at that moment. One closed as a mistake was none."""
    act, undone = aliased(Act), aliased(Act)
    query = select(*what).join(act, act.id == Shelf.act_id).outerjoin(undone, undone.id == act.voided_by)
    query = query.where(
        Shelf.branch_id.in_(sorted(segment.stands)), Shelf.built_on >= segment.first, Shelf.built_on <= segment.last
    )
    if kinds is not None:
        wanted = kinds if isinstance(kinds, list | tuple | set | frozenset) else [kinds]
        query = query.where(Shelf.kind.in_([one for one in ShelfKind if one.value in wanted]))
    if known_at is None:
        return query.where(undone.id.is_(None), or_(Shelf.closed_why.is_(None), Shelf.closed_why != "mistake"))
    closing = aliased(Act)
    mistaken = select(closing.id).where(closing.id == Shelf.closed_by, closing.recorded_at <= known_at).exists()
    return query.where(
        act.recorded_at <= known_at, or_(undone.id.is_(None), undone.recorded_at > known_at),
        or_(Shelf.closed_why.is_(None), Shelf.closed_why != "mistake", ~mistaken),
    )  # fmt: skip
