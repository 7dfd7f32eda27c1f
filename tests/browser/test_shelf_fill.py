"""Moment 18 (peers.md §5): the shelf's code, 60 books and no key; the teacher accepts with one tap and counts on a phone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from library.accounts.models import RoleName
from library.catalogue.models import LocalRecord
from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.shelves import pulls, shelf_codes, stock
from library.shelves.models import Shelf
from library.shelves.pulling import Wish
from tests.browser.conftest import DeskInBrowser
from tests.support.looks import DESK, PHONE, complaints
from tests.support.people import account, commit
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.visiting import browsing
from tests.support.world import World


@pytest.fixture
def one(world: World) -> Shelf:
    of = school_class(world, "2A", 2)
    account(world, "mai", RoleName.LIBRARIAN, world.school())
    return shelf(world, of, keeper=teacher(world, of))


@pytest.fixture
def browse(chromium: Browser, server: str) -> Iterator[Any]:
    with browsing(chromium, server) as browse:
        yield browse


def titles(world: World, count: int) -> list[Item]:
    made = []
    for number in range(count):
        record = world.record(f"Sách số {number:02}")
        db.session.add(LocalRecord(record_id=record.id, library_id=world.school().id, reading_level=1 + number % 6))
        made += world.items(2, record=record)
    return made


def troubles(page: Page) -> list[str]:
    """What keeps anybody out, and buttons that a thumb would miss."""
    small = page.evaluate(SMALL) if page.viewport_size and page.viewport_size["width"] < 600 else []
    return complaints(page) + [f"small: {words}" for words in small]


def says(desk: DeskInBrowser, words: str) -> None:
    """Wait until the answer under the line says it."""
    desk.until(f"document.querySelector('#result .result-word')?.textContent.includes({words!r}) === true", 40)


def ready(desk: DeskInBrowser) -> None:
    """Wait until the line listens."""
    desk.until("document.querySelector('#scan').dataset.ready === '1'", 40)


SMALL = """[...document.querySelectorAll('.main button, .main a.btn')].filter((one) => one.offsetHeight && one.offsetHeight < 48)
  .map((one) => one.textContent.trim().slice(0, 40))"""


def listed(place: int) -> int:
    """Books of the shelf. Nothing stays open behind it: the server waits for whoever might write."""
    count = len(stock.listed(db.session(), place))
    db.session.rollback()
    return count


def test_sixty_books_and_not_one_key(app: Flask, world: World, one: Shelf, browse: Any) -> None:
    codes = [str(item.accession) for item in titles(world, 60)[::2]]
    code, place = shelf_codes.printed(world.session(), one), one.place_id
    commit()
    desk = browse("mai", DESK, "/shelves/fill")
    ready(desk)
    desk.scan(code)
    says(desk, "Đang xếp vào")
    began = clock.now()
    for text in codes:
        desk.scan(text)
    desk.until("Number(document.querySelector('.fill-count b')?.textContent) === 60", 90)
    took = (clock.now() - began).total_seconds()
    assert listed(place) == 60
    assert desk.page.locator("#rows .entry").count() > 0
    print(f"60 books in {took:.1f} s")


def test_a_question_is_answered_by_scanning_again_and_ctrl_z_takes_it_back(
    app: Flask, world: World, one: Shelf, browse: Any
) -> None:
    item = world.item()
    put(world, shelf(world, school_class(world, "4B")), [item])
    address, code, place = f"/shelves/fill?shelf={one.uid}", str(item.accession), one.place_id
    commit()
    desk = browse("mai", DESK, address)
    ready(desk)
    desk.scan(code)
    says(desk, "sách của Tủ lớp 4B")
    desk.scan(code)
    says(desk, "Đã xếp vào tủ")
    assert listed(place) == 1
    desk.page.keyboard.press("Control+z")
    says(desk, "Đã hoàn tác")
    assert listed(place) == 0


SEEN = """(text) => document.getElementById('scan')
  .dispatchEvent(new CustomEvent('scanned', { bubbles: true, detail: { text, live: true } }))"""


def test_a_camera_that_still_looks_at_the_book_is_no_answer(app: Flask, world: World, one: Shelf, browse: Any) -> None:
    item = world.item()
    put(world, shelf(world, school_class(world, "4B")), [item])
    address, code, place = f"/shelves/fill?shelf={one.uid}", str(item.accession), one.place_id
    commit()
    desk = browse("mai", DESK, address)
    ready(desk)
    for _look in range(3):
        desk.page.evaluate(SEEN, code)
    says(desk, "sách của Tủ lớp 4B")
    desk.page.evaluate(SEEN, code)
    desk.page.wait_for_timeout(500)
    assert listed(place) == 0
    desk.page.get_by_role("button", name="Xếp vào tủ này").click()
    says(desk, "Đã xếp vào tủ")
    assert listed(place) == 1


def test_a_scan_that_waits_tells_when_it_was_made(app: Flask, world: World, one: Shelf, browse: Any) -> None:
    address, codes = f"/shelves/fill?shelf={one.uid}", [str(item.accession) for item in world.items(2)]
    commit()
    desk = browse("mai", DESK, address)
    ready(desk)
    held: list[Any] = []
    desk.page.route("**/fill/scans", lambda route: route.continue_() if held else held.append(route))
    for code in codes:
        desk.scan(code, pause=0.3)
    made, sent = clock.now(), []
    desk.page.on(
        "request", lambda asked: sent.append(asked.post_data_json) if asked.url.endswith("/fill/scans") else None
    )
    desk.page.wait_for_timeout(1000)
    held[0].continue_()
    desk.until("Number(document.querySelector('.fill-count b')?.textContent) === 2", 40)
    assert sent[-1]["code"] == codes[1]
    assert datetime.fromisoformat(sent[-1]["at"]) < made < datetime.fromisoformat(sent[-1]["sent_at"])


def test_the_teacher_accepts_with_one_tap_and_counts_on_a_phone(
    app: Flask, world: World, one: Shelf, browse: Any
) -> None:
    items = titles(world, 6)[::2]
    stranger = str(world.item().accession)
    put(world, one, items)
    uid, codes = one.uid, [str(item.accession) for item in items]
    commit()
    mai = browse("mai", DESK, f"/shelves/fill?shelf={uid}")
    mai.page.get_by_role("button", name="Giao tủ cho Nguyễn Thị Thu").click()
    thu = browse("thu", PHONE, f"/shelves/{uid}/accept")
    assert troubles(thu.page) == []
    thu.page.get_by_role("button", name="Nhận đủ").click()
    thu.page.get_by_text("Không có sách nào chờ nhận").wait_for()
    thu.page.goto(f"{thu.server}/shelves/{uid}/count")
    thu.page.get_by_role("button", name="Bắt đầu kiểm").click()
    thu.page.locator("#scan").wait_for()
    ready(thu)
    thu.scan(codes[0])
    says(thu, "Có")
    thu.scan(stranger)
    says(thu, "Thừa")
    thu.page.locator(".count-tick").first.click()
    thu.until(f"document.querySelectorAll('.count-tick').length === {len(items) - 2}", 40)
    assert troubles(thu.page) == []
    thu.page.get_by_role("button", name="Kết thúc").click()
    thu.page.get_by_role("heading", name="Thiếu").wait_for()
    expect(thu.page.locator(".count-choose")).to_have_count(len(items) - 2)
    assert troubles(thu.page) == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_nothing_keeps_anybody_out(
    app: Flask, world: World, one: Shelf, browse: Any, size: tuple[int, int], scheme: str
) -> None:
    items = titles(world, 8)
    put(world, one, items[:3])
    pull, _ = pulls.make(world.session(), clock.uuid7(), one, Wish(10), None)
    pulls.pass_over(world.session(), pull, pulls.lines(world.session(), pull)[0].item_id, pulls.NOT_FOUND)
    uid, list_ = one.uid, pull.uid
    commit()
    desk = browse("mai", size, "/shelves/fill", scheme)
    found = {}
    pages = ("/shelves/fill", f"/shelves/fill?shelf={uid}", "/shelves/pulls", f"/shelves/pulls/{list_}",
             f"/shelves/{uid}/pull", f"/shelves/{uid}/list", f"/shelves/{uid}/count", f"/shelves/{uid}/accept")  # fmt: skip
    for address in pages:
        desk.page.goto(desk.server + address)
        if told := troubles(desk.page):
            found[address] = told
    assert found == {}
