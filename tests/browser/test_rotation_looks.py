"""The board, one batch, one site, its log and the figures: a phone's width, a desk's, the keyboard, axe; touches that count."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.uses.models import DocumentUse, Visit
from tests.support import rotation
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.people import account, commit
from tests.support.visiting import visiting
from tests.support.world import World

SIZES = (PHONE, DESK)


@pytest.fixture
def told(world: World) -> dict[str, str]:
    """A batch at the second of three sites, two copies missing; another overdue; one planned."""
    rotation.account(world, "tu")
    rotation.account(world, "thao")
    account(world)
    school = rotation.school_site(world)
    sites = [rotation.site(world, "TH Đức Xuân"), school, rotation.site(world, "TH Chợ Mới", area="Khu vực Chợ Mới")]
    now = clock.now()
    with clock.stopped_at(now - timedelta(days=60)):
        made = rotation.packed(world, rotation.batch(world, sites, rotation.stock(world, 9), days=120))
    with clock.stopped_at(now - timedelta(days=59)):
        leg = rotation.sent(world, made)
    with clock.stopped_at(now - timedelta(days=58)):
        rotation.received(world, leg, by="thao")
    with clock.stopped_at(now - timedelta(days=30)):
        leg = rotation.sent(world, made, 2, by="thao")
        items = [line.item for line in rotation.lines_of(world, made)]
    with clock.stopped_at(now - timedelta(days=29)):
        rotation.received(world, leg, short=items[:2], scanned=items[2:5])
    with clock.stopped_at(now - timedelta(days=50)):
        rotation.received(world, rotation.sent(world, rotation.packed(world, rotation.batch(
            world, sites[2:], rotation.stock(world, 3), days=40))), by="thao")  # fmt: skip
    rotation.batch(world, sites[:1], rotation.stock(world, 3))
    world.patron(class_name="5A")
    kept = {"batch": f"/rotation/batches/{made.uid}", "site": f"/rotation/sites/{school.uid}",
            "copy": f"/rotation/copies/{items[0].uid}"}  # fmt: skip
    commit()
    return kept


@pytest.fixture
def visit(chromium: Browser, server: str, told: dict[str, str]) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page) -> None:
    """Everything unfolded: nothing serious for axe, nothing sideways but the lanes."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    assert grave(page) == []
    assert fits(page)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_fit_to_be_seen(visit: Any, server: str, told: dict[str, str], size: tuple[int, int]) -> None:
    page = visit("tu", size)
    for path in ("/rotation", "/rotation?as=table", *told.values(), f"{told['site']}/log", "/rotation/figures"):
        assert page.goto(server + path).status == 200, path
        looked_at(page)


def test_bars_are_reached_and_opened_by_the_keyboard(visit: Any, server: str, told: dict[str, str]) -> None:
    page = visit("tu", (1366, 768))
    page.goto(f"{server}/rotation")
    bars = page.locator("a.bar")
    expect(bars).to_have_count(5)
    bars.nth(1).focus()
    assert page.evaluate("document.activeElement.matches('a.bar')")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/rotation/batches/" in address)


def test_today_stands_where_overdue_ends(visit: Any, server: str) -> None:
    page = visit("tu", (1366, 768))
    page.goto(f"{server}/rotation")
    late, line = page.locator(".bar-late").bounding_box(), page.locator(".lane-now").bounding_box()
    assert late and line
    assert abs(late["x"] + late["width"] - line["x"]) < 4


def counted() -> tuple[int, int]:
    visits = db.session.scalar(select(func.sum(Visit.quantity)))
    uses = db.session.scalar(select(func.sum(DocumentUse.quantity)).where(DocumentUse.item_id.is_(None)))
    db.session.rollback()  # else the server would wait for its turn to write
    return visits or 0, uses or 0


def test_a_log_is_kept_with_one_thumb(visit: Any, server: str, told: dict[str, str]) -> None:
    page = visit("ha", (360, 780))
    page.goto(f"{server}{told['site']}/log")
    page.click("button[name=visits][value='5']")
    expect(page.locator("[data-day=visits]")).to_have_text("5")
    expect(page.locator("[data-undo] button")).to_be_visible()
    for _ in range(3):
        page.click("button[name=uses][value='1']")
    page.click("text=Cả một lớp đến")
    page.click("button[name=group]")
    expect(page.locator("[data-day=visits]")).to_have_text("6")
    expect(page.locator("[data-said]")).to_contain_text("5A")
    assert counted() == (6, 3)
    page.click("[data-undo] button")
    expect(page.locator("[data-day=visits]")).to_have_text("5")
    assert counted() == (5, 3)
    page.fill("[name=wish]", "truyện ma")
    page.click("text=Ghi lại")
    expect(page.locator(".log-list")).to_contain_text("hỏi “truyện ma” 1 lần")
