"""The log of a site: who came and what was read, counted by touch by somebody who never learned to. No names, no copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Branch
from library.patrons.models import Membership, SchoolClass
from library.rotation import wishes
from library.rotation.models import Site, Wish
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind

KIND = "site-log"
CHANNEL = "site"
MOST = 2_000
"""Counted by one touch or one line; more is a slip of the finger."""
FURTHEST = timedelta(days=92)
"""A day of the past is written up while it can be remembered."""


class LogRefused(Refused):
    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Counted:
    """What one touch says. `class_name`: of a class that came as a whole; `on`: another day than today."""

    visits: int = 0
    uses: int = 0
    class_name: str | None = None
    grade: int | None = None
    on: date | None = None


@dataclass(frozen=True)
class Group:
    """A class that may come as a whole, and how many it has."""

    name: str
    grade: int | None
    readers: int


@dataclass(frozen=True)
class Day:
    """`visits`, `uses` of one day; the site's month so far."""

    visits: int
    uses: int
    month_visits: int
    month_uses: int


@dataclass(frozen=True)
class Entry:
    """One act of the log that stands, as the list tells it."""

    act: UUID
    at: datetime
    on: date
    visits: int
    uses: int
    class_name: str | None
    wished: str | None
    times: int


def count(session: Session, doing: Doing, site: Site, told: Counted) -> int:
    """Visits and uses at the site; the act's id. Raises LogRefused."""
    at = _moment(doing, site, told.on)
    if not (told.visits or told.uses) or not 0 <= told.visits <= MOST or not 0 <= told.uses <= MOST:
        raise LogRefused("how-many", N_("Số phải từ 1 đến %(most)s."), most=MOST)
    act = acts.write(session, doing, KIND, at if doing.at else clock.now()), doing.uid
    frozen = Frozen(
        site.branch_id, told.class_name, told.grade, channel=CHANNEL, place_id=site.place_id,
    )  # fmt: skip
    if told.visits:
        counting.visits(session, act, VisitKind.SITE, told.visits, at, frozen)
    if told.uses:
        counting.tally(session, act, UseKind.TALLY, told.uses, at, frozen)
    return act[0]


def _moment(doing: Doing, site: Site, on: date | None) -> datetime:
    """Noon of a day that is over; else now. Raises LogRefused."""
    at = doing.at or clock.now()
    day = on or clock.day_of(at)
    if site.closed_on is not None and day > site.closed_on:
        raise LogRefused(
            "closed", N_("Điểm này đã đóng ngày %(day)s nên không ghi thêm."), day=f"{site.closed_on:%d/%m/%Y}"
        )
    today = clock.day_of(at)
    if day > today or day < today - FURTHEST or day < site.from_on:
        raise LogRefused("day", N_("Chỉ ghi được từ khi mở điểm, trong ba tháng gần đây, đến hôm nay."))
    return at if day == today else datetime(day.year, day.month, day.day, 12, tzinfo=clock.HERE)


def asked(session: Session, doing: Doing, site: Site, text: str, times: int = 1) -> int:
    """Readers asked for something that was not there; the act's id. Raises LogRefused."""
    if site.closed_on is not None:
        raise LogRefused(
            "closed", N_("Điểm này đã đóng ngày %(day)s nên không ghi thêm."), day=f"{site.closed_on:%d/%m/%Y}"
        )
    return wishes.unmet(session, doing, site, text, times).act_id


# Reading


def day(session: Session, site: Site, on: date) -> Day:
    """Counted at the site by touch (two statements)."""
    month = on.replace(day=1)
    visits = session.execute(
        select(func.sum(Visit.quantity).filter(Visit.visited_on == on), func.sum(Visit.quantity))
        .where(Visit.place_id == site.place_id, Visit.visited_on >= month, Visit.visited_on <= on)
    ).one()  # fmt: skip
    uses = session.execute(
        select(func.sum(DocumentUse.quantity).filter(DocumentUse.used_on == on), func.sum(DocumentUse.quantity))
        .where(
            DocumentUse.place_id == site.place_id, DocumentUse.kind == UseKind.TALLY, DocumentUse.used_on >= month,
            DocumentUse.used_on <= on,
        )
    ).one()  # fmt: skip
    return Day(*(int(number or 0) for number in (visits[0], uses[0], visits[1], uses[1])))


