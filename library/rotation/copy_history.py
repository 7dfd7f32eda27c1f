"""What rotation did with one copy: the batches it went with, the sites it was at, what it was missing from. Newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.access import Scope, or_not_found
from library.core import clock
from library.core.errors import N_, Reason
from library.holdings.models import Item
from library.rotation.models import Batch, BatchLine, Leg, LegLine, LegOutcome, LineOutcome, Site, StockChange

MOST = 100
"""Copies of one title that are listed."""


@dataclass(frozen=True)
class Event:
    """`outcome` is the shape beside it; `batch` names the page that tells more."""

    on: date
    outcome: str
    said: Reason
    batch: UUID | None = None
    order: tuple[int, int] = (0, 0)


def item_here(session: Session, uid: UUID, scope: Scope) -> Item:
    """A copy of a library in scope, or one that came to a site in scope. Raises NotFound."""
    came = exists().where(
        LegLine.item_id == Item.id, LegLine.leg_id == Leg.id, or_(Leg.to_site_id == Site.id, Leg.from_site_id == Site.id),
        scope.of_branches(Site.branch_id),
    )  # fmt: skip
    query = select(Item).where(Item.uid == uid, or_(scope.of_libraries(Item.library_id), came.correlate(Item)))
    return or_not_found(session.scalar(query))


@dataclass(frozen=True)
class Gone:
    """A copy of a title that went with batches: how many, and when last."""

    uid: UUID
    accession: str
    batches: int
    last_on: date


def of_title(session: Session, record_id: int, scope: Scope) -> list[Gone]:
    """Copies in scope that were sent, by number (one statement)."""
    query = (
        select(Item.uid, Item.accession, func.count(func.distinct(Leg.batch_id)), func.max(Leg.sent_at))
        .join(LegLine, LegLine.item_id == Item.id)
        .join(Leg, Leg.id == LegLine.leg_id)
        .where(Item.record_id == record_id, scope.of_libraries(Item.library_id))
        .group_by(Item.uid, Item.accession, Item.accession_folded)
        .order_by(Item.accession_folded)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    return [Gone(uid, number or "", count, clock.day_of(last)) for uid, number, count, last in rows if last]


def of(session: Session, item_id: int) -> list[Event]:
    """Three statements."""
    events = [*_ways(session, item_id), *_ends(session, item_id), *_stock(session, item_id)]
    return sorted(events, key=lambda one: (one.on, one.order), reverse=True)


_FROM, _TO = aliased(Site), aliased(Site)


def _ways(session: Session, item_id: int) -> Iterator[Event]:
    query = (
        select(
            Batch.uid, Batch.code, Leg.number, Leg.sent_at, Leg.received_at, LegLine.outcome, LegLine.found_at,
            LegLine.proved_at, LegLine.answers_name, _TO.name.label("there"), _FROM.name.label("whence"),
        )
        .select_from(LegLine)
        .join(Leg, Leg.id == LegLine.leg_id)
        .join(Batch, Batch.id == Leg.batch_id)
        .outerjoin(_TO, _TO.id == Leg.to_site_id)
        .outerjoin(_FROM, _FROM.id == Leg.from_site_id)
        .where(LegLine.item_id == item_id)
    )  # fmt: skip
    for row in session.execute(query):
        yield from _way(row)


def _way(row: Any) -> Iterator[Event]:
    facts = {"batch": row.code, "site": row.there or "", "from": row.whence or "", "who": row.answers_name or ""}
    there = N_("Đợt %(batch)s: đi đến %(site)s") if row.there else N_("Đợt %(batch)s: rời %(from)s, đi về kho")
    yield Event(clock.day_of(row.sent_at), "luu", Reason("sent", there, facts), row.uid, (row.number, 1))
    if row.outcome == LegOutcome.SHORT:
        said = (
            N_("Đợt %(batch)s: không thấy khi nhận. %(who)s giữ trách nhiệm.")
            if row.answers_name
            else N_("Đợt %(batch)s: không thấy khi nhận.")
        )
        on = clock.day_of(row.received_at or row.sent_at)
        yield Event(on, "hoi", Reason("short", said, facts), row.uid, (row.number, 2))
        if row.found_at:
            found = Reason("found", N_("Đợt %(batch)s: tìm thấy"), facts)
            yield Event(clock.day_of(row.found_at), "ok", found, row.uid, (row.number, 3))
    elif row.received_at:
        said = N_("Đợt %(batch)s: đến %(site)s") if row.there else N_("Đợt %(batch)s: về đến kho")
        yield Event(clock.day_of(row.received_at), "ok", Reason("received", said, facts), row.uid, (row.number, 2))


ENDS = {
    LineOutcome.DAMAGED: ("hoi", N_("Đợt %(batch)s: về kho, hỏng")),
    LineOutcome.LOST: ("khong", N_("Đợt %(batch)s: mất")),
    LineOutcome.KEPT: ("luu", N_("Đợt %(batch)s: để lại điểm")),
    LineOutcome.FORWARDED: ("luu", N_("Đợt %(batch)s: sang đợt khác")),
    LineOutcome.FOLLOWS: ("luu", N_("Đợt %(batch)s: theo sau về kho")),
    LineOutcome.WITH_READER: ("luu", N_("Đợt %(batch)s: bạn đọc còn giữ khi đóng đợt")),
}
"""Ends that its last way does not tell already."""


def _ends(session: Session, item_id: int) -> Iterator[Event]:
    query = (
        select(Batch.uid, Batch.code, BatchLine.outcome, BatchLine.closed_at)
        .join(Batch, Batch.id == BatchLine.batch_id)
        .where(BatchLine.item_id == item_id, and_(BatchLine.outcome.in_(ENDS), BatchLine.closed_at.is_not(None)))
    )
    for row in session.execute(query):
        outcome, said = ENDS[row.outcome]
        yield Event(
            clock.day_of(row.closed_at), outcome, Reason(row.outcome, said, {"batch": row.code}), row.uid, (99, 0)
        )


def _stock(session: Session, item_id: int) -> Iterator[Event]:
    query = select(StockChange.joined, StockChange.changed_on).where(
        StockChange.item_id == item_id, StockChange.voided.is_(False)
    )
    for joined, on in session.execute(query):
        said = N_("Vào kho luân chuyển") if joined else N_("Rời kho luân chuyển")
        yield Event(on, "ghi", Reason("stock", said))
