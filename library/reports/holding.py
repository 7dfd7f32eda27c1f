"""What is there at the end of a span, or came and went in it: copies, titles, readers, loans that are late.

These are states, not sums of rows: a copy counts where it was entered, by what the register says. As known at a moment they
are worked out from what was recorded by then (`holding_then`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, column, func, or_, select, text, union_all
from sqlalchemy.orm import Session

from library.core import clock
from library.core.among import among
from library.holdings.models import Item, Receipt, Register
from library.loans.models import Loan, LoanMark
from library.patrons.models import Membership
from library.reports import holding_then
from library.reports.ledgers import DIMS, Key, Reading, Words
from library.reports.tree import Segment

_NO_WORDS = Words({})
Rows = Any
"""A statement that counts, of one number or (branch or part, number)."""
Parts = dict[tuple[Key, ...], int]


def moment_of(day: date) -> datetime:
    """When the day begins here."""
    return datetime.combine(day, time(), clock.HERE)


def counted(
    session: Session, code: str, segments: Sequence[Segment], known_at: datetime | None, dims: tuple[str, ...]
) -> Parts:
    """By the key of each dimension. What came and went is looked at segment by segment, what is there in the last."""
    told: Parts = {} if dims else {(): 0}
    for segment in segments if code in FLOWS else segments[-1:]:
        for keys, count in _of_segment(session, code, segment, known_at, dims):
            told[keys] = told.get(keys, 0) + count
    return told


def _keys(segment: Segment, dims: tuple[str, ...]) -> dict[tuple[Key, ...], list[int]]:
    """The branches of each key."""
    reading, found = Reading(segment, _NO_WORDS), dict[tuple[Key, ...], list[int]]()
    for branch in segment.stands:
        found.setdefault(tuple(DIMS[dim].fold((branch,), reading) for dim in dims), []).append(branch)
    return found


def _of_segment(
    session: Session, code: str, segment: Segment, known_at: datetime | None, dims: tuple[str, ...]
) -> Iterable[tuple[tuple[Key, ...], int]]:
    """One statement, however many keys. What is distinct over several branches is no sum of theirs: it is counted by key."""
    of, branches, keys = COUNTS[code], sorted(segment.stands), _keys(segment, dims)
    if not dims:
        yield (), int(session.scalar(of(session, segment, branches, known_at, None)) or 0)
        return
    yield from ((key, 0) for key, some in keys.items() if len(some) > 1)
    numbered = list(enumerate(keys.values())) if code in DISTINCT else []
    apart = _Apart({branch: at for at, some in numbered for branch in some} or None)
    key_of = dict(enumerate(keys)) if numbered else {branch: key for key, some in keys.items() for branch in some}
    if keys:
        for part, count in session.execute(of(session, segment, branches, known_at, apart)):
            yield key_of[part], int(count)


@dataclass(frozen=True)
class _Apart:
    """What a count is kept apart by: each branch, or the number of a part that some branches (or libraries) make up."""

    parts: Mapping[int, int] | None = None

    def grouped(self, what: ColumnElement[Any], place: Any) -> Rows:
        if self.parts is None:
            return select(place, what).group_by(place)
        place_at, part_at = column("column1", Integer), column("column2", Integer)  # as databases call them
        rows = ", ".join(f"({one:d}, {part:d})" for one, part in self.parts.items())
        table = text(f"VALUES {rows}").columns(place_at, part_at).cte("parts")
        return select(table.c.column2, what).where(table.c.column1 == place).group_by(table.c.column2)


def _grouped(what: ColumnElement[Any], branch: Any, apart: _Apart | None) -> Rows:
    return apart.grouped(what, branch) if apart else select(what)


def copies_there(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Copies in the register at the end of the segment: entered by then, and not written off by minutes of that time."""
    return [among(Item.branch_id, branches), Item.accessioned_on <= segment.last, _listed(_end(segment), known_at)]


def _end(segment: Segment) -> datetime:
    return moment_of(segment.last + timedelta(days=1))


def _listed(end: datetime, known_at: datetime | None) -> ColumnElement[bool]:
    if known_at is not None:
        return holding_then.listed(end, known_at)
    return or_(Item.register_status == Register.LISTED, _still_listed(end))


def _still_listed(end: datetime) -> ColumnElement[bool]:
    """Written off by minutes of later."""
    off = Item.register_status == Register.WRITTEN_OFF
    return and_(off, ~holding_then.written_off(end, None), holding_then.has_minutes())


def _held(session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, by: Any) -> Any:
    """The same copies as (key, how many) by branch or title; a key may come twice. Those that are listed today are most by
    far and stand in one index, which the question who was written off when would keep the database from reading: they are
    counted apart."""
    counted = select(by.label("key"), func.count().label("copies")).group_by(by)
    there = copies_there(segment, branches, known_at)
    if known_at is not None:
        return counted.where(*there).subquery()
    listed, later = Item.register_status == Register.LISTED, _still_listed(_end(segment))
    return union_all(*(counted.where(*there[:2], one) for one in (listed, later))).subquery()


