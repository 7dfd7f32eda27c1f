"""The demo's rotation and its van: in every state, with things that went wrong, and nothing unexplained."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from library import create_app
from library.accounts import managing
from library.core.db import db
from library.holdings.models import Item, Place
from library.mobile.models import KitItem, Stop, StopVisit, Trip, TripCrew, TripState, Vehicle, VisitState
from library.rotation import legs, stock, sums
from library.rotation.models import (
    Batch,
    BatchLine,
    BatchState,
    Extension,
    Leg,
    LegLine,
    LegOutcome,
    Site,
    StockChange,
    Survey,
    Wish,
)
from library.welcome import demo
from tests.support import rotation_truths

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def loaded(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("rotation-demo")
    app = create_app({"DATA": folder, "DATABASE": databases.fresh(), "SECRET_KEY": "test"})
    demo.load(app, TODAY)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def session(loaded: Flask) -> Iterator[Any]:
    with loaded.app_context():
        yield db.session()
        db.session.rollback()


def how_many(session: Any, what: Any) -> int:
    return session.scalar(select(func.count()).select_from(what)) or 0


def test_nothing_is_unexplained(session: Any) -> None:
    assert rotation_truths.wrong(session) == []


def test_sites_lie_in_real_communes(session: Any) -> None:
    sites = session.scalars(select(Site)).all()
    assert len(sites) >= 10
    assert all(site.latitude and 21 < site.latitude < 23 and 105 < site.longitude < 107 for site in sites)
    assert len({site.area for site in sites}) >= 3
    assert sum(site.branch.organisation_id == site.library_id for site in sites) >= 5, "points without a library"


def test_the_stock_is_marked_as_such(session: Any) -> None:
    province = session.scalars(select(Batch.library_id)).first()
    assert (session.scalar(select(func.count(Item.id)).where(stock.in_stock(province))) or 0) >= 600
    joined = session.scalar(select(func.count()).where(StockChange.joined, StockChange.voided.is_(False)))
    assert joined >= 600


def test_there_is_a_batch_in_every_state(session: Any) -> None:
    states = Counter(session.scalars(select(Batch.state)))
    assert set(states) == set(BatchState)
    assert sum(states.values()) >= 12
    assert states[BatchState.SERVING] >= 5


def test_some_went_wrong(session: Any) -> None:
    """One is overdue, one was forwarded, copies are short, somebody asks for more time."""
    serving = session.scalars(select(Batch).where(Batch.state == BatchState.SERVING)).all()
    due = [leg.due_on for one in serving if (leg := legs.current(legs.of(session, one.id))) and leg.due_on]
    assert any(day < TODAY for day in due)
    assert any(TODAY <= day <= TODAY + timedelta(days=21) for day in due)
    onward = select(Leg).where(Leg.from_site_id.is_not(None), Leg.to_site_id.is_not(None), Leg.received_at.is_not(None))
    assert session.scalars(onward).first()
    assert session.scalar(select(func.count()).where(LegLine.outcome == LegOutcome.SHORT)) >= 2
    assert session.scalar(select(func.count()).where(Extension.decided_at.is_(None))) == 1
    assert all(sums.of(session, one.id).agree for one in session.scalars(select(Batch)))


def test_half_of_a_list_is_still_to_be_picked(session: Any) -> None:
    picking = select(Batch.id).where(Batch.state == BatchState.PICKING)
    lines = session.scalars(select(BatchLine.picked_at).where(BatchLine.batch_id.in_(picking))).all()
    assert any(lines)
    assert not all(lines)


def test_sites_wish_and_answer(session: Any) -> None:
    assert how_many(session, Survey) == 1
    assert how_many(session, Wish) >= 10


def test_the_van_has_its_kit_and_drives(session: Any) -> None:
    van = session.scalars(select(Vehicle)).one()
    assert how_many(session, KitItem) >= 10
    assert how_many(session, Stop) >= 8
    assert all(stop.latitude for stop in session.scalars(select(Stop)))
    assert session.scalar(select(func.count(Item.id)).where(Item.place_id == van.aboard_id)) >= 200
    days = list(session.scalars(select(Trip.day).order_by(Trip.day)))
    assert days[0] <= TODAY - timedelta(days=21)
    assert days[-1] >= TODAY + timedelta(days=21)
    past = set(session.scalars(select(Trip.state).where(Trip.day < TODAY)))
    assert past == {TripState.CLOSED}
    visits = set(session.scalars(select(StopVisit.state)))
    assert {VisitState.CLOSED, VisitState.PLANNED, VisitState.SKIPPED, VisitState.MOVED} <= visits
    for visit in session.scalars(select(StopVisit).where(StopVisit.state == VisitState.CLOSED)):
        assert timedelta(hours=1.5) <= visit.closed_at - visit.opened_at <= timedelta(hours=3)
    lendable = select(KitItem.name).where(KitItem.for_blind, KitItem.item_id.is_not(None))
    assert set(session.scalars(lendable)) == {"Máy đọc sách nói", "Máy phóng chữ"}


def test_there_is_a_trip_to_open_today_by_who_goes_with_it(session: Any) -> None:
    trip = session.scalars(select(Trip).where(Trip.day == TODAY)).one()
    assert trip.state is TripState.PLANNED
    xe = managing.by_login(session, "xe")
    assert session.scalar(select(func.count()).where(TripCrew.trip_id == trip.id, TripCrew.account_id == xe.id)) == 1


def test_who_plans_and_who_approves_are_two(session: Any) -> None:
    tu, approver = (managing.by_login(session, login) for login in ("tu", "dieuphoi"))
    assert tu and approver
    assert set(session.scalars(select(Batch.made_by))) == {tu.uid}
    assert set(session.scalars(select(Batch.approved_name).where(Batch.approved_name.is_not(None)))) == {approver.name}


def test_copies_of_batches_are_where_their_batch_is(session: Any) -> None:
    serving = session.scalars(select(Batch).where(Batch.state == BatchState.SERVING)).all()
    for one in serving:
        leg = legs.current(legs.of(session, one.id))
        assert leg
        assert leg.to_site
        here = select(func.count(Item.id)).join(BatchLine, BatchLine.item_id == Item.id)
        there = session.scalar(here.where(BatchLine.batch_id == one.id, Item.place_id == leg.to_site.place_id))
        assert there >= 20, session.get_one(Place, leg.to_site.place_id).name
