"""Figures of trips, stops, vehicles and months: what is counted, what is not, and that sums agree."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from library.core import clock
from library.holdings import ledger, places
from library.holdings.models import Item, PlaceKind, Why
from library.inbox import acts
from library.loans.forms import Posted
from library.loans.happened import Scan
from library.mobile import at_stop, at_stop_undo, figures, loading, stop_lending, trip_log, trips
from library.mobile.at_stop import Books, Heads, Tally
from library.mobile.figures import Asked, By, Line
from library.mobile.models import TripLoad, TripState, VisitState
from library.mobile.trip_log import LogForm
from library.policies.values import Channel
from tests.mobile.van import Van, van, within_today
from tests.support import people, rotation
from tests.support.statements import counted
from tests.support.world import World

TODAY = clock.today()


def asked(world: World, **more: Any) -> Asked:
    return Asked(world.province().id, TODAY - timedelta(days=30), TODAY, **more)


def line_of(world: World, by: By = By.VEHICLE) -> Line:
    (line,) = figures.of(world.session(), asked(world), by)
    return line


@pytest.fixture
def served(world: World) -> Van:
    """One of two stops was open from 30 minutes ago until now: 40 visits, 100 books read, none aboard."""
    made = van(world, books=0)
    start, end = within_today(30)
    with clock.stopped_at(start):
        made.open()
    with clock.stopped_at(end):
        tally = Tally([Heads(40, "pupil", "3A", 3)], [Books(100, level=1)])
        at_stop.count(made.session, made.doing(), made.visit, tally)
        at_stop.close(made.session, made.doing(), made.visit)
    made.trip.cost = 500_000
    return made


def test_visits_and_uses_are_those_of_the_acts_at_the_stop(world: World, served: Van) -> None:
    line = line_of(world)
    assert (line.trips, line.calls, line.visits, line.pupils, line.uses) == (1, 1, 40, 40, 100)
    assert (line.each, line.cost, line.cost_a_use, line.minutes) == (2.5, 500_000, 5_000, 30)


def test_an_act_taken_back_counts_for_nothing(world: World, served: Van) -> None:
    visit = rotation.visits_of(world, served.trip)[1]
    at_stop.open_(served.session, served.doing(), visit)
    act = at_stop.count(served.session, served.doing(), visit, Tally([Heads(5, "pupil")], [Books(7)]))
    assert line_of(world).visits == 45
    at_stop_undo.undo(served.session, served.doing(), served.act(act))
    assert (line_of(world).visits, line_of(world).uses) == (40, 100)


def test_a_visit_left_out_is_counted_as_left_out_and_costs_nothing(world: World, served: Van) -> None:
    second = rotation.visits_of(world, served.trip)[1]
    second.state, second.why = VisitState.SKIPPED, "storm"
    world.session.flush()
    lines = {line.name: line for line in figures.of(world.session(), asked(world), By.STOP)}
    assert lines["Nhà văn hoá Nà Phặc"].left_out == 1 and lines["Nhà văn hoá Nà Phặc"].cost is None
    assert lines["Trường Tiểu học Xuất Hóa"].cost == 500_000, "the one stop bears the whole trip"


def test_one_stop_bears_its_share_of_the_trip_also_when_it_is_asked_for_alone(world: World, served: Van) -> None:
    whole = {line.name: line for line in figures.of(world.session(), asked(world), By.STOP)}
    mine = whole["Trường Tiểu học Xuất Hóa"]
    assert (mine.cost, mine.km) == (250_000, 32), "the other stop is still to come"
    for by in (By.STOP, By.TRIP, By.VEHICLE):
        (line,) = figures.of(world.session(), asked(world, stop_id=served.stop.id), by)
        assert (line.cost, line.km) == (mine.cost, mine.km), by
    alone = figures.total(figures.seen(world.session(), asked(world, stop_id=served.stop.id)))
    assert (alone.cost, alone.km, alone.visits) == (250_000, 32, 40)


def test_a_trip_that_drove_and_left_out_every_stop_still_drove(world: World) -> None:
    made = van(world)
    trips.advance(made.session, made.doing(), made.trip, TripState.LOADED)
    trips.advance(made.session, made.doing(), made.trip, TripState.ON_ROAD)
    come_home(made)
    made.trip.cost = 500_000
    made.session.flush()
    line = line_of(world)
    assert (line.trips, line.calls, line.left_out, line.km, line.cost) == (1, 0, 2, 64, 500_000)
    stops = figures.of(world.session(), asked(world), By.STOP)
    assert [(one.trips, one.km, one.cost) for one in stops] == [(0, 32, 250_000)] * 2


def test_a_trip_that_never_left_is_no_trip(world: World) -> None:
    van(world)
    line = line_of(world)
    assert (line.trips, line.calls, line.km, line.cost) == (0, 0, 0, None)


def test_kilometres_are_the_odometers_where_it_was_read(world: World, served: Van) -> None:
    assert line_of(world).km == 64
    served.trip.odometer_out, served.trip.odometer_in = 100, 190
    world.session.flush()
    assert line_of(world).km == 90


def test_every_way_of_looking_adds_up_to_the_same(world: World, served: Van) -> None:
    second = rotation.visits_of(world, served.trip)[1]
    at_stop.open_(served.session, served.doing(), second)
    at_stop.count(served.session, served.doing(), second, Tally([Heads(3, "teacher")], [Books(9)]))
    whole = figures.total(figures.seen(world.session(), asked(world)))
    for by in By:
        lines = figures.of(world.session(), asked(world), by)
        for name in ("calls", "left_out", "visits", "uses", "minutes"):
            assert sum(getattr(line, name) for line in lines) == getattr(whole, name), (by, name)
        assert round(sum(line.km for line in lines)) == round(whole.km), by
        assert sum(line.cost or 0 for line in lines) == whole.cost, by


def test_copies_carried_and_uses_are_two_figures(world: World, served: Van) -> None:
    items = rotation.stock(world, 6, title="Sách mang theo")
    loading.load(served.session, served.doing(), served.trip, [item.id for item in items])
    line = line_of(world)
    assert (line.carried, line.uses, line.turns) == (6, 100, pytest.approx(100 / 6))
    assert line.missing == 0, "the trip is not over"


def load(of: Van, items: Sequence[Item]) -> None:
    loading.load(of.session, of.doing(), of.trip, [item.id for item in items])


def left_out(of: Van) -> None:
    for visit in rotation.visits_of(of.world, of.trip):
        if visit.state is VisitState.PLANNED:
            visit.state, visit.why = VisitState.SKIPPED, "road"
    of.session.flush()


def come_home(of: Van) -> None:
    left_out(of)
    trips.advance(of.session, of.doing(), of.trip, TripState.CLOSED)


def gone(of: Van, item: Item) -> None:
    """It is nowhere to be found."""
    branch = of.vehicle.branch_id
    nowhere = places.first_of(of.session, branch, PlaceKind.UNKNOWN)
    doing = of.doing()
    act = acts.write(of.session, doing, "take-in", clock.now()), doing.uid
    ledger.move(of.session, act, {item.id: item.uid}, (nowhere.id, branch), Why.SHELVE, clock.now())


def test_what_did_not_come_home_is_missing_once_the_trip_is_over(world: World, served: Van) -> None:
    items = rotation.stock(world, 4, title="Sách mang theo")
    load(served, items)
    loading.unload(served.session, served.doing(), served.trip, [items[0].id])
    gone(served, items[3])
    assert line_of(world).missing == 0
    come_home(served)
    line = line_of(world)
    assert (line.carried, line.missing, line.loss) == (4, 1, 25.0)


@pytest.mark.parametrize("door", ["state", "log"])
def test_books_that_are_aboard_at_home_are_no_loss_by_whichever_door(world: World, served: Van, door: str) -> None:
    load(served, rotation.stock(world, 3, title="Sách mang theo"))
    if door == "state":
        come_home(served)
    else:
        left_out(served)
        posted = Posted(clock.uuid7(), clock.uuid7(), 1, clock.now(), clock.now())
        form = LogForm(posted, None, None, trips.Log(), TripState.CLOSED)
        trip_log.write(served.session, served.doing(), served.trip, form)
    assert (line_of(world).carried, line_of(world).missing) == (3, 0)
    still = select(func.count(TripLoad.id)).where(TripLoad.unloaded_at.is_(None))
    assert served.session.scalar(still) == 0, "nothing is on the list of a trip that is over"


def test_a_book_with_a_reader_at_the_closing_is_no_loss(world: World) -> None:
    made = van(world)
    made.open()
    scan = Scan(made.books[0].accession or "", made.pupil.uid, channel=Channel.VAN)
    stop_lending.scan(made.session, stop_lending.spot_of(made.session, made.visit), made.doing(), scan)
    at_stop.close(made.session, made.doing(), made.visit)
    come_home(made)
    assert (line_of(world).carried, line_of(world).missing) == (3, 0)


def test_what_stayed_aboard_is_carried_by_the_next_trip_too(world: World) -> None:
    made = van(world)
    made.open()
    at_stop.close(made.session, made.doing(), made.visit)
    come_home(made)
    second = rotation.trip(world, made.vehicle, TODAY, [made.stop])
    at_stop.open_(made.session, made.doing(), rotation.visits_of(world, second)[0])
    lines = figures.of(made.session, asked(world), By.TRIP)
    assert [line.carried for line in lines] == [3, 3], "no scan is needed for what stands aboard anyway"


def test_days_and_vehicles_that_were_not_asked_for_are_left_out(world: World, served: Van) -> None:
    other = rotation.vehicle(world, "Xe 2")
    assert figures.of(world.session(), asked(world, vehicle_id=other.id), By.TRIP) == []
    before = Asked(world.province().id, TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    assert figures.of(world.session(), before, By.TRIP) == []
    assert figures.of(world.session(), Asked(world.school().id, TODAY, TODAY), By.TRIP) == []


def test_figures_cost_the_same_statements_for_many_trips(world: World, served: Van) -> None:
    for ahead in range(1, 9):
        rotation.trip(world, served.vehicle, TODAY - timedelta(days=ahead), [served.stop])
    world.session.commit()
    world.session.expire_all()
    with counted() as sent:
        figures.seen(world.session(), asked(world))
    assert len(sent) <= 9


def test_the_page_and_the_workbook_say_the_same(app: Flask, world: World, served: Van) -> None:
    rotation.account(world, "tu")
    client = people.sign_in(app, "tu")
    for by in By:
        page = client.get(f"/van/figures?by={by}").get_data(as_text=True)
        rows = list(load_workbook(BytesIO(client.get(f"/van/figures.xlsx?by={by}").data)).active.values)  # type: ignore[union-attr]
        assert rows[0][6:8] == ("Lượt bạn đọc", "Lượt sách")
        assert sum(int(str(row[7])) for row in rows[1:]) == 100 and ">100<" in page
    assert client.get("/van/figures?by=nothing&since=x&vehicle=y").status_code == 200
