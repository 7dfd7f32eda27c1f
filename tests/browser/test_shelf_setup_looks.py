"""All shelves, building them, the settings and the light list of one: a phone's width, a desk's, the keyboard, axe."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from library.core import clock
from library.holdings.models import Item, Ownership
from library.inbox.acts import Doing
from library.shelves import light
from library.shelves.light import How, LightBook
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.people import account, commit
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.visiting import visiting
from tests.support.world import World

SIZES = (PHONE, DESK)
THUMB = 44


@pytest.fixture
def uid(world: World) -> str:
    """Of 4A's shelf, kept by Thu, with books of the library and of the class; 1A has none yet; Hà is the librarian."""
    of = school_class(world)
    school_class(world, "1A", 1)
    account(world)
    made = shelf(world, of, keeper=teacher(world, of))
    put(world, made, world.items(2))
    for name in ("Hoàng Thị Mai Lan", "Đàm Quốc Bảo"):
        world.patron(name).class_id = of.id
    doing = lambda: Doing(clock.uuid7(), branch_id=made.branch_id)  # noqa: E731
    books = [LightBook("Cây khế"), LightBook("Tấm Cám", "", Ownership.DONOR, note="bác Tư"), LightBook("Thạch Sanh")]
    ids = light.add(world.session(), doing(), made, books)
    light.end(world.session(), doing(), world.session.get_one(Item, ids[2]), How.GIVEN_BACK)
    uid = str(made.uid)
    commit()
    return uid


@pytest.fixture
def visit(chromium: Browser, server: str, uid: str) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page) -> None:
    """Everything unfolded: nothing serious for axe, nothing sideways."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    assert grave(page) == [], page.url
    assert fits(page), page.url


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_fit_to_be_seen(visit: Any, server: str, uid: str, size: tuple[int, int]) -> None:
    page = visit("ha", size)
    for path in ("", "/new", f"/{uid}/settings", f"/{uid}/light"):
        page.goto(f"{server}/shelves{path}")
        looked_at(page)


def test_a_teacher_lists_a_book_and_takes_it_off_by_keyboard_alone(visit: Any, server: str, uid: str) -> None:
    page = visit("thu", SIZES[0])
    page.goto(f"{server}/shelves/{uid}/light")
    page.focus("textarea")
    page.keyboard.type("Kính vạn hoa, Nguyễn Nhật Ánh, em Lan")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notes .is-ok")
    assert "của em Hoàng Thị Mai Lan" in page.inner_text("main")
    page.focus(".light:has-text('Kính vạn hoa') summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    box = page.evaluate("document.activeElement.getBoundingClientRect().height")
    assert box >= THUMB
    page.keyboard.press("Enter")
    page.wait_for_selector("#ended")
    assert "đã trả lại chủ" in page.inner_text("main")
