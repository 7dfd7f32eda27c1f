"""The kiosk in a browser: fingers, keys, a scanner; nobody's name on the greeting; idle, it forgets; no way out but by key."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from library.core.db import db
from library.uses.models import Visit
from tests.loans.test_desk import card
from tests.support.looks import complaints
from tests.support.people import PASSWORD, account
from tests.support.visiting import visiting
from tests.support.world import World

GREETING = "Chào mừng đến thư viện"


def visits() -> int:
    count = db.session.scalar(select(func.coalesce(func.sum(Visit.quantity), 0))) or 0
    db.session.rollback()  # the server writes too
    return count


def greeted(page: Page) -> None:
    expect(page.locator("[data-told] h1")).to_have_text(GREETING)


def test_a_morning_at_the_door(app: Flask, world: World, chromium: Browser, server: str) -> None:
    account(world)
    lan = world.patron("Ma Thị Lan", class_name="5A")
    world.patron("Đàm Quốc Bảo", class_name="5B")
    number = card(lan)
    world.session.commit()
    with visiting(chromium, server) as sign_in:
        page = sign_in("ha", (1366, 768))
        page.goto(f"{server}/kiosk/start")
        page.get_by_role("button", name="Mở máy ở cửa").click()
        page.locator("[data-keys]:not([hidden])").wait_for()
        assert complaints(page) == []

        page.keyboard.type(number, delay=5)
        page.keyboard.press("Enter")
        greeted(page)
        told = page.locator("[data-told]").inner_text()
        assert not re.search("Lan|5A", told), "a greeting without anybody's name"
        expect(page.locator("[data-today]")).to_have_text("1")
        assert complaints(page) == []

        page.keyboard.type(number, delay=5)
        page.keyboard.press("Enter")
        expect(page.locator("[data-told] h1")).to_have_text("Máy đã ghi rồi")
        page.get_by_role("button", name="Bạn tiếp theo").click()

        for key in "bao":
            page.locator(f"[data-key={key}]").click()
        page.locator("[data-names-list] button", has_text="Bảo").click()
        greeted(page)
        page.get_by_role("button", name="Không phải tôi").click()
        expect(page.locator("[data-told] h1")).to_have_text("Đã bỏ lượt vừa ghi")
        assert visits() == 1
        page.keyboard.press("Escape")

        page.locator("#kiosk-class").select_option(label="5B")
        page.locator("[data-names-list] button", has_text="Bảo").click()
        greeted(page)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Người dân").evaluate("button => { button.click(); button.click(); }")
        greeted(page)
        page.wait_for_timeout(500)
        assert visits() == 3, "tapped twice, came once"
        page.keyboard.press("Escape")

        page.keyboard.type("khong co", delay=120)
        expect(page.locator("[data-none-said]")).to_be_visible()
        page.goto(f"{server}/visits")
        assert "sign-in" in page.url, "nobody is signed in here"
        page.goto(f"{server}/kiosk/end")
        page.fill("[name=who]", "ha")
        page.fill("[name=secret]", PASSWORD)
        page.get_by_role("button", name="Đóng máy").click()
        page.wait_for_url("**/sign-in**")


def test_nobody_came_back_and_a_network_that_went(app: Flask, world: World, chromium: Browser, server: str) -> None:
    account(world)
    world.patron("Ma Thị Lan", class_name="5A")
    world.session.commit()
    with visiting(chromium, server) as sign_in:
        page = sign_in("ha", (360, 740))
        page.clock.install()
        page.goto(f"{server}/kiosk/start")
        page.get_by_role("button", name="Mở máy ở cửa").click()
        page.locator("[data-keys]:not([hidden])").wait_for()
        assert complaints(page) == []
        page.fill("#kiosk-q", "lan")
        page.clock.run_for(1000)
        page.locator("[data-names-list] button").wait_for()
        page.clock.run_for(26_000)
        expect(page.locator("#kiosk-q")).to_have_value("")
        expect(page.locator("[data-names-list] button")).to_have_count(0)


HEARD = """
window.heard = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { heard.push('tone'); start.apply(this, when); };
const voices = VOICES;
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => voices, cancel: () => {},
  speak: (one) => { heard.push(`spoken: ${one.text}`); SPEAKS },
} });
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""
VIETNAMESE = "[{lang: 'en-US'}, {lang: 'vi-VN'}]"


@pytest.mark.parametrize(
    ("voices", "speaks", "expected"),
    [
        (VIETNAMESE, "one.onstart({});", ["spoken: …"]),
        (VIETNAMESE, "setTimeout(() => one.onerror({ error: 'network' }), 10);", ["spoken: …", "tone"]),
        (VIETNAMESE, "", ["spoken: …", "tone"]),
        ("[{lang: 'en-US'}]", "", ["tone"]),
    ],
    ids=["a Vietnamese voice", "a voice without its network", "a voice that never begins", "no Vietnamese voice"],
)
def test_the_welcome_is_heard_on_every_machine_and_stands_in_writing(
    app: Flask, world: World, chromium: Browser, server: str, voices: str, speaks: str, expected: list[str]
) -> None:
    account(world)
    world.session.commit()
    with visiting(chromium, server) as sign_in:
        page = sign_in("ha", (1366, 768))
        page.goto(f"{server}/kiosk/start")
        page.add_init_script(HEARD.replace("VOICES", voices).replace("SPEAKS", speaks))
        page.get_by_role("button", name="Mở máy ở cửa").click()
        page.locator("[data-keys]:not([hidden])").wait_for()
        page.get_by_role("button", name="Người dân").click()
        greeted(page)
        page.wait_for_function("count => heard.length >= count", arg=len(expected))
        heard = page.evaluate("heard")
        whole = {"spoken: …": f"spoken: {GREETING}. Máy đã ghi một lượt. Chúc bạn đọc vui."}
        assert heard == [whole.get(one, one) for one in expected]
        expect(page.locator(".kiosk-picture")).to_be_visible()
