"""Terms of a library: what each category of readers may do. Where a category has none, nothing is lent to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from library.calendars.models import Closure
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.models import Loan, Terms
from library.loans.rules import Lengths
from library.organisations.models import Organisation
from library.patrons.models import Category, Membership

LONGEST, MOST_BOOKS, MOST_RENEWALS = 400, 500, 20


@dataclass(frozen=True)
class Line:
    """A category, its terms if there are any, and how many readers here are of it."""

    category: Category
    terms: Terms | None
    readers: int


def lines(session: Session, library: Organisation) -> list[Line]:
    """One for every category of the network (one statement)."""
    readers = (
        select(func.count(Membership.id))
        .where(
            Membership.category_id == Category.id, Membership.library_id == library.id, Membership.to_on.is_(None)
        )
        .scalar_subquery()
    )  # fmt: skip
    query = (
        select(Category, Terms, readers)
        .outerjoin(Terms, and_(Terms.category_id == Category.id, Terms.library_id == library.id))
        .where(Category.network_id == library.network_id)
        .order_by(Category.id)
    )
    return [Line(category, terms, count) for category, terms, count in session.execute(query)]


def for_others(session: Session, library_id: int) -> Terms | None:
    """Terms for categories that have none of their own."""
    return session.scalar(select(Terms).where(Terms.library_id == library_id, Terms.category_id.is_(None)))


def read(source: Mapping[str, Any], category_ids: Sequence[int]) -> dict[int, Lengths | None]:
    """By category, None where all of a line was left empty. Raises Invalid, naming fields as days-7."""
    reader = Reader(source)
    found = {one: _read_line(reader, one) for one in category_ids}
    reader.done()
    return found


def _read_line(reader: Reader, category: int) -> Lengths | None:
    if not any(str(reader.source.get(f"{name}-{category}") or "").strip() for name in ("days", "most", "renewals")):
        return None
    days = reader.number(f"days-{category}", 0, LONGEST)
    most = reader.number(f"most-{category}", 0, MOST_BOOKS)
    renewals = reader.number(f"renewals-{category}", 0, MOST_RENEWALS)
    overdue, within = reader.ticked(f"overdue-{category}"), reader.ticked(f"within-{category}")
    return Lengths(days or 0, most or 0, renewals or 0, overdue, within)


NAMES = ("days", "most", "renewals", "overdue_blocks", "due_within_card")


def save(session: Session, library: Organisation, wanted: Mapping[int, Lengths | None]) -> list[int]:
    """Category ids whose terms are other than before. A category without terms borrows nothing."""
    query = select(Terms).where(Terms.library_id == library.id, Terms.category_id.in_(wanted)).with_for_update()
    before = {one.category_id: one for one in session.scalars(query)}
    changed = []
    for category, lengths in wanted.items():
        row = before.get(category)
        now = [getattr(lengths, name) for name in NAMES] if lengths else None
        if (now or None) == ([getattr(row, name) for name in NAMES] if row else None):
            continue
        changed.append(category)
        _put(session, library.id, category, row, lengths)
    session.flush()
    return changed


def _put(session: Session, library_id: int, category: int, row: Terms | None, lengths: Lengths | None) -> None:
    if lengths is None:
        session.execute(delete(Terms).where(Terms.library_id == library_id, Terms.category_id == category))
        return
    row = row or Terms(library_id=library_id, category_id=category)
    for name in NAMES:
        setattr(row, name, getattr(lengths, name))
    session.add(row)


def due_between(session: Session, branch_id: int, first: date, last: date) -> int:
    """Open loans of a branch whose last day falls on these days."""
    query = select(func.count()).where(_open_at(branch_id), Loan.due_on.between(first, last))
    return session.scalar(query) or 0


def due_within(session: Session, branch_id: int, since: date) -> dict[int, int]:
    """How many open loans end within each closure that is not over, by closure id (one statement)."""
    query = (
        select(Closure.id, func.count(Loan.id))
        .join(Loan, and_(_open_at(branch_id), Loan.due_on.between(Closure.first_on, Closure.last_on)))
        .where(Closure.branch_id == branch_id, Closure.last_on >= since)
        .group_by(Closure.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _open_at(branch_id: int) -> Any:
    return and_(Loan.branch_id == branch_id, Loan.ended_at.is_(None), Loan.voided.is_(False))


@dataclass(frozen=True)
class ClosureForm:
    """Days on which a branch will be closed, both included."""

    first: date
    last: date
    why: str

    @classmethod
    def read(cls, source: Mapping[str, Any], today: date) -> "ClosureForm":
        """`last` may be left empty for a single day. Raises Invalid."""
        reader = Reader(source)
        first, last = reader.day("first"), reader.day("last", required=False)
        why = reader.text("why", longest=100)
        last = last or first
        if first and last and last < first:
            reader.complain("last", "last-before-first", N_("Ngày cuối phải sau ngày đầu."))
        if last and last < today:
            reader.complain("last", "closure-past", N_("Những ngày này đã qua."))
        if first and last and (last - first).days > LONGEST:
            reader.complain("last", "closure-long", N_("Nghỉ dài quá một năm: xem lại năm."))
        reader.done()
        assert first
        assert last
        return cls(first, last, why)
