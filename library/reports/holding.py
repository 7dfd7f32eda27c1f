"""What is there at the end of a span, or came and went in it: copies, titles, readers, loans that are late.

These are states, not sums of rows: a copy counts where it was entered, by what the register says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.holdings.models import Item, Receipt, Register
from library.inbox.models import Act
from library.loans.models import Compensation, Loan
from library.patrons.models import Membership
from library.reports.ledgers import DIMS, Key, Reading, Words
from library.reports.tree import Segment

_NO_WORDS = Words({})
Rows = Any
"""A statement that counts, of one number or (branch, number)."""
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
    of = COUNTS[code]
    alone = {}
    for keys, branches in _keys(segment, dims).items():
        if len(branches) == 1 or not dims:
            alone.update(dict.fromkeys(branches, keys))
        else:  # what is distinct over several branches is no sum of theirs
            yield keys, session.scalar(of(segment, branches, known_at, False)) or 0
    if not dims:
        yield (), session.scalar(of(segment, sorted(segment.stands), known_at, False)) or 0
    elif alone:
        for branch, count in session.execute(of(segment, sorted(alone), known_at, True)):
            yield alone[branch], int(count)


def _grouped(what: ColumnElement[Any], branch: Any, each: bool) -> Rows:
    return select(branch, what).group_by(branch) if each else select(what)


def copies_there(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Copies in the register at the end of the segment: entered by then, and not written off by minutes of that time."""
    end = moment_of(segment.last + timedelta(days=1))
    off = exists().where(Compensation.item_id == Item.id, Compensation.written_off_by == Act.id, Act.occurred_at < end)
    listed = or_(
        Item.register_status == Register.LISTED,
        (Item.register_status == Register.WRITTEN_OFF) & ~off & exists().where(
            Compensation.item_id == Item.id, Compensation.written_off_by.is_not(None)),
    )  # fmt: skip
    return [Item.branch_id.in_(list(branches)), Item.accessioned_on <= segment.last, listed, *_entered(known_at)]


def _entered(known_at: datetime | None) -> list[ColumnElement[bool]]:
    if known_at is None:
        return []
    receipt, act = aliased(Receipt), aliased(Act)
    return [exists().where(receipt.id == Item.receipt_id, act.id == receipt.act_id, act.recorded_at <= known_at)]


def _copies(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    return _grouped(func.count(), Item.branch_id, each).where(*copies_there(segment, branches, known_at))


def _titles(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    distinct = func.count(func.distinct(Item.record_id))
    return _grouped(distinct, Item.branch_id, each).where(*copies_there(segment, branches, known_at))


def copies_added(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Entered in the segment; what was here before the machine is no accession."""
    receipt = aliased(Receipt)
    before = exists().where(receipt.id == Item.receipt_id, receipt.retrospective)
    kept = (Register.LISTED, Register.WRITTEN_OFF)
    return [
        Item.branch_id.in_(list(branches)), Item.register_status.in_(kept), ~before, *_entered(known_at),
        Item.accessioned_on >= segment.first, Item.accessioned_on <= segment.last,
    ]  # fmt: skip


def _added(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    return _grouped(func.count(), Item.branch_id, each).where(*copies_added(segment, branches, known_at))


def copies_lost(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Loans whose book was said to be lost in the segment, and still is."""
    begin, end = moment_of(segment.first), moment_of(segment.last + timedelta(days=1))
    end = min(end, known_at) if known_at else end
    return [
        Item.branch_id.in_(list(branches)), Loan.item_id == Item.id, Loan.voided.is_(False), Loan.lost_at >= begin,
        Loan.lost_at < end,
    ]  # fmt: skip


def _lost(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    return _grouped(func.count(), Item.branch_id, each).where(*copies_lost(segment, branches, known_at))


def loans_late(segment: Segment, branches: Iterable[int], known_at: datetime | None) -> list[ColumnElement[bool]]:
    """Loans that were out at the end of the segment though due before its last day."""
    end = moment_of(segment.last + timedelta(days=1))
    return [
        Loan.branch_id.in_(list(branches)), Loan.voided.is_(False), Loan.lent_at < end, Loan.due_on < segment.last,
        or_(Loan.ended_at.is_(None), Loan.ended_at >= end),
    ]  # fmt: skip


def _late(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    return _grouped(func.count(), Loan.branch_id, each).where(*loans_late(segment, branches, known_at))


def _readers(segment: Segment, branches: Iterable[int], known_at: datetime | None, each: bool) -> Rows:
    """A membership is of a library, not of a branch: it counts at the first of its branches."""
    first: dict[int, int] = {}
    for branch, stand in sorted(segment.stands.items()):
        first.setdefault(stand.owner, branch)
    among = set(branches)
    libraries = [owner for owner, branch in first.items() if branch in among]
    where: tuple[ColumnElement[bool], ...] = (
        Membership.library_id.in_(libraries), Membership.from_on <= segment.last,
        or_(Membership.to_on.is_(None), Membership.to_on > segment.last),
    )  # fmt: skip
    if not each:
        return select(func.count(func.distinct(Membership.person_id))).where(*where)
    counted = select(Membership.library_id, func.count().label("n")).where(*where).group_by(Membership.library_id)
    inner = counted.subquery()
    main = case(first, value=inner.c.library_id)
    return select(main, inner.c.n)


COUNTS: Mapping[str, Callable[[Segment, Iterable[int], datetime | None, bool], Rows]] = {
    "copies": _copies, "titles": _titles, "copies-added": _added, "copies-lost": _lost, "loans-overdue": _late,
    "readers": _readers,
}  # fmt: skip
FLOWS = frozenset({"copies-added", "copies-lost"})
