"""How many people are behind a public figure: readers of each group month by month, and those whose names are known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.loans.models import Loan
from library.organisations.models import Organisation
from library.patrons.models import Category, Membership, SchoolClass
from library.reports import asking
from library.reports.asking import Ask
from library.reports.ledgers import DIMS, TABLES, Key, Reading, Words
from library.reports.measures import Ledger
from library.reports.standing_periods import month_after
from library.reports.tree import Segment, Tree
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind, Visitor

NAMED = {Ledger.VISIT: (VisitKind.KIOSK, VisitKind.DESK), Ledger.USE: (UseKind.HOME, UseKind.RENEWAL)}
"""Rows of readers by name: one of them may make many. Where the name is gone they count for nobody, so that no number is
told later than not at all. Any other row is somebody of its own: heads were counted."""


def belonging(
    session: Session, library: Organisation, months: Sequence[date], end: Callable[[date], date]
) -> dict[date, dict[Key, int]]:
    """{month: {group: readers all through it}}; groups without any reader in a month are counted by heads only, and not
    here (one statement)."""
    sums = [one for month in months for one in (_sum(_during(month, end(month))), _sum(_through(month, end(month))))]
    query = (
        select(SchoolClass.grade, Category.group, *sums)
        .select_from(Membership)
        .join(Category, Category.id == Membership.category_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.library_id == library.id)
        .group_by(SchoolClass.grade, Category.group)
    )
    found: dict[date, dict[Key, int]] = {month: {} for month in months}
    for grade, group, *counts in session.execute(query):
        key = DIMS["group"].fold((grade, group.value), _GROUPS)
        for month, during, through in zip(months, counts[::2], counts[1::2], strict=True):
            if during:
                found[month][key] = found[month].get(key, 0) + int(through)
    return found


_GROUPS = Reading(Segment(date.min, date.max, {}), Words({}))
"""Here categories are told as their groups."""


def _sum(is_one: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((is_one, 1), else_=0))


def _during(first: date, last: date) -> ColumnElement[bool]:
    return and_(Membership.from_on <= last, or_(Membership.to_on.is_(None), Membership.to_on > first))


def _through(first: date, last: date) -> ColumnElement[bool]:
    """The smallest number there was on any day of it is never less than this."""
    return and_(Membership.from_on <= first, or_(Membership.to_on.is_(None), Membership.to_on > last))


def behind(session: Session, ask: Ask, known: Tree) -> dict[tuple[Key, ...], int]:
    """{(group, month): people behind that part of the figure, at least} (two statements for each time of constant standing)."""
    found = dict[tuple[Key, ...], int]()
    for segment in asking.places(known, ask):
        for keys, count in _counted(session, ask, segment).items():
            found[keys] = found.get(keys, 0) + count
    return found


def _counted(
    session: Session, ask: Ask, segment: Segment, months: Iterable[date] = ()
) -> dict[tuple[Key, ...], int]:  # fmt: skip
    """By (group, month) of one time of constant standing. `months`: only of these."""
    if not segment.stands:
        return {}
    reading, found = Reading(segment, asking.words(session)), dict[tuple[Key, ...], int]()
    day = TABLES[ask.measured.ledger].day
    among = [and_(day >= month, day < month_after(month, 1)) for month in months]
    for query in (_by_name(ask, segment), _by_heads(ask, segment)):
        for grade, category, month, count in session.execute(query.where(or_(*among)) if among else query):
            keys = DIMS["group"].fold((grade, category), reading), DIMS["month"].fold((month,), reading)
            found[keys] = found.get(keys, 0) + int(count)
    return found


MANY = 500
"""Rows that a handful of people cannot make in a month: of a number as large nobody looks who is behind it."""


def behind_kinds(
    session: Session, ask: Ask, known: Tree, counts: Mapping[tuple[Key, ...], int]
) -> dict[tuple[Key, ...], int]:
    """{(kind of library, month): people behind that part of the figure, at least}; of large ones the number itself."""
    found = {keys: 0 if count < MANY else count for keys, count in counts.items()}
    months: dict[Key, list[date]] = {}
    for (kind, month), count in counts.items():
        if count < MANY and isinstance(month, date):
            months.setdefault(kind, []).append(month)
    for segment in asking.places(known, ask):
        for kind, few in sorted(months.items(), key=str):
            mine = {branch: stand for branch, stand in segment.stands.items() if stand.kind == kind}
            for (_group, month), people in _counted(session, ask, replace(segment, stands=mine), few).items():
                found[kind, month] = found.get((kind, month), 0) + people
    return found


def _by_heads(ask: Ask, segment: Segment) -> Select[Any]:
    table, ledger = TABLES[ask.measured.ledger], ask.measured.ledger
    query = _grouped(ask, segment, func.sum(table.quantity)).where(table.columns["kind"].not_in(NAMED[ledger]))
    return query if ledger is Ledger.VISIT else query.where(~exists().where(*_LENT))


_LENT = (Loan.act_id == DocumentUse.act_id, Loan.item_id == DocumentUse.item_id)
"""Also what is lent to be read in the house is read by somebody."""


def _by_name(ask: Ask, segment: Segment) -> Select[Any]:
    if ask.measured.ledger is Ledger.VISIT:
        query = _grouped(ask, segment, func.count(distinct(Visitor.membership_id)))
        return query.join(Visitor, Visitor.visit_id == Visit.id)
    return _grouped(ask, segment, func.count(distinct(Loan.membership_id))).join(Loan, and_(*_LENT))


def _grouped(ask: Ask, segment: Segment, what: ColumnElement[int]) -> Select[Any]:
    """Of rows that stand, told of these branches and days."""
    table = TABLES[ask.measured.ledger]
    back = aliased(table.rows)
    stands = table.quantity > 0, ~exists().where(back.reverses_id == table.rows.id)
    parts = [table.columns["grade"], table.columns["category"], table.month()]
    return (
        select(*parts, what)
        .select_from(table.rows)
        .where(table.branch.in_(sorted(segment.stands)), table.day >= segment.first, table.day <= segment.last, *stands)
        .group_by(*parts)
    )
