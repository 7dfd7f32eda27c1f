"""The desk as it is seen: for everybody, on every screen."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Cast, DeskInBrowser
from tests.support.looks import fits, grave

Open = Callable[..., DeskInBrowser]


def busy(desk: DeskInBrowser, cast: Cast) -> None:
    """A reader with three books, a refusal with its reasons, a few rows."""
    for text in (cast.copies[5].code, cast.lan, *(copy.code for copy in cast.copies[:4])):
        desk.scan(text)
    desk.word("Chưa cho mượn được")
    desk.settled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(open_desk: Open, cast: Cast, scheme: Any) -> None:
    desk = open_desk(color_scheme=scheme)
    assert grave(desk.page) == []
    busy(desk, cast)
    assert grave(desk.page) == []
    desk.page.keyboard.press("?")
    desk.page.locator("#keys").wait_for()
    assert grave(desk.page) == []
    desk.page.keyboard.press("Escape")
    desk.typed("quoc b")
    desk.page.locator("#tips [role=option]").wait_for()
    assert grave(desk.page) == []


@pytest.mark.parametrize(("width", "height"), [(1366, 633), (1024, 700), (360, 780), (320, 640)])
def test_the_page_never_scrolls_sideways_and_the_answer_is_in_sight(
    open_desk: Open, cast: Cast, width: int, height: int
) -> None:
    desk = open_desk(viewport={"width": width, "height": height})
    busy(desk, cast)
    assert fits(desk.page)
    place = desk.page.locator("#result .result-title").bounding_box()
    assert place is not None
    assert 0 <= place["y"] < height - 40


def test_on_the_desks_screen_only_the_list_scrolls(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for copy in cast.copies:
        desk.scan(copy.code)
    desk.settled()
    busy(desk, cast)
    assert desk.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    line, answer = (desk.page.locator(one).bounding_box() for one in ("#scan", "#result"))
    assert line and answer
    assert answer["y"] - (line["y"] + line["height"]) < 24


def test_on_a_telephone_every_mode_has_a_button(open_desk: Open, cast: Cast) -> None:
    desk = open_desk(viewport={"width": 360, "height": 780})
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    modes = {
        "#box-open": "#box", "#returns": "#returns[aria-pressed=true]", "#keys-open": "#keys", "#quick-open": "#quick",
    }  # fmt: skip
    for button, shown in modes.items():
        desk.page.locator(button).click()
        desk.page.locator(shown).wait_for()
        assert fits(desk.page), button
        assert grave(desk.page) == [], button
        desk.page.keyboard.press("Escape") if button == "#quick-open" else desk.page.locator(button).click()
    desk.page.locator(".keybar [name=finish]").click()
    desk.page.locator(".nobody").wait_for()