def _copies(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    held = _held(session, segment, branches, known_at, Item.branch_id)
    return _grouped(func.sum(held.c.copies), held.c.key, apart).select_from(held)


def _titles(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    of = title(session, known_at)
    if apart is None:
        held = _held(session, segment, branches, known_at, of)
        return select(func.count(func.distinct(held.c.key)))
    return _grouped(func.count(func.distinct(of)), Item.branch_id, apart).where(
        *copies_there(segment, branches, known_at)
    )


def copies_and_titles(session: Session, segments: Sequence[Segment]) -> list[tuple[int, int]]:
    """Both at the end of each segment, as is known now, in one look: every copy of a province is read for any of them.
    The branches are the same in all segments."""
    latest = max(segments, key=lambda one: one.last)
    there = copies_there(latest, sorted(latest.stands), None)[:2]
    entered = [Item.accessioned_on <= one.last for one in segments]
    still = [
        and_(then, ~holding_then.written_off(_end(one), None)) for then, one in zip(entered, segments, strict=True)
    ]
    listed = Item.register_status == Register.LISTED
    off = and_(Item.register_status == Register.WRITTEN_OFF, holding_then.has_minutes())
    parts = [
        select(
            Item.record_id.label("title"), *(func.count().filter(one).label(f"n{at}") for at, one in enumerate(counts))
        )
        .where(*there, which)
        .group_by(Item.record_id)
        for which, counts in ((listed, entered), (off, still))
    ]
    some = union_all(*parts).subquery()
    many = [func.sum(some.c[f"n{at}"]).label(f"n{at}") for at in range(len(segments))]
    held = select(*many).group_by(some.c.title).subquery()  # PostgreSQL sorts for count(distinct …)
    row = session.execute(
        select(*map(func.sum, held.c), *(func.count().filter(copies > 0) for copies in held.c)).select_from(held)
    ).one()
    return [(int(row[at] or 0), int(row[len(segments) + at])) for at in range(len(segments))]


def title(session: Session, known_at: datetime | None) -> Any:
    """Of which title a copy is."""
    return Item.record_id if known_at is None else holding_then.title(session, known_at)


def copies_added(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Entered in the segment; what was here before the machine is no accession."""
    before = Item.receipt_id.in_(select(Receipt.id).where(Receipt.retrospective))
    kept = Item.register_status.in_((Register.LISTED, Register.WRITTEN_OFF))
    return [
        among(Item.branch_id, branches), ~before, kept if known_at is None else holding_then.entered(known_at),
        Item.accessioned_on >= segment.first, Item.accessioned_on <= segment.last,
    ]  # fmt: skip


def _added(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    return _grouped(func.count(), Item.branch_id, apart).where(*copies_added(segment, branches, known_at))


def copies_lost(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Marks by which the book of a loan was lost in the segment, and that nothing has gainsaid: paid for, it is lost still."""
    begin, end = moment_of(segment.first), moment_of(segment.last + timedelta(days=1))
    return [
        among(Item.branch_id, branches), Loan.item_id == Item.id, LoanMark.loan_id == Loan.id,
        LoanMark.occurred_at >= begin, LoanMark.occurred_at < end, *holding_then.lost(LoanMark, known_at or clock.now()),
    ]  # fmt: skip


def _lost(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    return _grouped(func.count(), Item.branch_id, apart).where(*copies_lost(segment, branches, known_at))


def loans_late(
    segment: Segment, branches: Iterable[int], known_at: datetime | None
) -> tuple[tuple[Any, ...], list[ColumnElement[bool]]]:
    """(what to join outside of loans, which of them were out at the end of the segment though due before its last day)."""
    end = moment_of(segment.last + timedelta(days=1))
    changes, due = holding_then.due(min(end, known_at or end))
    lent = [among(Loan.branch_id, branches), Loan.lent_at < end]
    if known_at is None:
        out = [Loan.voided.is_(False), or_(Loan.ended_at.is_(None), Loan.ended_at >= end)]
    else:
        out = [holding_then.stood(Loan.act_id, known_at), holding_then.still_out(end, known_at)]
    return changes, [*lent, *out, due < segment.last]


def _late(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    changes, where = loans_late(segment, branches, known_at)
    query = _grouped(func.count(), Loan.branch_id, apart).select_from(Loan)
    for one in changes:
        query = query.outerjoin(one, one.c.loan_id == Loan.id)
    return query.where(*where)


def _readers(
    session: Session, segment: Segment, branches: Iterable[int], known_at: datetime | None, apart: _Apart | None
) -> Rows:
    """A membership is of a library, not of a branch: it counts at the first of its branches."""
    first: dict[int, int] = {}
    for branch, stand in sorted(segment.stands.items()):
        first.setdefault(stand.owner, branch)
    asked = set(branches)
    libraries = [owner for owner, branch in first.items() if branch in asked]
    open_ = or_(Membership.to_on.is_(None), Membership.to_on > segment.last)
    reads = [Membership.from_on <= segment.last, open_]
    then = holding_then.reads(segment.last, known_at) if known_at else reads
    where = (among(Membership.library_id, libraries), *then)
    people = func.count(func.distinct(Membership.person_id))
    parts = apart.parts if apart else None
    told = _Apart({owner: parts[branch] for owner, branch in first.items()}) if parts else apart
    return _grouped(people, Membership.library_id, told).where(*where)


COUNTS: Mapping[str, Callable[[Session, Segment, Iterable[int], datetime | None, _Apart | None], Rows]] = {
    "copies": _copies, "titles": _titles, "copies-added": _added, "copies-lost": _lost, "loans-overdue": _late,
    "readers": _readers,
}  # fmt: skip
FLOWS = frozenset({"copies-added", "copies-lost"})
DISTINCT = frozenset({"titles", "readers"})
"""One thing may be in several branches."""
