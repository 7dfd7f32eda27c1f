"""Handing a shelf over and ending its year, as they are seen: a phone's width, a desk's, the keyboard, axe."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from library.inbox.acts import Doing
from library.shelves import counts, handing
from library.shelves.handing import Given, Person
from library.shelves.models import HandoverKind
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.people import account, commit
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.visiting import visiting
from tests.support.world import World

TITLES = ("Cây khế", "Dế Mèn phiêu lưu ký", "Góc sân và khoảng trời", "Sự tích hồ Ba Bể")


@pytest.fixture
def one(world: World) -> str:
    """The number in the addresses of 4A's shelf, kept by Thu, counted with one book missing; Hoa may take it; Hà is the librarian."""
    of = school_class(world)
    keeper = teacher(world, of)
    teacher(world, of, "hoa", "Trần Thị Hoa")
    account(world)
    made = shelf(world, of, keeper=keeper)
    items = [item for title in TITLES for item in world.items(1, record=world.record(title))]
    put(world, made, items)
    doing = lambda: Doing.now(branch_id=made.branch_id)  # noqa: E731
    first = handing.give(world.session(), doing(), made, Person(keeper.id, keeper.name), Given(HandoverKind.TEACHER))
    handing.cancel(world.session(), doing(), first, Person(keeper.id, keeper.name))
    going = counts.begin(world.session(), doing(), made)
    for item in items[1:]:
        counts.see(world.session(), doing(), going, item.id)
    counts.end(world.session(), doing(), going)
    uid = str(made.uid)
    commit()
    return uid


@pytest.fixture
def visit(chromium: Browser, server: str, one: str) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page, name: str) -> None:
    """Nothing serious for axe, nothing sideways, nothing to tap too small; a picture where somebody asked for one."""
    assert grave(page) == [], name
    assert fits(page), name
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def small(page: Page) -> list[str]:
    """Buttons of the page itself that a thumb would miss."""
    return list(page.evaluate(
        "[...document.querySelectorAll('main button.btn, main a.btn, main select')].filter(one => one.offsetParent &&"
        " one.getBoundingClientRect().height < 47.5).map(one => one.textContent.trim().slice(0, 40))"
    ))  # fmt: skip


def test_two_phones_hand_a_shelf_over(visit: Any, server: str, one: str) -> None:
    thu, hoa = visit("thu"), visit("hoa")
    thu.goto(f"{server}/shelves/{one}/handovers")
    assert small(thu) == []
    looked_at(thu, "handover-give")
    thu.get_by_role("button", name="Giao 3 cuốn").click()
    thu.get_by_text("Chờ người nhận ký").wait_for()
    looked_at(thu, "handover-waiting")
    hoa.goto(thu.url)
    assert small(hoa) == []
    looked_at(hoa, "handover-sign")
    hoa.get_by_role("button", name="Ký nhận 3 cuốn").click()
    hoa.get_by_text("Đã ký nhận. Biên bản số").first.wait_for()
    looked_at(hoa, "handover-signed")
    hoa.goto(f"{server}/shelves/{one}/handovers")
    hoa.get_by_text("Còn thiếu từ lần bàn giao trước").wait_for()
    looked_at(hoa, "handover-missing")


def test_the_year_ends_on_a_phone_and_at_the_desk(visit: Any, server: str, one: str) -> None:
    thu, ha = visit("thu"), visit("ha", DESK)
    thu.goto(f"{server}/shelves/{one}/year-end")
    assert small(thu) == []
    looked_at(thu, "year-end-teacher")
    thu.get_by_role("link", name="Giao tủ").click()
    thu.get_by_label("Thư viện, vì hết năm học").check()
    thu.get_by_role("button", name="Giao 3 cuốn").click()
    thu.get_by_text("Chờ người nhận ký").wait_for()
    ha.goto(thu.url)
    ha.get_by_role("button", name="Ký nhận 3 cuốn").click()
    ha.goto(f"{server}/shelves/year-end")
    looked_at(ha, "year-end-all")
    ha.goto(f"{server}/shelves/{one}/year-end")
    looked_at(ha, "year-end-librarian")
    ha.get_by_role("button", name="Chuyển tủ sang năm học").click()
    ha.get_by_text("Tủ đã sang năm học sau.").first.wait_for()
    looked_at(ha, "year-end-done")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_templates_of_papers_are_looked_at(visit: Any, server: str, size: tuple[int, int]) -> None:
    page = visit("ha", size)
    page.goto(f"{server}/settings/documents")
    looked_at(page, f"templates-{size[0]}")
    bad = {"name": "x.docx", "mimeType": "application/octet-stream", "buffer": b"nothing"}
    page.locator("#t-handover").set_input_files(files=[bad])  # type: ignore[list-item]
    page.locator("section", has=page.locator("#t-handover")).get_by_role("button", name="Tải lên").click()
    page.locator("#e-handover", has_text="không phải bản Word").wait_for()
    looked_at(page, f"templates-refused-{size[0]}")
