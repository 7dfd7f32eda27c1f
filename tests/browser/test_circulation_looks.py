"""The pages of circulation as they are seen: nothing keeps anybody out, on a desk's screen and on a telephone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from library.core.db import db, for_writing
from library.holdings.models import Item, PlaceKind
from library.inbox.models import Act
from library.loans import holds
from library.loans.models import Compensation, Hold, Loan
from library.policies.models import PolicyLine
from tests.browser.conftest import card_of, sign_in, watched
from tests.support.looks import complaints
from tests.support.people import DeskPage, account, commit
from tests.support.people import sign_in as client_of
from tests.support.policies import lends
from tests.support.world import World

SCREENS = ((1366, 768, "light"), (360, 780, "dark"))
PLAIN = (
    "/holds", "/holds/pull", "/holds/keeper", "/transfers", "/lost", "/lost/settings", "/lost/shelves", "/compensation",
    "/repair", "/owing", "/settings", "/settings/rules", "/settings/rules/new", "/settings/rules/presets",
    "/settings/rules/explain", "/settings/item-classes", "/settings/opening", "/settings/nights",
)  # fmt: skip


@pytest.fixture
def busy(app: Flask, world: World) -> list[str]:
    """A school where something waits, is late, lost, owed, damaged and on its way; the addresses of its pages."""
    account(world)
    far = world.school("Trường Tiểu học Đức Xuân")
    account(world, "linh", library=far)
    for library in (world.school(), far):
        lends(world.session(), library.id, days=14, most=5, holds=5, hold_keep_days=5)
    lan, bao = world.patron(class_name="5A"), world.patron("Đàm Quốc Bảo", class_name="5A")
    items = world.items(6)
    world.place(PlaceKind.REPAIR)
    wanted = [world.item(record=world.record("Cây khế")), world.item(record=world.record("Tấm Cám"))]
    commit()
    desk = DeskPage(client_of(app))
    desk.scan(card_of(lan))
    for item in items[:3]:
        desk.scan(item.accession or "")
    desk.reader = None
    _wait(world, wanted, (lan.id, bao.id))
    desk.scan(wanted[0].accession or "")
    told = desk.client.post("/repair", data={"code": items[4].accession or "", "after": "damaged", "note": "rách bìa"})
    assert told.status_code == 303
    DeskPage(client_of(app, "linh")).scan(items[5].accession or "")
    _lose(desk, items[0])
    return [*PLAIN, *_addresses(lan.uid, lan.school_class.uid if lan.school_class else None, items, wanted)]


def _wait(world: World, wanted: list[Item], readers: tuple[int, ...]) -> None:
    for_writing()
    for item in wanted:
        for reader in readers:
            holds.place(world.session(), world.doing(), item.record_id, reader, item.branch_id)
    commit()


def _lose(desk: DeskPage, item: Item) -> None:
    act = db.session.scalar(select(Act.uid).join(Loan, Loan.act_id == Act.id).where(Loan.item_id == item.id))
    told = desk.client.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    assert told.status_code == 303, told.get_data(as_text=True)
    one = db.session.scalars(select(Compensation)).one()
    desk.client.post(f"/compensation/{one.uid}/settle", data={"how": "paid", "paid": "30000"})


def _addresses(lan: Any, group: Any, items: list[Item], wanted: list[Item]) -> list[str]:
    paper = db.session.scalars(select(Compensation.uid)).one()
    line = db.session.scalars(select(PolicyLine.uid).limit(1)).one()
    hold = db.session.scalars(select(Hold.uid).limit(1)).one()
    out = db.session.scalar(select(Act.uid).join(Loan, Loan.act_id == Act.id).where(Loan.item_id == items[1].id))
    found = [
        f"/compensation/{paper}", f"/compensation/{paper}/minutes", f"/compensation/{paper}/receipt", f"/loans/{out}/mark",
        f"/settings/rules/{line}", f"/holds/{hold}", f"/titles/{wanted[0].record.uid}/holds",
        f"/titles/{wanted[1].record.uid}/holds/new", f"/copies/{items[3].uid}/class", f"/copies/{items[3].uid}/compensation",
        f"/copies/{items[4].uid}/condition", f"/people/{lan}/clearance", f"/clearance/classes/{group}",
        f"/clearance/classes/{group}?each=1", f"/classes/{group}/slips", f"/classes/{group}/slips?what=list",
    ]  # fmt: skip
    db.session.rollback()
    return found


@pytest.fixture(params=SCREENS, ids=lambda one: f"{one[0]}-{one[2]}")
def page(chromium: Browser, server: str, busy: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, scheme = request.param
    said: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="vi-VN", color_scheme=scheme)
    sign_in(context, server, "ha")
    made = context.new_page()
    watched(made, said)
    yield made
    context.close()
    assert said == []


def test_nothing_keeps_anybody_out_and_nothing_scrolls_sideways(page: Page, server: str, busy: list[str]) -> None:
    found = {}
    for address in busy:
        answer = page.goto(server + address)
        assert answer
        assert answer.status in (200, 409), address  # a clearance may be refused; that is a page too
        if told := complaints(page):
            found[address] = told
    assert found == {}


def test_the_paper_with_the_numbers_of_a_class(page: Page, server: str, busy: list[str]) -> None:
    page.goto(server + next(one for one in busy if one.endswith("/slips")))
    page.get_by_role("button", name="Cấp PIN cho em chưa có").click()
    page.locator(".paper-pin").first.wait_for()
    expect(page.locator(".paper-pin")).to_have_count(2)
    assert complaints(page) == []
