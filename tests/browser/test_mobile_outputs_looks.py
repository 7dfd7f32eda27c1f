"""The map, months, figures, reports and the public timetable as they are seen: a phone's width, a desk's, axe, no network."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from library.core import clock
from library.inbox.acts import Doing
from library.mobile import changing, feeds
from library.mobile.models import Trip
from tests.mobile.van import van
from tests.support import rotation
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.visiting import visiting
from tests.support.world import World


@pytest.fixture
def trip(world: World) -> Trip:
    """Today's trip, served in part; another one moved; the stops stand apart on the map."""
    rotation.account(world, "tu")
    world.branch(world.province()).commune_code = "01840"
    made = van(world)
    made.open()
    for n, visit in enumerate(rotation.visits_of(world, made.trip)):
        visit.stop.latitude, visit.stop.longitude = 22.2 + n / 8, 105.8 + n / 9
    rotation.stop(world, "Trường Tiểu học Nam Cường", latitude=22.3, longitude=105.6)
    doing = Doing(clock.uuid7(), branch_id=made.vehicle.branch_id)
    changing.skip(world.session(), doing, rotation.visits_of(world, made.trip)[1], "storm")
    feeds.renew(world.session(), world.province().id)
    world.session.commit()
    return made.trip


@pytest.fixture
def visit(chromium: Browser, server: str, trip: Trip) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page, name: str) -> None:
    assert grave(page) == [], name
    assert fits(page), name
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_pages_are_looked_at(visit: Any, server: str, world: World, trip: Trip, size: tuple[int, int]) -> None:
    page, stop = visit("tu", size), rotation.visits_of(world, trip)[0].stop
    for name, path in {
        "map": f"/van/map?trip={trip.uid}", "map-settings": "/van/map/settings", "feeds": "/van/feeds",
        "month": f"/van/vehicles/{trip.vehicle.uid}/month", "stop-month": f"/van/stops/{stop.uid}/month",
        "figures": "/van/figures?by=stop", "months": "/van/figures?by=month", "trip": f"/van/trips/{trip.uid}/report",
        "quarter": "/van/reports/quarter", "timetable": f"/tv/{world.province().slug}/lich-xe",
    }.items():  # fmt: skip
        page.goto(server + path)
        looked_at(page, f"mobile-{name}-{size[0]}")


def test_the_map_is_drawn_without_asking_anybody(visit: Any, server: str, trip: Trip) -> None:
    page, asked = visit("tu", DESK), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/van/map?trip={trip.uid}")
    page.locator(".map .map-mark--call", has_text="1").wait_for()
    assert page.locator(".map path.map-line--chosen").count() == 1
    assert page.locator(".map .map-mark--idle").count() == 2, "the one just skipped, and the one nobody calls at"
    assert all(url.startswith(server) for url in asked)


def test_the_map_goes_by_keys(visit: Any, server: str, trip: Trip) -> None:
    page = visit("tu", DESK)
    page.goto(f"{server}/van/map?trip={trip.uid}")
    mark = page.locator(".map .leaflet-marker-icon", has=page.locator(".map-mark--call"))
    mark.focus()
    page.keyboard.press("Enter")
    said = page.locator(".leaflet-popup")
    said.get_by_role("link", name="Trường Tiểu học Xuất Hóa").wait_for()
    page.keyboard.press("Escape")
    said.wait_for(state="detached")


def test_names_on_the_map_cover_no_other(visit: Any, server: str, trip: Trip) -> None:
    page = visit("tu", DESK)
    page.goto(f"{server}/van/map?trip={trip.uid}")
    page.locator(".map .map-name").first.wait_for(state="attached")
    covered = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll(".map .map-name:not(.is-left-out)")].map((one) => one.getBoundingClientRect());
          return boxes.filter((a, at) => boxes.some((b, other) => other > at && a.left < b.right && a.right > b.left
            && a.top + 6 < b.bottom && a.bottom - 6 > b.top)).length;
        }"""
    )
    assert covered == 0


def test_without_scripts_the_map_is_a_table(server: str, chromium: Browser, visit: Any, trip: Trip) -> None:
    page = visit("tu", DESK)
    page.goto(f"{server}/van/map?trip={trip.uid}")
    page.get_by_text("Xem dạng bảng").click()
    assert page.get_by_role("rowheader", name="Trường Tiểu học Xuất Hóa").count() == 1


def test_days_of_another_month_are_one_click_away(visit: Any, server: str, trip: Trip) -> None:
    page = visit("tu", PHONE)
    page.goto(f"{server}/van/vehicles/{trip.vehicle.uid}/month")
    later = (clock.today().replace(day=28) + timedelta(days=4)).strftime("%m/%Y")
    page.get_by_role("link", name=f"Tháng {later}").click()
    page.get_by_role("heading", name=f"tháng {later}").wait_for()
