"""A shelf on a phone of 360 px: a name and a scan, a tapped cover, touches by colour, the phone in a pupil's hands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import func, select, update

from library.core import clock
from library.core.db import db
from library.loans.models import Loan, still_out
from library.shelves import tallying
from library.shelves.models import Shelf, ShelfMode
from tests.browser.conftest import sign_in, watched
from tests.shelves.shelf_page import room
from tests.support.looks import TELEPHONE, fits, grave
from tests.support.world import World


@dataclass
class Told:
    """A room in plain words, that no session holds."""

    uid: str
    codes: list[str]
    names: list[str]


@pytest.fixture
def here(app: Flask, world: World) -> Told:
    made = room(app, world)
    for book in made.books:
        db.session.refresh(book)
    codes, pupils = [book.accession or "" for book in made.books], [str(one.uid) for one in made.pupils]
    told = Told(str(made.shelf.uid), codes, pupils)
    db.session.rollback()
    return told


@pytest.fixture
def phone(chromium: Browser, server: str, here: Told) -> Iterator[Page]:
    """cô Thu's, signed in."""
    context, complaints = chromium.new_context(**TELEPHONE), list[str]()
    sign_in(context, server, "thu")
    page = context.new_page()
    watched(page, complaints)
    yield page
    context.close()
    assert complaints == []


def address(server: str, here: Told, path: str = "") -> str:
    return f"{server}/shelves/{here.uid}{path}"


def scan(page: Page, code: str) -> None:
    """As a scanner at the phone types: into the line, then Enter."""
    page.locator("#text").fill(code)
    page.locator("#text").press("Enter")


def word(page: Page, text: str) -> None:
    page.locator(".result-word", has_text=text).wait_for(timeout=8000)


def out() -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count(Loan.id)).where(still_out())) or 0
    db.session.rollback()
    return found


def test_one_tap_and_one_scan_lend_and_a_scan_returns(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here))
    phone.get_by_role("link", name="Hoa").tap()
    phone.wait_for_url("**/scan?pupil=*", wait_until="load")  # scripts in place: what is scanned sooner is a plain form
    scan(phone, here.codes[0])
    word(phone, "Đã cho Hoa mượn")
    assert out() == 1
    scan(phone, here.codes[0])
    phone.locator("#scan-said", has_text="Vừa quét cuốn này rồi").wait_for()
    assert out() == 1, "the same code next after itself counts nothing"
    scan(phone, here.codes[1])
    word(phone, "Không ai đang mượn cuốn này")
    phone.goto(address(server, here, "/scan"))
    scan(phone, here.codes[0])
    word(phone, "Hoa trả xong")
    assert out() == 0


def test_a_form_sent_before_the_script_was_there_counts_as_a_scan_of_the_page(
    phone: Page, server: str, here: Told
) -> None:
    phone.route("**/js/shelf-scan.js*", lambda route: route.abort())
    phone.goto(address(server, here, f"/scan?pupil={here.names[0]}"))
    scan(phone, here.codes[0])
    word(phone, "Đã cho Hoa mượn")
    phone.unroute("**/js/shelf-scan.js*")
    phone.reload(wait_until="load")
    scan(phone, here.codes[0])
    phone.locator("#scan-said", has_text="Vừa quét cuốn này rồi").wait_for()
    assert out() == 1


def test_a_name_tapped_while_an_answer_is_on_its_way_stays_open(phone: Page, server: str, here: Told) -> None:
    held: list[Route] = []
    phone.goto(address(server, here, f"/scan?pupil={here.names[0]}"))
    phone.route("**/scans", lambda route: route.continue_() if held else held.append(route))
    scan(phone, here.codes[0])
    phone.get_by_role("link", name="Bạn khác").tap()
    phone.get_by_role("link", name="Bình").tap()
    phone.locator(".who-now", has_text="Bình").wait_for()
    held[0].continue_()
    word(phone, "Đã cho Hoa mượn")
    scan(phone, here.codes[1])
    word(phone, "Đã cho Bình mượn")
    assert out() == 2


def test_a_name_counts_from_the_tap_however_slow_its_page(phone: Page, server: str, here: Told) -> None:
    held: list[Route] = []
    phone.goto(address(server, here, "/scan"))
    pages = re.compile(r"/scan\?")
    phone.route(pages, lambda route: route.continue_() if len(held) == 2 else held.append(route))
    phone.get_by_role("link", name="Lan").tap()
    scan(phone, here.codes[0])
    while len(held) < 2:
        phone.wait_for_timeout(50)
    held[1].continue_()
    word(phone, "Đã cho Lan mượn")
    held[0].continue_()
    phone.wait_for_timeout(500)
    word(phone, "Đã cho Lan mượn")
    assert phone.locator(".who-now").count() == 0, "an older picture of the page is not drawn over a newer one"
    assert out() == 1


