"""The first run and the door as they are seen: every step, light and dark, on a desk and on a telephone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from library.core.db import db
from library.organisations.models import Organisation
from tests.browser.conftest import watched
from tests.support.chromium import CUT_SHORT

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings(CUT_SHORT)]
SCREENS = ((1366, 633, "light"), (360, 780, "dark"))


@pytest.fixture(params=SCREENS, ids=lambda one: f"{one[0]}-{one[2]}")
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, scheme = request.param
    said: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN", color_scheme=scheme)
    made = context.new_page()
    watched(made, said)
    yield made
    context.close()
    assert said == []


def fine(page: Page) -> None:
    """Nothing keeps anybody out, and nothing scrolls sideways."""
    found: list[Any] = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def onward(page: Page) -> None:
    page.get_by_role("button", name="Bước sau").click()


def test_a_newcomer_walks_from_the_first_page_to_work(page: Page, server: str) -> None:
    page.goto(server)
    fine(page)
    page.get_by_label("Tên thư viện hoặc tên trường").fill("Trường Tiểu học Xuất Hóa")
    page.get_by_label("Xã, phường", exact=False).last.fill("tan thanh")
    onward(page)
    page.get_by_text("Có nhiều nơi tên như vậy").wait_for()
    fine(page)
    page.get_by_label("Xã Tân Thành, Tỉnh Lạng Sơn").check()
    onward(page)
    page.get_by_label("Họ và tên").fill("Lường Thị Hà")
    page.get_by_label("Tên vào").fill("Hà")
    for label in ("Mật khẩu", "Gõ lại mật khẩu"):
        page.get_by_label(label, exact=True).fill("sách hay 2026")
    fine(page)
    onward(page)
    page.get_by_label("Thứ Bảy").check()
    fine(page)
    onward(page)
    page.get_by_text("Xem lại rồi ghi").wait_for()
    fine(page)
    page.get_by_role("button", name="Ghi và lập thư viện").click()
    page.get_by_text("Đã lập Trường Tiểu học Xuất Hóa").wait_for()
    fine(page)
    page.get_by_label("Tên vào", exact=True).fill("ha")
    page.get_by_label("Mật khẩu", exact=True).fill("sai mất rồi")
    page.keyboard.press("Enter")
    page.get_by_text("Tên vào hoặc mật khẩu chưa đúng.").wait_for()
    fine(page)
    page.get_by_label("Mật khẩu", exact=True).fill("sách hay 2026")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server}/desk")
    page.goto(f"{server}/me")
    fine(page)
    assert db.session.scalars(select(Organisation.name)).all() == ["Trường Tiểu học Xuất Hóa"]


def test_the_eye_shows_what_was_typed_and_hides_it_again(page: Page, server: str) -> None:
    page.goto(f"{server}/sign-in")
    field = page.get_by_label("Mật khẩu", exact=True)
    field.fill("sách hay 2026")
    page.get_by_role("button", name="Hiện mật khẩu").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Che mật khẩu").click()
    assert field.get_attribute("type") == "password"


def test_the_code_page_and_the_waiting_page(page: Page, server: str) -> None:
    page.goto(f"{server}/first-run/library")
    page.get_by_role("button", name="Xem thử với dữ liệu mẫu").click()
    page.get_by_text("Đang xếp sách lên kệ").wait_for()
    fine(page)
    page.context.set_extra_http_headers({"X-Forwarded-For": "192.168.1.20"})
    page.goto(f"{server}/first-run")
    page.get_by_label("Mã lần đầu").fill("sai")
    page.get_by_role("button", name="Đi tiếp").click()
    page.get_by_text("Mã chưa đúng").wait_for()
    fine(page)
