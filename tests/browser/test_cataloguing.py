"""Books come in by hand: with the keyboard alone, with a scanner, on a telephone, with and without scripts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from library.catalogue.models import NumberKind, Record
from library.catalogue.writing import NewRecord, create, say_locally
from library.cataloguing.models import ScanLine
from library.core.db import db
from library.holdings.models import Item
from library.staging.values import with_check_digit
from tests.browser.conftest import sign_in, watched
from tests.support.chromium import CUT_SHORT
from tests.support.looks import fits, grave
from tests.support.people import account, commit
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings(CUT_SHORT)]
Open = Callable[..., Page]
KNOWN = [with_check_digit(f"9786042{n:05}") for n in range(40)]
PAGES = ("/titles/add", "/titles/scan", "/settings/call-numbers", "/titles/call-numbers")


@pytest.fixture
def books(world: World) -> None:
    """Forty titles of the network with their ISBNs, and a sticker that says something else."""
    account(world)
    network = world.school().network_id
    assert network
    for n, code in enumerate(KNOWN):
        new = NewRecord(
            f"Dế Mèn phần {n}" if n else "Dế Mèn phiêu lưu ký", numbers=((code, NumberKind.ISBN),), ddc="895"
        )
        record = create(world.session(), network, new)
        if n < 3:
            world.items(1, record=record)
            say_locally(world.session(), world.school().id, record.id, call_number="895 X1")
    commit()
    db.session.remove()


@pytest.fixture
def open_page(chromium: Browser, server: str, books: None) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def made(path: str, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 633}, "locale": "vi-VN", **options})
        contexts.append(context)
        sign_in(context, server, "ha")
        page = context.new_page()
        watched(page, complaints)
        page.goto(server + path)
        return page

    yield made
    for context in contexts:
        context.close()
    assert complaints == []


def rows(query: Any) -> list[Any]:
    db.session.rollback()
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def accessions() -> list[str]:
    return rows(select(Item.accession).order_by(Item.id))


def settled(page: Page, lines: int, copies: int) -> None:
    """Wait until the page counts so many codes and copies."""
    expect(page.locator("[data-lines]")).to_have_text(str(lines), timeout=20_000)
    expect(page.locator("[data-copies]")).to_have_text(str(copies), timeout=20_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(open_page: Open, scheme: Any) -> None:
    page = open_page(PAGES[0], color_scheme=scheme)
    page.keyboard.type("de men", delay=20)
    page.locator(".same-list").wait_for()
    assert grave(page) == []
    page.fill("[name=year]", "năm kia")
    page.keyboard.press("Enter")
    page.locator(".field-error").wait_for()
    assert grave(page) == []
    base = page.url.partition("/titles")[0]
    page.goto(base + PAGES[1])
    for code in (KNOWN[0], "8935244801231"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    settled(page, 2, 2)
    assert grave(page) == []
    for path in PAGES[2:]:
        page.goto(base + path)
        assert grave(page) == [], path
    page.goto(base + f"/titles/{rows(select(Record.uid).limit(1))[0]}/cover")
    assert grave(page) == []


@pytest.mark.parametrize(("width", "height"), [(1366, 633), (1024, 700), (360, 780), (320, 640)])
def test_no_page_scrolls_sideways(open_page: Open, width: int, height: int) -> None:
    page = open_page(PAGES[1], viewport={"width": width, "height": height})
    for code in (KNOWN[0], "8935244801231"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    settled(page, 2, 2)
    base = page.url.partition("/titles")[0]
    for path in PAGES:
        page.goto(base + path)
        if path == PAGES[0]:
            page.locator("details.more summary").click()
        assert fits(page), path


def test_a_book_is_typed_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page("/titles/add")
    for words in ("Thạch Sanh", "Nhiều người kể", "Kim Đồng", "2018", "15.000", "K", "3"):
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(words)
        if words != "3":
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi “Thạch Sanh”: TN.00004 – TN.00006.").wait_for()
    expect(page.locator("[name=title]"), "ready for the next book").to_be_focused()
    assert len(accessions()) == 6


def test_a_suggestion_is_taken_with_the_arrow(open_page: Open) -> None:
    page = open_page("/titles/add")
    page.keyboard.type("de men phieu", delay=20)
    page.locator(".same-list").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("[name=quantity]:focus").wait_for()
    assert page.locator(".item-title").inner_text() == "Dế Mèn phiêu lưu ký"
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi “Dế Mèn phiêu lưu ký”: TN.00004.").wait_for()
    assert len(rows(select(Record.id))) == 40


def test_forty_scans_and_one_key(open_page: Open) -> None:
    page = open_page("/titles/scan")
    for code in KNOWN:
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.get_by_text("Đã ghi 40 bản của 40 nhan đề: TN.00004 – TN.00043.").wait_for(timeout=20_000)
    assert rows(select(ScanLine.id)) == []


def test_the_same_code_again_is_one_more_and_typed_titles_stay(open_page: Open) -> None:
    page = open_page("/titles/scan")
    new = "8935244801231"
    page.keyboard.type(new)
    page.keyboard.press("Enter")
    settled(page, 1, 1)
    page.locator(".scan-title input").fill("Sọ Dừa")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "code", "back to the scan line"
    for code in (KNOWN[5], new, KNOWN[5], KNOWN[5]):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    settled(page, 2, 5)
    assert page.locator(".scan-title input").input_value() == "Sọ Dừa"
    page.reload()
    settled(page, 2, 5)
    assert page.locator(".scan-title input").input_value() == "Sọ Dừa"
    page.keyboard.press("F9")
    page.get_by_text("Đã ghi 5 bản của 2 nhan đề").wait_for()


def test_a_scan_into_the_wrong_field_finds_its_line(open_page: Open) -> None:
    page = open_page("/titles/scan")
    page.keyboard.type("8935244801231")
    page.keyboard.press("Enter")
    settled(page, 1, 1)
    page.locator(".scan-title input").fill("Sọ Dừa")
    page.keyboard.type(KNOWN[7])
    page.keyboard.press("Enter")
    settled(page, 2, 2)
    assert page.locator(".scan-title input").input_value() == "Sọ Dừa"


def test_without_a_network_scans_wait_on_the_page(open_page: Open) -> None:
    page = open_page("/titles/scan")
    page.context.set_offline(True)
    for code in KNOWN[:3]:
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    page.get_by_text("Mất kết nối. Cứ quét tiếp").wait_for()
    page.context.set_offline(False)
    settled(page, 3, 3)


def test_what_is_no_code_is_said_and_scanning_goes_on(open_page: Open) -> None:
    page = open_page("/titles/scan")
    for code in ("abc", KNOWN[0]):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        if code == "abc":
            page.get_by_text("Máy chưa thấy mã số nào").wait_for()
    settled(page, 1, 1)


def test_all_of_it_without_scripts(open_page: Open) -> None:
    page = open_page("/titles/scan", java_script_enabled=False)
    for code in (KNOWN[0], KNOWN[0], "8935244801231"):
        page.fill("#code", code)
        page.press("#code", "Enter")
    page.fill(".scan-title input", "Sọ Dừa")
    page.click("#save")
    assert page.get_by_text("Đã ghi 3 bản của 2 nhan đề").is_visible()


def test_a_rule_is_seen_while_it_is_chosen(open_page: Open) -> None:
    page = open_page("/settings/call-numbers")
    page.fill("#f-try", "Truyện Kiều")
    page.get_by_text("TR527K").wait_for()
    page.select_option("#part-2", "title-letters")
    page.locator("#preview", has_text="TRU").wait_for()
