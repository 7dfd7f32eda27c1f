"""Moment 30: a school confirms its sheet within three minutes, whoever adds up touches each unit once; how the pages look."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from library.accounts.models import RoleName
from library.core.db import db
from library.reports.campaign_models import Campaign
from library.reports.sheet_models import SheetState
from library.uses.happenings import Measure
from tests.support import campaigns as made
from tests.support.campaigns import happened, launched, officer, read, schools, visited
from tests.support.looks import DESK, PHONE, fits, grave
from tests.support.people import account, commit
from tests.support.visiting import visiting
from tests.support.world import World

UNITS = 22
KEY, POINT, THINK = 0.5, 1.5, 4.0
"""Seconds of somebody who types slowly: a key, a touch, reading a line and looking it up. Card, Moran and Newell's model with
every figure more than doubled."""
MINUTES_3 = 180


class Counting:
    """Every touch and key that a page is given, and the seconds they take."""

    def __init__(self, page: Page) -> None:
        self.page, self.touches, self.keys, self.lines = page, 0, 0, 0

    def touch(self, where: str) -> None:
        self.page.locator(where).first.click()
        self.touches += 1

    def type(self, where: str, text: str) -> None:
        self.touch(where)
        self.page.keyboard.type(text)
        self.keys += len(text)

    @property
    def seconds(self) -> float:
        return self.touches * POINT + self.keys * KEY + self.lines * THINK


@pytest.fixture
def told(world: World) -> Campaign:
    """The week of a city: 22 schools, of which the first one has worked with the machine."""
    units = schools(world, UNITS)
    account(world, "ha", RoleName.LIBRARIAN, units[0])
    officer(world)
    campaign = launched(world, units, made.shipped(), name="Tuần lễ hưởng ứng học tập suốt đời năm 2026")
    happened(world, units[0], Measure.EVENT, 1, sort="launch")
    happened(world, units[0], Measure.EVENT_PEOPLE, 412, sort="launch")
    happened(world, units[0], Measure.GIFT_COPIES, 214)
    visited(world, units[0], 311)
    read(world, units[0], 1_942)
    commit()
    return campaign


@pytest.fixture
def visit(chromium: Browser, server: str, told: Campaign) -> Iterator[Any]:
    with visiting(chromium, server) as sign_in:
        yield sign_in


def looked_at(page: Page) -> None:
    """Axe finds nothing serious, and nothing goes sideways."""
    assert grave(page) == []
    assert fits(page)


def test_a_school_confirms_its_sheet_within_three_minutes(
    visit: Any, server: str, world: World, told: Campaign
) -> None:
    page: Page = visit("ha", DESK)
    counting = Counting(page)
    counting.lines = len(told.lines)
    db.session.rollback()  # the server writes, not we
    counting.touch(".notes a")  # the reminder at the desk
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tuần lễ hưởng ứng")
    row = page.locator("tr.sheet-line", has_text="Sách, báo, tài liệu quyên góp được")
    line = row.get_attribute("data-line")
    reason = page.locator(f'[data-why="{line}"]')
    expect(reason).to_be_hidden()
    counting.type(f'[name="v-{line}"]', "236")
    expect(reason).to_be_visible()
    expect(row.locator(".compared")).to_have_text("+22")
    expect(page.locator("#differing")).to_contain_text("1 dòng")
    looked_at(page)
    counting.touch(f'[data-why="{line}"] .why-chip')
    counting.type(f'[data-why="{line}"] .why-note', "Lớp 5A góp thêm 22 cuốn ngày 07/10")
    counting.touch('button[value="send"]')
    expect(page.locator(".notes")).to_contain_text("Đã gửi báo cáo")
    looked_at(page)
    print(f"school: {counting.touches} touches, {counting.keys} keys, {counting.lines} lines, {counting.seconds:.0f} s")
    assert counting.seconds <= MINUTES_3
    assert counting.touches <= 6
    db.session.expire_all()
    assert made.sheet_of(world, told, schools(world, UNITS)[0]).state is SheetState.SUBMITTED
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    looked_at(page)


def test_one_touch_a_unit_and_one_to_lock(visit: Any, server: str, world: World, told: Campaign) -> None:
    for unit in schools(world, UNITS):
        made.sent(world, told, unit)
    commit()
    uid, line = told.uid, told.lines[0].uid
    db.session.rollback()  # the server writes, not we
    page: Page = visit("bien", DESK)
    page.goto(f"{server}/reports/campaigns/{uid}")
    looked_at(page)
    counting = Counting(page)
    for left in range(UNITS, 0, -1):
        expect(page.locator('button[value="accept"]')).to_have_count(left)
        counting.touch('button[value="accept"]')
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Đủ {UNITS}/{UNITS} đơn vị đã nộp và được nhận")
    looked_at(page)
    counting.touch('button[value="lock"]')
    expect(page.locator(".notes")).to_contain_text(f"Đã chốt số liệu của {UNITS} đơn vị")
    assert counting.touches == UNITS + 1
    assert counting.keys == 0
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    looked_at(page)
    for address in ("", "/new", f"/{uid}/letters", f"/{uid}/lines/{line}"):
        page.goto(f"{server}/reports/campaigns{address}")
        looked_at(page)


def test_a_draft_fits_a_phone_and_a_desk(visit: Any, server: str, world: World) -> None:
    uid = made.draft(world, [], made.shipped(), name="Nháp").uid
    commit()
    page: Page = visit("bien", PHONE)
    page.goto(f"{server}/reports/campaigns/{uid}/edit")
    looked_at(page)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    chip, save = (
        page.get_by_role("button", name="Cả loại: Trường học"),
        page.get_by_role("button", name="Lưu danh sách đơn vị"),
    )
    chip.click()
    expect(page.locator("input[name=unit]:checked")).to_have_count(0)  # schools are ticked at first
    chip.click()
    save.click()
    expect(page.locator(".notes")).to_contain_text(f"Đã chọn {UNITS} đơn vị")
    looked_at(page)
