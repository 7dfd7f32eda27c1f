"""How much went round, and how much was read of it: two figures that are never added up (domain §0.1).

*Rotation*: trips (a batch that set out to a site) and the copies on them. *Circulation*: loans and reading at the site, of
copies while their stay there lasted, and what its log counted. A loss is a copy that was missing, or lost when its batch was
closed, and has not turned up: the site's that answers for it, else the owner's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, null, or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.fold import sort_key
from library.holdings.models import Item, Stay
from library.organisations.models import Organisation
from library.rotation.models import Batch, BatchLine, Leg, LegLine, LegOutcome, LineOutcome, Site
from library.rotation.strangers import NOT_THERE
from library.uses.models import DocumentUse, UseKind, Visit


class By(StrEnum):
    """What the lines are."""

    SITE = "site"
    BATCH = "batch"
    MONTH = "month"


@dataclass(frozen=True)
class Asked:
    """`since` to `until`, both included; `sites`, `batches`: those in reach."""

    sites: ColumnElement[bool]
    batches: ColumnElement[bool]
    since: date
    until: date


@dataclass(frozen=True)
class Line:
    """`name`: of a site, "LC26-014", "2026-11". `value`: đồng, of copies with a price. `visits`: of no batch."""

    name: str
    uid: Any = None
    area: str = ""
    trips: int = 0
    copies: int = 0
    value: int = 0
    uses: int = 0
    visits: int = 0
    lost: int = 0

    @property
    def turns(self) -> float | None:
        """Uses of a copy that went."""
        return self.uses / self.copies if self.copies else None

    @property
    def loss(self) -> float | None:
        """Of the copies that went, 0 to 1."""
        return self.lost / self.copies if self.copies else None

    @property
    def cost(self) -> float | None:
        """Đồng of books for one use."""
        return self.value / self.uses if self.uses > 0 and self.value else None


def of(session: Session, asked: Asked, by: By) -> list[Line]:
    """Sites by area and name, then owners that answer for losses; batches by code; months as they came; quiet ones too.
    Eight statements."""
    lost = _losses(session, asked)
    if by is By.MONTH:
        return _months(session, asked, lost)
    names = _sites(session, asked) if by is By.SITE else _batches(session, asked)
    lines = _filled(session, asked, by, names, lost)
    return lines + _owners(session, lost) if by is By.SITE else lines


def total(lines: Iterable[Line]) -> Line:
    """Of all lines: sums, never means of means."""
    sums = Line("")
    for one in lines:
        sums = replace(sums, **{name: getattr(sums, name) + getattr(one, name) for name in SUMMED})
    return sums


SUMMED = ("trips", "copies", "value", "uses", "visits", "lost")


def _sites(session: Session, asked: Asked) -> dict[int, Line]:
    query = select(Site.id, Site.uid, Site.name, Site.area).where(
        asked.sites, Site.from_on <= asked.until, or_(Site.closed_on.is_(None), Site.closed_on >= asked.since)
    )
    rows = sorted(session.execute(query), key=lambda row: (not row.area, sort_key(row.area or ""), sort_key(row.name)))
    return {row.id: Line(row.name, row.uid, row.area or "") for row in rows}


def _batches(session: Session, asked: Asked) -> dict[int, Line]:
    query = (
        select(Batch.id, Batch.uid, Batch.code, Batch.theme)
        .where(asked.batches, Batch.id.in_(select(Leg.batch_id).where(Leg.sent_at < _moment(asked.until + DAY))))
        .where(or_(Batch.ended_on.is_(None), Batch.ended_on >= asked.since))
        .order_by(Batch.code)
    )
    return {row.id: Line(row.code, row.uid, row.theme) for row in session.execute(query)}


DAY = timedelta(days=1)


def _moment(day: date) -> datetime:
    """When the day begins here."""
    return datetime(day.year, day.month, day.day, tzinfo=clock.HERE).astimezone(UTC)


def _filled(session: Session, asked: Asked, by: By, names: Mapping[int, Line], losses: Sequence["Loss"]) -> list[Line]:
    site = by is By.SITE
    trips = _grouped(session, _trips(asked, Leg.to_site_id if site else Leg.batch_id))
    uses = _grouped(session, _uses(asked, Site.id if site else BatchLine.batch_id))
    lost = Counter(one.site_id if site else one.batch_id for one in losses)
    tallied = _grouped(session, _tallied(asked, Site.id)) if site else {}
    visits = _grouped(session, _visits(asked, Site.id)) if site else {}
    return [
        replace(
            line, trips=_at(trips, key, 0), copies=_at(trips, key, 1), value=_at(trips, key, 2),
            uses=_at(uses, key, 0) + _at(tallied, key, 0), visits=_at(visits, key, 0), lost=lost[key],
        )
        for key, line in names.items()
    ]  # fmt: skip


def _at(found: Mapping[Any, Sequence[int]], key: Any, column: int) -> int:
    return found[key][column] if key in found else 0


def _grouped(session: Session, query: Select[Any]) -> dict[Any, tuple[int, ...]]:
    """{key: sums}."""
    return {row[0]: tuple(int(one or 0) for one in row[1:]) for row in session.execute(query) if row[0] is not None}


def _trips(asked: Asked, key: Any) -> Select[Any]:
    """(key, trips, copies, their value) of what set out to a site in reach; what was not there did not."""
    return (
        select(key, func.count(func.distinct(Leg.id)), func.count(LegLine.item_id), func.sum(Item.price))
        .select_from(Leg)
        .join(Batch, Batch.id == Leg.batch_id)
        .join(Site, Site.id == Leg.to_site_id)
        .outerjoin(LegLine, and_(LegLine.leg_id == Leg.id, LegLine.note.is_distinct_from(NOT_THERE)))
        .outerjoin(Item, Item.id == LegLine.item_id)
        .where(asked.sites, Leg.sent_at >= _moment(asked.since), Leg.sent_at < _moment(asked.until + DAY))
        .group_by(key)
    )


def _uses(asked: Asked, key: Any) -> Select[Any]:
    """(key, uses) of copies while they stayed at a site in reach, at its branch."""
    stayed = and_(
        Stay.item_id == DocumentUse.item_id, Stay.voided.is_(False), Stay.occurred_at <= DocumentUse.occurred_at,
        or_(Stay.ended_at.is_(None), Stay.ended_at > DocumentUse.occurred_at),
    )  # fmt: skip
    query = (
        select(key, func.sum(DocumentUse.quantity))
        .select_from(DocumentUse)
        .join(Stay, stayed)
        .join(Site, and_(Site.place_id == Stay.place_id, Site.branch_id == DocumentUse.branch_id))
        .where(asked.sites, *_in(asked, _day()), DocumentUse.kind != UseKind.RENEWAL)
        .group_by(key)
    )
    return query.join(BatchLine, _line_then()) if key is BatchLine.batch_id else query


def _day() -> ColumnElement[date]:
    """What stayed at the sites is found first, and its uses by copy: no index of days may tempt the database."""
    return func.coalesce(DocumentUse.used_on, null())


def _line_then() -> ColumnElement[bool]:
    """The batch the copy was with: at any time there is one at most."""
    return and_(
        BatchLine.item_id == DocumentUse.item_id, BatchLine.picked_at <= DocumentUse.occurred_at,
        or_(BatchLine.closed_at.is_(None), BatchLine.closed_at > DocumentUse.occurred_at),
    )  # fmt: skip


def _tallied(asked: Asked, key: Any) -> Select[Any]:
    """(key, uses) that were counted at a site without a copy."""
    return (
        select(key, func.sum(DocumentUse.quantity))
        .join_from(DocumentUse, Site, Site.place_id == DocumentUse.place_id)
        .where(asked.sites, DocumentUse.place_id.in_(select(Site.place_id).where(asked.sites)))
        .where(*_in(asked, DocumentUse.used_on), (DocumentUse.item_id + 0).is_(None))
        .group_by(key)
    )


def _visits(asked: Asked, key: Any) -> Select[Any]:
    return (
        select(key, func.sum(Visit.quantity))
        .join_from(Visit, Site, Site.place_id == Visit.place_id)
        .where(asked.sites, *_in(asked, Visit.visited_on))
        .group_by(key)
    )


@dataclass(frozen=True)
class Loss:
    """A copy that is missing still. `site_id`: who answers for it; None: the owner, `library_id`."""

    item_id: int
    batch_id: int
    library_id: int
    site_id: int | None
    at: datetime


def _losses(session: Session, asked: Asked) -> list[Loss]:
    """Of these days, a copy of a batch once (two statements)."""
    rows = [*session.execute(_lost_at_closing(asked)), *session.execute(_lost_on_the_way(asked))]
    return list({(row[0], row[1]): Loss(*row) for row in rows}.values())


def _within(asked: Asked, at: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return at >= _moment(asked.since), at < _moment(asked.until + DAY)


def _lost_on_the_way(asked: Asked) -> Any:
    """Missing when a leg was received, and still."""
    return (
        select(LegLine.item_id, Batch.id, Batch.library_id, LegLine.answers_site_id, Leg.received_at)
        .join(Leg, Leg.id == LegLine.leg_id)
        .join(Batch, Batch.id == Leg.batch_id)
        .where(asked.batches, LegLine.outcome == LegOutcome.SHORT, LegLine.found_at.is_(None))
        .where(*_within(asked, Leg.received_at))
    )


def _lost_at_closing(asked: Asked) -> Any:
    """Told lost when the batch was closed, and nobody had missed it before: the last site that took it answers."""
    went = (LegLine.item_id == BatchLine.item_id, Leg.batch_id == BatchLine.batch_id)
    missed = exists().where(
        LegLine.leg_id == Leg.id, *went, LegLine.outcome == LegOutcome.SHORT, LegLine.found_at.is_(None)
    )
    came = (Leg.to_site_id.is_not(None), Leg.received_at.is_not(None))
    last = select(Leg.to_site_id).join(LegLine, LegLine.leg_id == Leg.id).where(*went, *came)
    answers = last.order_by(Leg.number.desc()).limit(1).correlate(BatchLine).scalar_subquery()
    return (
        select(BatchLine.item_id, Batch.id, Batch.library_id, answers, BatchLine.closed_at)
        .join(Batch, Batch.id == BatchLine.batch_id)
        .where(asked.batches, BatchLine.outcome == LineOutcome.LOST, ~missed.correlate(BatchLine))
        .where(BatchLine.settled_how.is_distinct_from(FOUND), *_within(asked, BatchLine.closed_at))
    )


FOUND = "found"
"""Of `BatchLine.settled_how`."""


def _owners(session: Session, losses: Iterable[Loss]) -> list[Line]:
    """What no site answers for, by the library whose books they are."""
    lost = Counter(one.library_id for one in losses if one.site_id is None)
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(lost))
    return sorted(
        (Line(name, lost=lost[owner]) for owner, name in session.execute(query)), key=lambda one: sort_key(one.name)
    )


def _in(asked: Asked, column: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= asked.since, column <= asked.until


def _months(session: Session, asked: Asked, lost: Iterable["Loss"]) -> list[Line]:
    """By the days themselves, put together here: both databases count days alike, months each in its own way."""
    found = {key: Line(key) for key in _keys(asked)}
    legs = session.execute(_trips(asked, Leg.sent_at))
    _add(found, ((clock.day_of(row[0]), {"trips": row[1], "copies": row[2], "value": row[3]}) for row in legs))
    for query in (_uses(asked, DocumentUse.used_on), _tallied(asked, DocumentUse.used_on)):
        _add(found, ((day, {"uses": count}) for day, count in session.execute(query)))
    _add(found, ((day, {"visits": count}) for day, count in session.execute(_visits(asked, Visit.visited_on))))
    _add(found, ((clock.day_of(one.at), {"lost": 1}) for one in lost))
    return list(found.values())


def _add(found: dict[str, Line], days: Iterable[tuple[date, Mapping[str, Any]]]) -> None:
    for day, more in days:
        line = found[f"{day:%Y-%m}"]
        found[line.name] = replace(line, **{name: getattr(line, name) + int(more[name] or 0) for name in more})


def _keys(asked: Asked) -> list[str]:
    """Every month from the first to the last."""
    months = range(asked.since.year * 12 + asked.since.month - 1, asked.until.year * 12 + asked.until.month)
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