def test_what_was_scanned_after_the_session_ended_waits_for_the_next(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here, f"/scan?pupil={here.names[0]}"))
    phone.context.clear_cookies()
    scan(phone, here.codes[0])
    phone.locator("#scan-said", has_text="Phiên làm việc đã hết").wait_for()
    sign_in(phone.context, server, "thu")
    word(phone, "Đã cho Hoa mượn")
    assert out() == 1


def test_a_cover_is_tapped_taken_back_and_a_question_answered(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here, "/scan"))
    phone.get_by_role("link", name="Bình").tap()
    phone.get_by_role("button", name="Cho mượn Cây khế").tap()
    word(phone, "Đã cho Bình mượn")
    phone.get_by_role("button", name="Hoàn tác").tap()
    word(phone, "Đã hoàn tác")
    assert out() == 0
    phone.get_by_role("link", name="Bình").tap()
    phone.get_by_role("button", name="Cho mượn Cây khế").tap()
    word(phone, "Đã cho Bình mượn")
    phone.get_by_role("link", name="Bình", exact=False).first.tap()
    phone.get_by_role("button", name="Trả", exact=True).tap()
    word(phone, "Bình trả xong")
    assert out() == 0


def test_the_camera_speaks_to_the_page_by_an_event(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here, f"/scan?pupil={here.names[2]}"))
    phone.evaluate(
        "(text) => document.getElementById('shelf-scan').dispatchEvent(new CustomEvent('scanned', {detail: {text}}))",
        here.codes[1],
    )
    word(phone, "Đã cho Lan mượn")


def test_a_line_that_breaks_loses_no_scan(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here, f"/scan?pupil={here.names[0]}"))
    phone.context.set_offline(True)
    scan(phone, here.codes[0])
    phone.locator("#scan-said", has_text="Mất kết nối").wait_for()
    phone.context.set_offline(False)
    word(phone, "Đã cho Hoa mượn")
    assert out() == 1


def test_fast_touches_all_count(phone: Page, server: str, here: Told) -> None:
    db.session.execute(update(Shelf).values(mode=ShelfMode.HONOUR))
    db.session.commit()
    phone.goto(address(server, here))
    for level in (1, 1, 2, 1, 2, 6):
        phone.locator(f"[name=level][value='{level}']").tap()
    phone.locator("[data-all]").tap()
    phone.locator("[data-less]").tap()
    phone.locator("[data-total]", has_text="6").wait_for()
    phone.locator("[data-visits]", has_text="0").wait_for()
    phone.wait_for_timeout(300)
    assert phone.locator("[data-level='1']").inner_text() == "3"
    db.session.rollback()
    place = db.session.scalars(select(Shelf.place_id)).one()
    counts = tallying.counts(db.session(), place, clock.today())
    db.session.rollback()
    assert (counts.total, counts.visits) == (6, 0)


def test_the_phone_in_a_pupils_hands(phone: Page, server: str, here: Told) -> None:
    phone.goto(address(server, here))
    phone.get_by_role("link", name="Đưa máy cho em thủ thư").tap()
    phone.get_by_role("button", name="Đưa máy cho em thủ thư").tap()
    phone.get_by_role("link", name="Hoa").tap()
    phone.locator(".who-now").wait_for()
    assert "Vi Thị" not in phone.content()
    scan(phone, here.codes[0])
    word(phone, "Đã cho Hoa mượn")
    phone.get_by_role("button", name="Trả máy").tap()
    phone.locator("input[name=secret]").first.wait_for()
    assert phone.url.split(server)[1].startswith("/locked")


@pytest.mark.parametrize(("width", "height"), [(360, 780), (320, 640), (1366, 768)])
def test_no_page_scrolls_sideways_and_nothing_keeps_anybody_out(
    phone: Page, server: str, here: Told, width: int, height: int
) -> None:
    phone.set_viewport_size({"width": width, "height": height})
    phone.goto(address(server, here, f"/scan?pupil={here.names[0]}"))
    scan(phone, here.codes[0])
    word(phone, "Đã cho Hoa mượn")
    pages = ("", "/scan", f"/scan?pupil={here.names[0]}", "/books", "/tally", "/hand-over-phone")
    for path in pages:
        phone.goto(address(server, here, path))
        assert fits(phone), path
        assert grave(phone) == [], path
        if width < 600:
            low = phone.evaluate(SMALL)
            assert low == [], path


SMALL = """() => [...document.querySelectorAll('#main a, #main button')].filter((one) => one.offsetParent)
  .map((one) => [one.innerText || one.outerHTML, one.getBoundingClientRect().height])
  .filter(([words, height]) => height < 47.5 && !words.startsWith('Nhắn'))"""


def test_the_keyboard_alone_lends(chromium: Browser, server: str, here: Told) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    sign_in(context, server, "thu")
    page = context.new_page()
    page.goto(address(server, here, "/scan"))
    page.get_by_role("link", name="Hoa").focus()
    page.keyboard.press("Enter")
    page.locator(".who-now").wait_for()
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type(here.codes[0])
    page.keyboard.press("Enter")
    word(page, "Đã cho Hoa mượn")
    context.close()
