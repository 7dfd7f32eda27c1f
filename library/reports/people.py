"""Different people who read in a span, each counted once: by loans and visits that still tell whose they were.

Names go after a time. So when a month, a quarter, a school year or a year closes, the people of every unit are counted and
the number stays; it is counted again while late records may come, and may then only grow. Where a library forgets sooner
than the period closed, no number is kept: the few whose names are left would be told as all of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.among import among
from library.inbox.models import Act
from library.loans.models import Loan
from library.organisations.models import Organisation
from library.patrons.models import Membership
from library.reports import tree
from library.reports.holding import moment_of
from library.reports.ledgers import SCHOOL_YEAR_BEGINS
from library.reports.rolling_models import PeopleCounted
from library.reports.tree import Segment
from library.uses.models import Visit, Visitor

LATE = timedelta(days=31)
"""How long after its end a period is counted again."""
SOME = 20
"""Units in one transaction."""
Span = tuple[date, date]


def counted(
    session: Session, units: frozenset[int], segments: Sequence[Segment], known_at: datetime | None = None,
    span: Span | None = None,
) -> int:  # fmt: skip
    """`span`: a period that may have been counted at its end; None: look at names only."""
    kept = _kept(session, units, span) if known_at is None else None
    return kept.people if kept and kept.people is not None else live(session, segments, known_at)


def _kept(session: Session, units: frozenset[int], span: Span | None) -> PeopleCounted | None:
    """What was kept of one unit's period when it had closed."""
    if span is None or len(units) != 1:
        return None
    query = select(PeopleCounted).where(
        PeopleCounted.unit_id.in_(units), PeopleCounted.first_on == span[0], PeopleCounted.last_on == span[1]
    )
    return session.scalar(query)


def live(session: Session, segments: Sequence[Segment], known_at: datetime | None = None) -> int:
    """By the names that are still kept."""
    there = [segment for segment in segments if segment.stands]
    asked = [query for segment in there for query in (_lent(segment, known_at), _came(segment, known_at))]
    if not asked:
        return 0
    everybody = union(*asked).subquery()
    return session.scalar(select(func.count()).select_from(everybody)) or 0


def names_gone(session: Session, units: frozenset[int], segments: Sequence[Segment], span: Span | None) -> bool:
    """Whether loans of a span nobody counted at its end have lost their readers' names: those left are too few."""
    if kept := _kept(session, units, span):
        return kept.people is None
    return any(
        session.scalar(
            select(
                exists().where(
                    Loan.membership_id.is_(None), Loan.lent_at >= moment_of(segment.first),
                    Loan.lent_at < moment_of(segment.last + timedelta(days=1)), among(Loan.branch_id, segment.stands),
                )
            )
        )
        for segment in segments
        if segment.stands
    )  # fmt: skip


def _lent(segment: Segment, known_at: datetime | None) -> Select[int]:
    begin, end = moment_of(segment.first), moment_of(segment.last + timedelta(days=1))
    query = select(Membership.person_id).join(Loan, Loan.membership_id == Membership.id)
    query = query.where(among(Loan.branch_id, segment.stands), Loan.lent_at >= begin, Loan.lent_at < end)
    if known_at is None:
        return query.where(Loan.voided.is_(False))
    return query.where(exists().where(Act.id == Loan.act_id, Act.recorded_at <= known_at, *_stood(known_at)))


def _stood(known_at: datetime) -> Iterable[ColumnElement[bool]]:
    undoing = aliased(Act)
    yield ~exists().where(undoing.id == Act.voided_by, undoing.recorded_at <= known_at)


def _came(segment: Segment, known_at: datetime | None) -> Select[int]:
    back = aliased(Visit)
    gone = exists().where(back.reverses_id == Visit.id)
    query = (
        select(Membership.person_id)
        .join(Visitor, Visitor.membership_id == Membership.id)
        .join(Visit, Visit.id == Visitor.visit_id + 0)  # few visits name somebody: begin with those
        .where(
            among(Visitor.branch_id, segment.stands), Visitor.visited_on >= segment.first,
            Visitor.visited_on <= segment.last,
        )
    )  # fmt: skip
    if known_at is None:
        return query.where(~gone)
    return query.where(Visit.recorded_at <= known_at, ~gone.where(back.recorded_at <= known_at))


# Periods that closed


def periods(day: date) -> Iterator[Span]:
    """Months, quarters, half-years, school years and years that ended before `day`, while late records may come."""
    last = day.replace(day=1) - timedelta(days=1)
    while last >= day - LATE:
        for months in _ending_with(last):
            yield _months_before(last, months), last
        last = last.replace(day=1) - timedelta(days=1)


def _ending_with(last: date) -> Iterator[int]:
    """Lengths, in months, of the periods that end with this month."""
    yield 1
    if last.month % 3 == 0:
        yield 3
    if last.month % 6 == 0:
        yield 6
    if last.month in (SCHOOL_YEAR_BEGINS - 1, 12):
        yield 12


def _months_before(last: date, months: int) -> date:
    number = last.year * 12 + last.month - months
    return date(number // 12, number % 12 + 1, 1)


def close(session: Session, day: date) -> tuple[int, bool]:
    """Count the people of some units in periods that closed, each once a day; (how many counts, whether there are more)."""
    begin = moment_of(clock.today())
    for first, last in periods(day):
        done = select(PeopleCounted.unit_id).where(
            PeopleCounted.first_on == first, PeopleCounted.last_on == last, PeopleCounted.counted_at >= begin
        )
        there = or_(Organisation.to_on.is_(None), Organisation.to_on > first)
        units = select(Organisation.id).where(there, Organisation.id.not_in(done))
        some = list(session.scalars(units.order_by(Organisation.id).limit(SOME)))
        if some:
            _count(session, some, (first, last))
            return len(some), True
    return 0, False


def _count(session: Session, units: Iterable[int], span: Span) -> None:
    known, now = tree.load(session), clock.now()
    for unit in units:
        units, kept = frozenset({unit}), _kept(session, frozenset({unit}), span)
        segments = tree.segments(known, units, *span)
        if kept is None:
            kept = PeopleCounted(unit_id=unit, first_on=span[0], last_on=span[1], people=None, counted_at=now)
            session.add(kept)
        if kept.people is not None or not names_gone(session, units, segments, None):
            kept.people = max(kept.people or 0, live(session, segments))
        kept.counted_at = now
    session.flush()
