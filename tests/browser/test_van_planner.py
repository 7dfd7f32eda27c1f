"""Moment 29 (peers.md §5): a storm. Two clicks leave a stop out, one takes it back; and the planner's pages are fit to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from library.accounts.models import RoleName
from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.loans.models import Loan
from library.mobile import changing, kit, trips, vehicles
from library.mobile.models import Stop, Trip
from library.mobile.trips import Call, Hours
from library.mobile.vehicles import NewVehicle
from tests.mobile.fleet import CREW, Fleet
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.people import account, commit
from tests.support.visiting import visiting
from tests.support.world import World

SIZES = (PHONE, DESK, (1440, 900))
STOPS = {
    "TH Nà Phặc": (22.33, 105.98), "TH Ngân Sơn": (22.43, 105.99), "TH Hiệp Lực": (22.25, 106.02),
    "TH Chợ Mới": (21.88, 105.78), "TH Thanh Mai": (21.92, 105.72), "TH Na Rì": (22.14, 106.1),
    "TH Chợ Đồn": (22.16, 105.6), "TH Cổ Linh": (22.5, 105.6),
}  # fmt: skip


@dataclass
class Planned:
    trip: str
    visit: str
    vehicle: str
    stop: str
    loans: list[int]
    before: date
    after: date


def monday() -> date:
    """Of next week: every trip of the picture lies ahead."""
    today = clock.today()
    return today + timedelta(days=7 - today.weekday())


@pytest.fixture
def planned(world: World) -> Planned:
    """Two vehicles and two weeks of trips; 46 copies are due at Nà Phặc on Wednesday, and the vehicle is there again."""
    fleet, first = Fleet(world), monday()
    account(world, "dieuphoi", RoleName.SCHEDULER, fleet.library)
    one = fleet.vehicle
    two = vehicles.found(fleet.session, fleet.doing(), fleet.library, NewVehicle("Xe 2", copies=3000))
    stops = {name: fleet.stop(name, latitude=at[0], longitude=at[1]) for name, at in STOPS.items()}
    trip = _trip(fleet, one, first + timedelta(days=2), [stops[name] for name in list(STOPS)[:3]], 118)
    _trip(fleet, one, first, [stops["TH Chợ Mới"], stops["TH Thanh Mai"]], 96)
    _trip(fleet, two, first + timedelta(days=3), [stops["TH Chợ Đồn"]], 124)
    again = _trip(fleet, one, first + timedelta(days=16), [stops["TH Nà Phặc"], stops["TH Na Rì"]], 142)
    cancelled = _trip(fleet, two, first + timedelta(days=8), [stops["TH Chợ Mới"]], 90)
    changing.cancel(fleet.session, fleet.doing(), cancelled, "storm")
    opening_days.close(fleet.session, Whose(branch_id=one.branch_id), first + timedelta(days=11),
                       first + timedelta(days=11), "Họp giao ban")  # fmt: skip
    changing.suspend(
        fleet.session, fleet.doing(), stops["TH Cổ Linh"], clock.today(), first + timedelta(days=12), "road"
    )
    kit.add_usual(fleet.session, one)
    stop = stops["TH Nà Phặc"]
    loans = fleet.lent(stop, trip.day, 46)
    told = Planned(
        str(trip.uid), str(fleet.visit(trip, stop).uid), str(one.uid), str(stop.uid), loans, trip.day, again.day
    )
    commit()
    return told


def _trip(fleet: Fleet, vehicle: Any, on: date, stops: list[Stop], km: float) -> Trip:
    calls = [Call(one, time(8 + 2 * at), time(9 + 2 * at, 30)) for at, one in enumerate(stops)]
    return trips.plan(fleet.session, fleet.doing(), vehicle, on, calls, CREW, hours=Hours(km=km))


@pytest.fixture
def visit(chromium: Browser, server: str, planned: Planned) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def due(ids: list[int]) -> set[date]:
    db.session.rollback()
    found = set(db.session.scalars(select(Loan.due_on).where(Loan.id.in_(ids))))
    db.session.rollback()  # on SQLite who has read holds up the server's writing
    return found


class Clicks:
    """Counts what somebody presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def __call__(self, selector: str) -> None:
        self.count += 1
        self.page.click(selector)