def classes(session: Session, site: Site, today: date) -> list[Group]:
    """Of the school whose branch the site is, with how many read there now; none where it is no school."""
    query = (
        select(SchoolClass.name, SchoolClass.grade, func.count(Membership.id))
        .join(Membership, Membership.class_id == SchoolClass.id)
        .join(Branch, Branch.organisation_id == SchoolClass.library_id)
        .where(Branch.id == site.branch_id, Membership.to_on.is_(None))
        .group_by(SchoolClass.name, SchoolClass.grade, SchoolClass.name_sort)
        .order_by(SchoolClass.grade, SchoolClass.name_sort)
    )
    return [Group(name, grade, readers) for name, grade, readers in session.execute(query)]


def recent(session: Session, site: Site, since: date) -> list[Entry]:
    """What the log was told since that day and holds still, the newest first (four statements)."""
    return sorted(
        [*_counts(session, site, since), *_wishes(session, site, since)], key=lambda one: one.at, reverse=True
    )


def _counts(session: Session, site: Site, since: date) -> list[Entry]:
    came = {row.act_id: row for row in session.scalars(_standing(Visit, site).where(Visit.visited_on >= since))}
    read = {
        row.act_id: row
        for row in session.scalars(_standing(DocumentUse, site).where(DocumentUse.used_on >= since))
    }  # fmt: skip
    query = select(Act).where(Act.id.in_([*came, *read]), Act.kind == KIND, Act.voided_by.is_(None))
    return [_entry(act, came.get(act.id), read.get(act.id)) for act in session.scalars(query)]


def _standing(model: type[Visit] | type[DocumentUse], site: Site) -> Select[Any]:
    back = aliased(model)
    taken = exists().where(back.reverses_id == model.id)
    return select(model).where(model.place_id == site.place_id, model.quantity > 0, ~taken)


def _entry(act: Act, visit: Visit | None, use: DocumentUse | None) -> Entry:
    on = visit.visited_on if visit else use.used_on if use else clock.day_of(act.occurred_at)
    group = visit.class_name if visit else use.class_name if use else None
    return Entry(
        act.uid, act.recorded_at, on, visit.quantity if visit else 0, use.quantity if use else 0, group, None, 0
    )


def _wishes(session: Session, site: Site, since: date) -> list[Entry]:
    found = [one for one in wishes.of_site(session, site.id, since) if one.survey_id is None]
    by_act = {one.act_id: one for one in found}
    query = select(Act).where(Act.id.in_(by_act))
    return [
        Entry(
            act.uid, act.recorded_at, by_act[act.id].wished_on, 0, 0, None, by_act[act.id].text, by_act[act.id].quantity
        )
        for act in session.scalars(query)
    ]


def act_of(session: Session, site: Site, uid: UUID | None) -> Act:
    """An act of this site's log. Raises NotFound."""
    found = acts.by_uid(session, uid) if uid else None
    act_id = found.id if found else 0
    query = select(or_(*(exists().where(*one) for one in _owned(site, act_id))))
    if found is None or found.kind not in (KIND, wishes.KIND) or not session.scalar(query):
        raise NotFound
    return found


def _owned(site: Site, act_id: int) -> Sequence[tuple[ColumnElement[bool], ...]]:
    return (
        (Visit.act_id == act_id, Visit.place_id == site.place_id),
        (DocumentUse.act_id == act_id, DocumentUse.place_id == site.place_id),
        (Wish.act_id == act_id, Wish.site_id == site.id, Wish.survey_id.is_(None)),
    )
