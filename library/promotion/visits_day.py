"""A day's visits as its page shows them: by kind, line by line, and the days before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core.paging import Page
from library.inbox.models import Act
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind

LINES = 50
WEEK = 7


@dataclass(frozen=True)
class Line:
    """One act and what it counted. Of a voided one: what it had counted."""

    act: UUID
    kind: str
    visit_kind: VisitKind | None
    what: str | None
    """The class, or the category."""
    visits: int
    sexes: Mapping[str, int]
    needs: Mapping[str, int]
    books: int
    class_books: int
    at: datetime
    recorded_at: datetime
    by: str
    undone: bool
    class_name: str | None = None
    apart: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By need and sex, where both were told."""


@dataclass(frozen=True)
class Day:
    """`kinds`: visits that stand, by kind, those at shelves, sites and stops apart; `books`: uses told with them."""

    on: date
    kinds: Mapping[VisitKind, int]
    elsewhere: int
    books: int

    @property
    def total(self) -> int:
        return sum(self.kinds.values()) + self.elsewhere


def day(session: Session, branch_id: int, on: date) -> Day:
    """Two statements."""
    here = (Visit.branch_id == branch_id, Visit.visited_on == on)
    away = Visit.place_id.is_not(None)
    query = select(Visit.kind, away, func.sum(Visit.quantity)).where(*here).group_by(Visit.kind, away)
    rows = [(kind, apart, int(count)) for kind, apart, count in session.execute(query)]
    kinds = {kind: count for kind, apart, count in rows if not apart and count}
    used = select(func.sum(DocumentUse.quantity)).where(
        DocumentUse.branch_id == branch_id, DocumentUse.used_on == on, DocumentUse.kind != UseKind.RENEWAL
    )
    return Day(on, kinds, sum(count for _, apart, count in rows if apart), int(session.scalar(used) or 0))


def week(session: Session, branch_id: int, last: date) -> list[tuple[date, int]]:
    """The days up to this one, the latest first."""
    first = last - timedelta(days=WEEK - 1)
    query = select(Visit.visited_on, func.sum(Visit.quantity)).where(
        Visit.branch_id == branch_id, Visit.visited_on.between(first, last)
    )
    found = {on: int(count) for on, count in session.execute(query.group_by(Visit.visited_on))}
    days = [last - timedelta(days=back) for back in range(WEEK)]
    return [(one, found.get(one, 0)) for one in days]


def lines(session: Session, branch_id: int, on: date, kinds: Sequence[str], number: int = 1) -> Page[Line]:
    """What was counted by these kinds of acts, the latest first, undone ones among them."""
    mine = _of_day(branch_id, on, kinds)
    total = session.scalar(select(func.count()).select_from(select(Act.id).where(mine).subquery())) or 0
    query = select(Act, Account.name).outerjoin(Account, Account.uid == Act.actor).where(mine)
    rows = session.execute(query.order_by(Act.id.desc()).limit(LINES).offset((number - 1) * LINES)).all()
    ids = [act.id for act, _ in rows]
    return Page([_line(act, name, *found) for act, name, found in _with_rows(session, rows, ids)], number, LINES, total)


def one(session: Session, act: Act) -> Line:
    """A single line, to be corrected."""
    ((found, name, rows),) = _with_rows(session, [(act, "")], [act.id])
    return _line(found, name, *rows)


def _of_day(branch_id: int, on: date, kinds: Sequence[str]) -> ColumnElement[bool]:
    came = select(Visit.act_id).where(Visit.branch_id == branch_id, Visit.visited_on == on)
    used = select(DocumentUse.act_id).where(DocumentUse.branch_id == branch_id, DocumentUse.used_on == on)
    return Act.kind.in_(kinds) & (Act.branch_id == branch_id) & or_(Act.id.in_(came), Act.id.in_(used))


Rows = tuple[list[Visit], list[DocumentUse]]


def _with_rows(
    session: Session, acts: Sequence[tuple[Act, str | None]], ids: Sequence[int]
) -> list[tuple[Act, str | None, Rows]]:
    came = session.scalars(select(Visit).where(Visit.act_id.in_(ids), Visit.quantity > 0)).all()
    used = session.scalars(select(DocumentUse).where(DocumentUse.act_id.in_(ids), DocumentUse.quantity > 0)).all()
    return [
        (act, name, ([one for one in came if one.act_id == act.id], [one for one in used if one.act_id == act.id]))
        for act, name in acts
    ]


def _line(act: Act, name: str | None, came: list[Visit], used: list[DocumentUse]) -> Line:
    rows: list[Visit | DocumentUse] = [*came, *used]
    first = rows[0] if rows else None
    return Line(
        act.uid, act.kind, came[0].kind if came else None, (first.class_name or first.category) if first else None,
        sum(one.quantity for one in came), _by(came, "sex"), _by(came, "access_need"),
        sum(one.quantity for one in used if one.kind is UseKind.TALLY),
        sum(one.quantity for one in used if one.kind is UseKind.CLASS_READ), act.occurred_at, act.recorded_at,
        name or "", act.voided_by is not None, first.class_name if first else None, _apart(came),
    )  # fmt: skip


def _apart(rows: list[Visit]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in rows:
        if one.access_need and one.sex:
            found[one.access_need, one.sex] = found.get((one.access_need, one.sex), 0) + one.quantity
    return found


def _by(rows: list[Visit], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in rows:
        if value := getattr(one, name):
            found[value] = found.get(value, 0) + one.quantity
    return found
