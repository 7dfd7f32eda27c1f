"""Where all batches are, read by their legs alone: eight statements, however many there are.

What is over is read as far as the picture shows it; of what is open only legs that are long past are left out.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.db import straight
from library.holdings.models import Item, Place, PlaceKind
from library.rotation import board_state, settings
from library.rotation.board_lanes import Board, Stood
from library.rotation.board_scale import Scale
from library.rotation.board_state import Look, OneLeg, Span
from library.rotation.lifecycle import ENDED
from library.rotation.models import (
    Batch,
    BatchLine,
    BatchState,
    Leg,
    LegLine,
    LegOutcome,
    RotationSetting,
    Site,
)


def read(
    session: Session, batches: ColumnElement[bool], sites: ColumnElement[bool], scale: Scale, today: date,
    only: Look | None = None, owns: Callable[[int], bool] = lambda _library: True,
) -> Board:  # fmt: skip
    """`batches`, `sites`: those in reach. `only`: bars of batches that look so today. `owns`: whether the batches of a
    library (id) are one's own."""
    stood = [
        replace(one, own=owns(one.library_id)) for one in batches_in(session, batches, scale.first, scale.last, today)
    ]
    known = {row.id: row for row in straight(session).execute(_sites(sites))}
    mine = tuple(one for one in stood if one.look is not Look.DONE and _concerns(one, known))
    return Board(scale, tuple(stood), mine, known, only)


def _concerns(one: Stood, known: Collection[int]) -> bool:
    """It is one's own, or stands, or will stand, at one of these sites; what left the last of them is others' business."""
    return one.own or any(span.leg.to_site in known and span.look is not Look.DONE for span in one.spans)


def _sites(which: ColumnElement[bool]) -> Any:
    return select(
        Site.id, Site.uid, Site.name, Site.kind, Site.area, Site.closed_on, Site.keeper_name, Site.library_id
    ).where(which)  # fmt: skip


def batches_in(session: Session, which: ColumnElement[bool], first: date, last: date, today: date) -> list[Stood]:
    """Open ones, and those over that have days in sight; by code (six statements)."""
    shown = and_(
        which,
        or_(Batch.state.not_in(ENDED), and_(Batch.state == BatchState.CLOSED, Batch.ended_on >= first)),
        or_(Batch.state.not_in(ENDED), Batch.planned_from <= last),
    )
    ways = _ways(session, shown, first)
    soon = _soon_days(session)
    rows = straight(session).execute(_batches(shown)).all()
    found = [_stood(row, ways.get(row.id, []), soon, today) for row in rows]
    return _counted(session, found, first, last)


def _batches(shown: ColumnElement[bool]) -> Any:
    return (
        select(Batch.id, Batch.uid, Batch.code, Batch.theme, Batch.state, Batch.library_id, Batch.ended_on)
        .where(shown)
        .order_by(Batch.code, Batch.id)
    )


def _ways(session: Session, shown: ColumnElement[bool], first: date) -> dict[int, list[OneLeg]]:
    """{batch: its legs}, without those from whose end it had left, and been taken in elsewhere, before `first`."""
    later = aliased(Leg)
    morning = datetime(first.year, first.month, first.day, tzinfo=clock.HERE).astimezone(UTC)
    past = exists().where(later.batch_id == Leg.batch_id, later.number > Leg.number, later.received_at < morning)
    query = select(
        Leg.batch_id, Leg.id, Leg.number, Leg.to_site_id, Leg.planned_on, Leg.due_on, Leg.sent_at, Leg.received_at
    ).where(Leg.batch_id.in_(select(Batch.id).where(shown)), Leg.cancelled_at.is_(None), ~past)
    found: dict[int, list[OneLeg]] = {}
    for batch, leg, number, site, planned, due, sent, received in straight(session).execute(query).all():
        found.setdefault(batch, []).append(OneLeg(leg, number, site, planned, due, _day(sent), _day(received)))
    return found


def _soon_days(session: Session) -> Mapping[int, int]:
    return {row[0]: row[1] for row in session.execute(select(RotationSetting.library_id, RotationSetting.soon_days))}


def _stood(row: Any, legs: Sequence[OneLeg], soon: Mapping[int, int], today: date) -> Stood:
    state = BatchState(row.state)
    days = soon.get(row.library_id, settings.USUAL["soon_days"])
    spans = board_state.spans(legs, today, days, row.ended_on if state in ENDED else None)
    return Stood(row.id, row.uid, row.code, row.theme, state, tuple(spans), soon_days=days, library_id=row.library_id)


def _day(moment: datetime | None) -> date | None:
    return clock.day_of(moment) if moment else None


def _counted(session: Session, found: Sequence[Stood], first: date, last: date) -> list[Stood]:
    """With the copies of each leg in sight, and of the lists of those that wait (three statements)."""
    sent = [span.leg.id for one in found for span in one.spans if span.leg.sent_on and _in_sight(span, first, last)]
    copies, short = leg_counts(session, sent)
    listed = _listed(session, [one.id for one in found if one.now is None])
    return [
        replace(one, copies=copies, short=_of(short, one), listed=listed.get(one.id, 0)) for one in found
    ]  # fmt: skip


def _of(short: Mapping[int, int], one: Stood) -> Mapping[int, int]:
    return {span.leg.id: short[span.leg.id] for span in one.spans if span.leg.id in short}


def _in_sight(span: Span, first: date, last: date) -> bool:
    """What is not over counts, wherever the picture ends."""
    return span.look is not Look.DONE or (span.first <= last and span.last >= first)


def leg_counts(session: Session, legs: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    """By leg: copies that set out, and those of them that were not there and have not turned up (two statements, each
    answered by its index alone)."""
    if not legs:
        return {}, {}
    by_leg = select(LegLine.leg_id, func.count()).group_by(LegLine.leg_id)
    counted, near = by_leg.where(LegLine.leg_id.in_(sorted(legs))), LegLine.leg_id.between(min(legs), max(legs))
    # A partial index is found by the word itself, not by a parameter.
    short: ColumnElement[str] = bindparam("short", LegOutcome.SHORT, literal_execute=True)
    missing = by_leg.where(near, LegLine.outcome == short, LegLine.found_at.is_(None))
    copies, gone = (straight(session).execute(query).all() for query in (counted, missing))
    known = {row[0]: row[1] for row in copies}
    return known, {row[0]: row[1] for row in gone if row[0] in known}


def _listed(session: Session, batches: Collection[int]) -> dict[int, int]:
    query = (
        select(BatchLine.batch_id, func.count())
        .where(BatchLine.batch_id.in_(sorted(batches)), BatchLine.closed_at.is_(None))
        .group_by(BatchLine.batch_id)
    )
    return {row[0]: row[1] for row in straight(session).execute(query)} if batches else {}


def in_depot(session: Session, libraries: ColumnElement[bool]) -> int:
    """Copies of the rotation stock that stand in a depot just now (one statement)."""
    query = (
        select(func.count())
        .select_from(Item)
        .join(Place, Place.id == Item.place_id)
        .where(libraries, Place.kind == PlaceKind.DEPOT, Item.home_id == Item.place_id)
        .where(Place.id.not_in(select(Site.place_id)))
    )
    return int(session.scalar(query) or 0)
