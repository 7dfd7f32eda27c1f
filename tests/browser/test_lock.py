"""The desk locks itself while nobody is there, and is unlocked with the keyboard alone."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from library.accounts.models import AccountRule, RoleName, SignIn
from library.core.db import db
from tests.browser.conftest import Cast, DeskInBrowser, seen
from tests.support.people import PASSWORD, account, commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
HOUR = 3_600_000


@pytest.fixture
def locks(school: World) -> World:
    """The library locks after three minutes; Khánh helps at the desk."""
    school.session.add(AccountRule(library_id=school.school().id, lock_minutes=3, second_for=[]))
    account(school, "khanh", RoleName.HELPER).name = "Bế Gia Khánh"
    commit()
    return school


def wait_for_lock(desk: DeskInBrowser) -> None:
    """As if the clock had gone on: the page looks at it every five seconds, and when it is shown again."""
    desk.page.evaluate(
        f"const now = Date.now; Date.now = () => now.call(Date) + {HOUR}; document.dispatchEvent(new Event('visibilitychange'));"
    )
    desk.until("document.querySelector('#lock').open")
    until_locked(True)


def until_locked(locked: bool) -> None:
    import time

    latest = time.monotonic() + 8
    while True:
        db.session.rollback()
        found = db.session.scalars(select(SignIn.locked_at).where(SignIn.ended_at.is_(None))).all()
        db.session.rollback()
        if any(one is not None for one in found) is locked:
            return
        assert time.monotonic() < latest, found
        time.sleep(0.05)


def visible_words(desk: DeskInBrowser) -> str:
    return str(desk.page.evaluate("document.body.innerText"))


def test_with_the_keyboard_alone(open_desk: Open, cast: Cast, locks: World) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    assert "Hoàng Thị Mai Lan" in visible_words(desk)
    wait_for_lock(desk)
    assert "Lan" not in visible_words(desk)
    assert desk.page.evaluate("document.activeElement.id") == "lock-secret"
    for key in ("Escape", "F2", "Tab", "Tab", "Tab", "Tab", "Alt+1"):
        desk.page.keyboard.press(key)
    assert desk.page.evaluate(
        "document.querySelector('#lock').open && document.querySelector('#lock').contains(document.activeElement)"
    )
    desk.page.evaluate("document.getElementById('lock-secret').focus()")
    desk.typed("sai mất rồi", gap=5)
    desk.page.keyboard.press("Enter")
    desk.until("document.querySelector('.lock-said').textContent.includes('Chưa đúng')")
    desk.typed(PASSWORD, gap=60)
    desk.page.keyboard.press("Enter")
    desk.until("!document.querySelector('#lock').open")
    until_locked(False)
    assert "Hoàng Thị Mai Lan" in visible_words(desk), "as it was left"
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")


def test_a_scan_on_the_locked_page_reaches_nothing(open_desk: Open, cast: Cast, locks: World) -> None:
    desk = open_desk()
    wait_for_lock(desk)
    desk.scan(cast.copies[0].code)
    desk.page.wait_for_timeout(600)
    assert seen() == []
    assert desk.waiting() == 0
    assert desk.page.evaluate("document.getElementById('code').value") == ""


def test_a_card_scanned_into_the_password_says_who_is_there(open_desk: Open, cast: Cast, locks: World) -> None:
    desk = open_desk()
    wait_for_lock(desk)
    desk.scan(cast.lan)
    assert desk.page.evaluate("document.getElementById('lock-name').value") == cast.lan
    assert desk.page.evaluate("document.getElementById('lock-secret').value") == ""
    assert desk.page.evaluate("document.activeElement.id") == "lock-secret"


def test_windows_lock_and_unlock_together(open_desk: Open, cast: Cast, locks: World) -> None:
    first = open_desk()
    second = open_desk(context=first.context)
    wait_for_lock(second)
    first.until("document.querySelector('#lock').open")
    second.typed(PASSWORD, gap=60)
    second.page.keyboard.press("Enter")
    first.until("!document.querySelector('#lock').open")


def test_somebody_else_goes_on_as_themselves_and_the_waiting_scans_stay(
    open_desk: Open, cast: Cast, locks: World
) -> None:
    desk = open_desk()
    lost: list[Any] = []
    desk.page.route("**/desk/scans", lambda route: (lost.append(1), route.abort()))
    desk.scan(cast.copies[0].code)
    desk.until("!document.querySelector('#offline').hidden")
    wait_for_lock(desk)
    desk.page.unroute("**/desk/scans")
    desk.page.keyboard.press("Tab")
    desk.typed("khanh", gap=60)
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("document.activeElement.id") == "lock-secret"
    desk.typed(PASSWORD, gap=60)
    desk.page.keyboard.press("Enter")
    desk.page.locator(".who-name", has_text="Bế Gia Khánh").wait_for(state="attached")
    desk.page.wait_for_load_state()
    desk.until("document.querySelector('#returns').hidden === false")
    desk.page.wait_for_timeout(800)
    assert lost
    assert seen() == [], "not sent under another name"
    assert desk.waiting() == 1
    assert "Lường Thị Hà" in visible_words(desk), "whose they are is said"


def test_without_a_connection_the_page_is_covered_only(open_desk: Open, cast: Cast, locks: World) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.context.set_offline(True)
    desk.page.evaluate(
        f"const now = Date.now; Date.now = () => now.call(Date) + {HOUR}; document.dispatchEvent(new Event('visibilitychange'));"
    )
    desk.until("document.querySelector('#lock').open")
    assert "Lan" not in visible_words(desk)
    assert "máy chỉ che màn hình" in visible_words(desk)
    desk.page.keyboard.press("Enter")
    desk.until("!document.querySelector('#lock').open")
    until_locked(False)
    desk.context.set_offline(False)


def test_the_menu_locks_at_once(open_desk: Open, cast: Cast, locks: World) -> None:
    desk = open_desk()
    desk.page.locator("details.who summary").focus()
    desk.page.keyboard.press("Enter")
    desk.page.locator("[data-lock-now] button").focus()
    desk.page.keyboard.press("Enter")
    desk.until("document.querySelector('#lock').open")
    until_locked(True)
    desk.page.goto(f"{desk.server}/people")
    assert "/locked" in desk.page.url
    desk.typed(PASSWORD, gap=5)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/people")
