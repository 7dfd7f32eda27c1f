"""One batch as its page tells it: its way, its crates, what is missing and who answers, how much it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Format, Record
from library.core import clock
from library.holdings.models import Item, Movement
from library.labels import squares
from library.rotation import batch_use, board_state, crate_weights, legs, settings, sums, wishes
from library.rotation.batch_use import Used
from library.rotation.board_state import Look, OneLeg, Span
from library.rotation.lifecycle import ENDED
from library.rotation.models import (
    Batch,
    BatchFile,
    BatchLine,
    BatchStep,
    Crate,
    Extension,
    Leg,
    LegLine,
    LegOutcome,
    LineOutcome,
    Site,
)
from library.rotation.site_page import TITLE, title_of
from library.rotation.sums import Sums


@dataclass(frozen=True)
class Whole:
    """Of the list, left-out copies aside. `price` in đồng, `grams` by scales or as estimated."""

    titles: int
    copies: int
    price: int
    unpriced: int
    crates: int
    grams: int


@dataclass(frozen=True)
class Station:
    """A place on the way. `where`: done, here, next. `got`, `gave`: copies that came, and went on; None before."""

    name: str
    where: str
    site: UUID | None
    first: date | None
    last: date | None
    got: int | None = None
    gave: int | None = None
    short: int = 0
    under_way: bool = False


@dataclass(frozen=True)
class Box:
    """A crate. `held`: packed, or set out in it last; `there`: of them not missing."""

    uid: UUID
    number: int
    seal: str | None
    sealed: bool
    opened: bool
    held: int
    there: int
    grams: int
    weighed: bool


@dataclass(frozen=True)
class Missing:
    """A copy that was sent and not there. `seen_on`: the last scan."""

    item: UUID
    leg: UUID
    accession: str
    title: str
    crate: int | None
    price: int | None
    seen_on: date | None
    who: str
    where: str
    found: bool


@dataclass(frozen=True)
class Told:
    whole: Whole
    stations: tuple[Station, ...]
    look: Look
    now: Span | None
    leg: Leg | None
    next: Leg | None
    signed: Leg | None
    site: Site | None
    boxes: tuple[Box, ...]
    missing: tuple[Missing, ...]
    sums: Sums
    used: Used | None
    wishes: tuple[tuple[str, int], ...]
    steps: tuple[BatchStep, ...]
    asked: Extension | None
    files: int
    qr: tuple[str, ...]

    @property
    def legs(self) -> dict[str, UUID]:
        """As `board_doors` asks for them."""
        coming = self.leg if self.leg and self.leg.received_at is None else None
        found = {"last": self.leg, "next": self.next, "coming": coming}
        return {name: leg.uid for name, leg in found.items() if leg is not None}


def read(session: Session, batch: Batch, today: date, address: str) -> Told:
    """Fourteen statements at most, however large it is. `address`: of its page, drawn as a QR code."""
    way = legs.of(session, batch.id)
    spans = _spans(session, batch, way, today)
    last, now = legs.current(way), board_state.now_at(spans)
    there = last.to_site if last and last.received_at else None
    counts = _counts(session, way)
    boxes = _boxes(session, batch.id, last)
    stands = look_of(batch, spans)
    return Told(
        _whole(session, batch.id, boxes), _stations(batch, way, spans, counts), stands, now, last, legs.next_(way),
        _signed(way), there, boxes, tuple(_missing(session, way)), sums.of(session, batch.id),
        batch_use.at_site(session, last, there, today) if last and there else None,
        _wishes(session, there, last) if there and last else (), _steps(session, batch.id), _asked(session, last),
        _files(session, batch.id), squares.matrix(address),
    )  # fmt: skip


def look_of(batch: Batch, spans: Sequence[Span]) -> Look:
    return Look.DONE if batch.state in ENDED else board_state.of_batch(spans)


def _spans(session: Session, batch: Batch, way: Sequence[Leg], today: date) -> list[Span]:
    plain = [
        OneLeg(leg.id, leg.number, leg.to_site_id, leg.planned_on, leg.due_on, _day(leg.sent_at), _day(leg.received_at))
        for leg in way
    ]
    ended = batch.ended_on if batch.state in ENDED else None
    return board_state.spans(plain, today, settings.of(session, batch.library_id).soon_days, ended)


def _day(moment: Any) -> date | None:
    return clock.day_of(moment) if moment else None


def _whole(session: Session, batch_id: int, boxes: Sequence[Box]) -> Whole:
    query = (
        select(
            func.count(func.distinct(Item.record_id)), func.count(), func.sum(Item.price),
            func.sum(case((Item.price.is_(None), 1), else_=0)),
        )
        .select_from(BatchLine)
        .join(Item, Item.id == BatchLine.item_id)
        .where(BatchLine.batch_id == batch_id, BatchLine.outcome.is_distinct_from(LineOutcome.LEFT_OUT))
    )  # fmt: skip
    titles, copies, price, unpriced = session.execute(query).one()
    used = [box for box in boxes if box.held]
    return Whole(titles, copies, int(price or 0), int(unpriced or 0), len(used), sum(box.grams for box in used))


Counts = tuple[dict[int, int], dict[int, int]]
"""By leg: copies that set out; those of them that were not there, found since or not."""


def _stations(batch: Batch, way: Sequence[Leg], spans: Sequence[Span], counts: Counts) -> tuple[Station, ...]:
    """The depot, then the end of each leg."""
    sent, short = counts
    first = way[0] if way else None
    gone = first is not None and first.sent_at is not None
    start = Station(
        batch.depot.name, "done" if gone else "here", None, _day(first.sent_at) if first else None, None,
        gave=sent.get(first.id) if first and gone else None,
    )  # fmt: skip
    found = [start]
    for leg, span, then in zip(way, spans, board_state.after(way), strict=True):
        found.append(_station(batch, leg, span, then, sent, short))
    return tuple(found)


def _station(
    batch: Batch, leg: Leg, span: Span, then: Leg | None, sent: Mapping[int, int], short: Mapping[int, int]
) -> Station:
    arrived = leg.received_at is not None
    left = then is not None and then.sent_at is not None
    over = batch.state in ENDED and arrived
    where = "done" if left or over else "here" if arrived else "next"
    came = sent.get(leg.id, 0) - short.get(leg.id, 0) if arrived else None
    return Station(
        leg.to_site.name if leg.to_site else batch.depot.name, where, leg.to_site.uid if leg.to_site else None, span.first,
        span.last if left or leg.to_site_id else None, came, sent.get(then.id) if left and then else None,
        short.get(leg.id, 0), leg.sent_at is not None and not arrived,
    )  # fmt: skip


def _counts(session: Session, way: Sequence[Leg]) -> Counts:
    gone = [leg.id for leg in way if leg.sent_at]
    short = func.sum(case((LegLine.outcome == LegOutcome.SHORT, 1), else_=0))
    query = select(LegLine.leg_id, func.count(), short).where(LegLine.leg_id.in_(gone)).group_by(LegLine.leg_id)
    rows = session.execute(query).all() if gone else []
    return {row[0]: row[1] for row in rows}, {row[0]: int(row[2]) for row in rows if row[2]}


def _signed(way: Sequence[Leg]) -> Leg | None:
    """The last leg somebody signed for."""
    return next((leg for leg in reversed(way) if leg.received_at or leg.sent_at), None)


def _boxes(session: Session, batch_id: int, last: Leg | None) -> tuple[Box, ...]:
    """In the order of their numbers, with what set out in them last, or is packed so far (two statements)."""
    crates = session.scalars(select(Crate).where(Crate.batch_id == batch_id).order_by(Crate.number)).all()
    if not crates:
        return ()
    line = (
        select(LegLine.crate_id, LegLine.item_id, LegLine.outcome, LegLine.found_at).where(LegLine.leg_id == last.id)
        if last
        else select(BatchLine.crate_id, BatchLine.item_id, BatchLine.outcome, BatchLine.closed_at).where(
            BatchLine.batch_id == batch_id, BatchLine.crate_id.is_not(None)
        )
    ).subquery()
    query = select(line.c.crate_id, line.c.outcome, line.c.found_at if last else line.c.closed_at,
                   Record.extent, Record.dimensions, Record.format)  # fmt: skip
    rows = session.execute(
        query.join(Item, Item.id == line.c.item_id).join(Record, Record.id == Item.record_id)
        .where(line.c.crate_id.is_not(None))
    ).all()  # fmt: skip
    return tuple(_box(crate, [row for row in rows if row[0] == crate.id]) for crate in crates)


def _box(crate: Crate, rows: Sequence[Any]) -> Box:
    away = sum(row[1] == LegOutcome.SHORT and row[2] is None for row in rows)
    guess = crate_weights.of_all((row.extent, row.dimensions, Format(row.format)) for row in rows)
    weighed = crate.weighed_grams is not None
    return Box(
        crate.uid, crate.number, crate.seal, crate.sealed_at is not None, crate.opened_at is not None, len(rows),
        len(rows) - away, crate.weighed_grams if crate.weighed_grams is not None else guess, weighed,
    )  # fmt: skip


def _missing(session: Session, way: Sequence[Leg]) -> list[Missing]:
    """Of all legs, those that turned up since last (one statement)."""
    gone = [leg.id for leg in way if leg.received_at]
    if not gone:
        return []
    query = (
        select(
            Item.uid, Leg.uid.label("leg"), Item.accession, *TITLE, Crate.number, Item.price, Item.seen_at, Movement.basis,
            LegLine.answers_name, Site.name.label("site"), LegLine.found_at, Movement.occurred_at,
        )
        .select_from(LegLine)
        .join(Leg, Leg.id == LegLine.leg_id)
        .join(Item, Item.id == LegLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .outerjoin(Movement, and_(Movement.item_id == Item.id, Movement.uid == Item.seen_uid))
        .outerjoin(Crate, Crate.id == LegLine.crate_id)
        .outerjoin(Site, Site.id == LegLine.answers_site_id)
        .where(LegLine.leg_id.in_(gone), LegLine.outcome == LegOutcome.SHORT)
        .order_by(LegLine.found_at.is_not(None), Leg.number, Item.accession_folded)
    )  # fmt: skip
    return [_one_missing(row) for row in session.execute(query)]


def _one_missing(row: Any) -> Missing:
    return Missing(
        row.uid, row.leg, row.accession or "", title_of(row), row.number, row.price, _day(row.occurred_at),
        row.answers_name or "", row.site or "", row.found_at is not None,
    )  # fmt: skip


def _wishes(session: Session, site: Site, leg: Leg) -> tuple[tuple[str, int], ...]:
    """What was asked for and not there since the batch came, the most wished first."""
    since = clock.day_of(leg.received_at) if leg.received_at else clock.today()
    sums_: dict[str, int] = {}
    for one in wishes.of_site(session, site.id, since):
        if one.survey_id is None:
            sums_[one.text] = sums_.get(one.text, 0) + one.quantity
    return tuple(sorted(sums_.items(), key=lambda pair: (-pair[1], pair[0]))[:5])


def _steps(session: Session, batch_id: int) -> tuple[BatchStep, ...]:
    query = select(BatchStep).where(BatchStep.batch_id == batch_id, BatchStep.voided.is_(False))
    return tuple(session.scalars(query.order_by(BatchStep.at.desc(), BatchStep.id.desc())))


def _asked(session: Session, leg: Leg | None) -> Extension | None:
    query = select(Extension).where(
        Extension.leg_id == (leg.id if leg else 0), Extension.decided_at.is_(None), Extension.voided.is_(False)
    )
    return session.scalar(query) if leg else None


def _files(session: Session, batch_id: int) -> int:
    query = select(func.count()).select_from(BatchFile)
    return int(session.scalar(query.where(BatchFile.batch_id == batch_id, BatchFile.removed_at.is_(None))) or 0)
