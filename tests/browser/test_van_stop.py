"""A whole stop on a phone of 360 px: opened in one tap, counted, lent, closed with the school's name."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from library.core.db import db
from library.mobile import stop_figures
from library.mobile.models import StopVisit, VisitState
from library.mobile.stop_figures import Figures
from tests.browser.conftest import sign_in, watched
from tests.mobile.van import van
from tests.support import rotation
from tests.support.looks import TELEPHONE, fits, grave
from tests.support.world import World


@dataclass
class Told:
    """A van in plain words, that no session holds."""

    visit: str
    visit_id: int
    trip: str
    vehicle: str
    codes: list[str]
    depot: list[str]


@pytest.fixture
def here(app: Flask, world: World) -> Told:
    made = van(world)
    in_depot = rotation.stock(world, 2, title="Sách trong kho")
    codes, depot = [one.accession or "" for one in made.books], [one.accession or "" for one in in_depot]
    told = Told(str(made.visit.uid), made.visit.id, str(made.trip.uid), str(made.vehicle.uid), codes, depot)
    db.session.commit()
    return told


@pytest.fixture
def phone(chromium: Browser, server: str, here: Told) -> Iterator[Page]:
    """anh Tài's, signed in."""
    context, complaints = chromium.new_context(**TELEPHONE), list[str]()
    sign_in(context, server, "tai")
    page = context.new_page()
    watched(page, complaints)
    yield page
    context.close()
    assert complaints == []


def figures(here: Told) -> Figures:
    db.session.rollback()
    found = stop_figures.figures(db.session(), here.visit_id)
    db.session.rollback()
    return found


def state(here: Told) -> VisitState:
    db.session.rollback()
    found = db.session.scalars(select(StopVisit.state).where(StopVisit.id == here.visit_id)).one()
    db.session.rollback()
    return found


def number(page: Page, what: str, expected: int) -> None:
    page.locator(f".count [data-number={what}]", has_text=str(expected)).wait_for(timeout=8000)


def opened(page: Page, server: str, here: Told) -> None:
    page.goto(f"{server}/van/visits/{here.visit}")
    page.get_by_role("button", name="Mở điểm dừng").tap()
    page.locator("#stop-tally").wait_for()
    page.wait_for_load_state()  # with the script that counts: without it a touch is a form sent


def test_a_whole_stop(phone: Page, server: str, here: Told) -> None:
    opened(phone, server, here)
    phone.locator("button", has_text="cả lớp").tap()
    number(phone, "pupil", 1)
    phone.get_by_role("link", name="Lớp sau").tap()
    phone.locator("[data-room-name]", has_text="3B").first.wait_for()
    phone.get_by_role("button", name="Lượt học sinh: thêm 5").tap()
    phone.get_by_role("button", name="Lượt tài liệu: thêm 10").tap()
    phone.get_by_role("button", name="Lượt tài liệu: thêm 10").tap()
    phone.get_by_role("button", name="Người dân, thầy cô: thêm 1").tap()
    number(phone, "book", 20)
    phone.locator("[data-last]", has_text="+1 lúc").wait_for()
    phone.get_by_role("button", name="Bớt lại").tap()
    number(phone, "grown", 0)
    phone.get_by_text("Phim, máy tính, quà").tap()
    phone.get_by_role("button", name="Suất quà: thêm 5").tap()
    phone.locator("#gift-value").fill("200.000")
    phone.locator("button", has_text="Ghi").tap()
    phone.locator("[data-last]", has_text="+200000 lúc").wait_for()
    told = figures(here)
    assert (told.pupils, told.classes, told.uses, told.grown_ups) == (6, {"3A": 1, "3B": 5}, 20, 0)
    assert told.others == {"gifts": 5, "gift-value": 200_000}

    phone.get_by_role("link", name="Mượn, trả").tap()
    phone.get_by_role("link", name="3A").tap()
    phone.get_by_role("link", name="Bình").tap()
    phone.locator(".sun-who", has_text="Bình").wait_for()
    phone.locator("#text").fill(here.codes[0])
    phone.locator("#text").press("Enter")
    phone.locator(".result-word", has_text="Đã cho Bình mượn").wait_for(timeout=8000)
    assert figures(here).lent == 1

    phone.get_by_role("link", name="Về trang đếm").tap()
    phone.get_by_role("link", name="Đóng điểm dừng").tap()
    phone.locator("#f-signed_name").fill("Lường Thị Hà")
    phone.get_by_role("button", name="Xác nhận và đóng điểm dừng").tap()
    phone.get_by_text("đã xác nhận").wait_for()
    assert state(here) is VisitState.CLOSED


def test_counting_goes_on_without_a_network(phone: Page, server: str, here: Told) -> None:
    opened(phone, server, here)
    phone.context.set_offline(True)
    for _ in range(3):
        phone.get_by_role("button", name="Lượt học sinh: thêm 5").tap()
    phone.locator(".sun-away", has_text="Không có mạng").wait_for(timeout=12000)
    phone.get_by_role("link", name="Lớp sau").tap()
    number(phone, "pupil", 15)
    assert figures(here).visits == 0
    phone.context.set_offline(False)
    phone.locator(".sun-away").wait_for(state="hidden", timeout=20000)
    assert figures(here).classes == {"3A": 15}


def test_every_page_of_a_stop_is_fit_for_the_sun(phone: Page, server: str, here: Told) -> None:
    visit, trip = f"{server}/van/visits/{here.visit}", f"{server}/van/trips/{here.trip}"
    phone.goto(visit)
    assert (grave(phone), fits(phone)) == ([], True)
    opened(phone, server, here)
    for fold in phone.locator(".sun-fold summary").all():
        fold.tap()
    pages = ["", "/lend", "/close", "/photos", "/summary"]
    for address in [f"{visit}{path}" for path in pages] + [
        f"{trip}/{path}" for path in ("load", "unload", "log", "take-over")
    ]:
        phone.goto(address)
        assert (address, grave(phone), fits(phone)) == (address, [], True)


def test_colours_are_three_and_targets_are_large(phone: Page, server: str, here: Told) -> None:
    opened(phone, server, here)
    colours = phone.evaluate(
        """() => [...new Set([...document.querySelectorAll('.page--sun *')].filter((one) => one.offsetParent).flatMap(
          (one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]))]"""
    )
    allowed = {"rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(255, 216, 74)", "rgba(0, 0, 0, 0)"}
    assert set(colours) <= allowed
    small = phone.evaluate(
        """() => [...document.querySelectorAll('.count-steps button')].filter(
          (one) => one.offsetHeight < 72 || one.offsetWidth < 60).map((one) => one.textContent)"""
    )
    assert small == []
    low = phone.evaluate(
        """() => [...document.querySelectorAll('.page--sun a, .page--sun button, .page--sun summary')].filter(
          (one) => one.offsetParent && one.offsetHeight < 40).map((one) => one.outerHTML)"""
    )
    assert low == []


def test_books_go_aboard_with_one_scan_each(phone: Page, server: str, here: Told) -> None:
    phone.goto(f"{server}/van/trips/{here.trip}/load")
    for code in here.depot:
        phone.locator("#text").fill(code)
        phone.locator("#text").press("Enter")
        phone.locator(".result-word", has_text="Đã lên xe").wait_for(timeout=8000)
    phone.locator(".count-number", has_text="5").wait_for()
    phone.get_by_role("button", name="Hoàn tác").tap()
    phone.locator(".count-number", has_text="4").wait_for()
