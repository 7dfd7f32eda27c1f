"""The rows behind a figure and the page of sums, as they are seen: a phone's width, a desk's, axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from library.accounts.models import RoleName
from library.core import clock
from library.inbox import acts
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind
from tests.reports.test_asking import used
from tests.support import rotation
from tests.support.looks import fits, grave
from tests.support.visiting import visiting
from tests.support.world import World, at

SPAN = "measure=uses&first=2026-09-01&last=2026-09-30"


@pytest.fixture
def known(world: World) -> str:
    """Six loans and eight classes that read; the first class's reading was taken back after the moment told."""
    rotation.account(world, "tu", RoleName.ADMINISTRATOR)
    for number, item in enumerate(world.items(6)):
        doing = world.doing(at(3 + number))
        act = acts.write(world.session(), doing, "lend", at(3 + number)), doing.uid
        frozen = Frozen(world.branch().id, "5A", 5, "HS", 3, "8(V)")
        counting.record(world.session(), act, item.id, UseKind.HOME, at(3 + number), frozen)
    read = [used(world, UseKind.CLASS_READ, 30 + one, 4 + one, grade=1 + one % 5, class_name=f"{1 + one % 5}A")
            for one in range(8)]  # fmt: skip
    locked = clock.now()
    counting.undo(world.session(), read[0][0])
    used(world, UseKind.TALLY, 1_200, 9)
    world.session.commit()
    return locked.isoformat().replace("+00:00", "Z")


@pytest.fixture
def page(chromium: Browser, server: str, known: str) -> Iterator[Page]:
    with visiting(chromium, server) as sign_in:
        yield sign_in("tu")


def looked_at(page: Page, name: str) -> None:
    for wide, high in ((360, 760), (1366, 768)):
        page.set_viewport_size({"width": wide, "height": high})
        assert grave(page) == [] and fits(page), (name, wide)
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-{wide}.png"), full_page=wide == 360)


def test_a_figure_is_followed_to_its_rows(page: Page, server: str, world: World, known: str) -> None:
    address = f"{server}/reports/figures?{SPAN}&unit={world.school().id}"
    page.goto(f"{address}&by=group")
    assert page.locator("h1").inner_text() == "Lượt tài liệu phục vụ"
    looked_at(page, "figure")
    page.get_by_role("link", name="Khối 5").click()
    expect(page.locator(".figure-total b"), "six loans and the class that read 34").to_have_text("40")
    page.goto(f"{address}&known={known}")
    page.get_by_role("link", name="Xem những lượt ghi sau khi khóa").click()
    page.get_by_role("heading", name="Ghi sau khi khóa").wait_for()
    expect(page.locator(".figure-rows tbody tr")).to_have_count(2)
    looked_at(page, "figure-locked")
    page.goto(f"{server}/settings/sums")
    looked_at(page, "sums")
