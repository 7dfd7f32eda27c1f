"""Pages of people, rights, labels and privacy as those who work there see them: one walk for each size of screen."""

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from library.catalogue.models import Record
from library.patrons.models import Membership
from tests.browser.conftest import sign_in, watched
from tests.support.looks import fits, grave
from tests.support.people import commit
from tests.support.world import World

PAGES = (
    "patrons.people", "patrons.person", "patrons.new", "groups.new", "rollover.show", "twins.list", "duplicates.list",
    "privacy.memory", "privacy.figures", "privacy.page", "labels.queue", "labels.stock", "labels.signs",
    "labels.new_template", "staff.accounts", "staff.new", "safety.show", "finding.title",
)  # fmt: skip


@pytest.fixture
def addresses(app: Flask, school: World) -> list[str]:
    for name in ("Hoàng Thị Mai Lan", "Đàm Quốc Bảo", "Hoàng Mai Lan"):
        school.patron(name, class_name="5A")
    school.items(3)
    session = school.session()
    uids = {
        "patrons": session.scalars(select(Membership.uid)).first(),
        "finding": session.scalars(select(Record.uid)).first(),
    }
    uids["privacy"] = uids["patrons"]
    commit()
    with app.test_request_context():
        places = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
        return [url_for(one, **({"uid": uids[one.partition(".")[0]]} if "uid" in places[one] else {})) for one in PAGES]


def trouble(page: Page) -> list[str]:
    """What keeps somebody out, and whether the page scrolls sideways."""
    return grave(page) + ([] if fits(page) else ["scrolls sideways"])


@pytest.mark.parametrize("size", [(1366, 768), (360, 780)], ids=["1366", "360"])
def test_nothing_keeps_those_who_work_out(
    chromium: Browser, server: str, addresses: list[str], size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    sign_in(context, server, "ha")
    page, said = context.new_page(), list[str]()
    watched(page, said)
    found = {}
    for address in addresses:
        answer = page.goto(server + address)
        assert answer and answer.status == 200, address
        found[address] = trouble(page)
    assert {address: told for address, told in found.items() if told} == {}
    labels_are_seen(page)
    context.close()
    assert said == []


def labels_are_seen(page: Page) -> None:
    """On the page of a title: each copy's label, with words for who does not see it."""
    page.get_by_text("Xem nhãn của các bản này").click()
    pictures = page.locator(".copy-labels img")
    pictures.first.scroll_into_view_if_needed()
    seen: Callable[[], int] = lambda: pictures.first.evaluate("one => one.naturalWidth")  # noqa: E731
    for _ in range(100):
        if seen():
            break
        page.wait_for_timeout(50)
    assert seen() > 100
    assert pictures.first.get_attribute("alt") == "Nhãn của bản TN.00001"
    assert pictures.count() == 3