@pytest.mark.parametrize("size", SIZES[:2])
def test_storm_two_clicks_and_one_back(visit: Any, server: str, planned: Planned, size: tuple[int, int]) -> None:
    """The planner opens with the next trip chosen."""
    page = visit("dieuphoi", size)
    page.goto(f"{server}/van?trip={planned.trip}")
    click = Clicks(page)
    click(".van-line:has-text('TH Nà Phặc') summary")
    click(".van-line:has-text('TH Nà Phặc') button[value=storm]")
    page.wait_for_selector(".van-just")
    assert click.count == 2
    assert "Hạn trả của 46 cuốn dời theo." in page.inner_text(".van-just")
    assert due(planned.loans) == {planned.after}
    assert "bỏ lần này" in page.inner_text(".van-line:has-text('TH Nà Phặc')")
    click(".van-just .undo-bar button")
    page.wait_for_selector(".notes .is-ok")
    assert click.count == 3
    assert due(planned.loans) == {planned.before}
    assert "46 cuốn hẹn trả hôm ấy" in page.inner_text(".van-line:has-text('TH Nà Phặc')")


def test_the_next_trip_is_the_one_looked_at(visit: Any, server: str, planned: Planned) -> None:
    page = visit("dieuphoi", SIZES[1])
    page.goto(f"{server}/van")
    assert "TH Chợ Mới" in page.inner_text("#trip")


def test_a_visit_is_skipped_by_keyboard_alone(visit: Any, server: str, planned: Planned) -> None:
    page = visit("dieuphoi", SIZES[1])
    page.goto(f"{server}/van/trips/{planned.trip}")
    page.focus(".van-line:has-text('TH Nà Phặc') summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".van-just")
    assert due(planned.loans) == {planned.after}


def test_a_trip_and_a_stop_are_dragged_to_another_day(visit: Any, server: str, planned: Planned) -> None:
    """The page that moves it opens with that day: a reason and one click; the button beside opens it without a day."""
    page, to = visit("dieuphoi", (1366, 1200)), planned.before + timedelta(days=1)
    page.goto(f"{server}/van?trip={planned.trip}")
    there = page.locator(f".van-day[data-day='{to}']")
    page.locator(".van-line:has-text('TH Ngân Sơn') .van-number").drag_to(there)
    page.wait_for_url("**/van/visits/*/move?day=*")
    assert page.input_value("[name=day]") == str(to) and "TH Ngân Sơn" in page.inner_text("h1")
    page.goto(f"{server}/van?trip={planned.trip}")
    page.locator(".van-card.is-here").drag_to(there)
    page.wait_for_url(f"**/van/trips/{planned.trip}/move?day={to}")
    page.check("[name=why][value=storm]")
    page.click("button:has-text('Dời')")
    page.wait_for_selector(".van-just")
    assert "TH Nà Phặc" in page.inner_text(f".van-day[data-day='{to}']")
    assert due(planned.loans) == {to}


def test_a_day_gone_by_takes_no_trip(visit: Any, server: str, planned: Planned) -> None:
    page = visit("dieuphoi", SIZES[1])
    page.goto(f"{server}/van?from={planned.before - timedelta(days=7)}&trip={planned.trip}")
    days = page.eval_on_selector_all(".van-day[data-day]", "all => all.map((one) => one.dataset.day)")
    assert days and min(days) >= str(clock.today())


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_fit_to_be_seen(visit: Any, server: str, planned: Planned, size: tuple[int, int]) -> None:
    page = visit("dieuphoi", size)
    for path in (
        "", f"?trip={planned.trip}", f"/trips/{planned.trip}", "/trips/new", f"/visits/{planned.visit}/move", "/suspend",
        "/changes", "/vehicles", f"/vehicles/{planned.vehicle}", "/vehicles/new", "/stops", f"/stops/{planned.stop}",
        "/stops/new", "/routes", "/routes/new", "/fill", "/settings",
    ):  # fmt: skip
        page.goto(f"{server}/van{path}")
        assert fits(page), page.url
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert grave(page) == [], page.url
        assert fits(page), page.url
