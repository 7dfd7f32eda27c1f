"""Readers' pages as they are seen: for everybody, on every screen, with the keyboard alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from library.catalogue.models import Role
from library.catalogue.writing import NewRecord, create
from library.finding.models import WayToPlace
from tests.browser.conftest import watched
from tests.support.looks import grave
from tests.support.people import commit
from tests.support.world import World

TITLES = ("Dế Mèn phiêu lưu ký", "Dế Mèn và bạn bè", "Truyện Tây Bắc", "Cái Tết của Mèo Con")


@pytest.fixture
def shelf(world: World) -> World:
    for at, title in enumerate(TITLES):
        new = NewRecord(
            title, (("Tô Hoài", Role.AUTHOR),), ddc=f"{8 - at}95.9223", title_code="D250M", summary="Chú dế đi xa.",
            audience=("thieu_nhi", "tieu_hoc")[at % 2], publisher="Kim Đồng", place="H.", year=2010 + at,
        )  # fmt: skip
        world.items(2, record=create(world.session(), world.school().network_id or 0, new))
    world.session.add(WayToPlace(place_id=world.place().id, words="Tủ thứ hai bên trái cửa.", picture_key=None))
    commit()
    return world


@pytest.fixture
def visit(chromium: Browser, server: str, shelf: World) -> Iterator[Any]:
    contexts, complaints = [], list[str]()

    def open_at(path: str, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "vi-VN", **options})
        contexts.append(context)
        page = context.new_page()
        watched(page, complaints)
        page.goto(f"{server}/tv/{shelf.school().slug}{path}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("size", [(1366, 768), (360, 780), (320, 640)])
def test_every_page_is_open_to_everybody_and_never_scrolls_sideways(visit: Any, size: tuple[int, int]) -> None:
    page = visit("/tim?q=men", viewport={"width": size[0], "height": size[1]})
    page.locator(".find-panel summary").click()
    page.locator("legend", has_text="Cho ai").wait_for()
    seen = [grave(page), page.evaluate("document.documentElement.scrollWidth - innerWidth")]
    page.locator(".hit-title a").first.click()
    page.locator(".book-list button").click()
    page.get_by_text("Bỏ khỏi danh sách").wait_for()
    seen += [grave(page), page.evaluate("document.documentElement.scrollWidth - innerWidth")]
    page.get_by_role("link", name="Xem danh sách").click()
    page.locator(".bibliography").wait_for()
    seen += [grave(page), page.evaluate("document.documentElement.scrollWidth - innerWidth")]
    assert seen == [[], 0, [], 0, [], 0]


def test_a_suggestion_is_taken_with_the_keyboard_alone(visit: Any) -> None:
    page = visit("/tim")
    line = page.get_by_role("combobox")
    line.type("de men", delay=40)
    page.locator("#tips [role=option]").first.wait_for()
    assert line.get_attribute("aria-expanded") == "true" and grave(page) == []
    page.keyboard.press("ArrowDown")
    assert page.locator(f"#{line.get_attribute('aria-activedescendant')}").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowUp")
    assert line.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    assert line.get_attribute("aria-expanded") == "false"
    line.type(" ", delay=40)
    page.locator("#tips [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sach/**")
    assert "Dế Mèn" in page.locator("h1").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_condition_is_chosen_with_and_without_scripts(visit: Any, scripts: bool) -> None:
    page = visit("/tim?q=to+hoai", java_script_enabled=scripts)
    page.locator(".find-panel summary").click()
    page.get_by_label("Học sinh tiểu học").click()
    if not scripts:
        page.get_by_role("button", name="Xem").click()
    page.wait_for_url("**/tim?q=to+hoai&cho=tieu_hoc")
    expect(page.locator(".hit-title")).to_have_count(2)
    page.locator(".find-chosen a").click()
    page.wait_for_url("**/tim?q=to+hoai")
    expect(page.locator(".hit-title")).to_have_count(4)
